//! The tree keeps its own rules: those of STYLE.md that no compiler checks. Every finding is one line, `file:line: sentence`.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use tansiq_dossier::kinds::Kind;
use tansiq_dossier::refusal::all_codes;
use tansiq_node::access::Denial;
use tansiq_node::approval::ApprovalRefusal;
use tansiq_node::attachments::AttachmentRefusal;
use tansiq_node::evidence::check::EvidenceRefusal;
use tansiq_node::exchange::bundle::BundleRefusal;
use tansiq_node::recovery::RecoveryRefusal;
use tansiq_node::search::SearchRefusal;

/// The most lines of a Rust file.
const LONGEST_FILE: usize = 600;

/// The languages of the pages.
const LANGUAGES: [&str; 3] = ["ar", "en", "tr"];

/// The crates that touch neither disk nor network, clock, randomness, environment or threads.
const PURE: [&str; 3] = ["crates/log", "crates/text", "crates/dossier"];

/// One file of the tree, by its path from the root, with `/` between the parts.
struct File {
    path: String,
    text: String,
}

impl File {
    /// Its lines with their numbers, counted from 1.
    fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.text.lines().enumerate().map(|(number, line)| (number + 1, line))
    }

    /// The lines of code before the file's own tests, without those that are only a comment.
    fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        let lines: Vec<&str> = self.text.lines().collect();
        let is_tests = |pair: &[&str]| pair[0].trim() == "#[cfg(test)]" && pair[1].trim_start().starts_with(['m', '#']);
        let end = lines.windows(2).position(is_tests).unwrap_or(lines.len());
        self.lines().take(end).filter(|(_, line)| !line.trim_start().starts_with("//"))
    }

    fn ends_with(&self, ends: &[&str]) -> bool {
        ends.iter().any(|end| self.path.ends_with(end))
    }

    fn found(&self, line: usize, sentence: impl std::fmt::Display) -> String {
        format!("{}:{line}: {sentence}", self.path)
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Every text file of the tree that people write: nothing that was built, fetched, or made by a demo.
fn tree() -> Vec<File> {
    let mut files = Vec::new();
    walk(&root(), "", &mut files);
    files.sort_by(|a, b| a.path.cmp(&b.path));
    assert!(files.iter().any(|file| file.path == "Cargo.toml"), "the tree begins where the workspace does");
    files
}

fn walk(folder: &Path, within: &str, files: &mut Vec<File>) {
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        let path = if within.is_empty() { name.clone() } else { format!("{within}/{name}") };
        // What the fuzzer fed and made is bytes of any sort, and no text of ours.
        let fed = matches!(path.as_str(), "fuzz/corpus" | "fuzz/artifacts" | "fuzz/target" | "fuzz/coverage");
        if matches!(name.as_str(), ".git" | "node_modules" | "dist") || matches!(path.as_str(), "target" | "demo") || fed {
            continue;
        }
        if entry.file_type().unwrap().is_dir() {
            walk(&entry.path(), &path, files);
        } else if let Ok(text) = fs::read_to_string(entry.path()) {
            files.push(File { path, text });
        }
    }
}

fn files(ends: &[&str]) -> Vec<File> {
    tree().into_iter().filter(|file| file.ends_with(ends)).collect()
}

fn nothing(findings: &[String]) {
    assert!(findings.is_empty(), "{} findings\n{}\n", findings.len(), findings.join("\n"));
}

/// Where `word` stands in `line` as a whole word.
fn has_word(line: &str, word: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    line.match_indices(word).any(|(at, _)| !line[..at].ends_with(is_part) && !line[at + word.len()..].starts_with(is_part))
}

