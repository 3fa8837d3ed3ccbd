//! Actions that are mails: receipts, the merchant's own words, licenses.

use kassa::net::Mailer;
use serde_json::{Value, json};

use super::letter::Mail;
use crate::support::app::Settings;
use crate::support::doubles::Double;
use crate::support::merchant::Visit;
use crate::support::people::text;
use crate::support::request::{Call, Reply};
use crate::support::{Merchant, TestApp};

/// The mails to the buyer, in the order of their runs.
fn mails(test: &TestApp) -> Vec<Mail> {
    let mut found: Vec<Mail> = test.mails().iter().map(|mail| Mail::read(mail)).collect();
    found.retain(|mail| mail.headers["message-id"].starts_with("<act_"));
    found.sort_by(|left, right| left.headers["message-id"].cmp(&right.headers["message-id"]));
    found
}

fn with_subject<'a>(mails: &'a [Mail], subject: &str) -> &'a Mail {
    let found = mails.iter().find(|mail| mail.headers["subject"] == subject);
    found.unwrap_or_else(|| panic!("no `{subject}` in {mails:#?}"))
}

async fn open(test: &TestApp, merchant: &Merchant, more: Value) -> Visit {
    let mut body = json!({"checkout": merchant.slug, "link": "course",
        "customer": {"email": "buyer@example.com", "country": "FI", "first_name": "Aino"}});
    for (name, value) in more.as_object().expect("members") {
        body[name] = value.clone();
    }
    let opened = test.call(Call::post("/v1/storefront/sessions", body)).await.expect(201);
    Visit::of(&opened)
}

/// Somebody buys the course; the order's id.
async fn buy(test: &TestApp, merchant: &Merchant, more: Value) -> String {
    let visit = open(test, merchant, more).await;
    let order = text(&visit.confirm(test).await["order"]["id"]);
    visit.pay(test, "succeeded").await.expect(200);
    test.drain_jobs().await;
    order
}

async fn change(test: &TestApp, merchant: &Merchant, action: &Value, config: Value) -> Reply {
    let path = merchant.path(&format!("actions/{}", text(&action["id"])));
    merchant
        .call(test, Call::new("PATCH", path).json(json!({"config": config})))
        .await
}

async fn receipt_action(test: &TestApp, merchant: &Merchant) -> Value {
    let actions = merchant.read(test, "actions").await;
    let actions = actions["data"].as_array().expect("actions").clone();
    let receipt = actions.into_iter().find(|action| action["type"] == "receipt_email");
    receipt.expect("made with the checkout")
}

fn email(level: &str, owner: &Value, config: Value) -> Value {
    let mut body = json!({"level": level, "type": "email", "name": "Mail", "run_in_test": true, "config": config});
    if !owner.is_null() {
        body["owner_id"] = owner.clone();
    }
    body
}

#[actix_web::test]
async fn a_swedish_order_gets_a_swedish_receipt_with_the_merchants_words() {
    let test = TestApp::new().await;
    let merchant = Merchant::with_course(&test, "swedish").await;
    let receipt = receipt_action(&test, &merchant).await;
    let config =
        json!({"outro": "Shop Ltd", "translations": {"sv": {"outro": "Vi ses, {{ first_name }}!\n\nButiken Ab"}}});
    change(&test, &merchant, &receipt, config).await.expect(200);
    let order = buy(&test, &merchant, json!({"locale": "sv-FI"})).await;
    let read = merchant.read(&test, &format!("orders/{order}")).await;
    assert_eq!(read["status"], "completed");
    let sent = mails(&test);
    assert_eq!(sent.len(), 1);
    let mail = &sent[0];
    assert!(
        mail.headers["content-type"].starts_with("multipart/alternative"),
        "{mail:#?}"
    );
    assert_eq!(mail.headers["reply-to"], "help@shop.example.com");
    assert_eq!(mail.headers["auto-submitted"], "auto-generated");
    let run = text(&read["actions"][0]["id"]);
    assert!(
        mail.headers["message-id"].starts_with(&format!("<{run}.")),
        "the run's id: {mail:#?}"
    );
    for words in [
        "Hej Aino,",
        "Tack för din beställning 1001 hos Shop swedish.",
        "1 × The course: 39,00 €",
        "Totalt: 39,00 €",
        "varav moms 25,5 %: 7,92 €",
        "Vi ses, Aino!\n\nButiken Ab",
        "Din beställning: https://shop.example.com/o/",
        "Frågor? Skriv till help@shop.example.com.",
        "Det här är en testbeställning: inget har debiterats.",
    ] {
        assert!(mail.text.contains(words), "{words} in {}", mail.text);
    }
    let html = mail.html.as_deref().expect("HTML");
    assert!(
        html.contains("<html lang=\"sv\">")
            && html.contains("<p dir=\"auto\" style=\"margin: 0 0 16px;\">Butiken Ab</p>"),
        "{html}"
    );
    assert!(
        html.contains("1 × <bdi>The course</bdi>") && !html.contains("<img") && !html.contains("src="),
        "{html}"
    );
    test.check_invariants().await;
}

