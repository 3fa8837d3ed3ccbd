//! Doubles that others wrote: Python packages, pinned, installed once into the target folder by the first test that needs them.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use kassa::kernel::secret::sha256;
use serde_json::Value;

const REQUIREMENTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doubles/requirements.txt");

/// The Python with the packages; makes the environment if it is not there.
fn python() -> PathBuf {
    let requirements = std::fs::read(REQUIREMENTS).expect("the requirements");
    let name = format!("python-{}", data_encoding::HEXLOWER.encode(&sha256(&requirements)[..4]));
    let target = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let (folder, done) = (target.join(&name), target.join(&name).join("installed"));
    let lock = std::fs::File::create(target.join("python.lock")).expect("a lock file");
    lock.lock().expect("the lock of the environment");
    if !done.exists() {
        let _ = std::fs::remove_dir_all(&folder);
        run(Command::new("python3").args(["-m", "venv"]).arg(&folder));
        run(Command::new(folder.join("bin/pip")).args([
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "-r",
            REQUIREMENTS,
        ]));
        std::fs::write(&done, "").expect("the mark");
    }
    folder.join("bin/python")
}

fn run(command: &mut Command) {
    let status = command
        .status()
        .unwrap_or_else(|error| panic!("{command:?}: {error} (python3 with venv is needed)"));
    assert!(status.success(), "{command:?} failed");
}

/// Runs `tests/doubles/{script}` to its end with a value as its input, and gives what it printed.
pub fn ask(script: &str, input: &Value) -> Value {
    let mut child = Command::new(python())
        .arg(format!("{}/tests/doubles/{script}", env!("CARGO_MANIFEST_DIR")))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the script");
    let mut stdin = child.stdin.take().expect("its input");
    stdin.write_all(input.to_string().as_bytes()).expect("the script reads");
    drop(stdin);
    let output = child.wait_with_output().expect("its output");
    assert!(output.status.success(), "{script} failed");
    serde_json::from_slice(&output.stdout).expect("JSON")
}

/// A double that runs until it is dropped.
pub struct Double {
    child: Child,
    input: Option<ChildStdin>,
    lines: Receiver<String>,
    pub port: u16,
}

impl Double {
    /// Starts `tests/doubles/{script}`, which prints its port first.
    pub fn start(script: &str, arguments: &[&str]) -> Self {
        let mut child = Command::new(python())
            .arg(format!("{}/tests/doubles/{script}", env!("CARGO_MANIFEST_DIR")))
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the double");
        let output = BufReader::new(child.stdout.take().expect("its output"));
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            for line in output.lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    break;
                }
            }
        });
        let port = lines
            .recv_timeout(Duration::from_secs(20))
            .expect("its port")
            .parse()
            .expect("a port");
        Self {
            input: child.stdin.take(),
            child,
            lines,
            port,
        }
    }

    /// Writes a line to the double.
    pub fn tell(&mut self, line: &str) {
        let input = self.input.as_mut().expect("its input");
        writeln!(input, "{line}").expect("the double listens");
        input.flush().expect("the double listens");
    }

    /// The next line the double prints, or none within twenty seconds.
    pub fn next(&self) -> Option<Value> {
        let line = self.lines.recv_timeout(Duration::from_secs(20)).ok()?;
        Some(serde_json::from_str(&line).expect("a line of JSON"))
    }

    /// Writes a line of JSON and waits for the next that comes back.
    pub fn ask(&mut self, question: &Value) -> Value {
        self.tell(&question.to_string());
        self.next().expect("an answer of the double")
    }

    /// The lines printed so far.
    pub fn so_far(&self) -> Vec<Value> {
        let lines = self.lines.try_iter();
        lines
            .map(|line| serde_json::from_str(&line).expect("a line of JSON"))
            .collect()
    }
}

impl Drop for Double {
    fn drop(&mut self) {
        drop(self.input.take());
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
