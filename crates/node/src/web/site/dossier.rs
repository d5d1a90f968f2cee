//! The page of a dossier, and the evidence of its records.
use super::acts::{Tried, acts_of};
use super::names::text_in;
use super::show::{self, Shows};
use super::visit::{Visit, rendered};
use crate::evidence;
use crate::fault::{Fault, Trouble};
use crate::store::dossiers::Filter;
use crate::views::dossier::{Full, Step, full};
use crate::views::{self, Item};
use crate::web::pages::{Clause, Dossier, Event, Matter, Part, Position, Section, Standing, Witness};
use crate::web::parts::{Chip, Empty, RefusalView, Shown, Text, Texts, Tone};
use crate::web::words;
use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use tansiq_dossier::channel::ChannelId;
use tansiq_dossier::party::PartyId;
use tansiq_dossier::record::{DossierId, RecordId};
use tansiq_dossier::refusal::{Common, Refusal};
use tansiq_dossier::sheet::{self, Sheet};

/// A dossier with what its forms offer.
pub(super) struct Open {
    pub(super) channel: ChannelId,
    pub(super) full: Full,
    /// Other dossiers of the channel, for forms that name one.
    pub(super) beside: Vec<Item>,
}

fn nothing() -> Trouble {
    Refusal::from(Common::NoSuchDossier).into()
}

/// Reads a dossier that this officer may read.
pub(super) async fn open(visit: &Visit, channel: &str, dossier: &str) -> Result<Open, Trouble> {
    let channel: ChannelId = channel.parse().map_err(|_| nothing())?;
    let id: DossierId = dossier.parse().map_err(|_| nothing())?;
    let asked = channel.clone();
    let found = visit
        .read(move |connection, looking| {
            let Some(full) = full(connection, looking, &asked, &id)? else { return Ok(None) };
            let beside = views::list(connection, looking, Filter { channel: Some(asked), limit: 50, ..Filter::default() })?;
            Ok::<_, Fault>(Some((full, beside.items)))
        })
        .await?;
    let (full, mut beside) = found.ok_or_else(nothing)?;
    beside.retain(|item| item.dossier != full.item.dossier && item.kind != tansiq_dossier::kinds::Kind::Charter);
    Ok(Open { channel, full, beside })
}

/// The page.
pub(super) async fn page(visit: Visit, Path((channel, dossier)): Path<(String, String)>) -> Response {
    let made = open(&visit, &channel, &dossier).await.map(|open| rendered(StatusCode::OK, &shown(&visit, &open, None)));
    visit.answer(made)
}

/// The evidence of one record, as an archive.
pub(super) async fn evidence(visit: Visit, Path((channel, _, record)): Path<(String, String, String)>) -> Response {
    let made = archive(&visit, &channel, &record).await;
    visit.answer(made)
}

async fn archive(visit: &Visit, channel: &str, record: &str) -> Result<Response, Trouble> {
    let channel: ChannelId = channel.parse().map_err(|_| nothing())?;
    let record: RecordId = record.parse().map_err(|_| nothing())?;
    let found = visit.read(move |connection, looking| evidence::gather(connection, looking, &channel, &record)).await?;
    let archive = found.ok_or_else(nothing)?.to_tar()?;
    let name = format!("attachment; filename=\"evidence-{}.tar\"", record.short());
    Ok(([(header::CONTENT_TYPE, "application/x-tar".to_owned()), (header::CONTENT_DISPOSITION, name)], archive).into_response())
}

