//! Everybody who may come to the door, and what is behind it.

use std::str::FromStr;

use kassa::accounts::register;
use kassa::accounts::tokens::{NewToken, Subject};
use kassa::db::Tx;
use kassa::db::sql::sql;
use kassa::kernel::ids::{OrderId, UserId};
use kassa::kernel::permission::{CheckoutRole, OrganizationRole};
use kassa::kernel::problem::Problem;
use kassa::kernel::tenant::Caps;
use serde_json::json;

use super::super::spec::{Operation, parameters};
use crate::support::merchant::Visit;
use crate::support::request::Call;
use crate::support::{Merchant, TestApp};

/// What a caller is to the merchant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Without a token.
    Nobody,
    /// Staff of another tenant.
    Stranger,
    /// A member of the checkout, and so of its organization.
    Checkout(CheckoutRole),
    /// With this role in the checkout and without a place in its organization: keys and narrowed tokens.
    CheckoutAlone(CheckoutRole),
    /// A member of the organization, or its key.
    Organization(OrganizationRole),
    /// With the secret of the session in the path.
    Buyer,
    /// With the secret of another session.
    OtherBuyer,
}

/// Somebody at the door.
pub struct Caller {
    pub name: &'static str,
    pub token: Option<String>,
    pub standing: Standing,
    /// With a key for test mode.
    pub test_mode: bool,
}

/// The roles that have a caller of their own.
pub const ROLES: usize = 7;