#[actix_web::test]
async fn a_receipt_that_is_sent_again_has_its_number() {
    let test = TestApp::new().await;
    let merchant = Merchant::with_course(&test, "numbered").await;
    let order = buy(&test, &merchant, json!({"locale": "fi"})).await;
    let read = merchant.read(&test, &format!("orders/{order}")).await;
    let number = format!("Kuitti: {}-{}", read["receipt_year"], read["receipt_number"]);
    let action = text(&read["actions"][0]["id"]);
    let again = Call::post(
        merchant.path(&format!("orders/{order}/actions/{action}/rerun")),
        json!({"confirm": true}),
    );
    merchant.call(&test, again).await.expect(202);
    test.drain_jobs().await;
    let sent = mails(&test);
    assert_eq!(sent.len(), 2, "to mail programs it is another message");
    assert!(sent[1].text.contains(&number), "{number} in {}", sent[1].text);
    let thanks = "Kiitos tilauksestasi 1001, Shop numbered.";
    assert!(sent.iter().all(|mail| mail.text.contains(thanks)), "{sent:#?}");
}

#[actix_web::test]
async fn mails_of_products_offers_and_the_checkout() {
    let test = TestApp::new().await;
    let merchant = Merchant::with_course(&test, "levels-of-mails").await;
    let product = merchant.read(&test, "products").await["data"][0]["id"].clone();
    let offer = merchant.read(&test, "offers").await["data"][0]["id"].clone();
    let of_product = json!({"subject": "Start with {{ product }}", "text": "Hello {{ name }}, your cohort is {{ custom.cohort }}.",
        "html": "<p>Your cohort: <b>{{ custom.cohort }}</b>{{ custom.nothing.at.all }}</p>"});
    merchant
        .create(&test, "actions", email("product", &product, of_product))
        .await;
    let of_offer = json!({"subject": "Welcome", "text": "{% for line in lines %}\n{{ line.quantity }} {{ line.name }} {{ line.total }}\n{% endfor %}\n{{ total }}",
        "translations": {"fi": {"subject": "Tervetuloa"}}});
    merchant
        .create(&test, "actions", email("offer", &offer, of_offer))
        .await;
    let hostile = "<script>alert(1)</script>{{ 7*7 }}";
    buy(&test, &merchant, json!({"locale": "fi", "custom": {"cohort": hostile}})).await;
    let sent = mails(&test);
    assert_eq!(sent.len(), 3, "{sent:#?}");
    let product_mail = with_subject(&sent, "[Test] Start with The course");
    assert_eq!(product_mail.text, format!("Hello Aino, your cohort is {hostile}."));
    assert_eq!(
        product_mail.html.as_deref(),
        Some("<p>Your cohort: <b>&lt;script&gt;alert(1)&lt;&#x2f;script&gt;{{ 7*7 }}</b></p>")
    );
    let offer_mail = with_subject(&sent, "[Test] Tervetuloa");
    assert_eq!(offer_mail.text, "1 The course 39,00 €\n39,00 €");
    assert_eq!(offer_mail.html, None);
    test.check_invariants().await;
}

#[actix_web::test]
async fn an_order_keeps_its_template_until_the_latest_is_asked_for() {
    let test = TestApp::new().await;
    let merchant = Merchant::with_course(&test, "kept").await;
    let made = merchant
        .create(
            &test,
            "actions",
            email(
                "checkout",
                &Value::Null,
                json!({"subject": "Old", "text": "The old words."}),
            ),
        )
        .await;
    let visit = merchant.visit(&test).await;
    let order = text(&visit.confirm(&test).await["order"]["id"]);
    change(
        &test,
        &merchant,
        &made,
        json!({"subject": "New", "text": "The new words."}),
    )
    .await
    .expect(200);
    visit.pay(&test, "succeeded").await.expect(200);
    test.drain_jobs().await;
    assert_eq!(with_subject(&mails(&test), "[Test] Old").text, "The old words.");
    let read = merchant.read(&test, &format!("orders/{order}")).await;
    let runs = read["actions"].as_array().expect("runs");
    let run = runs.iter().find(|run| run["type"] == "email").expect("the mail");
    let path = merchant.path(&format!("orders/{order}/actions/{}/rerun", text(&run["id"])));
    let again = Call::post(path, json!({"confirm": true, "use_latest_configuration": true}));
    merchant.call(&test, again).await.expect(202);
    test.drain_jobs().await;
    assert_eq!(with_subject(&mails(&test), "[Test] New").text, "The new words.");
    test.check_invariants().await;
}

