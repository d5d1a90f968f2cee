//! Our own statements, labelled by the scheme: other states, other committees.

use crate::scorer;
use std::path::Path;
use tansiq_text::statement;

#[test]
fn our_own_statements_are_read_well() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/statements");
    let index = std::fs::read_to_string(dir.join("index.tsv")).unwrap();
    let mut all = Vec::new();
    for line in index.lines().skip(1) {
        let cells: Vec<&str> = line.split('\t').collect();
        let text = std::fs::read_to_string(dir.join(format!("{}.txt", cells[0]))).unwrap();
        let gold: serde_json::Value =
            serde_json::from_str(&std::fs::read_to_string(dir.join(format!("{}.json", cells[0]))).unwrap()).unwrap();
        let reading = statement::read(&text, cells[2].parse().ok());
        let score = scorer::score(&gold, &serde_json::to_value(&reading).unwrap());
        let own = scorer::macro_f1(std::slice::from_ref(&score));
        assert!(own >= 0.75, "{}: {own:.3} {:?}", cells[0], scorer::FIELDS.iter().zip(&score).collect::<Vec<_>>());
        all.push(score);
    }
    assert!(all.len() >= 120);
    let f1 = scorer::macro_f1(&all);
    assert!(f1 >= 0.97, "{f1:.3}");
}
