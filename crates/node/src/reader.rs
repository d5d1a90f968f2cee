//! From a proposal of the statement reader to the form of the act that would open its dossier.
//!
//! Only what the text says is carried over. What the act asks for and the text does not say is left out, so that the form
//! asks the officer for it; nothing is opened before somebody has confirmed it.

use serde_json::{Map, Value, json};
use tansiq_dossier::channel::Charter;
use tansiq_dossier::kinds::Kind;
use tansiq_dossier::party::PartyId;
use tansiq_dossier::words::Tongue;
use tansiq_text::fold_for_search;
use tansiq_text::statement::Proposal;

/// The act that would open a dossier, with what is known of its body.
#[derive(Debug, Clone, PartialEq)]
pub struct Opening {
    /// The kind of dossier.
    pub kind: Kind,
    /// The act.
    pub act: &'static str,
    /// The fields that the statement fills.
    pub body: Value,
}

/// What can be said of the statement itself, to be named as the source of what came of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Origin {
    /// Who published it and where, in the officer's words.
    pub source: String,
    /// The day on which it was published, `2025-10-15`.
    pub published: Option<String>,
    /// The whole text.
    pub text: String,
}

/// The opening act of the dossier that a proposal stands for, in a channel; `None` for what no kind carries yet.
#[must_use]
pub fn draft_of(proposal: &Proposal, charter: &Charter, origin: &Origin) -> Option<Opening> {
    let opening = |kind, act, body: Map<String, Value>| Some(Opening { kind, act, body: Value::Object(body) });
    match proposal.kind.as_str() {
        "meeting" => opening(Kind::Meeting, "propose", meeting(proposal, charter, origin)),
        "agreement" => opening(Kind::Agreement, "draft", agreement(proposal, origin)),
        "commitment" => opening(Kind::Commitment, "draft", commitment(proposal, charter, origin)),
        "statement" => opening(Kind::Statement, "draft", statement(proposal, origin)),
        _ => None,
    }
}

/// Whether a channel holds every party of a proposal; the best one to open it in is the smallest of these.
#[must_use]
pub fn suits(proposal: &Proposal, charter: &Charter) -> bool {
    proposal.parties.iter().all(|code| charter.parties.keys().any(|party| party.as_str() == code))
}

/// Whether a proposal is between parties of a channel: at least two of them, whoever else is named.
#[must_use]
pub fn concerns(proposal: &Proposal, charter: &Charter) -> bool {
    charter.parties.keys().filter(|party| proposal.parties.iter().any(|code| code == party.as_str())).count() > 1
}

fn meeting(proposal: &Proposal, charter: &Charter, origin: &Origin) -> Map<String, Value> {
    let mut body = Map::new();
    body.insert("title".to_owned(), words(&proposal.title, 300));
    if let Some(name) = text(proposal, "body") {
        body.insert("body".to_owned(), json!(body_of(charter, name).unwrap_or_else(|| clean(name, 200))));
    }
    if let Some(date) = whole_date(text(proposal, "date")) {
        body.insert("date".to_owned(), json!(date));
    }
    if let Some(place) = text(proposal, "place") {
        body.insert("place".to_owned(), json!(clean(place, 200)));
    }
    let session = proposal.fields.get("session").and_then(Value::as_i64).filter(|number| (1..=9999).contains(number));
    body.extend(session.map(|number| ("series".to_owned(), json!(number))));
    if let Some(source) = origin.in_one_line() {
        body.insert("sources".to_owned(), json!([{ "text": source }]));
    }
    body
}

fn agreement(proposal: &Proposal, origin: &Origin) -> Map<String, Value> {
    let mut body = Map::new();
    body.insert("title".to_owned(), words(&proposal.title, 400));
    let instrument = match text(proposal, "type") {
        Some("mou") => Some("memorandum"),
        Some("agreement") => Some("agreement"),
        Some("protocol") => Some("protocol"),
        Some("minutes") => Some("minutes"),
        Some("plan") => Some("arrangement"),
        _ => None,
    };
    body.extend(instrument.map(|instrument| ("instrument".to_owned(), json!(instrument))));
    body.extend(origin.as_source());
    body
}

fn commitment(proposal: &Proposal, charter: &Charter, origin: &Origin) -> Map<String, Value> {
    let mut body = Map::new();
    body.insert("title".to_owned(), words(&proposal.title, 400));
    for (field, read) in [("by", "obligor"), ("to", "beneficiary")] {
        let parties = parties(proposal, read, charter);
        if !parties.is_empty() {
            body.insert(field.to_owned(), json!(parties));
        }
    }
    if let Some(quote) = text(proposal, "quote") {
        body.insert("article".to_owned(), json!([{ "tongue": tongue_of(quote), "quote": clean(quote, 10_000) }]));
    }
    body.extend(origin.as_source());
    body
}

/// The text as it was published is the first draft of what the register holds of it.
fn statement(proposal: &Proposal, origin: &Origin) -> Map<String, Value> {
    let mut body = Map::from_iter([("title".to_owned(), words(&proposal.title, 300))]);
    let lines: Vec<String> = origin.text.lines().map(|line| clean(line, 20_000)).collect();
    let text: String = lines.join("\n").trim().chars().take(20_000).collect();
    if !text.is_empty() {
        body.insert("texts".to_owned(), json!([{ "tongue": tongue_of(&text), "text": text }]));
    }
    body
}

impl Origin {
    /// As one line; a source without a name is none.
    fn in_one_line(&self) -> Option<String> {
        let name = Some(self.source.trim()).filter(|source| !source.is_empty())?;
        let parts = [Some(name), self.published.as_deref()];
        Some(clean(&parts.into_iter().flatten().collect::<Vec<_>>().join(" – "), 1000))
    }

