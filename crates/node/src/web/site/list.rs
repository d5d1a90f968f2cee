//! The list of dossiers. Its filters stand in its address, so that a view can be kept, sent and come back to.
use super::names::level;
use super::show;
use super::visit::{Pairs, Visit, rendered, value};
use crate::access::Denial;
use crate::fault::Trouble;
use crate::language::{number, word};
use crate::store::dossiers::Filter;
use crate::views;
use crate::web::form::{Choice, ChoiceGroup};
use crate::web::frame::encode;
use crate::web::pages::{Choices, Dossiers, Opening, Paging, Pill};
use crate::web::parts::{Empty, Text};
use crate::web::words;
use axum::extract::Query;
use axum::http::StatusCode;
use axum::response::Response;
use std::collections::BTreeSet;
use tansiq_dossier::kinds::Kind;
use tansiq_dossier::party::{InstitutionId, PartyId, Role};
use tansiq_dossier::refusal::Refusal;

/// How many dossiers a page shows.
const LINES: u64 = 25;
/// How many opening acts stand as buttons; more of them stand in a list that opens.
const FEW: usize = 3;
/// The names of the filters in the address, in the order of their pills.
const NAMES: [&str; 8] = ["text", "kind", "state", "party", "awaits", "institution", "channel", "late"];

/// The kinds that this officer works with, in the order in which they are offered. Returns of persons are shown to nobody
/// but those who handle or audit them.
pub(super) fn kinds(visit: &Visit) -> impl Iterator<Item = Kind> {
    let roles = &visit.looking.officer.roles;
    let returns = roles.contains(&Role::ReturnOfficer) || roles.contains(&Role::Auditor);
    Kind::ALL.iter().copied().filter(move |kind| kind.letter().is_some() && (returns || *kind != Kind::Return))
}

/// The list.
pub(super) async fn page(visit: Visit, Query(query): Query<Pairs>) -> Response {
    let made = make(&visit, &query).await.map(|page| rendered(StatusCode::OK, &page));
    visit.answer(made)
}

fn filter(visit: &Visit, query: &Pairs) -> Result<Filter, Refusal> {
    let malformed = |field: &'static str| Refusal::from(Denial::Malformed).at(field);
    let page: u64 = value(query, "page").and_then(|page| page.parse().ok()).unwrap_or(1).clamp(1, 1_000_000);
    Ok(Filter {
        channel: value(query, "channel").map(|text| text.parse().map_err(|_| malformed("channel"))).transpose()?,
        kind: value(query, "kind").map(|name| Kind::named(name).ok_or_else(|| malformed("kind"))).transpose()?,
        state: value(query, "state").map(str::to_owned),
        party: value(query, "party").map(|text| text.parse().map_err(|_| malformed("party"))).transpose()?,
        awaits: value(query, "awaits").map(|text| text.parse().map_err(|_| malformed("awaits"))).transpose()?,
        owner: value(query, "institution").map(str::to_owned),
        due_before: value(query, "late").map(|_| visit.looking.today),
        title: value(query, "text").map(str::to_owned),
        reader: None,
        skip: (page - 1) * LINES,
        limit: LINES,
    })
}

async fn make(visit: &Visit, query: &Pairs) -> Result<Dossiers, Trouble> {
    let filter = filter(visit, query)?;
    let (skip, kind) = (filter.skip, filter.kind);
    let found = visit.read(move |connection, looking| views::list(connection, looking, filter)).await?;
    let heading = kind.map_or_else(|| visit.w("dossiers-title"), |kind| visit.w(&format!("kinds-{kind}")));
    let pills = pills(visit, query);
    let unfiltered = pills.iter().all(|pill| pill.name == visit.w("filter-kind"));
    let empty = if unfiltered { "dossiers-none" } else { "dossiers-empty" };
    let open = openings(visit, kind);
    let label = found.items.iter().map(|item| &item.label).fold(None, |all: Option<tansiq_dossier::label::Label>, label| {
        Some(all.map_or_else(|| label.clone(), |all| all.join(label)))
    });
    let banner = label.map(|label| crate::web::frame::LabelBanner {
        level: level(label.class),
        audience: String::new(),
        codes: String::new(),
    });
    Ok(Dossiers {
        frame: visit.frame(heading.clone(), banner),
        heading,
        count: word(visit.lang, "rows-caption", &[("n", found.total.into())]),
        text: value(query, "text").unwrap_or_default().to_owned(),
        late: value(query, "late").is_some(),
        filters: filters(visit, query, kind),
        pills,
        clear: "/dossiers".to_owned(),
        rows: show::rows(visit.lang, |channel| visit.names(Some(channel)), &visit.looking.own, &found.items),
        empty: Empty {
            why: visit.w(empty),
            next: visit.w(&format!("{empty}-more")),
            actions: if unfiltered && open.len() <= FEW { open.iter().map(Opening::link).collect() } else { Vec::new() },
        },
        paging: paging(visit, query, skip, found.items.len() as u64, found.total),
        few: open.len() <= FEW,
        open,
    })
}