#[test]
fn the_checks_find_what_they_look_for() {
    assert!(has_word("// a b-c", "b") && !has_word("abc", "b") && !has_word("b_c", "b"));
    assert_eq!(kinds_named("use crate::kinds::{action, meeting::Acts}; kinds::charter::X"), ["action", "meeting", "charter"]);
    assert!(is_physical("margin-left", "0").is_some() && is_physical("text-align", "right").is_some());
    assert!(is_physical("margin", "0 1px 0 2px").is_some() && is_physical("inset", "0 1px").is_none());
    assert!(is_physical("margin-inline-start", "0").is_none() && is_physical("--to-left", "0").is_none());
    assert!(has_handler("<a onclick=\"x()\">") && !has_handler("<p>it stands on=this</p>") && !has_handler("<a id=\"on\">"));
    assert_eq!(without_css_comments("a/* left:\n0 */b"), "a\nb");
    let code = File { path: String::new(), text: "a\n// b\nc\n#[cfg(test)]\nmod tests {\nd".to_owned() };
    assert_eq!(code.code().collect::<Vec<_>>(), [(1, "a"), (3, "c")]);
}

#[test]
fn files_are_short_enough_to_be_read() {
    let long = |file: &File| {
        let lines = file.text.lines().count();
        (lines > LONGEST_FILE).then(|| {
            file.found(lines, format_args!("{lines} lines; a file has at most {LONGEST_FILE}: part it by what it is about"))
        })
    };
    nothing(&files(&[".rs"]).iter().filter_map(long).collect::<Vec<_>>());
}

#[test]
fn nothing_is_left_to_be_done_later() {
    // In pieces, so that this file does not name what it forbids.
    let words = [["TO", "DO"].concat(), ["FIX", "ME"].concat(), ["XX", "X"].concat()];
    let macros = [["unimple", "mented!"].concat(), ["to", "do!"].concat()];
    let mut findings = Vec::new();
    for file in files(&[".rs", ".css", ".js", ".mjs", ".html", ".sql", ".ftl", ".toml", "Makefile", ".ci/run"]) {
        for (number, line) in file.lines() {
            for word in words.iter().filter(|word| has_word(line, word)) {
                findings.push(file.found(number, format_args!("`{word}` puts off what belongs in the tracker or in the code")));
            }
            for word in macros.iter().filter(|word| line.contains(word.as_str())) {
                findings.push(file.found(number, format_args!("`{word}` is a panic in waiting")));
            }
        }
    }
    nothing(&findings);
}

#[test]
fn lines_end_where_their_text_ends() {
    let mut findings = Vec::new();
    for file in files(&[".rs", ".md", ".toml", ".ftl", ".html", ".css", ".js", ".mjs", ".sql", ".json", "Makefile", ".ci/run"]) {
        for (number, line) in file.lines() {
            if line.ends_with([' ', '\t', '\r']) {
                findings.push(file.found(number, "white space at the end of the line"));
            }
            if line.contains('\t') && file.path != "Makefile" {
                findings.push(file.found(number, "a tab, where everything else is indented by spaces"));
            }
        }
        // Fixtures in JSON are kept as they came.
        if !file.text.is_empty() && !file.text.ends_with('\n') && !file.path.ends_with(".json") {
            findings.push(file.found(file.text.lines().count(), "the last line does not end"));
        }
    }
    nothing(&findings);
}

#[test]
fn code_outside_tests_does_not_panic_on_purpose() {
    let calls = [".unwrap()", ".expect(", "panic!(", "unwrap_unchecked"];
    let mut findings = Vec::new();
    let of_the_program =
        |file: &&File| (file.path.contains("/src/") && !file.path.ends_with("/tests.rs")) || file.path.ends_with("build.rs");
    for file in files(&[".rs"]).iter().filter(of_the_program) {
        for (number, line) in file.code() {
            for call in calls.iter().filter(|call| line.contains(**call)) {
                findings.push(file.found(number, format_args!("`{call}` outside tests: say what can go wrong with a `Result`")));
            }
            for word in ["unsafe {", "unsafe fn", "unsafe impl"].iter().filter(|word| line.contains(**word)) {
                findings.push(file.found(number, format_args!("`{word}`: nothing here is unsafe")));
            }
        }
    }
    nothing(&findings);
}

