//! The whole job with a client that progenitor makes: `cargo run -- data/demo.json` beside a running server.

use std::time::{SystemTime, UNIX_EPOCH};

#[allow(clippy::all, clippy::pedantic, dead_code, missing_docs, unused)]
mod kassa {
    include!(concat!(env!("OUT_DIR"), "/kassa.rs"));
}

use kassa::Client;
use kassa::types::{
    CheckoutInput, CustomerPatch, OfferItemInput, PriceInput, SessionConsentsInput, TestOutcome, VariantInput,
};

type Failed = Box<dyn std::error::Error>;

fn client(url: &str, token: Option<&str>) -> Result<Client, Failed> {
    let mut headers = reqwest::header::HeaderMap::new();
    if let Some(token) = token {
        headers.insert("authorization", format!("Bearer {token}").parse()?);
    }
    let http = reqwest::Client::builder().default_headers(headers).build()?;
    Ok(Client::new_with_client(url, http))
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failed> {
    let file = std::env::args().nth(1).unwrap_or_else(|| "data/demo.json".to_owned());
    let demo: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(file)?)?;
    let word = |name: &str| demo[name].as_str().unwrap_or_default().to_owned();
    let url = word("url");

    let anyone = client(&url, None)?;
    let login = anyone.login().body_map(|body| body.email(word("email")).password(word("password"))).send().await?;
    let staff = client(&url, Some(&login.access_token))?;
    let organization = staff.create_organization().body_map(|body| body.name("Crust & Co")).send().await?;
    let slug = format!("crust-{:x}", SystemTime::now().duration_since(UNIX_EPOCH)?.as_nanos());
    let shop: CheckoutInput = CheckoutInput::builder()
        .organization_id(organization.id.clone())
        .name("Crust")
        .slug(Some(slug.parse()?))
        .country(Some("FI".parse()?))
        .default_currency(Some("EUR".parse()?))
        .try_into()?;
    let shop = staff.create_checkout().body(shop).send().await?;
    let price: PriceInput = PriceInput::builder().currency("EUR").amount(4900).try_into()?;
    let variant: VariantInput = VariantInput::builder().name("Online").try_into()?;
    let product = staff
        .create_product()
        .checkout_id(shop.id.clone())
        .body_map(|body| {
            body.name("Crust")
                .type_("online_course".to_owned())
                .vat_type("commercial_education".to_owned())
                .prices(vec![price])
                .variants(vec![variant])
        })
        .send()
        .await?;
    let item: OfferItemInput = OfferItemInput::builder().product_id(product.id.clone()).try_into()?;
    let offer = staff
        .create_offer()
        .checkout_id(shop.id.clone())
        .body_map(|body| body.name("Crust").title("A good crust").items(vec![item]))
        .send()
        .await?;
    staff
        .create_checkout_link()
        .checkout_id(shop.id.clone())
        .body_map(|body| body.name("Crust").slug(Some("crust".parse().expect("a slug"))).offer_id(offer.id.clone()).test_mode(true))
        .send()
        .await?;

    let opened = anyone
        .open_session()
        .body_map(|body| body.checkout(Some(slug.parse().expect("a slug"))).link(Some("crust".parse().expect("a slug"))))
        .send()
        .await?;
    let buyer = client(&url, Some(&opened.client_secret))?;
    let id = opened.session.id.clone();
    let customer: CustomerPatch = CustomerPatch::builder()
        .email(Some("aino@example.com".parse()?))
        .country(Some("FI".parse()?))
        .try_into()?;
    let session = buyer.update_session().session_id(id.clone()).body_map(|body| body.customer(Some(customer))).send().await?;
    let consents: SessionConsentsInput =
        SessionConsentsInput::builder().terms(true).privacy(true).immediate_delivery(true).try_into()?;
    let confirm = |total: i64| {
        let consents = consents.clone();
        buyer
            .confirm_session()
            .session_id(id.clone())
            .body_map(move |body| body.expected_total(total).provider("test").consents(Some(consents)))
            .send()
    };
    match confirm(1).await {
        Err(progenitor_client::Error::ErrorResponse(problem)) if problem.code == "quote-changed" => {}
        other => return Err(format!("a wrong total is a quote that changed, not {other:?}").into()),
    }
    let confirmed = confirm(session.totals.total).await?;
    let paid = buyer
        .end_test_payment()
        .session_id(id.clone())
        .body_map(|body| body.outcome(TestOutcome::Succeeded))
        .send()
        .await?;
    assert_eq!(paid.payment.status.to_string(), "succeeded");
    let order = staff.get_order().checkout_id(shop.id.clone()).order_id(confirmed.order.id.clone()).send().await?;
    assert!(matches!(order.status.as_str(), "paid" | "completed"), "{}", order.status);
    println!("progenitor: order {}, {}, {}", order.number, order.total_formatted, order.status);
    Ok(())
}
