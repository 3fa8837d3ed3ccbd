//! Makes many codes at once, and says of each what became of it.

use super::create::{faults, new_code};
use super::store;
use super::views::{BulkInput, BulkResult, BulkResults};
use crate::db::Tx;
use crate::kernel::ids::{CheckoutId, ProductId};
use crate::kernel::problem::{Fault, Problem};
use crate::kernel::problem_codes::ProblemCode;

/// Makes all whose text is free. A code that contradicts itself refuses them all: it is a slip of who wrote the list.
pub async fn bulk(tx: &mut Tx, checkout: CheckoutId, input: BulkInput) -> Result<BulkResults, Problem> {
    if !(1..=1000).contains(&input.codes.len()) {
        return Err(Problem::invalid("/codes", "length", "1 to 1000 codes"));
    }
    let named: Vec<ProductId> = input.codes.iter().flat_map(|code| code.product_ids.clone()).collect();
    let products = store::known_products(tx.conn(), checkout, named).await?;
    let codes: Vec<_> = input.codes.into_iter().map(|code| new_code(tx.clock(), code)).collect();
    let wrong: Vec<Fault> = codes
        .iter()
        .enumerate()
        .flat_map(|(index, code)| faults(code, &products, &format!("/codes/{index}")))
        .collect();
    if !wrong.is_empty() {
        return Err(Problem::new(ProblemCode::ValidationFailed).errors(wrong));
    }
    let written = store::insert(tx, checkout, &codes).await?;
    let result = |code: super::model::NewCode| {
        let made = written.contains(&code.id);
        BulkResult {
            code: code.code,
            status: if made { "created" } else { "taken" },
            id: made.then_some(code.id),
        }
    };
    Ok(BulkResults {
        data: codes.into_iter().map(result).collect(),
    })
}
