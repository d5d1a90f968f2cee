//! Today: what waits, what is late, what happened last.
use super::show;
use super::visit::{Visit, rendered};
use crate::fault::Trouble;
use crate::language::{date_hijri, date_with_weekday, number};
use crate::views::{Item, desk};
use crate::web::pages::{Today, TodaySection};
use crate::web::parts::Empty;
use axum::http::StatusCode;
use axum::response::Response;

/// The first page.
pub(super) async fn page(visit: Visit) -> Response {
    let made = make(&visit).await.map(|page| rendered(StatusCode::OK, &page));
    visit.answer(made)
}

async fn make(visit: &Visit) -> Result<Today, Trouble> {
    let desk = visit.read(desk::desk).await?;
    let own = visit.looking.own.as_str();
    let today = visit.looking.today;
    let day = (i32::from(today.year()), u8::try_from(today.month()).unwrap_or(1), u8::try_from(today.day()).unwrap_or(1));
    let sections = vec![
        section(visit, ["waits", "sign", "card-waiting"], &desk.waiting, desk.waiting_total, format!("/dossiers?awaits={own}")),
        section(visit, ["late", "clock", "card-late"], &desk.late, desk.late.len() as u64, "/dossiers?late=yes".to_owned()),
        section(visit, ["recent", "today", ""], &desk.recent, 0, "/dossiers".to_owned()),
    ];
    Ok(Today {
        frame: visit.frame(visit.w("today-title"), None),
        day: date_with_weekday(visit.lang, day.0, day.1, day.2),
        day_hijri: date_hijri(visit.lang, day.0, day.1, day.2),
        sections,
    })
}

fn section(visit: &Visit, [id, icon, class]: [&'static str; 3], items: &[Item], total: u64, more: String) -> TodaySection {
    let word = |part: &str| visit.w(&format!("today-{id}{part}"));
    let actions = match id {
        "recent" => {
            vec![("/statement".to_owned(), visit.w("nav-statement")), ("/dossiers".to_owned(), visit.w("nav-all-dossiers"))]
        }
        _ => Vec::new(),
    };
    TodaySection {
        id,
        icon,
        heading: word(""),
        hint: word("-hint"),
        count: if total == 0 { String::new() } else { number(visit.lang, i64::try_from(total).unwrap_or(i64::MAX)) },
        class,
        rows: show::rows(visit.lang, |channel| visit.names(Some(channel)), &visit.looking.own, items),
        empty: Empty { why: word("-empty"), next: word("-empty-more"), actions },
        more: if items.is_empty() { String::new() } else { more },
    }
}
