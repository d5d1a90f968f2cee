//! What the simulation knows and no node does: what was acknowledged, who may have what, which trees were signed; and what
//! has been found wrong.

use super::dice::Dice;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;
use tansiq_dossier::channel::ChannelId;
use tansiq_dossier::party::PartyId;
use tansiq_dossier::record::{DossierId, Record, RecordId};

/// How a text begins that stands in one act and nowhere else, and how long it is.
const MARK: &[u8] = b"zq";
const MARK_LENGTH: usize = 12;

/// What must always be true; each with the promise of the design that it stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Invariant {
    /// What was acknowledged is never lost.
    Kept,
    /// What is not released to a party never leaves for it, and nothing leaves that was not committed.
    Audience,
    /// Nothing is applied before all that its writer had seen, and nothing goes back.
    Order,
    /// The same records make the same state everywhere, each applied once.
    Same,
    /// An honest node signs and cosigns one history of a log.
    History,
    /// Nobody honest is accused, and what proves a second history is kept.
    Evidence,
    /// What was erased is in none of the node's files.
    Erased,
    /// After the faults have stopped, all honest nodes come to hold the same within a bounded time.
    Converges,
    /// A refusal changes nothing.
    Refusal,
}

/// An act of which its officer was told that it is done.
#[derive(Debug, Clone)]
pub(super) struct Acknowledged {
    pub(super) party: PartyId,
    pub(super) channel: ChannelId,
    pub(super) record: RecordId,
    pub(super) index: u64,
}

pub(super) type Matter = (ChannelId, DossierId);

/// What a record says of who may have its dossier.
struct Word {
    party: PartyId,
    index: u64,
    /// Whether it is matter, and not a word about custody.
    writes: bool,
    /// The party to which it releases the dossier.
    releases: Option<PartyId>,
    /// The parties that had been given the dossier when its writer wrote in it for the first time, and knew that.
    knows: BTreeSet<PartyId>,
}

/// Sealed values, by the text that discloses them.
#[derive(Debug, Default)]
pub(super) struct Seal {
    /// To whom they may go.
    open_to: BTreeSet<PartyId>,
    /// Since when they may not, in milliseconds of virtual time.
    closed: BTreeMap<PartyId, u64>,
    /// Who has erased its copy.
    pub(super) erased: BTreeSet<PartyId>,
}

/// The books of one simulated world.
#[derive(Default)]
pub(super) struct Ledger {
    trace: Sha256,
    /// Every event in words, where somebody wants to read them.
    pub(super) lines: Option<Vec<String>>,
    pub(super) faults: BTreeMap<&'static str, u64>,
    pub(super) checked: BTreeMap<Invariant, u64>,
    pub(super) crashes: u64,
    pub(super) records: u64,
    pub(super) requests: u64,
    pub(super) acts: u64,
    pub(super) breaches: Vec<(Invariant, String)>,
    pub(super) acknowledged: Vec<Acknowledged>,
    /// Parties whose node does not keep to the rules.
    pub(super) dishonest: BTreeSet<PartyId>,
    nodes: BTreeMap<String, PartyId>,
    audiences: BTreeMap<Matter, BTreeSet<PartyId>>,
    words: BTreeMap<Matter, Vec<Word>>,
    marks: BTreeMap<Vec<u8>, (PartyId, Matter, bool)>,
    pub(super) seals: BTreeMap<String, Seal>,
    disclosures: BTreeMap<RecordId, (PartyId, Vec<String>)>,
    recalled: BTreeSet<RecordId>,
    sealed: BTreeMap<RecordId, Vec<String>>,
    /// The root of every signed tree that has left a node, by origin and size.
    pub(super) trees: BTreeMap<(String, u64), String>,
    cosigned: BTreeMap<(String, String, u64), String>,
    known: BTreeSet<RecordId>,
    marked: u64,
}

impl Ledger {
    /// Books in which every party's node has this name.
    pub(super) fn new(nodes: BTreeMap<String, PartyId>, written: bool) -> Ledger {
        Ledger { nodes, lines: written.then(Vec::new), ..Ledger::default() }
    }

