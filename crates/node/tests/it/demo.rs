//! The main job runs whole, on fresh nodes.

use serde_json::Value;
use std::process::Command;
use tansiq_dossier::kinds::Kind;

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
    for kind in Kind::ALL.iter().filter(|kind| kind.letter().is_some()) {
        let of_kind = &last["kinds"][kind.name()];
        assert_eq!(of_kind["states_equal"], true, "{kind}");
        assert!(of_kind["held"]["IRQ"].as_u64() > Some(0), "{kind}: {of_kind}");
        let elsewhere = ["SYR", "TUR", "USA"].iter().filter_map(|party| of_kind["held"][party].as_u64());
        assert!(elsewhere.sum::<u64>() > 0, "{kind} is held by nobody else: {of_kind}");
    }
    assert_eq!(last["kinds"]["return"]["held"]["TUR"], 0, "a return of two parties is held by a third");
    for file in ["record.json", "salt.hex", "record.tlog-proof", "policy", "README.txt"] {
        assert!(dir.path().join("evidence").join(file).exists(), "{file}");
    }
}
