//! Search. What is asked and what it is narrowed to stand in the address; facets are links, so that all works without a script.
use super::names::{Names, text_in};
use super::show;
use super::visit::{Pairs, Visit, rendered, value};
use crate::api::status_of;
use crate::fault::{Fault, Trouble};
use crate::language::{Lang, month, number, word};
use crate::search::{self, Answer, Facet, Hit, Question};
use crate::web::frame::{LabelBanner, encode};
use crate::web::pages::{FacetGroup, FacetLink, Paging, Pill, SearchHit, SearchPage};
use crate::web::parts::{Chip, Empty, RefusalView, Text};
use crate::web::words;
use axum::extract::Query;
use axum::http::StatusCode;
use axum::response::Response;
use tansiq_dossier::kinds::Kind;
use tansiq_dossier::refusal::Refusal;

/// How many hits a page shows.
const LINES: u64 = 25;

/// What may be typed: the ids of the words that explain it and, with `-example`, show it.
const HELP: [&str; 7] = ["all", "phrase", "prefix", "without", "title", "day", "names"];

/// The page.
pub(super) async fn page(visit: Visit, Query(query): Query<Pairs>) -> Response {
    let made = make(&visit, &query).await.map(|(status, page)| rendered(status, &page));
    visit.answer(made)
}

/// What the address narrows to, in the order of the facets; `since` last.
fn narrowed(query: &Pairs) -> Vec<(&'static str, &str)> {
    let names = Facet::ALL.into_iter().map(Facet::name).chain(["since"]);
    names.filter_map(|name| Some((name, value(query, name)?))).collect()
}

fn skip(query: &Pairs) -> u64 {
    let most = search::MOST_SKIPPED / LINES;
    let page: u64 = value(query, "page").and_then(|page| page.parse().ok()).unwrap_or(1).clamp(1, most);
    (page - 1) * LINES
}

async fn make(visit: &Visit, query: &Pairs) -> Result<(StatusCode, SearchPage), Trouble> {
    visit.require_reading()?;
    let asked = Question::of(value(query, "q").unwrap_or_default(), narrowed(query));
    let found = match asked {
        Ok(question) if question.is_empty() => Ok(None),
        Ok(question) => find(visit, Question { skip: skip(query), limit: LINES, ..question }).await.map(Some),
        Err(refusal) => Err(refusal.into()),
    };
    match found {
        Ok(answer) => Ok((StatusCode::OK, shown(visit, query, answer, None))),
        // What was typed is kept, and stands beside the rule that it breaks.
        Err(Trouble::Refused(refusal)) => Ok((status_of(&refusal), shown(visit, query, None, Some(&refusal)))),
        Err(other) => Err(other),
    }
}

async fn find(visit: &Visit, question: Question) -> Result<Answer, Trouble> {
    let node = &visit.app.node;
    let (index, store, looking) = (node.index.clone(), node.store.clone(), visit.looking.clone());
    let found = tokio::task::spawn_blocking(move || search::find(&index, &store, &looking, &question));
    found.await.unwrap_or_else(|_| Err(Fault::Closing.into()))
}

fn shown(visit: &Visit, query: &Pairs, answer: Option<Answer>, refusal: Option<&Refusal>) -> SearchPage {
    let title = visit.w("search-title");
    let hits = answer.as_ref().map(|answer| answer.hits.as_slice()).unwrap_or_default();
    let labels = hits.iter().map(|hit| hit.item.label.clone()).reduce(|all, label| all.join(&label));
    let banner = labels.map(|label| LabelBanner {
        level: super::names::level(label.class),
        audience: String::new(),
        codes: String::new(),
    });
    let mut frame = visit.frame(title, banner);
    frame.searches = true;
    let none = answer.as_ref().is_some_and(|answer| answer.total == 0);
    SearchPage {
        frame,
        typed: value(query, "q").unwrap_or_default().to_owned(),
        hidden: narrowed(query).into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
        count: answer.as_ref().map(|answer| word(visit.lang, "rows-caption", &[("n", answer.total.into())])).unwrap_or_default(),
        refusal: refusal.map(|refusal| RefusalView::of(visit.lang, &refusal.code)),
        pills: pills(visit, query),
        clear: address(query, None, Some("")),
        facets: answer.as_ref().map(|answer| facets(visit, query, answer)).unwrap_or_default(),
        hits: hits.iter().map(|hit| line(visit, hit)).collect(),
        empty: none.then(|| Empty { why: visit.w("search-none"), next: visit.w("search-none-more"), actions: Vec::new() }),
        paging: answer.as_ref().and_then(|answer| paging(visit, query, answer)),
        help: HELP
            .into_iter()
            .map(|id| (visit.w(&format!("search-help-{id}-example")), visit.w(&format!("search-help-{id}"))))
            .collect(),
    }
}

