//! Search over a made-up store: how fast its dossiers are indexed, and how long questions of each sort take.

use super::copies::Stories;
use super::{Spread, per_second, tenth};
use crate::access::Officer;
use crate::clock::World;
use crate::fault::{Fault, Trouble};
use crate::node::{Config, Node};
use crate::search::{self, Progress, Question};
use crate::store::rebuild::Rebuild;
use crate::store::records::{Fate, StoredRecord};
use crate::store::{channels, touched};
use crate::views::Looking;
use serde::Serialize;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Instant;
use tansiq_dossier::channel::ChannelId;
use tansiq_dossier::fold::Standing;
use tansiq_dossier::label::Classification;
use tansiq_dossier::party::Role;
use tansiq_dossier::record::{DossierId, Record};
use tansiq_dossier::words::{Tongue, Words};

/// How many different words the made-up texts draw from: a few of them often, most of them seldom.
const WORDS: usize = 30_000;

/// What was measured.
#[derive(Debug, Clone, Serialize)]
pub struct SearchFigures {
    /// Dossiers in the store, of three records each.
    pub dossiers: u64,
    /// Words in all texts of a dossier.
    pub words_per_dossier: usize,
    /// Dossiers indexed in a second, when the index is made anew.
    pub indexed_per_s: f64,
    /// Seconds that it took.
    pub indexed_s: f64,
    /// The size of the index, in MiB.
    pub index_mib: f64,
    /// Until a dossier that was written is in the index, with all others untouched.
    pub follow_ms: Spread,
    /// How long a question takes, with 25 hits and all counts, by its sort.
    pub question_ms: BTreeMap<&'static str, Spread>,
    /// The same for all of them together.
    pub all_ms: Spread,
    /// The most memory that this process held, in MiB; the store was made by it too.
    pub rss_mib: f64,
}

impl SearchFigures {
    /// The figures for people.
    #[must_use]
    pub fn table(&self) -> Vec<(String, String)> {
        let spread = |spread: &Spread| format!("{:.2} ms / {:.2} ms", spread.p50, spread.p99);
        let mut rows = vec![
            ("dossiers".to_owned(), format!("{} of {} words", self.dossiers, self.words_per_dossier)),
            ("indexed/s".to_owned(), format!("{:.0} in {:.1} s", self.indexed_per_s, self.indexed_s)),
            ("index, MiB".to_owned(), format!("{:.0}", self.index_mib)),
            ("followed after, p50 / p99".to_owned(), spread(&self.follow_ms)),
        ];
        rows.extend(self.question_ms.iter().map(|(sort, took)| (format!("{sort}, p50 / p99"), spread(took))));
        rows.push(("all questions, p50 / p99".to_owned(), spread(&self.all_ms)));
        rows.push(("most memory, MiB".to_owned(), format!("{:.0}", self.rss_mib)));
        rows
    }
}

/// A sequence that follows from its beginning (SplitMix64).
struct Draws(u64);

impl Draws {
    fn next(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) >> 1).unwrap_or_default() % bound.max(1)
    }

    /// A word's number: a small one often.
    fn word(&mut self) -> usize {
        let among = [100, 1000, 10_000, WORDS][self.next(4)];
        self.next(among)
    }

    fn text(&mut self, count: usize, word: fn(usize) -> String) -> String {
        (0..count).map(|_| word(self.word())).collect::<Vec<_>>().join(" ")
    }
}

fn spelled(mut number: usize, letters: &[&str], ends: &[&str]) -> String {
    let mut word = String::new();
    let end = ends[number % ends.len()];
    number += letters.len() * letters.len();
    while number > 0 {
        word.push_str(letters[number % letters.len()]);
        number /= letters.len();
    }
    word + end
}

fn arabic(number: usize) -> String {
    let letters = ["ب", "ت", "ج", "ح", "د", "ر", "س", "ش", "ع", "ف", "ق", "ك", "ل", "م", "ن", "ه"];
    spelled(number, &letters, &["", "ة", "ات", "ي", "ون", "", "ان"])
}

fn latin(number: usize) -> String {
    let letters = ["ba", "te", "ja", "hi", "de", "ra", "si", "sha", "fa", "qa", "ku", "la", "mi", "na", "ro", "za"];
    spelled(number, &letters, &["", "n", "s", "m", "r"])
}

