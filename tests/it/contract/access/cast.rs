//! Everybody who may come to the door, and what is behind it.

use std::str::FromStr;

use kassa::accounts::register;
use kassa::db::Tx;
use kassa::db::sql::sql;
use kassa::kernel::ids::UserId;
use kassa::kernel::permission::{CheckoutRole, OrganizationRole};
use kassa::kernel::problem::Problem;
use serde_json::json;

use super::super::spec::{Operation, parameters};
use crate::support::merchant::Visit;
use crate::support::{Merchant, TestApp};

/// What a caller is to the merchant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Without a token.
    Nobody,
    /// Staff of another tenant.
    Stranger,
    /// A member of the checkout.
    Checkout(CheckoutRole),
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
    ("checkout_id", "chk"),
    ("endpoint_id", "whe"),
    ("link_id", "lnk"),
    ("offer_id", "off"),
    ("order_id", "ord"),
    ("product_id", "prd"),
    ("session_id", "ses"),
];

/// A well-formed id that nobody has.
pub fn unknown(parameter: &str) -> String {
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
        let visit = merchant.visit(test).await;
        let order = visit.confirm(test).await["order"]["id"].clone();
        let other_visit = merchant.visit(test).await;
        let first = async |list: &str| merchant.read(test, list).await["data"][0]["id"].clone();
        let text = |id: serde_json::Value| id.as_str().expect("an id").to_owned();
        let things = vec![
            ("checkout", merchant.slug.clone()),
            ("checkout_id", merchant.checkout.to_string()),
            ("code", "not-found".to_owned()),
            ("endpoint_id", text(endpoint["id"].clone())),
            ("link", "course".to_owned()),
            ("link_id", text(first("checkout-links").await)),
            ("offer_id", text(first("offers").await)),
            ("order_id", text(order)),
            ("product_id", text(first("products").await)),
            ("session_id", visit.id.clone()),
        ];
        let stranger_token = signed_in(test, stranger.owner);
        let mut callers = vec![
            caller("nobody", None, Standing::Nobody),
            caller("stranger", Some(stranger_token.clone()), Standing::Stranger),
            caller("stranger's key", Some(stranger.api_key.clone()), Standing::Stranger),
        ];
        callers.extend(members(test, &merchant).await);
        callers.push(caller(
            "key",
            Some(merchant.api_key.clone()),
            Standing::Organization(OrganizationRole::Owner),
        ));
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
            path.replace(&format!("{{{name}}}"), &choose(name, real))
        })
    }
}

fn caller(name: &'static str, token: Option<String>, standing: Standing) -> Caller {
    Caller { name, token, standing }
}

fn signed_in(test: &TestApp, user: UserId) -> String {
    test.app.signer().issue(user).expect("a token")
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
        let statement =
            "INSERT INTO organization_members (organization_id, user_id, role, created_at) VALUES ($1, $2, $3, now())";
        let conn = test.db().read().await.expect("a connection");
        sql(statement)
            .bind(merchant.organization)
            .bind(person)
            .bind(role)
            .execute(&conn)
            .await
            .expect("a member");
        callers.push(caller(
            name,
            Some(signed_in(test, person)),
            Standing::Organization(role),
        ));
    }
    for name in CheckoutRole::ALL {
        let role = CheckoutRole::from_str(name).expect("a role");
        let person = person(test, name).await;
        let statement =
            "INSERT INTO checkout_members (checkout_id, user_id, role, created_at) VALUES ($1, $2, $3, now())";
        let conn = test.db().read().await.expect("a connection");
        sql(statement)
            .bind(merchant.checkout)
            .bind(person)
            .bind(role)
            .execute(&conn)
            .await
            .expect("a member");
        callers.push(caller(name, Some(signed_in(test, person)), Standing::Checkout(role)));
    }
    callers
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
