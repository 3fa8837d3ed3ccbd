//! The audit log: every write of staff, nothing secret, nothing personal, and nobody can change it.

use diesel_async::{AsyncConnection, AsyncPgConnection, SimpleAsyncConnection};
use secrecy::ExposeSecret;
use serde_json::json;

use crate::support::people::{Person, mailed_code, text};
use crate::support::request::Call;
use crate::support::{Merchant, TestApp};

#[actix_web::test]
async fn every_write_is_kept_with_what_was_and_what_is() {
    let test = TestApp::new().await;
    let merchant = Merchant::with_course(&test, "audited").await;
    let admin = Person::invited(&test, &merchant, "admin@example.com", "admin", None).await;
    let product = merchant.read(&test, "products").await["data"][0]["id"].clone();
    let path = merchant.path(&format!("products/{}", text(&product)));
    let patch = Call::patch(&path, json!({"name": "Renamed"})).header("x-request-id", "request-7");
    admin.call(&test, patch).await.expect(200);
    // A refusal and a repetition are no writes.
    admin
        .call(&test, Call::patch(&path, json!({"name": ""})))
        .await
        .problem();
    admin
        .call(
            &test,
            Call::patch(&path, json!({"name": "Stale"})).header("if-match", "\"x\""),
        )
        .await
        .problem();
    let log = admin
        .call(
            &test,
            Call::get(merchant.path(&format!("audit-log?object={}", text(&product)))),
        )
        .await
        .expect(200);
    let entries = log["data"].as_array().expect("rows");
    let actions: Vec<_> = entries.iter().map(|entry| text(&entry["action"])).collect();
    assert_eq!(actions, ["updateProduct", "createProduct"]);
    let entry = &entries[0];
    assert_eq!(
        (&entry["actor"]["type"], &entry["actor"]["id"]),
        (&json!("user"), &json!(admin.id))
    );
    assert_eq!(entry["object"], json!({"type": "product", "id": product}));
    assert_eq!(
        (&entry["before"]["name"], &entry["after"]["name"]),
        (&json!("The course"), &json!("Renamed"))
    );
    assert_eq!(entry["request_id"], "request-7");
    assert_eq!(entries[1]["actor"]["type"], "api_key");
    let mine = admin
        .call(
            &test,
            Call::get(merchant.organization_path(&format!("audit-log?actor={}", admin.id))),
        )
        .await
        .expect(200);
    let actions: Vec<_> = mine["data"]
        .as_array()
        .expect("rows")
        .iter()
        .map(|entry| text(&entry["action"]))
        .collect();
    assert_eq!(actions, ["updateProduct", "acceptInvitation"]);
    let by_action = admin
        .call(
            &test,
            Call::get(merchant.organization_path("audit-log?action=createOffer")),
        )
        .await
        .expect(200);
    assert_eq!(by_action["data"].as_array().map(Vec::len), Some(1));
    let none = admin
        .call(
            &test,
            Call::get(merchant.organization_path("audit-log?to=2020-01-01T00:00:00Z")),
        )
        .await
        .expect(200);
    assert_eq!(none["data"], json!([]));
    for wrong in ["actor=nobody", "from=yesterday", "limit=0", "colour=red"] {
        let refused = admin
            .call(&test, Call::get(merchant.path(&format!("audit-log?{wrong}"))))
            .await;
        assert_eq!(refused.problem().0, 422, "{wrong}");
    }
}

/// Writes of every kind, then a look at the raw rows.
#[actix_web::test]
async fn no_secret_and_no_person_is_in_it() {
    let test = TestApp::new().await;
    let merchant = Merchant::with_course(&test, "masked").await;
    let member = Person::invited(&test, &merchant, "somebody@example.com", "member", Some("viewer")).await;
    let key = json!({"name": "k", "organization_role": "admin", "test_mode": true});
    let key = merchant
        .call(&test, Call::post(merchant.organization_path("api-keys"), key))
        .await
        .expect(201);
    let endpoint = json!({"url": "https://receiver.example.com/", "events": ["*"]});
    let endpoint = merchant.create(&test, "webhook-endpoints", endpoint).await;
    let details = json!({"name": "Oy", "email": "laskut@example.com", "street": "Salainen katu 1"});
    merchant
        .call(
            &test,
            Call::new("PUT", merchant.organization_path("billing-details")).json(details),
        )
        .await
        .expect(200);
    merchant
        .call(
            &test,
            Call::new("DELETE", merchant.organization_path(&format!("members/{}", member.id))),
        )
        .await
        .expect(204);
    let conn = test.db().read().await.expect("a connection");
    #[derive(diesel::QueryableByName)]
    struct Row {
        #[diesel(sql_type = diesel::sql_types::Text)]
        row: String,
    }
    let rows: Vec<Row> = kassa::db::sql::sql("SELECT audit_log::text AS row FROM audit_log")
        .rows(&conn)
        .await
        .expect("rows");
    assert!(rows.len() > 8, "{}", rows.len());
    let all = rows.iter().map(|row| row.row.as_str()).collect::<Vec<_>>().join("\n");
    for hidden in [
        text(&key["api_key"]),
        text(&endpoint["secret"]),
        "somebody@".to_owned(),
        "laskut@".to_owned(),
        "Salainen".to_owned(),
    ] {
        assert!(!all.contains(&hidden), "{hidden}");
    }
    assert!(all.contains("***") && all.contains("hash:"));
}

