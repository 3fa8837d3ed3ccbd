//! Unpacks a checked archive of server programs.
//!
//! Guarantees: no entry is written outside the folder, no link leads out of it, and everything can
//! be read and run by every user, whatever the umask. Must not: be given a file whose checksum was
//! not compared first; blocks, so it belongs on a blocking thread.

use std::fs::{File, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Component, Path, PathBuf};

use flate2::read::GzDecoder;

use super::error::DownloadFault;

/// Why an archive was not unpacked.
#[derive(Debug)]
pub enum UnpackError {
    Io(PathBuf, io::Error),
    Refused(DownloadFault),
}

/// Unpacks into `folder`, which must not exist, and returns the folder that has `bin/postgres`.
pub fn unpack(archive: &Path, folder: &Path) -> Result<PathBuf, UnpackError> {
    let failed = |error| UnpackError::Io(folder.to_owned(), error);
    std::fs::create_dir(folder).map_err(failed)?;
    let file = File::open(archive).map_err(|error| UnpackError::Io(archive.to_owned(), error))?;
    let mut archive = tar::Archive::new(GzDecoder::new(io::BufReader::new(file)));
    for entry in archive.entries().map_err(failed)? {
        let mut entry = entry.map_err(failed)?;
        refuse_escape(&entry)?;
        // The library has the same rule for paths, and also looks through links already made.
        if !entry.unpack_in(folder).map_err(failed)? {
            return Err(escapes(&entry));
        }
    }
    open_to_all(folder).map_err(failed)?;
    root_of(folder).ok_or_else(|| {
        UnpackError::Refused(DownloadFault::Unusable {
            detail: "the archive has no bin/postgres".to_owned(),
        })
    })
}

fn refuse_escape<R: io::Read>(entry: &tar::Entry<'_, R>) -> Result<(), UnpackError> {
    let inside = |path: &Path, start: usize| depth_stays(path, start);
    let (Ok(path), Ok(link)) = (entry.path(), entry.link_name()) else {
        return Err(escapes(entry));
    };
    // A symbolic link is read from its own folder, a hard link from the top of the archive.
    let start = match entry.header().entry_type() {
        tar::EntryType::Symlink => path.components().count().saturating_sub(1),
        _ => 0,
    };
    if inside(&path, 0) && link.is_none_or(|link| inside(&link, start)) {
        return Ok(());
    }
    Err(escapes(entry))
}

/// Whether following `path` from `depth` folders below the top never leaves the top.
fn depth_stays(path: &Path, mut depth: usize) -> bool {
    path.components().all(|step| match step {
        Component::Normal(_) => {
            depth += 1;
            true
        }
        Component::CurDir => true,
        Component::ParentDir => match depth.checked_sub(1) {
            Some(above) => {
                depth = above;
                true
            }
            None => false,
        },
        Component::RootDir | Component::Prefix(_) => false,
    })
}

fn escapes<R: io::Read>(entry: &tar::Entry<'_, R>) -> UnpackError {
    let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
    UnpackError::Refused(DownloadFault::Escapes { entry: name })
}

/// The account that runs the server is not the one that unpacks, when that is root.
fn open_to_all(path: &Path) -> io::Result<()> {
    let meta = std::fs::symlink_metadata(path)?;
    if meta.is_symlink() {
        return Ok(());
    }
    let runs = meta.is_dir() || meta.permissions().mode() & 0o111 != 0;
    let mode = if runs { 0o755 } else { 0o644 };
    std::fs::set_permissions(path, Permissions::from_mode(mode))?;
    if meta.is_dir() {
        for entry in std::fs::read_dir(path)? {
            open_to_all(&entry?.path())?;
        }
    }
    Ok(())
}

/// Releases put everything in one folder named after the version; others put it at the top.
fn root_of(folder: &Path) -> Option<PathBuf> {
    let below = std::fs::read_dir(folder).into_iter().flatten().flatten();
    std::iter::once(folder.to_owned())
        .chain(below.map(|entry| entry.path()))
        .find(|root| root.join("bin/postgres").is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_may_go_up_but_not_out() {
        assert!(depth_stays(Path::new("lib/libpq.so"), 0));
        assert!(depth_stays(Path::new("../lib/libpq.so.5"), 1));
        assert!(!depth_stays(Path::new("../../etc/passwd"), 1));
        assert!(!depth_stays(Path::new("bin/../../etc"), 0));
        assert!(!depth_stays(Path::new("/etc/passwd"), 3));
    }
}