/// The page with a form that was just tried, if one was.
pub(super) fn shown(visit: &Visit, open: &Open, tried: Option<&Tried>) -> Dossier {
    let Open { channel, full, .. } = open;
    let (item, sheet) = (&full.item, &full.sheet);
    let names = visit.names(Some(channel));
    let shows = Shows { names, channel, kind: item.kind, beside: &open.beside };
    let title = show::title(names, &item.title, &item.dossier);
    let others = item.title.0.iter().map(|(tongue, text)| text_in(*tongue, text)).filter(|text| text.text != title.text);
    let tone = show::tone(sheet.tone, &sheet.state, false);
    let parties: Vec<PartyId> = item.audience.iter().cloned().collect();
    let label = names.banner(&item.label, &item.audience);
    let mut facts: Vec<_> = sheet.facts.iter().map(|fact| shows.fact("", fact)).collect();
    if !full.sources.is_empty() {
        let links = full.sources.iter().map(|statement| Shown::Link(super::statement::link(visit, statement)));
        facts.push(crate::web::parts::Fact::new(visit.w("dossier-sources"), Shown::List(links.collect())));
    }
    facts.push(crate::web::parts::Fact::new(
        visit.w("filter-channel"),
        Shown::Text(
            names.charter.and_then(|charter| names.words(&charter.name)).unwrap_or_else(|| Text::plain(channel.as_str())),
        ),
    ));
    let (acts, more) = acts_of(visit, open, tried);
    Dossier {
        frame: visit.frame(title.text.clone(), Some(label)),
        reference: show::reference(item),
        icon: show::icon(item.kind),
        kind: words::kind(visit.lang, item.kind),
        kind_href: format!("/dossiers?kind={}", item.kind),
        title_others: others.collect(),
        title,
        chip: Chip::new(tone, words::state(visit.lang, item.kind, &sheet.state)),
        flags: flags(visit, full),
        refusals: Vec::new(),
        facts,
        parties: parties.iter().map(|party| (names.party(party), *party == visit.looking.own)).collect(),
        matters: sheet
            .positions
            .iter()
            .filter(|matter| !matter.said.is_empty())
            .map(|matter| shown_matter(&shows, sheet, matter, &parties))
            .collect(),
        sections: sheet.sections.iter().map(|section| shown_section(&shows, section)).collect(),
        history: full.history.iter().map(|step| event(visit, &shows, full, step)).collect(),
        acts,
        more,
        attachments: super::attachments::list(visit, open),
        attach: super::attachments::form(visit, open),
        no_acts: no_acts(visit, full),
    }
}

/// Why nothing can be done now, and what would change that.
fn no_acts(visit: &Visit, full: &Full) -> Empty {
    let (why, next) = match full.frozen {
        true => ("refusal-DOS05", "refusal-DOS05.advice"),
        false => ("dossier-acts-none", "dossier-acts-none-more"),
    };
    Empty { why: visit.w(why), next: visit.w(next), actions: Vec::new() }
}

fn flags(visit: &Visit, full: &Full) -> Vec<Chip> {
    let mut flags = Vec::new();
    if full.sheet.late {
        flags.push(Chip::new(Tone::Late, visit.w("flag-overdue")));
    }
    if full.frozen {
        flags.push(Chip::new(Tone::Blocked, visit.w("flag-frozen")));
    }
    if full.history.iter().any(|step| !step.final_) {
        flags.push(Chip::new(Tone::Waiting, visit.w("flag-provisional")));
    }
    flags
}

/// The act by which a party takes a position on a matter.
fn act_on(matter: &str) -> &str {
    match matter {
        "date" => "agree-date",
        "agenda" => "agree-agenda",
        "held" => "declare-held",
        "minutes" => "sign-minutes",
        "decision" => "adopt-decision",
        "rescission" => "rescind",
        "initials" => "initial",
        "signature" => "sign",
        "registration" => "register",
        "completion" => "notify-completion",
        "amendment" => "amend",
        "supersession" => "supersede",
        "suspension" => "suspend",
        "resumption" => "resume",
        "terms" | "charter" => "adopt",
        "waiver" => "waive",
        "assignment" => "assign",
        "extension" => "extend",
        "cancellation" => "cancel",
        "verification" => "verify",
        other => other,
    }
}

/// Whether each party states something of its own here, rather than agreeing to one content.
fn is_unilateral(matter: &str) -> bool {
    matches!(matter, "completion" | "grade" | "suspension-claimed" | "termination" | "objection")
}