/// One shop with one of everything, its people, and a stranger with a shop of their own.
pub struct Cast {
    pub merchant: Merchant,
    pub visit: Visit,
    pub stranger: Merchant,
    pub stranger_token: String,
    pub callers: Vec<Caller>,
    things: Vec<(&'static str, String)>,
}

/// The ids that paths may hold, and how they begin.
pub const UNKNOWN: &[(&str, &str)] = &[
    ("action_id", "act"),
    ("license_id", "lic"),
    ("order_line_id", "lin"),
    ("api_key_id", "key"),
    ("add_on_id", "add"),
    ("checkout_id", "chk"),
    ("customer_id", "cus"),
    ("discount_code_id", "dsc"),
    ("delivery_id", "dlv"),
    ("endpoint_id", "whe"),
    ("event_id", "evt"),
    ("invitation_id", "inv"),
    ("line_id", "lin"),
    ("link_id", "lnk"),
    ("offer_id", "off"),
    ("order_action_id", "act"),
    ("order_id", "ord"),
    ("organization_id", "org"),
    ("payment_id", "pay"),
    ("product_id", "prd"),
    ("session_id", "ses"),
    ("user_id", "usr"),
    ("variant_id", "var"),
];

/// A well-formed id that nobody has.
pub fn unknown(parameter: &str) -> String {
    match parameter {
        "provider" => return "paytrail".to_owned(),
        "type" => return "mailchimp".to_owned(),
        _ => {}
    }
    let prefix = UNKNOWN
        .iter()
        .find(|(name, _)| *name == parameter)
        .map(|(_, prefix)| *prefix);
    let prefix = prefix
        .unwrap_or_else(|| panic!("{{{parameter}}} is new in a path: add it to UNKNOWN and make one in Cast::new"));
    format!("{prefix}_01jd5wq0zsfa2tq4n9v8kx3m7h")
}

impl Cast {
    pub async fn new(test: &TestApp) -> Self {
        let merchant = Merchant::with_course(test, "walked").await;
        let stranger = Merchant::with_course(test, "stranger").await;
        let endpoint = json!({"url": "https://receiver.example.com/", "events": ["*"], "test_mode": true});
        let endpoint = merchant.create(test, "webhook-endpoints", endpoint).await;
        let product = merchant.read(test, "products").await["data"][0].clone();
        let add_on = json!({"kind": "add", "name": "Book", "variant_id": product["variants"][0]["id"]});
        let add_on = merchant.create(test, "add-ons", add_on).await;
        let custom = json!({"name": "Custom", "offer_id": merchant.read(test, "offers").await["data"][0]["id"], "max_orders": 9});
        let custom = merchant.create(test, "checkout-links", custom).await;
        let visit = merchant.visit(test).await;
        let confirmed = visit.confirm(test).await;
        let order = confirmed["order"]["id"].clone();
        let customer = merchant.read(test, "customers?test_mode=true").await["data"][0]["id"].clone();
        let methods = format!("/v1/checkouts/{}/payment-methods/offline", merchant.checkout);
        for test_mode in [false, true] {
            let bank = json!({"payee": "Walked", "iban": "FI2112345600000785", "due_days": 14, "test_mode": test_mode});
            merchant
                .call(test, Call::new("PUT", &methods).json(bank))
                .await
                .expect(200);
        }
        let again = format!("/v1/storefront/sessions/{}/payments", visit.id);
        let again = Call::post(again, json!({"provider": "offline"})).bearer(&visit.secret);
        let payment = test.call(again).await.expect(201)["payment"]["id"].clone();
        let actions = format!("orders/{}/actions", order.as_str().expect("an id"));
        let action = merchant.read(test, &actions).await["data"][0]["id"].clone();
        let other_visit = merchant.visit(test).await;
        // The events of the order find nobody at the endpoint.
        test.drain_jobs().await;
        let event = merchant.read(test, "events?test_mode=true").await["data"][0]["id"].clone();
        let deliveries = format!(
            "webhook-endpoints/{}/deliveries",
            endpoint["id"].as_str().expect("an id")
        );
        let delivery = merchant.read(test, &deliveries).await["data"][0]["id"].clone();
        let first = async |list: &str| merchant.read(test, list).await["data"][0]["id"].clone();
        let text = |id: serde_json::Value| id.as_str().expect("an id").to_owned();
        let key = json!({"name": "walked", "test_mode": true, "checkout_roles": [{"checkout_id": merchant.checkout, "role": "viewer"}]});
        let key = merchant.create(test, "api-keys", key).await;
        let guest = json!({"emails": ["guest@walked.example"], "role": "member"});
        let invited = format!("/v1/organizations/{}/invitations", merchant.organization);
        let invited = merchant.call(test, Call::post(invited, guest)).await.expect(201);
        let details = json!({"provider": "test", "token": "tok_visa"});
        let card = format!("/v1/organizations/{}/payment-card", merchant.organization);
        merchant
            .call(test, Call::new("PUT", card).json(details))
            .await
            .expect(200);
        let mut callers = vec![
            caller("nobody", None, Standing::Nobody),
            caller("stranger", Some(signed_in(test, stranger.owner)), Standing::Stranger),
            caller("stranger's key", Some(stranger.api_key.clone()), Standing::Stranger),
        ];
        callers.extend(members(test, &merchant).await);
        // Somebody who calls nobody: who asks to remove themselves would be let in for another reason.
        let colleague = person(test, "colleague").await;
        join(test, &merchant, colleague, OrganizationRole::Member).await;
        let role = json!({"user_id": colleague, "role": "viewer"});
        merchant.create(test, "members", role).await;
        let configured = merchant.read(test, "actions").await["data"][0]["id"].clone();
        let account = format!("/v1/checkouts/{}/integrations/systeme_io", merchant.checkout);
        let account = Call::new("PUT", &account).json(json!({"api_key": "a-key-of-theirs"}));
        merchant.call(test, account).await.expect(200);
        let (license, line) = licensed(test, &merchant, &order).await;
        let discount = json!({"code": "WALK", "type": "percentage", "percentage": "10"});
        let discount = merchant.create(test, "discount-codes", discount).await;
        let things = vec![
            ("action_id", text(configured)),
            ("license_id", license),
            ("order_line_id", line),
            ("type", "systeme_io".to_owned()),
            ("api_key_id", text(key["id"].clone())),
            ("add_on_id", text(add_on["id"].clone())),
            ("checkout", merchant.slug.clone()),
            ("checkout_id", merchant.checkout.to_string()),
            ("code", "not-found".to_owned()),
            ("customer_id", text(customer)),
            ("discount_code_id", text(discount["id"].clone())),
            ("delivery_id", text(delivery)),
            ("endpoint_id", text(endpoint["id"].clone())),
            ("event_id", text(event)),
            ("invitation_id", text(invited["data"][0]["id"].clone())),
            ("link", "course".to_owned()),
            ("line_id", text(visit.session["lines"][0]["id"].clone())),
            ("link_id", text(first("checkout-links?test_mode=true").await)),
            ("offer_id", text(first("offers").await)),
            ("order_action_id", text(action)),
            ("order_id", text(order)),
            ("organization_id", merchant.organization.to_string()),
            ("user_id", colleague.to_string()),
            ("payment_id", text(payment)),
            ("provider", "offline".to_owned()),
            ("product_id", text(product["id"].clone())),
            ("session_id", visit.id.clone()),
            ("token", text(custom["token"].clone())),
            ("variant_id", text(product["variants"][0]["id"].clone())),
        ];
        let stranger_token = signed_in(test, stranger.owner);
        callers.push(caller(
            "key",
            Some(merchant.api_key.clone()),
            Standing::Organization(OrganizationRole::Owner),
        ));
        callers.push(test_key(test, &merchant).await);
        callers.extend(keys(test, &merchant).await);
        callers.extend(narrowed(test, &merchant));
        callers.push(caller("buyer", Some(visit.secret.clone()), Standing::Buyer));
        callers.push(caller("other buyer", Some(other_visit.secret), Standing::OtherBuyer));
        Self {
            merchant,
            visit,
            stranger,
            stranger_token,
            callers,
            things,
        }
    }

