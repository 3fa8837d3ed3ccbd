//! Discount codes and their uses: a hold that is real from the moment a buyer types the code.
//!
//! Guarantees: available is the limit less redemptions less live holds, decided by one guarded update; never an oversale and
//! never a false refusal; each hold is released or redeemed exactly once, guarded by its own state. Must not: lock a code, make
//! a network call, or know what a session looks like.

/// The columns of [`codes::model::CodeTerms`] from `discount_codes c` and `discount_amounts a`.
macro_rules! code_terms {
    () => {
        "c.code, c.type, c.percentage, a.amount, a.minimum_amount, c.exclude_discounted_products,
         ARRAY(SELECT p.product_id FROM discount_products p WHERE p.checkout_id = c.checkout_id AND p.discount_code_id = c.id)
             AS product_ids,
         c.active, c.usage_limit IS NOT NULL AS limited, c.archived_at IS NOT NULL AS archived, c.valid_from, c.expires_at AS valid_until, c.max_per_customer"
    };
}

pub mod codes;
pub mod customer;
pub mod eligibility;
pub mod holds;
pub mod refusal;
