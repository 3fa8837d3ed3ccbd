//! Where a buyer's browser may be sent after a payment: to the merchant's own pages, and nowhere else.

use crate::checkouts::store as checkouts;
use crate::db::Tx;
use crate::kernel::ids::CheckoutId;
use crate::kernel::problem::{Fault, Problem};
use crate::kernel::problem_codes::ProblemCode;
use crate::sessions::model::Session;

/// Keeps the addresses on the session; refuses one whose origin is neither the storefront's nor one of `return_origins`.
pub(super) async fn keep(
    tx: &Tx,
    checkout: CheckoutId,
    session: &mut Session,
    return_url: Option<String>,
    cancel_url: Option<String>,
) -> Result<bool, Problem> {
    if return_url.is_none() && cancel_url.is_none() {
        return Ok(false);
    }
    let shop = checkouts::find(tx.conn(), checkout).await?;
    let shop = shop.ok_or_else(|| Problem::new(ProblemCode::NotFound))?;
    let mut allowed: Vec<String> = shop.return_origins.iter().filter_map(|url| origin(url)).collect();
    allowed.extend(shop.storefront_url.as_deref().and_then(origin));
    let wrong = |url: &Option<String>| {
        url.as_deref()
            .is_some_and(|url| origin(url).is_none_or(|origin| !allowed.contains(&origin)))
    };
    let faults: Vec<Fault> = [("/return_url", wrong(&return_url)), ("/cancel_url", wrong(&cancel_url))]
        .into_iter()
        .filter(|(_, wrong)| *wrong)
        .map(|(pointer, _)| {
            Fault::new(
                pointer,
                "origin_not_allowed",
                "must be of the checkout's storefront_url or of one of its return_origins",
            )
        })
        .collect();
    if !faults.is_empty() {
        return Err(Problem::new(ProblemCode::ValidationFailed).errors(faults));
    }
    session.return_url = return_url.or(session.return_url.take());
    session.cancel_url = cancel_url.or(session.cancel_url.take());
    Ok(true)
}

/// Scheme, host and port as browsers compare them.
fn origin(url: &str) -> Option<String> {
    let url = reqwest::Url::parse(url).ok()?;
    let origin = url.origin();
    origin.is_tuple().then(|| origin.ascii_serialization())
}

#[cfg(test)]
mod tests {
    use super::origin;

    #[test]
    fn origins_are_those_of_browsers() {
        let of = |url: &str| origin(url);
        assert_eq!(of("https://Shop.example.com:443/a?b"), of("https://shop.example.com"));
        assert_ne!(
            of("https://shop.example.com"),
            of("https://shop.example.com.evil.example")
        );
        assert_ne!(
            of("https://shop.example.com"),
            of("https://shop.example.com@evil.example/")
        );
        assert_ne!(of("https://shop.example.com"), of("http://shop.example.com"));
        assert_eq!(of("javascript:alert(1)"), None);
    }
}
