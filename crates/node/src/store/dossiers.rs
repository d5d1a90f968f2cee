//! Dossiers as folded: the projection from which pages and lists are made.

use super::channels;
use super::folds::{self, Folds};
use super::logs::{int, uint};
use super::tally::{self, Alike, Tally};
use super::touched;
use crate::fault::Fault;
use crate::store::db::{Connection, OptionalExtension, Statement, Value, params, params_from_iter};
use std::collections::{BTreeMap, BTreeSet};
use tansiq_dossier::channel::{ChannelClass, ChannelId};
use tansiq_dossier::fold::Dossier;
use tansiq_dossier::kinds::Kind;
use tansiq_dossier::label::Classification;
use tansiq_dossier::party::PartyId;
use tansiq_dossier::record::DossierId;
use tansiq_dossier::reference::{self, Reference};
use tansiq_dossier::sheet::Tone;
use tansiq_dossier::time::Date;

/// `,IRQ,TUR,`: a set of parties that can be searched for one.
pub(crate) fn list<'p>(parties: impl IntoIterator<Item = &'p PartyId>) -> String {
    let mut names: Vec<&PartyId> = parties.into_iter().collect();
    names.sort_unstable();
    names.dedup();
    let mut text = String::from(if names.is_empty() { "" } else { "," });
    for name in names {
        text.push_str(name.as_str());
        text.push(',');
    }
    text
}

pub(crate) fn parties(text: &str) -> BTreeSet<PartyId> {
    text.split(',').filter_map(|name| name.parse().ok()).collect()
}

/// A dossier as folded, if anything is known of it here.
///
/// # Errors
/// When the store fails or is damaged.
pub fn get(connection: &Connection, channel: &ChannelId, dossier: &DossierId) -> Result<Option<Dossier>, Fault> {
    Folds::default().get(connection, channel, dossier)
}

/// What is kept of its fold, as bytes: whoever only asks whether it changed need not read it.
///
/// # Errors
/// When the store fails.
pub fn bytes(connection: &Connection, channel: &ChannelId, dossier: &DossierId) -> Result<Option<Vec<u8>>, Fault> {
    Ok(connection
        .prepare_cached("SELECT fold FROM dossier WHERE channel = ?1 AND dossier = ?2")?
        .query_row([channel.as_str(), dossier.as_str()], |row| row.get(0))
        .optional()?)
}

/// Every dossier in which a record sealed anything.
///
/// # Errors
/// When the store fails or is damaged.
pub fn with_sealings(connection: &Connection) -> Result<Vec<(ChannelId, Dossier)>, Fault> {
    let mut query = connection.prepare_cached("SELECT channel, fold FROM dossier WHERE sealed = 1")?;
    let mut rows = query.query([])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let fold: Vec<u8> = row.get(1)?;
        found.push((row.get(0)?, folds::parse(&fold)?));
    }
    Ok(found)
}

const PUT: &str = "INSERT INTO dossier (channel, dossier, kind, title, state, done, due, owner, awaits, audience, class, caveats, changed, fold, reference, sealed)
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)
     ON CONFLICT (channel, dossier) DO UPDATE SET
     title = excluded.title, state = excluded.state, done = excluded.done, due = excluded.due, owner = excluded.owner,
     awaits = excluded.awaits, audience = excluded.audience, class = excluded.class, caveats = excluded.caveats,
     changed = excluded.changed,
     fold = excluded.fold, reference = excluded.reference, sealed = excluded.sealed
     WHERE (dossier.title, dossier.state, dossier.done, dossier.due, dossier.owner, dossier.awaits, dossier.audience,
            dossier.class, dossier.caveats, dossier.fold, dossier.reference, dossier.sealed)
     IS DISTINCT FROM (excluded.title, excluded.state, excluded.done, excluded.due, excluded.owner, excluded.awaits,
             excluded.audience, excluded.class, excluded.caveats, excluded.fold, excluded.reference, excluded.sealed)";

/// Writes dossiers as they are folded, within one transaction, with one statement; and what their counts change by.
pub struct Writer<'c> {
    connection: &'c Connection,
    statement: Statement<'c>,
    tally: Tally,
    today: Date,
}