/// The address of this question with one value more, or without what `without` names; without anything for `Some("")`.
fn address(query: &Pairs, with: Option<(&str, &str)>, without: Option<&str>) -> String {
    let kept = narrowed(query).into_iter().filter(|(name, _)| without.is_none_or(|gone| !gone.is_empty() && gone != *name));
    let kept = kept.filter(|(name, _)| with.is_none_or(|(other, _)| other != *name));
    let all = value(query, "q").map(|typed| ("q", typed)).into_iter().chain(kept).chain(with);
    let parts: Vec<String> = all.map(|(name, value)| format!("{name}={}", encode(value))).collect();
    if parts.is_empty() { "/search".to_owned() } else { format!("/search?{}", parts.join("&")) }
}

/// A value of a facet, in the reader's words.
fn said(visit: &Visit, names: Names<'_>, facet: Facet, value: &str) -> Text {
    let own = |text: String| Text::in_lang(visit.lang, text);
    match facet {
        Facet::Kind => Kind::named(value).map_or_else(|| Text::plain(value), |kind| own(words::kind(visit.lang, kind))),
        Facet::State => {
            let known = Kind::ALL.iter().copied().find(|kind| kind.states().contains(&value));
            known.map_or_else(|| Text::plain(value), |kind| own(words::state(visit.lang, kind, value)))
        }
        Facet::Party => value.parse().map_or_else(|_| Text::plain(value), |party| names.party(&party)),
        Facet::Institution => value.parse().map_or_else(|_| Text::plain(value), |id| names.institution(&id)),
        Facet::Label => own(visit.w(&format!("label-{value}"))),
        Facet::Channel => {
            let named = value.parse().ok().and_then(|id| names.words(&visit.charters.get(&id)?.name));
            named.unwrap_or_else(|| Text::plain(value))
        }
        Facet::Month => own(month_of(visit.lang, value)),
        Facet::Place | Facet::Year => Text::plain(value),
    }
}

/// `2026-11` with the name of the month.
fn month_of(lang: Lang, value: &str) -> String {
    let parts = value.split_once('-').and_then(|(year, number)| Some((year.parse().ok()?, number.parse().ok()?)));
    parts.map_or_else(|| value.to_owned(), |(year, number)| month(lang, year, number))
}

fn pills(visit: &Visit, query: &Pairs) -> Vec<Pill> {
    let names = visit.names(None);
    let shown = |name: &str, value: &str| match Facet::named(name) {
        // A level that does not exist is refused, and shown as it was typed.
        Some(facet) if search::value(facet, value).is_ok_and(|known| known == value) => said(visit, names, facet, value).text,
        _ => value.to_owned(),
    };
    let pill = |(name, value): (&'static str, &str)| Pill {
        name: visit.w(&format!("search-{name}")),
        value: shown(name, value),
        without: address(query, None, Some(name)),
    };
    narrowed(query).into_iter().map(pill).collect()
}

fn facets(visit: &Visit, query: &Pairs, answer: &Answer) -> Vec<FacetGroup> {
    let names = visit.names(None);
    let n = |count: u64| number(visit.lang, i64::try_from(count).unwrap_or(i64::MAX));
    let group = |counts: &search::Counts| {
        let name = counts.facet.name();
        let open = counts.values.iter().filter(|counted| value(query, name) != Some(counted.value.as_str()));
        let links = open.map(|counted| FacetLink {
            href: address(query, Some((name, &counted.value)), None),
            text: said(visit, names, counts.facet, &counted.value),
            count: n(counted.count),
        });
        FacetGroup { name: visit.w(&format!("search-{name}")), links: links.collect() }
    };
    answer.facets.iter().map(group).filter(|group| !group.links.is_empty()).collect()
}

fn line(visit: &Visit, hit: &Hit) -> SearchHit {
    let (item, lang) = (&hit.item, visit.lang);
    let names = visit.names(Some(&item.channel));
    let snippet = |snippet: &search::Snippet| {
        let around = snippet.tongue.map_or_else(|| Text::plain(""), |tongue| text_in(tongue, ""));
        (around, snippet.parts.clone())
    };
    SearchHit {
        href: show::address(&item.channel, &item.dossier),
        reference: show::reference(item),
        title: show::title(names, &item.title, &item.dossier),
        icon: show::icon(item.kind),
        kind: words::kind(lang, item.kind),
        chip: Chip::new(show::tone(item.tone, &item.state, item.late), words::state(lang, item.kind, &item.state)),
        snippets: hit.snippets.iter().map(snippet).collect(),
    }
}

fn paging(visit: &Visit, query: &Pairs, answer: &Answer) -> Option<Paging> {
    let (skip, here, total) = (skip(query), answer.hits.len() as u64, answer.total);
    if total <= LINES && skip == 0 {
        return None;
    }
    let n = |n: u64| number(visit.lang, i64::try_from(n).unwrap_or(i64::MAX));
    let to = |page: u64| format!("{}&page={page}", address(query, None, None));
    let page = skip / LINES + 1;
    let arguments = [("from", n((skip + 1).min(total)).into()), ("to", n(skip + here).into()), ("all", n(total).into())];
    Some(Paging {
        showing: word(visit.lang, "page-showing", &arguments),
        previous: if page > 1 { to(page - 1) } else { String::new() },
        next: if here == LINES && skip + here < total { to(page + 1) } else { String::new() },
    })
}
