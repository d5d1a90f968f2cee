//! The text as the extractors see it: live tokens, sentences, and mentions of parties.

use super::{DroppedLine, Span, drop};
use crate::date::Date;
use crate::gazetteer::phrases::{Hit, Prepared, prepare};
use crate::gazetteer::{Cue, Group, Lexicon, Naming, lexicon};
use crate::normalise::{Folded, Gap, Token, clitic_cut, fold};
use std::ops::Range;

/// A party named in the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mention {
    pub(super) code: &'static str,
    pub(super) naming: Naming,
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) cut: usize,
}

/// A statement, folded and cut up, without the lines that are no part of it.
#[derive(Debug)]
pub(super) struct Doc<'t> {
    text: &'t str,
    pub(super) folded: Folded,
    pub(super) words: Prepared,
    /// Sentence number of each token.
    pub(super) sentence: Vec<usize>,
    /// First token of each sentence.
    openings: Vec<usize>,
    /// First token behind the title.
    pub(super) title_end: usize,
    pub(super) published: Option<Date>,
    pub(super) mentions: Vec<Mention>,
    /// The bodies of `institutions.tsv` that are named.
    pub(super) named_bodies: Vec<Hit>,
    /// The parties the statement is about, the most important first.
    pub(super) main: Vec<&'static str>,
    /// The party whose statement it seems to be: the first that the first sentence names. Empty when no party is named.
    pub(super) home: &'static str,
    /// The state whose agency opens the text.
    pub(super) agency: Option<&'static str>,
    /// The parties that named officials serve, with the token of the name.
    pub(super) served: Vec<(&'static str, usize)>,
    /// Dates long before the day of publication: what happened on one of them is no news.
    pub(super) old: Vec<Range<usize>>,
    /// The cues of each token, a bit for each.
    cues: Vec<u16>,
    /// The last yeh of words is written without dots ("فى").
    dotless: bool,
    pub(super) lex: &'static Lexicon,
}

impl<'t> Doc<'t> {
    /// Folds a text, finds the lines to drop, and prepares the rest.
    pub(super) fn new(text: &'t str, published: Option<Date>) -> (Self, Vec<DroppedLine>) {
        let lex = lexicon();
        let mut folded = fold(text);
        spell_alike(&mut folded);
        abbreviations(&mut folded.tokens);
        let mut words = prepare(&lex.words, &folded.tokens);
        let dropped = drop::read(text, &folded, &words);
        let agency = (0..8).find_map(|i| lex.agencies.row(lex.agencies.phrases.at(&folded, &words, i).filter(|h| h.cut == 0)?));
        let agency = agency.copied().filter(|a| *a != "-");
        let mut lines = vec![false; folded.tokens.last().map_or(0, |t| t.line + 1)];
        for d in &dropped {
            if let Some(l) = lines.get_mut(d.line) {
                *l = true;
            }
        }
        let kept: Vec<bool> = folded.tokens.iter().map(|t| !lines.get(t.line).copied().unwrap_or(false)).collect();
        if kept.contains(&false) {
            words.keep(&kept);
            folded.tokens.retain(|t| !lines.get(t.line).copied().unwrap_or(false));
        }
        let (sentence, openings) = sentences(&folded.tokens);
        let first_line = folded.tokens.first().map_or(0, |t| t.line);
        let title_end = folded.tokens.iter().take_while(|t| t.line == first_line).count();
        // A text without a title begins with its first sentence.
        let stop = folded.tokens.get(title_end.wrapping_sub(1)).map_or(0, |t| t.end);
        let sentence_like = (title_end >= 12 && folded.slice(text, stop, stop + 1) == ".") || title_end >= 40;
        let title_end = if title_end == folded.tokens.len() || sentence_like { 0 } else { title_end };
        let named_bodies = lex.institutions.phrases.all(&folded, &words);
        let (mentions, main) = (Vec::new(), Vec::new());
        let preposition = folded.tokens.iter().find(|t| t.folded == "في");
        let dotless = preposition.is_some_and(|t| folded.slice(text, t.end.saturating_sub(1), t.end) == "ى");
        let mut doc = Self {
            text,
            folded,
            words,
            sentence,
            openings,
            title_end,
            published,
            mentions,
            named_bodies,
            main,
            home: "",
            agency,
            served: Vec::new(),
            old: Vec::new(),
            cues: Vec::new(),
            dotless,
            lex,
        };
        doc.cues = doc.find_cues();
        doc.mentions = doc.find_mentions();
        doc.rank();
        (doc, dropped)
    }

