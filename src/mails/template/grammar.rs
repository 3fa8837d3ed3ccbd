//! What a template may consist of: a part of Jinja from which nothing large or long can be made.
//!
//! minijinja counts the steps of a template, but not what a step may do: `{% set x = x ~ x %}` doubles a text forty times in forty
//! steps, and a chain of ten thousand dots takes the stack. So tags are read here first: values can be shown, asked about and looped
//! over, and never be added up, repeated or kept. Parentheses balance within each tag and no brace stands within one, so that this
//! reader and minijinja's agree on where a tag ends.

use super::render::Wrong;

/// The filters there are.
pub(super) const FILTERS: &[&str] = &[
    "upper",
    "lower",
    "capitalize",
    "trim",
    "default",
    "first",
    "last",
    "length",
];
const WORDS_OF_LOGIC: &[&str] = &["and", "or", "not", "if", "elif", "else", "in"];
/// What would ask for something that is not there: a test, and a loop that calls itself.
const REFUSED: &[&str] = &["is", "recursive"];
const LONGEST_TAG: usize = 300;
const DEEPEST: usize = 12;
/// Loops in loops: lines and, in each, taxes.
const DEEPEST_LOOP: usize = 2;

/// A word of a tag that may be a variable, and its line.
pub(super) type Named<'a> = (&'a str, usize);