#[test]
fn the_pure_crates_stay_pure() {
    let modules = ["fs", "net", "env", "thread", "process"];
    let names =
        ["SystemTime", "Instant::now", "Timestamp::now", "Zoned::now", "getrandom", "rand::", "tokio", "println!", "eprintln!"];
    let mut findings = Vec::new();
    for file in files(&[".rs"]).iter().filter(|file| PURE.iter().any(|home| file.path.starts_with(&format!("{home}/src/")))) {
        for (number, line) in file.code() {
            for module in modules {
                let grouped = line.trim_start().starts_with("use std::{") && has_word(line, module);
                if grouped || line.contains(&format!("std::{module}")) {
                    findings.push(
                        file.found(number, format_args!("`std::{module}` in a pure crate: pass what was read as a parameter")),
                    );
                }
            }
            for name in names.iter().filter(|name| line.contains(**name)) {
                findings.push(file.found(number, format_args!("`{name}` in a pure crate: pass it as a parameter")));
            }
        }
    }
    nothing(&findings);
}

#[test]
fn crates_depend_downwards_only() {
    let allowed = |home: &str| match home {
        "crates/dossier" => &["tansiq-log"][..],
        _ => &[],
    };
    let mut findings = Vec::new();
    for file in files(&["Cargo.toml"]) {
        let Some(home) = PURE.iter().find(|home| file.path == format!("{home}/Cargo.toml")) else { continue };
        for (number, line) in file.lines() {
            let name = line.split(['.', ' ', '=']).next().unwrap_or_default();
            if name.starts_with("tansiq-") && !allowed(home).contains(&name) {
                findings.push(file.found(number, format_args!("{home} may not depend on {name}")));
            }
        }
    }
    nothing(&findings);
}

/// The folders of the kinds.
fn kind_folders() -> BTreeSet<String> {
    let folders = fs::read_dir(root().join("crates/dossier/src/kinds")).unwrap().map(|entry| entry.unwrap());
    folders.filter(|entry| entry.file_type().unwrap().is_dir()).map(|entry| entry.file_name().into_string().unwrap()).collect()
}

#[test]
fn a_kind_has_everything_that_a_kind_has() {
    let home = "crates/dossier/src/kinds";
    let folders = kind_folders();
    let listed: BTreeSet<String> = Kind::ALL.iter().map(|kind| kind.name().to_owned()).collect();
    let unlisted =
        folders.difference(&listed).map(|kind| format!("{home}/mod.rs:1: the folder `{kind}` is not in the list of kinds"));
    let homeless = listed.difference(&folders).map(|kind| format!("{home}/mod.rs:1: the kind `{kind}` has no folder"));
    let mut findings: Vec<String> = unlisted.chain(homeless).collect();
    for kind in &folders {
        // A probe only measures, and tells nothing.
        let told = kind != "probe";
        let wanted = if told { &["mod.rs", "story.md", "table.md", "golden.jsonl"][..] } else { &["mod.rs"][..] };
        let missing = wanted.iter().filter(|name| !root().join(home).join(kind).join(name).is_file());
        findings.extend(missing.map(|name| format!("{home}/{kind}/{name}:1: is missing")));
    }
    nothing(&findings);
}

/// The names that follow `kinds::` in a line, one alone or several in braces.
fn kinds_named(line: &str) -> Vec<&str> {
    let mut names = Vec::new();
    for rest in line.split("kinds::").skip(1) {
        match rest.strip_prefix('{') {
            Some(list) => names.extend(list.split('}').next().unwrap_or_default().split(',')),
            None => names.push(rest),
        }
    }
    let first_word = |name: &'_ str| name.trim().find(|c: char| !c.is_ascii_lowercase() && c != '_');
    names.into_iter().map(|name| &name.trim()[..first_word(name).unwrap_or(name.trim().len())]).collect()
}

#[test]
fn kinds_never_import_each_other() {
    let folders = kind_folders();
    let mut findings = Vec::new();
    for file in files(&[".rs"]) {
        let Some((own, _)) = file.path.strip_prefix("crates/dossier/src/kinds/").and_then(|rest| rest.split_once('/')) else {
            continue;
        };
        for (number, line) in file.lines() {
            for other in kinds_named(line).into_iter().filter(|name| *name != own && folders.contains(*name)) {
                findings.push(
                    file.found(
                        number,
                        format_args!("the kind `{own}` uses the kind `{other}`: cite its record or dossier instead"),
                    ),
                );
            }
        }
    }
    nothing(&findings);
}