impl<'c> Writer<'c> {
    /// Prepares to write what dossiers are on a day.
    ///
    /// # Errors
    /// When the store fails.
    pub fn new(connection: &'c Connection, today: Date) -> Result<Writer<'c>, Fault> {
        Ok(Writer { connection, statement: connection.prepare_cached(PUT)?, tally: Tally::default(), today })
    }

    /// Writes a dossier of which nothing was kept before: that it has no files need not be looked up.
    ///
    /// # Errors
    /// When the store fails.
    pub fn add(&mut self, channel: &ChannelId, dossier: &Dossier, now: i64) -> Result<(), Fault> {
        let (_, alike) = self.write(channel, dossier, true, now)?;
        self.tally.shift(None, Some(alike));
        if !dossier.custody.attachments.is_empty() {
            super::attachments::follow(self.connection, channel, dossier)?;
        }
        Ok(())
    }

    /// Writes a dossier, unless it is kept just so. Returns whether anything was written.
    ///
    /// # Errors
    /// When the store fails.
    pub fn put(&mut self, channel: &ChannelId, dossier: &Dossier, now: i64) -> Result<bool, Fault> {
        let before = tally::of(self.connection, channel, &dossier.id)?;
        let (written, after) = self.write(channel, dossier, false, now)?;
        self.tally.shift(before, Some(after));
        super::attachments::follow(self.connection, channel, dossier)?;
        Ok(written)
    }

    /// Returns whether anything was written, which it is where the dossier is new, and what the dossier is counted as.
    fn write(&mut self, channel: &ChannelId, dossier: &Dossier, is_new: bool, now: i64) -> Result<(bool, Alike), Fault> {
        let json = |error: serde_json::Error| Fault::Damaged(error.to_string());
        let connection = self.connection;
        let sheet = dossier.line(self.today);
        let class = Classification::ALL.iter().position(|class| *class == dossier.label.class).unwrap_or_default();
        let caveats = serde_json::to_string(&dossier.label.caveats).map_err(json)?;
        if !dossier.label.caveats.is_empty() {
            connection.prepare_cached("INSERT INTO handling (caveats) VALUES (?1) ON CONFLICT DO NOTHING")?.run([&caveats])?;
        }
        let alike = Alike {
            channel: channel.clone(),
            kind: dossier.kind.name().into(),
            state: sheet.state,
            done: i64::from(sheet.tone == Tone::Done),
            owner: sheet.owner.map(String::from).unwrap_or_default(),
            awaits: list(sheet.awaiting.iter().map(|step| &step.party)),
            audience: list(&dossier.audience),
            class: int(class as u64),
            caveats,
        };
        let title = serde_json::to_string(&sheet.title).map_err(json)?;
        let due = sheet.due.and_then(tansiq_dossier::time::Due::date).map(|date| date.to_string());
        let fold = folds::written(dossier)?;
        let row = params![
            channel.as_str(),
            dossier.id.as_str(),
            alike.kind.as_ref(),
            title,
            alike.state,
            alike.done,
            due,
            Some(alike.owner.as_str()).filter(|owner| !owner.is_empty()),
            alike.awaits,
            alike.audience,
            alike.class,
            alike.caveats,
            now,
            fold,
            dossier.reference.as_ref().map(Reference::as_str),
            !dossier.custody.sealings.is_empty(),
        ];
        let written = if is_new {
            self.statement.run(row)?;
            true
        } else {
            self.statement.execute(row)? > 0
        };
        if written && touched::is_followed(dossier.kind) {
            touched::note(connection, channel, &dossier.id, now, false)?;
        }
        Ok((written, alike))
    }

    /// Forgets the fold of a dossier, and says whether there was one.
    ///
    /// # Errors
    /// When the store fails.
    pub fn forget(&mut self, channel: &ChannelId, dossier: &DossierId) -> Result<bool, Fault> {
        let connection = self.connection;
        self.tally.shift(tally::of(connection, channel, dossier)?, None);
        let deleted = connection
            .prepare_cached("DELETE FROM dossier WHERE channel = ?1 AND dossier = ?2")?
            .execute([channel.as_str(), dossier.as_str()])?;
        super::attachments::forget(connection, channel, dossier)?;
        if deleted > 0 {
            touched::note(connection, channel, dossier, 0, true)?;
        }
        Ok(deleted > 0)
    }

    /// Writes what the counts change by.
    ///
    /// # Errors
    /// When the store fails.
    pub fn close(mut self) -> Result<(), Fault> {
        self.tally.write(self.connection)
    }
}

/// When a dossier last changed here, if it is kept.
///
/// # Errors
/// When the store fails.
pub fn changed(connection: &Connection, channel: &ChannelId, dossier: &DossierId) -> Result<Option<i64>, Fault> {
    let found = connection
        .prepare_cached("SELECT changed FROM dossier WHERE channel = ?1 AND dossier = ?2")?
        .query_row([channel.as_str(), dossier.as_str()], |row| row.get(0))
        .optional()?;
    Ok(found)
}

/// How far somebody may see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reader {
    /// The party at home, which must be in the audience.
    pub own: PartyId,
    /// The highest level.
    pub class: Classification,
    /// The caveats held: a dossier's must all be among them.
    pub caveats: BTreeSet<String>,
    /// Whether returns of persons are there for it. Even then only a filter that asks for them finds any.
    pub returns: bool,
}

