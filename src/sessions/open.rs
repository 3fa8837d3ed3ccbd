//! Opens a session from a link.

use futures_util::try_join;

use super::basket::model::NewLine;
use super::basket::store as lines;
use super::discount::apply::{Applying, try_apply};
use super::model::{Session, SessionStatus};
use super::quote::{Quoted, quoted};
use super::store;
use super::views::{CustomerInput, SessionInput};
use crate::catalog::offers::sellable::SellableItem;
use crate::catalog::offers::store::sellable;
use crate::checkouts::selling::require_open;
use crate::db::{Db, Tx};
use crate::http::origins::WhichCheckout;
use crate::kernel::ids::{CheckoutId, LineId, SessionId};
use crate::kernel::problem::Problem;
use crate::kernel::secret::Keyring;
use crate::links::basket::{self, Wishes};
use crate::links::deal::Deal;
use crate::links::model::{LinkKind, LinkTerms, PublicLink};
use crate::links::options::Known;
use crate::links::store::{checkout_of_token, count_session};
use crate::links::storefront::open::{Door, find, usable};
use crate::orders::contact::Contact;
use crate::orders::model::LineRole;

/// Most tags that a session can have: the link's and those the buyer came with.
const TAGS: usize = 40;

/// Opens a session with the basket that the link and the buyer ask for. A code that came with it is applied if it can be.
/// `address` is the network address of the request.
pub async fn open(
    tx: &mut Tx,
    keys: &Keyring,
    address: &str,
    mut input: SessionInput,
) -> Result<(CheckoutId, Quoted), Problem> {
    let door = door(tx, keys, &mut input)?;
    let (found, items) = try_join!(
        find(tx.conn(), tx.offset_ms(), &door),
        sellable(tx.conn(), door.through())
    )?;
    let link = usable(found)?;
    require_open(tx.conn(), link.checkout_id, link.test_mode).await?;
    let terms = link.terms();
    let wishes = Wishes {
        variant_id: input.variant_id,
        quantity: input.quantity,
        currency: input.currency,
    };
    let currency = basket::currency(&terms, link.default_currency, wishes.currency)?;
    let deal = Deal::of(&terms, &items)?;
    let basket = new_lines(tx, &link, &deal, &items, &deal.pick(currency, &wishes)?);
    let data = &terms.checkout_data;
    let code = data.discount_code.clone().or(input.discount_code.take());
    let mut session = session(tx, &link, &terms, input, currency);
    store::insert(tx, link.checkout_id, &mut session).await?;
    lines::insert(tx, link.checkout_id, session.id, &basket).await?;
    // The last bits of an id are random: they spread the sessions of a busy link over its counters.
    let shard = session.id.uuid().as_bytes()[15];
    let (mut quoted, ()) = try_join!(quoted(tx.conn(), tx.clock(), link.checkout_id, session), async {
        Ok(count_session(tx, link.checkout_id, link.link_id, shard).await?)
    })?;
    let asked = quoted.contents.ask_about_number(tx, link.checkout_id, &quoted.session);
    asked.await?;
    if let Some(code) = code {
        let applying = Applying {
            keys,
            address: Some(address),
            checkout: link.checkout_id,
        };
        try_apply(tx, applying, &mut quoted, &code).await?;
    }
    Ok((link.checkout_id, quoted))
}

