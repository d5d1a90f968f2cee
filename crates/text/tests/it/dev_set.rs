//! The development set and its own scorer, where they lie beside the workspace.

use std::path::Path;
use std::process::Command;
use tansiq_text::statement;

#[test]
fn the_development_set_scores_enough() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/statements/dev");
    let Ok(index) = std::fs::read_to_string(dir.join("index.tsv")) else {
        println!("SKIPPED: no statements at {}", dir.display());
        return;
    };
    let out = tempfile::tempdir().unwrap();
    for line in index.lines().skip(1) {
        let cells: Vec<&str> = line.split('\t').collect();
        let text = std::fs::read_to_string(dir.join(format!("{}.txt", cells[0]))).unwrap();
        let reading = statement::read(&text, cells[2].parse().ok());
        std::fs::write(out.path().join(format!("{}.json", cells[0])), serde_json::to_vec(&reading).unwrap()).unwrap();
    }
    let run = Command::new("python3").arg(dir.join("score.py")).arg(&dir).arg(out.path()).arg("--json").output();
    let Some(run) = run.ok().filter(|r| r.status.success()) else {
        println!("SKIPPED: python3 could not run the scorer");
        return;
    };
    let result: serde_json::Value = serde_json::from_slice(&run.stdout).unwrap();
    let f1 = result["macro_f1"].as_f64().unwrap();
    println!("macro F1 on the development set: {f1:.4}");
    assert!(f1 >= 0.99, "{f1}");
}
