//! The OpenAPI 3.1 document: what the handlers say of themselves, plus what holds for all of them.
//!
//! A handler states its summary, its answers, its permission (`x-required-permission`) and its own problems (`x-problems`).
//! What follows from that (security, the shared problems, the headers of idempotency and concurrency) is added here once, and
//! a test compares the permission with what the server really does.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};
use utoipa::OpenApi as _;
use utoipa::openapi::OpenApi;

use crate::events::EventType;
use crate::kernel::problem_codes::ProblemCode;

use super::middleware::cors::Audience;
use super::problem::MEDIA_TYPE;
use super::rate_limits::Class;

#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "Kassa",
        version = "1.0.0",
        description = "A headless checkout. Merchants describe products, offers and links; front ends run the buyer's checkout over \
                       `/v1/storefront`; merchants' systems receive signed webhooks.\n\nMoney is integers in minor units of the \
                       currency. Times are RFC 3339 in UTC. HEAD is answered like GET, without the body. A PATCH is a JSON Merge Patch \
                       and may be sent as `application/merge-patch+json`. Refusals are RFC 9457 problems with a stable `code`. Clients must \
                       ignore fields and values they do not know.",
        contact(name = "Kassa"),
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0")
    ),
    tags(
        (name = "auth", description = "Signing in, and who the caller is."),
        (name = "organizations", description = "Tenants, their people, and whether they may sell."),
        (name = "payments", description = "How a checkout is paid, and what payment providers say."),
        (name = "api keys", description = "Keys for programs."),
        (name = "audit log", description = "What staff did."),
        (name = "checkouts", description = "Storefronts of an organization."),
        (name = "products", description = "What is delivered, with variants and prices."),
        (name = "offers", description = "Sales packages of products."),
        (name = "actions", description = "What is done after each sale, and the accounts it is done with."),
        (name = "links", description = "Shareable ways to one offer."),
        (name = "discount codes", description = "Codes, their redemptions and live holds."),
        (name = "storefront", description = "The buyer's side: no login, a secret per session."),
        (name = "orders", description = "What buyers confirmed."),
        (name = "refunds", description = "Money that goes back, line by line."),
        (name = "customers", description = "Who has bought, what is known of them, and forgetting them."),
        (name = "reports", description = "What was sold, put together."),
        (name = "webhooks", description = "Endpoints that receive events, and what was delivered to them."),
        (name = "events", description = "The log of facts, by pull."),
        (name = "notifications", description = "What those endpoints receive."),
        (name = "operations", description = "Health and documentation.")
    ),
    components(schemas(super::problem::ProblemView, crate::kernel::problem::Fault, crate::events::EventView))
)]
struct Base;

/// The document before any route has added itself.
pub fn base() -> OpenApi {
    Base::openapi()
}

/// The methods of each path template, for `Allow`.
pub fn methods(document: &Value) -> BTreeMap<String, String> {
    let Some(paths) = document["paths"].as_object() else {
        return BTreeMap::new();
    };
    let list = |item: &Value| {
        let names: Vec<String> = item
            .as_object()
            .map(|item| item.keys().map(|method| method.to_uppercase()).collect())
            .unwrap_or_default();
        // What answers GET answers HEAD.
        names.join(", ").replace("GET", "GET, HEAD")
    };
    paths.iter().map(|(path, item)| (path.clone(), list(item))).collect()
}