/// Makes a store of so many dossiers in `dir`, indexes it, and asks.
///
/// # Errors
/// When the store or the index fails.
pub fn search(dir: &Path, dossiers: u32, questions: usize, tell: impl FnMut(Progress)) -> Result<SearchFigures, Trouble> {
    let (node, channel) = filled(dir, dossiers)?;
    let begun = Instant::now();
    node.index.rebuild(&node.store, tell)?;
    let took = begun.elapsed();
    let looking = looking(&node)?;
    let follow_ms = follow(&node, &channel)?;
    let (mut question_ms, mut all) = (BTreeMap::new(), Vec::new());
    let mut draws = Draws(7);
    for (sort, make) in SORTS {
        let mut each = Vec::with_capacity(questions);
        for _ in 0..questions {
            let question = Question::read(&make(&mut draws))?;
            let begun = Instant::now();
            search::find(&node.index, &node.store, &looking, &question)?;
            each.push(begun.elapsed().as_secs_f64() * 1000.0);
        }
        all.extend(each.iter().copied());
        question_ms.insert(sort, Spread::of(each));
    }
    Ok(SearchFigures {
        dossiers: u64::from(dossiers),
        words_per_dossier: 3 * 30,
        indexed_per_s: per_second(usize::try_from(dossiers).unwrap_or(usize::MAX), took),
        indexed_s: tenth(took.as_secs_f64()),
        index_mib: size_of(node.index.folder())?,
        follow_ms,
        question_ms,
        all_ms: Spread::of(all),
        rss_mib: super::high_water(std::process::id())?,
    })
}

