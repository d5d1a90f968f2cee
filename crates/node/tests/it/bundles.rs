//! Nodes that never see a network: everything goes in files that somebody carries, and that are lost, cut, doubled and mixed up.

use crate::attachments;
use crate::world::{World, meeting};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::Output;

/// A world of nodes that do not run, and the folder of the files that are carried between them.
struct Carried {
    world: World,
    folder: tempfile::TempDir,
}

impl Carried {
    fn new(world: World) -> Carried {
        Carried { world, folder: tempfile::tempdir().unwrap() }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Runs a command that must succeed, and gives what it printed.
    fn done(&self, party: &str, arguments: &[&str]) -> Value {
        let output = self.world.command(party, arguments);
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap_or(Value::Null)
    }

    /// An act of an office, from a file.
    fn act(&self, officer: &str, act: &Value) -> Value {
        let file = self.file("act.json");
        std::fs::write(&file, act.to_string()).unwrap();
        let arguments = ["submit", file.to_str().unwrap(), "--as", officer, "--channel", &self.world.channel, "--json"];
        self.done(&officer[..3].to_uppercase(), &arguments)
    }

    fn write(&self, from: &str, to: &str, name: &str, further: &[&str]) -> Value {
        let file = self.file(name);
        let mut arguments = vec!["bundle", "write", "--to", to, "--out", file.to_str().unwrap(), "--json"];
        arguments.extend(further);
        self.done(from, &arguments)
    }

    fn read(&self, party: &str, name: &str) -> Value {
        self.done(party, &["bundle", "read", self.file(name).to_str().unwrap(), "--json"])
    }

    fn try_read(&self, party: &str, path: &Path) -> Output {
        self.world.command(party, &["bundle", "read", path.to_str().unwrap(), "--json", "--lang", "en"])
    }

    /// The code with which a bundle is refused.
    fn refusal(&self, party: &str, path: &Path) -> String {
        let output = self.try_read(party, path);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(1), "{said}");
        said[..5].to_owned()
    }

    fn carry(&self, from: &str, to: &str) -> Value {
        self.write(from, to, "carried", &[]);
        self.read(to, "carried")
    }

    fn witnessed(&self, party: &str) -> Value {
        let view = self.world.view(party);
        view["logs"].as_array().unwrap().iter().find(|log| log["party"] == party).unwrap()["witnessed"].clone()
    }

    fn history(&self, party: &str, dossier: &str) -> Option<Value> {
        let output = self.world.command(party, &["show", dossier, "--json"]);
        output.status.success().then(|| serde_json::from_slice::<Value>(&output.stdout).unwrap()["history"].clone())
    }
}

#[test]
fn two_nodes_without_a_network_open_a_channel_work_in_it_and_witness_each_other() {
    let carried = Carried::new(World::two());
    assert_eq!(carried.world.view("TUR")["open"], false);
    let first = carried.carry("IRQ", "TUR");
    assert_eq!((&first["held"], &first["witnessed"], &first["whole"]), (&json!([0, 1]), &json!(0), &json!(true)));
    assert_eq!(carried.world.view("TUR")["open"], true);
    // What comes back brings Ankara's own adoption, and its cosignature of Baghdad's.
    let back = carried.carry("TUR", "IRQ");
    assert_eq!((&back["held"], &back["witnessed"]), (&json!([0, 1]), &json!(1)));
    assert_eq!(carried.world.view("IRQ")["open"], true);

    let opened = carried.act("irq.mofa.secretary", &meeting("اجتماع اللجنة"));
    let dossier = opened["dossier"].as_str().unwrap();
    let sent = carried.write("IRQ", "TUR", "meeting", &[]);
    assert_eq!((&sent["from"], &sent["size"]), (&json!(1), &json!(2)), "what Ankara has cosigned is not sent again");
    carried.read("TUR", "meeting");
    let agree = json!({ "kind": "meeting", "act": "agree-date", "dossier": dossier, "body": { "date": "2027-01-14", "place": "Ankara" } });
    carried.act("tur.mofa.secretary", &agree);
    carried.carry("TUR", "IRQ");
    carried.carry("IRQ", "TUR");
    assert_eq!(carried.history("IRQ", dossier).unwrap().as_array().unwrap().len(), 2);
    assert_eq!(carried.world.digest("IRQ"), carried.world.digest("TUR"));
    for (party, by) in [("IRQ", "TUR"), ("TUR", "IRQ")] {
        let witnessed = carried.witnessed(party);
        assert_eq!((&witnessed[0][0], &witnessed[0][1]), (&json!(by), &json!(2)), "{party}: {witnessed}");
        carried.world.verify(party);
    }
    // And so there is evidence that convinces somebody else.
    let out = carried.file("evidence");
    carried.done("IRQ", &["evidence", opened["record"].as_str().unwrap(), "--out", out.to_str().unwrap()]);
    let checked = carried.done("TUR", &["evidence", "check", out.to_str().unwrap(), "--json"]);
    assert_eq!(checked["found"]["witnessed"][0]["witness"], "TUR");
}