#[actix_web::test]
async fn bad_templates_are_refused_where_they_are() {
    let test = TestApp::new().await;
    let merchant = Merchant::with_course(&test, "refused").await;
    let product = merchant.read(&test, "products").await["data"][0]["id"].clone();
    let refused = |reply: Reply, pointer: &str| {
        assert_eq!(
            reply.problem(),
            (422, "validation-failed".to_owned(), pointer.to_owned())
        );
        text(&reply.json()["errors"][0]["detail"])
    };
    let good = json!({"subject": "a", "text": "b"});
    let made = merchant
        .create(&test, "actions", email("checkout", &Value::Null, good))
        .await;
    let long = "{{ name }}".repeat(3000);
    for (config, pointer) in [
        (json!({"subject": "{{ name", "text": "b"}), "/config/subject"),
        (json!({"subject": "a\nb", "text": "b"}), "/config/subject"),
        (json!({"text": "b"}), "/config/subject"),
        (
            json!({"subject": "a", "text": "{% include '/etc/passwd' %}"}),
            "/config/text",
        ),
        (json!({"subject": "a", "text": "{{ 7*7 }}"}), "/config/text"),
        (json!({"subject": "a", "text": "{% set x = 'x' %}"}), "/config/text"),
        (
            json!({"subject": "a", "text": "{% for a in lines %}{% for b in lines %}{% for c in lines %}"}),
            "/config/text",
        ),
        (json!({"subject": "a", "text": long}), "/config/text"),
        (
            json!({"subject": "a", "text": "b", "html": "{{ licenses }}"}),
            "/config/html",
        ),
        (
            json!({"subject": "a", "text": "b", "html": "{{ name|safe }}"}),
            "/config/html",
        ),
        (
            json!({"subject": "a", "text": "b", "translations": {"fi": {"subject": "{{ env }}"}}}),
            "/config/translations/fi/subject",
        ),
        (
            json!({"subject": "a", "text": "b", "translations": {"finnish": {}}}),
            "/config/translations/finnish",
        ),
        (json!({"subject": "a", "text": "b", "body": "c"}), "/config/body"),
    ] {
        let create = Call::post(
            merchant.path("actions"),
            email("checkout", &Value::Null, config.clone()),
        );
        refused(merchant.call(&test, create).await, pointer);
        if config.get("subject").is_some() {
            refused(change(&test, &merchant, &made, config).await, pointer);
        }
    }
    let said = refused(
        change(&test, &merchant, &made, json!({"text": "Hi\n\n{{ nmae }}"})).await,
        "/config/text",
    );
    assert_eq!(said, "line 3: there is no variable `nmae`");
    let receipt = receipt_action(&test, &merchant).await;
    refused(
        change(&test, &merchant, &receipt, json!({"intro": "{{ }}"})).await,
        "/config/intro",
    );
    refused(
        change(&test, &merchant, &receipt, json!({"text": "a"})).await,
        "/config/text",
    );
    let texts = json!({"sv": {"outro": "{% if %}"}});
    refused(
        change(&test, &merchant, &receipt, json!({"translations": texts})).await,
        "/config/translations/sv/outro",
    );
    // A product's own mail of licenses, by the product and by its action.
    let license = json!({"kind": "key_pool", "per": "unit", "translations": {"fi": {"text": "{{ lisenssit }}"}}});
    let path = merchant.path(&format!("products/{}", text(&product)));
    let patch = Call::new("PATCH", path).json(json!({"license": license}));
    refused(merchant.call(&test, patch).await, "/license/translations/fi/text");
    let action =
        json!({"level": "product", "owner_id": product, "type": "license", "name": "License", "config": license});
    refused(
        merchant.call(&test, Call::post(merchant.path("actions"), action)).await,
        "/config/translations/fi/text",
    );
    test.check_invariants().await;
}

#[actix_web::test]
async fn a_mailbox_that_is_not_there_fails_at_once_and_a_busy_one_is_tried_again() {
    let server = Double::start("smtp_server.py", &[]);
    let url = format!("smtp://127.0.0.1:{}", server.port);
    let test = TestApp::with(Settings {
        mailer: Some(Mailer::from_url(&url.into()).expect("a mailer")),
        ..Settings::default()
    })
    .await;
    let merchant = Merchant::with_course(&test, "refusing").await;
    for (email, status, attempts) in [("gone@example.com", "failed", 1), ("busy@example.com", "queued", 1)] {
        let order = buy(&test, &merchant, json!({"customer": {"email": email, "country": "FI"}})).await;
        let read = merchant.read(&test, &format!("orders/{order}")).await;
        let run = &read["actions"][0];
        assert_eq!(
            json!([run["status"], run["attempts"]]),
            json!([status, attempts]),
            "{run:#}"
        );
        assert!(
            run["last_error"]
                .as_str()
                .is_some_and(|error| error.contains("mail server refused")),
            "{run:#}"
        );
    }
    let own = email(
        "checkout",
        &Value::Null,
        json!({"subject": "Hei {{ first_name }} 🎉", "text": "Hei", "html": "<p>Hei</p>"}),
    );
    merchant.create(&test, "actions", own).await;
    buy(&test, &merchant, json!({})).await;
    let sent: Vec<Mail> = (0..2)
        .map(|_| server.next().expect("a mail"))
        .map(|mail| Mail::read(&text(&mail["data"])))
        .collect();
    assert!(sent.iter().all(|mail| mail.html.is_some()), "{sent:#?}");
    assert!(sent.iter().any(|mail| mail.text.trim() == "Hei"), "{sent:#?}");
    assert_eq!(server.so_far(), Vec::<Value>::new(), "one each");
}
