//! Finds the PostgreSQL programs to run.
//!
//! Guarantees: what is returned has `initdb`, `postgres` and `pg_ctl` in one folder, answered
//! `--version` as the account that will run it, and is of a major version this product knows; with
//! data there already, of exactly the major that made it. Must not: install or download anything.

use std::io;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use super::account::Account;
use super::error::EmbeddedError;

/// The majors this product is tried with, newest last.
const MAJORS: std::ops::RangeInclusive<u32> = 14..=18;
const PROGRAMS: [&str; 3] = ["initdb", "postgres", "pg_ctl"];
const PROBE_LIMIT: Duration = Duration::from_secs(5);

/// Folders with one installation per entry: parent, how the entry's name begins, and what is below.
const INSTALLED: [(&str, &str, &str); 7] = [
    ("/usr/lib/postgresql", "", "bin"),
    ("/usr/lib", "postgresql", "bin"),
    ("/usr", "pgsql-", "bin"),
    ("/opt/homebrew/opt", "postgresql", "bin"),
    ("/usr/local/opt", "postgresql", "bin"),
    ("/home/linuxbrew/.linuxbrew/opt", "postgresql", "bin"),
    ("/Applications/Postgres.app/Contents/Versions", "", "bin"),
];

/// Where to look for server programs.
#[derive(Debug, Clone, Default)]
pub enum Search {
    /// `PATH`, `pg_config` and where the usual packages put them.
    #[default]
    Usual,
    /// These folders only.
    Dirs(Vec<PathBuf>),
}

/// A folder of server programs that run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binaries {
    pub bin_dir: PathBuf,
    pub major: u32,
    pub minor: u32,
}

impl Binaries {
    pub fn program(&self, name: &str) -> PathBuf {
        self.bin_dir.join(name)
    }
}

/// What a search came to.
#[derive(Debug)]
pub enum Found {
    Usable(Binaries),
    /// Nothing usable, but this folder might be if the account were let in.
    Forbidden(PathBuf),
    Nothing,
}

/// The newest usable programs, of `major` alone if that is given.
///
/// `unpacked` are folders of earlier downloads: they count like any other.
pub async fn find(search: &Search, unpacked: &[PathBuf], account: &Account, major: Option<u32>) -> Found {
    let mut best: Option<Binaries> = None;
    let mut forbidden = None;
    for bin_dir in candidates(search, unpacked, account).await {
        match probe(&bin_dir, account).await {
            Ok(found) if !MAJORS.contains(&found.major) => {}
            Ok(found) if major.is_some_and(|major| major != found.major) => {}
            Ok(found) => {
                let rank = |known: &Binaries| (known.major, known.minor);
                if best.as_ref().is_none_or(|best| rank(&found) > rank(best)) {
                    best = Some(found);
                }
            }
            Err(error) if is_forbidden(&error) => forbidden = forbidden.or(Some(bin_dir)),
            Err(error) => tracing::debug!(%error, "PostgreSQL programs passed over"),
        }
    }
    match (best, forbidden) {
        (Some(best), _) => Found::Usable(best),
        (None, Some(bin_dir)) => Found::Forbidden(bin_dir),
        (None, None) => Found::Nothing,
    }
}

/// Asks the server program in `bin_dir` for its version.
pub async fn probe(bin_dir: &Path, account: &Account) -> Result<Binaries, EmbeddedError> {
    let program = bin_dir.join("postgres");
    let said = output(&program, "--version", account).await?;
    let (major, minor) = parse_version(&said).ok_or_else(|| EmbeddedError::Failed {
        program,
        detail: format!("unexpected version {said:?}"),
    })?;
    Ok(Binaries {
        bin_dir: bin_dir.to_owned(),
        major,
        minor,
    })
}

async fn candidates(search: &Search, unpacked: &[PathBuf], account: &Account) -> Vec<PathBuf> {
    let mut folders = match search {
        Search::Dirs(folders) => folders.clone(),
        Search::Usual => usual(account).await,
    };
    folders.extend_from_slice(unpacked);
    let mut seen = Vec::new();
    for folder in folders {
        if let Some(real) = real_folder(&folder)
            && !seen.contains(&real)
        {
            seen.push(real);
        }
    }
    seen
}

async fn usual(account: &Account) -> Vec<PathBuf> {
    #[expect(clippy::disallowed_methods, reason = "where programs are is no setting of ours")]
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = std::env::split_paths(&path)
        // What is run must not depend on the folder this was called from.
        .filter(|folder| folder.is_absolute())
        .collect();
    if let Ok(said) = output(Path::new("pg_config"), "--bindir", account).await {
        folders.push(PathBuf::from(said.trim()));
    }
    for (parent, prefix, below) in INSTALLED {
        for entry in std::fs::read_dir(parent).into_iter().flatten().flatten() {
            if entry.file_name().to_string_lossy().starts_with(prefix) {
                folders.push(entry.path().join(below));
            }
        }
    }
    folders.push(PathBuf::from("/usr/bin"));
    folders
}

/// The folder `postgres` really is in, if the other programs are there too.
///
/// A link in `PATH` is followed, because a package's own folder holds all of its programs.
fn real_folder(folder: &Path) -> Option<PathBuf> {
    let server = folder.join("postgres").canonicalize().ok()?;
    let real = server.parent()?.to_owned();
    let complete = PROGRAMS.iter().all(|name| real.join(name).exists());
    (complete && is_plain(&real)).then_some(real)
}

/// `initdb` and `pg_ctl` pass their own folder through a shell in double quotes: one whose name
/// would not come out the same is not used.
fn is_plain(folder: &Path) -> bool {
    folder
        .to_str()
        .is_some_and(|text| !text.contains(['"', '$', '`', '\\', '\n']))
}

async fn output(program: &Path, argument: &str, account: &Account) -> Result<String, EmbeddedError> {
    let mut command = account.command(program);
    command
        .arg(argument)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    let failed = |detail: String| EmbeddedError::Failed {
        program: program.to_owned(),
        detail,
    };
    let output = tokio::time::timeout(PROBE_LIMIT, command.output())
        .await
        .map_err(|_| failed("no answer in time".to_owned()))?
        .map_err(|source| EmbeddedError::Run {
            program: program.to_owned(),
            source,
        })?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(failed(said.trim().to_owned()));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

fn is_forbidden(error: &EmbeddedError) -> bool {
    matches!(error, EmbeddedError::Run { source, .. }
        if source.kind() == io::ErrorKind::PermissionDenied)
}

/// Reads `postgres (PostgreSQL) 15.18 (Debian …)`; a version not yet released has no minor.
fn parse_version(said: &str) -> Option<(u32, u32)> {
    let version = said.split("(PostgreSQL) ").nth(1)?;
    let mut numbers = version.split(|c: char| !c.is_ascii_digit()).map(str::parse::<u32>);
    let major = numbers.next()?.ok()?;
    let minor = numbers.next().and_then(Result::ok).unwrap_or_default();
    Some((major, minor))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_versions() {
        let debian = "postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n";
        assert_eq!(parse_version(debian), Some((15, 18)));
        assert_eq!(parse_version("postgres (PostgreSQL) 18.6"), Some((18, 6)));
        assert_eq!(parse_version("postgres (PostgreSQL) 19beta2"), Some((19, 0)));
        assert_eq!(parse_version("something else"), None);
    }

    #[test]
    fn passes_over_folders_a_shell_would_rewrite() {
        assert!(is_plain(Path::new("/opt/my programs/bin")));
        assert!(!is_plain(Path::new("/opt/$HOME/bin")));
    }
}