#[test]
fn bundles_that_are_mixed_up_doubled_and_cut_short_come_to_the_same() {
    let carried = Carried::new(World::two());
    carried.carry("IRQ", "TUR");
    carried.carry("TUR", "IRQ");
    for (number, from) in [1, 3, 5, 7].iter().enumerate() {
        for _ in 0..2 {
            carried.act("irq.mofa.secretary", &meeting(&format!("اجتماع {number}")));
        }
        let written = carried.write("IRQ", "TUR", &format!("part-{number}"), &["--from", &from.to_string()]);
        assert_eq!(written["size"], from + 2);
    }
    // The last comes first, and twice; then the third. Both wait.
    for name in ["part-3", "part-3", "part-2"] {
        let taken = carried.read("TUR", name);
        assert_eq!((&taken["held"], taken["waits"].is_u64()), (&json!([1, 1]), true), "{taken}");
    }
    // The first is cut short anywhere: what is whole in it counts, and it can be read again.
    let whole = std::fs::read(carried.file("part-0")).unwrap();
    let cut = carried.file("cut");
    for length in [0, 3, 5, 200, whole.len() / 2, whole.len() - 30, whole.len() - 1] {
        std::fs::write(&cut, &whole[..length]).unwrap();
        let code = carried.refusal("TUR", &cut);
        assert!(code == "BND05" || code == "BND01" && length < 300, "{code} at {length}");
    }
    let taken = carried.read("TUR", "part-0");
    assert_eq!(taken["held"][1], 3);
    let taken = carried.read("TUR", "part-1");
    assert_eq!((&taken["held"], &taken["joined"]), (&json!([3, 9]), &json!(2)), "{taken}");
    for name in ["part-0", "part-3"] {
        assert_eq!(carried.read("TUR", name)["held"], json!([9, 9]), "{name}");
    }
    let left = std::fs::read_dir(carried.world.site("TUR").folder.join("bundles")).unwrap().count();
    assert_eq!(left, 0, "nothing waits any longer");
    // One bundle was lost on the way back, and the next one brings all of it.
    carried.write("TUR", "IRQ", "lost", &[]);
    carried.carry("TUR", "IRQ");
    assert_eq!(carried.witnessed("IRQ")[0][1], 9);
    assert_eq!(carried.world.digest("IRQ"), carried.world.digest("TUR"));
    assert_eq!(carried.write("IRQ", "TUR", "nothing", &[])["from"], 9);
    ["IRQ", "TUR"].iter().for_each(|party| carried.world.verify(party));
}

#[test]
fn a_bundle_is_for_one_party_from_another_and_nobody_changes_it_on_the_way() {
    let carried = Carried::new(World::three());
    carried.write("IRQ", "SYR", "for-damascus", &[]);
    carried.write("IRQ", "TUR", "for-ankara", &[]);
    assert_eq!(carried.refusal("TUR", &carried.file("for-damascus")), "BND02");
    assert_eq!(carried.refusal("IRQ", &carried.file("for-ankara")), "BND02");
    // A channel that is not here.
    let elsewhere = Carried::new(World::two());
    assert_eq!(elsewhere.refusal("TUR", &carried.file("for-ankara")), "CHN03");
    // Whoever carries it changes whom it is from or for, or what has arrived: the header is signed.
    let good = std::fs::read(carried.file("for-ankara")).unwrap();
    let changed = carried.file("changed");
    let find = |part: &str| good.windows(part.len()).position(|window| window == part.as_bytes()).unwrap() + part.len() - 1;
    for (part, byte, code) in [
        ("taken 0", b'9', "BND03"),
        ("entries 0", b'1', "BND03"),
        ("from IRQ", b'R', "BND03"),
        ("to TUR", b'X', "BND02"),
        ("tansiq-bundle v1", b'2', "BND01"),
    ] {
        let mut bytes = good.clone();
        bytes[find(part)] = byte;
        std::fs::write(&changed, bytes).unwrap();
        assert_eq!(carried.refusal("TUR", &changed), code, "{part}");
    }
    // What stands below is authenticated by the log: any changed byte keeps the batch out.
    let begin = good.windows(5).position(|window| window == [1, 0, 0, 0, 32]).unwrap();
    let end = good.windows(3).rposition(|window| window == [65, 0, 0]).unwrap();
    for place in (begin..end).step_by(97) {
        let mut bytes = good.clone();
        bytes[place] ^= 1;
        std::fs::write(&changed, bytes).unwrap();
        assert!(!carried.try_read("TUR", &changed).status.success(), "byte {place}");
        assert_eq!(carried.world.held("TUR", "IRQ"), 0, "byte {place}");
    }
    assert_eq!(carried.read("TUR", "for-ankara")["held"], json!([0, 1]));
    // Nobody writes one for itself or for a stranger.
    for to in ["IRQ", "IRN"] {
        let output =
            carried.world.command("IRQ", &["bundle", "write", "--to", to, "--out", carried.file("none").to_str().unwrap()]);
        assert_eq!(output.status.code(), Some(2), "{to}");
        assert!(!carried.file("none").exists() && !carried.file("none.part").exists());
    }
}

