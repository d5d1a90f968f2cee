//! What is counted: digits or words with a unit, duals, ordinals of sessions.

use super::Number;
use super::document::Doc;
use crate::dates;
use crate::gazetteer::Group;
use crate::normalise::without_article;

/// A number read at a token: its value, and the token behind it.
#[derive(Debug, Clone, Copy)]
struct Value {
    value: f64,
    to: usize,
}

/// The numbers of a text, each value and unit once.
pub(super) fn read(doc: &Doc<'_>, dates: &[dates::Found]) -> Vec<Number> {
    let mut out: Vec<Number> = Vec::new();
    let mut i = 0;
    while i < doc.len() {
        if let Some(d) = dates.get(dates.partition_point(|d| d.to <= i)).filter(|d| d.from <= i && d.value.is_some()) {
            i = d.to;
            continue;
        }
        let found = counted(doc, i)
            .or_else(|| ordinal(doc, i))
            .or_else(|| ordinal_first(doc, i))
            .or_else(|| dual(doc, i))
            .or_else(|| measure(doc, i))
            .or_else(|| counted_behind(doc, i));
        let Some((from, to, value, unit)) = found else {
            i += 1;
            continue;
        };
        let Some(value) = number(value) else {
            i = to.max(i + 1);
            continue;
        };
        if out.len() < super::MOST && !out.iter().any(|n| n.value == value && n.unit == unit) {
            out.push(Number {
                text: doc.slice(from..to, 0, false),
                value,
                unit: unit.to_owned(),
                evidence: vec![doc.span(from..to)],
            });
        }
        i = to.max(i + 1);
    }
    out
}

/// A JSON number, whole where it is whole.
#[allow(clippy::cast_possible_truncation, reason = "checked to be whole and within the range of exact doubles")]
pub(super) fn number(v: f64) -> Option<serde_json::Number> {
    if v.fract() == 0.0 && v.abs() < 9e15 { Some(serde_json::Number::from(v as i64)) } else { serde_json::Number::from_f64(v) }
}