/// The lines of the basket, and those that the buyer may still choose: optional items that nobody asked for.
fn new_lines(
    tx: &Tx,
    link: &PublicLink,
    deal: &Deal<'_>,
    items: &[SellableItem],
    picked: &[basket::Picked<'_>],
) -> Vec<NewLine> {
    (0..)
        .zip(items.iter().enumerate())
        .filter_map(|(position, (place, item))| {
            let chosen = picked.iter().find(|line| line.item.item.item_id == item.item.item_id);
            let variant = match chosen {
                Some(line) => line.variant,
                None => deal.choices(place).first().copied()?,
            };
            Some(NewLine {
                id: LineId::generate(tx.clock()),
                position,
                role: LineRole::Main,
                offer_item: Some(item.item.item_id),
                add_on: None,
                link: link.link_id,
                product: item.item.product_id,
                variant: variant.id,
                quantity: chosen.map_or(item.item.quantity_default, |line| line.quantity),
                of_link: deal.is_about(place),
                selected: chosen.is_some(),
                seen_amount: chosen.map(|line| line.price.charged()),
            })
        })
        .collect()
}

/// The checkout that a body names, whichever way: whose pages may open a session.
pub async fn which_checkout(db: &Db, keys: &Keyring, input: &SessionInput) -> Result<Option<WhichCheckout>, Problem> {
    match (&input.checkout, &input.link_token) {
        (Some(checkout), _) => Ok(Some(WhichCheckout::Slug(checkout.clone()))),
        (None, Some(token)) => {
            let Ok(Door::Signed(link)) = Door::of_token(keys, token, db.clock()) else {
                return Ok(None);
            };
            let conn = db.read().await?;
            Ok(checkout_of_token(&conn, link).await?.map(WhichCheckout::Id))
        }
        (None, None) => Ok(None),
    }
}

/// Two slugs, or a token: one of them.
fn door(tx: &Tx, keys: &Keyring, input: &mut SessionInput) -> Result<Door, Problem> {
    let required = |pointer: &str| Problem::invalid(pointer, "required", "checkout and link are needed, or link_token");
    match (input.checkout.take(), input.link.take(), input.link_token.take()) {
        (None, None, Some(token)) => Door::of_token(keys, &token, tx.clock()),
        (Some(checkout), Some(link), None) => Ok(Door::Slugs(checkout, link)),
        (_, _, Some(_)) => Err(Problem::invalid(
            "/link_token",
            "conflict",
            "either checkout and link, or link_token",
        )),
        (None, _, None) => Err(required("/checkout")),
        (_, None, None) => Err(required("/link")),
    }
}

fn session(
    tx: &Tx,
    link: &PublicLink,
    terms: &LinkTerms,
    input: SessionInput,
    currency: crate::kernel::money::Currency,
) -> Session {
    let now = tx.clock().now();
    let data = &terms.checkout_data;
    let customer = input.customer.unwrap_or_default();
    let contact = contact(&customer).to_json();
    let (first_name, last_name) = names(terms, &customer);
    let zip = data.billing_address.as_ref().and_then(|address| address.zip.clone());
    let known = data.over(Known {
        email: customer.email,
        country: customer.country,
        vat_number: customer.vat_number,
    });
    let from_buyer = link.kind == LinkKind::Permanent;
    let mut tags = link.tags.clone();
    if from_buyer {
        let added = input.tags.iter().map(ToString::to_string);
        for tag in added {
            if tags.len() < TAGS && !tags.contains(&tag) {
                tags.push(tag);
            }
        }
    }
    // On a permanent link the buyer's data is added to the merchant's; no member of the merchant's is replaced.
    let mut custom = data.custom.clone();
    if from_buyer {
        for (name, value) in input.custom.unwrap_or_default().0 {
            custom.0.entry(name).or_insert(value);
        }
    }
    Session {
        id: SessionId::generate(tx.clock()),
        link_id: link.link_id,
        offer_id: link.offer_id,
        status: SessionStatus::Open,
        currency,
        locale: input.locale.unwrap_or_else(|| link.default_locale.clone()),
        email: known.email,
        country: known.country,
        first_name,
        last_name,
        postal_code: zip.or(customer.postal_code),
        vat_number: known.vat_number.map(|number| (&number).into()),
        // Applied once the session is written, if it can be.
        discount_code: None,
        contact,
        custom: custom.to_json(),
        metadata: input.metadata.to_json(),
        locked: data.locked.iter().map(|part| part.as_str().to_owned()).collect(),
        consents: serde_json::json!({}),
        messages: serde_json::json!([]),
        source: link.source.clone().or(input.source.filter(|_| from_buyer)),
        tags,
        test_mode: link.test_mode,
        order_id: None,
        return_url: None,
        cancel_url: None,
        expires_at: now,
        created_at: now,
        updated_at: now,
    }
}

fn contact(customer: &CustomerInput) -> Contact {
    Contact {
        state: customer.state.clone(),
        phone: customer.phone.clone(),
        city: customer.city.clone(),
        street: customer.street.clone(),
        apartment: customer.apartment.clone(),
        // Has a column of its own, which the link may fill.
        postal_code: None,
        company: customer.company.clone(),
    }
}

type Names = (Option<crate::kernel::text::Name>, Option<crate::kernel::text::Name>);

fn names(terms: &LinkTerms, customer: &CustomerInput) -> Names {
    match terms.checkout_data.names() {
        (None, None) => (customer.first_name.clone(), customer.last_name.clone()),
        given => given,
    }
}
