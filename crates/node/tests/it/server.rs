//! A PostgreSQL server that goes with the test: made from the installed binaries, reached over a socket in its own folder.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A server that ends with the test.
pub(crate) struct Server {
    postgres: Child,
    programs: PathBuf,
    folder: tempfile::TempDir,
    port: u16,
}

/// Where Debian, and others, put the server's programs, which are not on the path.
fn programs() -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut found: Vec<PathBuf> = versions.map(|version| version.path().join("bin")).collect();
    found.sort();
    found.reverse();
    found.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()));
    found.into_iter().find(|folder| ["initdb", "postgres", "psql"].iter().all(|program| folder.join(program).exists()))
}

/// The server refuses to run as root; root runs it as somebody else.
fn as_server(program: &Path) -> Option<Command> {
    let is_root = Command::new("id").arg("-u").output().ok()?.stdout == b"0\n";
    if !is_root {
        return Some(Command::new(program));
    }
    let somebody = ["postgres", "nobody"]
        .into_iter()
        .find(|name| Command::new("id").arg(name).output().is_ok_and(|id| id.status.success()))?;
    let mut command = Command::new("setpriv");
    command.args(["--reuid", somebody, "--clear-groups", "--"]).arg(program);
    Some(command)
}

impl Server {
    /// Starts a server; none, with a line that says so, where PostgreSQL is not installed.
    pub(crate) fn start() -> Option<Server> {
        Server::start_at(5432, &[])
    }

    /// The same, with another port, which also names its socket, and further words on its command line.
    pub(crate) fn start_at(port: u16, words: &[String]) -> Option<Server> {
        let Some(programs) = programs() else {
            eprintln!("SKIPPED: PostgreSQL's server is not installed here (on Debian: postgresql)");
            return None;
        };
        let folder = tempfile::tempdir().unwrap();
        std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o777)).unwrap();
        let Some(mut initdb) = as_server(&programs.join("initdb")) else {
            eprintln!("SKIPPED: root has nobody here as whom to run PostgreSQL");
            return None;
        };
        let data = folder.path().join("data");
        let made =
            initdb.args(["--auth=trust", "--username=tansiq", "--encoding=UTF8", "--no-sync", "-D"]).arg(&data).output().unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let postgres = as_server(&programs.join("postgres"))
            .unwrap()
            .arg("-D")
            .arg(&data)
            .args(["-c", "listen_addresses=", "-c", "max_connections=200", "-c", "fsync=off", "-k"])
            .arg(folder.path())
            .args(words)
            .stdout(Stdio::null())
            .stderr(std::fs::File::create(folder.path().join("server.log")).unwrap())
            .spawn()
            .unwrap();
        let server = Server { postgres, programs, folder, port };
        let begun = Instant::now();
        while !server.psql("postgres", "SELECT 1").status.success() {
            assert!(begun.elapsed() < Duration::from_secs(60), "PostgreSQL did not come up");
            std::thread::sleep(Duration::from_millis(20));
        }
        Some(server)
    }

    /// Runs SQL by PostgreSQL's own client.
    pub(crate) fn psql(&self, database: &str, text: &str) -> std::process::Output {
        Command::new(self.programs.join("psql"))
            .arg("-h")
            .arg(self.folder.path())
            .args(["-p", &self.port.to_string(), "-U", "tansiq", "-d", database, "-v", "ON_ERROR_STOP=1", "-Atc", text])
            .output()
            .unwrap()
    }

    /// What PostgreSQL's own tool copies of a database.
    pub(crate) fn dump(&self, database: &str) -> Vec<u8> {
        let output = Command::new(self.programs.join("pg_dump"))
            .arg("-h")
            .arg(self.folder.path())
            .args(["-p", &self.port.to_string(), "-U", "tansiq", database])
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        output.stdout
    }

    /// Makes a database, and gives its address.
    pub(crate) fn database(&self, name: &str) -> String {
        let made = self.psql("postgres", &format!("CREATE DATABASE {name}"));
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        self.address(name)
    }

    /// The folder with the files of a database's tables, as they are once all that is in memory was written.
    pub(crate) fn files(&self, database: &str) -> PathBuf {
        let text = format!("SELECT oid FROM pg_database WHERE datname = '{database}'");
        assert!(self.psql("postgres", "CHECKPOINT").status.success());
        let number = String::from_utf8(self.psql("postgres", &text).stdout).unwrap();
        self.folder.path().join("data/base").join(number.trim())
    }

    /// The address of a database.
    pub(crate) fn address(&self, name: &str) -> String {
        format!("host={} user=tansiq dbname={name}", self.folder.path().display())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // With `setpriv` the child is the server itself. It may have ended already, which is as good.
        let _ended = Command::new("kill").args(["-QUIT", &self.postgres.id().to_string()]).status();
        let _waited = self.postgres.wait();
    }
}
