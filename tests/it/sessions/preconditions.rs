//! `If-Match` on the writes of a session: what a page has not seen is not changed by it.

use serde_json::json;

use crate::support::merchant::Visit;
use crate::support::request::{Call, Reply};
use crate::support::{Merchant, TestApp};

async fn read(test: &TestApp, visit: &Visit) -> Reply {
    test.call(Call::get(visit.path("")).bearer(&visit.secret)).await
}

fn tag(reply: &Reply) -> String {
    reply.header("etag").expect("a tag").to_owned()
}

#[actix_web::test]
async fn a_stale_tag_changes_nothing_of_a_session() {
    let test = TestApp::new().await;
    let merchant = Merchant::with_course(&test, "stale").await;
    let visit = merchant.visit(&test).await;
    let code = json!({"code": "TEN", "type": "percentage", "percentage": "10"});
    merchant.create(&test, "discount-codes", code).await;
    let before = read(&test, &visit).await;
    let line = before.expect(200)["lines"][0]["id"]
        .as_str()
        .expect("a line")
        .to_owned();
    let add_on = "add_01h455vb4pex5vsknk084sn02q";
    let code = json!({"code": "TEN"});
    for call in [
        Call::patch(visit.path(""), json!({"locale": "fi"})),
        Call::patch(visit.path(&format!("/lines/{line}")), json!({"quantity": 2})),
        Call::new("DELETE", visit.path(&format!("/lines/{line}"))),
        Call::new("PUT", visit.path(&format!("/add-ons/{add_on}"))).json(json!({})),
        Call::new("DELETE", visit.path(&format!("/add-ons/{add_on}"))),
        Call::new("PUT", visit.path("/discount")).json(code.clone()),
        Call::new("DELETE", visit.path("/discount")),
    ] {
        let refused = test
            .call(call.clone().bearer(&visit.secret).header("if-match", "\"nope\""))
            .await;
        assert_eq!(refused.problem().1, "precondition-failed", "{call:?}");
        assert_eq!(read(&test, &visit).await.body, before.body, "{call:?}");
    }
    // The tag of a read, and that of each answer, are those of what there is.
    let change = |call: Call, tag: &str| call.bearer(&visit.secret).header("if-match", tag);
    let patched = change(Call::patch(visit.path(""), json!({"locale": "fi"})), &tag(&before));
    let patched = test.call(patched).await;
    assert_eq!(patched.expect(200)["locale"], "fi");
    let put = change(Call::new("PUT", visit.path("/discount")).json(code), &tag(&patched));
    let put = test.call(put).await;
    assert_eq!(put.expect(200)["discount"]["code"], "TEN");
    let quantity = json!({"quantity": 1});
    let line = visit.path(&format!("/lines/{line}"));
    let late = test
        .call(change(Call::patch(&line, quantity.clone()), &tag(&patched)))
        .await;
    assert_eq!(late.problem().0, 412);
    test.call(change(Call::patch(&line, quantity), &tag(&put)))
        .await
        .expect(200);
    let removed = change(
        Call::new("DELETE", visit.path("/discount")),
        &tag(&read(&test, &visit).await),
    );
    test.call(removed).await.expect(204);
    assert_eq!(read(&test, &visit).await.expect(200)["discount"], json!(null));
}
