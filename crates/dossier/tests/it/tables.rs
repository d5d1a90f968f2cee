//! The tables: an act a line, with what the rules say to it.

use crate::telling::{Teller, blocks};
use crate::{told_kinds, without};
use std::collections::BTreeSet;

#[test]
fn every_kind_has_a_table() {
    assert_eq!(without("table.md"), [], "these kinds have no table.md");
}

#[test]
fn the_rules_say_what_the_tables_say_and_every_refusal_is_met() {
    let mut problems = Vec::new();
    for kind in told_kinds() {
        let text = crate::text_of(kind, "table.md");
        let blocks = blocks(&text);
        let mut met = BTreeSet::new();
        for block in blocks.iter().filter(|block| block.word == "table") {
            let mut teller = Teller::new(&blocks, &block.rest);
            problems.extend(teller.tell(block).into_iter().map(|problem| format!("{kind}/table.md {problem}")));
            teller.stage.meet();
            teller.stage.assert_same_in_any_order(|left| left - 1);
            teller.stage.assert_kept();
            met.append(&mut teller.seen);
        }
        let unmet: Vec<&&str> = kind.refusals().iter().filter(|code| !met.contains(**code)).collect();
        if !unmet.is_empty() {
            problems.push(format!("{kind}/table.md never meets {unmet:?}"));
        }
    }
    assert!(problems.is_empty(), "\n{}", problems.join("\n\n"));
}