    /// Notes what happened, for the trace by which two runs of one seed are compared.
    pub(super) fn event(&mut self, now: u64, what: std::fmt::Arguments<'_>) {
        let line = format!("{now:>7} {what}");
        self.trace.update(line.as_bytes());
        self.trace.update(b"\n");
        if let Some(lines) = &mut self.lines {
            lines.push(line);
        }
    }

    pub(super) fn trace(&self) -> String {
        data_encoding::HEXLOWER.encode(&self.trace.clone().finalize())
    }

    /// Notes that a fault of this kind was injected.
    pub(super) fn fault(&mut self, kind: &'static str) {
        *self.faults.entry(kind).or_default() += 1;
    }

    /// Notes whether an invariant held.
    pub(super) fn check(&mut self, invariant: Invariant, holds: bool, broken: impl FnOnce() -> String) {
        *self.checked.entry(invariant).or_default() += 1;
        if !holds {
            let sentence = broken();
            self.event(0, format_args!("BROKEN {invariant:?}: {sentence}"));
            self.breaches.push((invariant, sentence));
        }
    }

    /// A text that stands in one act and nowhere else.
    pub(super) fn mark(&mut self, dice: &mut Dice) -> String {
        self.marked += 1;
        format!("zq{:06x}{:02x}qz", self.marked, dice.below(256))
    }

    /// Takes into the books a record that a node has committed to its own log, with the disclosures that it keeps beside it.
    pub(super) fn written(&mut self, now: u64, channel: &ChannelId, id: RecordId, bytes: &[u8], kept: &str) {
        let Ok(record) = Record::parse(bytes) else { return };
        if !self.known.insert(id) {
            return;
        }
        let (party, matter) = (record.stamp.party.clone(), (channel.clone(), record.dossier.clone()));
        if let Some(audience) = &record.audience {
            self.audiences.entry(matter.clone()).or_insert_with(|| audience.clone());
        }
        let writes = tansiq_dossier::custody::act(&record.act).is_none();
        for mark in marks(bytes) {
            self.marks.entry(mark.to_vec()).or_insert_with(|| (party.clone(), matter.clone(), writes));
        }
        let named = |name: &str| record.body.get(name).and_then(serde_json::Value::as_str);
        let of = || named("of").and_then(|text| text.parse::<RecordId>().ok());
        let texts: Vec<String> = kept.lines().map(str::to_owned).collect();
        self.word(&matter, &record);
        match record.act.as_str() {
            "disclose" => {
                let Some(to) =
                    named("to").and_then(|to| to.split_once('.')).and_then(|(party, _)| party.to_uppercase().parse().ok())
                else {
                    return;
                };
                for text in &texts {
                    let seal = self.seals.entry(text.clone()).or_default();
                    seal.open_to.insert(PartyId::clone(&to));
                    seal.closed.remove(&to);
                }
                self.disclosures.insert(id, (to, texts));
            }
            "recall" => {
                let Some((to, texts)) = of().and_then(|of| self.disclosures.get(&of).cloned()) else { return };
                self.recalled.extend(of());
                let open = |(id, (other, all)): (&RecordId, &(PartyId, Vec<String>)), text: &String| {
                    *other == to && all.contains(text) && !self.recalled.contains(id)
                };
                for text in texts {
                    let again = self.disclosures.iter().any(|disclosure| open(disclosure, &text));
                    if let (Some(seal), false) = (self.seals.get_mut(&text), again) {
                        seal.closed.insert(to.clone(), now);
                    }
                }
            }
            "erased" => {
                let of = of();
                let texts = of.and_then(|of| self.disclosures.get(&of).map(|(_, texts)| texts).or_else(|| self.sealed.get(&of)));
                for text in texts.cloned().unwrap_or_default() {
                    self.seals.entry(text).or_default().erased.insert(party.clone());
                }
            }
            _ if !texts.is_empty() => {
                for text in &texts {
                    self.seals.entry(text.clone()).or_default();
                }
                self.sealed.insert(id, texts);
            }
            _ => {}
        }
    }

