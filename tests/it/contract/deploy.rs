//! What is in `deploy/` names only what there is: nothing here can build an image, but most of what breaks one is a name.

use std::collections::BTreeSet;

use super::{at, none};

fn text(path: &str) -> String {
    std::fs::read_to_string(at(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The words of a text that begin so, as far as they are capitals, digits and `_`.
fn variables(text: &str) -> BTreeSet<String> {
    text.split(|letter: char| !(letter.is_ascii_uppercase() || letter.is_ascii_digit() || letter == '_'))
        .filter(|word| word.starts_with("KASSA_") || word.starts_with("DATABASE_URL"))
        .map(str::to_owned)
        .collect()
}

#[test]
fn every_variable_is_a_setting() {
    let settings = variables(&text("docs/configuration.md"));
    let mut unknown = Vec::new();
    for file in [
        "deploy/Containerfile",
        "deploy/compose.yaml",
        "deploy/kassa.service",
        "docs/operator.md",
    ] {
        let named = variables(&text(file));
        assert!(!named.is_empty(), "{file}");
        for name in named {
            if !settings.contains(name.strip_suffix("_FILE").unwrap_or(&name)) {
                unknown.push(format!("{file}: {name}"));
            }
        }
    }
    none(
        &unknown,
        "If you are here because a setting was renamed: rename it there too.",
    );
}

#[test]
fn every_secret_of_the_compose_file_is_declared_and_described() {
    let compose = text("deploy/compose.yaml");
    let declared: BTreeSet<&str> = (compose
        .split_once("\nsecrets:\n")
        .expect("the list of secrets")
        .1
        .lines())
    .map(|line| line.trim().split_once(':').expect("a name").0)
    .collect();
    assert!(declared.len() > 4, "{declared:?}");
    let mut faults = Vec::new();
    for file in ["deploy/compose.yaml", "deploy/roles.sh"] {
        let text = text(file);
        for used in text.split("/run/secrets/").skip(1) {
            let name = used
                .split(|letter: char| !(letter.is_ascii_alphanumeric() || letter == '_'))
                .next();
            let name = name.expect("split yields one at least");
            if !declared.contains(name) {
                faults.push(format!("{file}: /run/secrets/{name}"));
            }
        }
    }
    for name in &declared {
        if !compose.contains(&format!("{name}: {{ file: secrets/{name} }}")) || compose.matches(name).count() < 3 {
            faults.push(format!("{name} is declared and not used, or its file has another name"));
        }
    }
    none(
        &faults,
        "A secret is named in four places of deploy/compose.yaml: the variable, the service, the list and its file.",
    );
}

#[test]
fn every_path_exists_and_versions_agree() {
    let (container, compose) = (text("deploy/Containerfile"), text("deploy/compose.yaml"));
    let (manifest, ignored) = (text("Cargo.toml"), text(".dockerignore"));
    let mut faults = Vec::new();
    let mut must = |told: bool, fault: &str| {
        if !told {
            faults.push(fault.to_owned());
        }
    };
    // Both files begin with the command that uses them.
    must(
        container.starts_with("# docker build -f deploy/Containerfile"),
        "the command of the Containerfile",
    );
    must(
        compose.starts_with("# docker compose -f deploy/compose.yaml up"),
        "the command of the compose file",
    );
    must(
        compose.contains("dockerfile: deploy/Containerfile"),
        "the Containerfile of the compose file",
    );
    must(compose.contains("context: .."), "the context of the compose file");
    must(
        compose.contains("./roles.sh:/docker-entrypoint-initdb.d/roles.sh") && at("deploy/roles.sh").is_file(),
        "roles.sh",
    );
    let rust = manifest
        .lines()
        .find_map(|line| line.strip_prefix("rust-version = \""))
        .expect("a version");
    must(
        container.contains(&format!("rust:{}-", rust.trim_end_matches('"'))),
        "the compiler of the Containerfile",
    );
    // The layer of the dependencies has a stand-in for every target of the manifest.
    let targets: Vec<&str> = manifest
        .lines()
        .filter_map(|line| line.strip_prefix("path = \"")?.strip_suffix('"'))
        .collect();
    assert!(targets.len() >= 4, "{targets:?}");
    let layer = container
        .lines()
        .filter(|line| line.starts_with("RUN mkdir"))
        .collect::<String>();
    for target in targets {
        must(
            layer.contains(target),
            &format!("no stand-in for {target} in the layer of the dependencies"),
        );
        must(at(target).is_file(), target);
    }
    for line in container.lines().filter_map(|line| line.strip_prefix("COPY ")) {
        for source in line.split(' ').filter(|word| !word.starts_with('-')).rev().skip(1) {
            must(
                source.starts_with("/src/target/") || at(source).exists(),
                &format!("COPY {source}"),
            );
        }
    }
    // What is built into the binary must reach the build.
    for file in super::source::sources() {
        for asked in file.text.split("include_").skip(1) {
            let path = asked.split('"').nth(1).unwrap_or_default();
            let first = path.trim_start_matches("../").split('/').next().unwrap_or_default();
            let left_out = ignored.lines().any(|line| line == first);
            must(
                !path.starts_with("../") || !left_out,
                &format!("{}: {path} is in .dockerignore", file.path),
            );
        }
    }
    none(
        &faults,
        "If you are here because something moved: deploy/ has to follow.",
    );
}
