//! What buyers put into a basket and take out of it.

use serde_json::{Value, json};

use super::shop::{Shop, told};
use crate::support::people::text;
use crate::support::request::Call;

fn line<'a>(session: &'a Value, name: &str) -> &'a Value {
    let lines = session["lines"].as_array().expect("lines");
    lines
        .iter()
        .find(|line| line["name"] == name)
        .unwrap_or_else(|| panic!("no {name} in {session:#}"))
}

#[actix_web::test]
async fn quantities_and_optional_items() {
    let shop = Shop::new("choose").await;
    let buyer = shop.buyer("a@example.com").await;
    let workshop = line(&buyer.visit.session, "Workshop");
    assert_eq!(
        (
            &workshop["selected"],
            &workshop["optional"],
            &workshop["unit_amount"],
            &workshop["total"]
        ),
        (&json!(false), &json!(true), &json!(2500), &json!(0))
    );
    let at = |name: &str, session: &Value| format!("/lines/{}", text(&line(session, name)["id"]));
    let (course, workshop) = (at("Course", &buyer.visit.session), at("Workshop", &buyer.visit.session));
    let chosen = buyer
        .call("PATCH", &workshop, Some(json!({"selected": true})))
        .await
        .expect(200);
    assert_eq!(chosen["totals"]["total"], 6400);
    let more = buyer
        .call("PATCH", &course, Some(json!({"quantity": 5})))
        .await
        .expect(200);
    assert_eq!(
        (&more["totals"]["total"], &line(&more, "Course")["total_formatted"]),
        (&json!(22_000), &json!("€195.00"))
    );
    for (body, pointer) in [
        (json!({"quantity": 6}), "/quantity"),
        (json!({"quantity": 0}), "/quantity"),
        (json!({"selected": false}), "/selected"),
        (json!({"variant_id": shop.book["variants"][0]["id"]}), "/variant_id"),
        (json!({"variant_id": "var_01jd5wq0zsfa2tq4n9v8kx3m7h"}), "/variant_id"),
        (json!({"quantity": "2"}), "/quantity"),
        (json!({"amount": 2}), "/amount"),
    ] {
        let refused = buyer.call("PATCH", &course, Some(body.clone())).await.problem();
        assert_eq!((refused.0, refused.2.as_str()), (422, pointer), "{body}");
    }
    assert_eq!(buyer.call("DELETE", &course, None).await.problem().1, "line-required");
    buyer.call("DELETE", &workshop, None).await.expect(204);
    assert_eq!(buyer.read().await["totals"]["total"], 19_500);
    let unknown = "/lines/lin_01jd5wq0zsfa2tq4n9v8kx3m7h";
    assert_eq!(
        buyer
            .call("PATCH", unknown, Some(json!({"quantity": 1})))
            .await
            .problem()
            .0,
        404
    );
    assert_eq!(buyer.call("DELETE", unknown, None).await.problem().0, 404);
    // What was chosen is what the order says, and nothing else.
    let order = shop.order(&buyer.confirm().await["order"]["id"]).await;
    assert_eq!(order["lines"].as_array().map(Vec::len), Some(1));
    assert_eq!(order["total_formatted"], "€195.00");
    let closed = buyer.call("PATCH", &course, Some(json!({"quantity": 1}))).await;
    assert_eq!(closed.problem().1, "session-closed");
    shop.test.check_invariants().await;
}

#[actix_web::test]
async fn bumps_and_upgrades() {
    let shop = Shop::new("addons").await;
    let buyer = shop.buyer("a@example.com").await;
    let offered = buyer.visit.session["add_ons"].as_array().expect("add-ons").clone();
    let shown: Vec<_> = offered
        .iter()
        .map(|add_on| {
            (
                text(&add_on["name"]),
                text(&add_on["position"]),
                add_on["unit_amount"].clone(),
                add_on["accepted"].clone(),
            )
        })
        .collect();
    assert_eq!(
        shown,
        [
            (
                "The book".to_owned(),
                "order_bump".to_owned(),
                json!(1005),
                json!(false)
            ),
            ("Upgrade".to_owned(), "pre_upsell".to_owned(), json!(7900), json!(false)),
        ]
    );
    let bumped = buyer.accept(&shop.bump, 2).await.expect(200);
    assert_eq!(
        (&line(&bumped, "The book")["role"], &bumped["totals"]["total"]),
        (&json!("order_bump"), &json!(5910))
    );
    let thrice = buyer.accept(&shop.bump, 3).await.expect(200);
    assert_eq!(
        (thrice["lines"].as_array().map(Vec::len), &thrice["totals"]["total"]),
        (Some(3), &json!(6915))
    );
    assert_eq!(buyer.accept(&shop.bump, 4).await.problem().2, "/quantity");
    let upgraded = buyer.accept(&shop.upgrade, 1).await.expect(200);
    let names: Vec<_> = upgraded["lines"]
        .as_array()
        .expect("lines")
        .iter()
        .map(|line| text(&line["name"]))
        .collect();
    assert_eq!(
        names,
        ["Upgrade", "Workshop", "The book"],
        "in the place of what it replaces"
    );
    assert_eq!(upgraded["totals"]["total"], 7900 + 3 * 1005);
    assert!(
        upgraded["add_ons"]
            .as_array()
            .expect("add-ons")
            .iter()
            .all(|add_on| add_on["accepted"] == true)
    );
    let order = shop.order(&buyer.confirm().await["order"]["id"]).await;
    let roles: Vec<_> = order["lines"]
        .as_array()
        .expect("lines")
        .iter()
        .map(|line| text(&line["role"]))
        .collect();
    assert_eq!(roles, ["upgrade", "order_bump"]);
    for line in order["lines"].as_array().expect("lines") {
        assert_eq!(
            (&line["offer_id"], &line["source"], &line["tags"]),
            (&json!(shop.offer), &json!("newsletter"), &json!(["spring"]))
        );
    }
    // Declining brings back what was there.
    buyer.resume().await;
    buyer.decline(&shop.upgrade).await;
    buyer.decline(&shop.bump).await;
    buyer.decline(&shop.bump).await;
    let back = buyer.read().await;
    assert_eq!(
        (&back["totals"]["total"], line(&back, "Course")["selected"] == true),
        (&json!(3900), true)
    );
    assert_eq!(buyer.accept("add_01jd5wq0zsfa2tq4n9v8kx3m7h", 1).await.problem().0, 404);
    shop.test.check_invariants().await;
}

