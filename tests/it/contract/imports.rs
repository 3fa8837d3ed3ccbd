//! Imports go upward in the list of `src/lib.rs`, never downward: so the list is the order in which the crate can be read.

use std::collections::BTreeMap;

use super::none;
use super::source::{Source, is_name, sources};

/// The ground: every room may use it, and it uses only what stands here.
const GROUND: &[(&str, &[&str])] = &[
    ("kernel", &[]),
    ("db", &["kernel"]),
    // The document lists the webhooks, so it must know the events.
    ("http", &["kernel", "db", "net", "events"]),
    ("net", &[]),
    // The pull feed is a route like any other.
    ("events", &["kernel", "db", "http"]),
];

/// Rooms that put the others together, and so may use all of them.
const COMPOSES: &[&str] = &["app", "commands", "lib", "main"];

/// Single paths that break the rule, and why that is right.
const EXCEPTIONS: &[(&str, &str, &str)] = &[(
    "kernel/wire.rs",
    "db::sql::SqlValue",
    "word_enum! expands where it is used and gives the word its SQL type there; kernel itself never calls into db",
)];

/// Something named by its path from the crate's root.
struct Named {
    path: String,
    offset: usize,
}

/// The rooms, in the order of `src/lib.rs`.
fn rooms(files: &[Source]) -> Vec<String> {
    let lib = files.iter().find(|file| file.path == "lib.rs").expect("src/lib.rs");
    let lines = lib
        .code
        .lines()
        .filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';'));
    lines.map(str::to_owned).collect()
}

/// The macros that stand at the crate's root, and the rooms that make them.
fn macros(files: &[Source]) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for file in files {
        for at in file.find("#[macro_export]") {
            let rest = &file.code[at..];
            let name = rest
                .split("macro_rules! ")
                .nth(1)
                .and_then(|rest| rest.split(|c| !is_name(c)).next());
            found.insert(
                name.expect("a macro after macro_export").to_owned(),
                file.room().to_owned(),
            );
        }
    }
    found
}

/// Everything a file names from the crate's root: `use`, nested braces and inline paths alike.
fn named(file: &Source) -> Vec<Named> {
    let mut found = Vec::new();
    for offset in file.find("crate::") {
        let tail = &file.code[offset + "crate::".len()..];
        for path in expand(tail) {
            found.push(Named { path, offset });
        }
    }
    found
}

/// `a::b::{c, d::{e}}` as `a::b::c`, `a::b::d::e`.
fn expand(tail: &str) -> Vec<String> {
    let end = tail.find(|c: char| !is_name(c) && c != ':').unwrap_or(tail.len());
    let (head, rest) = tail.split_at(end);
    if !(head.is_empty() || head.ends_with("::")) || !rest.starts_with('{') {
        return vec![head.trim_end_matches(':').to_owned()];
    }
    let inside = &rest[1..super::source::closing(rest) - 1];
    let mut parts = vec![String::new()];
    let mut depth = 0;
    for character in inside.chars() {
        match character {
            ',' if depth == 0 => {
                parts.push(String::new());
                continue;
            }
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        parts.last_mut().expect("never empty").push(character);
    }
    let parts = parts.iter().map(|part| part.trim()).filter(|part| !part.is_empty());
    parts.flat_map(expand).map(|part| format!("{head}{part}")).collect()
}

/// Whether one room may use another.
fn may_use(order: &[String], from: &str, to: &str) -> bool {
    if from == to || COMPOSES.contains(&from) {
        return true;
    }
    if let Some((_, allowed)) = GROUND.iter().find(|(room, _)| *room == from) {
        return allowed.contains(&to);
    }
    let place = |room: &str| order.iter().position(|known| known == room);
    GROUND.iter().any(|(room, _)| *room == to) || place(to) < place(from)
}

#[test]
fn imports_go_upward() {
    let files = sources();
    let (order, macros) = (rooms(&files), macros(&files));
    assert!(
        GROUND.iter().all(|(room, _)| order.iter().any(|known| known == room)),
        "GROUND names a room that is gone"
    );
    let mut faults = Vec::new();
    let mut used = vec![false; EXCEPTIONS.len()];
    for file in &files {
        for name in named(file) {
            let first = name.path.split("::").next().unwrap_or_default();
            let to = macros.get(first).map_or(first, String::as_str);
            if !order.iter().any(|room| room == to) {
                faults.push(format!(
                    "{}: crate::{} is in no room",
                    file.place(name.offset),
                    name.path
                ));
            } else if !may_use(&order, file.room(), to) {
                let excepted = EXCEPTIONS
                    .iter()
                    .position(|(path, what, _)| *path == file.path && *what == name.path);
                match excepted {
                    Some(exception) => used[exception] = true,
                    None => faults.push(format!(
                        "{}: {} uses {to}: crate::{}",
                        file.place(name.offset),
                        file.room(),
                        name.path
                    )),
                }
            }
        }
    }
    let idle = EXCEPTIONS.iter().zip(&used).filter(|(_, used)| !**used);
    faults.extend(
        idle.map(|((path, what, _), _)| format!("src/{path}: no longer uses {what}; take it out of EXCEPTIONS")),
    );
    none(
        &faults,
        "If you are here because a room needs something below it: move the thing up, pass it in, or let the lower room implement a \
         trait of the upper one (as accounts does for http::caller::Authenticator).",
    );
}

#[test]
fn super_stays_in_its_room() {
    let mut faults = Vec::new();
    for file in sources() {
        for at in file.find("super::") {
            let chain = &file.code[at..];
            let steps = chain.split("::").take_while(|part| *part == "super").count();
            let inside_a_chain = file.code[..at].ends_with("super::");
            if !inside_a_chain && steps >= file.depth() && !matches!(file.room(), "lib" | "main") {
                faults.push(format!("{}: {steps} × super", file.place(at)));
            }
        }
    }
    none(
        &faults,
        "If you are here because super leads out of the room: write `crate::room::…`, so that the order of rooms is checked.",
    );
}

#[test]
fn wire_formats_stay_at_the_edge() {
    let files = sources();
    let edge = |file: &Source| matches!(file.name(), "routes.rs" | "views.rs") || COMPOSES.contains(&file.room());
    let mut faults = Vec::new();
    for file in files.iter().filter(|file| !edge(file)) {
        for name in named(file) {
            let mut parts = name.path.split("::");
            let room = parts.next().unwrap_or_default();
            if room != file.room() && parts.any(|part| part == "views") {
                faults.push(format!("{}: crate::{}", file.place(name.offset), name.path));
            }
        }
    }
    none(
        &faults,
        "If you are here because a use case wants another room's view: take that room's model, or let routes.rs make the view.",
    );
}

#[test]
fn paths_are_expanded() {
    assert_eq!(expand("a::{b, c::{d, e::F}};"), ["a::b", "a::c::d", "a::c::e::F"]);
    assert_eq!(expand("{a, b::c};"), ["a", "b::c"]);
    assert_eq!(expand("a::b(x)"), ["a::b"]);
}

#[test]
fn the_order_is_an_order() {
    let order: Vec<String> = ["kernel", "http", "upper", "lower", "app"].map(str::to_owned).to_vec();
    assert!(may_use(&order, "lower", "upper") && may_use(&order, "upper", "http") && may_use(&order, "app", "lower"));
    assert!(
        !may_use(&order, "upper", "lower") && !may_use(&order, "http", "upper") && !may_use(&order, "kernel", "http")
    );
}
