//! The statement reader: a published text in, proposals beside it, and a person who confirms or drops each.
use super::alike::Alike;
use super::show::{Shows, icon};
use super::visit::{Pairs, Posted, Visit, rendered, value};
use crate::fault::{Fault, Trouble};
use crate::language::{Lang, word};
use crate::reader::{self, Origin};
use crate::store::statements::{self, LONGEST, Outcome, Statement};
use crate::web::form::{Field, Form, Shape, Weight};
use crate::web::pages;
use crate::web::parts::{Chip, Empty, Fact, Link, RefusalView, Shown, Text, Tone};
use crate::web::words;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use std::collections::BTreeMap;
use tansiq_dossier::channel::ChannelId;
use tansiq_dossier::kinds::Kind;
use tansiq_dossier::record::DossierId;
use tansiq_dossier::refusal::{Common, Refusal};
use tansiq_text::statement::{Proposal, propose, read as read_text};

/// Where a statement is pasted.
pub(super) async fn form(visit: Visit) -> Response {
    let made = blank(&visit).await.map(|page| rendered(StatusCode::OK, &page));
    visit.answer(made)
}

async fn blank(visit: &Visit) -> Result<pages::StatementForm, Trouble> {
    visit.require_reading()?;
    Ok(paste(visit, &Vec::new(), &[]))
}

fn paste(visit: &Visit, typed: &Pairs, problems: &[(&str, &str)]) -> pages::StatementForm {
    let text = |name: &str| typed.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone()).unwrap_or_default();
    let wrong = |mut field: Field| {
        let mine = problems.iter().filter(|(name, _)| *name == field.name);
        field.problems.extend(mine.map(|(_, code)| format!("{code} · {}", visit.w(&format!("refusal-{code}")))));
        field
    };
    let lang = visit.lang;
    let statement = Field::new(lang, "text", visit.w("statement-text"), Shape::LongText { value: text("text"), max: LONGEST });
    let source = Field::new(lang, "source", visit.w("statement-source"), Shape::Text { value: text("source"), max: 400 });
    let published = Field::new(lang, "published", visit.w("statement-published"), Shape::Date { value: text("published") });
    let mut form = Form::new(lang, "statement", "/statement", &visit.csrf)
        .field(wrong(statement.hint(visit.w("statement-text-hint"))))
        .field(wrong(source.hint(visit.w("statement-source-hint")).optional()))
        .field(wrong(published.optional()));
    form.refusals.extend(problems.first().map(|(_, code)| RefusalView::of(lang, code)));
    form.submit = visit.w("statement-read");
    pages::StatementForm { frame: visit.frame(visit.w("statement-title"), None), form }
}

/// Keeps a statement and shows what it proposes.
pub(super) async fn read(posted: Posted) -> Response {
    let Posted { visit, pairs } = posted;
    let made = keep(&visit, &pairs).await;
    visit.answer(made)
}

async fn keep(visit: &Visit, pairs: &Pairs) -> Result<Response, Trouble> {
    visit.require_reading()?;
    let body = value(pairs, "text").unwrap_or_default().replace("\r\n", "\n");
    let source = value(pairs, "source").unwrap_or_default().to_owned();
    let published = value(pairs, "published").map(str::to_owned);
    let mut problems = Vec::new();
    if body.is_empty() {
        problems.push(("text", "FRM02"));
    }
    if body.chars().count() > LONGEST {
        problems.push(("text", "FRM03"));
    }
    if source.chars().count() > 400 {
        problems.push(("source", "FRM03"));
    }
    let whole = |day: &String| day.parse::<tansiq_text::Date>().is_ok_and(|day| day.day.is_some());
    if published.as_ref().is_some_and(|day| !whole(day)) {
        problems.push(("published", "FRM04"));
    }
    if !problems.is_empty() {
        return Ok(rendered(StatusCode::UNPROCESSABLE_ENTITY, &paste(visit, pairs, &problems)));
    }
    let mut statement = Statement {
        id: statements::id_of(&body),
        officer: Some(visit.looking.officer.id.clone()),
        added: visit.app.node.identity.world.clock.unix(),
        published,
        source,
        link: String::new(),
        proposed: 0,
        decided: 0,
        body,
    };
    statement.proposed = u32::try_from(proposals(&statement).await?.len()).unwrap_or(u32::MAX);
    let id = statement.id.clone();
    visit.app.node.store.write(move |work| statements::add(work.connection, &statement).map_err(Trouble::from)).await?;
    Ok(Redirect::to(&format!("/statement/{id}")).into_response())
}

