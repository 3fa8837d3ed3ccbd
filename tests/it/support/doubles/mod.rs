//! Doubles that others wrote, in processes of their own: scripts of `tests/doubles` with the packages they need.

mod packages;

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use serde_json::Value;

use packages::{DOUBLES, node_modules, python};

/// Runs a Python script of `tests/doubles` to its end with a value as its input, and gives what it printed.
pub fn ask(script: &str, input: &Value) -> Value {
    ask_of(in_python(script), input)
}

/// The same with a Node script (CommonJS).
pub fn ask_node(script: &str, input: &Value) -> Value {
    ask_of(in_node(script), input)
}

fn in_python(script: &str) -> Command {
    let mut command = Command::new(python());
    command.arg(format!("{DOUBLES}/{script}"));
    command
}

fn in_node(script: &str) -> Command {
    let mut command = Command::new("node");
    command
        .env("NODE_PATH", node_modules())
        .arg(format!("{DOUBLES}/{script}"));
    command
}

fn ask_of(mut command: Command, input: &Value) -> Value {
    let child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
    let mut child = child.expect("the script");
    let mut stdin = child.stdin.take().expect("its input");
    stdin.write_all(input.to_string().as_bytes()).expect("the script reads");
    drop(stdin);
    let output = child.wait_with_output().expect("its output");
    assert!(output.status.success(), "{command:?} failed");
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
    /// Starts a Python script of `tests/doubles`, which prints its port first.
    pub fn start(script: &str, arguments: &[&str]) -> Self {
        Self::running(in_python(script), arguments)
    }

    /// The same with a Node script (CommonJS).
    pub fn start_node(script: &str, arguments: &[&str]) -> Self {
        Self::running(in_node(script), arguments)
    }

    fn running(mut command: Command, arguments: &[&str]) -> Self {
        let mut child = command
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
