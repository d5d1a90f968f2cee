//! Lines that are no part of the statement: comment forms, read-also headlines, bylines, section names.

use super::{DroppedLine, Span};
use crate::gazetteer::boilerplate::LinePattern;
use crate::gazetteer::lexicon;
use crate::gazetteer::phrases::Prepared;
use crate::normalise::{Folded, fold_for_search};
use std::ops::Range;

struct Line<'t> {
    number: usize,
    text: &'t str,
    folded: &'t str,
    words: usize,
    start: usize,
    /// Its tokens.
    tokens: Range<usize>,
}

/// The lines to drop, in order.
pub(super) fn read(text: &str, folded: &Folded, words: &Prepared) -> Vec<DroppedLine> {
    let lines = split(text, folded);
    let mut drop = vec![false; lines.len()];
    patterns(&lines, folded, words, &mut drop);
    let prose: Vec<usize> = (0..lines.len()).filter(|&i| !drop[i] && is_prose(&lines[i])).collect();
    if let (Some(&first), Some(&last)) = (prose.first(), prose.last()) {
        for (i, line) in lines.iter().enumerate() {
            // An agency and a city above the title: "رووداو - أربيل".
            let above = i == 0 && first > 1 && line.words <= 4 && line.text.contains(['–', '-', '—', '|', '/']);
            let above = above || (i == 0 && is_dateline(line));
            let head = i < first && (i > 0 || lines.len() > 1) && (is_byline(line, i == 0 && !above) || is_dateline(line));
            let tail = i > last && !keeps(line);
            drop[i] |= head || tail;
        }
    }
    lines
        .iter()
        .zip(&drop)
        .filter(|(_, d)| **d)
        .map(|(l, _)| {
            let text = l.text.trim();
            let start = l.start + l.text.chars().take_while(|c| c.is_whitespace()).count();
            let span = Span { start, end: start + text.chars().count() };
            DroppedLine { line: l.number, text: text.to_owned(), evidence: vec![span] }
        })
        .collect()
}

/// The lines with words on them.
fn split<'t>(text: &'t str, folded: &'t Folded) -> Vec<Line<'t>> {
    let mut out = Vec::new();
    let mut start = 0;
    let tokens = &folded.tokens;
    // What of the folded text is still ahead, and where its characters come from.
    let (mut ahead, mut origins) = (folded.text.as_str(), folded.origins.as_slice());
    for (number, line) in text.split('\n').enumerate() {
        let a = tokens.partition_point(|t| t.line < number);
        let b = tokens.partition_point(|t| t.line <= number);
        let end = start + line.chars().count();
        let length = origins.partition_point(|o| o.character < end);
        let (own, behind) = ahead.split_at(ahead.char_indices().nth(length).map_or(ahead.len(), |c| c.0));
        (ahead, origins) = (behind, origins.get(length..).unwrap_or(&[]));
        let folded = if b - a <= 45 { own.trim_matches(' ') } else { "" };
        if !line.trim().is_empty() && (b > a || line.chars().any(|c| !c.is_whitespace() && c.is_alphanumeric())) {
            out.push(Line { number, text: line, folded, words: b - a, start, tokens: a..b });
        }
        start = end + 1;
    }
    out
}

/// Marks what the patterns of `boilerplate.tsv` name.
fn patterns(lines: &[Line<'_>], folded: &Folded, words: &Prepared, drop: &mut [bool]) {
    let boilerplate = &lexicon().boilerplate;
    for (i, line) in lines.iter().enumerate() {
        if line.words > 45 {
            continue;
        }
        let anywhere = &boilerplate.anywhere;
        let hit = line.tokens.clone().find_map(|k| anywhere.row(anywhere.phrases.at(folded, words, k)?));
        let mut next = hit.copied().unwrap_or(0);
        drop[i] |= hit.is_some();
        let opening = boilerplate.opening(line.folded).iter().filter(|p| opens(line, p));
        for p in opening.chain(boilerplate.closing.iter().filter(|p| closes(line, p))) {
            next = next.max(p.next);
            drop[i] = true;
        }
        for k in 1..=next {
            if lines.get(i + k).is_some_and(|l| !is_prose(l)) {
                drop[i + k] = true;
            }
        }
    }
}

/// The line is the words of a pattern, or is short and begins with them.
fn opens(line: &Line<'_>, p: &LinePattern) -> bool {
    if p.whole {
        return line.folded == p.folded;
    }
    // A label ("المصدر", "كاتب") opens a short line; a sentence may begin with the same word.
    let label = || p.folded.contains(' ') || line.words <= 8 && !is_prose(line) || line.text.contains(':') && line.words <= 16;
    line.words <= 30 && starts(line.folded, &p.folded) && label()
}

/// A short line with a number ends with the words of a pattern.
fn closes(line: &Line<'_>, p: &LinePattern) -> bool {
    line.words <= 8 && line.folded.ends_with(&p.folded) && line.folded.contains(|c: char| c.is_ascii_digit())
}

/// "صدر في بغداد": the last line of a paper belongs to it.
fn keeps(line: &Line<'_>) -> bool {
    lexicon().boilerplate.kept.iter().any(|p| starts(line.folded, &p.folded))
}

/// "دمشق-سانا": a city and an agency, and no title.
fn is_dateline(line: &Line<'_>) -> bool {
    let city = |s: &str| {
        let folded = fold_for_search(s);
        lexicon().mentions.phrases_hold(&folded) || lexicon().places.phrases_hold(&folded)
    };
    // "رووداو ديجيتال".
    let named = line.words <= 4 && lexicon().agencies.phrases_hold(line.folded);
    named || line.words <= 3 && line.text.split(['–', '-', '—', '/']).next().is_some_and(|s| s.len() < line.text.len() && city(s))
}

fn starts(line: &str, pattern: &str) -> bool {
    line.strip_prefix(pattern)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with(' ') || rest.starts_with(|c: char| c.is_ascii_digit()))
}

/// A line of running text: long, or a sentence with its full stop.
fn is_prose(line: &Line<'_>) -> bool {
    let closed = line.text.trim_end().ends_with(['.', '!', '؟', '»', '"', '”', '*']);
    line.words >= 18 || (closed && line.words >= 4)
}

/// A short line above the text that names a writer, an agency, a city or a time.
fn is_byline(line: &Line<'_>, title: bool) -> bool {
    if title {
        return false;
    }
    let letters = line.text.chars().filter(|c| c.is_alphabetic()).count();
    let digits = line.text.chars().filter(char::is_ascii_digit).count();
    let dashed = line.text.contains(['–', '-', '—', '|', '/', '\\', '•']) && line.words <= 6 && digits == 0;
    let city = line.words <= 2 && lexicon().mentions.phrases_hold(line.folded);
    let clock = line.words <= 12 && line.text.contains(':') && digits >= 3 && digits * 2 >= letters;
    // "بغداد: الصباح".
    let place =
        |s: &str| lexicon().mentions.phrases_hold(&fold_for_search(s)) || lexicon().places.phrases_hold(&fold_for_search(s));
    let paper = line.words <= 4 && digits == 0 && line.text.split_once(':').is_some_and(|(city, _)| place(city));
    dashed || paper || city || clock || (line.words == 1 && digits == 0)
}