/// The messages of one language file or of all of them: ids, with attributes as `message.attribute`.
fn words(language: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for file in files(&[".ftl"]).iter().filter(|file| file.path.starts_with(&format!("crates/node/locales/{language}/"))) {
        let mut message = String::new();
        for line in file.text.lines() {
            let Some((name, _)) = line.split_once('=') else { continue };
            let name = name.trim_end();
            if name.starts_with(|c: char| c.is_ascii_alphabetic()) {
                name.clone_into(&mut message);
                found.insert(message.clone());
            } else if let Some(attribute) = name.trim_start().strip_prefix('.').filter(|_| name.starts_with(' ')) {
                found.insert(format!("{message}.{attribute}"));
            }
        }
    }
    found
}

#[test]
fn every_refusal_can_be_said_in_every_language() {
    let node = Denial::CODES
        .iter()
        .chain(ApprovalRefusal::CODES)
        .chain(AttachmentRefusal::CODES)
        .chain(EvidenceRefusal::CODES)
        .chain(BundleRefusal::CODES)
        .chain(RecoveryRefusal::CODES)
        .chain(SearchRefusal::CODES)
        .copied();
    let codes: BTreeSet<&str> = all_codes().into_iter().chain(node).collect();
    let mut findings = Vec::new();
    for language in LANGUAGES {
        let known = words(language);
        let file = format!("crates/node/locales/{language}/refusals.ftl");
        for code in &codes {
            for (id, what) in [(format!("refusal-{code}"), "words"), (format!("refusal-{code}.advice"), "advice")] {
                if !known.contains(&id) {
                    findings.push(format!("{file}:1: {code} has no {what}"));
                }
            }
        }
        let stale = known
            .iter()
            .filter_map(|id| id.strip_prefix("refusal-"))
            .filter(|id| !id.contains(['.', '-']) && !codes.contains(id));
        findings.extend(stale.map(|code| format!("{file}:1: {code} is no refusal of any rule")));
    }
    nothing(&findings);
}

#[test]
fn every_kind_and_act_has_a_name_in_every_language() {
    let mut findings = Vec::new();
    for language in LANGUAGES {
        let known = words(language);
        // A probe is never shown to an officer.
        for kind in Kind::ALL.iter().filter(|kind| **kind != Kind::Probe) {
            let acts = kind.acts().iter().map(|act| format!("act-{kind}-{}", act.name));
            let wanted = [format!("kind-{kind}"), format!("kinds-{kind}")].into_iter().chain(acts);
            let missing = wanted.filter(|id| !known.contains(id));
            findings.extend(missing.map(|id| format!("crates/node/locales/{language}/kinds.ftl:1: `{id}` is missing")));
        }
    }
    nothing(&findings);
}

#[test]
fn every_language_has_the_same_files() {
    let of = |language: &str| -> BTreeSet<String> {
        let home = format!("crates/node/locales/{language}/");
        tree().into_iter().filter_map(|file| file.path.strip_prefix(&home).map(str::to_owned)).collect()
    };
    let all: BTreeSet<String> = LANGUAGES.iter().flat_map(|language| of(language)).collect();
    let mut findings = Vec::new();
    for language in LANGUAGES {
        let missing: Vec<String> = all.difference(&of(language)).cloned().collect();
        findings.extend(
            missing.into_iter().map(|name| format!("crates/node/locales/{language}/{name}:1: exists in other languages only")),
        );
    }
    nothing(&findings);
}

/// The text with comments blanked out, lines kept.
fn without_css_comments(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("/*") {
        let (comment, after) = after.split_once("*/").unwrap_or((after, ""));
        out.push_str(before);
        out.extend(comment.chars().filter(|c| *c == '\n'));
        rest = after;
    }
    out + rest
}

