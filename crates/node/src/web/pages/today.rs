use crate::web::{
    frame::Frame,
    parts::{Empty, Rows},
};
use askama::Template;

/// What an officer must know this morning.
#[derive(Template)]
#[template(path = "today.html")]
pub struct Today {
    /// The frame.
    pub frame: Frame,
    /// The day with its weekday.
    pub day: String,
    /// The same day in the Umm al-Qura calendar.
    pub day_hijri: String,
    /// What waits, what is late, what is recent.
    pub sections: Vec<TodaySection>,
}

/// One of the lists of the day.
pub struct TodaySection {
    /// Its id in the page.
    pub id: &'static str,
    /// The name of its icon.
    pub icon: &'static str,
    /// Its heading.
    pub heading: String,
    /// What stands in it.
    pub hint: String,
    /// How many there are in all, formatted.
    pub count: String,
    /// The class of the card: `card-late`, `card-waiting`, or nothing.
    pub class: &'static str,
    /// The first dossiers.
    pub rows: Rows,
    /// Shown when there are none.
    pub empty: Empty,
    /// The filtered list with the rest; empty for none.
    pub more: String,
}