/// A statement as it was kept, with what became of its proposals.
async fn kept(visit: &Visit, id: &str) -> Result<(Statement, BTreeMap<u32, Outcome>), Trouble> {
    visit.require_reading()?;
    let asked = id.to_owned();
    let found = visit
        .read(move |connection, _| {
            let Some(statement) = statements::get(connection, &asked)? else { return Ok(None) };
            let outcomes = statements::outcomes(connection, &asked)?;
            Ok::<_, Fault>(Some((statement, outcomes)))
        })
        .await?;
    found.ok_or_else(|| Refusal::from(Common::NoSuchDossier).into())
}

/// What a statement proposes. Reading a long text takes a while, and must not keep others waiting.
async fn proposals(statement: &Statement) -> Result<Vec<Proposal>, Trouble> {
    let (body, published) = (statement.body.clone(), statement.day());
    let read = tokio::task::spawn_blocking(move || propose(&read_text(&body, published), &body)).await;
    Ok(read.map_err(|_| Fault::Closing)?)
}

/// One proposal of a statement, counted from 1, with where the statement comes from.
pub(super) async fn proposal(visit: &Visit, id: &str, number: u32) -> Result<Option<(Proposal, Origin)>, Trouble> {
    let (statement, _) = kept(visit, id).await?;
    let index = usize::try_from(number).unwrap_or(0).wrapping_sub(1);
    let proposal = proposals(&statement).await?.into_iter().nth(index);
    let origin = Origin { source: statement.source, published: statement.published, text: statement.body };
    Ok(proposal.map(|proposal| (proposal, origin)))
}

/// The statement beside its proposals.
pub(super) async fn page(visit: Visit, Path(id): Path<String>) -> Response {
    let made = make(&visit, &id).await.map(|page| rendered(StatusCode::OK, &page));
    visit.answer(made)
}

async fn make(visit: &Visit, id: &str) -> Result<pages::Statement, Trouble> {
    let (statement, outcomes) = kept(visit, id).await?;
    let found = proposals(&statement).await?;
    let (paragraphs, marks) = paragraphs(&statement.body, &found);
    let alike = super::alike::of(visit, &statement, &found).await?;
    let here = statement.clone();
    let next = visit.read(move |connection, _| statements::next_waiting(connection, &here)).await?;
    let numbered = found.iter().zip(&alike).zip(1..);
    let shown =
        numbered.map(|((proposal, alike), number)| shown(visit, (&statement, &outcomes), &marks, number, (proposal, alike)));
    Ok(pages::Statement {
        frame: visit.frame(visit.w("statement-title"), None),
        lang: language_of(&statement.body),
        about: about(visit, &statement),
        paragraphs,
        count: word(visit.lang, "statement-proposals", &[("n", found.len().into())]),
        proposals: shown.collect(),
        link: Some(statement.link.clone())
            .filter(|link| link.starts_with("https://") || link.starts_with("http://"))
            .unwrap_or_default(),
        next: next.map(|next| format!("/statement/{}", next.id)).unwrap_or_default(),
        empty: Empty {
            why: visit.w("statement-none"),
            next: visit.w("statement-none-more"),
            actions: vec![("/dossiers".to_owned(), visit.w("nav-all-dossiers"))],
        },
    })
}

/// Where a statement comes from and of which day it is.
pub(super) fn about(visit: &Visit, statement: &Statement) -> Vec<String> {
    let mut about = vec![statement.source.clone()];
    about.extend(statement.published.as_ref().and_then(|day| day.parse().ok()).map(|day| visit.names(None).day(day)));
    about.retain(|part| !part.is_empty());
    about
}

/// Leads to a statement, by its source and day.
pub(super) fn link(visit: &Visit, statement: &Statement) -> Link {
    let about = about(visit, statement);
    let text = if about.is_empty() {
        Text { lang: language_of(&statement.body), text: statement.title().chars().take(80).collect() }
    } else {
        Text::in_lang(visit.lang, about.join(" · "))
    };
    Link { href: format!("/statement/{}", statement.id), text }
}

