//! Sheets and bodies as pages show them.
use super::names::{Names, short, text_in};
use crate::language::{Lang, number, word};
use crate::views::Item;
use crate::web::parts::{Chip, Fact, Link, Row, Rows, Shown, Text, Texts, Tone};
use crate::web::words;
use serde_json::Value;
use tansiq_dossier::act::{ActSpec, Field, Shape};
use tansiq_dossier::channel::ChannelId;
use tansiq_dossier::kinds::Kind;
use tansiq_dossier::record::DossierId;
use tansiq_dossier::sheet::{self, Datum};
use tansiq_dossier::words::Words;

/// What a state of this tone means for the reader.
pub(super) fn tone(tone: sheet::Tone, state: &str, late: bool) -> Tone {
    match (tone, state) {
        _ if late => Tone::Late,
        (_, "blocked") => Tone::Blocked,
        (_, "draft" | "translation") => Tone::Draft,
        (
            _,
            "cancelled" | "waived" | "expired" | "terminated" | "superseded" | "suspended" | "rescinded" | "withdrawn" | "lapsed"
            | "declined",
        ) => Tone::Stopped,
        (sheet::Tone::Running, _) => Tone::Going,
        (sheet::Tone::Waiting, _) => Tone::Waiting,
        (sheet::Tone::Alarm, _) => Tone::Contested,
        (sheet::Tone::Done, _) => Tone::Done,
    }
}

/// The icon of a kind.
pub(super) fn icon(kind: Kind) -> &'static str {
    match kind {
        Kind::Probe => "dossier",
        Kind::Statement => "publication",
        other => other.name(),
    }
}

/// The number by which people quote a dossier, or a short name of one that they never quote.
pub(super) fn reference(item: &Item) -> String {
    item.reference.as_ref().map_or_else(|| short(&item.dossier), ToString::to_string)
}

/// The page of a dossier.
pub(super) fn address(channel: &ChannelId, dossier: &DossierId) -> String {
    format!("/dossiers/{channel}/{dossier}")
}

/// A title that may be said in no language at all.
pub(super) fn title(names: Names<'_>, title: &Words, dossier: &DossierId) -> Text {
    names.words(title).unwrap_or_else(|| Text::plain(short(dossier)))
}

/// What a dossier shows, for one reader in one channel.
pub(super) struct Shows<'v> {
    pub(super) names: Names<'v>,
    pub(super) channel: &'v ChannelId,
    pub(super) kind: Kind,
    /// Other dossiers of the channel that the reader may see, to be quoted by their numbers.
    pub(super) beside: &'v [Item],
}