fn shown_matter(shows: &Shows<'_>, sheet: &Sheet, matter: &sheet::Matter, parties: &[PartyId]) -> Matter {
    let lang = shows.names.lang;
    let w = |id: &str| crate::language::word(lang, id, &[]);
    let position = |party: &PartyId| {
        let Some(said) = matter.said.iter().find(|said| said.party == *party) else {
            let step = sheet.awaiting.iter().find(|step| step.party == *party && step.act == act_on(&matter.name));
            let chip = match step {
                Some(step) => {
                    let since = step.since.map(|at| shows.names.day(at.civil_date())).unwrap_or_default();
                    let text = if since.is_empty() {
                        w("position-awaited")
                    } else {
                        crate::language::word(lang, "position-awaiting", &[("date", since.into())])
                    };
                    Chip::new(Tone::Waiting, text)
                }
                None => Chip::new(Tone::Draft, w("position-silent")),
            };
            return Position { chip, more: String::new() };
        };
        let when = shows.names.moment(said.at.unix());
        let what = shows.plain(&said.datum);
        if is_unilateral(&matter.name) {
            let differ = matter.name == "grade" && matter.said.iter().any(|other| other.datum != said.datum);
            return Position { chip: Chip::new(if differ { Tone::Contested } else { Tone::Going }, what), more: when };
        }
        let agreed = matter.settled.as_ref() == Some(&said.datum);
        let (tone, id) = match matter.name.as_str() {
            _ if agreed => (Tone::Done, "position-agreed"),
            "minutes" | "signature" => (Tone::Waiting, "position-signed"),
            _ => (Tone::Waiting, "position-proposed"),
        };
        // What all agreed on stands beside the matter's name.
        let more = if agreed || what.is_empty() { when } else { format!("\u{2068}{what}\u{2069} – \u{2068}{when}\u{2069}") };
        Position { chip: Chip::new(tone, w(id)), more }
    };
    Matter {
        name: words::matter(lang, shows.kind, &matter.name),
        value: matter.settled.as_ref().map(|settled| match shows.plain(settled) {
            text if text.is_empty() => shows.datum(settled),
            text => Shown::Text(Text::in_lang(lang, text)),
        }),
        hash: String::new(),
        positions: parties.iter().map(position).collect(),
    }
}

fn shown_section(shows: &Shows<'_>, section: &sheet::Section) -> Section {
    let lang = shows.names.lang;
    let clause = |(index, row): (usize, &sheet::Row)| {
        let texts = row.texts.iter().map(|text| match text.tongue {
            Some(tongue) => text_in(tongue, &text.text),
            None => Text::plain(&text.text),
        });
        let state = row.state.as_deref();
        Clause {
            id: format!("{}-{}", section.name, index + 1),
            number: row_name(shows, section, &row.reference),
            chip: state.map(|state| Chip::new(show::tone(row.tone, state, false), words::row_state(lang, &section.name, state))),
            bracketed: state == Some("bracketed"),
            texts: Texts { texts: texts.collect() },
            facts: row.facts.iter().map(|fact| shows.fact(&section.name, fact)).collect(),
            note: String::new(),
            remarks: Vec::new(),
        }
    };
    Section {
        id: section.name.clone(),
        heading: words::section(lang, shows.kind, &section.name),
        hint: String::new(),
        part: Part::Clauses(section.rows.iter().enumerate().map(clause).collect()),
    }
}

/// A row is numbered, or named after a party or a language.
fn row_name(shows: &Shows<'_>, section: &sheet::Section, reference: &str) -> String {
    match reference.parse::<PartyId>() {
        Ok(party) => shows.names.party(&party).text,
        Err(_) if section.name == "texts" => words::choice(shows.names.lang, "tongue", reference),
        Err(_) => reference.to_owned(),
    }
}

fn event(visit: &Visit, shows: &Shows<'_>, full: &Full, step: &Step) -> Event {
    let names = shows.names;
    let known = shows.kind.act(&step.act).is_some();
    let office =
        |stamp: &crate::views::dossier::StampView| format!("{} ({})", visit.w(&format!("role-{}", stamp.role)), stamp.officer);
    let stamp = step.stamp.as_ref();
    Event {
        id: format!("record-{}", step.record.short()),
        act: if known { words::act(visit.lang, shows.kind, &step.act) } else { step.act.clone() },
        note: shows.note(&step.act, &step.body).map(|note| Text::in_lang(visit.lang, note)),
        office: stamp.map_or_else(|| Text::plain(""), |stamp| Text::in_lang(visit.lang, office(stamp))),
        institution: stamp.map_or_else(|| Text::plain(""), |stamp| names.institution(&stamp.institution)),
        party: names.party(&step.party),
        claimed: stamp.map(|stamp| names.moment(stamp.at.unix())).unwrap_or_default(),
        witnesses: step
            .witnessed
            .iter()
            .map(|by| Witness { time: names.moment(by.at), party: names.party(&by.by).text })
            .collect(),
        hash: step.record.short(),
        standing: match &step.standing {
            Some(tansiq_dossier::fold::Standing::Effective) => Standing::Effective,
            Some(tansiq_dossier::fold::Standing::Refused(code)) => Standing::Refused(RefusalView::of(visit.lang, code)),
            Some(tansiq_dossier::fold::Standing::Unknown) | None => Standing::Unknown,
        },
        provisional: !step.final_,
        evidence: format!("{}/evidence/{}", show::address(shows.channel, &full.item.dossier), step.record),
    }
}
