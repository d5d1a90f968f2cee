//! Makes the assets that the pages embed: runs npm and `assets/build.mjs` when `assets/dist` is missing or stale.
use std::{env, fs, io, path::Path, process::Command};

const SOURCES: [&str; 5] = ["package.json", "package-lock.json", "build.mjs", "css", "js"];

fn main() -> io::Result<()> {
    let root = env::var("CARGO_MANIFEST_DIR").map_err(io::Error::other)?;
    let assets = Path::new(&root).join("assets");
    for source in SOURCES {
        println!("cargo:rerun-if-changed=assets/{source}");
    }
    // `build.mjs` gives its outputs the time of its newest source, so naming one here causes no second run.
    println!("cargo:rerun-if-changed=assets/dist/version");
    println!("cargo:rerun-if-changed=locales");
    if !installed(&assets)? {
        run(&assets, "npm", &["ci", "--ignore-scripts", "--no-audit", "--no-fund"])?;
    }
    run(&assets, "node", &["build.mjs"])
}

/// Whether `node_modules` holds what the lock file says: npm writes its own copy of the lock after each install.
fn installed(assets: &Path) -> io::Result<bool> {
    let copy = assets.join("node_modules/.package-lock.json");
    if !copy.exists() {
        return Ok(false);
    }
    let asked = fs::metadata(assets.join("package-lock.json"))?.modified()?;
    Ok(fs::metadata(copy)?.modified()? >= asked)
}

fn run(assets: &Path, program: &str, arguments: &[&str]) -> io::Result<()> {
    let shown = format!("{program} {}", arguments.join(" "));
    let status = Command::new(program).args(arguments).current_dir(assets).status().map_err(|fault| {
        io::Error::other(format!(
            "the pages' assets need Node.js 20 or later with npm, and `{shown}` could not be started: {fault}"
        ))
    })?;
    if status.success() { Ok(()) } else { Err(io::Error::other(format!("`{shown}` in {} failed ({status})", assets.display()))) }
}
