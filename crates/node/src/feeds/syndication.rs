//! RSS 2.0 and Atom (RFC 4287): what a statement needs of their items, and nothing else.

use super::Item;
use super::html::plain;
use jiff::Timestamp;
use jiff::fmt::rfc2822;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::reader::Reader;

/// Why bytes are no feed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// Bytes of another encoding.
    #[error("it is not UTF-8")]
    Encoding,
    /// XML that is not well-formed.
    #[error("it is no XML: {0}")]
    Xml(String),
    /// XML of another sort.
    #[error("it is neither RSS nor Atom: its first element is <{0}>")]
    OtherSort(String),
}

/// The items of a feed, in its order. References to outside entities are never followed.
///
/// # Errors
/// When the bytes are no feed.
pub fn items(bytes: &[u8]) -> Result<Vec<Item>, Unreadable> {
    let text = std::str::from_utf8(bytes).map_err(|_| Unreadable::Encoding)?;
    let mut reader = Reader::from_str(text.trim_start_matches('\u{feff}'));
    let mut found = Found::default();
    loop {
        let event = reader.read_event().map_err(|error| Unreadable::Xml(error.to_string()))?;
        match event {
            Event::Start(start) => found.open(&start)?,
            Event::Empty(start) => {
                found.open(&start)?;
                found.close();
            }
            Event::End(_) => found.close(),
            Event::Text(text) => found.say(&text),
            Event::CData(text) => found.say(&text),
            Event::GeneralRef(reference) => found.refer(&reference),
            Event::Eof if found.names.is_empty() && found.began => return Ok(found.items),
            Event::Eof => return Err(Unreadable::Xml("it ends too early".to_owned())),
            _ => {}
        }
    }
}

/// What has been read so far.
#[derive(Default)]
struct Found {
    items: Vec<Item>,
    began: bool,
    /// The names of the elements that are open, without their prefixes.
    names: Vec<String>,
    /// The item that is open, and at which depth.
    item: Option<(usize, Item)>,
    /// What stands in the element of the item that is open.
    value: String,
    /// Whether a day was taken from the better of two elements.
    dated: bool,
}

