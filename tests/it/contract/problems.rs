//! Problem codes: each is used, documented and explained.

use std::collections::BTreeSet;

use kassa::kernel::problem_codes::ProblemCode;

use super::none;
use super::source::sources;
use crate::support::TestApp;
use crate::support::request::Call;

/// Codes that the contract names and no answer carries yet. An entry that is in use fails.
const UNSENT: &[(&str, &str)] = &[];

#[test]
fn every_code_is_used() {
    let files = sources();
    let used: String = files
        .iter()
        .filter(|file| file.path != "kernel/problem_codes.rs")
        .map(|file| file.code.as_str())
        .collect();
    let is_used = |code: &ProblemCode| {
        let name = format!("ProblemCode::{code:?}");
        used.match_indices(&name)
            .any(|(at, _)| !used[at + name.len()..].starts_with(super::source::is_name))
    };
    let mut faults = Vec::new();
    for code in ProblemCode::ALL {
        let unsent = UNSENT.iter().any(|(known, _)| *known == code.as_str());
        match (is_used(code), unsent) {
            (false, false) => faults.push(format!("{code:?} (`{}`) is never answered with", code.as_str())),
            (true, true) => faults.push(format!(
                "{code:?} (`{}`) is in use: take it out of UNSENT",
                code.as_str()
            )),
            _ => {}
        }
    }
    let gone = UNSENT.iter().filter(|(code, _)| ProblemCode::from_code(code).is_none());
    faults.extend(gone.map(|(code, _)| format!("`{code}` is in UNSENT and no code")));
    none(
        &faults,
        "If you are here because of a new code: answer with it somewhere. If its last use is gone: codes are part of the contract and \
         stay; say in UNSENT why.",
    );
}

/// The strings after `"x-problems" = json!([` of a source.
fn documented(text: &str) -> Vec<&str> {
    let lists = text
        .split("\"x-problems\" = json!([")
        .skip(1)
        .filter_map(|rest| rest.split(']').next());
    lists.flat_map(|list| list.split('"').skip(1).step_by(2)).collect()
}

#[test]
fn documented_codes_exist() {
    let mut faults = Vec::new();
    let mut seen = BTreeSet::new();
    for file in sources() {
        for word in documented(&file.text) {
            seen.insert(word.to_owned());
            if ProblemCode::from_code(word).is_none() {
                faults.push(format!("src/{}: `{word}`", file.path));
            }
        }
    }
    assert!(seen.len() > 5, "the search for x-problems has lost them");
    none(
        &faults,
        "If you are here because the document lost a problem: x-problems takes codes of src/kernel/problem_codes.rs.",
    );
}

#[test]
fn documented_codes_are_found() {
    let text = "(\"x-problems\" = json!([\"a-b\", \"c\"])), (\"x-problems\" = json!([]))";
    assert_eq!(documented(text), ["a-b", "c"]);
}

#[actix_web::test]
async fn every_code_is_explained() {
    let test = TestApp::new().await;
    for code in ProblemCode::ALL {
        let explained = test
            .call(Call::get(format!("/problems/{}", code.as_str())))
            .await
            .expect(200);
        assert_eq!(explained["code"], code.as_str());
        assert_eq!(explained["status"], code.status());
        assert!(
            explained["explanation"]
                .as_str()
                .is_some_and(|text| text.ends_with('.')),
            "{explained}"
        );
    }
    assert_eq!(
        test.call(Call::get("/problems/no-such-code")).await.problem().1,
        "not-found"
    );
}

#[test]
fn the_document_requires_the_key_that_the_server_requires() {
    let document = kassa::app::document();
    let mut required = BTreeSet::new();
    for operation in document["paths"].as_object().expect("paths").values().flat_map(|item| {
        let operations = item.as_object().expect("operations");
        operations.values()
    }) {
        let name = operation["operationId"].as_str().expect("a name").to_owned();
        let refused = &operation["responses"]["400"]["content"]["application/problem+json"]["examples"];
        let parameters = operation["parameters"].as_array().into_iter().flatten();
        let key = parameters.clone().find(|one| one["name"] == "Idempotency-Key");
        let is_required = key.is_some_and(|key| key["required"] == true);
        assert_eq!(is_required, !refused["idempotency-key-required"].is_null(), "{name}");
        if is_required {
            required.insert(name);
        }
    }
    assert_eq!(required, ["createRefund", "refundPayment"].map(str::to_owned).into());
}

#[test]
fn the_document_has_the_precondition_of_every_change() {
    let document = kassa::app::document();
    let mut of_sessions = 0;
    for (path, item) in document["paths"].as_object().expect("paths") {
        for method in ["patch", "put", "delete"] {
            let operation = &item[method];
            if operation["security"].as_array().is_none_or(Vec::is_empty) {
                continue;
            }
            let mut parameters = operation["parameters"].as_array().into_iter().flatten();
            assert!(parameters.any(|one| one["name"] == "If-Match"), "{method} {path}");
            of_sessions += usize::from(path.starts_with("/v1/storefront/sessions/"));
        }
    }
    assert_eq!(of_sessions, 7);
}
