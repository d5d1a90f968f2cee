//! Opening a dossier: by hand, or from what a statement proposes.
use super::acts::{offers, whole};
use super::names::level;
use super::show::{self, shorten};
use super::visit::{Pairs, Posted, Visit, rendered, value};
use crate::fault::Trouble;
use crate::reader::{self, Origin};
use crate::store::dossiers::Filter;
use crate::store::statements::{self, Outcome};
use crate::submit;
use crate::views::{self, Item};
use crate::web::form::{Choice, ChoiceGroup, Field, Form, Shape};
use crate::web::forms::{self, Maker, Typed};
use crate::web::frame::encode;
use crate::web::pages;
use crate::web::parts::Text;
use crate::web::words;
use axum::extract::{Path, Query};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use tansiq_dossier::act::ActSpec;
use tansiq_dossier::channel::{ChannelId, Charter};
use tansiq_dossier::kinds::Kind;
use tansiq_dossier::label::{Classification, Label};
use tansiq_dossier::party::PartyId;
use tansiq_dossier::record::Draft;
use tansiq_dossier::refusal::{Common, Refusal};
use tansiq_text::statement::Proposal;

/// A dossier to be opened: what is known before its form is sent.
struct Opening<'v> {
    visit: &'v Visit,
    kind: Kind,
    spec: &'static ActSpec,
    /// The statement and the number of its proposal, where it comes from one.
    source: Option<(String, u32, Proposal, Origin)>,
}

/// The acts that open a dossier of this kind and that this officer's roles allow.
pub(super) fn openings(visit: &Visit, kind: Kind) -> impl Iterator<Item = &'static ActSpec> {
    let roles = &visit.looking.officer.roles;
    kind.acts().iter().filter(|spec| spec.opens && spec.roles.iter().any(|role| roles.contains(role)))
}

/// The page of a kind: its form, or the choice between its opening acts where there are several.
pub(super) async fn choice(visit: Visit, Path(kind): Path<String>, Query(query): Query<Pairs>) -> Response {
    let made = show_form(&visit, &kind, None, &query).await;
    visit.answer(made)
}

/// The form of one opening act.
pub(super) async fn form(visit: Visit, Path((kind, act)): Path<(String, String)>, Query(query): Query<Pairs>) -> Response {
    let made = show_form(&visit, &kind, Some(&act), &query).await;
    visit.answer(made)
}

async fn show_form(visit: &Visit, kind: &str, act: Option<&str>, query: &Pairs) -> Result<Response, Trouble> {
    let opening = opening(visit, kind, act, query).await?;
    if act.is_none() && opening.source.is_none() && openings(visit, opening.kind).nth(1).is_some() {
        return Ok(rendered(StatusCode::OK, &opening.choose_act(query)));
    }
    let fitting = opening.fitting();
    let chosen = value(query, "channel").and_then(|text| fitting.iter().find(|(id, _)| id.as_str() == text));
    let best = opening.best(&fitting);
    let Some((channel, charter)) = chosen.or(best) else {
        return Ok(rendered(StatusCode::OK, &opening.choose(&fitting)));
    };
    let body = match &opening.source {
        Some((_, _, proposal, origin)) => {
            reader::draft_of(proposal, charter, origin).map_or_else(|| json!({}), |draft| draft.body)
        }
        None => opening.beginning(query),
    };
    let act = Typed::offered(body);
    let page = opening.page(channel, charter, &fitting, &act, &Vec::new(), None, beside(visit, channel).await?);
    Ok(rendered(StatusCode::OK, &page))
}

/// The form as it was sent; the first opening act of the kind when none is named.
pub(super) async fn submit_first(Path(kind): Path<String>, posted: Posted) -> Response {
    let Posted { visit, pairs } = posted;
    let made = attempt(&visit, &kind, None, &pairs).await;
    visit.answer(made)
}