/// What to list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Only in this channel.
    pub channel: Option<ChannelId>,
    /// Only of this kind.
    pub kind: Option<Kind>,
    /// Only in this state.
    pub state: Option<String>,
    /// Only those that this party takes part in.
    pub party: Option<PartyId>,
    /// Only those that wait for this party.
    pub awaits: Option<PartyId>,
    /// Only those that this institution owes something in.
    pub owner: Option<String>,
    /// Only those due before this day and not done.
    pub due_before: Option<Date>,
    /// Only those whose title holds this text, or whose reference number begins with it.
    pub title: Option<String>,
    /// Only what this reader may see.
    pub reader: Option<Reader>,
    /// Skip so many.
    pub skip: u64,
    /// Give at most so many.
    pub limit: u64,
}

impl Filter {
    /// Whether this asks for returns of persons by their kind or by a channel of theirs, and so finds nothing else.
    #[must_use]
    pub fn asks_for_returns(&self, channels: &BTreeSet<ChannelId>) -> bool {
        self.kind == Some(Kind::Return) || self.channel.as_ref().is_some_and(|channel| channels.contains(channel))
    }
}

/// One line of a list.
#[derive(Debug, Clone)]
pub struct Line {
    /// The channel.
    pub channel: ChannelId,
    /// What the channel is for.
    pub class: ChannelClass,
    /// The dossier as folded.
    pub dossier: Dossier,
    /// When it last changed here, in seconds since 1970 UTC.
    pub changed: i64,
}

/// Dossiers by a filter, the latest changed first.
///
/// # Errors
/// When the store fails or is damaged.
pub fn find(connection: &Connection, filter: &Filter) -> Result<Vec<Line>, Fault> {
    let classes = channels::classes(connection)?;
    let (handling, returns) = (handling(connection)?, channels::returns_among(&classes));
    let asks = filter.asks_for_returns(&returns);
    let strands = strands(connection, filter, &handling, &returns, &classes)?;
    let (skip, most) = match strands.len() {
        1 => (filter.skip, filter.limit),
        _ => (0, filter.skip.saturating_add(filter.limit)),
    };
    let mut found = Vec::new();
    for strand in &strands {
        let (conditions, mut values) = conditions(strand, &handling, &returns, asks);
        values.push(Value::Integer(int(most)));
        values.push(Value::Integer(int(skip)));
        let text = format!(
            "SELECT channel, fold, changed, dossier FROM dossier WHERE {conditions}
             ORDER BY changed DESC, dossier DESC LIMIT ?{} OFFSET ?{}",
            values.len() - 1,
            values.len()
        );
        let mut query = connection.prepare_cached(&text)?;
        let rows = query.query_map(params_from_iter(values), |row| {
            Ok((row.get::<_, i64>(2)?, row.get::<_, DossierId>(3)?, row.get::<_, ChannelId>(0)?, row.get::<_, Vec<u8>>(1)?))
        })?;
        for row in rows {
            found.push(row?);
        }
    }
    if strands.len() > 1 {
        found.sort_by(|one, other| (other.0, &other.1).cmp(&(one.0, &one.1)));
        let skipped = usize::try_from(filter.skip).unwrap_or(usize::MAX).min(found.len());
        found.drain(..skipped);
        found.truncate(usize::try_from(filter.limit).unwrap_or(usize::MAX));
    }
    let mut folds = Folds::default();
    let line = |(changed, id, channel, fold): (i64, DossierId, ChannelId, Vec<u8>)| {
        let class = *classes.get(&channel).ok_or_else(|| Fault::Damaged(format!("the channel {channel} of a dossier")))?;
        let dossier = folds.read(connection, &channel, &id, &fold)?;
        Ok(Line { channel, class, dossier, changed })
    };
    found.into_iter().map(line).collect()
}