impl Found {
    fn open(&mut self, start: &BytesStart<'_>) -> Result<(), Unreadable> {
        let name = start.local_name().as_ref().to_owned();
        if !self.began && !matches!(name.as_str(), "rss" | "feed" | "RDF") {
            return Err(Unreadable::OtherSort(name));
        }
        self.began = true;
        self.names.push(name.clone());
        match &mut self.item {
            None if matches!(name.as_str(), "item" | "entry") => {
                self.item = Some((self.names.len(), Item::default()));
                self.dated = false;
            }
            Some((depth, item)) if self.names.len() == *depth + 1 => {
                self.value.clear();
                let attribute = |name: &str| {
                    let found = start.try_get_attribute(name).ok().flatten();
                    found.map(|found| found.value.into_owned())
                };
                let is_page = attribute("rel").is_none_or(|rel| rel == "alternate");
                if let (true, Some(href)) = (name == "link" && is_page, attribute("href")) {
                    item.link = plain(&href);
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn say(&mut self, text: &str) {
        if self.item.is_some() {
            self.value.push_str(text);
        }
    }

    fn refer(&mut self, reference: &BytesRef<'_>) {
        let said = match reference.resolve_char_ref() {
            Ok(Some(sign)) => sign.to_string(),
            _ => {
                let name: &str = reference;
                // An entity that XML does not know is left for the reader of HTML.
                resolve_predefined_entity(name).map_or_else(|| format!("&{name};"), str::to_owned)
            }
        };
        self.say(&said);
    }

    fn close(&mut self) {
        let depth = self.names.len();
        let name = self.names.pop().unwrap_or_default();
        let Some((at, item)) = &mut self.item else { return };
        if depth == *at {
            self.items.extend(self.item.take().map(|(_, item)| item));
            return;
        }
        if depth != *at + 1 {
            return;
        }
        let value = std::mem::take(&mut self.value);
        match name.as_str() {
            "title" => item.title = plain(&value).replace('\n', " "),
            "link" if !value.trim().is_empty() => value.trim().clone_into(&mut item.link),
            "pubDate" | "published" | "date" => {
                item.published = day(&value).or(item.published.take());
                self.dated = item.published.is_some();
            }
            "updated" if !self.dated => item.published = day(&value),
            // A summary and the whole text: the longer one is the text.
            "description" | "summary" | "content" | "encoded" => {
                let text = plain(&value);
                if text.chars().count() > item.text.chars().count() {
                    item.text = text;
                }
            }
            _ => {}
        }
    }
}

/// The day of a moment where it was written down: RFC 2822 in RSS, RFC 3339 in Atom.
fn day(text: &str) -> Option<String> {
    let text = text.trim();
    if let Ok(moment) = rfc2822::parse(text) {
        return Some(moment.date().to_string());
    }
    let day = text.get(..10)?;
    let whole = text.len() == 10 || text.parse::<Timestamp>().is_ok();
    day.parse::<jiff::civil::Date>().ok().filter(|_| whole).map(|day| day.to_string())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn rss_gives_title_link_day_and_the_longer_text() {
        let rss = r#"<?xml version="1.0" encoding="UTF-8"?><rss version="2.0" xmlns:content="urn:c"><channel><title>وكالة</title>
            <item><title>اجتماع &amp; بيان</title><link>https://a.example/1?x=1&amp;y=2</link>
            <pubDate>Tue, 04 Nov 2025 23:30:00 +0300</pubDate><description>موجز</description>
            <content:encoded><![CDATA[<p>النص الأول.</p><p>النص&nbsp;الثاني.</p>]]></content:encoded></item>
            <item><title>غيره</title></item></channel></rss>"#;
        let found = items(rss.as_bytes()).unwrap();
        assert_eq!(found.len(), 2);
        assert_eq!(found[0].title, "اجتماع & بيان");
        assert_eq!(found[0].link, "https://a.example/1?x=1&y=2");
        assert_eq!(found[0].published.as_deref(), Some("2025-11-04"));
        assert_eq!(found[0].body(), "اجتماع & بيان\n\nالنص الأول.\nالنص الثاني.");
    }

    #[test]
    fn atom_gives_the_page_and_the_day_of_publication() {
        let atom = r#"<feed xmlns="http://www.w3.org/2005/Atom"><title>x</title><entry><title type="html">&lt;b&gt;بيان&lt;/b&gt;</title>
            <link rel="self" href="https://a.example/self"/><link href="https://a.example/2"/><updated>2025-11-06T08:00:00Z</updated>
            <published>2025-11-05T23:00:00+03:00</published><author><name>محرر</name></author>
            <content type="html">&lt;p&gt;نص&lt;/p&gt;</content></entry></feed>"#;
        let found = items(atom.as_bytes()).unwrap();
        assert_eq!((found[0].title.as_str(), found[0].link.as_str()), ("بيان", "https://a.example/2"));
        assert_eq!((found[0].published.as_deref(), found[0].text.as_str()), (Some("2025-11-05"), "نص"));
    }

    #[test]
    fn what_is_no_feed_is_told_apart() {
        assert_eq!(items(b"<html><body/></html>"), Err(Unreadable::OtherSort("html".to_owned())));
        assert_eq!(items(&[0xff, 0xfe]), Err(Unreadable::Encoding));
        assert!(matches!(items(b"<rss><channel>"), Err(Unreadable::Xml(_))));
        assert!(matches!(items(b""), Err(Unreadable::Xml(_))));
        let bomb = br#"<!DOCTYPE r [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><rss><channel><item><title>&b;</title></item></channel></rss>"#;
        assert_eq!(items(bomb).unwrap()[0].title, "&b;");
    }
}
