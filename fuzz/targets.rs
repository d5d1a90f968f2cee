//! What every parser that meets the outside must hold, whatever bytes it is given: it returns, it gives back what it read,
//! and what it makes is no larger than what came.
//!
//! The same functions are driven by the fuzzer (`make fuzz`), and by the test that replays everything which was ever found
//! (`crates/node/tests/it/corpus.rs`). A broken promise is a panic.

use axum::extract::Query;
use axum::http::Uri;
use std::collections::BTreeSet;
use std::io::Cursor;
use std::str::FromStr;
use tansiq_dossier::body::ActBody;
use tansiq_dossier::channel::{ChannelId, Charter};
use tansiq_dossier::content::ContentHash;
use tansiq_dossier::kinds::Kind;
use tansiq_dossier::party::{InstitutionId, OfficerId, PartyId};
use tansiq_dossier::record::{DossierId, Draft, MAX_RECORD, Record, RecordId, Unreadable};
use tansiq_dossier::reference::{self, Reference};
use tansiq_dossier::sealed::{self, Sealed};
use tansiq_dossier::time::Moment;
use tansiq_log::checkpoint::Checkpoint;
use tansiq_log::cosignature;
use tansiq_log::merkle::{CompactRange, Hash};
use tansiq_log::note::{Note, SignatureLine, VerifierKey};
use tansiq_log::policy::Policy;
use tansiq_log::proof::TlogProof;
use tansiq_log::tile::{Tile, decode_entries, decode_hashes, encode_entries, encode_hashes};
use tansiq_node::attachments::sniff;
use tansiq_node::exchange::bundle::Header;
use tansiq_node::exchange::{frame, late};
use tansiq_node::fault::Trouble;
use tansiq_node::feeds;
use tansiq_node::web::typed::Typed;
use tansiq_text::{Date, dates, normalise, statement};

/// One parser with what it must hold.
pub type Target = fn(&[u8]);

/// Every target by its name, which is that of its folder in `corpus/`.
pub const TARGETS: &[(&str, Target)] = &[
    ("act", act),
    ("bundle", bundle_header),
    ("charter", charter),
    ("checkpoint", checkpoint),
    ("cosignature", cosignature_line),
    ("date", date),
    ("disclosure", disclosure),
    ("draft", draft),
    ("feed", feed),
    ("form", form),
    ("frames", frames),
    ("late", late_records),
    ("names", names),
    ("normalise", folding),
    ("note", note),
    ("policy", policy),
    ("proof", proof),
    ("query", query),
    ("record", record),
    ("reference", references),
    ("sniff", sniffing),
    ("statement", statements),
    ("tile", tile),
];

/// The target of this name.
#[must_use]
pub fn named(name: &str) -> Option<Target> {
    TARGETS.iter().find(|(known, _)| *known == name).map(|(_, target)| *target)
}

/// What has one spelling only is written again as it was read.
fn canonical<T: FromStr + ToString>(text: &str) {
    if let Ok(parsed) = text.parse::<T>() {
        assert_eq!(parsed.to_string(), text);
    }
}

fn note(data: &[u8]) {
    let Ok(note) = Note::parse(data) else { return };
    assert_eq!(note.to_string().as_bytes(), data);
    assert_eq!(note.encoded_len(), data.len());
}

fn checkpoint(data: &[u8]) {
    if let Ok(text) = str::from_utf8(data) {
        canonical::<Checkpoint>(text);
    }
}

/// A signature line, as the cosignature of a body before it: the two are parted by an empty line.
fn cosignature_line(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    let (body, line) = text.rsplit_once("\n\n").unwrap_or(("", text));
    canonical::<SignatureLine>(line);
    canonical::<VerifierKey>(line);
    let key = "witness.example+ba9bc8c2+BPOr3s+qjp3ydIcZ1iL7d9VDJYeHG9Kq1rWMCpkgyUo0".parse::<VerifierKey>();
    if let (Ok(line), Ok(key)) = (line.parse::<SignatureLine>(), key) {
        assert!(cosignature::verify(body, &line, &key).is_err(), "nobody has the key of this witness");
    }
}

fn proof(data: &[u8]) {
    let Ok(proof) = TlogProof::parse(data) else { return };
    assert_eq!(proof.to_string().as_bytes(), data);
    let _verdict = proof.verify(b"entry", &Policy::new());
}

fn policy(data: &[u8]) {
    let Ok(policy) = Policy::parse(data) else { return };
    assert_eq!(Policy::parse(policy.to_string().as_bytes()).unwrap(), policy);
    let _met = policy.is_met_by(["one", "two"]);
}

/// The path of a tile, and what a tile holds.
fn tile(data: &[u8]) {
    if let Ok(path) = str::from_utf8(data) {
        canonical::<Tile>(path);
        if let Ok(tile) = path.parse::<Tile>() {
            let nodes = tile.nodes().count();
            assert!(nodes <= 256 && (!tile.is_within(1) || nodes <= 1));
        }
    }
    if let Ok(hashes) = decode_hashes(data) {
        assert_eq!(encode_hashes(&hashes).unwrap(), data);
    }
    if let Ok(entries) = decode_entries(data) {
        assert_eq!(encode_entries(&entries).unwrap(), data);
    }
    if let Ok(range) = CompactRange::from_bytes(data) {
        assert_eq!(range.to_bytes(), data);
        let _root: Hash = range.root();
    }
}