/// The same filter in parts, in each of which the latest changed come first out of an index: by channel, kind and state of those
/// that are there at all; what waits for somebody, or is late, by channel alone. A part finds nothing that the whole does not
/// find.
fn strands(
    connection: &Connection,
    filter: &Filter,
    handling: &[String],
    returns: &BTreeSet<ChannelId>,
    classes: &BTreeMap<ChannelId, ChannelClass>,
) -> Result<Vec<Filter>, Fault> {
    if filter.awaits.is_some() || filter.due_before.is_some() {
        let channels = classes.keys().filter(|channel| filter.channel.as_ref().is_none_or(|only| only == *channel));
        return Ok(channels.map(|channel| Filter { channel: Some(channel.clone()), ..filter.clone() }).collect());
    }
    let counted = Filter { title: None, ..filter.clone() };
    let (conditions, values) = conditions(&counted, handling, returns, filter.asks_for_returns(returns));
    let mut found = Vec::new();
    for (channel, kind, state) in tally::places(connection, (&conditions, values))? {
        let damaged = || Fault::Damaged(format!("the counts of {channel}"));
        let kind = Some(Kind::named(&kind).ok_or_else(damaged)?);
        found.push(Filter { channel: Some(channel.parse().map_err(|_| damaged())?), kind, state: Some(state), ..filter.clone() });
    }
    Ok(found)
}

impl Filter {
    /// Whether all that it asks for is counted.
    fn is_counted(&self) -> bool {
        self.title.is_none() && self.due_before.is_none()
    }
}

/// How many dossiers a filter finds, whatever its limit.
///
/// # Errors
/// When the store fails.
pub fn count(connection: &Connection, filter: &Filter) -> Result<u64, Fault> {
    let returns = channels::of_returns(connection)?;
    let (conditions, values) = conditions(filter, &handling(connection)?, &returns, filter.asks_for_returns(&returns));
    if filter.is_counted() {
        return tally::count(connection, (&conditions, values));
    }
    let text = format!("SELECT count(*) FROM dossier WHERE {conditions}");
    let found: i64 = connection.prepare_cached(&text)?.query_row(params_from_iter(values), |row| row.get(0))?;
    Ok(uint(found))
}

/// How many dossiers of each kind a filter finds, of the kinds of which it finds any. Returns are counted like the others,
/// for a reader who may know of them: each kind is asked for by its name.
///
/// # Errors
/// When the store fails.
pub fn count_by_kind(connection: &Connection, filter: &Filter) -> Result<BTreeMap<Kind, u64>, Fault> {
    let returns = channels::of_returns(connection)?;
    let handling = handling(connection)?;
    let mut found = BTreeMap::new();
    for filter in [filter.clone(), Filter { kind: Some(Kind::Return), ..filter.clone() }] {
        let (conditions, values) = conditions(&filter, &handling, &returns, filter.asks_for_returns(&returns));
        let counts = if filter.is_counted() {
            tally::count_by_kind(connection, (&conditions, values))?
        } else {
            let text = format!("SELECT kind, count(*) FROM dossier WHERE {conditions} GROUP BY kind");
            let mut query = connection.prepare_cached(&text)?;
            let rows =
                query.query_map(params_from_iter(values), |row| Ok((row.get::<_, String>(0)?, uint(row.get::<_, i64>(1)?))))?;
            rows.collect::<Result<_, _>>()?
        };
        found.extend(counts.into_iter().filter_map(|(kind, count)| Some((Kind::named(&kind)?, count))));
    }
    Ok(found)
}