#[test]
fn files_go_in_a_bundle_when_they_are_asked_for_and_are_gone_on_with_after_a_cut() {
    let carried = Carried::new(World::two());
    carried.carry("IRQ", "TUR");
    carried.carry("TUR", "IRQ");
    let opened = carried.act("irq.mofa.secretary", &meeting("اجتماع بخريطة"));
    let dossier = opened["dossier"].as_str().unwrap();
    let bytes = attachments::picture(300_000, 7);
    let map = carried.file("map.png");
    std::fs::write(&map, &bytes).unwrap();
    carried.done("IRQ", &["attach", map.to_str().unwrap(), "--dossier", dossier, "--as", "irq.mofa.secretary", "--json"]);
    assert_eq!(carried.write("IRQ", "TUR", "records", &[])["files"], 0);
    assert_eq!(carried.write("IRQ", "TUR", "files", &["--files"])["files"], 1);
    assert_eq!(carried.read("TUR", "records")["files"], 0);
    // Cut within the file: what has come stays, and the whole bundle goes on from there.
    let whole = std::fs::read(carried.file("files")).unwrap();
    std::fs::write(carried.file("cut"), &whole[..whole.len() - 100_000]).unwrap();
    assert_eq!(carried.refusal("TUR", &carried.file("cut")), "BND05");
    let fetch = |out: &str| {
        let hash = attachments::hash(&bytes);
        carried.world.command("TUR", &["fetch", &hash, "--dossier", dossier, "--out", carried.file(out).to_str().unwrap()])
    };
    assert_eq!(fetch("none").status.code(), Some(1));
    assert_eq!(carried.read("TUR", "files")["files"], 1);
    assert!(fetch("copy").status.success());
    assert_eq!(std::fs::read(carried.file("copy")).unwrap(), bytes);
    assert_eq!(carried.read("TUR", "files")["files"], 0, "it is here already");
}

#[test]
fn what_is_released_later_comes_with_a_later_bundle_and_until_it_is_confirmed() {
    let carried = Carried::new(World::three());
    let all = ["IRQ", "SYR", "TUR"];
    let round = || {
        for from in all {
            all.iter().filter(|to| **to != from).for_each(|to| drop(carried.carry(from, to)));
        }
    };
    round();
    let mut act = meeting("لقاء فني");
    act["audience"] = json!(["IRQ", "SYR"]);
    let opened = carried.act("irq.mofa.secretary", &act);
    let dossier = opened["dossier"].as_str().unwrap();
    round();
    assert_eq!(carried.world.held("TUR", "IRQ"), 2);
    assert_eq!(carried.history("TUR", dossier), None, "an entry, and nothing of its content");
    let title = "لقاء فني".as_bytes();
    let holds = |name: &str| std::fs::read(carried.file(name)).unwrap().windows(title.len()).any(|window| window == title);
    carried.write("IRQ", "TUR", "before", &["--from", "0"]);
    carried.write("IRQ", "SYR", "for-damascus", &["--from", "0"]);
    assert!(!holds("before") && holds("for-damascus"));

    let release = json!({ "kind": "meeting", "act": "release", "dossier": dossier, "body": { "to": "TUR", "reason": "للاطلاع" } });
    carried.act("irq.mofa.releaser", &release);
    let written = carried.write("IRQ", "TUR", "late", &[]);
    let last = written["late"].as_u64().unwrap();
    assert!(last > 0 && holds("late"), "{written}");
    assert_eq!(carried.read("TUR", "late")["late"], last);
    assert_eq!(carried.history("TUR", dossier).unwrap().as_array().unwrap().len(), 2);
    // It comes again for as long as Ankara has not said that it is there, and changes nothing.
    assert!(carried.write("IRQ", "TUR", "again", &["--from", "3"])["late"] == last && holds("again"));
    assert_eq!(carried.read("TUR", "again")["late"], last);
    carried.carry("TUR", "IRQ");
    carried.write("IRQ", "TUR", "no-more", &[]);
    assert!(!holds("no-more"));
    // Cosignatures of the third party travel along: Ankara learns from Baghdad that Damascus witnessed Baghdad's log.
    round();
    round();
    let view = carried.world.view("TUR");
    let log = view["logs"].as_array().unwrap().iter().find(|log| log["party"] == "IRQ").unwrap();
    assert_eq!(log["witnessed"].as_array().unwrap().len(), 2, "{log}");
    all.iter().for_each(|party| carried.world.verify(party));
}

