//! The document and the server know the same routes.

use kassa::app::document;

use super::none;
use super::source::{closing, sources};
use super::spec::{Operation, operations};
use crate::support::TestApp;
use crate::support::request::{Call, send};

#[test]
fn every_service_is_in_the_document() {
    let files = sources();
    let app = files
        .iter()
        .find(|file| file.path == "app/routes.rs")
        .expect("src/app/routes.rs");
    let start = app.code.find("fn routes(").expect("the list of routes");
    let block = start + app.code[start..].find('{').expect("its body");
    let list = &app.code[block..block + closing(&app.code[block..])];
    let services = list.matches(".service(").count();
    assert_eq!(
        services,
        operations(&document()).len(),
        "services in app/routes.rs against operations in the document: if you are here because of a new handler, give it \
         `#[utoipa::path]` and a path and method that no other has"
    );
    let elsewhere: Vec<String> = files
        .iter()
        .flat_map(|file| file.find(".route(").map(|at| file.place(at)))
        // Pages for a browser are no operations.
        .filter(|place| !place.starts_with("src/http/storefront_page.rs:") && !place.starts_with("src/http/guides/"))
        .filter(|place| !place.starts_with("src/app.rs:") && !place.starts_with("src/commands/"))
        .collect();
    none(
        &elsewhere,
        "If you are here because of a route of another kind: `.service(…)` in app/routes.rs, so that the document has it.",
    );
}

/// The path with something in each place that a route takes without a database row.
fn filled(operation: &Operation) -> String {
    let mut path = String::new();
    let mut rest = operation.path.as_str();
    while let Some((before, after)) = rest.split_once('{') {
        path.push_str(before);
        path.push_str("anything");
        rest = after.split_once('}').expect("a closed brace").1;
    }
    path + rest
}

#[actix_web::test]
async fn every_operation_is_routed() {
    let test = TestApp::new().await;
    let service = test.service().await;
    let mut faults = Vec::new();
    for operation in operations(&document()) {
        // Without a token a secured route is 401 before anything else; of the public ones the unknown path can be told by 405.
        let reply = send(&service, Call::new(&operation.method, filled(&operation))).await;
        let other = send(&service, Call::new("PURGE", filled(&operation))).await;
        let allowed = other.header("allow").unwrap_or_default();
        if reply.status == 405 || (operation.is_secured() && reply.status != 401) {
            faults.push(format!("{}: {}", operation.name(), reply.status));
        }
        if other.status != 405 || !allowed.split(", ").any(|method| method == operation.method) {
            faults.push(format!(
                "{}: another method gets {} and `Allow: {allowed}`",
                operation.name(),
                other.status
            ));
        }
    }
    none(
        &faults,
        "If you are here because a route is in the document and not served: register its handler in src/app.rs.",
    );
}
