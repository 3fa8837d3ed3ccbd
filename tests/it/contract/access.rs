//! Who gets in where: every operation of the document, tried by everybody.
//!
//! The document says who may (`x-required-permission`), the table of roles what that means, and the server is asked. The walk
//! takes new operations in by itself. What comes out is committed as a table for people to read.

pub mod cast;
mod forged;

use std::collections::BTreeSet;
use std::fmt::Write;

use chrono::TimeDelta;
use kassa::accounts::tokens::LIFETIME;
use kassa::app::document;
use kassa::kernel::permission::{CheckoutRole, OrganizationRole, Permission};

use self::cast::{Caller, Cast, Standing, UNKNOWN};
use super::spec::{Operation, operations, parameters};
use super::{at, none};
use crate::support::TestApp;
use crate::support::request::{Call, Reply, send};

/// How a caller fares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Enters,
    Unauthenticated,
    Forbidden,
    NotFound,
}

impl Fate {
    /// What an answer means; a broken one means nothing.
    fn of(reply: &Reply) -> Result<Self, u16> {
        match reply.status {
            401 => Ok(Self::Unauthenticated),
            403 => Ok(Self::Forbidden),
            404 => Ok(Self::NotFound),
            // Inside, an empty body or a stale version may be refused: that is no matter of access.
            200..=299 | 303 | 409 | 410 | 412 | 422 => Ok(Self::Enters),
            // What is let in here is a provider that proves itself by its signature.
            400 if reply.json()["code"] == "signature-invalid" => Ok(Self::Enters),
            other => Err(other),
        }
    }

    const fn word(self) -> &'static str {
        match self {
            Self::Enters => "yes",
            Self::Unauthenticated => "401",
            Self::Forbidden => "403",
            Self::NotFound => "404",
        }
    }
}

/// What the document and the table of roles say.
fn expected(operation: &Operation, caller: &Caller) -> Fate {
    let staff = !matches!(
        caller.standing,
        Standing::Nobody | Standing::Buyer | Standing::OtherBuyer
    );
    let word = match operation.permission.as_deref() {
        None => return Fate::Enters,
        Some("session") => {
            return match caller.standing {
                Standing::Buyer => Fate::Enters,
                Standing::OtherBuyer => Fate::NotFound,
                _ => Fate::Unauthenticated,
            };
        }
        _ if !staff => return Fate::Unauthenticated,
        Some("signed_in") => return Fate::Enters,
        Some(word) => word,
    };
    let needed = Permission::ALL
        .iter()
        .find(|known| known.as_str() == word)
        .expect("a known permission");
    let permissions = if operation.path.contains("{organization_id}") {
        match caller.standing {
            Standing::Checkout(_) => Some(OrganizationRole::Member.permissions()),
            Standing::Organization(role) => Some(role.permissions()),
            _ => None,
        }
    } else {
        let role = match caller.standing {
            Standing::Checkout(role) | Standing::CheckoutAlone(role) => Some(role),
            Standing::Organization(role) => role.implied_checkout_role(),
            _ => None,
        };
        role.map(CheckoutRole::permissions)
    };
    match permissions {
        // Who may not see the tenant does not learn that it exists.
        None => Fate::NotFound,
        Some(_) if caller.test_mode && !needed.allowed_in_test_mode() => Fate::Forbidden,
        Some(permissions) if permissions.allows(*needed) => Fate::Enters,
        Some(_) => Fate::Forbidden,
    }
}

/// The request of an operation that changes nothing when it gets in: the body lacks every required field, the version is stale.
fn request(operation: &Operation, path: String, token: Option<&str>) -> Call {
    let mut call = Call::new(&operation.method, path);
    if !operation.body["requestBody"].is_null() {
        call = call.json(serde_json::json!({}));
    }
    if matches!(operation.method.as_str(), "PATCH" | "PUT" | "DELETE") {
        call = call.header("if-match", "\"stale\"");
    }
    match token {
        Some(token) => call.bearer(token),
        None => call,
    }
}

