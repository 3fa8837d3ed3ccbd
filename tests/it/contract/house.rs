//! What a file may do is said by its name, and no file is so long that nobody reads it.

use super::source::{Source, rust_files, sources};
use super::{at, none};

/// Words that a kind of file may not contain.
struct Rule {
    holds_for: fn(&Source) -> bool,
    words: &'static [&'static str],
    instead: &'static str,
}

const RULES: &[Rule] = &[
    Rule {
        holds_for: |file| file.name() == "routes.rs",
        words: &["sql(", "diesel", "begin_transaction"],
        instead: "a handler parses, calls one use case and answers: put the query into store.rs and the rule into a file named for it",
    },
    Rule {
        holds_for: |file| file.name() == "model.rs",
        words: &[
            "sql(",
            "sql_query",
            "Conn",
            "Tx",
            "RunQueryDsl",
            "actix_web",
            "crate::http",
        ],
        instead: "model.rs holds rows, states and transitions: queries belong into store.rs, what a client sees into views.rs",
    },
    Rule {
        holds_for: |file| file.name() == "store.rs",
        words: &["views", "crate::http", "actix_web", "Serialize", "ToSchema"],
        instead: "store.rs gives rows of model.rs: let the caller make the view, so that a query never decides what a client sees",
    },
    Rule {
        holds_for: |file| file.name() == "views.rs",
        words: &["sql(", "diesel", "actix_web", "crate::db", "store"],
        instead: "views.rs only shapes what it is given: load rows in store.rs and convert them with From",
    },
    Rule {
        holds_for: |file| !(speaks_http(file) || file.name() == "views.rs"),
        words: &["actix_web"],
        instead: "rules and use cases know no HTTP: take plain values and return an error enum; http/ and routes.rs translate",
    },
    Rule {
        holds_for: |file| !(holds_queries(file) || file.name() == "model.rs" || file.room() == "kernel"),
        words: &["diesel", "diesel_async"],
        instead: "the database is spoken to in store.rs (queries), model.rs (rows) and db/ only",
    },
    Rule {
        holds_for: |file| !holds_queries(file),
        words: &["sql("],
        instead: "every query of a room stands in its store.rs, where its tenant argument and its plan are looked at",
    },
    Rule {
        holds_for: |_| true,
        words: &["todo!(", "unimplemented!(", "dbg!(", ".unwrap()"],
        instead: "return an error; what cannot fail is `.expect(\"why\")` in a file listed in MAY_EXPECT",
    },
];

/// Where `.expect(` may stand outside unit tests, and why a panic is right there.
const MAY_EXPECT: &[(&str, &str)] = &[
    (
        "actions/kinds/mail/sample.rs",
        "compiled for unit tests only: the order that mails are tried with",
    ),
    (
        "kernel/secret.rs",
        "no random bytes and a cipher that refuses its own key size leave nothing sensible to do: stopping is the safe answer",
    ),
];

/// Files of more than 400 lines, and why they are not split.
const LONG: &[(&str, &str)] = &[
    ("src/db/schema.rs", "generated: one block per table"),
    (
        "tests/it/db/embedded.rs",
        "scenarios of one cluster's life, read one at a time",
    ),
    (
        "tests/it/net/client.rs",
        "scenarios of one client against one misbehaving server, read one at a time",
    ),
];

/// One block per table: as long as the database has tables.
const GENERATED: &str = "src/db/schema.rs";
const SPLIT: usize = 400;
const NEVER: usize = 800;

fn speaks_http(file: &Source) -> bool {
    file.room() == "http"
        || file.room() == "commands"
        || matches!(file.path.as_str(), "app.rs" | "main.rs")
        || file.name() == "routes.rs"
}

fn holds_queries(file: &Source) -> bool {
    file.name() == "store.rs" || file.room() == "db"
}