pub(super) fn language_of(text: &str) -> Option<Lang> {
    text.chars().any(|c| ('\u{0600}'..='\u{06ff}').contains(&c)).then_some(Lang::Ar)
}

/// The text cut where words were found, paragraph by paragraph; and the id of the first mark of each proposal.
fn paragraphs(text: &str, found: &[Proposal]) -> (Vec<Vec<pages::Segment>>, BTreeMap<usize, String>) {
    let chars: Vec<char> = text.chars().collect();
    let mut marks = BTreeMap::new();
    let mut paragraphs = vec![Vec::new()];
    for (from, piece, numbers) in pieces(&chars, found) {
        if piece == "\n" {
            paragraphs.push(Vec::new());
            continue;
        }
        let id = if numbers.is_empty() { String::new() } else { format!("found-{from}") };
        for number in &numbers {
            marks.entry(*number).or_insert_with(|| id.clone());
        }
        if let Some(last) = paragraphs.last_mut() {
            last.push(pages::Segment { text: piece, found: numbers, id });
        }
    }
    paragraphs.retain(|paragraph| paragraph.iter().any(|segment| !segment.text.trim().is_empty()));
    (paragraphs, marks)
}

/// The pieces of a text, each with its place and the proposals whose words it is. Neighbours of the same proposals are one
/// piece, and so are those that only blanks keep apart.
fn pieces(chars: &[char], found: &[Proposal]) -> Vec<(usize, String, Vec<usize>)> {
    let mut cuts: Vec<usize> =
        found.iter().flat_map(|proposal| &proposal.evidence).flat_map(|span| [span.start, span.end]).collect();
    cuts.extend([0, chars.len()]);
    cuts.extend(chars.iter().enumerate().filter(|(_, c)| **c == '\n').flat_map(|(at, _)| [at, at + 1]));
    cuts.retain(|at| *at <= chars.len());
    cuts.sort_unstable();
    cuts.dedup();
    let mut pieces: Vec<(usize, String, Vec<usize>)> = Vec::new();
    for pair in cuts.windows(2) {
        let (from, to) = (pair[0], pair[1]);
        let piece: String = chars.get(from..to).unwrap_or_default().iter().collect();
        let covers =
            |(_, proposal): &(usize, &Proposal)| proposal.evidence.iter().any(|span| span.start <= from && to <= span.end);
        let numbers: Vec<usize> = found.iter().enumerate().filter(covers).map(|(index, _)| index + 1).collect();
        if piece == "\n" {
            pieces.push((from, piece, Vec::new()));
            continue;
        }
        let blank = pieces.len() > 1
            && pieces.last().is_some_and(|(_, text, of)| of.is_empty() && text != "\n" && text.trim().is_empty());
        let before = pieces.len().wrapping_sub(if blank { 2 } else { 1 });
        match pieces.get(before) {
            Some((_, text, of)) if *of == numbers && text != "\n" && (!blank || !numbers.is_empty()) => {
                let tail: String = pieces.drain(before + 1..).map(|(_, text, _)| text).collect();
                if let Some((_, text, _)) = pieces.last_mut() {
                    text.push_str(&tail);
                    text.push_str(&piece);
                }
            }
            _ => pieces.push((from, piece, numbers)),
        }
    }
    pieces
}