    /// As the rows of `sources`; a source without a name is none.
    fn as_source(&self) -> Option<(String, Value)> {
        let title = Some(self.source.trim()).filter(|source| !source.is_empty())?;
        let mut row = Map::from_iter([("title".to_owned(), json!(clean(title, 400)))]);
        row.extend(whole_date(self.published.as_deref()).map(|date| ("date".to_owned(), json!(date))));
        Some(("sources".to_owned(), json!([row])))
    }
}

fn text<'p>(proposal: &'p Proposal, field: &str) -> Option<&'p str> {
    proposal.fields.get(field)?.as_str().filter(|text| !text.trim().is_empty())
}

/// A date that is known to the day; a month or a year alone is none that a form can take.
fn whole_date(date: Option<&str>) -> Option<String> {
    date?.parse::<tansiq_text::Date>().ok().filter(|date| date.day.is_some()).map(|date| date.to_string())
}

fn parties(proposal: &Proposal, field: &str, charter: &Charter) -> Vec<PartyId> {
    let named = proposal.fields.get(field).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let known = named.iter().filter_map(|code| code.as_str()?.parse().ok());
    known.filter(|party| charter.parties.contains_key(party)).collect()
}

/// The identifier of the charter's body that has this name in any of its languages.
fn body_of(charter: &Charter, name: &str) -> Option<String> {
    let wanted = fold_for_search(name);
    let named = |words: &tansiq_dossier::words::Words| words.0.values().any(|text| fold_for_search(text) == wanted);
    charter.bodies.iter().find(|(_, body)| named(&body.name)).map(|(id, _)| id.clone())
}

fn words(text: &str, most: usize) -> Value {
    json!({ tongue_of(text).code(): clean(text, most) })
}

/// The language that the letters of a text tell; English when they tell nothing.
fn tongue_of(text: &str) -> Tongue {
    if text.chars().any(|c| ('\u{0600}'..='\u{06ff}').contains(&c)) {
        Tongue::Ar
    } else if text.chars().any(|c| "ğışĞİŞ".contains(c)) {
        Tongue::Tr
    } else {
        Tongue::En
    }
}

/// The text in one line without marks that change its direction unseen, which no record may hold.
fn clean(text: &str, most: usize) -> String {
    let hidden = |c: &char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{061c}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}');
    let seen: String = text.chars().filter(|c| !hidden(c)).map(|c| if c.is_control() { ' ' } else { c }).collect();
    seen.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(most).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use tansiq_dossier::act::check;
    use tansiq_text::samples::COMMITTEE_MEETING;
    use tansiq_text::statement::{propose, read};

    fn charter() -> Charter {
        serde_json::from_value(json!({
            "name": { "en": "x" }, "class": "exchange", "opened_on": "2025-01-01", "tongues": ["ar", "tr"],
            "parties": {
                "IRQ": { "name": {}, "node": "baghdad.example", "log_key": "", "cosigner_key": "", "tls_pin": "", "institutions": {} },
                "TUR": { "name": {}, "node": "ankara.example", "log_key": "", "cosigner_key": "", "tls_pin": "", "institutions": {} }
            },
            "bodies": { "security": { "name": { "ar": "اللجنة الأمنية العراقية التركية المشتركة" }, "parties": ["IRQ", "TUR"] } }
        }))
        .unwrap()
    }

    #[test]
    fn what_the_text_says_fits_the_act_and_the_rest_is_asked() {
        let origin = Origin {
            source: "وكالة الأنباء العراقية".to_owned(),
            published: Some("2025-11-04".to_owned()),
            text: COMMITTEE_MEETING.to_owned(),
        };
        let reading = read(COMMITTEE_MEETING, "2025-11-04".parse().ok());
        for proposal in propose(&reading, COMMITTEE_MEETING) {
            assert!(suits(&proposal, &charter()));
            let Some(opening) = draft_of(&proposal, &charter(), &origin) else { continue };
            let problems = check(opening.kind.act(opening.act).unwrap().fields, &opening.body);
            assert!(problems.iter().all(|problem| problem.code == "FRM02"), "{problems:?}");
            if opening.kind == Kind::Meeting {
                assert!(problems.is_empty(), "{problems:?}");
                assert_eq!(opening.body["body"], "security");
                assert_eq!(opening.body["date"], "2025-11-04");
            } else {
                assert!(opening.body.get("entry").is_none());
            }
        }
    }

    #[test]
    fn a_joint_statement_begins_with_the_text_as_it_was_published() {
        let text = "بيان مشترك بين العراق وتركيا\nأصدر العراق وتركيا بياناً مشتركاً أكدا فيه أمن الحدود.";
        let found = propose(&read(text, "2025-11-04".parse().ok()), text);
        let proposal = found.iter().find(|proposal| proposal.kind == "statement").unwrap();
        let opening = draft_of(proposal, &charter(), &Origin { text: text.to_owned(), ..Origin::default() }).unwrap();
        assert_eq!((opening.kind, &opening.body["texts"]), (Kind::Statement, &json!([{ "tongue": "ar", "text": text }])));
        let problems = check(opening.kind.act(opening.act).unwrap().fields, &opening.body);
        assert_eq!(problems.iter().map(|problem| problem.field.as_str()).collect::<Vec<_>>(), ["occasion"]);
    }

    #[test]
    fn hidden_direction_marks_and_line_ends_do_not_reach_a_form() {
        assert_eq!(clean("أ\u{200f}ب\nج  د", 4), "أب ج");
    }
}
