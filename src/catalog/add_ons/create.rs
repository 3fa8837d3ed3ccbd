//! Makes an add-on of a variant of the same checkout.

use super::model::{AddOn, AddOnDetail, AddOnKind};
use super::store;
use super::views::AddOnInput;
use crate::catalog::prices::model::{NewPrice, PriceOwner};
use crate::catalog::prices::replace::{below_variant, replace};
use crate::catalog::products::model::CatalogStatus;
use crate::catalog::texts::to_json;
use crate::db::Tx;
use crate::kernel::ids::{AddOnId, CheckoutId};
use crate::kernel::problem::Problem;

/// Makes the add-on.
pub async fn create(tx: &mut Tx, checkout: CheckoutId, input: AddOnInput) -> Result<AddOnDetail, Problem> {
    let now = tx.clock().now();
    let add_on = AddOn {
        id: AddOnId::generate(tx.clock()),
        kind: input.kind,
        variant_id: input.variant_id,
        replaces_product_id: input.replaces_product_id,
        name: input.name,
        description: input.description,
        image_url: input.image_url,
        translations: to_json(&input.translations),
        quantity_default: input.quantity.default,
        quantity_min: input.quantity.min,
        quantity_max: input.quantity.max,
        status: CatalogStatus::Active,
        created_at: now,
        updated_at: now,
    };
    refuse_unfit(tx, checkout, &add_on).await?;
    store::insert(tx, checkout, &add_on).await?;
    let prices: Vec<NewPrice> = input.prices.into_iter().map(Into::into).collect();
    price(tx, checkout, &add_on, &prices).await?;
    let made = store::find(tx.conn(), checkout, add_on.id).await?;
    made.ok_or_else(|| Problem::internal("an add-on vanished in the transaction that made it"))
}

/// Makes the add-on's prices those given.
pub(super) async fn price(
    tx: &mut Tx,
    checkout: CheckoutId,
    add_on: &AddOn,
    prices: &[NewPrice],
) -> Result<(), Problem> {
    let mut below = below_variant(tx, checkout, add_on.variant_id).await?;
    below.variants.push(add_on.variant_id);
    Ok(replace(tx, checkout, PriceOwner::AddOn(add_on.id), &below, prices).await?)
}

/// An upgrade says what it replaces, an extra line replaces nothing; what they name is in use.
pub(super) async fn refuse_unfit(tx: &Tx, checkout: CheckoutId, add_on: &AddOn) -> Result<(), Problem> {
    const REPLACES: &str = "/replaces_product_id";
    match (add_on.kind, add_on.replaces_product_id) {
        (AddOnKind::Upgrade, None) => {
            return Err(Problem::invalid(REPLACES, "required", "an upgrade replaces a product"));
        }
        (AddOnKind::Add, Some(_)) => {
            return Err(Problem::invalid(
                REPLACES,
                "not_an_upgrade",
                "only an upgrade replaces a product",
            ));
        }
        (AddOnKind::Upgrade, Some(product)) if !store::product_is_active(tx, checkout, product).await? => {
            return Err(Problem::invalid(
                REPLACES,
                "not_found",
                "no such product in this checkout",
            ));
        }
        _ => {}
    }
    if !store::variant_is_active(tx, checkout, add_on.variant_id).await? {
        return Err(Problem::invalid(
            "/variant_id",
            "not_found",
            "no such variant in this checkout",
        ));
    }
    Ok(())
}