#[test]
fn files_do_what_their_name_says() {
    let files = sources();
    let mut faults = Vec::new();
    for file in &files {
        for rule in RULES.iter().filter(|rule| (rule.holds_for)(file)) {
            for word in rule.words {
                faults.extend(
                    file.find(word)
                        .map(|at| format!("{}: `{word}` ({})", file.place(at), rule.instead)),
                );
            }
        }
    }
    none(
        &faults,
        "If you are here because a file needs what its name forbids: it is two files. The table of names is in src/lib.rs.",
    );
}

#[test]
fn handlers_write_through_their_context_only() {
    let mut faults = Vec::new();
    for file in sources().iter().filter(|file| file.name() == "routes.rs") {
        for at in file.find(".write(") {
            let receiver = file.code[..at].trim_end();
            if !receiver.ends_with("ctx") {
                faults.push(format!("{}: `.write(` on something other than ctx", file.place(at)));
            }
        }
    }
    none(
        &faults,
        "If you are here because a handler opens a transaction itself: use `ctx.write`, which adds idempotency and runs to its end \
         when the client goes away, or move the transaction into a use case.",
    );
}

#[test]
fn rows_are_not_wire_formats() {
    let mut faults = Vec::new();
    for file in sources() {
        for at in file.find("#[derive(") {
            let derives = &file.code[at..at + file.code[at..].find(")]").expect("a whole derive")];
            let row = ["QueryableByName", "Queryable", "Selectable"]
                .iter()
                .any(|word| derives.contains(word));
            let wire = ["Serialize", "Deserialize", "ToSchema"]
                .iter()
                .any(|word| derives.contains(word));
            if row && wire {
                faults.push(format!("{}: a row that is also a wire format", file.place(at)));
            }
        }
    }
    none(
        &faults,
        "If you are here because a column should be seen by clients: write a view and a From, so that the next column (a hash, a \
         secret) is not published by itself.",
    );
}

#[test]
fn panics_are_listed() {
    let mut faults = Vec::new();
    let files = sources();
    for file in &files {
        let listed = MAY_EXPECT.iter().any(|(path, _)| *path == file.path);
        let mut found = file.find(".expect(").peekable();
        if listed && found.peek().is_none() {
            faults.push(format!("src/{}: is in MAY_EXPECT and has no `.expect(`", file.path));
        }
        if !listed {
            faults.extend(found.map(|at| format!("{}: `.expect(`", file.place(at))));
        }
    }
    none(
        &faults,
        "If you are here because a value cannot be absent: return an error all the same, or list the file with the reason.",
    );
}

#[test]
fn ignored_tests_say_why() {
    let mut faults = Vec::new();
    // In two parts, so that this file is not its own first finding.
    let bare = concat!("#[ignore", "]");
    for (path, text) in rust_files("src").into_iter().chain(rust_files("tests")) {
        let lines = text.lines().enumerate().filter(|(_, line)| line.trim() == bare);
        faults.extend(lines.map(|(line, _)| format!("{path}:{}", line + 1)));
    }
    none(
        &faults,
        "If you are here because a test cannot run for now: `#[ignore = \"what has to happen first\"]`.",
    );
}

#[test]
fn files_can_be_read_in_one_sitting() {
    let mut faults = Vec::new();
    for (path, text) in rust_files("src").into_iter().chain(rust_files("tests")) {
        let lines = text.lines().count();
        let listed = LONG.iter().any(|(long, _)| *long == path);
        match lines {
            _ if listed && lines <= SPLIT => faults.push(format!("{path}: {lines} lines, and still in LONG")),
            _ if lines > NEVER && path != GENERATED => {
                faults.push(format!("{path}: {lines} lines, {NEVER} is the end"))
            }
            _ if lines > SPLIT && !listed => faults.push(format!("{path}: {lines} lines")),
            _ => {}
        }
    }
    faults.extend(
        LONG.iter()
            .filter(|(path, _)| !at(path).exists())
            .map(|(path, _)| format!("{path}: in LONG and gone")),
    );
    none(
        &faults,
        "If you are here because a file grew: split it by what it is about, or say in LONG why it is one thing.",
    );
}
