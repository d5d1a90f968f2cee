//! Each channel: whether it is open, how far its logs are here and witnessed, who can be reached, and what waits for what.

use super::{Called, Report, ago};
use crate::fault::Fault;
use crate::node::Node;
use crate::recovery::{self, Recovery};
use crate::store::db::{Connection, params};
use crate::store::{channels, logs, records};
use crate::views::channel::{self as view, ChannelView, LogView};
use std::collections::BTreeSet;
use tansiq_dossier::channel::ChannelId;
use tansiq_dossier::party::PartyId;

/// How far two clocks may be apart before it is told, in seconds.
const APART: i64 = 120;

pub(super) fn look(report: &mut Report, node: &Node, called: &[Called]) -> Result<(), Fault> {
    let now = node.identity.world.clock.unix();
    peers(report, called);
    node.store.read_now(|connection| {
        let states = recovery::all(connection, &node.identity)?;
        let addresses = channels::addresses(connection)?;
        for channel in view::all(connection)? {
            let id = &channel.channel;
            let about = format!("channel {id}");
            if channel.open {
                report.good(&about, "open: every party has adopted its charter");
            } else {
                let advice = "the others join with `tansiq channel join` and the charter; it opens by itself then";
                report.notice(&about, "not open yet: not every party has adopted its charter", advice);
            }
            if let Some(state) = states.iter().find(|state| state.channel == *id) {
                recovery(report, &about, state);
            }
            for party in channel.charter.parties.keys().filter(|party| **party != node.identity.party) {
                if !addresses.iter().any(|(of, known, _)| of == id && known == party) {
                    let advice = "it calls here by itself, or give its address with `tansiq channel join --address`";
                    report.notice(&about, format!("this node knows no address of {party}"), advice);
                }
            }
            for log in &channel.logs {
                if log.party == node.identity.party {
                    witnessed(report, connection, &channel, log, now)?;
                } else {
                    waiting(report, connection, &channel, log)?;
                }
                clocks(report, log, now);
            }
            frozen(report, connection, id)?;
        }
        Ok(())
    })
}

fn peers(report: &mut Report, called: &[Called]) {
    for Called { peer, holds } in called {
        let about = format!("peer {}", peer.party);
        match holds {
            Ok(_) => report.good(&about, format!("answers at {}", peer.address)),
            Err(why) => report.problem(
                &about,
                format!("cannot be reached at {}: {why}", peer.address),
                "ask whoever runs it whether it works and whether the address is right; nothing here is lost while it is away",
            ),
        }
    }
}

fn recovery(report: &mut Report, about: &str, state: &Recovery) {
    let parties = |parties: &BTreeSet<PartyId>| parties.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    match state.standing {
        "behind" => report.problem(
            about,
            format!(
                "the database is behind what this node has said: it holds {} entries of its own log, and has signed {}; acts are refused",
                state.size, state.said
            ),
            &format!(
                "let the node run until its peers have given back the rest (not asked yet: {}); `tansiq recover` says more",
                parties(&state.missing)
            ),
        ),
        "unsure" => report.problem(
            about,
            "the database was restored without its guard, and what this node said after it is not known; acts are refused",
            &format!("let the node run until it has asked its peers (not asked yet: {})", parties(&state.missing)),
        ),
        "contradicted" => report.problem(
            about,
            format!("this node has signed two trees of size {} that cannot both be true; acts are refused", state.said),
            "tell the other parties; restore a back-up that agrees with what they hold, or open a new channel with new keys",
        ),
        _ if !state.is_certain() => report.problem(
            about,
            format!("{} records of this node's own log wait for records of others", state.size - state.applied),
            "let the node run until the other parties' logs have come",
        ),
        _ => {}
    }
    if state.lost > 0 {
        report.notice(
            about,
            format!("{} places of this node's own log came back without their records", state.lost),
            "they come by themselves from any party that holds them; if none does, only their entries stay, as for erased ones",
        );
    }
}

fn witnessed(report: &mut Report, connection: &Connection, channel: &ChannelView, log: &LogView, now: i64) -> Result<(), Fault> {
    let about = format!("log {} in {}", log.party, channel.channel);
    for party in channel.charter.parties.keys().filter(|party| **party != log.party) {
        let (size, time) = log.witnessed.iter().find(|(by, ..)| by == party).map_or((0, 0), |(_, size, time)| (*size, *time));
        if size == log.size {
            report.good(&about, format!("all {size} entries are witnessed by {party}, the last {}", ago(now - time)));
            continue;
        }
        let first = records::at(connection, &channel.channel, &log.party, size)?;
        let since = first.map_or_else(String::new, |record| format!(", the oldest of them from {}", ago(now - record.received)));
        report.notice(
            &about,
            format!("{} of {} entries are not witnessed by {party} yet{since}", log.size - size, log.size),
            "they are, as soon as that party's node has been reached",
        );
    }
    Ok(())
}

fn waiting(report: &mut Report, connection: &Connection, channel: &ChannelView, log: &LogView) -> Result<(), Fault> {
    let about = format!("log {} in {}", log.party, channel.channel);
    if log.applied == log.size {
        report.good(&about, format!("all {} entries are here and applied", log.size));
        return Ok(());
    }
    let next = records::at(connection, &channel.channel, &log.party, log.applied)?.and_then(|record| record.entry());
    let mut missing = Vec::new();
    for (party, size) in next.iter().flat_map(|entry| &entry.record.seen.0) {
        let here = logs::head(connection, &channel.channel, party)?.applied;
        if here < *size && *party != log.party {
            missing.push(format!("{party} up to {size} ({here} here)"));
        }
    }
    report.notice(
        &about,
        format!("{} records wait for what their writers had seen: {}", log.size - log.applied, missing.join(", ")),
        "they are applied as soon as that has come",
    );
    Ok(())
}

fn clocks(report: &mut Report, log: &LogView, now: i64) {
    for (party, _, time) in log.witnessed.iter().filter(|(_, _, time)| *time - now > APART) {
        report.problem(
            "clock",
            format!("{party} has witnessed something at a time that is {}", ago(now - time)),
            "compare this machine's clock with a trusted one; orders do not depend on clocks, but times that people read do",
        );
    }
}

fn frozen(report: &mut Report, connection: &Connection, channel: &ChannelId) -> Result<(), Fault> {
    let mut query = connection.prepare_cached(
        "SELECT DISTINCT dossier FROM record WHERE channel = ?1 AND standing = 'unknown' AND dossier IS NOT NULL",
    )?;
    let rows = query.query_map(params![channel.as_str()], |row| row.get::<_, String>(0))?;
    let frozen: Vec<String> = rows.collect::<Result<_, _>>()?;
    if !frozen.is_empty() {
        report.problem(
            &format!("channel {channel}"),
            format!("{} dossiers hold records of a later version, and are frozen here: {}", frozen.len(), frozen.join(", ")),
            "bring this node up to the version of its peers",
        );
    }
    Ok(())
}
