//! The sources as the rules read them: comments blanked, the insides of strings blanked, unit tests left out.
//!
//! A scanner of a hundred lines instead of a Rust parser: the rules ask for names and paths, not for types, and a parser would be
//! one more large dependency of every test run.

use std::path::Path;

use super::at;

/// One file under `src/`.
#[derive(Debug)]
pub struct Source {
    /// Below `src/`: `links/store.rs`.
    pub path: String,
    /// As it stands.
    pub text: String,
    /// Blanked, every byte and line still in its place.
    pub code: String,
}

impl Source {
    /// The file's name: says what it may do.
    pub fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(&self.path)
    }

    /// The module at the top of the crate that it belongs to.
    pub fn room(&self) -> &str {
        let first = self.path.split('/').next().unwrap_or(&self.path);
        first.strip_suffix(".rs").unwrap_or(first)
    }

    /// How many modules deep it is: 1 for `links/mod.rs`, 2 for `links/store.rs`.
    pub fn depth(&self) -> usize {
        let parts = self.path.split('/').count();
        if self.name() == "mod.rs" { parts - 1 } else { parts }
    }

    /// `src/links/store.rs:12`, for a message.
    pub fn place(&self, offset: usize) -> String {
        let line = self.code[..offset].matches('\n').count() + 1;
        format!("src/{}:{line}", self.path)
    }

    /// Where a word stands in the code; not within a longer name.
    pub fn find<'a>(&'a self, word: &'a str) -> impl Iterator<Item = usize> + 'a {
        let begins_a_name = word.starts_with(is_name);
        let ends_a_name = word.ends_with(is_name);
        self.code.match_indices(word).map(|(at, _)| at).filter(move |at| {
            let before = self.code[..*at].chars().next_back();
            let after = self.code[at + word.len()..].chars().next();
            let within = begins_a_name && before.is_some_and(is_name) || ends_a_name && after.is_some_and(is_name);
            !within
        })
    }
}

/// Whether a character can be part of a name.
pub fn is_name(character: char) -> bool {
    character.is_ascii_alphanumeric() || character == '_'
}

/// Every file under `src/` that is not for unit tests alone.
pub fn sources() -> Vec<Source> {
    let mut found = Vec::new();
    for (path, text) in rust_files("src") {
        let path = path.strip_prefix("src/").expect("below src").to_owned();
        found.push((path, blanked(&text), text));
    }
    let mut test_only = Vec::new();
    let mut kept: Vec<Source> = Vec::new();
    for (path, code, text) in found {
        let code = without_tests(code, &path, &mut test_only);
        kept.push(Source { path, text, code });
    }
    kept.retain(|source| !test_only.iter().any(|test: &String| source.path.starts_with(test)));
    assert!(kept.len() > 100, "the sources are not where the rules look for them");
    kept
}

/// Every `.rs` file below a folder of the repository, with its text, in the order of the paths.
pub fn rust_files(folder: &str) -> Vec<(String, String)> {
    let mut files = Vec::new();
    gather(&at(folder), &mut files);
    files.sort();
    files
}