/// The dossiers that bear this reference number. An honest opener gives a number once; another could give it again.
///
/// # Errors
/// When the store fails or is damaged.
pub fn by_reference(connection: &Connection, reference: &Reference) -> Result<Vec<(ChannelId, DossierId)>, Fault> {
    let mut query = connection.prepare_cached("SELECT channel, dossier FROM dossier WHERE reference = ?1 LIMIT 100")?;
    let rows = query.query_map([reference.as_str()], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn handling(connection: &Connection) -> Result<Vec<String>, Fault> {
    let mut query = connection.prepare_cached("SELECT caveats FROM handling")?;
    let rows = query.query_map([], |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The conditions of a filter, and their values in order.
#[derive(Default)]
struct Conditions {
    parts: Vec<String>,
    values: Vec<Value>,
}

impl Conditions {
    /// A condition in which each `?` stands for the next of these values.
    fn add(&mut self, text: &str, values: impl IntoIterator<Item = Value>) {
        let mut part = String::with_capacity(text.len() + 8);
        let mut values = values.into_iter();
        for (number, piece) in text.split('?').enumerate() {
            if number > 0 {
                self.values.extend(values.next());
                part.push_str(&format!("?{}", self.values.len()));
            }
            part.push_str(piece);
        }
        self.parts.push(part);
    }

    fn add_text(&mut self, text: &str, value: impl Into<String>) {
        self.add(text, [Value::Text(value.into())]);
    }

    /// That a column holds one of these texts.
    fn among<'t>(column: &str, texts: impl IntoIterator<Item = &'t str>) -> (String, Vec<Value>) {
        let values: Vec<Value> = texts.into_iter().map(|text| Value::Text(text.to_owned())).collect();
        // A list without a member is written as one that nothing equals.
        let marks = if values.is_empty() { "NULL".to_owned() } else { vec!["?"; values.len()].join(", ") };
        (format!("{column} IN ({marks})"), values)
    }
}

/// A pattern for what holds this text anywhere.
fn holding(text: &str) -> String {
    let mut pattern = String::from("%");
    for letter in text.to_ascii_lowercase().chars() {
        if matches!(letter, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(letter);
    }
    pattern.push('%');
    pattern
}

/// Whether returns are asked for is told apart: a part of a filter names a channel and a kind where the whole may not.
fn conditions(
    filter: &Filter,
    handling: &[String],
    returns: &BTreeSet<ChannelId>,
    asks_for_returns: bool,
) -> (String, Vec<Value>) {
    let mut all = Conditions { parts: vec!["1 = 1".to_owned()], values: Vec::new() };
    if let Some(title) = &filter.title {
        // What begins with a text lies between it and it followed by the last of all letters.
        let begins = reference::meant(title);
        let ranges = " OR (reference >= ? AND reference < ?)".repeat(begins.len());
        let bounds = begins.into_iter().flat_map(|from| [Value::Text(from.clone()), Value::Text(format!("{from}\u{10ffff}"))]);
        let values = std::iter::once(Value::Text(holding(title))).chain(bounds);
        all.add(&format!("(lower(title) LIKE ? ESCAPE '\\'{ranges})"), values);
    }
    if let Some(channel) = &filter.channel {
        all.add_text("channel = ?", channel.as_str());
    }
    if let Some(kind) = filter.kind {
        all.add_text("kind = ?", kind.name());
    }
    if let Some(state) = &filter.state {
        all.add_text("state = ?", state.as_str());
    }
    if let Some(party) = &filter.party {
        all.add_text("audience LIKE ?", format!("%,{party},%"));
    }
    if let Some(party) = &filter.awaits {
        all.add_text("awaits <> '' AND awaits LIKE ?", format!("%,{party},%"));
    }
    if let Some(owner) = &filter.owner {
        all.add_text("owner = ?", owner.as_str());
    }
    if let Some(date) = filter.due_before {
        all.add_text("done = 0 AND due IS NOT NULL AND due < ?", date.to_string());
    }
    if let Some(reader) = &filter.reader {
        readable(&mut all, reader, reader.returns && asks_for_returns, handling, returns);
    }
    (all.parts.join(" AND "), all.values)
}

/// That a reader may see it.
fn readable(all: &mut Conditions, reader: &Reader, finds_returns: bool, handling: &[String], returns: &BTreeSet<ChannelId>) {
    let level = Classification::ALL.iter().position(|level| *level == reader.class).unwrap_or_default();
    all.add("class <= ?", [Value::Integer(int(level as u64))]);
    all.add_text("audience LIKE ?", format!("%,{},%", reader.own));
    // Sets of caveats are few. One that cannot be read is held by nobody.
    let held = handling.iter().filter(|set| {
        let set: Result<BTreeSet<String>, _> = serde_json::from_str(set);
        set.is_ok_and(|set| set.is_subset(&reader.caveats))
    });
    let held: BTreeSet<&str> = held.map(String::as_str).chain(["[]"]).collect();
    let (text, values) = Conditions::among("caveats", held);
    all.add(&text, values);
    // No search of anything else reaches a return: neither its line nor its part in a count.
    if !finds_returns {
        let (hidden, values) = Conditions::among("channel", returns.iter().map(ChannelId::as_str));
        if !values.is_empty() {
            all.add(&format!("(kind = 'charter' OR NOT {hidden})"), values);
        }
        all.add_text("kind <> ?", Kind::Return.name());
    }
}