    /// Number of tokens.
    pub(super) fn len(&self) -> usize {
        self.folded.tokens.len()
    }

    /// The folded word of token `i`; empty behind the end.
    pub(super) fn word(&self, i: usize) -> &str {
        self.folded.tokens.get(i).map_or("", |t| t.folded.as_str())
    }

    /// The gap before token `i`; behind the end, the end of a line.
    pub(super) fn gap(&self, i: usize) -> Gap {
        self.folded.tokens.get(i).map_or_else(Gap::default, |t| t.gap)
    }

    /// True when token `i` begins a new clause or there is none.
    pub(super) fn broken(&self, i: usize) -> bool {
        self.folded.tokens.get(i).is_none_or(|t| t.gap.breaks())
    }

    /// The sentence number of token `i`.
    pub(super) fn sentence_of(&self, i: usize) -> usize {
        self.sentence.get(i).copied().unwrap_or(usize::MAX)
    }

    /// The tokens of the sentence that token `i` stands in.
    pub(super) fn sentence_range(&self, i: usize) -> Range<usize> {
        let opening = |s: usize| self.openings.get(s).copied().unwrap_or(self.len());
        self.sentence.get(i).map_or(self.len()..self.len(), |&s| opening(s)..opening(s + 1))
    }

    /// The span of some tokens.
    pub(super) fn span(&self, r: Range<usize>) -> Span {
        let start = self.folded.tokens.get(r.start).map_or(0, |t| t.start);
        let end = r.end.checked_sub(1).and_then(|e| self.folded.tokens.get(e)).map_or(start, |t| t.end);
        Span { start, end: end.max(start) }
    }

    /// The span of a match, without the clitics before it.
    pub(super) fn hit_span(&self, r: Range<usize>, cut: usize) -> Span {
        let mut span = self.span(r.clone());
        if let Some(t) = self.folded.tokens.get(r.start)
            && cut > 0
            && let Some(o) = self.folded.origins.get(t.at + cut)
        {
            span.start = o.character.min(span.end);
        }
        span
    }

    /// The words of some tokens as written, without `cut` folded characters of clitics; `article` gives "ال" back.
    pub(super) fn slice(&self, r: Range<usize>, cut: usize, article: bool) -> String {
        let span = self.hit_span(r, cut);
        let raw = self.folded.slice(self.text, span.start, span.end);
        let clean: String = raw.chars().map(|c| if c == '*' || c.is_control() { ' ' } else { c }).collect();
        let words = clean.split_whitespace().collect::<Vec<_>>().join(" ");
        match words.strip_prefix('ل') {
            Some(rest) if article => format!("ال{rest}"),
            _ => words,
        }
    }

    /// Token `i` or a clitic reading of it is this word.
    pub(super) fn is(&self, i: usize, any: &[&str]) -> bool {
        let w = self.word(i);
        any.contains(&w)
    }

    /// Token `i`, with or without clitics, is one of these words.
    pub(super) fn reads(&self, i: usize, any: &[&str]) -> bool {
        let w = self.word(i);
        // Nearly every word is told from nearly every other by its last byte alone.
        let end = w.as_bytes().last();
        end.is_some() && w.len() <= 64 && any.iter().any(|a| a.as_bytes().last() == end && clitic_cut(w, a).is_some())
    }

    /// Token `i` is a word of this group.
    pub(super) fn is_of(&self, i: usize, group: Group) -> bool {
        self.words.is_of(i, group)
    }

    /// Token `i` without its article is a word of this group.
    pub(super) fn bare_of(&self, i: usize, group: Group) -> bool {
        self.words.bare_of(i, group)
    }

    /// Token `i`, with or without clitics, is a word of this group.
    pub(super) fn reads_of(&self, i: usize, group: Group) -> bool {
        self.words.reads_of(i, group)
    }

    /// The party mention that begins at token `i`.
    pub(super) fn mention_at(&self, i: usize) -> Option<&Mention> {
        let k = self.mentions.partition_point(|m| m.from < i);
        self.mentions.get(k).filter(|m| m.from == i)
    }

