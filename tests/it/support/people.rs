//! People, as they come to be: by registering, with a password, through the API.

use serde_json::{Value, json};

use super::request::{Call, Reply};
use super::{Merchant, TestApp};

pub const PASSWORD: &str = "correct horse battery staple";

/// A person who is signed in.
#[derive(Clone, Debug)]
pub struct Person {
    pub id: String,
    pub token: String,
    pub refresh: String,
}

impl Person {
    /// Makes an account and signs in.
    pub async fn new(test: &TestApp, email: &str) -> Self {
        let body = json!({"name": "A person", "email": email, "password": PASSWORD});
        let made = test.call(Call::post("/v1/auth/register", body)).await.expect(201);
        let tokens = sign_in(test, email, PASSWORD).await.expect(200);
        Self {
            id: text(&made["id"]),
            token: text(&tokens["access_token"]),
            refresh: text(&tokens["refresh_token"]),
        }
    }

    /// A person who was invited to a merchant's organization and accepted.
    pub async fn invited(
        test: &TestApp,
        merchant: &Merchant,
        email: &str,
        role: &str,
        checkout_role: Option<&str>,
    ) -> Self {
        let person = Self::new(test, email).await;
        let roles: Vec<Value> = checkout_role
            .iter()
            .map(|role| json!({"checkout_id": merchant.checkout, "role": role}))
            .collect();
        let body = json!({"emails": [email], "role": role, "checkout_roles": roles});
        merchant
            .call(test, Call::post(merchant.organization_path("invitations"), body))
            .await
            .expect(201);
        let code = mailed_code(test, email).await;
        person.accept(test, &code).await.expect(200);
        person
    }

    pub async fn call(&self, test: &TestApp, call: Call) -> Reply {
        test.call(call.bearer(&self.token)).await
    }

    pub async fn accept(&self, test: &TestApp, code: &str) -> Reply {
        self.call(test, Call::post("/v1/invitations/accept", json!({ "token": code })))
            .await
    }
}

/// The text of a member.
pub fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}")).to_owned()
}

/// Signs in.
pub async fn sign_in(test: &TestApp, email: &str, password: &str) -> Reply {
    let body = json!({"email": email, "password": password});
    test.call(Call::post("/v1/auth/login", body)).await
}

/// The code in the latest mail to an address, once all mail that is due has been sent.
pub async fn mailed_code(test: &TestApp, email: &str) -> String {
    test.drain_jobs().await;
    let mut mails: Vec<String> = test
        .mails()
        .into_iter()
        .filter(|mail| mail.contains(&format!("To: {email}")))
        .collect();
    // The message id ascends with time.
    mails.sort_by_key(|mail| {
        mail.lines()
            .find(|line| line.starts_with("Message-ID"))
            .map(str::to_owned)
    });
    let mail = mails.pop().unwrap_or_else(|| panic!("no mail to {email}"));
    // Long lines are folded by quoted-printable.
    let text = mail.replace("=\r\n", "").replace("=\n", "");
    let after = text.split("code:").nth(1).expect("a code");
    after.split_whitespace().next().expect("a code").to_owned()
}