fn record(data: &[u8]) {
    match Record::parse(data) {
        Ok(record) => {
            // A record may come in other bytes than we would write; it says the same in ours.
            let again = Record::parse(&record.to_bytes()).unwrap();
            assert_eq!(again, record);
            judged(&record.kind, &record.act, &record.body);
        }
        Err(Unreadable::LaterLevel { level, .. }) => assert!(level > 1),
        Err(Unreadable::Refused(refusal)) => assert!(refusal.code.starts_with("REC")),
    }
    assert!(data.len() <= MAX_RECORD || Record::parse(data).is_err());
}

/// A body is judged by the description of its act, and what is said of it names its problems: the same, whether it came as text
/// or as a value.
fn judged(kind: &str, act: &str, body: &ActBody) {
    let Some(kind) = Kind::named(kind) else { return };
    let verdict = kind.check(act, body);
    if let Err(refusal) = &verdict {
        assert!(refusal.code.len() == 5, "{}", refusal.code);
    }
    assert_eq!(kind.check(act, &body.value().clone().into()), verdict);
    let digests = sealed::digests(body);
    if let Some(digests) = digests {
        assert!(digests.windows(2).all(|pair| pair[0] < pair[1]));
        assert!(sealed::without_digests(body).get(sealed::SD).is_none());
    }
}

/// The body of an act of any kind: a line that names kind and act, then the body.
fn act(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    let Some((head, body)) = text.split_once('\n') else { return };
    let Ok(body) = ActBody::of_text(body) else { return };
    match head.split_once(' ') {
        Some((kind, act)) => judged(kind, act, &body),
        // Without one, every act of every kind reads the body.
        None => Kind::ALL.iter().for_each(|kind| kind.acts().iter().for_each(|spec| judged(kind.name(), spec.name, &body))),
    }
}

fn disclosure(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    let Ok(sealed) = Sealed::parse(text) else { return };
    assert_eq!(sealed.text(), text);
    let body = serde_json::json!({ sealed::SD: [sealed.digest()] });
    assert_eq!(sealed.check(&body), Ok(()));
    assert!(sealed.check(&serde_json::json!({})).is_err());
    assert!(format!("{sealed:?}").len() < 32, "a sealed value shows itself");
}

fn charter(data: &[u8]) {
    let Ok(charter) = serde_json::from_slice::<Charter>(data) else { return };
    let sound = charter.check().is_ok();
    let again: Charter = serde_json::from_slice(&serde_json::to_vec(&charter).unwrap()).unwrap();
    assert_eq!(again, charter);
    assert_eq!(again.channel(), charter.channel());
    if sound {
        charter.parties.keys().for_each(|party| assert!(charter.origin(party).is_some()));
    }
}

/// The first byte says into how large pieces the rest is cut.
fn frames(data: &[u8]) {
    let Some((size, stream)) = data.split_first() else { return };
    let (mut reader, mut writer) = (frame::Reader::new(0), frame::Writer::default());
    let mut from = 0;
    for piece in stream.chunks(usize::from(*size).max(1)) {
        reader.feed(piece);
        loop {
            match reader.batch() {
                Err(_) => return,
                Ok(None) => break,
                Ok(Some(batch)) => {
                    assert_eq!(batch.from, from);
                    from += batch.entries.len() as u64;
                    batch.entries.iter().for_each(|entry| writer.entry(entry));
                    writer.checkpoint(&batch.note);
                }
            }
        }
    }
    let written = writer.take();
    assert!(written.len() <= stream.len());
    if reader.finish().is_ok() {
        assert_eq!(written, stream, "frames are written again as they were read");
    }
}

fn late_records(data: &[u8]) {
    let Some((size, stream)) = data.split_first() else { return };
    let mut reader = late::Reader::default();
    let mut bytes = 0;
    for piece in stream.chunks(usize::from(*size).max(1)) {
        reader.feed(piece);
        loop {
            match reader.piece() {
                Err(_) => return,
                Ok(None) => break,
                Ok(Some(piece)) => bytes += piece.records.iter().map(|late| 53 + late.content.bytes.len()).sum::<usize>() + 13,
            }
        }
    }
    assert!(bytes <= stream.len());
    assert!(reader.finish().is_err() || bytes == stream.len());
}

/// Names that are read once and trusted from then on.
fn names(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    canonical::<PartyId>(text);
    canonical::<InstitutionId>(text);
    canonical::<OfficerId>(text);
    canonical::<ChannelId>(text);
    canonical::<DossierId>(text);
    canonical::<RecordId>(text);
    canonical::<ContentHash>(text);
    if let Ok(dossier) = text.parse::<DossierId>() {
        assert!(dossier.opener().is_some() || dossier == DossierId::charter());
    }
}