fn shown(
    visit: &Visit,
    (statement, outcomes): (&Statement, &BTreeMap<u32, Outcome>),
    marks: &BTreeMap<usize, String>,
    number: usize,
    (proposal, alike): (&Proposal, &Alike),
) -> pages::Proposal {
    let kind = Kind::named(&proposal.kind);
    let of_kind = kind.unwrap_or(Kind::Meeting);
    let outcome = u32::try_from(number).ok().and_then(|number| outcomes.get(&number));
    let open = outcome.is_none();
    let drop = open.then(|| {
        let mut form =
            Form::new(visit.lang, &format!("drop-{number}"), &format!("/statement/{}/drop", statement.id), &visit.csrf);
        form.hidden.push(("proposal".to_owned(), number.to_string()));
        form.submit = visit.w("statement-drop");
        form.weight = Weight::Quiet;
        form
    });
    let opening = kind.and_then(|kind| kind.acts().iter().find(|spec| spec.opens));
    let may = opening.is_some_and(|spec| spec.roles.iter().any(|role| visit.looking.officer.roles.contains(role)));
    let confirm = match outcome {
        Some(Outcome::Became(channel, dossier)) => Some((format!("/dossiers/{channel}/{dossier}"), visit.w("statement-go"))),
        Some(Outcome::Dropped) => None,
        None if may => {
            Some((format!("/dossiers/new/{of_kind}?statement={}&proposal={number}", statement.id), visit.w("statement-confirm")))
        }
        None => None,
    };
    let note = match (open, opening, may) {
        (true, None, _) => "statement-no-kind",
        (true, Some(_), false) => "statement-not-your-role",
        _ => "",
    };
    pages::Proposal {
        number,
        icon: kind.map_or("statement", icon),
        kind: kind.map_or_else(|| visit.w("kind-statement"), |kind| words::kind(visit.lang, kind)),
        title: Text { lang: language_of(&proposal.title), text: proposal.title.clone() },
        decided: outcome.map(|outcome| match outcome {
            Outcome::Became(..) => Chip::new(Tone::Done, visit.w("statement-confirmed")),
            Outcome::Dropped => Chip::new(Tone::Stopped, visit.w("statement-dropped")),
        }),
        quote: quote(&statement.body, proposal),
        mark: marks.get(&number).cloned().unwrap_or_default(),
        facts: facts(visit, kind, proposal),
        confirm,
        note: if note.is_empty() { String::new() } else { visit.w(note) },
        drop,
        alike: if open { alike.choices(visit, statement, number) } else { Vec::new() },
        reports: alike.reports(visit),
        conflicts: alike.conflicts(visit, statement),
    }
}

/// The words that a proposal rests on, as they stand in the text.
fn quote(text: &str, proposal: &Proposal) -> String {
    let chars: Vec<char> = text.chars().collect();
    let pieces = proposal.evidence.iter().take(4).filter_map(|span| chars.get(span.start..span.end));
    let mut said: Vec<String> = pieces.map(|piece| piece.iter().collect()).collect();
    said.dedup();
    said.join(" … ")
}

/// What was read: the parties, and the fields that the dossier's form will be filled with.
fn facts(visit: &Visit, kind: Option<Kind>, proposal: &Proposal) -> Vec<Fact> {
    let names = visit.names(None);
    let parties: Vec<String> = proposal
        .parties
        .iter()
        .map(|code| code.parse().map_or_else(|_| code.clone(), |party| names.party(&party).text))
        .collect();
    let mut facts = vec![Fact::new(visit.w("field-parties"), Shown::Words(parties.join(" · ")))];
    let Some(kind) = kind else { return facts };
    // Any channel does for showing: only the name of a body depends on it.
    let charter = visit.charters.iter().find(|(_, charter)| reader::suits(proposal, charter)).or(visit.charters.iter().next());
    let Some((channel, charter)) = charter else { return facts };
    let Some(draft) = reader::draft_of(proposal, charter, &Origin::default()) else { return facts };
    if let Some(spec) = kind.act(draft.act) {
        let shows = Shows { names: visit.names(Some(channel)), channel, kind, beside: &[] };
        let mut body = draft.body;
        if let Some(members) = body.as_object_mut() {
            members.remove("title");
        }
        facts.extend(shows.answers(spec, &body));
    }
    facts
}

/// Whoever asks for this by its address is shown the statement.
pub(super) async fn back(Path(id): Path<String>) -> Response {
    Redirect::to(&format!("/statement/{}", crate::web::frame::encode(&id))).into_response()
}

/// Drops one proposal.
pub(super) async fn drop_one(Path(id): Path<String>, posted: Posted) -> Response {
    let Posted { visit, pairs } = posted;
    let made = drop_it(&visit, id, &pairs).await;
    visit.answer(made)
}

async fn drop_it(visit: &Visit, id: String, pairs: &Pairs) -> Result<Response, Trouble> {
    let (statement, outcomes) = kept(visit, &id).await?;
    let number = number_of(&statement, pairs)?;
    decide(visit, (&statement, &outcomes), number, Outcome::Dropped).await
}