    /// The last mention of a party that ends before token `i` in the same sentence and passes the test.
    pub(super) fn mention_before(&self, i: usize, test: impl Fn(&Mention) -> bool) -> Option<&Mention> {
        let s = self.sentence_of(i);
        let k = self.mentions.partition_point(|m| m.from < i);
        self.mentions.get(..k)?.iter().rev().take_while(|m| self.sentence_of(m.from) == s && m.from + 120 > i).find(|m| test(m))
    }

    /// The mentions that begin within some tokens.
    pub(super) fn mentions_in(&self, r: Range<usize>) -> &[Mention] {
        let a = self.mentions.partition_point(|m| m.from < r.start);
        let b = self.mentions.partition_point(|m| m.from < r.end);
        self.mentions.get(a..b.max(a)).unwrap_or(&[])
    }

    /// The sides of the statement: the two main parties, or three when the headline names three.
    pub(super) fn sides(&self) -> Vec<String> {
        let subject = |m: &Mention| self.reads_of(m.from.wrapping_sub(1), Group::About);
        let headlined = |c: &str| self.mentions_in(0..self.title_end).iter().any(|m| m.code == c && !subject(m));
        let three = self.main.iter().take(3).all(|c| headlined(c)) && self.main.len() > 2;
        // "يبحث مع العاهل الأردني تطورات سوريا": spoken of, and no side.
        let matter = |m: &Mention| self.reads_of(m.from.wrapping_sub(1), Group::MatterOf);
        let title = || self.mentions_in(0..self.title_end).iter();
        let spoken_of = |c: &str| title().any(|m| m.code == c) && title().all(|m| m.code != c || matter(m));
        let sides: Vec<&str> = self.main.iter().copied().filter(|c| !spoken_of(c)).collect();
        let sides = if sides.len() < 2 { &self.main } else { &sides };
        sides.iter().take(if three { 3 } else { 2 }).map(|s| (*s).to_owned()).collect()
    }

    /// Matches of a list at token `i`.
    pub(super) fn at<T>(&self, list: &crate::gazetteer::List<T>, i: usize) -> Option<Hit> {
        list.phrases.at(&self.folded, &self.words, i)
    }

    /// Whether a list with stems matches anywhere that begins in these tokens.
    pub(super) fn any_in<T>(&self, list: &crate::gazetteer::List<T>, r: Range<usize>, test: impl Fn(&T) -> bool) -> bool {
        r.into_iter().any(|i| self.at(list, i).and_then(|h| list.row(h)).is_some_and(&test))
    }

    fn find_cues(&self) -> Vec<u16> {
        let mut out = vec![0; self.len()];
        for (cue, phrases) in &self.lex.cues {
            for hit in phrases.everywhere(&self.folded, &self.words) {
                if let Some(bits) = out.get_mut(hit.from) {
                    *bits |= cue.bit();
                }
            }
        }
        out
    }

    /// A word or phrase that begins at token `i` gives this cue.
    pub(super) fn cue(&self, i: usize, cue: Cue) -> bool {
        self.cues.get(i).is_some_and(|bits| bits & cue.bit() != 0)
    }

    fn find_mentions(&self) -> Vec<Mention> {
        let list = &self.lex.mentions;
        list.phrases
            .all(&self.folded, &self.words)
            .into_iter()
            .filter(|h| !self.is_place(*h))
            .filter(|h| list.row(*h).is_none_or(|r| r.1 != Naming::Nisba) || !self.is_family_name(*h))
            .filter_map(|h| list.row(h).map(|&(code, naming)| Mention { code, naming, from: h.from, to: h.to, cut: h.cut }))
            .collect()
    }

    /// "أكد السوداني", "السوداني يستقبل …": an adjective with nothing that it could describe is somebody's name.
    fn is_family_name(&self, h: Hit) -> bool {
        let word = self.word(h.from).trim_start_matches('و');
        let (before, behind) = (self.word(h.from.wrapping_sub(1)), self.word(h.to));
        let finite = |w: &str| self.lex.verbs.has(w) || self.lex.verbs.has(w.trim_start_matches(['و', 'ف']));
        h.to - h.from == 1
            && word.starts_with("ال")
            && word.ends_with('ي')
            && if h.from == 0 || self.gap(h.from).ends_sentence() {
                finite(behind) && !self.broken(h.to)
            } else {
                finite(before) && !self.broken(h.from)
            }
    }

