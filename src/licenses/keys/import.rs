//! Brings keys in, and has those served who wait for them.

use std::collections::HashSet;

use super::store;
use super::views::{ImportInput, ImportView};
use crate::catalog::products;
use crate::catalog::products::license::LicenseSettings;
use crate::db::Tx;
use crate::db::jobs::{self, JobKind};
use crate::kernel::ids::{CheckoutId, LicenseKeyId, ProductId};
use crate::kernel::problem::{Fault, Problem};
use crate::kernel::problem_codes::ProblemCode;

/// The longest key, in bytes.
const LONGEST: usize = 2000;

/// Adds keys to the pool of a product; one that is in it already, or was, is not added again.
pub(super) async fn import(
    tx: &mut Tx,
    checkout: CheckoutId,
    product: ProductId,
    input: ImportInput,
) -> Result<ImportView, Problem> {
    let found = products::store::find(tx.conn(), checkout, product).await?;
    let found = found.ok_or_else(|| Problem::new(ProblemCode::NotFound))?;
    let sent = input.keys.len();
    let keys = read(input.keys)?;
    store::lock_pool(tx, checkout, product).await?;
    let ids: Vec<_> = keys.iter().map(|_| LicenseKeyId::generate(tx.clock())).collect();
    let imported = store::insert(tx, checkout, product, &ids, keys).await?;
    let settings = found
        .product
        .license
        .and_then(|license| serde_json::from_value::<LicenseSettings>(license).ok());
    let threshold = i64::from(settings.and_then(|settings| settings.low_stock_threshold).unwrap_or(0));
    if store::free(tx, checkout, product, threshold).await? >= threshold {
        store::clear_low(tx, checkout, product).await?;
    }
    if imported > 0 {
        loop {
            let woken = store::wake(tx, checkout, product).await?;
            let runs: Vec<_> = woken.iter().map(|run| run.id.uuid()).collect();
            jobs::enqueue_all(tx, checkout, JobKind::CallService, &runs).await?;
            if runs.len() < store::WOKEN {
                break;
            }
        }
    }
    let count = |keys: usize| i64::try_from(keys).unwrap_or(i64::MAX);
    Ok(ImportView {
        imported: count(imported),
        duplicates: count(sent - imported),
    })
}

/// The keys without the space around them, each once.
fn read(keys: Vec<String>) -> Result<Vec<String>, Problem> {
    let mut seen = HashSet::with_capacity(keys.len());
    let (mut read, mut faults) = (Vec::with_capacity(keys.len()), Vec::new());
    for (index, key) in keys.into_iter().enumerate() {
        let key = key.trim();
        if key.is_empty() || key.len() > LONGEST || key.chars().any(char::is_control) {
            let detail = "must have 1 to 2000 bytes and no control characters";
            faults.push(Fault::new(format!("/keys/{index}"), "invalid", detail));
        } else if seen.insert(key.to_owned()) {
            read.push(key.to_owned());
        }
    }
    if faults.is_empty() {
        return Ok(read);
    }
    faults.truncate(100);
    Err(Problem::new(ProblemCode::ValidationFailed).errors(faults))
}