#[actix_web::test]
async fn everybody_gets_in_where_they_may_and_nowhere_else() {
    let test = TestApp::new().await;
    let cast = Cast::new(&test).await;
    let service = test.service().await;
    let operations = operations(&document());
    let width = operations
        .iter()
        .map(|operation| operation.name().len())
        .max()
        .unwrap_or_default();
    let mut table = format!("{:width$}", "");
    for caller in &cast.callers {
        let _ = write!(table, "  {}", caller.name);
    }
    table.push('\n');
    let mut faults = Vec::new();
    for operation in &operations {
        let _ = write!(table, "{:width$}", operation.name());
        for caller in &cast.callers {
            let call = request(operation, cast.path(operation), caller.token.as_deref());
            let reply = send(&service, call).await;
            let (fate, should) = (Fate::of(&reply), expected(operation, caller));
            if fate != Ok(should) {
                let body = String::from_utf8_lossy(&reply.body);
                faults.push(format!(
                    "{} as {}: {fate:?} instead of {should:?}: {body}",
                    operation.name(),
                    caller.name
                ));
            }
            let word = fate.map_or_else(|status| status.to_string(), |fate| fate.word().to_owned());
            let _ = write!(table, "  {word:len$}", len = caller.name.len());
        }
        table.truncate(table.trim_end().len());
        table.push('\n');
    }
    none(
        &faults,
        "If you are here because of a new operation: its Ctx<…> and its x-required-permission must be the same, and every tenant \
         query needs the tenant that Ctx gives. If of a new role or permission: the table is in src/kernel/permission.rs.",
    );
    insta::assert_snapshot!("who_gets_in_where", table);
}

#[actix_web::test]
async fn forged_tokens_open_nothing() {
    let test = TestApp::new().await;
    let cast = Cast::new(&test).await;
    let service = test.service().await;
    let operations = operations(&document());
    let genuine = forged::genuine(&test, cast.merchant.owner);
    let me = Call::get("/v1/me").bearer(&genuine);
    assert_eq!(
        send(&service, me).await.status,
        200,
        "the forger's own token must be good, or the forgeries fail for another reason"
    );
    let mut faults = Vec::new();
    for (name, token) in forged::all(&test, &cast) {
        for operation in &operations {
            let reply = send(&service, request(operation, cast.path(operation), Some(&token))).await;
            let should = if operation.is_secured() {
                Fate::Unauthenticated
            } else {
                Fate::Enters
            };
            if Fate::of(&reply) != Ok(should) {
                faults.push(format!("{} with {name}: {}", operation.name(), reply.status));
            }
        }
    }
    none(
        &faults,
        "A token that proves nothing must be 401 on every route with security, and no hindrance on those without.",
    );
    test.advance(TimeDelta::seconds(LIFETIME));
    let me = Call::get("/v1/me").bearer(&genuine);
    assert_eq!(
        send(&service, me).await.status,
        401,
        "a good token ends by the application's clock"
    );
}

/// What of an answer a stranger could learn from: everything but what differs at each request.
fn telling(reply: &Reply) -> (u16, Vec<(String, String)>, String) {
    let own = reply.header("x-request-id").unwrap_or_default().to_owned();
    let mut headers: Vec<_> = reply
        .headers
        .iter()
        .filter(|(name, _)| !matches!(name.as_str(), "x-request-id" | "date"))
        .cloned()
        .collect();
    headers.sort();
    (
        reply.status,
        headers,
        String::from_utf8_lossy(&reply.body).replace(&own, "…"),
    )
}

#[actix_web::test]
async fn other_tenants_things_do_not_exist() {
    let test = TestApp::new().await;
    let cast = Cast::new(&test).await;
    let service = test.service().await;
    let mut faults = Vec::new();
    let mut compared = 0;
    let operations = operations(&document());
    for operation in operations.iter().filter(|operation| {
        ["{checkout_id}", "{organization_id}"]
            .iter()
            .any(|tenant| operation.path.contains(tenant))
    }) {
        let own_checkout = cast.stranger.checkout.to_string();
        let own_organization = cast.stranger.organization.to_string();
        // The whole path of another tenant; and a thing of another tenant under the stranger's own checkout.
        let mut pairs = vec![(
            cast.path(operation),
            cast.path_with(operation, |name, _| cast::unknown(name)),
        )];
        if parameters(&operation.path).count() > 1 {
            let under_own = |name: &str, other: String| match name {
                "checkout_id" => own_checkout.clone(),
                "organization_id" => own_organization.clone(),
                _ => other,
            };
            pairs.push((
                cast.path_with(operation, |name, real| under_own(name, real.to_owned())),
                cast.path_with(operation, |name, _| under_own(name, cast::unknown(name))),
            ));
        }
        for (real, unknown) in pairs {
            for token in [&cast.stranger_token, &cast.stranger.api_key] {
                let real = telling(&send(&service, request(operation, real.clone(), Some(token))).await);
                let unknown = telling(&send(&service, request(operation, unknown.clone(), Some(token))).await);
                compared += 1;
                // An operation that looks at the body first answers 422 to both, one that asks for a signature 400: nothing is learned from
                // that either.
                if real != unknown || !matches!(real.0, 400 | 404 | 422) {
                    faults.push(format!(
                        "{}: {real:?} for what exists, {unknown:?} for what does not",
                        operation.name()
                    ));
                }
            }
        }
    }
    assert!(compared > 20, "the walk has lost its operations");
    none(
        &faults,
        "If you are here because of a new finder: it must take the tenant, and find nothing under another.",
    );
}

