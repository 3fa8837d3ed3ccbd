//! How often a read of a filled catalogue asks the database: as often as of an empty one.

use serde_json::{Value, json};

use super::plans::fill;
use crate::support::request::Call;
use crate::support::turns::{Count, Door, counted};
use crate::support::{Merchant, TestApp};

/// What a call costs once its statements are prepared.
async fn cost(test: &TestApp, door: &Door, call: &Call, status: u16) -> (Count, Value) {
    test.call(call.clone()).await.expect(status);
    door.take();
    let answer = test.call(call.clone()).await.expect(status);
    (door.take(), answer)
}

#[actix_web::test]
async fn a_read_takes_as_many_turns_however_much_there_is() {
    let test = TestApp::new().await;
    let merchant = Merchant::with_course(&test, "turns").await;
    let (counted, door) = counted(&test).await;
    let buyer = |link: &str| Call::get(format!("/v1/storefront/checkouts/turns/links/{link}"));
    let staff = |rest: &str| Call::get(merchant.path(rest)).bearer(&merchant.api_key);

    let (small, _) = cost(&counted, &door, &buyer("course"), 200).await;
    // The link with its shop, the offer's items, their prices, its add-ons: sent together.
    assert_eq!((small.turns, small.statements), (1, 4));
    let lists = [
        "products?limit=100",
        "offers?limit=100",
        "checkout-links?limit=100&test_mode=true",
        "add-ons?limit=100",
    ];
    let mut few = Vec::new();
    for list in lists {
        few.push(cost(&counted, &door, &staff(list), 200).await.0);
    }

    fill(&test, &merchant).await;
    let (large, shown) = cost(&counted, &door, &buyer("link-1"), 200).await;
    assert_eq!(large, small);
    assert_eq!(
        shown["items"].as_array().map(Vec::len),
        Some(5),
        "five items of two variants each"
    );
    for (list, few) in lists.iter().zip(few) {
        let (many, page) = cost(&counted, &door, &staff(list), 200).await;
        assert_eq!(page["data"].as_array().map(Vec::len), Some(100), "{list}");
        assert_eq!(many, few, "{list}");
        // Who is calling, then at most three for the page.
        assert!(many.turns <= 4, "{list}: {many:?}");
    }
    let offer = merchant.read(&test, "offers").await["data"][0]["id"].clone();
    let offer = format!("offers/{}", offer.as_str().expect("an id"));
    let (one, _) = cost(&counted, &door, &staff(&offer), 200).await;
    assert!(one.turns <= 3, "{one:?}");
}

#[actix_web::test]
async fn what_is_known_of_a_vat_number_is_read_in_the_turn_there_is() {
    let test = TestApp::new().await;
    let merchant = Merchant::with_course(&test, "known").await;
    let (counted, door) = counted(&test).await;
    let visit = merchant.visit(&test).await;
    let read = Call::get(visit.path("")).bearer(&visit.secret);
    let (without, _) = cost(&counted, &door, &read, 200).await;
    let patch = json!({"customer": {"country": "SE", "vat_number": "SE556677889901"}});
    let patch = Call::patch(visit.path(""), patch).bearer(&visit.secret);
    test.call(patch).await.expect(200);
    let (with, session) = cost(&counted, &door, &read, 200).await;
    assert_eq!(session["customer"]["vat_number_status"], "unverified");
    assert_eq!((with.turns, with.statements), (without.turns, without.statements + 1));
}