/// The form of one opening act as it was sent.
pub(super) async fn submit(Path((kind, act)): Path<(String, String)>, posted: Posted) -> Response {
    let Posted { visit, pairs } = posted;
    let made = attempt(&visit, &kind, Some(&act), &pairs).await;
    visit.answer(made)
}

async fn attempt(visit: &Visit, kind: &str, act: Option<&str>, pairs: &Pairs) -> Result<Response, Trouble> {
    let opening = opening(visit, kind, act, pairs).await?;
    let fitting = opening.fitting();
    let chosen = value(pairs, "channel").and_then(|text| fitting.iter().find(|(id, _)| id.as_str() == text));
    let Some((channel, charter)) = chosen else {
        return Ok(rendered(StatusCode::OK, &opening.choose(&fitting)));
    };
    let mut typed = Typed::of(opening.kind, opening.spec, pairs);
    if typed.press(pairs) {
        let page = opening.page(channel, charter, &fitting, &typed, pairs, None, beside(visit, channel).await?);
        return Ok(rendered(StatusCode::OK, &page));
    }
    let label = value(pairs, "_label").and_then(|text| text.parse::<Classification>().ok()).map(Label::of);
    let draft = Draft {
        kind: opening.kind.name().to_owned(),
        act: opening.spec.name.to_owned(),
        dossier: None,
        label: Some(label.unwrap_or_default()),
        audience: Some(audience(visit, charter, pairs)),
        body: typed.body.clone().into(),
        sealed: typed.sealed.clone(),
    };
    let (officer, into) = (visit.looking.officer.id.clone(), (*channel).clone());
    let source = opening.source.as_ref().map(|(statement, number, ..)| (statement.clone(), *number));
    let done = visit
        .app
        .node
        .store
        .write(move |work| {
            if let Some((statement, number)) = &source
                && let Some(Outcome::Became(channel, dossier)) = statements::outcomes(work.connection, statement)?.remove(number)
            {
                // Sent twice: the dossier is open already.
                return Ok(format!("/dossiers/{channel}/{dossier}"));
            }
            let done = submit::submit(work, &officer, &into, draft)?;
            if let Some((statement, number)) = &source {
                let became = Outcome::Became(done.channel.clone(), done.dossier.to_string());
                statements::set_outcome(work.connection, statement, *number, &became)?;
            }
            Ok(show::address(&done.channel, &done.dossier))
        })
        .await;
    match done {
        Ok(address) => Ok(Redirect::to(&address).into_response()),
        Err(Trouble::Refused(refusal)) => {
            tracing::info!(code = %refusal.code, "an opening act was refused");
            let status = crate::api::status_of(&refusal);
            let page = opening.page(channel, charter, &fitting, &typed, pairs, Some(&refusal), beside(visit, channel).await?);
            Ok(rendered(status, &page))
        }
        Err(other) => Err(other),
    }
}

/// The parties chosen, and always the own one; nobody else when nothing was chosen.
fn audience(visit: &Visit, charter: &Charter, pairs: &Pairs) -> BTreeSet<PartyId> {
    let chosen = pairs.iter().filter(|(name, _)| name == "_audience").filter_map(|(_, value)| value.parse().ok());
    let mut audience: BTreeSet<PartyId> = chosen.filter(|party| charter.parties.contains_key(party)).collect();
    audience.insert(visit.looking.own.clone());
    audience
}

async fn beside(visit: &Visit, channel: &ChannelId) -> Result<Vec<Item>, Trouble> {
    let filter = Filter { channel: Some(channel.clone()), limit: 50, ..Filter::default() };
    let mut page = visit.read(move |connection, looking| views::list(connection, looking, filter)).await?;
    page.items.retain(|item| item.kind != Kind::Charter);
    Ok(page.items)
}

