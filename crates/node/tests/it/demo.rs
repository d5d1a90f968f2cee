//! The main job runs whole, on fresh nodes.

use serde_json::Value;
use std::process::Command;
use tansiq_dossier::kinds::Kind;
use tansiq_node::demo::house::{self, Cast};
use tansiq_node::demo::load;

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

#[test]
fn what_a_secretary_asks_of_the_demo_comes_among_the_first_three() {
    let dir = tempfile::tempdir().unwrap();
    let cast = Cast::built_in().unwrap();
    let sites = house::sites(&cast, dir.path(), false).unwrap();
    load::load(&cast, &sites).unwrap();
    let baghdad = sites.iter().find(|site| site.party.as_str() == "IRQ").unwrap();
    let questions = include_str!("questions.tsv").lines().filter(|line| !line.starts_with('#'));
    let mut asked = 0;
    for (question, wanted) in questions.map(|line| line.split_once('\t').unwrap()) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tansiq"));
        command.arg("search").arg("--dir").arg(&baghdad.folder).args(["--as", "irq.mofa.secretary", "--json", "--", question]);
        let output = command.output().unwrap();
        let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
        let titles: Vec<&Value> = answer["hits"].as_array().unwrap().iter().map(|hit| &hit["title"]["en"]).take(3).collect();
        assert!(titles.iter().any(|title| **title == wanted), "{question}: {wanted} is not among {titles:?}");
        asked += 1;
    }
    assert!(asked >= 50, "{asked}");
}