    /// Notes what a record says of who may have its dossier.
    fn word(&mut self, matter: &Matter, record: &Record) {
        let party = &record.stamp.party;
        let index = record.seen.of(party);
        let words = self.words.entry(matter.clone()).or_default();
        let seen: Vec<&Word> = words.iter().filter(|word| word.index < record.seen.of(&word.party)).collect();
        let writes = tansiq_dossier::custody::act(&record.act).is_none();
        let first = !seen.iter().any(|word| word.party == *party && word.writes);
        let agrees = |writer: &PartyId, to: &PartyId| {
            seen.iter().any(|word| word.party == *writer && (word.releases.as_ref() == Some(to) || word.knows.contains(to)))
        };
        let all_agree = |to: &&PartyId| seen.iter().filter(|word| word.writes).all(|word| agrees(&word.party, to));
        let asked = seen.iter().filter_map(|word| word.releases.as_ref());
        let knows = if first { asked.filter(all_agree).cloned().collect() } else { BTreeSet::new() };
        let to = record.body.get("to").and_then(serde_json::Value::as_str);
        let releases = to.filter(|_| record.act == "release").and_then(|to| to.parse().ok());
        words.push(Word { party: party.clone(), index, writes, releases, knows });
    }

    /// Whether anybody has released a dossier to a party.
    pub(super) fn was_released(&self, matter: &Matter, to: &PartyId) -> bool {
        self.words.get(matter).is_some_and(|words| words.iter().any(|word| word.releases.as_ref() == Some(to)))
    }

    /// Looks at bytes that leave one party's node for another's; `since` is when they were asked for.
    pub(super) fn leaves(&mut self, from: &PartyId, to: &PartyId, bytes: &[u8], since: u64) {
        for mark in marks(bytes) {
            let allowed = self.marks.get(mark).map(|(author, matter, writes)| {
                let outside = self.audiences.get(matter).is_some_and(|audience| !audience.contains(to));
                let words = self.words.get(matter).map(Vec::as_slice).unwrap_or_default();
                // Whoever only speaks of a dossier's custody has no say in who gets that word.
                let spoken = || !writes && words.iter().any(|word| word.releases.as_ref() == Some(to));
                !outside || spoken() || (agrees(words, author, to) && agrees(words, from, to))
            });
            let mark = || String::from_utf8_lossy(mark).into_owned();
            self.check(Invariant::Audience, allowed == Some(true), || match allowed {
                None => format!("{} left {from} for {to} and was never committed", mark()),
                _ => format!("{} left {from} for {to}, which may not have it", mark()),
            });
        }
        self.notes(from, bytes);
        self.disclosed(from, to, bytes, since);
    }

    fn disclosed(&mut self, from: &PartyId, to: &PartyId, bytes: &[u8], since: u64) {
        let frames = frames_of(bytes, 3);
        for text in frames {
            let text = String::from_utf8_lossy(text).into_owned();
            let allowed = self
                .seals
                .get(&text)
                .is_some_and(|seal| seal.open_to.contains(to) && seal.closed.get(to).is_none_or(|closed| *closed >= since));
            self.check(Invariant::Audience, allowed, || format!("sealed values left {from} for {to}, which may not have them"));
        }
        self.records += frames_of(bytes, 2).len() as u64;
    }

    /// Looks for signed trees in bytes that leave a node: of one log and one size there is one.
    fn notes(&mut self, from: &PartyId, bytes: &[u8]) {
        for (origin, size, root, signed) in notes(bytes) {
            let Some((node, channel)) = origin.split_once('/') else { continue };
            // A byte of the frame's length may stand before the name.
            let Some((node, owner)) = self.nodes.iter().find(|(known, _)| node.ends_with(*known)) else { continue };
            let (origin, owner) = (format!("{node}/{channel}"), owner.clone());
            let known = self.trees.entry((origin.clone(), size)).or_insert_with(|| root.clone());
            let same = *known == root || self.dishonest.contains(&owner);
            self.check(Invariant::History, same, || format!("two trees of size {size} of {owner}'s log; the second left {from}"));
            for cosigner in
                signed.iter().filter(|name| self.nodes.get(*name).is_some_and(|party| !self.dishonest.contains(party)))
            {
                let known = self.cosigned.entry((cosigner.clone(), origin.clone(), size)).or_insert_with(|| root.clone());
                if *known != root {
                    let sentence = format!("{cosigner} cosigned two trees of size {size} of {owner}'s log");
                    self.breaches.push((Invariant::History, sentence));
                }
            }
        }
    }