async fn opening<'v>(visit: &'v Visit, kind: &str, act: Option<&str>, pairs: &Pairs) -> Result<Opening<'v>, Trouble> {
    visit.require_reading()?;
    let nothing = || Refusal::from(Common::NoSuchDossier);
    let kind = Kind::named(kind).filter(|kind| kind.letter().is_some()).ok_or_else(nothing)?;
    let named = |spec: &&ActSpec| act.is_none_or(|act| spec.name == act);
    if !kind.acts().iter().any(|spec| spec.opens && named(&spec)) {
        return Err(nothing().into());
    }
    let spec = openings(visit, kind).find(named).ok_or_else(|| Refusal::from(Common::WrongRole))?;
    let named = value(pairs, "statement").zip(value(pairs, "proposal").and_then(|number| number.parse::<u32>().ok()));
    let source = match named {
        Some((statement, number)) => {
            let found = super::statement::proposal(visit, statement, number).await?;
            let (proposal, origin) = found.filter(|(proposal, _)| proposal.kind == kind.name()).ok_or_else(nothing)?;
            Some((statement.to_owned(), number, proposal, origin))
        }
        None => None,
    };
    Ok(Opening { visit, kind, spec, source })
}

impl<'v> Opening<'v> {
    /// The channels in which this officer may open it.
    fn fitting(&self) -> Vec<(&'v ChannelId, &'v Charter)> {
        let visit = self.visit;
        let takes_part = |charter: &Charter| {
            charter
                .parties
                .get(&visit.looking.own)
                .is_some_and(|own| own.institutions.contains_key(&visit.looking.officer.institution))
        };
        let all = visit.charters.iter().map(|(id, charter)| (id, charter.as_ref()));
        let mut fitting: Vec<_> = all.filter(|(_, charter)| self.kind.fits(charter.class) && takes_part(charter)).collect();
        fitting.sort_by_key(|(_, charter)| charter.class);
        fitting
    }

