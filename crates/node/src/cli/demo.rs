//! `demo`.

use super::{Outcome, Setting};
use crate::clock::World;
use crate::demo;
use crate::fault::{Fault, Trouble};
use clap::Args;
use std::path::{Path, PathBuf};

/// Run the demo
#[derive(Args)]
pub(super) struct Demo {
    /// Run the main job on fresh nodes in processes of their own, without pages, and print what came of it as the last line
    #[arg(long)]
    check: bool,
}

pub(super) fn run(setting: &Setting, args: &Demo) -> Outcome {
    let given = setting.given.clone();
    if args.check {
        return match given {
            Some(dir) => check(&dir),
            None => {
                let folder = Temporary::new()?;
                check(&folder.0)
            }
        };
    }
    demo::stage::run(&given.unwrap_or_else(|| PathBuf::from("demo")))
}

fn check(dir: &Path) -> Outcome {
    match demo::check::check(dir) {
        Ok(verdict) => {
            say!("{}", serde_json::to_string(&verdict).map_err(|error| Fault::Setup(error.to_string()))?);
            if verdict.ok {
                Ok(())
            } else {
                Err(Fault::Setup("the check found what must not be; see its last line".to_owned()).into())
            }
        }
        Err(trouble) => {
            say!("{}", serde_json::json!({ "ok": false, "error": trouble.to_string() }));
            Err(trouble)
        }
    }
}

/// A folder that goes when it is no longer needed.
pub(super) struct Temporary(pub(super) PathBuf);

impl Temporary {
    pub(super) fn new() -> Result<Temporary, Trouble> {
        let random: [u8; 6] = World::real().random()?;
        let folder = std::env::temp_dir().join(format!("tansiq-{}", data_encoding::HEXLOWER.encode(&random)));
        crate::keys::make_private_folder(&folder)?;
        Ok(Temporary(folder))
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        let _left_behind = std::fs::remove_dir_all(&self.0);
    }
}