type Counted = (usize, usize, f64, &'static str);

/// "222 أسرة", "تسع نقاط", "10 آلاف من الإرهابيين", "20 %".
fn counted(doc: &Doc<'_>, i: usize) -> Option<Counted> {
    let symbol = doc.is(i, &["%", "$", "£"]);
    let v = value_at(doc, i + usize::from(symbol))?;
    if symbol {
        let unit = doc.lex.units.row_at(doc, i)?.unit;
        return Some((i, v.to, v.value, unit));
    }
    let unit_at = |k: usize| {
        doc.at(&doc.lex.units, k)
            .filter(|_| (k == v.to || !doc.broken(k)) && !doc.is(k, &["لسنه", "لعام", "لشهر"]))
            .and_then(|h| doc.lex.units.row(h).filter(|u| !u.dual).map(|u| (h.to, u.unit)))
    };
    // "(17) محكوماً": the brackets are the number's own.
    let bracketed = doc.gap(i).opens() && doc.gap(v.to).closes();
    if doc.broken(v.to) && !bracketed && !doc.is(v.to, &["%", "$", "£"]) {
        return None;
    }
    let (to, unit) = unit_at(v.to).or_else(|| {
        let skip =
            usize::from(doc.is(v.to, &["من", "الف"])) + usize::from(doc.is(v.to, &["من"]) && doc.is(v.to + 1, &["اصل", "عناصر"]));
        (skip > 0).then(|| unit_at(v.to + skip)).flatten()
    })?;
    // "F-16 ودبابات": what is joined on is not counted.
    let joined = doc
        .word(v.to)
        .strip_prefix('و')
        .is_some_and(|w| !["جب", "حد", "ثي", "ثا", "كر", "فد", "رش"].iter().any(|u| w.starts_with(u)));
    // "40 نقطة" on a border is a post, in a paper an article.
    let point = unit == "articles" && doc.reads(to - 1, &["نقطه", "نقاط"]);
    let border = || doc.sentence_range(i).any(|k| doc.reads_of(k, Group::Border));
    let unit = if point && border() { "posts" } else { unit };
    // "95 امرأة وطفلاً" counts persons.
    let mixed = matches!(unit, "women" | "children")
        && doc.word(to).starts_with('و')
        && doc.lex.units.row_at(doc, to).is_some_and(|u| matches!(u.unit, "women" | "children"));
    let unit = if mixed { "persons" } else { unit };
    let year = joined || unit == "years" && v.value > 1000.0;
    (!year).then_some((i, to, v.value, unit))
}

/// "الأشهر الستة المقبلة": the number behind what it counts.
fn counted_behind(doc: &Doc<'_>, i: usize) -> Option<Counted> {
    const FEW: [(&str, f64); 11] = [
        ("ثلاث", 3.0),
        ("اربع", 4.0),
        ("خمس", 5.0),
        ("ست", 6.0),
        ("سبع", 7.0),
        ("ثماني", 8.0),
        ("ثمان", 8.0),
        ("تسع", 9.0),
        ("عشر", 10.0),
        ("اثني", 12.0),
        ("اثنا", 12.0),
    ];
    let hit = doc.at(&doc.lex.units, i).filter(|_| doc.word(i).contains("ال"))?;
    // "الدول الأربع" were counted before.
    let row = doc.lex.units.row(hit).filter(|u| !u.dual && u.unit != "countries")?;
    let word = doc.word(hit.to).strip_prefix("ال").filter(|_| !doc.broken(hit.to))?;
    let few = FEW.iter().find(|f| f.0 == word || word.strip_suffix('ه') == Some(f.0))?;
    let dozen = matches!(doc.word(hit.to + 1), "عشر" | "عشره") && !doc.broken(hit.to + 1);
    let value = match (few.1 > 11.0, dozen) {
        (true, false) => return None,
        (false, true) => few.1 + 10.0,
        _ => few.1,
    };
    Some((i, hit.to + 1 + usize::from(dozen), value, row.unit))
}

/// A number in digits ("1,200", "2.5", "21 ألف") or words ("اثني عشر", "خمسة وعشرين", "مليون").
fn value_at(doc: &Doc<'_>, i: usize) -> Option<Value> {
    let base = if doc.folded.tokens.get(i)?.is_number() { digits(doc, i)? } else { words(doc, i)? };
    let list = &doc.lex.numerals;
    let (mut value, mut to) = (base.value, base.to);
    // "مليون و350 ألف": a scale alone is one of it, and may have more added.
    if base.to == i + 1 && list.row_at(doc, i).is_some_and(|n| n.0 == "scale") && !doc.reads(i, &["مليوني", "الفي", "الفا"])
    {
        (value, to) = (1.0, i);
    }
    while (to == i || !doc.broken(to))
        && let Some(&(kind, scale)) = list.row_at(doc, to)
        && kind == "scale"
    {
        #[allow(clippy::cast_precision_loss, reason = "scales are powers of ten below 10^10")]
        let scale = scale as f64;
        value *= scale;
        to += 1;
        // "18 ألفاً و830", "3 آلاف ومئتي": what is added to the thousands.
        let rest = if doc.is(to, &["و"]) && !doc.broken(to) && !doc.broken(to + 1) {
            digits(doc, to + 1)
        } else if doc.word(to).starts_with('و') && !doc.broken(to) {
            words(doc, to).filter(|_| list.row_at(doc, to).is_some_and(|n| n.0 == "cardinal"))
        } else {
            None
        };
        let more =
            rest.filter(|r| r.value < scale && !list.row_at(doc, r.to).is_some_and(|n| n.0 == "scale" && n.1 >= 1_000_000));
        if doc.is(to, &["ونصف", "وربع"]) && !doc.broken(to) && scale > 1.0 {
            value += scale / if doc.is(to, &["ونصف"]) { 2.0 } else { 4.0 };
            to += 1 + usize::from(
                matches!(without_article(doc.word(to + 1)), "الف" | "مليون" | "مليار") || doc.is(to + 1, &["الالف"]),
            );
        }
        if let Some(more) = more {
            let thousands = list.row_at(doc, more.to).is_some_and(|n| n.0 == "scale") && !doc.broken(more.to);
            value += more.value * if thousands { 1000.0 } else { 1.0 };
            to = more.to + usize::from(thousands);
        }
    }
    Some(Value { value, to })
}

fn digits(doc: &Doc<'_>, i: usize) -> Option<Value> {
    let token = |k: usize| doc.folded.tokens.get(k).filter(|t| t.is_number());
    let mut text = token(i)?.folded.clone();
    let mut to = i + 1;
    while let Some(t) = token(to).filter(|t| matches!(t.gap.single, ',' | '،' | '٬') && t.folded.len() == 3 && text.len() < 15)
    {
        text.push_str(&t.folded);
        to += 1;
    }
    if let Some(t) = token(to).filter(|t| matches!(t.gap.single, '.' | '٫') && t.folded.len() <= 3) {
        text.push('.');
        text.push_str(&t.folded);
        to += 1;
    }
    if text.len() > 18 {
        return None;
    }
    Some(Value { value: text.parse().ok()?, to })
}

/// Number words. A scale alone counts once ("مليون حبة"), a bare plural of one ("آلاف") does not count.
fn words(doc: &Doc<'_>, i: usize) -> Option<Value> {
    let list = &doc.lex.numerals;
    let numeral =
        |k: usize| list.row_at(doc, k).map(|r| (r.0, r.1, doc.word(k).starts_with('و') && !doc.is(k, &["واحد", "واحده"])));
    let (kind, first, _) = numeral(i)?;
    // "اثني عشر"; alone it is "أثنى", to praise.
    if doc.reads(i, &["اثني", "اثنا", "اثنتي", "اثنتا"]) && !doc.is(i + 1, &["عشر", "عشره"]) {
        return None;
    }
    let plural = doc.reads(i, &["الاف", "ملايين", "مليارات"]);
    if kind == "ordinal" || (kind == "scale" && plural) || first == 1 {
        return None;
    }
    let mut total = first;
    let mut to = i + 1;
    while to < i + 6
        && !doc.broken(to)
        && let Some((k, n, and)) = numeral(to)
        && k == "cardinal"
        && ((n == 10 && total < 10) || (and && (n >= 10 || total >= 100)) || (n == 100 && total < 10))
    {
        total = if n == 100 && total < 10 { total * 100 } else { total + n };
        to += 1;
    }
    #[allow(clippy::cast_precision_loss, reason = "number words reach a few thousand millions")]
    let value = total as f64;
    Some(Value { value, to })
}

/// "الاجتماع الخامس", "اجتماعها الأول", "الدورة الحادية عشرة", "الدفعة الـ15".
fn ordinal(doc: &Doc<'_>, i: usize) -> Option<Counted> {
    doc.at(&doc.lex.sessions, i)?;
    let mut k = i + 1;
    while k <= i + 3 && !doc.broken(k) {
        if doc.is(k, &["ال", "رقم"]) || doc.folded.tokens.get(k).is_some_and(crate::normalise::Token::is_number) {
            let at = k + usize::from(doc.is(k, &["ال", "رقم"]));
            let v = digits(doc, at).filter(|v| v.value < 200.0 && !doc.any_in(&doc.lex.units, v.to..v.to + 1, |_| true))?;
            return Some((i, v.to, v.value, "ordinal"));
        }
        // "جولة ثالثة".
        if k == i + 1
            && !doc.word(i).contains("ال")
            && let Some(&(_, n)) = doc.lex.numerals.row_at(doc, k).filter(|n| n.0 == "ordinal")
            && (!doc.word(k).starts_with(['ا', 'و', 'ب', 'ل']) || doc.is(k, &["اول", "اولي"]))
        {
            return Some((i, k + 1, f64::from(u32::try_from(n).ok()?), "ordinal"));
        }
        if let Some((n, to)) = ordinal_word(doc, k) {
            return Some((i, to, n, "ordinal"));
        }
        if !(doc.word(k).starts_with("ال") || doc.mention_at(k).is_some()) {
            return None;
        }
        k += 1;
    }
    None
}

/// "عشرين", "ثلاثون" … without article.
fn tens_of(word: &str) -> Option<u32> {
    let tens = [("عشر", 20), ("ثلاث", 30), ("اربع", 40), ("خمس", 50), ("ست", 60), ("سبع", 70), ("ثمان", 80), ("تسع", 90)];
    let stem = word.strip_suffix("ين").or_else(|| word.strip_suffix("ون"))?;
    tens.iter().find(|t| t.0 == stem).map(|t| t.1)
}

/// An ordinal with its article ("الخامس"), and the token behind it.
fn ordinal_word(doc: &Doc<'_>, k: usize) -> Option<(f64, usize)> {
    // "الدفعة الثلاثين"; a clitic in front makes it a number of things.
    if let Some(tens) = doc.word(k).strip_prefix("ال").and_then(tens_of) {
        return Some((f64::from(tens), k + 1));
    }
    let &(kind, n) = doc.lex.numerals.row_at(doc, k)?;
    if kind != "ordinal" || !doc.word(k).starts_with("ال") || (doc.is(k + 1, &["من"]) && doc.at(&doc.lex.months, k + 2).is_some())
    {
        return None;
    }
    if let Some(tens) = doc.word(k + 1).strip_prefix("وال").filter(|_| !doc.broken(k + 1)).and_then(tens_of) {
        return Some((f64::from(u32::try_from(n).ok()? + tens), k + 2));
    }
    let teen = matches!(without_article(doc.word(k + 1)), "عشر" | "عشره") && !doc.broken(k + 1);
    let n = u32::try_from(n).ok()? + if teen { 10 } else { 0 };
    Some((f64::from(n), k + 1 + usize::from(teen)))
}

/// "خامس اجتماع", "ثاني دفعة".
fn ordinal_first(doc: &Doc<'_>, i: usize) -> Option<Counted> {
    let &(kind, n) = doc.lex.numerals.row_at(doc, i)?;
    if kind != "ordinal" || doc.word(i).starts_with("ال") || doc.broken(i + 1) {
        return None;
    }
    let hit = doc.at(&doc.lex.sessions, i + 1)?;
    Some((i, hit.to, f64::from(u32::try_from(n).ok()?), "ordinal"))
}

/// "مذكرتي تفاهم", "قائدان", "شهرين".
fn dual(doc: &Doc<'_>, i: usize) -> Option<Counted> {
    let hit = doc.at(&doc.lex.units, i)?;
    // "مسافرين اثنين" are two whatever the ending means; "للسنتين 2026 و2027" names years.
    if doc.is(hit.to, &["اثنين", "اثنان", "اثنتين", "اثنتان"]) && !doc.broken(hit.to) {
        return Some((i, hit.to + 1, 2.0, doc.lex.units.row(hit)?.unit));
    }
    if doc.folded.tokens.get(hit.to).is_some_and(|t| t.is_number() && !t.gap.breaks()) {
        return None;
    }
    let row = doc.lex.units.row(hit).filter(|u| u.dual && !doc.word(i).contains("ال"))?;
    Some((i, hit.to, 2.0, row.unit))
}

/// "بعد عقد", "خلال شهر".
fn measure(doc: &Doc<'_>, i: usize) -> Option<Counted> {
    let hit = doc.at(&doc.lex.measures, i).filter(|h| h.cut == 0)?;
    let &(value, unit) = doc.lex.measures.row(hit)?;
    let led = doc.reads_of(i.wrapping_sub(1), Group::Lasting) && !doc.broken(i);
    let counted = doc.folded.tokens.get(hit.to).is_some_and(crate::normalise::Token::is_number)
        || doc.at(&doc.lex.months, hit.to).is_some();
    (led && !counted).then_some((i, hit.to, f64::from(u32::try_from(value).ok()?), unit))
}