/// One of each staff write that succeeds leaves an entry: the count of entries follows the count of writes.
#[actix_web::test]
async fn a_write_without_its_entry_does_not_happen() {
    let test = TestApp::new().await;
    let merchant = Merchant::new(&test, "together").await;
    let mut admin = AsyncPgConnection::establish(test.database.admin.expose_secret())
        .await
        .expect("a connection");
    admin
        .batch_execute("ALTER TABLE audit_log ADD CONSTRAINT refuse CHECK (action <> 'createProduct') NOT VALID")
        .await
        .expect("a constraint");
    let reply = merchant
        .call(
            &test,
            Call::post(merchant.path("products"), crate::support::merchant::course()),
        )
        .await;
    assert_eq!(reply.status, 500);
    assert_eq!(merchant.read(&test, "products").await["data"], json!([]));
}

#[actix_web::test]
async fn nobody_changes_the_log() {
    let test = TestApp::new().await;
    let merchant = Merchant::with_course(&test, "append-only").await;
    merchant.read(&test, "products").await;
    for (who, url) in [
        ("the application", &test.database.serve),
        ("the owner", &test.database.owner),
    ] {
        let mut connection = AsyncPgConnection::establish(url.expose_secret())
            .await
            .expect("a connection");
        for statement in [
            "UPDATE audit_log SET action = 'nothing'",
            "DELETE FROM audit_log",
            "TRUNCATE audit_log",
        ] {
            let refused = connection
                .batch_execute(statement)
                .await
                .expect_err(statement)
                .to_string();
            assert!(refused.contains("permission denied"), "{who}: {statement}: {refused}");
        }
    }
    assert!(
        !merchant.read(&test, "audit-log").await["data"]
            .as_array()
            .expect("rows")
            .is_empty()
    );
}

#[actix_web::test]
async fn neither_people_nor_what_opens_a_link_stand_in_the_log() {
    let test = TestApp::new().await;
    let merchant = Merchant::with_course(&test, "masked").await;
    let settings = json!({"support_email": "aino.support@example.com", "mail": {"from_name": "Aino Sender"},
        "metadata": {"contact": "Aino Noted"}});
    merchant
        .call(&test, Call::patch(merchant.path("").trim_end_matches('/'), settings))
        .await
        .expect(200);
    let billing = json!({"name": "Aino Billed", "email": "billed@example.com", "street": "Katu 1", "city": "Turku",
        "postal_code": "20100", "country": "FI"});
    let call = Call::new("PUT", merchant.organization_path("billing-details")).json(billing);
    merchant.call(&test, call).await.expect(200);
    Person::invited(&test, &merchant, "aino@example.com", "admin", None).await;
    let member = merchant
        .call(&test, Call::get(merchant.organization_path("members")))
        .await
        .expect(200)["data"][0]
        .clone();
    let path = merchant.organization_path(&format!("members/{}", text(&member["user_id"])));
    merchant.call(&test, Call::new("DELETE", path)).await.expect(204);
    let log = merchant
        .call(&test, Call::get(merchant.organization_path("audit-log?limit=100")))
        .await;
    let log = String::from_utf8_lossy(&log.body).into_owned();
    for kept in ["aino", "Aino", "A person", "billed@", "signature="] {
        assert!(!log.contains(kept), "{kept} in {log}");
    }
}

#[actix_web::test]
async fn an_invitation_is_found_by_its_id() {
    let test = TestApp::new().await;
    let merchant = Merchant::new(&test, "found").await;
    let person = Person::new(&test, "aino@example.com").await;
    let body = json!({"emails": ["aino@example.com", "eino@example.com"], "role": "member"});
    let invite = Call::post(merchant.organization_path("invitations"), body).header("x-request-id", "request-8");
    let sent = merchant.call(&test, invite).await.expect(201);
    let [first, second] = [0, 1].map(|index| text(&sent["data"][index]["id"]));
    let code = mailed_code(&test, "aino@example.com").await;
    person.accept(&test, &code).await.expect(200);
    let withdraw = Call::new("DELETE", merchant.organization_path(&format!("invitations/{second}")));
    merchant.call(&test, withdraw).await.expect(204);
    for (id, end, actor) in [
        (&first, "acceptInvitation", "user"),
        (&second, "withdrawInvitation", "api_key"),
    ] {
        let path = merchant.organization_path(&format!("audit-log?object={id}"));
        let log = merchant.call(&test, Call::get(path)).await.expect(200);
        let entries = log["data"].as_array().expect("rows");
        let actions: Vec<_> = entries.iter().map(|entry| text(&entry["action"])).collect();
        assert_eq!(actions, [end, "createInvitations"]);
        for entry in entries {
            assert_eq!(entry["object"], json!({"type": "invitation", "id": id}));
        }
        assert_eq!(
            (&entries[0]["before"]["status"], &entries[0]["actor"]["type"]),
            (&json!("pending"), &json!(actor))
        );
        let made = &entries[1];
        assert_eq!((&made["before"], &made["after"]["id"]), (&json!(null), &json!(id)));
        assert_eq!(made["request_id"], "request-8");
        assert!(!log.to_string().contains("@example"), "{log}");
    }
}
