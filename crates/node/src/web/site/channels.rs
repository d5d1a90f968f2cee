//! Channels: whose logs are held here, how far they are witnessed, and whether their nodes are reached.
use super::visit::{Visit, rendered};
use crate::exchange::client::Link;
use crate::fault::Trouble;
use crate::language::{number, word};
use crate::views::channel::{self, ChannelView, ForkView, LogView};
use crate::web::pages::{Channel, Channels, Log};
use crate::web::parts::{Chip, Empty, Text, Tone};
use axum::http::StatusCode;
use axum::response::Response;

/// The page of channels.
pub(super) async fn page(visit: Visit) -> Response {
    let made = make(&visit).await.map(|page| rendered(StatusCode::OK, &page));
    visit.answer(made)
}

async fn make(visit: &Visit) -> Result<Channels, Trouble> {
    let views = visit.read(|connection, _| channel::all(connection)).await?;
    Ok(Channels {
        frame: visit.frame(visit.w("channels-title"), None),
        channels: views.iter().map(|view| shown(visit, view)).collect(),
        empty: Empty { why: visit.w("channels-empty"), next: visit.w("channels-empty-more"), actions: Vec::new() },
    })
}

fn shown(visit: &Visit, view: &ChannelView) -> Channel {
    let names = visit.names(Some(&view.channel));
    let class = match view.charter.class {
        tansiq_dossier::channel::ChannelClass::Exchange => "channel-class-exchange",
        tansiq_dossier::channel::ChannelClass::Domestic => "channel-class-domestic",
        tansiq_dossier::channel::ChannelClass::Return => "channel-class-return",
        tansiq_dossier::channel::ChannelClass::Measurement => "channel-class-measurement",
    };
    let (tone, state) =
        if view.open { (Tone::Done, "state-charter-open") } else { (Tone::Waiting, "state-charter-awaiting-adoption") };
    Channel {
        name: names.words(&view.charter.name).unwrap_or_else(|| Text::plain(view.channel.as_str())),
        id: view.channel.to_string(),
        state: Chip::new(tone, visit.w(state)),
        about: format!("{} · {}", visit.w(class), names.parties(view.charter.parties.keys())),
        published: if view.published { visit.w("channel-published") } else { String::new() },
        logs: view.logs.iter().map(|log| row(visit, view, log)).collect(),
    }
}

fn row(visit: &Visit, view: &ChannelView, log: &LogView) -> Log {
    let names = visit.names(Some(&view.channel));
    let own = log.party == visit.looking.own;
    let behind = log.size.saturating_sub(log.witnessed_by_all);
    let alone = view.charter.parties.len() == 1;
    Log {
        party: names.party(&log.party),
        own,
        size: number(visit.lang, i64::try_from(log.size).unwrap_or(i64::MAX)),
        root: log.root.chars().take(12).collect(),
        witnesses: log.witnessed.iter().map(|(party, _, at)| (names.party(party), names.moment(*at))).collect(),
        behind: if behind == 0 || alone { String::new() } else { word(visit.lang, "channel-behind", &[("n", behind.into())]) },
        fork: log.fork.as_ref().map(|fork| forked(visit, view, fork)).unwrap_or_default(),
        reach: if own { Chip::new(Tone::Done, visit.w("channel-reach-own")) } else { reach(visit, view, log) },
    }
}

/// What an officer must know of a log with two histories.
fn forked(visit: &Visit, view: &ChannelView, fork: &ForkView) -> String {
    let names = visit.names(Some(&view.channel));
    let size = |size: u64| number(visit.lang, i64::try_from(size).unwrap_or(i64::MAX));
    let arguments = [
        ("first", size(fork.sizes.0).into()),
        ("second", size(fork.sizes.1).into()),
        ("party", names.party(&fork.source).text.into()),
        ("time", names.moment(fork.found).into()),
    ];
    word(visit.lang, "channel-forked", &arguments)
}

fn reach(visit: &Visit, view: &ChannelView, log: &LogView) -> Chip {
    let links = visit.app.links.all();
    let link = links.into_iter().find(|(peer, _)| peer.party == log.party && peer.channels.contains(&view.channel));
    let (tone, id) = match link.map(|(_, link)| link) {
        Some(Link::Up) => (Tone::Going, "channel-reach-up"),
        Some(Link::Calling) => (Tone::Waiting, "channel-reach-calling"),
        Some(Link::Down(_)) => (Tone::Late, "channel-reach-down"),
        Some(Link::Elsewhere) => (Tone::Going, "channel-reach-elsewhere"),
        None => (Tone::Waiting, "channel-reach-none"),
    };
    Chip::new(tone, visit.w(id))
}