    /// Forgets acts of a party that stood at this place or later: they went with the back-up that was too old to hold them.
    pub(super) fn lost_with_backup(&mut self, party: &PartyId, channel: &ChannelId, from: u64) {
        self.acknowledged.retain(|act| act.party != *party || act.channel != *channel || act.index < from);
    }
}

impl Ledger {
    /// A party has given up every tree of its log that is larger than this, since nobody has it.
    pub(super) fn given_up(&mut self, party: &PartyId, channel: &ChannelId, size: u64) {
        let Some(node) = self.nodes.iter().find(|(_, owner)| *owner == party).map(|(node, _)| node) else { return };
        let origin = format!("{node}/{channel}");
        self.trees.retain(|(of, tree), _| *of != origin || *tree <= size);
        self.cosigned.retain(|(_, of, tree), _| *of != origin || *tree <= size);
        self.lost_with_backup(party, channel, size);
    }
}

/// Whether a party has agreed that another one has a dossier, or wrote in it when that one had it already.
fn agrees(words: &[Word], party: &PartyId, to: &PartyId) -> bool {
    words.iter().any(|word| word.party == *party && (word.releases.as_ref() == Some(to) || word.knows.contains(to)))
}

/// The marks that stand in these bytes.
pub(super) fn marks(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    let is_mark = |mark: &[u8]| mark.starts_with(MARK) && mark.ends_with(b"qz") && mark[2..10].iter().all(u8::is_ascii_hexdigit);
    memchr::memmem::find_iter(bytes, MARK).filter_map(move |at| bytes.get(at..at + MARK_LENGTH)).filter(move |mark| is_mark(mark))
}

/// Where a piece stands in bytes for the first time.
pub(super) fn find(bytes: &[u8], piece: &[u8]) -> Option<usize> {
    memchr::memmem::find(bytes, piece)
}

/// The payloads of the frames of one type, where the bytes are frames.
fn frames_of(bytes: &[u8], wanted: u8) -> Vec<&[u8]> {
    let mut found = Vec::new();
    let mut rest = bytes;
    while let [kind @ 1..=6, a, b, c, d, after @ ..] = rest {
        let length = u32::from_be_bytes([*a, *b, *c, *d]) as usize;
        let Some((payload, after)) = after.split_at_checked(length) else { break };
        if *kind == wanted || (wanted == 2 && *kind == 5) {
            found.push(payload);
        }
        rest = after;
    }
    found
}

/// Every signed tree in these bytes: origin, size, root, and the names of those who signed or cosigned it.
fn notes(bytes: &[u8]) -> Vec<(String, u64, String, Vec<String>)> {
    let mut found = Vec::new();
    let mut from = 0;
    // A note's signatures begin after an empty line, with a dash.
    while let Some(at) = bytes.get(from..).and_then(|rest| find(rest, "\n\n— ".as_bytes())) {
        let end = from + at;
        let head = bytes.get(..end).unwrap_or_default();
        let mut lines = head.rsplit(|byte| *byte == b'\n');
        let text = |line: Option<&[u8]>| line.map(|line| String::from_utf8_lossy(line).into_owned()).unwrap_or_default();
        let (root, size, first) = (text(lines.next()), text(lines.next()), text(lines.next()));
        // What stands before the first line may be the head of a frame.
        let origin =
            first.rsplit(|c: char| !(c.is_ascii_alphanumeric() || "./-".contains(c))).next().unwrap_or_default().to_owned();
        let tail = String::from_utf8_lossy(bytes.get(end + 2..).unwrap_or_default());
        let names = tail.lines().map_while(|line| line.strip_prefix("— ")).filter_map(|line| line.split(' ').next());
        if let Ok(size) = size.parse() {
            found.push((origin, size, root, names.map(str::to_owned).collect()));
        }
        from = end + 2;
    }
    found
}

/// Milliseconds of virtual time.
pub(super) fn millis(since: Duration) -> u64 {
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
