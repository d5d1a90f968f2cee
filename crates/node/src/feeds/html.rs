//! The text of a piece of HTML, as feeds carry it.

use quick_xml::escape::{resolve_html5_entity, unescape_with};

/// Elements after which a new line begins.
const BLOCKS: [&str; 14] = ["p", "br", "div", "li", "ul", "ol", "h1", "h2", "h3", "h4", "tr", "table", "blockquote", "figure"];

/// Elements of which nothing is text.
const UNSEEN: [&str; 4] = ["script", "style", "iframe", "svg"];

/// The text without marks: blocks begin lines, references to characters are read, blanks are one.
#[must_use]
pub fn plain(html: &str) -> String {
    let mut text = String::with_capacity(html.len());
    let mut rest = html;
    while let Some((before, after)) = rest.split_once('<') {
        text.push_str(before);
        // What is no mark is a sign: "3 < 5".
        if !after.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '/' | '!' | '?')) {
            text.push('<');
            rest = after;
            continue;
        }
        let (mark, after) = after.split_once('>').unwrap_or((after, ""));
        rest = after;
        let closes = mark.starts_with('/');
        let name = mark.trim_start_matches('/').split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
        let name = name.to_ascii_lowercase();
        if !closes && UNSEEN.contains(&name.as_str()) {
            rest = until_closed(rest, &name);
        }
        text.push(if BLOCKS.contains(&name.as_str()) { '\n' } else { ' ' });
    }
    text.push_str(rest);
    let text = unescape_with(&text, resolve_html5_entity).map_or_else(|_| text.clone(), std::borrow::Cow::into_owned);
    let lines = text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "));
    lines.filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
}

/// What follows from the mark on that closes an element; nothing when none does.
fn until_closed<'t>(text: &'t str, name: &str) -> &'t str {
    let closes = |at: &usize| text.get(at + 2..at + 2 + name.len()).is_some_and(|here| here.eq_ignore_ascii_case(name));
    let found = text.match_indices("</").map(|(at, _)| at).find(closes);
    found.and_then(|at| text.get(at..)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn blocks_are_lines_and_marks_are_gone() {
        let html = "<p>استقبل&nbsp;الوزير <b>ضيفه</b>.</p><script>if (a<b) {}</script><p>وبحثا&#1548; 3 < 5 &amp; غيره</p>";
        assert_eq!(plain(html), "استقبل الوزير ضيفه .\nوبحثا، 3 < 5 & غيره");
        assert_eq!(plain("نص & غير مكتوب <br>سطر"), "نص & غير مكتوب\nسطر");
        assert_eq!(plain("<style>a"), "");
        assert_eq!(plain("<SCRIPT>x</div></Script>ب"), "ب");
    }
}