#[actix_web::test]
async fn ids_of_another_kind_name_nothing() {
    let test = TestApp::new().await;
    let cast = Cast::new(&test).await;
    let service = test.service().await;
    let mut faults = Vec::new();
    for operation in operations(&document())
        .iter()
        .filter(|operation| operation.is_secured())
    {
        for name in parameters(&operation.path).filter(|name| name.ends_with("_id")) {
            // The same bits under another prefix: only the kind can be what is refused.
            let of_another_kind = |real: &str| format!("job_{}", real.split_once('_').expect("an id").1);
            let path = cast.path_with(operation, |known, real| {
                if known == name {
                    of_another_kind(real)
                } else {
                    real.to_owned()
                }
            });
            let token = if operation.permission.as_deref() == Some("session") {
                &cast.visit.secret
            } else {
                &cast.merchant.api_key
            };
            let reply = send(&service, request(operation, path, Some(token))).await;
            if reply.status != 404 {
                faults.push(format!(
                    "{}: {name} of another kind is {}",
                    operation.name(),
                    reply.status
                ));
            }
        }
    }
    none(
        &faults,
        "A well-formed id of another kind is 404: take the typed id in web::Path.",
    );
}

#[actix_web::test]
async fn who_you_are_comes_first() {
    let test = TestApp::new().await;
    let service = test.service().await;
    let mut faults = Vec::new();
    for operation in operations(&document())
        .iter()
        .filter(|operation| operation.is_secured())
    {
        let path = parameters(&operation.path).fold(operation.path.clone(), |path, name| {
            path.replace(&format!("{{{name}}}"), "%7B%22")
        });
        let call =
            Call::new(&operation.method, format!("{path}?limit=-1&nothing=%00")).header("content-type", "text/plain");
        let reply = send(&service, call.header("idempotency-key", "").bytes("{\"broken\": ")).await;
        let challenged = reply.header("www-authenticate").is_some();
        if reply.status != 401 || !challenged {
            faults.push(format!(
                "{}: {} (challenge: {challenged})",
                operation.name(),
                reply.status
            ));
        }
    }
    none(
        &faults,
        "Nobody learns anything from a broken request: Ctx<…> must be the handler's first argument and must be ready at once.",
    );
}

#[test]
fn public_operations_are_listed() {
    let committed =
        std::fs::read_to_string(at("tests/it/contract/public_operations.txt")).expect("the list of public operations");
    let lines = committed
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'));
    let listed: BTreeSet<String> = lines.map(str::to_owned).collect();
    let operations = operations(&document());
    let public: BTreeSet<String> = operations
        .iter()
        .filter(|operation| !operation.is_secured())
        .map(Operation::name)
        .collect();
    let mut faults: Vec<String> = public
        .difference(&listed)
        .map(|name| format!("{name}: asks nobody who they are"))
        .collect();
    faults.extend(
        listed
            .difference(&public)
            .map(|name| format!("{name}: is listed, and not public or gone")),
    );
    none(
        &faults,
        "If you are here because an operation is new: give its Ctx a policy and its document an x-required-permission. If it is meant \
         for everybody, write it into public_operations.txt by hand; nothing else writes there.",
    );
}

#[test]
fn the_unknown_is_of_the_right_kind() {
    assert!(
        UNKNOWN
            .iter()
            .all(|(name, prefix)| cast::unknown(name).starts_with(&format!("{prefix}_")))
    );
    assert_eq!(
        OrganizationRole::ALL.len() + CheckoutRole::ALL.len(),
        cast::ROLES,
        "a new role needs a caller in the cast"
    );
}