    /// A river or crossing that is called after a state is no mention of it ("نهر الأردن").
    fn is_place(&self, h: Hit) -> bool {
        let behind_head =
            h.from.checked_sub(1).and_then(|p| self.at(&self.lex.places, p)).is_some_and(|p| p.to >= h.to && p.to - p.from > 1);
        behind_head || (self.is(h.to, &["بن"]) && h.to - h.from == 1)
    }
}

/// Spellings that folding leaves apart, as folded: "كوردستان", "هيأة", "شئون", "مسئول".
const ALIKE: [(&str, &str); 4] = [("كورد", "كرد"), ("هياه", "هييه"), ("شيون", "شوون"), ("مسيول", "مسوول")];

/// Gives every word the spelling that the lists have. What is changed stands behind every clitic, so the way back to the text stays.
fn spell_alike(folded: &mut Folded) {
    // Most texts have none of them.
    let found: Vec<_> = ALIKE.iter().filter(|a| folded.text.contains(a.0)).collect();
    if found.is_empty() {
        return;
    }
    for t in folded.tokens.iter_mut().filter(|t| (8..64).contains(&t.folded.len())) {
        if let Some((from, to)) = found.iter().find(|a| t.folded.contains(a.0)) {
            t.folded = t.folded.replace(from, to);
        }
    }
}

/// The full stop of "د. حيدر" and "أ.م.د. سعاد" ends no sentence.
fn abbreviations(tokens: &mut [Token]) {
    for i in 1..tokens.len() {
        let (before, rest) = tokens.split_at_mut(i);
        let letter = |n: usize| {
            before.len().checked_sub(n).and_then(|k| before.get(k)).is_some_and(|t| matches!(t.folded.as_str(), "د" | "م" | "ا"))
        };
        let measure = before.len().checked_sub(2).and_then(|k| before.get(k)).is_some_and(Token::is_number);
        if let Some(t) = rest.first_mut().filter(|t| letter(1) && !measure && !t.gap.line()) {
            t.gap.abbreviates();
        }
    }
}

/// The number of the sentence of each token, and the first token of each sentence.
fn sentences(tokens: &[Token]) -> (Vec<usize>, Vec<usize>) {
    let mut openings = Vec::new();
    let mut number = |(i, t): (usize, &Token)| {
        if i == 0 || t.gap.ends_sentence() {
            openings.push(i);
        }
        openings.len() - 1
    };
    let sentence = tokens.iter().enumerate().map(&mut number).collect();
    (sentence, openings)
}

impl crate::gazetteer::At for Doc<'_> {
    fn hit<T>(&self, list: &crate::gazetteer::List<T>, i: usize) -> Option<Hit> {
        self.at(list, i)
    }
}