fn gather(folder: &Path, files: &mut Vec<(String, String)>) {
    for entry in std::fs::read_dir(folder).expect("a folder of sources").flatten() {
        let path = entry.path();
        if path.is_dir() {
            gather(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let below = path
                .strip_prefix(env!("CARGO_MANIFEST_DIR"))
                .expect("in the repository");
            let text = std::fs::read_to_string(&path).expect("a source in UTF-8");
            files.push((below.to_string_lossy().replace('\\', "/"), text));
        }
    }
}

/// The text with comments and the insides of strings and characters turned into spaces.
fn blanked(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = bytes.to_vec();
    let mut at = 0;
    while at < bytes.len() {
        let rest = &text[at..];
        let end = at + token(rest, at.checked_sub(1).map(|before| bytes[before] as char));
        let (from, to) = match bytes[at] {
            b'/' if end > at + 1 => (at, end),
            b'"' | b'r' | b'\'' if end > at + 1 => (at + 1, end - 1),
            _ => (at, at),
        };
        for byte in &mut out[from..to] {
            if *byte != b'\n' {
                *byte = b' ';
            }
        }
        at = end;
        while !text.is_char_boundary(at) {
            at += 1;
        }
    }
    String::from_utf8(out).expect("only whole characters were blanked")
}

/// The length of the comment, string or character that `rest` begins with; 1 for anything else.
fn token(rest: &str, before: Option<char>) -> usize {
    if rest.starts_with("//") {
        return rest.find('\n').unwrap_or(rest.len());
    }
    if rest.starts_with("/*") {
        return rest.find("*/").map_or(rest.len(), |end| end + 2);
    }
    if rest.starts_with('"') {
        return quoted(rest, '"');
    }
    let hashes = rest[1..].bytes().take_while(|byte| *byte == b'#').count();
    let is_raw =
        rest.starts_with('r') && rest[1 + hashes..].starts_with('"') && !before.is_some_and(|c| is_name(c) && c != 'b');
    if is_raw {
        let close = format!("\"{}", "#".repeat(hashes));
        let inside = 2 + hashes;
        return rest[inside..]
            .find(&close)
            .map_or(rest.len(), |end| inside + end + close.len());
    }
    // 'x' and '\n' are characters, 'a is a lifetime.
    let is_character = rest.starts_with("'\\") || rest.chars().nth(2) == Some('\'');
    if rest.starts_with('\'') && is_character {
        return quoted(rest, '\'');
    }
    1
}

fn quoted(rest: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, character) in rest.char_indices().skip(1) {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            other if other == quote => return at + 1,
            _ => {}
        }
    }
    rest.len()
}

/// The code without what stands under `#[cfg(test)]`; names the files that it says are for tests.
fn without_tests(mut code: String, path: &str, test_only: &mut Vec<String>) -> String {
    const MARK: &str = "#[cfg(test)]";
    while let Some(start) = code.find(MARK) {
        let item = &code[start + MARK.len()..];
        let opens = item.find(['{', ';']).expect("an item after cfg(test)");
        let end = if item[opens..].starts_with('{') {
            opens + closing(&item[opens..])
        } else {
            let declared = item[..opens].trim();
            if let Some(name) = declared.strip_prefix("mod ") {
                let folder = path
                    .strip_suffix("mod.rs")
                    .map_or_else(|| path.replace(".rs", "/"), str::to_owned);
                test_only.extend([format!("{folder}{name}.rs"), format!("{folder}{name}/")]);
            }
            opens + 1
        };
        let blank: String = code[start..start + MARK.len() + end]
            .chars()
            .map(|character| if character == '\n' { '\n' } else { ' ' })
            .collect();
        code.replace_range(start..start + MARK.len() + end, &blank);
    }
    code
}

/// The length of a block up to and with the brace that closes it.
pub fn closing(block: &str) -> usize {
    let mut depth = 0_usize;
    for (at, byte) in block.bytes().enumerate() {
        match byte {
            b'{' => depth += 1,
            b'}' => {
                depth -= 1;
                if depth == 0 {
                    return at + 1;
                }
            }
            _ => {}
        }
    }
    block.len()
}

#[test]
fn the_scanner_sees_code_and_nothing_else() {
    let text = "let a = \"sql(\"; // sql(\n/* sql( */ let b = r#\"\"sql(\"#; let c: &'a str = '\"'; sql(x)";
    let code = blanked(text);
    assert_eq!(code.len(), text.len());
    assert_eq!(code.matches("sql(").count(), 1, "{code}");
    let mut test_only = Vec::new();
    let code = without_tests(
        "#[cfg(test)]\nmod tests;\n#[cfg(test)]\nmod inner { fn f() {} }\nfn g() {}".to_owned(),
        "config/mod.rs",
        &mut test_only,
    );
    assert_eq!(code.split_whitespace().collect::<Vec<_>>(), ["fn", "g()", "{}"]);
    assert_eq!(test_only, ["config/tests.rs", "config/tests/"]);
}
