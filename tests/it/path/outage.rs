//! The database is away: the process lives, is not ready, and says so at once.

use kassa::accounts::api_keys::token;
use kassa::kernel::ids::{ApiKeyId, OrganizationId};
use serde_json::json;

use crate::support::app::Settings;
use crate::support::request::Call;
use crate::support::{TestApp, database};

#[actix_web::test]
async fn without_its_database_the_server_lives_and_is_not_ready() {
    let socket = std::net::TcpListener::bind("127.0.0.1:0").expect("a socket");
    let port = socket.local_addr().expect("an address").port();
    drop(socket);
    let mut database = database::fresh().await;
    database.serve = format!("postgres://nobody:none@127.0.0.1:{port}/none").into();
    let test = TestApp::with(Settings {
        database: Some(database),
        ..Settings::default()
    })
    .await;
    test.call(Call::get("/livez")).await.expect(200);
    test.call(Call::get("/openapi/v1.json")).await.expect(200);
    let body = json!({"checkout": "shop", "link": "course"});
    for call in [
        Call::get("/readyz"),
        Call::get("/v1/storefront/checkouts/shop/links/course"),
        Call::post("/v1/storefront/sessions", body),
    ] {
        let reply = test.call(call).await;
        assert_eq!(reply.problem().1, "service-unavailable");
        assert!(reply.header("retry-after").is_some());
    }
    // Also when it fails before any handler: with its id, and readable for the page that asked.
    let (organization, key) = (OrganizationId::generate(&test.clock), ApiKeyId::generate(&test.clock));
    let key = token::format(organization, key, &[1; 32], true);
    let call = Call::get("/v1/storefront/sessions").header("origin", "https://shop.example.com");
    let reply = test.call(call.bearer(&key)).await;
    assert_eq!(reply.problem().1, "service-unavailable");
    assert_eq!(reply.header("access-control-allow-origin"), Some("*"));
}

#[actix_web::test]
async fn a_server_that_is_stopping_is_not_ready_and_still_answers() {
    let test = TestApp::new().await;
    test.call(Call::get("/readyz")).await.expect(200);
    test.app.begin_stopping();
    test.call(Call::get("/readyz")).await.expect(503);
    test.call(Call::get("/v1/storefront/checkouts/shop/links/course"))
        .await
        .expect(404);
}
