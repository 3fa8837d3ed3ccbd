//! Packages that others wrote, pinned: installed once into the target folder by the first test that needs them.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use kassa::kernel::secret::sha256;

/// Where the doubles and the lists of their packages are.
pub const DOUBLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doubles");

/// The Python with the packages of `requirements.txt`.
pub fn python() -> PathBuf {
    let requirements = format!("{DOUBLES}/requirements.txt");
    let folder = installed("python", &[&requirements], |folder| {
        run(Command::new("python3").args(["-m", "venv"]).arg(folder));
        run(Command::new(folder.join("bin/pip"))
            .args(["install", "--quiet", "--disable-pip-version-check", "-r"])
            .arg(&requirements));
    });
    folder.join("bin/python")
}

/// The folder with the packages of `package-lock.json`: `NODE_PATH` of a script that requires them.
pub fn node_modules() -> PathBuf {
    let lists = ["package.json", "package-lock.json"].map(|name| format!("{DOUBLES}/{name}"));
    let folder = installed("node", &[&lists[0], &lists[1]], |folder| {
        std::fs::create_dir(folder).expect("a folder");
        for list in &lists {
            let name = Path::new(list).file_name().expect("a name");
            std::fs::copy(list, folder.join(name)).expect("a copy of the list");
        }
        // Nothing of these packages has to run in order to be installed.
        run(Command::new("npm")
            .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"])
            .current_dir(folder));
    });
    folder.join("node_modules")
}

/// A folder made of these lists, by `make` if it is not there: other lists make another folder.
fn installed(kind: &str, lists: &[&String], make: impl FnOnce(&Path)) -> PathBuf {
    let contents: Vec<u8> = lists
        .iter()
        .flat_map(|list| std::fs::read(list).unwrap_or_else(|error| panic!("{list}: {error}")))
        .collect();
    let name = format!("{kind}-{}", data_encoding::HEXLOWER.encode(&sha256(&contents)[..4]));
    let target = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let (folder, done) = (target.join(&name), target.join(&name).join("installed"));
    let lock = std::fs::File::create(target.join(format!("{kind}.lock"))).expect("a lock file");
    lock.lock().expect("the lock of the packages");
    if !done.exists() {
        let _ = std::fs::remove_dir_all(&folder);
        make(&folder);
        std::fs::write(&done, "").expect("the mark");
    }
    folder
}

fn run(command: &mut Command) {
    let status = command
        .stdout(Stdio::null())
        .status()
        .unwrap_or_else(|error| panic!("{command:?}: {error} (python3 with venv, node and npm are needed)"));
    assert!(status.success(), "{command:?} failed");
}
