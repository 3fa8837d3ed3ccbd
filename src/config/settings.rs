//! Gathers the texts of all variables: from the environment, from the file, from the files that hold secrets.
//!
//! Guarantees: the environment wins over the file, every known variable is looked for, every name left over is a fault.
//!
//! It must not judge values, and nothing here has a Debug that could print one.

use std::collections::BTreeMap;
use std::path::Path;

use super::fault::{Fault, Source};
use super::table::{self, VARIABLES, Variable};

/// A variable's text and where it came from.
pub(super) struct Setting {
    pub text: String,
    pub source: Source,
}

/// A fault that was noted already is kept apart from a variable nobody set: the latter may have a default.
pub(super) enum Gathered {
    Set(Setting),
    Faulty(Source),
}

/// What was found, by name.
#[derive(Default)]
pub(super) struct Settings {
    pub found: BTreeMap<&'static str, Gathered>,
    pub faults: Vec<Fault>,
}

/// One place where variables are set. None in place of a text: a fault was noted already.
struct Layer {
    source: Source,
    entries: BTreeMap<String, Option<String>>,
}

impl Settings {
    /// Reads the file and every file that a variable names.
    pub fn gather(variables: impl IntoIterator<Item = (String, String)>, file: Option<&Path>) -> Self {
        let mut settings = Self::default();
        let mut layers = vec![environment(variables)];
        layers.extend(file.map(|path| settings.file(path)));
        for layer in &mut layers {
            for variable in VARIABLES {
                // A layer is asked even if an earlier one has answered, so that its faults are found too.
                if let Some(gathered) = settings.take(layer, variable) {
                    settings.found.entry(variable.name).or_insert(gathered);
                }
            }
            settings.left_over(layer);
        }
        settings
    }

    fn fault(&mut self, subject: &str, source: &Source, problem: impl Into<String>) {
        self.faults.push(Fault {
            subject: subject.to_owned(),
            source: Some(source.clone()),
            problem: problem.into(),
        });
    }

    /// The file as a layer, empty when it cannot be read.
    fn file(&mut self, path: &Path) -> Layer {
        let source = Source::File(path.to_owned());
        let table = match read_toml(path) {
            Ok(table) => table,
            Err(problem) => {
                self.fault("--config", &source, problem);
                toml::Table::new()
            }
        };
        let mut entries = BTreeMap::new();
        for (name, value) in table {
            let text = match value {
                toml::Value::String(text) => Some(text),
                toml::Value::Integer(number) => Some(number.to_string()),
                toml::Value::Boolean(truth) => Some(truth.to_string()),
                toml::Value::Float(_) | toml::Value::Datetime(_) | toml::Value::Array(_) | toml::Value::Table(_) => {
                    self.fault(&name, &source, "must be a string, an integer or a boolean");
                    None
                }
            };
            entries.insert(name, text);
        }
        Layer { source, entries }
    }

    /// Takes a variable, or the file it is in, out of a layer.
    fn take(&mut self, layer: &mut Layer, variable: &Variable) -> Option<Gathered> {
        let direct = layer.entries.remove(variable.name);
        let file_name = variable.file_name();
        let pointer = file_name.as_ref().and_then(|name| layer.entries.remove(name));
        let source = layer.source.clone();
        let (subject, found) = match (direct, pointer, file_name) {
            (Some(_), Some(_), Some(file_name)) => {
                let problem = format!("{file_name} is set as well; set only one of them");
                self.fault(variable.name, &source, problem);
                return Some(Gathered::Faulty(source));
            }
            (None, Some(path), Some(file_name)) => {
                let found = path.map(|path| read_secret(&path, &source));
                (file_name, found)
            }
            (direct, ..) => (
                variable.name.to_owned(),
                direct?.map(|text| {
                    Ok(Setting {
                        text,
                        source: source.clone(),
                    })
                }),
            ),
        };
        let Some(found) = found else {
            return Some(Gathered::Faulty(source));
        };
        match found.and_then(clean) {
            Ok(setting) if setting.text.is_empty() && variable.empty_is_unset() => None,
            Ok(setting) if setting.text.is_empty() => {
                self.fault(&subject, &setting.source, "is empty; give it a value or remove it");
                Some(Gathered::Faulty(setting.source))
            }
            Ok(setting) => Some(Gathered::Set(setting)),
            Err((source, problem)) => {
                self.fault(&subject, &source, problem);
                Some(Gathered::Faulty(source))
            }
        }
    }

    /// What no variable took is a slip: to ignore it would be to run with a value nobody chose.
    fn left_over(&mut self, layer: &Layer) {
        for name in layer.entries.keys() {
            let problem = match table::closest(name) {
                Some(meant) => format!("is not a variable of Kassa; did you mean {meant}?"),
                None => "is not a variable of Kassa; remove it".to_owned(),
            };
            self.fault(name, &layer.source, problem);
        }
    }
}

/// The part of the environment that concerns us.
fn environment(variables: impl IntoIterator<Item = (String, String)>) -> Layer {
    let ours = |name: &str| {
        let prefixed = name.get(..6).is_some_and(|start| start.eq_ignore_ascii_case("KASSA_"));
        let listed = |v: &&Variable| v.name == name || v.file_name().is_some_and(|file| file == name);
        prefixed || VARIABLES.iter().any(listed)
    };
    Layer {
        source: Source::Environment,
        entries: variables
            .into_iter()
            .filter(|(name, _)| ours(name))
            .map(|(name, text)| (name, Some(text)))
            .collect(),
    }
}

/// Never with an excerpt of the file, as the library's own message has: secrets may be in the line.
fn read_toml(path: &Path) -> Result<toml::Table, String> {
    let text = std::fs::read_to_string(path).map_err(|error| format!("cannot be read: {error}"))?;
    text.parse().map_err(|error: toml::de::Error| {
        let start = error.span().map_or(0, |span| span.start);
        let before = text.get(..start).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        format!("is not TOML at line {line}; each line must be NAME = \"value\"")
    })
}

type Refused = (Source, String);

/// The path is not repeated until it has proved to be one: it may be the secret itself, put in the wrong variable.
fn read_secret(path: &str, source: &Source) -> Result<Setting, Refused> {
    let path = Path::new(path.trim());
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(Setting {
            text,
            source: Source::File(path.to_owned()),
        }),
        Err(error) => Err((source.clone(), format!("the file it names cannot be read: {error}"))),
    }
}

/// Without the white space around it, which a file's last line and a careless paste have.
fn clean(setting: Setting) -> Result<Setting, Refused> {
    // The environment was made into text by replacing what is not UTF-8.
    if setting.text.contains(char::REPLACEMENT_CHARACTER) {
        return Err((setting.source, "is not UTF-8".to_owned()));
    }
    Ok(Setting {
        text: setting.text.trim().to_owned(),
        source: setting.source,
    })
}
