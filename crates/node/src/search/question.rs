//! From what somebody typed to what is looked for.
//!
//! Words must all be there. `"…"` or `«…»` is a phrase, `word*` a beginning, `-word` must not be there, `title:word` looks in titles
//! alone, and `kind:meeting` narrows as a facet does. A day in words or in numbers is that day, however a text writes it.

use super::refusal::SearchRefusal;
use super::schema::Facet;
use crate::language::Lang;
use crate::web::words;
use tansiq_dossier::channel::ChannelId;
use tansiq_dossier::kinds::Kind;
use tansiq_dossier::label::Classification;
use tansiq_dossier::reference;
use tansiq_dossier::refusal::Refusal;
use tansiq_dossier::time::Date;
use tansiq_text::fold_for_search;
use tansiq_text::search::{self, Spot};

/// The longest question, in characters.
pub const LONGEST: usize = 500;
/// The most words of a question.
pub const MOST_WORDS: usize = 24;
/// The most beginnings of words in a question.
const MOST_PREFIXES: usize = 4;
/// The fewest letters before an asterisk.
const SHORTEST: usize = 2;

/// What is looked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Question {
    /// As it was typed.
    pub typed: String,
    /// What must and must not be there.
    pub clauses: Vec<Clause>,
    /// What hits are narrowed to.
    pub narrowed: Vec<(Facet, String)>,
    /// Only what something was done in since this day.
    pub since: Option<Date>,
    /// Skip so many hits.
    pub skip: u64,
    /// Give at most so many.
    pub limit: u64,
}

/// One thing that must be there, or must not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clause {
    /// Whether it must not be there.
    pub without: bool,
    /// Whether it must stand in the title.
    pub title: bool,
    /// What.
    pub what: What,
}

/// What must be there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// A folded word.
    Word(String),
    /// Words that may be one name, and that name.
    Tied(Vec<String>, String),
    /// Words one after another.
    Phrase(Vec<String>),
    /// The beginning of a word.
    Prefix(String),
    /// A day, or a month.
    Day(tansiq_text::Date),
    /// How a reference number begins.
    Reference(Vec<String>),
}

/// The names of fields before a colon, in the languages of the pages; the title is none of the facets.
const FIELDS: [(&str, Option<Facet>); 38] = [
    ("title", None),
    ("عنوان", None),
    ("العنوان", None),
    ("başlık", None),
    ("kind", Some(Facet::Kind)),
    ("نوع", Some(Facet::Kind)),
    ("النوع", Some(Facet::Kind)),
    ("tür", Some(Facet::Kind)),
    ("state", Some(Facet::State)),
    ("حالة", Some(Facet::State)),
    ("الحالة", Some(Facet::State)),
    ("durum", Some(Facet::State)),
    ("party", Some(Facet::Party)),
    ("طرف", Some(Facet::Party)),
    ("الطرف", Some(Facet::Party)),
    ("taraf", Some(Facet::Party)),
    ("institution", Some(Facet::Institution)),
    ("جهة", Some(Facet::Institution)),
    ("الجهة", Some(Facet::Institution)),
    ("kurum", Some(Facet::Institution)),
    ("label", Some(Facet::Label)),
    ("سرية", Some(Facet::Label)),
    ("السرية", Some(Facet::Label)),
    ("gizlilik", Some(Facet::Label)),
    ("place", Some(Facet::Place)),
    ("مكان", Some(Facet::Place)),
    ("المكان", Some(Facet::Place)),
    ("yer", Some(Facet::Place)),
    ("year", Some(Facet::Year)),
    ("سنة", Some(Facet::Year)),
    ("السنة", Some(Facet::Year)),
    ("yıl", Some(Facet::Year)),
    ("month", Some(Facet::Month)),
    ("شهر", Some(Facet::Month)),
    ("الشهر", Some(Facet::Month)),
    ("ay", Some(Facet::Month)),
    ("channel", Some(Facet::Channel)),
    ("قناة", Some(Facet::Channel)),
];

