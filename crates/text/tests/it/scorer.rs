//! The main rules of the scheme's scorer: each field on its own, one to one, optional items free.

use serde_json::Value;
use std::path::Path;
use tansiq_text::fold_for_search;
use tansiq_text::statement::{self, Reading};

pub(crate) const FIELDS: [&str; 12] = [
    "acts",
    "parties",
    "persons",
    "institutions",
    "places",
    "dates",
    "bodies",
    "instruments",
    "topics",
    "commitments",
    "numbers",
    "drop",
];

const GENERIC: [&str; 16] = [
    "مدينه",
    "محافظه",
    "قضاء",
    "ناحيه",
    "مخيم",
    "معبر",
    "منفذ",
    "قاعده",
    "نهر",
    "عاصمه",
    "مطار",
    "منطقه",
    "اقليم",
    "حدودي",
    "دولي",
    "جويه",
];
const SMALL: [&str; 12] = ["في", "من", "علي", "بين", "مع", "عن", "الي", "او", "ان", "و", "التي", "الذي"];

fn stem(w: &str) -> &str {
    ["وال", "بال", "فال", "كال", "لل", "ال"]
        .iter()
        .find_map(|p| w.strip_prefix(p).filter(|r| r.chars().count() >= 2))
        .unwrap_or(w)
}

fn words(s: &str, without: &[&str]) -> Vec<String> {
    let folded = fold_for_search(s);
    let all: Vec<&str> = folded.split(' ').filter(|w| !w.is_empty() && !SMALL.contains(w)).map(stem).collect();
    let kept: Vec<&str> = all.iter().copied().filter(|w| !without.contains(w)).collect();
    (if kept.is_empty() { all } else { kept }).into_iter().map(str::to_owned).collect()
}

fn same(a: &str, b: &str) -> bool {
    let clitic = |x: &str, y: &str| x.strip_prefix(['و', 'ل', 'ب', 'ف', 'ك']).is_some_and(|r| r == y && y.chars().count() >= 2);
    a == b || clitic(a, b) || clitic(b, a)
}

fn shared(a: &[String], b: &[String]) -> usize {
    let mut rest: Vec<&String> = b.iter().collect();
    a.iter()
        .filter(|x| {
            let hit = rest.iter().position(|y| same(x, y));
            if let Some(k) = hit {
                rest.remove(k);
            }
            hit.is_some()
        })
        .count()
}

fn sim(a: &[String], b: &[String]) -> f64 {
    if a.is_empty() || b.is_empty() { 0.0 } else { 2.0 * shared(a, b) as f64 / (a.len() + b.len()) as f64 }
}

fn text<'v>(v: &'v Value, key: &str) -> &'v str {
    v.get(key).and_then(Value::as_str).unwrap_or("")
}

fn matches(field: &str, g: &Value, p: &Value) -> bool {
    let names = |without: &[&str]| (words(text(g, "name"), without), words(text(p, "name"), without));
    match field {
        "acts" => g["kind"] == p["kind"],
        "parties" => g["party"] == p["party"],
        "topics" => g["topic"] == p["topic"],
        "dates" => g["value"] == p["value"] && !g["value"].is_null(),
        "drop" => g["line"] == p["line"],
        "numbers" => g["value"].as_f64() == p["value"].as_f64() && g["unit"] == p["unit"],
        "persons" | "bodies" => {
            let (a, b) = names(&[]);
            sim(&a, &b) >= if field == "persons" { 0.6 } else { 0.5 }
        }
        "institutions" => {
            let (a, b) = names(&[]);
            sim(&a, &b) >= 0.6 && g["party"] == p["party"]
        }
        "places" => {
            let (a, b) = names(&GENERIC);
            a == b || sim(&a, &b) >= 0.6
        }
        "instruments" => {
            let (a, b) = names(&[]);
            g["type"] == p["type"] && (sim(&a, &b) >= 0.4 || shared(&a, &b) == a.len().min(b.len()))
        }
        _ => {
            let (a, b) = (words(text(g, "span"), &[]), words(text(p, "span"), &[]));
            let by = |v: &Value| v["by"].as_array().cloned().unwrap_or_default();
            let n = shared(&a, &b) as f64;
            by(g).iter().any(|c| by(p).contains(c))
                && n >= 0.6 * a.len().min(b.len()) as f64
                && n >= 0.3 * a.len().max(b.len()) as f64
        }
    }
}

/// True positives, false positives and misses of each field.
pub(crate) fn score(gold: &Value, read: &Value) -> Vec<(usize, usize, usize)> {
    FIELDS
        .iter()
        .map(|field| {
            let list = |v: &Value| v[*field].as_array().cloned().unwrap_or_default();
            let (gold, read) = (list(gold), list(read));
            let optional = |g: &Value| g["optional"] == Value::Bool(true);
            let mut left: Vec<Value> = gold.iter().filter(|g| !optional(g)).cloned().collect();
            let need = left.len();
            let mut wrong = 0;
            for p in read.iter().filter(|p| *field != "dates" || !p["value"].is_null()) {
                if let Some(k) = left.iter().position(|g| matches(field, g, p)) {
                    left.remove(k);
                } else if !gold.iter().any(|g| optional(g) && matches(field, g, p)) {
                    wrong += 1;
                }
            }
            (need - left.len(), wrong, left.len())
        })
        .collect()
}

/// The mean of the fields' F1 over several statements; fields with nothing in them left out.
pub(crate) fn macro_f1(all: &[Vec<(usize, usize, usize)>]) -> f64 {
    let sums = (0..FIELDS.len()).map(|k| all.iter().fold((0, 0, 0), |s, d| (s.0 + d[k].0, s.1 + d[k].1, s.2 + d[k].2)));
    let f1: Vec<f64> = sums.filter(|s| s.0 + s.1 + s.2 > 0).map(|(t, p, n)| 2.0 * t as f64 / (2 * t + p + n) as f64).collect();
    f1.iter().sum::<f64>() / f1.len() as f64
}

/// Reads every labelled statement of a folder, by its `index.tsv`; none may be read badly. Gives the score of each.
pub(crate) fn read_folder(dir: &Path, each: impl Fn(&str, &Reading)) -> Vec<Vec<(usize, usize, usize)>> {
    let index = std::fs::read_to_string(dir.join("index.tsv")).unwrap();
    let mut all = Vec::new();
    for line in index.lines().skip(1) {
        let cells: Vec<&str> = line.split('\t').collect();
        let text = std::fs::read_to_string(dir.join(format!("{}.txt", cells[0]))).unwrap();
        let gold: Value =
            serde_json::from_str(&std::fs::read_to_string(dir.join(format!("{}.json", cells[0]))).unwrap()).unwrap();
        let reading = statement::read(&text, cells[2].parse().ok());
        each(&text, &reading);
        let score = score(&gold, &serde_json::to_value(&reading).unwrap());
        let own = macro_f1(std::slice::from_ref(&score));
        assert!(own >= 0.75, "{}: {own:.3} {:?}", cells[0], FIELDS.iter().zip(&score).collect::<Vec<_>>());
        all.push(score);
    }
    all
}