/// Reads every tag; returns the words in them.
pub(super) fn read(source: &str) -> Result<Vec<Named<'_>>, Wrong> {
    let mut reader = Reader {
        source,
        at: 0,
        line: 1,
        blocks: Vec::new(),
        names: Vec::new(),
    };
    while reader.skip_text() {
        reader.tag()?;
    }
    Ok(reader.names)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Token<'a> {
    Word(&'a str),
    /// A text in quotes, or a number.
    Literal,
    Sign(&'a str),
}

struct Reader<'a> {
    source: &'a str,
    at: usize,
    line: usize,
    /// The blocks that are open: whether each is a loop.
    blocks: Vec<bool>,
    names: Vec<Named<'a>>,
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        self.source.get(self.at..).unwrap_or_default()
    }

    fn advance(&mut self, bytes: usize) {
        let passed = self.rest().get(..bytes).unwrap_or_default();
        self.line += passed.matches('\n').count();
        self.at += bytes;
    }

    fn wrong(&self, why: impl Into<String>) -> Wrong {
        Wrong::new(Some(self.line), why)
    }

    /// To the next tag; `false` at the end.
    fn skip_text(&mut self) -> bool {
        while let Some(brace) = self.rest().find('{') {
            self.advance(brace);
            let rest = self.rest();
            if rest.starts_with("{{") || rest.starts_with("{%") {
                return true;
            }
            if rest.starts_with("{#") {
                // A comment without an end is minijinja's to refuse.
                let end = rest.find("#}").map_or(rest.len(), |end| end + 2);
                self.advance(end);
            } else {
                self.advance(1);
            }
        }
        false
    }

    fn tag(&mut self) -> Result<(), Wrong> {
        let block = self.rest().starts_with("{%");
        let (begun, end) = (self.at, if block { "%}" } else { "}}" });
        self.advance(2);
        if self.rest().starts_with(['-', '+']) {
            self.advance(1);
        }
        let mut tokens = Vec::new();
        let mut open = 0_usize;
        loop {
            let space = self.rest().len() - self.rest().trim_ascii_start().len();
            self.advance(space);
            let rest = self.rest();
            let marked = rest.strip_prefix(['-', '+']).unwrap_or(rest);
            if marked.starts_with(end) {
                if open > 0 {
                    return Err(self.wrong("a parenthesis is not closed"));
                }
                self.advance(rest.len() - marked.len() + 2);
                break;
            }
            let (token, length) = self.token(end)?;
            match token {
                Token::Sign("(") => open += 1,
                Token::Sign(")") => {
                    open = open
                        .checked_sub(1)
                        .ok_or_else(|| self.wrong("a parenthesis is closed that was not opened"))?;
                }
                _ => {}
            }
            self.fits(&tokens, token)?;
            if let Token::Word(word) = token {
                self.names.push((word, self.line));
            }
            tokens.push(token);
            self.advance(length);
            if self.at - begun > LONGEST_TAG {
                return Err(self.wrong(format!("a tag may have {LONGEST_TAG} characters at the most")));
            }
        }
        if block { self.block(&tokens) } else { Ok(()) }
    }

    fn token(&self, end: &str) -> Result<(Token<'a>, usize), Wrong> {
        let rest = self.rest();
        let Some(first) = rest.chars().next() else {
            return Err(self.wrong(format!("`{end}` is missing")));
        };
        let while_true = |fits: fn(u8) -> bool| rest.bytes().take_while(|byte| fits(*byte)).count();
        if first.is_ascii_alphabetic() || first == '_' {
            let length = while_true(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
            let word = rest.get(..length).unwrap_or_default();
            return match REFUSED.contains(&word) {
                true => Err(self.wrong(format!("`{word}` cannot be used here"))),
                false => Ok((Token::Word(word), length)),
            };
        }
        if first.is_ascii_digit() {
            return Ok((Token::Literal, while_true(|byte| byte.is_ascii_digit())));
        }
        if matches!(first, '"' | '\'') {
            let inner = rest.get(1..).unwrap_or_default();
            let length = inner
                .find(first)
                .ok_or_else(|| self.wrong("a text in quotes has no end"))?;
            if let Some(odd) = inner[..length].chars().find(|c| matches!(c, '{' | '}' | '\\')) {
                return Err(self.wrong(format!("`{odd}` cannot be in a text in quotes")));
            }
            return Ok((Token::Literal, length + 2));
        }
        for sign in ["==", "!=", "<=", ">=", "<", ">", ".", "|", "(", ")"] {
            if rest.starts_with(sign) {
                return Ok((Token::Sign(rest.get(..sign.len()).unwrap_or_default()), sign.len()));
            }
        }
        Err(self.wrong(format!("`{first}` cannot be used here")))
    }

    /// Whether a token may follow those before it.
    fn fits(&self, before: &[Token<'_>], token: Token<'_>) -> Result<(), Wrong> {
        let last = before.last().copied();
        match token {
            Token::Word(word) if last == Some(Token::Sign("|")) && !FILTERS.contains(&word) => {
                let known = FILTERS.join(", ");
                Err(self.wrong(format!("there is no filter `{word}`: there are {known}")))
            }
            Token::Sign("(") => {
                let filter = before.len() > 1 && before[before.len() - 2] == Token::Sign("|");
                match last {
                    Some(Token::Word(word)) if !filter && !WORDS_OF_LOGIC.contains(&word) => {
                        Err(self.wrong(format!("`{word}` cannot be called")))
                    }
                    Some(Token::Literal | Token::Sign(")")) => Err(self.wrong("`(` cannot be used here")),
                    _ => Ok(()),
                }
            }
            _ => Ok(()),
        }
    }

    fn block(&mut self, tokens: &[Token<'_>]) -> Result<(), Wrong> {
        match tokens.first() {
            Some(Token::Word(word @ ("if" | "for"))) => self.blocks.push(*word == "for"),
            Some(Token::Word("elif" | "else")) => {}
            // Whether it ends what is open is minijinja's to say.
            Some(Token::Word("endif" | "endfor")) => drop(self.blocks.pop()),
            Some(Token::Word(word)) => {
                return Err(self.wrong(format!(
                    "`{{% {word} %}}` cannot be used: there are if, elif, else, for and their ends"
                )));
            }
            _ => return Err(self.wrong("`{%` must be followed by if, elif, else, for, endif or endfor")),
        }
        let loops = self.blocks.iter().filter(|is_loop| **is_loop).count();
        if self.blocks.len() > DEEPEST || loops > DEEPEST_LOOP {
            return Err(self.wrong(format!(
                "at most {DEEPEST} blocks in each other, {DEEPEST_LOOP} of them loops"
            )));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_their_lines() {
        let names =
            read("a {# {{ no }} #}\n{{ number }} { }}\n{%- if first_name|default(\"x y\") == 'q' -%}\n{% endif %}");
        let names: Vec<_> = names
            .expect("tags")
            .into_iter()
            .map(|(word, line)| format!("{word}:{line}"))
            .collect();
        assert_eq!(names.join(" "), "number:2 if:3 first_name:3 default:3 endif:4");
    }

    #[test]
    fn what_could_grow_call_or_reach_is_refused() {
        for (source, why) in [
            ("{% set x = 1 %}", "line 1: `=` cannot be used here"),
            (
                "{% set x %}",
                "line 1: `{% set %}` cannot be used: there are if, elif, else, for and their ends",
            ),
            (
                "\n{% include 'x' %}",
                "line 2: `{% include %}` cannot be used: there are if, elif, else, for and their ends",
            ),
            (
                "{% raw %}",
                "line 1: `{% raw %}` cannot be used: there are if, elif, else, for and their ends",
            ),
            (
                "{% autoescape false %}",
                "line 1: `{% autoescape %}` cannot be used: there are if, elif, else, for and their ends",
            ),
            ("{%- macro m() %}", "line 1: `m` cannot be called"),
            (
                "{% 1 %}",
                "line 1: `{%` must be followed by if, elif, else, for, endif or endfor",
            ),
            ("{{ 7*7 }}", "line 1: `*` cannot be used here"),
            ("{{ name ~ name }}", "line 1: `~` cannot be used here"),
            ("{{ name + name }}", "line 1: `+` cannot be used here"),
            ("{{ [name] }}", "line 1: `[` cannot be used here"),
            ("{{ (name, name) }}", "line 1: `,` cannot be used here"),
            ("{{ {} }}", "line 1: `{` cannot be used here"),
            ("{{ range(9) }}", "line 1: `range` cannot be called"),
            ("{{ name.upper() }}", "line 1: `upper` cannot be called"),
            ("{{ (name)(1) }}", "line 1: `(` cannot be used here"),
            (
                "{{ name|safe }}",
                "line 1: there is no filter `safe`: there are upper, lower, capitalize, trim, default, first, last, length",
            ),
            ("{{ name is defined }}", "line 1: `is` cannot be used here"),
            (
                "{% for x in lines recursive %}",
                "line 1: `recursive` cannot be used here",
            ),
            ("{{ 'a{' }}", "line 1: `{` cannot be in a text in quotes"),
            ("{{ 'a", "line 1: a text in quotes has no end"),
            ("{{ name", "line 1: `}}` is missing"),
            ("{{ name %}", "line 1: `%` cannot be used here"),
            ("{{ ( }} {% set x %} {{ ) }}", "line 1: a parenthesis is not closed"),
            ("{{ ) }}", "line 1: a parenthesis is closed that was not opened"),
            ("{{ nämn }}", "line 1: `ä` cannot be used here"),
        ] {
            assert_eq!(read(source).expect_err(source).to_string(), why, "{source}");
        }
    }

    #[test]
    fn depth_and_length_are_bounded() {
        let dots = format!("{{{{ name{} }}}}", ".a".repeat(5000));
        assert!(read(&dots).is_err());
        assert!(read(&format!("{{{{ name{} }}}}", ".a".repeat(50))).is_ok());
        assert!(read(&"{% if a %}".repeat(DEEPEST + 1)).is_err());
        assert!(read(&"{% for a in lines %}".repeat(DEEPEST_LOOP + 1)).is_err());
        assert!(read(&"{% for a in lines %}{% endfor %}".repeat(100)).is_ok());
    }
}