impl Shows<'_> {
    fn lang(&self) -> Lang {
        self.names.lang
    }

    /// A value of a sheet.
    pub(super) fn datum(&self, datum: &Datum) -> Shown {
        match datum {
            Datum::Term(id) => Shown::Words(word(self.lang(), id, &[])),
            Datum::Words(words) => self.words(words),
            Datum::Text(text) => Shown::Text(Text::plain(text)),
            Datum::Date(day) => Shown::Words(self.names.day(*day)),
            Datum::Due(due) => Shown::Words(self.names.due(*due)),
            Datum::Moment(moment) => Shown::Words(self.names.moment(moment.unix())),
            Datum::Number(n) => Shown::Words(number(self.lang(), *n)),
            Datum::Party(party) => Shown::Text(self.names.party(party)),
            Datum::Institution(institution) => Shown::Text(self.names.institution(institution)),
            Datum::Record(record) => Shown::Code(record.short()),
            Datum::Dossier(dossier) => {
                let known = self.beside.iter().find(|item| item.dossier == *dossier);
                let text = known.map_or_else(|| short(dossier), reference);
                Shown::Link(Link { href: address(self.channel, dossier), text: Text::plain(text) })
            }
            Datum::Content(content) => Shown::Code(content.short()),
            Datum::Claim(name) => Shown::Words(words::claim(self.lang(), self.kind, name)),
            Datum::List(data) => Shown::List(data.iter().map(|datum| self.datum(datum)).collect()),
        }
    }

    fn words(&self, words: &Words) -> Shown {
        let said = words.0.iter().filter(|(_, text)| !text.trim().is_empty());
        let texts: Vec<Text> = said.map(|(tongue, text)| text_in(*tongue, text)).collect();
        if texts.len() > 1 {
            Shown::Texts(Texts { texts })
        } else {
            Shown::Text(texts.into_iter().next().unwrap_or_else(|| Text::plain("")))
        }
    }

    /// The same value as one line of plain text.
    pub(super) fn plain(&self, datum: &Datum) -> String {
        match datum {
            Datum::Words(words) => self.names.words(words).map(|text| text.text).unwrap_or_default(),
            Datum::List(data) => joined(data.iter().map(|datum| self.plain(datum))),
            other => match self.datum(other) {
                Shown::Words(text) | Shown::Code(text) => text,
                Shown::Text(text) => text.text,
                Shown::Link(link) => link.text.text,
                _ => String::new(),
            },
        }
    }

    /// A fact of a sheet, or of a row in one of its sections.
    pub(super) fn fact(&self, scope: &str, fact: &sheet::Fact) -> Fact {
        let label = words::field(self.lang(), self.kind, scope, &fact.name);
        let value = match (&fact.datum, fact.name.as_str()) {
            (Datum::Text(body), "body") if self.kind == Kind::Meeting => Shown::Text(self.names.body(body)),
            (datum, _) => self.datum(datum),
        };
        Fact::new(label, value)
    }

    /// What the body of an act says, field by field.
    pub(super) fn answers(&self, spec: &ActSpec, body: &Value) -> Vec<Fact> {
        let said = spec.fields.iter().filter_map(|field| Some((field, body.get(field.name)?)));
        said.map(|(field, value)| {
            Fact::new(words::field(self.lang(), self.kind, spec.name, field.name), self.by_shape(field, value))
        })
        .collect()
    }

    /// A value of a body, by the shape of its field.
    fn by_shape(&self, field: &Field, value: &Value) -> Shown {
        let text = value.as_str().unwrap_or_default();
        match field.shape {
            Shape::Words(_) => {
                serde_json::from_value(value.clone()).map_or(Shown::Text(Text::plain("")), |words| self.words(&words))
            }
            Shape::Choice(_) => Shown::Words(words::choice(self.lang(), field.name, text)),
            Shape::Tongue => Shown::Words(words::choice(self.lang(), "tongue", text)),
            Shape::Date => Shown::Words(text.parse().map_or_else(|_| text.to_owned(), |day| self.names.day(day))),
            Shape::Due => {
                Shown::Words(serde_json::from_value(value.clone()).map_or_else(|_| text.to_owned(), |due| self.names.due(due)))
            }
            Shape::Whole(..) => Shown::Words(value.as_i64().map_or_else(|| text.to_owned(), |n| number(self.lang(), n))),
            Shape::Flag => Shown::Words(word(self.lang(), if value == &Value::Bool(true) { "yes" } else { "no" }, &[])),
            Shape::Party => Shown::Text(text.parse().map_or_else(|_| Text::plain(text), |party| self.names.party(&party))),
            Shape::Institution => Shown::Text(text.parse().map_or_else(|_| Text::plain(text), |id| self.names.institution(&id))),
            Shape::Moment => {
                let at = text.parse::<tansiq_dossier::time::Moment>();
                Shown::Words(at.map_or_else(|_| text.to_owned(), |at| self.names.moment(at.unix())))
            }
            Shape::Dossier | Shape::Record | Shape::Content | Shape::Disclosure => Shown::Code(text.chars().take(16).collect()),
            Shape::Parties | Shape::Tongues | Shape::Choices(_) | Shape::Claims => Shown::Words(self.several(field, value)),
            Shape::Group(fields) => Shown::Text(Text::plain(self.row(fields, value))),
            Shape::Rows(_, fields) => Shown::Text(Text::plain(self.rows(fields, value))),
            Shape::Text(_) if field.name == "body" => Shown::Text(self.names.body(text)),
            Shape::Text(_) | Shape::Paragraphs(_) | Shape::Clock | Shape::Decimal(..) | Shape::Anything => {
                Shown::Text(Text::plain(text))
            }
        }
    }

    fn several(&self, field: &Field, value: &Value) -> String {
        let items = value.as_array().map(Vec::as_slice).unwrap_or_default().iter().filter_map(Value::as_str);
        let named = |item: &str| match field.shape {
            Shape::Choices(_) => words::choice(self.lang(), field.name, item),
            Shape::Claims => words::claim(self.lang(), self.kind, item),
            Shape::Parties => item.parse().map_or_else(|_| item.to_owned(), |party| self.names.party(&party).text),
            _ => words::choice(self.lang(), "tongue", item),
        };
        joined(items.map(named))
    }

    fn rows(&self, fields: &[Field], value: &Value) -> String {
        let rows = value.as_array().map(Vec::as_slice).unwrap_or_default();
        rows.iter().map(|row| self.row(fields, row)).collect::<Vec<_>>().join("; ")
    }

    fn row(&self, fields: &[Field], row: &Value) -> String {
        joined(fields.iter().filter_map(|field| Some(self.line(field, row.get(field.name)?))))
    }

    /// A value of a body, as one line.
    fn line(&self, field: &Field, value: &Value) -> String {
        match self.by_shape(field, value) {
            Shown::Words(text) | Shown::Code(text) => text,
            Shown::Text(text) => text.text,
            Shown::Texts(texts) => {
                let own = texts.texts.iter().find(|text| text.lang == Some(self.lang()));
                own.or(texts.texts.first()).map(|text| text.text.clone()).unwrap_or_default()
            }
            _ => String::new(),
        }
    }

    /// What an act said, in one line; nothing where it only pointed at something.
    pub(super) fn note(&self, act: &str, body: &Value) -> Option<String> {
        let spec = self.kind.act(act)?;
        let told = |field: &&Field| {
            let points = matches!(field.shape, Shape::Content | Shape::Record | Shape::Disclosure | Shape::Anything);
            !points && !matches!(field.shape, Shape::Rows(..) | Shape::Flag)
        };
        let values = spec.fields.iter().filter(told).filter_map(|field| Some(self.line(field, body.get(field.name)?)));
        let line = joined(values.filter(|value| !value.is_empty()).take(4).map(|value| shorten(&value, 120)));
        (!line.is_empty()).then_some(line)
    }
}