#[test]
fn a_bundle_under_a_passphrase_tells_nobody_anything_and_is_taken_in_by_who_knows_it() {
    let carried = Carried::new(World::two());
    carried.carry("IRQ", "TUR");
    carried.carry("TUR", "IRQ");
    let title = "اجتماع اللجنة السري";
    carried.act("irq.mofa.secretary", &meeting(title));
    let secret = |name: &str, text: &str| {
        let file = carried.file(name);
        std::fs::write(&file, text).unwrap();
        std::fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
        file.to_str().unwrap().to_owned()
    };
    let (ours, wrong, short) =
        (secret("ours", "دجلة والفرات يلتقيان\n"), secret("wrong", "دجلة والفرات لا يلتقيان\n"), secret("short", "دجلة"));
    let under = ["--bundle-passphrase-file", &ours, "--work-factor", "10"];
    carried.write("IRQ", "TUR", "covered", &under);
    let covered = carried.file("covered");
    let bytes = std::fs::read(&covered).unwrap();
    let holds = |bytes: &[u8], what: &str| bytes.windows(what.len()).any(|window| window == what.as_bytes());
    assert!(!holds(&bytes, title) && !holds(&bytes, "tansiq-bundle") && !holds(&bytes, &carried.world.channel));
    // The same without a passphrase holds all of that: the search finds what is there.
    carried.write("IRQ", "TUR", "open", &[]);
    assert!(holds(&std::fs::read(carried.file("open")).unwrap(), title));
    let path = covered.to_str().unwrap();
    let refusal = |further: &[&str]| {
        let output = carried.world.command("TUR", &[&["bundle", "read", path, "--lang", "en"], further].concat());
        assert!(!output.status.success());
        String::from_utf8_lossy(&output.stderr)[..5].to_owned()
    };
    assert_eq!(refusal(&[]), "BND06");
    assert_eq!(refusal(&["--bundle-passphrase-file", &wrong]), "BND07");
    let out = carried.file("never");
    let too_short = ["bundle", "write", "--to", "TUR", "--out", out.to_str().unwrap(), "--bundle-passphrase-file", &short];
    assert!(!carried.world.command("IRQ", &too_short).status.success() && !out.exists());
    // Cut short, it is refused as any bundle is, and what was whole has been taken in.
    std::fs::write(carried.file("cut"), &bytes[..bytes.len() - 20]).unwrap();
    let cut = carried.file("cut");
    let output = carried
        .world
        .command("TUR", &["bundle", "read", cut.to_str().unwrap(), "--lang", "en", "--bundle-passphrase-file", &ours]);
    assert_eq!(&String::from_utf8_lossy(&output.stderr)[..5], "BND01", "its only piece is not whole");
    let taken = carried.done("TUR", &["bundle", "read", path, "--json", "--bundle-passphrase-file", &ours]);
    assert_eq!((&taken["held"], &taken["whole"]), (&json!([1, 2]), &json!(true)));
    // One that comes before its turn waits out of its cover, and needs no passphrase when its turn comes.
    carried.act("irq.mofa.secretary", &meeting("اجتماع ثانٍ"));
    carried.write("IRQ", "TUR", "second", &["--from", "2"]);
    carried.act("irq.mofa.secretary", &meeting("اجتماع ثالث"));
    carried.write("IRQ", "TUR", "third", &["--from", "3", under[0], under[1], under[2], under[3]]);
    let third = carried.file("third");
    let waits = carried.done("TUR", &["bundle", "read", third.to_str().unwrap(), "--json", under[0], under[1]]);
    assert_eq!(waits["waits"], 3);
    let joined = carried.read("TUR", "second");
    assert_eq!((&joined["held"], &joined["joined"]), (&json!([2, 4]), &json!(1)));
}

#[test]
fn sixteen_bundles_of_a_log_wait_and_one_that_waits_may_be_read_again() {
    let carried = Carried::new(World::two());
    carried.carry("IRQ", "TUR");
    for from in 100..117 {
        carried.write("IRQ", "TUR", &format!("from-{from}"), &["--from", &from.to_string()]);
    }
    for from in 100..116 {
        assert_eq!(carried.read("TUR", &format!("from-{from}"))["waits"], from);
    }
    let waiting = || std::fs::read_dir(carried.world.site("TUR").folder.join("bundles")).unwrap().count();
    assert_eq!(carried.refusal("TUR", &carried.file("from-116")), "BND04");
    assert_eq!(carried.read("TUR", "from-100")["waits"], 100, "it is there already, and takes no further room");
    assert_eq!(waiting(), 16, "nothing is left of what was refused");
}
