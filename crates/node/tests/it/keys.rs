//! Keys are their owner's alone.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output};

fn tansiq(dir: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_tansiq")).args(arguments).arg("--dir").arg(dir).output().unwrap()
}

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn keys_are_written_for_their_owner_alone_and_a_node_with_open_keys_does_not_start() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("node");
    let made = tansiq(&dir, &["init", "--party", "IRQ", "--node", "baghdad.example", "--exchange", "none"]);
    assert!(made.status.success(), "{made:?}");
    let keys = dir.join("keys");
    assert_eq!((mode(&dir), mode(&keys)), (0o700, 0o700));
    for name in ["log.key", "cosigner.key", "wire.key"] {
        let key = keys.join(name);
        assert_eq!(mode(&key), 0o600, "{name}");
        for open in [0o640, 0o604, 0o666] {
            std::fs::set_permissions(&key, std::fs::Permissions::from_mode(open)).unwrap();
            let refused = tansiq(&dir, &["serve", "--web", "127.0.0.1:0"]);
            let said = String::from_utf8_lossy(&refused.stderr).into_owned();
            assert_eq!(refused.status.code(), Some(2), "{name} {open:o}");
            assert!(said.contains(name) && said.contains("chmod 600"), "{said}");
        }
        std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o600)).unwrap();
    }
    assert!(tansiq(&dir, &["card"]).status.success());
}