impl Doc<'_> {
    fn rank(&mut self) {
        self.main = super::parties::main(self);
        let lead = self.sentence_range(self.title_end);
        let state = |code: &str| super::parties::is_state(code) && self.main.iter().take(3).any(|c| *c == code);
        let foreign = self.foreign(&lead);
        // "عند الحدود التركية": where, and not who.
        let thing = |m: &Mention| m.naming == Naming::Nisba && self.reads_of(m.from.wrapping_sub(1), Group::Ground);
        let speaks =
            |m: &&Mention| !thing(m) && state(m.code) && !foreign.contains(&m.code) && !super::parties::is_only_there(self, m);
        let first = |r: Range<usize>| self.mentions_in(r).iter().find(speaks).map(|m| (m.from, m.code));
        let own = |h: &Hit| self.lex.institutions.row(*h).map(|r| r.0).filter(|c| state(c) && !foreign.contains(c));
        let body = self.named_bodies.iter().filter(|h| lead.contains(&h.from)).find_map(|h| own(h).map(|code| (h.from, code)));
        // An office that only one state calls so, before whom the title complains of.
        let office = || {
            let row = lead.clone().find_map(|i| self.lex.office_parties.row_at(self, i)).copied();
            row.filter(|c| super::parties::is_state(c) && !foreign.contains(c) && self.is_unmarked(&lead))
        };
        let in_lead = [first(lead.clone()), body].into_iter().flatten().min().map(|f| f.1);
        let first = in_lead.or_else(office).or_else(|| first(0..self.title_end).map(|f| f.1));
        let rest = || self.main.iter().copied().filter(|c| super::parties::is_state(c));
        let home = first.or_else(|| rest().find(|c| !foreign.contains(c)));
        // A newsroom leaves out its own state. What only one state has tells which; where nothing does, the list says.
        let implied = || super::parties::implied(self, &lead).filter(|c| !foreign.contains(c) && self.is_unmarked(&lead));
        // "لاجئ سوري": whose people are told of speaks not for that; the towns of the first sentence tell where it is.
        let towns = || {
            lead.clone()
                .filter_map(|i| self.lex.places.row_at(self, i))
                .filter(|p| !p.weak)
                .map(|p| p.country)
                .find(|c| super::parties::is_state(c) && !foreign.contains(c))
        };
        let home = match home {
            Some(code) if first.is_none() && towns().is_some_and(|t| t != code) => towns(),
            Some(code) if self.mentions.iter().all(|m| m.code != code || self.is_of_people(m)) => towns().or(home),
            _ => home,
        };
        self.home = home.or_else(implied).or_else(|| rest().next()).unwrap_or("");
    }

    /// "اللاجئين السوريين", "عائلة عراقية", or what stands alone as people.
    fn is_of_people(&self, m: &Mention) -> bool {
        let people = |k: usize| {
            self.lex.units.row_at(self, k).is_some_and(|u| matches!(u.unit, "persons" | "families" | "women" | "children"))
        };
        m.naming != Naming::Capital && m.cut == 0 && people(m.from.wrapping_sub(1))
    }

    /// The first official or ministry of the first sentence is named without a state.
    fn is_unmarked(&self, lead: &Range<usize>) -> bool {
        lead.clone().find_map(|i| self.actor_mark(i)).is_some_and(|mark| mark.is_none())
    }

    /// For an official or a ministry that begins at token `i`, the state it is said to be of.
    fn actor_mark(&self, i: usize) -> Option<Option<&'static str>> {
        if self.reads(i, &["وزاره"]) && !self.reads(i.wrapping_sub(1), &["في", "مع", "من"]) {
            let name = (i + 1..i + 5).take_while(|&k| !self.broken(k) && (k == i + 1 || self.word(k).contains("ال")));
            return Some(name.filter_map(|k| self.mention_at(k)).next().map(|m| m.code));
        }
        super::persons::office_range(self, i).map(|o| self.mark(&o))
    }

    /// The state that an office is said to be of.
    fn mark(&self, o: &Range<usize>) -> Option<&'static str> {
        let behind = self.mention_at(o.end).filter(|m| m.naming == Naming::Nisba && !self.broken(o.end));
        self.mentions_in(o.clone()).first().or(behind).map(|m| m.code)
    }

    /// Notes the dates that lie more than six weeks back, and the years before this one.
    pub(super) fn note_dates(&mut self, found: &[crate::dates::Found]) {
        let Some(p) = self.published else { return };
        let old = |v: Date| match (v.month, v.day) {
            (Some(m), day) => {
                let whole = Date::new(v.year, m, day.unwrap_or(28));
                whole.and_then(Date::days).zip(p.days()).is_some_and(|(d, now)| now - d > 42)
            }
            _ => v.year < p.year,
        };
        let since = |i: usize| self.reads(i.wrapping_sub(1), &["منذ", "بدايه", "مطلع", "من"]);
        // "الموقعة في عام 2008": the paper's own date.
        let of_paper = |i: usize| (i.saturating_sub(4)..=i).any(|k| self.reads_of(k, Group::DatedPaper));
        self.old = found
            .iter()
            .filter(|f| f.value.is_some_and(old) && !since(f.from) && !of_paper(f.from))
            .map(|f| f.from..f.to)
            .collect();
    }

    /// Told of a day long before: "زيارة الرئيس إلى بغداد في نيسان 2024".
    pub(super) fn is_long_ago(&self, i: usize) -> bool {
        let joined = |a: usize, b: usize| (a + 1..=b).all(|k| !self.gap(k).comma() && !self.gap(k).ends_sentence());
        self.old.iter().any(|d| {
            (d.start > i && d.start <= i + 9 && joined(i, d.start)) || (d.end <= i && d.end + 3 > i && joined(d.end - 1, i))
        })
    }

    /// Notes whom the named officials serve, and ranks the parties anew.
    pub(super) fn note_served(&mut self, served: Vec<(&'static str, usize)>) {
        if self.served != served {
            self.served = served;
            self.rank();
        }
    }

    /// The states that the first sentence tells as others: those dealt with, and, where the first official is named without a
    /// state, those whose officials are named with one, for a newsroom leaves out its own.
    fn foreign(&self, lead: &Range<usize>) -> Vec<&'static str> {
        let mentions = self.mentions_in(lead.clone());
        let title = self.mentions_in(0..self.title_end);
        let mut out: Vec<&str> =
            title.iter().chain(mentions).filter(|m| super::parties::is_other_side(self, m)).map(|m| m.code).collect();
        let offices: Vec<Range<usize>> = lead.clone().filter_map(|i| super::persons::office_range(self, i)).collect();
        let marks = |o: &Range<usize>| self.mark(o);
        if self.is_unmarked(lead) {
            // "نظيره التركي", wherever: the other state.
            let peer = |m: &&Mention| self.reads(m.from.wrapping_sub(1), &["نظيره", "نظيرها", "نظيرته", "نظيرتها"]);
            out.extend(self.mentions.iter().filter(peer).map(|m| m.code));
            out.extend(offices.iter().filter_map(marks));
            // "في وزارة الدفاع الأمريكية": where the own official is a guest.
            let guest = |h: &&Hit| lead.contains(&h.from) && self.reads(h.from.wrapping_sub(1), &["في"]);
            out.extend(self.named_bodies.iter().filter(guest).filter_map(|h| self.mention_at(h.to)).map(|m| m.code));
            let heads = lead.clone().filter(|&i| self.reads(i, &["وزاره"]) && self.reads(i.wrapping_sub(1), &["في"]));
            out.extend(heads.filter_map(|i| self.mentions_in(i..i + 4).first()).map(|m| m.code));
        }
        out
    }

    /// Family names that are adjectives of nationality ("السوداني") name no party. Tells whether there were any.
    pub(super) fn forget_mentions_in(&mut self, names: impl Iterator<Item = Range<usize>>) -> bool {
        let names: Vec<_> = names.collect();
        let tokens = &self.folded.tokens;
        let word = |i: usize| tokens.get(i).map(|t| t.folded.as_str());
        // "السوداني يستقبل …": the family name alone is no adjective either.
        let family = |m: &Mention| {
            m.naming == Naming::Nisba
                && names
                    .iter()
                    .any(|n| n.clone().skip(1).any(|k| word(k) == word(m.from) && word(k).is_some_and(|w| w.starts_with("ال"))))
        };
        let kept: Vec<Mention> =
            self.mentions.iter().filter(|m| !names.iter().any(|n| n.contains(&m.from)) && !family(m)).cloned().collect();
        let forgot = kept.len() != self.mentions.len();
        if forgot {
            self.mentions = kept;
            self.rank();
        }
        forgot
    }

    /// The last of `cut` clitics before token `i` is "ب", in.
    pub(super) fn in_prefix(&self, i: usize, cut: usize) -> bool {
        cut.checked_sub(1).and_then(|k| self.word(i).chars().nth(k)) == Some('ب')
    }

    /// The preposition "على", which folds to the same letters as the name "علي". Where every last yeh is written without
    /// its dots ("فى"), only a given name beside it tells the name.
    pub(super) fn is_ala(&self, i: usize) -> bool {
        let beside = || self.lex.given.has(self.word(i + 1)) || (i > 0 && self.lex.given.has(self.word(i - 1)));
        if self.dotless && beside() {
            return false;
        }
        self.folded
            .tokens
            .get(i)
            .is_some_and(|t| t.folded == "علي" && self.folded.slice(self.text, t.end.saturating_sub(1), t.end) == "ى")
    }

    /// The party mention that ends just before token `i`.
    pub(super) fn mention_at_end(&self, i: usize) -> Option<&Mention> {
        let k = self.mentions.partition_point(|m| m.from < i);
        self.mentions.get(k.checked_sub(1)?).filter(|m| m.to == i)
    }
}
