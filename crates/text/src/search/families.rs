//! Words that no ending joins: broken plurals, and nouns of one root and one sense, as `data/families.tsv` lists them.

use super::stem::stem;
use crate::fold_for_search;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

const TABLE: &str = include_str!("../../data/families.tsv");

/// By a folded word, or its stem: the stems of the words under which it stands.
static HEADS: LazyLock<BTreeMap<String, BTreeSet<String>>> = LazyLock::new(|| {
    let mut heads: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (head, members) in rows() {
        let head = least(&head);
        for member in members {
            let short = least(&member);
            for word in [member, short] {
                heads.entry(word).or_default().insert(head.clone());
            }
        }
    }
    heads
});

/// The rows of the table, folded.
fn rows() -> impl Iterator<Item = (String, Vec<String>)> {
    let rows = TABLE.lines().filter(|line| !line.starts_with('#'));
    rows.filter_map(|line| line.split_once('\t')).map(|(head, members)| {
        let members = members.split_whitespace().map(fold_for_search).collect();
        (fold_for_search(head), members)
    })
}

/// A word without its ending, or as it is when it has none.
fn least(word: &str) -> String {
    stem(word).unwrap_or_else(|| word.to_owned())
}

/// Everything that a folded word is joined with others by: its own stem, where it has an ending, and the stems of the words under
/// which it stands.
#[must_use]
pub fn stems(word: &str) -> BTreeSet<String> {
    let own = stem(word);
    let mut all: BTreeSet<String> = HEADS.get(word).or_else(|| HEADS.get(own.as_deref()?)).cloned().unwrap_or_default();
    all.extend(own);
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_lists_what_endings_do_not_join_and_nothing_twice() {
        let (mut known, mut idle) = (BTreeSet::new(), Vec::new());
        for (head, members) in rows() {
            assert!(known.insert(head.clone()), "{head} has two rows");
            idle.extend(members.into_iter().filter(|member| least(member) == least(&head)).map(|member| (head.clone(), member)));
        }
        assert_eq!(idle, [], "these are joined by their endings");
    }
}