    /// The operation's path with the merchant's own things in it.
    pub fn path(&self, operation: &Operation) -> String {
        self.path_with(operation, |_, real| real.to_owned())
    }

    /// The same, with a say in each.
    pub fn path_with(&self, operation: &Operation, choose: impl Fn(&str, &str) -> String) -> String {
        parameters(&operation.path).fold(operation.path.clone(), |path, name| {
            let real = self.things.iter().find(|(known, _)| *known == name).map(|(_, id)| id);
            let real = real
                .unwrap_or_else(|| panic!("{{{name}}} is new in a path: make one of it in Cast::new and name it here"));
            let path = path.replace(&format!("{{{name}}}"), &choose(name, real));
            // A buyer comes back to an address that names the tenant beside the payment.
            match path.starts_with("/v1/returns/") && name == "payment_id" {
                true => format!("{path}?checkout={}", self.merchant.checkout),
                false => path,
            }
        })
    }
}

/// A license of the order, which is not paid: written as nobody could, so that there is one. Its id, and that of its line.
async fn licensed(test: &TestApp, merchant: &Merchant, order: &serde_json::Value) -> (String, String) {
    let id = order.as_str().expect("an id");
    let order: OrderId = id.parse().expect("an id");
    test.as_admin(&format!(
            "INSERT INTO licenses (checkout_id, id, order_id, order_line_id, product_id, run_id, position, content, issued_at, test_mode)
             SELECT checkout_id, order_id, order_id, id, product_id, id, 0, 'WALKED', now(), true FROM order_lines WHERE order_id = '{}'",
            order.uuid()
        ))
        .await;
    let line = merchant.read(test, &format!("orders/{id}")).await["lines"][0].clone();
    let text = |value: &serde_json::Value| value.as_str().expect("an id").to_owned();
    (text(&line["licenses"][0]["id"]), text(&line["id"]))
}

fn caller(name: &'static str, token: Option<String>, standing: Standing) -> Caller {
    Caller {
        name,
        token,
        standing,
        test_mode: false,
    }
}

fn signed_in(test: &TestApp, user: UserId) -> String {
    test.app.signer().issue(user).expect("a token")
}

/// A key of an owner like the merchant's own, for test mode.
async fn test_key(test: &TestApp, merchant: &Merchant) -> Caller {
    let body = json!({"name": "test key", "test_mode": true, "organization_role": "owner"});
    let made = Call::post(merchant.organization_path("api-keys"), body);
    let made = merchant.call(test, made).await.expect(201);
    let key = made["api_key"].as_str().expect("a key").to_owned();
    Caller {
        test_mode: true,
        ..caller("test key", Some(key), Standing::Organization(OrganizationRole::Owner))
    }
}

/// Keys that reach less than the whole organization.
async fn keys(test: &TestApp, merchant: &Merchant) -> Vec<Caller> {
    let mut callers = Vec::new();
    for (name, role) in [
        ("checkout key", CheckoutRole::Admin),
        ("viewer key", CheckoutRole::Viewer),
    ] {
        let body = json!({"name": name, "checkout_roles": [{"checkout_id": merchant.checkout, "role": role}]});
        let made = merchant.create(test, "api-keys", body).await;
        let key = made["api_key"].as_str().expect("a key").to_owned();
        callers.push(caller(name, Some(key), Standing::CheckoutAlone(role)));
    }
    // A second checkout of the same organization, and a key of that one.
    let body = json!({"organization_id": merchant.organization, "name": "Other"});
    let other = merchant.call(test, Call::post("/v1/checkouts", body)).await.expect(201);
    let path = format!("/v1/checkouts/{}/api-keys", other["id"].as_str().expect("an id"));
    let body =
        json!({"name": "other", "test_mode": true, "checkout_roles": [{"checkout_id": other["id"], "role": "admin"}]});
    let made = merchant.call(test, Call::post(path, body)).await.expect(201);
    let key = made["api_key"].as_str().expect("a key").to_owned();
    callers.push(caller("other checkout's key", Some(key), Standing::Stranger));
    callers
}

/// The owner with tokens that say less of them.
fn narrowed(test: &TestApp, merchant: &Merchant) -> Vec<Caller> {
    let token = |caps: Caps| {
        let new = NewToken {
            subject: Subject::User(merchant.owner, None),
            caps: Some(caps),
            lifetime: 60,
        };
        Some(test.app.signer().sign(new).expect("a token"))
    };
    let viewer = Caps {
        checkouts: [(merchant.checkout, CheckoutRole::Viewer)].into(),
        ..Caps::default()
    };
    let member = Caps {
        organizations: [(merchant.organization, OrganizationRole::Member)].into(),
        ..Caps::default()
    };
    vec![
        caller(
            "owner as viewer",
            token(viewer),
            Standing::CheckoutAlone(CheckoutRole::Viewer),
        ),
        caller(
            "owner as member",
            token(member),
            Standing::Organization(OrganizationRole::Member),
        ),
        caller("owner as nothing", token(Caps::default()), Standing::Stranger),
    ]
}

/// One person of each role.
async fn members(test: &TestApp, merchant: &Merchant) -> Vec<Caller> {
    let mut callers = Vec::new();
    for (name, role) in [
        ("org owner", OrganizationRole::Owner),
        ("org admin", OrganizationRole::Admin),
        ("org member", OrganizationRole::Member),
    ] {
        let person = person(test, name).await;
        join(test, merchant, person, role).await;
        callers.push(caller(
            name,
            Some(signed_in(test, person)),
            Standing::Organization(role),
        ));
    }
    for name in CheckoutRole::ALL {
        let role = CheckoutRole::from_str(name).expect("a role");
        let person = person(test, name).await;
        join(test, merchant, person, OrganizationRole::Member).await;
        merchant
            .create(test, "members", json!({"user_id": person, "role": role}))
            .await;
        callers.push(caller(name, Some(signed_in(test, person)), Standing::Checkout(role)));
    }
    callers
}

/// Makes somebody a member of the organization, as an invitation would.
async fn join(test: &TestApp, merchant: &Merchant, person: UserId, role: OrganizationRole) {
    let statement = "INSERT INTO organization_members (organization_id, user_id, role, created_at, updated_at)
         VALUES ($1, $2, $3, now(), now())";
    let conn = test.db().read().await.expect("a connection");
    sql(statement)
        .bind(merchant.organization)
        .bind(person)
        .bind(role)
        .execute(&conn)
        .await
        .expect("a member");
}

async fn person(test: &TestApp, name: &'static str) -> UserId {
    test.db()
        .write(async |tx: &mut Tx| -> Result<_, Problem> {
            let email = format!("{}@walked.example", name.replace([' ', '_'], "-"))
                .parse()
                .map_err(Problem::internal)?;
            Ok(register::register(tx, name.parse().map_err(Problem::internal)?, email, "!".to_owned()).await?)
        })
        .await
        .expect("a person")
}
