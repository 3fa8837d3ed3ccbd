//! Stops the server some seconds after this process died, for processes that cannot promise to.
//!
//! Guarantees: the watcher notices any kind of death, because the kernel closes the pipe it reads;
//! it stops nothing while another instance uses the cluster, and takes the same locks in the same
//! order as everybody. Must not: outlive its one task, or signal a process that is not the server.

use std::io::PipeWriter;
use std::process::Stdio;

use tokio::process::Child;

use super::error::EmbeddedError;
use super::locks::Locks;
use super::place::Place;

/// How long a next process, such as the next test, has to take the cluster over.
const GRACE_SECONDS: u32 = 5;

/// Standard input is the pipe, standard output is `users.lock`, standard error is `start.lock`:
/// handed over open, the account needs no right to any path but the data folder.
///
/// Where `flock` is missing (macOS) `perl` does the same; with neither, nobody else can be asked
/// about and the server is stopped.
const SCRIPT: &str = r#"
trap '' HUP INT
data=$1 grace=$2
lock() {
  if command -v flock >/dev/null 2>/dev/null; then
    flock "$@"
  elif command -v perl >/dev/null 2>/dev/null; then
    [ "$1" = -n ] && mode=6 || mode=2
    for fd; do :; done
    perl -e 'open(my $f, "+<&=", $ARGV[0]) or exit 1; exit(flock($f, $ARGV[1]) ? 0 : 1)' "$fd" "$mode"
  fi
}
is_server() {
  if [ -e /proc/self/cwd ]; then
    [ "$(readlink "/proc/$1/cwd" 2>/dev/null)" = "$data" ]
  else
    case "$(ps -o comm= -p "$1" 2>/dev/null)" in *postgres*) true ;; *) false ;; esac
  fi
}
cat >/dev/null 2>/dev/null
sleep "$grace"
lock -x 2 || exit 0
lock -n -x 1 || exit 0
pid=
{ read -r pid <"$data/postmaster.pid"; } 2>/dev/null
case "$pid" in ''|*[!0-9]*) exit 0 ;; esac
is_server "$pid" || exit 0
kill -INT "$pid" 2>/dev/null
waited=0
while is_server "$pid" && [ "$waited" -lt 30 ]; do
  sleep 1
  waited=$((waited + 1))
done
"#;

/// A running watcher; it acts when this is dropped or the process ends.
#[derive(Debug)]
pub struct Watcher {
    _pipe: PipeWriter,
    _child: Child,
}

/// Starts the watcher for the cluster in `place`.
pub fn spawn(place: &Place, locks: &Locks) -> Result<Watcher, EmbeddedError> {
    let program = "/bin/sh";
    let failed = |source| EmbeddedError::Run {
        program: program.into(),
        source,
    };
    let (start, users) = locks.unlocked()?;
    let (reader, writer) = std::io::pipe().map_err(failed)?;
    let child = place
        .account
        .command(program)
        .args(["-c", SCRIPT, "kassa-watcher"])
        .arg(place.data())
        .arg(GRACE_SECONDS.to_string())
        .stdin(Stdio::from(reader))
        .stdout(Stdio::from(users))
        .stderr(Stdio::from(start))
        // A Ctrl-C in the terminal goes to the whole group: it must not end the watcher as well.
        .process_group(0)
        .spawn()
        .map_err(failed)?;
    Ok(Watcher {
        _pipe: writer,
        _child: child,
    })
}
