//! Every closed list of words is the same in the database (`text` + `CHECK`) and in Rust (`word_enum!`).

use std::collections::{BTreeMap, BTreeSet};

use super::database::{Constraint, constraints};
use super::none;
use super::source::sources;
use crate::support::database;

/// Every `word_enum!` of the sources: the column it is named after, its words.
macro_rules! words {
    ($($ty:ty),+ $(,)?) => { &[$((<$ty>::COLUMN, <$ty>::ALL)),+] };
}

const ENUMS: &[(&str, &[&str])] = words![
    kassa::accounts::model::RevokedFor,
    kassa::actions::model::ActionLevel,
    kassa::actions::model::ActionType,
    kassa::actions::integrations::model::Service,
    kassa::actions::model::AttemptOutcome,
    kassa::actions::model::RunStatus,
    kassa::actions::model::WaitingFor,
    kassa::activation::model::CardProvider,
    kassa::catalog::add_ons::model::AddOnKind,
    kassa::catalog::add_ons::model::AddOnPosition,
    kassa::catalog::prices::model::PriceLevel,
    kassa::catalog::products::model::CatalogStatus,
    kassa::catalog::products::model::ProductType,
    kassa::catalog::products::model::VatType,
    kassa::checkouts::model::AnalyticsConsent,
    kassa::checkouts::model::CheckoutStatus,
    kassa::db::audit::ActorType,
    kassa::db::jobs::JobKind,
    kassa::discounts::codes::model::DiscountType,
    kassa::discounts::codes::model::RefundPolicy,
    kassa::discounts::holds::model::HoldPhase,
    kassa::discounts::holds::model::HoldState,
    kassa::events::EventType,
    kassa::events::ObjectType,
    kassa::kernel::permission::CheckoutRole,
    kassa::kernel::permission::OrganizationRole,
    kassa::links::model::LinkKind,
    kassa::orders::model::AttentionCode,
    kassa::orders::model::DeletionReason,
    kassa::orders::model::FulfillmentStatus,
    kassa::orders::model::LineFulfillment,
    kassa::orders::model::LineRole,
    kassa::orders::model::OrderPaymentStatus,
    kassa::orders::model::OrderStatus,
    kassa::organizations::invitations::model::InvitationStatus,
    kassa::organizations::model::OrganizationStatus,
    kassa::organizations::model::UnverifiedVat,
    kassa::payments::model::PaymentStatus,
    kassa::payments::model::ProviderKind,
    kassa::payments::refunds::model::RefundKind,
    kassa::payments::refunds::model::RefundReason,
    kassa::payments::refunds::model::RefundStatus,
    kassa::pricing::tax::TaxReason,
    kassa::rates::model::RateSource,
    kassa::sessions::model::SessionStatus,
    kassa::vat_checks::model::VatNumberStatus,
    kassa::webhooks::deliveries::model::DeliveryStatus,
    kassa::webhooks::endpoints::model::DisabledReason,
];

/// Columns that hold the words of another column.
const SHARED: &[(&str, &str)] = &[
    ("action_runs.level", "actions.level"),
    ("action_runs.type", "actions.type"),
    ("api_key_checkouts.role", "checkout_members.role"),
    ("api_keys.organization_role", "organization_members.role"),
    ("invitations.role", "organization_members.role"),
    ("add_ons.status", "products.status"),
    ("checkout_links.status", "products.status"),
    ("offers.status", "products.status"),
    ("orders.vat_number_status", "vat_checks.state"),
    ("variants.status", "products.status"),
    ("session_lines.role", "order_lines.role"),
];

/// The words of a CHECK that is nothing but a list: `CHECK ((status = ANY (ARRAY['open'::text, …])))` or, of a single word,
/// `CHECK ((provider = 'test'::text))`.
fn list(constraint: &Constraint) -> Option<BTreeSet<String>> {
    let [column] = constraint.columns.as_slice() else {
        return None;
    };
    let inside = constraint.definition.strip_prefix("CHECK ((")?.strip_suffix("))")?;
    let right = inside
        .strip_prefix(column.as_str())
        .or_else(|| inside.strip_prefix(&format!("\"{column}\"")))?;
    let right = right.strip_prefix(" = ")?;
    let words = match right.strip_prefix("ANY (ARRAY[") {
        Some(list) => list.strip_suffix("])")?,
        None => right,
    };
    words
        .split(", ")
        .map(|word| {
            Some(
                word.strip_suffix("::text")?
                    .strip_prefix('\'')?
                    .strip_suffix('\'')?
                    .to_owned(),
            )
        })
        .collect()
}

#[actix_web::test]
async fn check_lists_match_the_enums() {
    let database = database::fresh().await;
    let checks: BTreeMap<String, BTreeSet<String>> = constraints(&database.owner)
        .await
        .iter()
        .filter(|constraint| constraint.kind == "c")
        .filter_map(|constraint| {
            Some((
                format!("{}.{}", constraint.table, constraint.columns.first()?),
                list(constraint)?,
            ))
        })
        .collect();
    let mut expected: BTreeMap<&str, &[&str]> = ENUMS.iter().copied().collect();
    assert_eq!(expected.len(), ENUMS.len(), "two enums name the same column");
    for (column, of) in SHARED {
        let words = expected
            .get(of)
            .unwrap_or_else(|| panic!("SHARED: no enum is named after {of}"));
        expected.insert(column, words);
    }
    let mut faults = Vec::new();
    for (column, words) in &expected {
        let words: BTreeSet<String> = words.iter().map(|word| (*word).to_owned()).collect();
        match checks.get(*column) {
            None => faults.push(format!("{column}: Rust has a list of words, the database no CHECK")),
            Some(check) if *check != words => {
                faults.push(format!("{column}: the database says {check:?}, Rust {words:?}"))
            }
            Some(_) => {}
        }
    }
    let unknown = checks.keys().filter(|column| !expected.contains_key(column.as_str()));
    faults.extend(unknown.map(|column| format!("{column}: the database has a list of words, Rust no enum")));
    none(
        &faults,
        "If you are here because you added a word: it needs a migration and a variant. A new column: name it in its word_enum!, add \
         the enum to ENUMS, or the column to SHARED when it holds another's words.",
    );
}

#[test]
fn every_word_enum_is_compared() {
    let mut faults = Vec::new();
    let mut found = 0;
    for file in sources() {
        for offset in file.find("word_enum!") {
            let text = &file.text[offset..];
            // The strings are blanked in `code`, so the column is read from the text itself.
            let Some(column) = text.split(" in \"").nth(1).and_then(|rest| rest.split('"').next()) else {
                continue;
            };
            found += 1;
            if !ENUMS.iter().any(|(known, _)| *known == column) {
                faults.push(format!("{}: {column}", file.place(offset)));
            }
        }
    }
    assert!(
        found >= ENUMS.len(),
        "{found} word enums in the sources, {} in ENUMS: the search has lost some",
        ENUMS.len()
    );
    none(
        &faults,
        "If you are here because you wrote a word_enum!: add it to ENUMS.",
    );
}