/// Takes the statement as a further source of a dossier that is there already. Nothing is recorded: the dossier stays as it
/// is, and leads to the statement.
pub(super) async fn join_one(Path(id): Path<String>, posted: Posted) -> Response {
    let Posted { visit, pairs } = posted;
    let made = join_it(&visit, id, &pairs).await;
    visit.answer(made)
}

async fn join_it(visit: &Visit, id: String, pairs: &Pairs) -> Result<Response, Trouble> {
    let (statement, outcomes) = kept(visit, &id).await?;
    let number = number_of(&statement, pairs)?;
    let nothing = || Trouble::from(Refusal::from(Common::NoSuchDossier));
    let parsed = |name: &str| value(pairs, name).unwrap_or_default().to_owned();
    let channel: ChannelId = parsed("channel").parse().map_err(|_| nothing())?;
    let dossier: DossierId = parsed("dossier").parse().map_err(|_| nothing())?;
    let (within, asked) = (channel.clone(), dossier.clone());
    // Only what this officer may see can be named.
    let seen = visit.read(move |connection, looking| looking.find(connection, &within, &asked)).await?;
    seen.ok_or_else(nothing)?;
    decide(visit, (&statement, &outcomes), number, Outcome::Became(channel, dossier.to_string())).await
}

/// Notes what a person made of a proposal, and leads on to the next one that is not decided. What became a dossier stays one.
async fn decide(
    visit: &Visit,
    (statement, outcomes): (&Statement, &BTreeMap<u32, Outcome>),
    number: u32,
    outcome: Outcome,
) -> Result<Response, Trouble> {
    if !outcomes.contains_key(&number) {
        let id = statement.id.clone();
        let decided = move |work: &mut crate::store::work::Work<'_>| {
            statements::set_outcome(work.connection, &id, number, &outcome).map_err(Trouble::from)
        };
        visit.app.node.store.write(decided).await?;
    }
    Ok(after(statement, outcomes, number).into_response())
}

/// The number of the proposal that a form names.
fn number_of(statement: &Statement, pairs: &Pairs) -> Result<u32, Trouble> {
    let number = value(pairs, "proposal").and_then(|number| number.parse::<u32>().ok());
    let known = number.filter(|number| (1..=statement.proposed.max(1)).contains(number) || statement.proposed == 0);
    known.ok_or_else(|| Refusal::from(Common::NoSuchDossier).into())
}

/// Leads on to the next proposal of the statement that is not decided; to this one when all are.
fn after(statement: &Statement, outcomes: &BTreeMap<u32, Outcome>, decided: u32) -> Redirect {
    let open = |number: &u32| *number != decided && !outcomes.contains_key(number);
    let next = (decided + 1..=statement.proposed).find(open).or((1..decided).find(open)).unwrap_or(decided);
    Redirect::to(&format!("/statement/{}#proposal-{next}", statement.id))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proposal(spans: &[(usize, usize)]) -> Proposal {
        Proposal {
            kind: String::new(),
            act: String::new(),
            title: String::new(),
            parties: Vec::new(),
            fields: BTreeMap::new(),
            evidence: spans.iter().map(|(start, end)| tansiq_text::statement::Span { start: *start, end: *end }).collect(),
            why: String::new(),
        }
    }

    fn told(text: &str, found: &[Proposal]) -> Vec<(String, Vec<usize>)> {
        let chars: Vec<char> = text.chars().collect();
        pieces(&chars, found).into_iter().map(|(_, text, numbers)| (text, numbers)).collect()
    }

    #[test]
    fn words_of_the_same_proposals_are_one_mark() {
        let piece = |text: &str, numbers: &[usize]| (text.to_owned(), numbers.to_vec());
        let found = [proposal(&[(0, 2), (1, 4), (5, 8)]), proposal(&[(5, 6), (10, 12)])];
        assert_eq!(
            told("abcd efgh\nijk", &found),
            [
                piece("abcd", &[1]),
                piece(" ", &[]),
                piece("e", &[1, 2]),
                piece("fg", &[1]),
                piece("h", &[]),
                piece("\n", &[]),
                piece("ij", &[2]),
                piece("k", &[])
            ]
        );
        assert_eq!(told("ab cd", &[proposal(&[(0, 2), (3, 5)])]), [piece("ab cd", &[1])]);
        assert_eq!(told("ab\ncd", &[proposal(&[(0, 9)])]).len(), 3);
    }
}