/// Why a declaration would be wrong for half of the readers, if it would.
fn is_physical(property: &str, value: &str) -> Option<&'static str> {
    let sided = ["left", "right"].iter().any(|side| property.split('-').any(|part| part == *side));
    if sided && !property.starts_with("--") {
        return Some("names a side: use the inline-start or inline-end form");
    }
    let to_a_side = matches!(value, "left" | "right") && matches!(property, "text-align" | "float" | "clear");
    if to_a_side {
        return Some("aligns to a side: use `start` or `end`");
    }
    let sides: Vec<&str> = value.split_whitespace().collect();
    let uneven = sides.len() == 4 && sides[1] != sides[3] && !value.contains('(');
    let four = matches!(property, "margin" | "padding" | "inset" | "border-width" | "border-style" | "scroll-margin");
    (uneven && four).then_some("gives left and right different values: use the inline form")
}

#[test]
fn style_knows_start_and_end_but_no_left_and_right() {
    let mut findings = Vec::new();
    for file in files(&[".css"]).iter().filter(|file| file.path.starts_with("crates/node/assets/css/")) {
        for (number, line) in without_css_comments(&file.text).lines().enumerate() {
            for declaration in line.split([';', '{', '}']) {
                let Some((property, value)) = declaration.split_once(':') else { continue };
                let (property, value) = (property.trim(), value.trim().trim_end_matches("!important").trim());
                if let Some(why) = is_physical(property, value) {
                    findings.push(file.found(number + 1, format_args!("`{property}: {value}` {why}")));
                }
            }
        }
    }
    nothing(&findings);
}

/// Whether a line of a template has an attribute by which the page would run what it holds.
fn has_handler(line: &str) -> bool {
    line.match_indices(" on").any(|(at, _)| {
        let name: String = line[at + 1..].chars().take_while(char::is_ascii_lowercase).collect();
        name.len() > 3 && line[at + 1 + name.len()..].starts_with("=\"")
    })
}

#[test]
fn pages_hold_nothing_that_their_policy_forbids() {
    let mut findings = Vec::new();
    for file in files(&[".html"]).iter().filter(|file| file.path.starts_with("crates/node/templates/")) {
        for (number, line) in file.lines() {
            let script =
                line.split_once("<script").is_some_and(|(_, rest)| !rest.split('>').next().unwrap_or_default().contains("src="));
            let rules = [
                (line.contains("<style") || line.contains(" style="), "style within the page"),
                (script, "a script within the page"),
                (has_handler(line) || line.contains("hx-on") || line.contains("javascript:"), "a handler within the page"),
                (line.contains("src=\"http") || line.contains("src=\"//"), "something from elsewhere"),
            ];
            let broken = rules.iter().filter(|(broken, _)| *broken);
            findings.extend(
                broken.map(|(_, what)| file.found(number, format_args!("{what}, which the content security policy forbids"))),
            );
        }
    }
    nothing(&findings);
}

#[test]
fn no_text_names_a_machine() {
    let places = ["/home/", "/root/", "/Users/", "/work/", "/tmp/", "C:\\"];
    let mut findings = Vec::new();
    for file in files(&[".md"]) {
        for (number, line) in file.lines() {
            for place in places.iter().filter(|place| line.contains(**place)) {
                findings.push(file.found(number, format_args!("`{place}` is a path of somebody's machine")));
            }
        }
    }
    nothing(&findings);
}

#[test]
fn texts_name_files_that_are_there() {
    let mut findings = Vec::new();
    for file in files(&[".md"]).iter().filter(|file| !file.path.contains("/kinds/")) {
        for (number, line) in file.lines() {
            for path in line.split('`').skip(1).step_by(2) {
                let plain = path.chars().all(|c| c.is_ascii_alphanumeric() || "/._-".contains(c));
                if plain && path.starts_with("crates/") && !root().join(path).exists() {
                    findings.push(file.found(number, format_args!("`{path}` is not there")));
                }
            }
        }
    }
    nothing(&findings);
}

#[test]
fn lock_files_do_not_say_where_packages_came_from() {
    let mut findings = Vec::new();
    for file in files(&["package-lock.json"]) {
        let lines = file.lines().filter(|(_, line)| line.contains("\"resolved\""));
        findings.extend(
            lines.map(|(number, _)| file.found(number, "an address; `.npmrc` beside it says `omit-lockfile-registry-resolved`")),
        );
    }
    nothing(&findings);
}