/// A sort of question, and how one is made.
type Sort = (&'static str, fn(&mut Draws) -> String);

const SORTS: [Sort; 9] = [
    ("one word", |draws| arabic(draws.word())),
    ("one seldom word", |draws| arabic(10_000 + draws.next(WORDS - 10_000))),
    ("two words", |draws| format!("{} {}", arabic(draws.next(100)), arabic(draws.next(1000)))),
    ("two words as a phrase", |draws| format!("\"{} {}\"", arabic(draws.next(100)), arabic(draws.next(100)))),
    ("three letters and an asterisk", |draws| format!("{}*", arabic(draws.word()).chars().take(3).collect::<String>())),
    ("a name in the other script", |draws| latin(draws.word())),
    ("a day", |draws| format!("{} October 2025", 1 + draws.next(28))),
    ("a word that must not be there", |draws| format!("{} -{}", arabic(draws.next(100)), arabic(draws.next(100)))),
    ("all of a kind", |_| "kind:meeting".to_owned()),
];

fn follow(node: &Node, channel: &ChannelId) -> Result<Spread, Trouble> {
    let names = node.store.read_now(|connection| touched::names_after(connection, ("", ""), 100))?;
    let mut each = Vec::new();
    for (_, dossier) in names {
        let channel = channel.clone();
        let noted =
            async { node.store.write(move |work| Ok(touched::note(work.connection, &channel, &dossier, 1, false)?)).await };
        crate::cli::block_on(noted)?;
        let begun = Instant::now();
        node.store.read_now(|connection| node.index.follow(connection))?;
        each.push(begun.elapsed().as_secs_f64() * 1000.0);
    }
    Ok(Spread::of(each))
}

fn looking(node: &Node) -> Result<Looking, Trouble> {
    let setup = |_| Fault::Setup("the bench's office could not be named".to_owned());
    let officer = Officer {
        id: "irq.auditor".parse().map_err(setup)?,
        name: Words::default(),
        institution: "irq.mofa".parse().map_err(setup)?,
        roles: [Role::Auditor].into(),
        clearance: Classification::Secret,
        caveats: BTreeSet::new(),
        revoked: false,
    };
    Ok(Looking { officer, own: node.config.party.clone(), today: node.identity.world.today() })
}

/// A node whose store holds that many meetings, each with its proposal and two items.
fn filled(dir: &Path, dossiers: u32) -> Result<(Node, ChannelId), Trouble> {
    let stories = Stories::read().ok_or_else(|| Fault::Setup("the stories that were built in cannot be read".to_owned()))?;
    let config: Config = serde_json::from_value(json!({
        "party": "IRQ", "name": { "en": "Iraq" }, "node": "bench.example", "institutions": {}, "web": "127.0.0.1:0"
    }))
    .map_err(|error| Fault::Setup(error.to_string()))?;
    let node = Node::create(&dir.join("node"), &config, World::real())?;
    let of_meeting =
        |record: &Record, act: &str| record.kind == "meeting" && record.act == act && record.stamp.party == config.party;
    let told: Vec<Record> = stories.copy(0).into_iter().map(|copied| copied.entry.record).collect();
    let templates: Vec<Record> =
        ["propose", "add-item"].iter().filter_map(|act| told.iter().find(|record| of_meeting(record, act)).cloned()).collect();
    let [open, add] = templates.as_slice() else { return Err(Fault::Setup("the stories propose no meeting".to_owned()).into()) };
    let channel = stories.charter.channel();
    let charter = stories.charter.clone();
    let store = node.store.clone();
    crate::cli::block_on(async { store.write(move |work| Ok(channels::add(work.connection, &charter)?)).await })?;
    let mut draws = Draws(1);
    for batch in (0..dossiers).collect::<Vec<_>>().chunks(500) {
        let rows: Vec<StoredRecord> = batch.iter().flat_map(|number| meeting(open, add, *number, &mut draws)).collect();
        let channel = channel.clone();
        let add = async { store.write(move |work| Ok(rows.iter().try_for_each(|row| work.add_record(&channel, row))?)).await };
        crate::cli::block_on(add)?;
    }
    let today = node.identity.world.today();
    let mut rebuild = store.read_now(Rebuild::new)?;
    crate::cli::block_on(async {
        loop {
            let step = store.write(move |work| {
                let more = rebuild.step(work.connection, today)?;
                Ok((rebuild, more))
            });
            let (next, more) = step.await?;
            rebuild = next;
            if !more {
                return Ok(());
            }
        }
    })?;
    Ok((node, channel))
}

fn meeting(open: &Record, add: &Record, number: u32, draws: &mut Draws) -> Vec<StoredRecord> {
    let mut bytes = [0; 16];
    bytes[2..6].copy_from_slice(&number.to_be_bytes());
    let dossier = DossierId::new(&open.stamp.party, &bytes);
    let mut rows = Vec::new();
    for (place, template) in (0u32..).zip([open, add, add]) {
        let index = u64::from(number) * 3 + u64::from(place);
        let mut record = template.clone();
        record.dossier = dossier.clone();
        record.reference = None;
        record.seen.0.values_mut().for_each(|size| *size = 0);
        record.seen.0.insert(record.stamp.party.clone(), index);
        let day = format!("{} October 2025", 1 + number % 28);
        let title = Words(BTreeMap::from([
            (Tongue::Ar, draws.text(15, arabic)),
            (Tongue::En, format!("{} {day}", draws.text(12, latin))),
        ]));
        let mut body = json!({ "title": title });
        if place == 0 {
            body["body"] = "jpsc".into();
        }
        record.body = body.into();
        let mut salt = [9; 32];
        salt[..8].copy_from_slice(&index.to_be_bytes());
        let bytes = record.to_bytes();
        rows.push(StoredRecord {
            party: record.stamp.party.clone(),
            index,
            dossier: Some(dossier.clone()),
            sum: record.seen.sum(),
            salt,
            received: record.stamp.at.unix(),
            fate: Fate::Applied(Standing::Effective),
            disclosures: String::new(),
            bytes,
        });
    }
    rows
}

fn size_of(folder: &Path) -> Result<f64, Fault> {
    let at = |error| Fault::file(format!("cannot read {}", folder.display()))(error);
    let mut bytes = 0;
    for entry in std::fs::read_dir(folder.join("data")).map_err(at)? {
        bytes += entry.and_then(|entry| entry.metadata()).map_err(at)?.len();
    }
    #[allow(clippy::cast_precision_loss, reason = "a figure for people")]
    Ok(tenth(bytes as f64 / (1024.0 * 1024.0)))
}