    /// The only channel that fits, or the smallest that holds every party of the proposal.
    fn best<'f>(&self, fitting: &'f [(&'v ChannelId, &'v Charter)]) -> Option<&'f (&'v ChannelId, &'v Charter)> {
        if let Some((_, _, proposal, _)) = &self.source
            && let Some(suiting) = fitting
                .iter()
                .filter(|(_, charter)| reader::suits(proposal, charter))
                .min_by_key(|(_, charter)| charter.parties.len())
        {
            return Some(suiting);
        }
        match fitting {
            [only] => Some(only),
            _ => None,
        }
    }

    fn name(&self, (id, charter): &(&ChannelId, &Charter)) -> String {
        let name = self.visit.names(Some(id)).words(&charter.name);
        name.map_or_else(|| id.to_string(), |name| name.text)
    }

    fn address(&self, channel: &ChannelId) -> String {
        let from =
            self.source.as_ref().map(|(statement, number, ..)| format!("&statement={}&proposal={number}", encode(statement)));
        format!("/dossiers/new/{}/{}?channel={channel}{}", self.kind, self.spec.name, from.unwrap_or_default())
    }

    /// The page on which one of several opening acts is chosen first. What the address gives beforehand goes on with it.
    fn choose_act(&self, query: &Pairs) -> pages::Open {
        let visit = self.visit;
        let given: Vec<String> = query.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
        let given = if given.is_empty() { String::new() } else { format!("?{}", given.join("&")) };
        let link = |spec: &ActSpec| {
            (format!("/dossiers/new/{}/{}{given}", self.kind, spec.name), words::act(visit.lang, self.kind, spec.name))
        };
        let heading = words::kind(visit.lang, self.kind);
        pages::Open {
            frame: visit.frame(heading.clone(), None),
            heading,
            intro: visit.w("open-choose-act"),
            acts: openings(visit, self.kind).map(link).collect(),
            channel: String::new(),
            channels: Vec::new(),
            none: String::new(),
            form: None,
        }
    }

    /// The page on which a channel is chosen first.
    fn choose(&self, fitting: &[(&ChannelId, &Charter)]) -> pages::Open {
        let none = if fitting.is_empty() { self.visit.w("open-no-channel") } else { String::new() };
        self.around(String::new(), fitting.iter().map(|each| (self.address(each.0), self.name(each))).collect(), none, None)
    }

    fn around(&self, channel: String, channels: Vec<(String, String)>, none: String, form: Option<Form>) -> pages::Open {
        let heading = words::act(self.visit.lang, self.kind, self.spec.name);
        let intro = if self.source.is_some() { "open-from-statement" } else { "open-intro" };
        let frame = self.visit.frame(heading.clone(), None);
        pages::Open { frame, heading, intro: self.visit.w(intro), acts: Vec::new(), channel, channels, none, form }
    }

    /// What a link to this form may give beforehand: an action that comes from a clause of a meeting.
    fn beginning(&self, query: &Pairs) -> Value {
        let given = query.iter().filter(|(name, _)| self.spec.fields.iter().any(|field| field.name == name));
        forms::body(self.spec.fields, &given.cloned().collect::<Vec<_>>())
    }

    #[allow(clippy::too_many_arguments)]
    fn page(
        &self,
        channel: &ChannelId,
        charter: &Charter,
        fitting: &[(&ChannelId, &Charter)],
        act: &Typed,
        typed: &Pairs,
        refusal: Option<&Refusal>,
        beside: Vec<Item>,
    ) -> pages::Open {
        let visit = self.visit;
        let mut form = Form::new(visit.lang, "open", &format!("/dossiers/new/{}/{}", self.kind, self.spec.name), &visit.csrf);
        form.hidden.push(("channel".to_owned(), channel.to_string()));
        if let Some((statement, number, ..)) = &self.source {
            form.hidden.push(("statement".to_owned(), statement.clone()));
            form.hidden.push(("proposal".to_owned(), number.to_string()));
        }
        form.refusals.extend(whole(visit.lang, refusal));
        let offers = offers(visit, charter, &beside, Vec::new());
        let problems = refusal.map(|refusal| refusal.problems.as_slice()).unwrap_or_default();
        let maker = Maker { lang: visit.lang, kind: self.kind, spec: self.spec, offers: &offers, problems };
        let form = maker.fields(&act.body).into_iter().chain(maker.sealed(&act.sealed)).fold(form, Form::field);
        let form = self.handling(charter, typed).into_iter().fold(form, Form::field);
        let others =
            fitting.iter().filter(|(id, _)| *id != channel).map(|each| (self.address(each.0), shorten(&self.name(each), 80)));
        // A change of channel by its link would lose what was typed.
        let others = if typed.is_empty() { others.collect() } else { Vec::new() };
        self.around(self.name(&(channel, charter)), others, String::new(), Some(form))
    }

    /// How the dossier is to be handled: its label, and the parties that it is for.
    fn handling(&self, charter: &Charter, typed: &Pairs) -> Vec<Field> {
        let visit = self.visit;
        let label = value(typed, "_label").unwrap_or(Classification::default().name());
        let within = Classification::ALL.into_iter().filter(|class| *class <= visit.looking.officer.clearance);
        let options = within
            .map(|class| Choice::new(class.name(), Text::in_lang(visit.lang, visit.w(level(class).word_id())), label))
            .collect();
        let groups = vec![ChoiceGroup { name: String::new(), options }];
        let mut fields = vec![Field::new(visit.lang, "_label", visit.w("field-label"), Shape::Select { groups })];
        if charter.parties.len() > 1 {
            let chosen = audience(visit, charter, typed);
            let names = visit.names(Some(&charter.channel()));
            let party = |party: &PartyId| {
                let mut choice = Choice::new(party.as_str(), names.party(party), "");
                choice.chosen = typed.is_empty() || chosen.contains(party);
                choice
            };
            let options = charter.parties.keys().map(party).collect();
            fields.push(
                Field::new(visit.lang, "_audience", visit.w("field-audience"), Shape::Several { options })
                    .hint(visit.w("open-audience-hint")),
            );
        }
        fields
    }
}