#[actix_web::test]
async fn an_upgrade_needs_what_it_replaces() {
    let shop = Shop::new("nothing").await;
    let path = shop.merchant.path(&format!("offers/{}", shop.offer));
    let optional = json!({"items": [{"product_id": shop.course["id"], "optional": true, "selected": false},
        {"product_id": shop.workshop["id"]}]});
    shop.merchant
        .call(&shop.test, Call::patch(path, optional))
        .await
        .expect(200);
    let buyer = shop.buyer("a@example.com").await;
    let offered: Vec<_> = buyer.visit.session["add_ons"]
        .as_array()
        .expect("add-ons")
        .iter()
        .map(|add_on| text(&add_on["name"]))
        .collect();
    assert_eq!(offered, ["The book"], "what cannot be accepted is not offered");
    assert_eq!(buyer.accept(&shop.upgrade, 1).await.problem().1, "nothing-to-replace");
}

#[actix_web::test]
async fn one_more_link_of_the_same_checkout() {
    let shop = Shop::new("second").await;
    let offer = json!({"name": "Book", "title": "The book alone", "items": [
        {"product_id": shop.book["id"], "quantity": {"default": 1, "min": 1, "max": 4}}]});
    let offer = shop.merchant.create(&shop.test, "offers", offer).await;
    let link = |slug: &str, more: Value| {
        let mut body = json!({"name": "Book", "offer_id": offer["id"], "slug": slug, "source": "podcast", "tags": ["autumn"], "test_mode": true});
        body.as_object_mut()
            .expect("an object")
            .extend(more.as_object().expect("an object").clone());
        body
    };
    shop.merchant
        .create(&shop.test, "checkout-links", link("book", json!({})))
        .await;
    shop.merchant
        .create(&shop.test, "checkout-links", link("live", json!({"test_mode": false})))
        .await;
    shop.merchant
        .create(&shop.test, "checkout-links", link("few", json!({"max_orders": 3})))
        .await;
    shop.merchant
        .create(&shop.test, "checkout-links", link("off", json!({"active": false})))
        .await;
    let buyer = shop.buyer("a@example.com").await;
    let add = |body: Value| buyer.call("POST", "/lines", Some(body));
    let reply = add(json!({"link": "book", "quantity": 2})).await;
    let added = reply.expect(201);
    assert_eq!(reply.header("location"), Some(buyer.visit.path("").as_str()));
    assert_eq!(
        (&line(&added, "Book")["quantity"], &added["totals"]["total"]),
        (&json!(2), &json!(5910))
    );
    assert_eq!(line(&added, "Book")["offer_id"], offer["id"]);
    let more = add(json!({"link": "book"})).await.expect(201);
    assert_eq!(line(&more, "Book")["quantity"], 3);
    assert_eq!(
        add(json!({"link": "book", "quantity": 2})).await.problem().2,
        "/quantity",
        "five are too many"
    );
    for wrong in ["live", "few", "off", "nothing"] {
        let refused = add(json!({"link": wrong})).await.problem();
        assert_eq!((refused.0, refused.2.as_str()), (422, "/link"), "{wrong}");
    }
    let order = shop.order(&buyer.confirm().await["order"]["id"]).await;
    assert_eq!(
        (&order["source"], &order["tags"]),
        (&json!("newsletter"), &json!(["spring"])),
        "the first link's"
    );
    let lines = order["lines"].as_array().expect("lines");
    assert_eq!(
        (&lines[0]["source"], &lines[1]["source"], &lines[1]["tags"]),
        (&json!("newsletter"), &json!("podcast"), &json!(["autumn"]))
    );
    buyer.resume().await;
    let session = buyer.read().await;
    buyer
        .call(
            "DELETE",
            &format!("/lines/{}", text(&line(&session, "Book")["id"])),
            None,
        )
        .await
        .expect(204);
    let session = buyer.read().await;
    assert_eq!(
        (session["lines"].as_array().map(Vec::len), told(&session).len()),
        (Some(2), 0)
    );
    shop.test.check_invariants().await;
}