/// The field that is named so, in whatever language.
fn field(name: &str) -> Option<Option<Facet>> {
    let name = fold_for_search(name);
    FIELDS.iter().find(|(field, _)| fold_for_search(field) == name).map(|(_, facet)| *facet)
}

fn no_such(field: &str) -> Refusal {
    Refusal::from(SearchRefusal::NoSuchField).at(field)
}

/// The value of a facet that is meant. A kind or a level may be named in any language of the pages.
///
/// # Errors
/// `SRC06` when the facet can have no such value.
pub fn value(facet: Facet, typed: &str) -> Result<String, Refusal> {
    let typed = typed.trim();
    let folded = fold_for_search(typed);
    let is = |text: String| fold_for_search(&text) == folded;
    let none = || no_such(facet.name());
    let day = || tansiq_text::fold_for_search(typed).replace(' ', "-").parse::<tansiq_text::Date>().map_err(|_| none());
    match facet {
        Facet::Kind => {
            let named = |kind: &&Kind| {
                let each = Lang::ALL.into_iter();
                each.flat_map(|lang| [words::kind(lang, **kind), crate::language::word(lang, &format!("kinds-{kind}"), &[])])
                    .any(is)
            };
            let known = Kind::named(typed).or_else(|| Kind::ALL.iter().filter(|kind| **kind != Kind::Probe).find(named).copied());
            known.map(|kind| kind.name().to_owned()).ok_or_else(none)
        }
        Facet::Label => {
            let named = |class: &&Classification| {
                let id = format!("label-{}", class.name());
                class.name() == typed || Lang::ALL.into_iter().any(|lang| is(crate::language::word(lang, &id, &[])))
            };
            Classification::ALL.iter().find(named).map(|class| class.name().to_owned()).ok_or_else(none)
        }
        Facet::Party => {
            typed.to_uppercase().parse::<tansiq_dossier::party::PartyId>().map(|party| party.to_string()).map_err(|_| none())
        }
        Facet::Institution => typed.parse::<tansiq_dossier::party::InstitutionId>().map(|id| id.to_string()).map_err(|_| none()),
        Facet::Channel => typed.parse::<ChannelId>().map(|id| id.to_string()).map_err(|_| none()),
        Facet::Year => day().and_then(|date| if date.month.is_none() { Ok(date.to_string()) } else { Err(none()) }),
        Facet::Month => {
            day().and_then(|date| if date.month.is_some() && date.day.is_none() { Ok(date.to_string()) } else { Err(none()) })
        }
        Facet::State | Facet::Place if typed.is_empty() => Err(none()),
        Facet::State | Facet::Place => Ok(typed.to_owned()),
    }
}

impl Question {
    /// Reads what somebody typed.
    ///
    /// # Errors
    /// `SRC01` to `SRC07`.
    pub fn read(typed: &str) -> Result<Question, Refusal> {
        Question::of(typed, [])
    }

