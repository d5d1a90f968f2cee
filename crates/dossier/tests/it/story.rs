//! The stories: what a session of the parties looks like in each kind.

use crate::telling::{Block, Teller, blocks};
use crate::{told_kinds, without};
use tansiq_dossier::kinds::Kind;

/// The stages of a kind's story after its last statement, one for each setting.
pub fn told<'a>(kind: Kind, blocks: &'a [Block]) -> (Vec<Teller<'a>>, Vec<String>) {
    let mut tellers: Vec<Teller<'a>> = Vec::new();
    let mut problems = Vec::new();
    for block in blocks.iter().filter(|block| block.word == "story") {
        if tellers.is_empty() || !block.rest.is_empty() {
            tellers.push(Teller::new(blocks, &block.rest));
        }
        let Some(teller) = tellers.last_mut() else { continue };
        problems.extend(teller.tell(block).into_iter().map(|problem| format!("{kind}/story.md {problem}")));
    }
    for teller in &mut tellers {
        teller.stage.meet();
    }
    (tellers, problems)
}

#[test]
fn every_kind_has_a_story() {
    assert_eq!(without("story.md"), [], "these kinds have no story.md");
}

#[test]
fn the_stories_come_out_as_told() {
    let mut problems = Vec::new();
    for kind in told_kinds() {
        let text = crate::text_of(kind, "story.md");
        let blocks = blocks(&text);
        let (tellers, found) = told(kind, &blocks);
        problems.extend(found);
        for teller in &tellers {
            // From the last record to the first, from the first to the last, and from the middle.
            teller.stage.assert_same_in_any_order(|left| left - 1);
            teller.stage.assert_same_in_any_order(|_| 0);
            teller.stage.assert_same_in_any_order(|left| left / 2);
            teller.stage.assert_kept();
        }
    }
    assert!(problems.is_empty(), "\n{}", problems.join("\n\n"));
}

#[test]
fn every_act_of_a_kind_is_told() {
    for kind in told_kinds() {
        let text = crate::text_of(kind, "story.md");
        let blocks = blocks(&text);
        let (tellers, _) = told(kind, &blocks);
        let done = |act: &&str| tellers.iter().any(|teller| teller.seen.contains(*act));
        let missing: Vec<&str> = kind.acts().iter().map(|spec| spec.name).filter(|act| !done(act)).collect();
        assert!(missing.is_empty(), "the story of {kind} does not tell {missing:?}");
    }
}
