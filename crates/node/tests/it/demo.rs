//! The main job runs whole, on fresh nodes.

use serde_json::Value;
use std::process::Command;

#[test]
fn the_main_job_runs_whole() {
    let dir = tempfile::tempdir().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_tansiq")).args(["demo", "--check", "--dir"]).arg(dir.path()).output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    let last: Value = serde_json::from_str(said.lines().last().unwrap()).unwrap();
    assert!(output.status.success(), "{said}");
    assert_eq!((&last["ok"], &last["states_equal"]), (&Value::Bool(true), &Value::Bool(true)), "{last}");
    assert_eq!(last["refused"], "MTG11");
    assert_eq!(last["witnessed"], last["records"]);
    for kind in ["agreement", "meeting", "action", "commitment"] {
        assert_eq!(last["kinds"][kind]["states_equal"], true, "{kind}");
        assert_eq!(last["kinds"][kind]["held"]["IRQ"], 1, "{kind}");
    }
    for file in ["record.json", "salt.hex", "record.tlog-proof", "policy", "README.txt"] {
        assert!(dir.path().join("evidence").join(file).exists(), "{file}");
    }
}