fn references(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    canonical::<Reference>(text);
    if let Ok(reference) = text.parse::<Reference>() {
        assert!(reference.as_str().starts_with(reference.series()));
    }
    let meant = reference::meant(text);
    assert!(meant.len() <= 2 && meant.iter().all(|beginning| beginning.len() <= 130));
}

/// Dates and moments as records write them, and dates as texts tell them.
fn date(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    canonical::<Moment>(text);
    if let Ok(day) = text.parse::<tansiq_dossier::time::Date>() {
        assert_eq!(day.to_string().parse::<tansiq_dossier::time::Date>().unwrap(), day);
    }
    for found in dates::read(text, Date::new(2026, 1, 31)) {
        assert!(found.span.start < found.span.end && found.span.end <= text.chars().count());
    }
}

fn folding(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    let folded = normalise::fold(text);
    assert_eq!(folded.characters(), text.chars().count());
    let search = normalise::fold_for_search(text);
    assert_eq!(normalise::fold_for_search(&search), search, "what is folded stays as it is");
    let _strays = normalise::stray_bidi_controls(text);
}

/// The reader of statements, up to what it proposes. Its words are checked to stand where it says that they do.
fn statements(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    let reading = statement::read(text, Date::new(2026, 1, 31));
    let length = text.chars().count();
    for spans in reading.evidence().into_values().flatten() {
        assert!(spans.iter().all(|span| span.start < span.end && span.end <= length));
    }
    let _proposals = statement::propose(&reading, text);
}

/// What an officer or a peer brings as a file: the first bytes up to a zero byte are its name.
fn sniffing(data: &[u8]) {
    let (name, bytes) = match data.iter().position(|byte| *byte == 0) {
        Some(end) => (String::from_utf8_lossy(&data[..end]), &data[end + 1..]),
        None => ("".into(), data),
    };
    match sniff::sniff(&mut Cursor::new(bytes), bytes.len() as u64) {
        Ok(found) => drop(sniff::check_name(&name, found)),
        Err(Trouble::Refused(refusal)) => assert!(refusal.code.starts_with("ATT")),
        Err(other) => panic!("bytes in memory are no machine that fails: {other}"),
    }
}

/// The head of a bundle, which comes on a medium from elsewhere.
fn bundle_header(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    if let Some(header) = Header::parse(text) {
        assert_eq!(Header::parse(&header.to_string()), Some(header));
    }
}

/// An RSS or Atom feed, and the HTML in it.
fn feed(data: &[u8]) {
    let found = feeds::items(data).unwrap_or_default();
    // References are written shorter than what they stand for at most by their name; nothing grows by being read.
    let said: usize = found.iter().map(|item| item.title.len() + item.text.len() + item.link.len()).sum();
    assert!(said <= data.len() * 4, "{said} bytes of {}", data.len());
    if let Ok(text) = std::str::from_utf8(data) {
        let plain = feeds::plain(text);
        assert!(plain.len() <= text.len() * 4 && plain.lines().all(|line| !line.trim().is_empty()));
    }
}

/// What a program sends as one act, or as several.
fn draft(data: &[u8]) {
    let one = serde_json::from_slice::<Draft>(data).ok();
    let many = serde_json::from_slice::<Vec<Draft>>(data).unwrap_or_default();
    for draft in one.into_iter().chain(many) {
        judged(&draft.kind, &draft.act, &draft.body);
    }
}

/// A form as a browser sends it: the pair `act=kind name` says which form.
fn form(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    let Ok(uri) = format!("/?{text}").parse::<Uri>() else { return };
    let Ok(Query(pairs)) = Query::<Vec<(String, String)>>::try_from_uri(&uri) else { return };
    let wanted = pairs.iter().find(|(name, _)| name == "act").map(|(_, value)| value.as_str()).unwrap_or_default();
    for kind in Kind::ALL {
        for spec in kind.acts().iter().filter(|spec| wanted == format!("{} {}", kind.name(), spec.name)) {
            let mut typed = Typed::of(*kind, spec, &pairs);
            typed.press(&pairs);
            judged(kind.name(), spec.name, &typed.body.clone().into());
            assert!(serde_json::to_string(&typed.body).unwrap().len() <= 64 * (text.len() + 1024));
        }
    }
}

/// The query of a request for a list.
fn query(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    let Ok(uri) = format!("/api/v1/dossiers?{text}").parse::<Uri>() else { return };
    let Ok(today) = "2026-01-31".parse() else { return };
    match tansiq_node::api::query::filter_of(&uri, today) {
        Ok(filter) => {
            assert!(filter.limit <= tansiq_node::api::query::MOST && filter.reader.is_none());
            let none = BTreeSet::new();
            assert_eq!(filter.asks_for_returns(&none), filter.kind == Some(Kind::Return));
        }
        Err(refusal) => assert!(matches!(refusal.code.as_ref(), "REQ02" | "CHN03")),
    }
}