/// Links to the opening acts that this officer's roles allow, each for itself.
fn openings(visit: &Visit, kind: Option<Kind>) -> Vec<Opening> {
    let wanted = kinds(visit).filter(|other| kind.is_none_or(|kind| kind == *other));
    let each = wanted.flat_map(|kind| super::open::openings(visit, kind).map(move |act| (kind, act)));
    each.map(|(kind, act)| Opening {
        href: format!("/dossiers/new/{kind}/{}", act.name),
        icon: show::icon(kind),
        text: words::act(visit.lang, kind, act.name),
    })
    .collect()
}

/// The address with these filters, without those that `without` names.
fn address(query: &Pairs, without: &[&str]) -> String {
    let kept = query
        .iter()
        .filter(|(name, value)| NAMES.contains(&name.as_str()) && !without.contains(&name.as_str()) && !value.trim().is_empty());
    let parts: Vec<String> = kept.map(|(name, value)| format!("{name}={}", encode(value.trim()))).collect();
    if parts.is_empty() { "/dossiers".to_owned() } else { format!("/dossiers?{}", parts.join("&")) }
}

fn pills(visit: &Visit, query: &Pairs) -> Vec<Pill> {
    let names = visit.names(None);
    let kind = value(query, "kind").and_then(Kind::named);
    let party = |text: &str| text.parse::<PartyId>().map_or_else(|_| text.to_owned(), |party| names.party(&party).text);
    let shown = |name: &str, text: &str| match name {
        "kind" => kind.map_or_else(|| text.to_owned(), |kind| words::kind(visit.lang, kind)),
        "state" => state_name(visit, kind, text),
        "party" | "awaits" => party(text),
        "institution" => text.parse::<InstitutionId>().map_or_else(|_| text.to_owned(), |id| names.institution(&id).text),
        "channel" => text
            .parse()
            .ok()
            .and_then(|id| names.words(&visit.charters.get(&id)?.name))
            .map_or_else(|| text.to_owned(), |name| name.text),
        "late" => visit.w("yes"),
        _ => text.to_owned(),
    };
    let set = NAMES.into_iter().filter_map(|name| Some((name, value(query, name)?)));
    set.map(|(name, text)| Pill {
        name: visit.w(&format!("filter-{name}")),
        value: shown(name, text),
        without: address(query, &[name]),
    })
    .collect()
}

fn state_name(visit: &Visit, kind: Option<Kind>, state: &str) -> String {
    let known = kinds(visit).find(|other| kind.is_none_or(|kind| kind == *other) && other.states().contains(&state));
    known.map_or_else(|| state.to_owned(), |kind| words::state(visit.lang, kind, state))
}

fn filters(visit: &Visit, query: &Pairs, kind: Option<Kind>) -> Vec<Choices> {
    let names = visit.names(None);
    let typed = |name: &str| value(query, name).unwrap_or_default();
    let plain = |value: &str, text: String, name: &str| Choice::new(value, Text::in_lang(visit.lang, text), typed(name));
    let one = |options| vec![ChoiceGroup { name: String::new(), options }];
    let parties: BTreeSet<&PartyId> = visit.charters.values().flat_map(|charter| charter.parties.keys()).collect();
    let party =
        |name: &'static str| one(parties.iter().map(|party| plain(party.as_str(), names.party(party).text, name)).collect());
    let states =
        |kind: Kind| kind.states().iter().map(|state| plain(state, words::state(visit.lang, kind, state), "state")).collect();
    let states = match kind {
        Some(kind) => one(states(kind)),
        None => kinds(visit).map(|kind| ChoiceGroup { name: visit.w(&format!("kinds-{kind}")), options: states(kind) }).collect(),
    };
    let institutions = |party: &&PartyId| {
        let all = visit.charters.values().filter_map(|charter| charter.parties.get(*party));
        let ids: BTreeSet<&InstitutionId> = all.flat_map(|party| party.institutions.keys()).collect();
        let options = ids.into_iter().map(|id| plain(id.as_str(), names.institution(id).text, "institution")).collect();
        ChoiceGroup { name: names.party(party).text, options }
    };
    let channels = visit.charters.iter().map(|(id, charter)| {
        plain(id.as_str(), names.words(&charter.name).map_or_else(|| id.to_string(), |name| name.text), "channel")
    });
    let choices = |name: &'static str, groups| Choices { name, label: visit.w(&format!("filter-{name}")), groups };
    vec![
        choices("kind", one(kinds(visit).map(|kind| plain(kind.name(), words::kind(visit.lang, kind), "kind")).collect())),
        choices("state", states),
        choices("party", party("party")),
        choices("awaits", party("awaits")),
        choices("institution", parties.iter().map(institutions).collect()),
        choices("channel", one(channels.collect())),
    ]
}

fn paging(visit: &Visit, query: &Pairs, skip: u64, here: u64, total: u64) -> Option<Paging> {
    if total <= LINES && skip == 0 {
        return None;
    }
    let n = |n: u64| number(visit.lang, i64::try_from(n).unwrap_or(i64::MAX));
    let to = |page: u64| {
        let base = address(query, &[]);
        let joint = if base.contains('?') { '&' } else { '?' };
        format!("{base}{joint}page={page}")
    };
    let page = skip / LINES + 1;
    let arguments = [("from", n((skip + 1).min(total)).into()), ("to", n(skip + here).into()), ("all", n(total).into())];
    Some(Paging {
        showing: word(visit.lang, "page-showing", &arguments),
        previous: if page > 1 { to(page - 1) } else { String::new() },
        next: if skip + here < total { to(page + 1) } else { String::new() },
    })
}
