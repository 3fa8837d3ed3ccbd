//! The account that runs PostgreSQL's programs.
//!
//! PostgreSQL refuses to run as root, so root must hand it to somebody else. Guarantees: a command
//! made here runs as that account with a small, fixed environment, so that no `PG*` variable of
//! the caller changes what the cluster is. Must not: be asked for anything but PostgreSQL's own
//! programs and the shell that signals it.

use std::ffi::OsStr;
use std::fs::Metadata;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::Path;
use std::process::Stdio;

use tokio::process::Command;

use super::error::EmbeddedError;

/// Accounts that may run the server for root, best first; `_postgres` is what macOS calls it.
const CANDIDATES: [&str; 3] = ["postgres", "_postgres", "nobody"];

/// Who runs the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Account {
    /// The user this process runs as.
    Own,
    /// Another one, because this process runs as root.
    Other { name: String, uid: u32, gid: u32 },
}

impl Account {
    /// Chooses the account: the caller, or for root the owner of an existing cluster, else the
    /// first known unprivileged user.
    pub fn choose(data: Option<&Metadata>) -> Result<Self, EmbeddedError> {
        if !rustix::process::geteuid().is_root() {
            return Ok(Self::Own);
        }
        let path = Path::new("/etc/passwd");
        let passwd = std::fs::read_to_string(path).map_err(EmbeddedError::io(path))?;
        // An ordinary user may have made the cluster before: only its owner can run it.
        if let Some(data) = data.filter(|data| data.uid() != 0) {
            return Ok(Self::Other {
                name: name_of(&passwd, data.uid()),
                uid: data.uid(),
                gid: data.gid(),
            });
        }
        CANDIDATES
            .iter()
            .find_map(|name| parse(&passwd, name))
            .ok_or(EmbeddedError::NoAccount)
    }

    /// What people call it.
    pub fn name(&self) -> &str {
        match self {
            Self::Own => "this user",
            Self::Other { name, .. } => name,
        }
    }

    /// A command that runs as this account, with no terminal, no input and no output.
    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command.env_clear();
        for name in ["PATH", "LD_LIBRARY_PATH", "TMPDIR"] {
            #[expect(
                clippy::disallowed_methods,
                reason = "passed on to the server's programs, not read as a setting"
            )]
            if let Some(value) = std::env::var_os(name) {
                command.env(name, value);
            }
        }
        command.env("LC_ALL", "C");
        // The caller's own folder may be closed to the account.
        command.current_dir("/");
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        if let Self::Other { uid, gid, .. } = self {
            command.uid(*uid).gid(*gid);
        }
        command
    }

    /// Gives a file or folder to the account.
    pub fn give(&self, path: &Path) -> Result<(), EmbeddedError> {
        match self {
            Self::Own => Ok(()),
            Self::Other { uid, gid, .. } => {
                std::os::unix::fs::lchown(path, Some(*uid), Some(*gid)).map_err(EmbeddedError::io(path))
            }
        }
    }

    /// The first folder on the way to `path`, itself included, that the account cannot enter.
    pub fn barred<'a>(&self, path: &'a Path) -> Option<&'a Path> {
        let Self::Other { uid, gid, .. } = self else {
            return None;
        };
        let steps: Vec<_> = path.ancestors().collect();
        steps
            .into_iter()
            .rev()
            .find(|step| std::fs::metadata(step).is_ok_and(|meta| !may_enter(&meta, *uid, *gid)))
    }
}

/// The search bit that counts for `uid`, as the kernel picks it. Access lists are not looked at:
/// they can only make this too cautious where they grant what the mode does not.
fn may_enter(folder: &Metadata, uid: u32, gid: u32) -> bool {
    let bit = match folder {
        meta if meta.uid() == uid => 0o100,
        meta if meta.gid() == gid => 0o010,
        _ => 0o001,
    };
    folder.permissions().mode() & bit != 0
}

fn parse(passwd: &str, name: &str) -> Option<Account> {
    let mut fields = passwd
        .lines()
        .map(|line| line.split(':'))
        .find_map(|mut fields| (fields.next() == Some(name)).then_some(fields))?;
    let uid = number(fields.nth(1)?)?;
    let gid = number(fields.next()?)?;
    (uid != 0).then(|| Account::Other {
        name: name.to_owned(),
        uid,
        gid,
    })
}

fn name_of(passwd: &str, uid: u32) -> String {
    passwd
        .lines()
        .map(|line| line.split(':').collect::<Vec<_>>())
        .find(|fields| fields.get(2).and_then(|text| number(text)) == Some(uid))
        .and_then(|fields| fields.first().map(|name| (*name).to_owned()))
        .unwrap_or_else(|| uid.to_string())
}

/// macOS writes `nobody` as -2, which the kernel reads as unsigned.
fn number(text: &str) -> Option<u32> {
    text.parse()
        .ok()
        .or_else(|| text.parse::<i32>().ok().map(i32::cast_unsigned))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PASSWD: &str = "root:x:0:0::/root:/bin/sh\nnobody:*:-2:-2::/:/bin/false\n\
                          postgres:x:101:104::/var/lib/postgresql:/bin/bash\n";

    #[test]
    fn finds_accounts_by_name_and_number() {
        let postgres = Account::Other {
            name: "postgres".into(),
            uid: 101,
            gid: 104,
        };
        assert_eq!(parse(PASSWD, "postgres"), Some(postgres));
        assert_eq!(parse(PASSWD, "root"), None, "root is never the answer");
        assert!(matches!(parse(PASSWD, "nobody"), Some(Account::Other { uid, .. }) if uid == u32::MAX - 1));
        assert_eq!(name_of(PASSWD, 101), "postgres");
        assert_eq!(name_of(PASSWD, 7), "7");
    }
}
