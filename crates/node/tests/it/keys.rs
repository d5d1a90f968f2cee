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

fn secret(folder: &Path, name: &str, text: &str) -> String {
    let path = folder.join(name);
    std::fs::write(&path, format!("{text}\n")).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
    path.to_str().unwrap().to_owned()
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[test]
fn keys_under_a_passphrase_open_with_it_and_with_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("node");
    let (right, wrong) =
        (secret(folder.path(), "right", "نخيل البصرة على الشط"), secret(folder.path(), "wrong", "شيء آخر تماماً هنا"));
    let init = ["init", "--party", "IRQ", "--node", "baghdad.example", "--exchange", "none", "--work-factor", "4"];
    let made = tansiq(&dir, &[&init[..], &["--passphrase-file", &right]].concat());
    assert!(made.status.success(), "{}", said(&made));
    let keys = dir.join("keys");
    for name in ["log.key", "cosigner.key", "wire.key"] {
        assert!(!keys.join(name).exists() && mode(&keys.join(format!("{name}.age"))) == 0o600, "{name}");
    }
    let closed = tansiq(&dir, &["card"]);
    assert_eq!(closed.status.code(), Some(2));
    assert!(said(&closed).contains("--passphrase-file"), "{}", said(&closed));
    let refused = tansiq(&dir, &["card", "--passphrase-file", &wrong]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(said(&refused).contains("the passphrase does not open"), "{}", said(&refused));
    let card = tansiq(&dir, &["card", "--passphrase-file", &right]);
    assert!(card.status.success(), "{}", said(&card));

    // A back-up that took them along comes back with the same passphrase.
    let (copy, again) = (folder.path().join("copy"), folder.path().join("again"));
    let backup = ["backup", "--out", copy.to_str().unwrap(), "--with-keys", "--passphrase-file", &right];
    assert!(tansiq(&dir, &backup).status.success());
    assert_eq!(mode(&copy.join("tansiq.db")), 0o600);
    let restore = ["restore", copy.to_str().unwrap(), "--to", again.to_str().unwrap(), "--passphrase-file", &right];
    let restored = tansiq(&again, &restore);
    assert!(restored.status.success(), "{}", said(&restored));
    assert_eq!(tansiq(&again, &["card", "--passphrase-file", &right]).stdout, card.stdout);

    // Out from under it and back again: the same keys, in the other form.
    assert!(tansiq(&dir, &["keys", "decrypt", "--passphrase-file", &right]).status.success());
    assert!(!keys.join("identity.age").exists() && !keys.join("log.key.age").exists());
    assert_eq!(tansiq(&dir, &["card"]).stdout, card.stdout);
    let encrypted = tansiq(&dir, &["keys", "encrypt", "--passphrase-file", &wrong, "--work-factor", "4"]);
    assert!(encrypted.status.success(), "{}", said(&encrypted));
    assert!(!keys.join("log.key").exists());
    assert_eq!(tansiq(&dir, &["card", "--passphrase-file", &wrong]).stdout, card.stdout);
    std::fs::set_permissions(&wrong, std::fs::Permissions::from_mode(0o644)).unwrap();
    assert!(said(&tansiq(&dir, &["card", "--passphrase-file", &wrong])).contains("chmod 600"));
}
