//! The statements that wait: what feeds and officers brought, until a person has decided on each of its proposals.

use super::statement::about;
use super::visit::{Visit, rendered};
use crate::fault::{Fault, Trouble};
use crate::language::{number, word};
use crate::store::statements;
use crate::web::pages;
use crate::web::parts::{Empty, Text};
use axum::http::StatusCode;
use axum::response::Response;

/// How many statements one page shows; the next ones come up as these are worked through.
const SHOWN: u32 = 100;

/// The page.
pub(super) async fn page(visit: Visit) -> Response {
    let made = make(&visit).await.map(|page| rendered(StatusCode::OK, &page));
    visit.answer(made)
}

async fn make(visit: &Visit) -> Result<pages::Queue, Trouble> {
    visit.require_reading()?;
    let found = visit
        .read(|connection, _| Ok::<_, Fault>((statements::waiting(connection, SHOWN)?, statements::count_waiting(connection)?)))
        .await?;
    let (rows, total) = found;
    let names = visit.names(None);
    let row = |statement: &statements::Statement| {
        let left = statement.proposed.saturating_sub(statement.decided);
        let mut about = about(visit, statement);
        if statement.officer.is_none() {
            about.push(visit.w("queue-by-feed"));
        }
        about.push(names.moment(statement.added));
        pages::Waiting {
            href: format!("/statement/{}", statement.id),
            title: Text {
                lang: super::statement::language_of(&statement.body),
                text: statement.title().chars().take(200).collect(),
            },
            about,
            left: word(visit.lang, "queue-left", &[("n", left.into())]),
        }
    };
    Ok(pages::Queue {
        frame: visit.frame(visit.w("queue-title"), None),
        count: word(visit.lang, "queue-count", &[("n", total.into())]),
        rows: rows.iter().map(row).collect(),
        more: match total.saturating_sub(rows.len() as u64) {
            0 => String::new(),
            more => visit.w_with("queue-more", "n", &number(visit.lang, i64::try_from(more).unwrap_or(i64::MAX))),
        },
        empty: Empty {
            why: visit.w("queue-empty"),
            next: visit.w("queue-empty-more"),
            actions: vec![("/statement".to_owned(), visit.w("nav-statement"))],
        },
    })
}