/// Several values in one line, each set apart from the direction of its neighbours.
fn joined(values: impl Iterator<Item = String>) -> String {
    values.map(|value| format!("\u{2068}{value}\u{2069}")).collect::<Vec<_>>().join(" · ")
}

/// A text, cut at a length, with a mark where it was cut.
pub(super) fn shorten(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((at, _)) => format!("{}…", text.get(..at).unwrap_or(text).trim_end()),
        None => text.to_owned(),
    }
}

/// A list of dossiers.
pub(super) fn rows<'v>(
    lang: Lang,
    names: impl Fn(&ChannelId) -> Names<'v>,
    own: &tansiq_dossier::party::PartyId,
    items: &[Item],
) -> Rows {
    let caption = word(lang, "rows-caption", &[("n", items.len().into())]);
    let row = |item: &Item| {
        let names = names(&item.channel);
        let own_step = item.awaiting.iter().find(|step| step.party == *own);
        let step = own_step.or(item.awaiting.first());
        let note = step.map(|step| {
            let act = words::act(lang, item.kind, &step.act);
            word(lang, "row-awaits", &[("party", names.party(&step.party).text.into()), ("name", act.into())])
        });
        Row {
            href: address(&item.channel, &item.dossier),
            reference: reference(item),
            title: title(names, &item.title, &item.dossier),
            icon: icon(item.kind),
            kind: words::kind(lang, item.kind),
            note: note.unwrap_or_default(),
            owner: item.owner.as_ref().map(|owner| names.institution(owner)),
            party: item.owner.as_ref().map(|owner| names.party(&owner.party()).text).unwrap_or_default(),
            due: item.due.map(|due| names.due(due)).unwrap_or_default(),
            late: item.late,
            chip: Chip::new(tone(item.tone, &item.state, item.late), words::state(lang, item.kind, &item.state)),
        }
    };
    Rows { lang, caption, rows: items.iter().map(row).collect() }
}
