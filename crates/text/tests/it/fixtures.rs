//! Our own statements, labelled by the scheme: other states, other committees.

use crate::scorer;
use std::path::Path;

#[test]
fn our_own_statements_are_read_well() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/statements");
    let all = scorer::read_folder(&dir, |_, _| {});
    assert!(all.len() >= 200);
    let f1 = scorer::macro_f1(&all);
    assert!(f1 >= 0.985, "{f1:.3}");
}