/// The finished document: shared problems, headers, security schemes and webhooks added to what the routes said.
pub fn finish(routes: &OpenApi) -> Value {
    let mut document = serde_json::to_value(routes).unwrap_or_default();
    document["components"]["securitySchemes"] = json!({
        "bearerAuth": {"type": "http", "scheme": "bearer",
            "description": "An access token (JWT) from `/v1/auth/login`, or an API key `kassa_sk_…` itself."},
        "sessionSecret": {"type": "http", "scheme": "bearer",
            "description": "The `client_secret` of one checkout session, `kassa_ss_…`."},
    });
    document["components"]["headers"] = shared_headers();
    if let Some(paths) = document["paths"].as_object_mut() {
        for (path, item) in paths {
            for (method, operation) in item.as_object_mut().into_iter().flatten() {
                complete(path, method, operation);
            }
        }
    }
    document["webhooks"] = webhooks();
    document["servers"] =
        json!([{"url": "/", "description": "This server, production or local development.", "x-internal": false}]);
    name_pages(&mut document);
    super::openapi_changes::relax(&mut document);
    super::openapi_open::open(&mut document);
    super::openapi_limits::limit(&mut document);
    document
}

/// utoipa writes a generic `List<V>` as `List_V` with `V` spelled out inside: here it becomes `VPage` that refers to `V`, one type
/// per resource for every generator.
fn name_pages(document: &mut Value) {
    let Some(schemas) = document["components"]["schemas"].as_object_mut() else {
        return;
    };
    let lists: Vec<String> = schemas.keys().filter(|name| name.starts_with(LIST)).cloned().collect();
    for list in &lists {
        if let Some(mut page) = schemas.remove(list) {
            let row = &list[LIST.len()..];
            page["properties"]["data"]["items"] = json!({"$ref": format!("#/components/schemas/{row}")});
            schemas.insert(page_name(list), page);
        }
    }
    rename_pages(&mut document["paths"]);
}

const LIST: &str = "List_";

fn page_name(list: &str) -> String {
    format!("{}Page", &list[LIST.len()..])
}

