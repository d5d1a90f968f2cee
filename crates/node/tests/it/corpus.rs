//! Everything that the fuzzer ever found worth keeping is read again, by the same functions. `make fuzz` looks for more.

// The targets are shared with the fuzzing crate, for which they are public.
#[allow(unreachable_pub, reason = "public for the crate that fuzzes them")]
#[path = "../../../../fuzz/targets.rs"]
mod targets;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

fn fuzz() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz")
}

#[test]
fn every_input_that_was_kept_is_read_as_promised() {
    let mut inputs = 0;
    for (name, target) in targets::TARGETS {
        let folder = fuzz().join("corpus").join(name);
        let files: Vec<PathBuf> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        assert!(files.len() >= 3, "{name} has a corpus");
        for file in files {
            let bytes = std::fs::read(&file).unwrap();
            let read = std::panic::catch_unwind(|| target(&bytes));
            assert!(read.is_ok(), "{name}: {}", file.display());
            inputs += 1;
        }
    }
    println!("{inputs} inputs of {} parsers", targets::TARGETS.len());
}

#[test]
fn every_target_has_its_binary_and_every_binary_its_target() {
    let manifest = std::fs::read_to_string(fuzz().join("Cargo.toml")).unwrap();
    let bins = manifest.split("[[bin]]").skip(1).filter_map(|bin| bin.split('"').nth(1));
    let targets: BTreeSet<&str> = targets::TARGETS.iter().map(|(name, _)| *name).collect();
    assert_eq!(bins.collect::<BTreeSet<_>>(), targets);
    assert!(targets.iter().all(|name| targets::named(name).is_some()));
    let folders =
        std::fs::read_dir(fuzz().join("corpus")).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    assert_eq!(folders.collect::<BTreeSet<_>>(), targets.into_iter().map(str::to_owned).collect());
}