    /// The same, with what an address or a call adds to it: facets by their names, and `since`.
    ///
    /// # Errors
    /// `SRC01` to `SRC07`.
    pub fn of<'p>(typed: &str, pairs: impl IntoIterator<Item = (&'p str, &'p str)>) -> Result<Question, Refusal> {
        let mut question = Question::parse(typed)?;
        for (name, value) in pairs {
            match Facet::named(name) {
                Some(facet) => question.narrow(facet, value)?,
                None if name == "since" => question.since = Some(value.parse().map_err(|_| no_such(name))?),
                None => return Err(no_such(name)),
            }
        }
        question.check()
    }

    fn parse(typed: &str) -> Result<Question, Refusal> {
        if typed.chars().count() > LONGEST {
            return Err(SearchRefusal::TooLong.into());
        }
        let mut question = Question { typed: typed.trim().to_owned(), limit: 25, ..Question::default() };
        for run in runs(typed)? {
            question.take(&run)?;
        }
        question.tie();
        Ok(question)
    }

    /// Narrows to one value of a facet.
    ///
    /// # Errors
    /// `SRC06`.
    pub fn narrow(&mut self, facet: Facet, typed: &str) -> Result<(), Refusal> {
        let pair = (facet, value(facet, typed)?);
        if !self.narrowed.contains(&pair) {
            self.narrowed.push(pair);
        }
        Ok(())
    }

    /// Whether it says anything to look for, or to narrow to.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.clauses.is_empty() && self.narrowed.is_empty() && self.since.is_none()
    }

    fn check(self) -> Result<Question, Refusal> {
        let words = |clause: &Clause| match &clause.what {
            What::Phrase(words) | What::Tied(words, _) => words.len(),
            _ => 1,
        };
        if self.clauses.iter().map(words).sum::<usize>() + self.narrowed.len() > MOST_WORDS {
            return Err(SearchRefusal::TooMany.into());
        }
        let prefixes = self.clauses.iter().filter(|clause| matches!(clause.what, What::Prefix(_)));
        if prefixes.count() > MOST_PREFIXES {
            return Err(SearchRefusal::TooMany.into());
        }
        let only_without = !self.clauses.is_empty() && self.clauses.iter().all(|clause| clause.without);
        if only_without && self.narrowed.is_empty() {
            return Err(SearchRefusal::OnlyWithout.into());
        }
        if !self.typed.is_empty() && self.since.is_none() && self.clauses.is_empty() && self.narrowed.is_empty() {
            return Err(SearchRefusal::Nothing.into());
        }
        Ok(self)
    }

    fn take(&mut self, run: &Run) -> Result<(), Refusal> {
        let clause = |title: bool, what: What| Clause { without: run.without, title, what };
        let title = match run.field.as_deref().map(field) {
            None => false,
            Some(Some(None)) => true,
            Some(Some(Some(facet))) if !run.without => return self.narrow(facet, &run.text),
            Some(_) => return Err(no_such(run.field.as_deref().unwrap_or_default())),
        };
        if let Some(day) = run.day {
            self.clauses.push(clause(title, What::Day(day)));
            return Ok(());
        }
        let spots = search::spots(&run.text);
        let words: Vec<String> = spots.iter().map(|spot| spot.word.clone()).collect();
        if run.quoted {
            self.clauses.extend((!words.is_empty()).then(|| clause(title, What::Phrase(words))));
            return Ok(());
        }
        let starred = run.text.trim_end_matches('*');
        if starred.contains('*') || (starred.len() < run.text.len() && words.len() != 1) {
            return Err(SearchRefusal::ShortPrefix.into());
        }
        if starred.len() < run.text.len() {
            let prefix = words.into_iter().next().filter(|word| word.chars().count() >= SHORTEST);
            let prefix = prefix.ok_or_else(|| Refusal::from(SearchRefusal::ShortPrefix))?;
            self.clauses.push(clause(title, What::Prefix(prefix)));
            return Ok(());
        }
        let numbers = reference::meant(&run.text);
        if run.text.contains(['/', '-']) && run.text.chars().any(char::is_numeric) && !numbers.is_empty() {
            self.clauses.push(clause(false, What::Reference(numbers)));
            return Ok(());
        }
        self.clauses.extend(of_run(&spots, words).map(|what| clause(title, what)));
        Ok(())
    }

    /// Puts together what may be one name in two words: "عبد الرحمن" is written Abdulrahman too.
    fn tie(&mut self) {
        let mut at = 0;
        while at + 1 < self.clauses.len() {
            let tied = match (&self.clauses[at], &self.clauses[at + 1]) {
                (
                    Clause { without: false, title, what: What::Word(first) },
                    Clause { without: false, title: same, what: What::Word(second) },
                ) if title == same => {
                    let joined = search::spots(&format!("{first} {second}")).into_iter().find_map(|spot| spot.joined);
                    joined.map(|joined| What::Tied(vec![first.clone(), second.clone()], joined))
                }
                _ => None,
            };
            if let Some(what) = tied {
                self.clauses[at].what = what;
                self.clauses.remove(at + 1);
            }
            at += 1;
        }
    }
}

