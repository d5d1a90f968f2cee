//! What `docs/verify.md` tells a stranger to do is done here, with the very lines that stand there.

use crate::evidence_check::{self as made, Tree};
use crate::world::{World, meeting, until};
use std::path::{Path, PathBuf};
use std::process::Command;
use tansiq_log::merkle::consistency_proof;
use tansiq_log::note::{KeyKind, Note};
use tansiq_node::evidence::check::{Brought, Files, check, read};

/// The blocks of code of one language on the page.
fn blocks(language: &str) -> Vec<String> {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/verify.md");
    let page = std::fs::read_to_string(page).unwrap();
    let begin = format!("\n```{language}\n");
    let parts = page.split(begin.as_str()).skip(1);
    parts.map(|part| part.split("\n```").next().unwrap().to_owned() + "\n").collect()
}

/// The page's programs, as somebody would save them.
struct Page {
    folder: tempfile::TempDir,
}

impl Page {
    /// None, and a word of it, where the machine lacks what the page asks for.
    fn saved() -> Option<Page> {
        for (tool, ask) in [("python3", "--version"), ("openssl", "version"), ("xxd", "--version"), ("sha256sum", "--version")] {
            if !Command::new(tool).arg(ask).output().is_ok_and(|output| output.status.success()) {
                eprintln!("SKIPPED: there is no `{tool}` on this machine, so the page was not tried");
                return None;
            }
        }
        let folder = tempfile::tempdir().unwrap();
        let programs = blocks("python");
        assert_eq!(programs.len(), 2, "the page holds two programs");
        for (name, text) in ["verify.py", "fork.py"].iter().zip(programs) {
            std::fs::write(folder.path().join(name), text).unwrap();
        }
        Some(Page { folder })
    }

    fn place(&self) -> PathBuf {
        self.folder.path().join("evidence")
    }

    /// What a program says of these files; an error is what it refuses them with.
    fn run(&self, program: &str, files: &Files) -> Result<String, String> {
        let _none_yet = std::fs::remove_dir_all(self.place());
        made::write(files, &self.place());
        let run = Command::new("python3").arg("-B").arg(self.folder.path().join(program)).arg(self.place()).output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        if run.status.success() { Ok(text(&run.stdout)) } else { Err(text(&run.stderr)) }
    }

    /// Changes a byte at several places of each file; each time the program refuses, and says so.
    fn notices(&self, program: &str, files: &Files, places: usize) {
        for (name, bytes) in files.iter().filter(|(_, bytes)| !bytes.is_empty()) {
            for part in 0..places {
                let place = (bytes.len() - 1) * part / (places - 1);
                let mut changed = files.clone();
                changed.get_mut(name).unwrap()[place] ^= 1;
                let said = self.run(program, &changed).expect_err(&format!("byte {place} of {name} went unnoticed"));
                assert!(said.starts_with("REFUSED: "), "byte {place} of {name}: {said}");
            }
        }
    }
}

#[test]
fn the_page_for_strangers_proves_a_record_of_real_nodes() {
    let Some(page) = Page::saved() else { return };
    let world = World::two().started();
    let (_, record) = world.done(&world.secretary("IRQ"), &meeting("اجتماع"));
    world.level();
    let out = tempfile::tempdir().unwrap();
    until("evidence is written", || {
        world.command("IRQ", &["evidence", &record, "--out", out.path().to_str().unwrap()]).status.success()
    });
    let files = read(out.path()).unwrap();
    let said = page.run("verify.py", &files).unwrap();
    assert!(said.contains(&record) && said.ends_with("HOLDS\n"), "{said}");
    let line = blocks("sh");
    assert_eq!(line.len(), 1);
    let hashed = Command::new("sh").arg("-c").arg(&line[0]).current_dir(page.place()).output().unwrap();
    assert!(String::from_utf8_lossy(&hashed.stdout).starts_with(&record));
    page.notices("verify.py", &files, 8);
}

#[test]
fn the_page_for_strangers_proves_a_disclosure_under_several_witnesses() {
    let Some(page) = Page::saved() else { return };
    let files = made::sealed_record();
    let said = page.run("verify.py", &files).unwrap();
    assert!(said.contains("witness   SYR") && said.contains("witness   TUR") && said.contains("سارة"), "{said}");
    // A log that changed its key has two of one name, and one of them has signed this.
    let name = made::log_signer().name().to_string();
    let older = format!("log {}\n", made::signer(&name, KeyKind::Ed25519, 5).verifier());
    let mut changed = files.clone();
    changed.insert("policy".to_owned(), [older.as_bytes(), &files["policy"]].concat());
    assert!(page.run("verify.py", &changed).is_ok() && check(&changed, &Brought::default()).is_ok());
    page.notices("verify.py", &files, 6);
}

/// Evidence that Iraq's log signed two trees of these sizes that cannot both be true; or can, when `same` is said.
pub(crate) fn fork(first: usize, second: usize, same: bool) -> Files {
    let told = Tree((0..20).map(|place| [place; 32]).collect());
    let mut other = Tree(told.0.clone());
    if !same {
        other.0[first / 2] = [99; 32];
    }
    let text = |note: &Note| note.to_string().into_bytes();
    let mut files = Files::from([
        ("first.checkpoint".to_owned(), text(made::signed(&told, first).note())),
        ("second.checkpoint".to_owned(), text(made::signed(&other, second).note())),
        ("policy".to_owned(), format!("log {}\nquorum none\n", made::log_signer().verifier()).into_bytes()),
    ]);
    if first != second {
        let root = made::signed(&other, first).checkpoint().root();
        let hashes = consistency_proof(&other, first as u64, second as u64).unwrap();
        let hashes: String = hashes.iter().map(|hash| format!("{hash}\n")).collect();
        files.insert("consistency.proof".to_owned(), format!("old {first} {root}\n{hashes}").into_bytes());
    }
    files
}

#[test]
fn the_page_for_strangers_convicts_a_log_with_two_histories_and_no_other() {
    let Some(page) = Page::saved() else { return };
    for (first, second) in [(1, 2), (6, 6), (4, 9), (7, 20), (8, 16)] {
        let said = page.run("fork.py", &fork(first, second, false)).unwrap();
        assert!(said.contains("BOTH CANNOT BE TRUE"), "{first} {second}: {said}");
        let refused = page.run("fork.py", &fork(first, second, true)).unwrap_err();
        assert!(refused.contains("one history"), "{first} {second}: {refused}");
    }
    page.notices("fork.py", &fork(7, 20, false), 6);
}