fn rename_pages(value: &mut Value) {
    match value {
        Value::Object(members) => {
            for (key, inner) in members.iter_mut() {
                match inner
                    .as_str()
                    .and_then(|text| text.strip_prefix("#/components/schemas/"))
                {
                    Some(name) if key == "$ref" && name.starts_with(LIST) => {
                        *inner = format!("#/components/schemas/{}", page_name(name)).into();
                    }
                    _ => rename_pages(inner),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(rename_pages),
        _ => {}
    }
}

fn complete(path: &str, method: &str, operation: &mut Value) {
    let permission = operation["x-required-permission"].as_str().map(str::to_owned);
    let (buyer, staff) = match permission.as_deref() {
        None => (false, false),
        Some("session") => (true, false),
        Some(_) => (false, true),
    };
    operation["security"] = match (buyer, staff) {
        (true, _) => json!([{"sessionSecret": []}]),
        (_, true) => json!([{"bearerAuth": []}]),
        _ => json!([]),
    };
    let has_body = operation.get("requestBody").is_some();
    let writes = method != "get" && (buyer || staff);
    let mut codes: BTreeSet<&str> = BTreeSet::from(["internal-error", "service-unavailable"]);
    // Providers and the browsers that they send back are not asked what they take: their news counts whatever their software says.
    if Audience::of(path).is_some() {
        codes.insert("not-acceptable");
    }
    if buyer || staff {
        codes.insert("unauthenticated");
    }
    if permission.as_deref().is_some_and(|permission| permission.contains(':')) {
        codes.extend(["forbidden", "not-found"]);
    }
    if buyer {
        codes.insert("not-found");
    }
    if has_body {
        codes.extend([
            "malformed-request",
            "payload-too-large",
            "request-timeout",
            "unsupported-media-type",
            "validation-failed",
        ]);
    }
    let parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
    if parameters.iter().any(|parameter| parameter["in"] == "query") {
        codes.extend(["malformed-request", "validation-failed"]);
    }
    let own: Vec<String> = operation["x-problems"]
        .as_array()
        .map(|own| own.iter().filter_map(Value::as_str).map(str::to_owned).collect())
        .unwrap_or_default();
    codes.extend(own.iter().map(String::as_str));
    if writes && matches!(method, "post" | "patch") {
        codes.extend(["idempotency-conflict", "idempotency-in-flight", "malformed-request"]);
        header(
            operation,
            "Idempotency-Key",
            "order-1001-attempt-1",
            "1–255 printable ASCII characters. A repeat with the same key and body gets the stored answer for 24 hours.",
            own.iter()
                .any(|code| code == ProblemCode::IdempotencyKeyRequired.as_str()),
        );
    }
    if writes && matches!(method, "patch" | "put" | "delete") {
        codes.insert("precondition-failed");
        let of_what = if buyer {
            "The `ETag` of the session last read: the change is refused with 412 when the session, its quote included, is another since."
        } else {
            "The `ETag` last read: the change is refused with 412 when the resource has changed since."
        };
        header(operation, "If-Match", ETAG_EXAMPLE, of_what, false);
    }
    if method == "get" && operation["responses"]["304"].is_object() {
        header(
            operation,
            "If-None-Match",
            ETAG_EXAMPLE,
            "The `ETag` of the copy at hand: 304 when it is still the same.",
            false,
        );
    }
    if Class::of(path).is_some() {
        codes.insert("rate-limited");
    }
    if matches!(Audience::of(path), Some(Audience::Storefront(_) | Audience::Management)) {
        codes.insert("origin-not-allowed");
    }
    let statuses = operation["x-problem-status"].clone();
    if let Some(operation) = operation.as_object_mut() {
        operation.remove("x-problems");
        operation.remove("x-problem-status");
    }
    for (status, response) in problem_responses(&codes, &statuses) {
        operation["responses"][status] = response;
    }
    let responses = operation["responses"].as_object_mut();
    for (status, response) in responses.into_iter().flatten() {
        if Class::of(path).is_some() {
            refer_to_header(response, "RateLimit-Policy");
            refer_to_header(response, "RateLimit");
        }
        if matches!(status.as_str(), "429" | "503") {
            refer_to_header(response, "Retry-After");
        }
    }
}

/// The headers that many answers share.
fn shared_headers() -> Value {
    json!({
        "RateLimit-Policy": {
            "description": "The limit that holds: `q` requests in `w` seconds \
                (draft-ietf-httpapi-ratelimit-headers). Absent when the operator has switched it off.",
            "schema": {"type": "string", "example": "\"management\";q=1200;w=60"},
        },
        "RateLimit": {
            "description": "What is left of it: `r` requests at once; in `t` seconds the whole quota is there again, \
                or with 429 the next request.",
            "schema": {"type": "string", "example": "\"management\";r=1199;t=1"},
        },
        "Retry-After": {
            "description": "When to repeat the request, in seconds.",
            "schema": {"type": "integer", "format": "int32", "minimum": 1, "maximum": 86_400, "example": 1},
        },
    })
}

fn refer_to_header(response: &mut Value, name: &str) {
    response["headers"][name] = json!({"$ref": format!("#/components/headers/{name}")});
}

const ETAG_EXAMPLE: &str = "\"Zr8a2q0vK1nX\"";

fn header(operation: &mut Value, name: &str, example: &str, description: &str, required: bool) {
    let parameter = json!({"name": name, "in": "header", "required": required, "description": description, "example": example,
        "schema": {"type": "string", "maxLength": 255}});
    match operation["parameters"].as_array_mut() {
        Some(parameters) => parameters.push(parameter),
        None => operation["parameters"] = json!([parameter]),
    }
}

/// One answer per status, with each code it may carry as an example. `statuses` names codes that this operation answers with
/// another status than their own.
fn problem_responses(codes: &BTreeSet<&str>, statuses: &Value) -> BTreeMap<String, Value> {
    let status_of = |code: ProblemCode| statuses[code.as_str()].as_u64().unwrap_or(code.status().into());
    let mut by_status: BTreeMap<String, Vec<ProblemCode>> = BTreeMap::new();
    for code in codes.iter().filter_map(|code| ProblemCode::from_code(code)) {
        by_status.entry(status_of(code).to_string()).or_default().push(code);
    }
    by_status
        .into_iter()
        .map(|(status, codes)| {
            let names: Vec<String> = codes.iter().map(|code| format!("`{}`", code.as_str())).collect();
            let examples: Map<String, Value> = codes
                .iter()
                .map(|code| (code.as_str().to_owned(), example(*code, status_of(*code))))
                .collect();
            let response = json!({
                "description": names.join(", "),
                "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}, "examples": examples}},
            });
            (status, response)
        })
        .collect()
}

fn example(code: ProblemCode, status: u64) -> Value {
    json!({"summary": code.title(), "value": {
        "type": format!("/problems/{}", code.as_str()), "title": code.title(), "status": status,
        "code": code.as_str(), "request_id": "01jd5wq0zsfa2tq4n9v8kx3m7h"}})
}

fn webhooks() -> Value {
    let entries = EventType::EVERY.iter().map(|event| {
        let name = event.as_str();
        let operation = json!({"post": {
            "operationId": format!("on{}", pascal_case(name)),
            "summary": event.summary(),
            "description": "Sent by POST to every endpoint that listens to this type, signed by Standard Webhooks \
                (`webhook-id`, `webhook-timestamp`, `webhook-signature`), at least once and in order per object.",
            "tags": ["notifications"],
            // Nobody signs in to a receiver: what proves the sender is the signature.
            "security": [],
            "requestBody": {"required": true, "content": {"application/json": {"schema": event_schema(*event)}}},
            "responses": {"2XX": {"description": "Received. Anything else is tried again."}},
        }});
        (name.to_owned(), operation)
    });
    Value::Object(entries.collect())
}

/// The schema of one event: the common shape with its type and its `data` named.
fn event_schema(event: EventType) -> Value {
    json!({"allOf": [
        {"$ref": "#/components/schemas/Event"},
        {"type": "object", "properties": {
            "type": {"type": "string", "const": event.as_str()},
            "data": {"$ref": format!("#/components/schemas/{}", event.payload())},
        }},
    ]})
}

fn pascal_case(name: &str) -> String {
    name.split(['.', '_'])
        .map(|word| {
            let (first, rest) = word.split_at(word.len().min(1));
            format!("{}{rest}", first.to_uppercase())
        })
        .collect()
}

/// The JSON Schema of every event, each a document of its own with what it refers to under `$defs`.
pub fn event_schemas(document: &Value) -> BTreeMap<String, Value> {
    EventType::EVERY
        .iter()
        .map(|event| {
            let mut definitions = Map::new();
            let body = localize(&event_schema(*event), document, &mut definitions);
            let mut schema = json!({
                "$schema": "https://json-schema.org/draft/2020-12/schema",
                "title": event.as_str(),
                "description": event.summary(),
            });
            schema["allOf"] = body["allOf"].clone();
            schema["$defs"] = Value::Object(definitions);
            (event.as_str().to_owned(), schema)
        })
        .collect()
}

/// Turns references into the document into references to `$defs`, gathering what they name.
fn localize(value: &Value, document: &Value, definitions: &mut Map<String, Value>) -> Value {
    const PREFIX: &str = "#/components/schemas/";
    match value {
        Value::Object(members) => {
            if let Some(name) = members
                .get("$ref")
                .and_then(Value::as_str)
                .and_then(|r| r.strip_prefix(PREFIX))
            {
                if !definitions.contains_key(name) {
                    definitions.insert(name.to_owned(), Value::Null);
                    let found = localize(&document["components"]["schemas"][name], document, definitions);
                    definitions.insert(name.to_owned(), found);
                }
                return json!({"$ref": format!("#/$defs/{name}")});
            }
            let localized = members
                .iter()
                .map(|(key, inner)| (key.clone(), localize(inner, document, definitions)));
            Value::Object(localized.collect())
        }
        Value::Array(items) => items.iter().map(|item| localize(item, document, definitions)).collect(),
        other => other.clone(),
    }
}