/// What one run of letters without a blank looks for.
fn of_run(spots: &[Spot], words: Vec<String>) -> Option<What> {
    match words.as_slice() {
        [] => None,
        [word] => Some(What::Word(word.clone())),
        // "al-Araji": the article is no part of the name.
        [head, name] if matches!(head.as_str(), "al" | "el" | "ul") => Some(What::Word(name.clone())),
        [_, _] => {
            let joined = spots.iter().find_map(|spot| spot.joined.clone());
            Some(joined.map_or_else(|| What::Phrase(words.clone()), |joined| What::Tied(words.clone(), joined)))
        }
        _ => Some(What::Phrase(words)),
    }
}

/// One part of what was typed.
#[derive(Debug, Default)]
struct Run {
    without: bool,
    field: Option<String>,
    quoted: bool,
    text: String,
    day: Option<tansiq_text::Date>,
}

fn closing(c: char) -> Option<&'static [char]> {
    match c {
        '"' | '“' | '”' | '„' => Some(&['"', '“', '”']),
        '«' => Some(&['»']),
        _ => None,
    }
}

/// Parts what was typed at blanks and quotation marks, and takes the days out first.
fn runs(typed: &str) -> Result<Vec<Run>, Refusal> {
    let mut chars: Vec<char> = typed.chars().collect();
    let mut found = Vec::new();
    let outside: String = masked(&chars);
    for (start, end, day) in search::days(&outside, &tansiq_text::normalise::fold(&outside)) {
        // What a field is asked for is its value, and no day of its own.
        let led = start.checked_sub(1).and_then(|before| chars.get(before)).is_some_and(|c| matches!(c, ':' | '-'));
        if !led && chars.get(start..end).is_some_and(|part| !part.iter().all(|c| *c == ' ')) {
            chars.iter_mut().take(end).skip(start).for_each(|c| *c = ' ');
            found.push(Run { day: Some(day), ..Run::default() });
        }
    }
    let mut at = 0;
    while at < chars.len() {
        if chars[at].is_whitespace() {
            at += 1;
            continue;
        }
        let mut run = Run::default();
        if matches!(chars[at], '-' | '−') {
            run.without = true;
            at += 1;
        }
        at = read_run(&chars, at, &mut run)?;
        found.push(run);
    }
    Ok(found)
}

/// The same text with blanks for all that is quoted.
fn masked(chars: &[char]) -> String {
    let mut ends: Option<&[char]> = None;
    let mask = |c: &char| match ends {
        Some(closing) => {
            if closing.contains(c) {
                ends = None;
            }
            ' '
        }
        None => {
            ends = closing(*c);
            if ends.is_some() { ' ' } else { *c }
        }
    };
    chars.iter().map(mask).collect()
}

fn read_run(chars: &[char], mut at: usize, run: &mut Run) -> Result<usize, Refusal> {
    while let Some(c) = chars.get(at).filter(|c| !c.is_whitespace()) {
        if let Some(ends) = closing(*c).filter(|_| run.text.is_empty()) {
            let rest = chars.get(at + 1..).unwrap_or_default();
            let length = rest.iter().position(|c| ends.contains(c)).ok_or_else(|| Refusal::from(SearchRefusal::OpenQuote))?;
            run.text = rest[..length].iter().collect();
            run.quoted = true;
            return Ok(at + length + 2);
        }
        if closing(*c).is_some() {
            return Ok(at);
        }
        let names = run.field.is_none() && !run.text.is_empty() && run.text.chars().all(char::is_alphabetic);
        if matches!(c, ':' | '：') && names && chars.get(at + 1).is_some_and(|next| !next.is_whitespace()) {
            run.field = Some(std::mem::take(&mut run.text));
        } else {
            run.text.push(*c);
        }
        at += 1;
    }
    Ok(at)
}
