//! Tenancy's second wall: keys and references that begin with the tenant, so that no row can belong to two.

use std::collections::BTreeSet;

use super::database::{columns, constraints, indexes};
use super::none;
use super::source::sources;
use crate::support::database;

/// Unique keys of tables with a `checkout_id` that do not begin with it.
const KEYS: &[(&str, &str)] = &[
    (
        "api_key_checkouts_pkey",
        "a key belongs to its organization and may reach several of its checkouts",
    ),
    (
        "audit_log_pkey",
        "the log is the organization's; an entry may belong to no checkout",
    ),
    (
        "api_keys_pkey",
        "a key belongs to its organization; checkout_id only narrows it",
    ),
    (
        "checkout_slugs_pkey",
        "the look-up from a slug in a public address to its tenant: it must be global",
    ),
    (
        "link_tokens_pkey",
        "the look-up from the link of a signed address to its tenant: it must be global",
    ),
];

/// References of tenant tables that do not begin with the tenant.
const REFERENCES: &[(&str, &str)] = &[
    ("checkout_members_user_id_fkey", "people belong to no tenant"),
    ("invitations_accepted_by_fkey", "people belong to no tenant"),
    ("organization_members_user_id_fkey", "people belong to no tenant"),
    ("sign_ins_user_id_fkey", "people belong to no tenant"),
    ("user_identities_user_id_fkey", "people belong to no tenant"),
];

/// References without an index of their own. It would be paid for at every write and serve one thing only, the deletion of the row
/// referred to; such rows are archived, never deleted, and nothing searches from that side. The test holds the first half of that.
const UNINDEXED: &[(&str, &[&str])] = &[
    ("action_runs", &["checkout_id", "action_id"]),
    ("action_runs", &["checkout_id", "revokes"]),
    ("add_ons", &["checkout_id", "replaces_product_id"]),
    ("add_ons", &["checkout_id", "variant_id"]),
    ("checkout_links", &["checkout_id", "offer_id"]),
    ("checkout_links", &["checkout_id", "variant_id"]),
    ("checkout_sessions", &["checkout_id", "link_id"]),
    ("checkout_sessions", &["checkout_id", "offer_id"]),
    ("deliveries", &["checkout_id", "event_id"]),
    ("offer_add_ons", &["checkout_id", "add_on_id"]),
    ("offer_item_prices", &["checkout_id", "variant_id"]),
    ("offer_items", &["checkout_id", "product_id"]),
    ("orders", &["checkout_id", "discount_code_id"]),
    ("session_lines", &["checkout_id", "add_on_id"]),
    ("session_lines", &["checkout_id", "link_id"]),
    ("session_lines", &["checkout_id", "offer_item_id"]),
    ("session_lines", &["checkout_id", "variant_id"]),
];

fn reason<'a>(table: &[(&str, &'a str)], name: &str) -> Option<&'a str> {
    table.iter().find(|(known, _)| *known == name).map(|(_, why)| *why)
}

/// Entries of a table that nothing needed.
fn idle(table: &[(&str, &str)], needed: &BTreeSet<String>) -> Vec<String> {
    let names = table
        .iter()
        .map(|(name, _)| *name)
        .filter(|name| !needed.contains(*name));
    names
        .map(|name| format!("{name}: listed as an exception and is none"))
        .collect()
}

#[actix_web::test]
async fn unique_keys_begin_with_the_tenant() {
    let database = database::fresh().await;
    let tenants: BTreeSet<String> = columns(&database.owner)
        .await
        .into_iter()
        .filter(|column| column.name == "checkout_id")
        .map(|column| column.table)
        .collect();
    assert!(tenants.len() > 20, "the catalogue was not read");
    let (mut faults, mut needed) = (Vec::new(), BTreeSet::new());
    for index in indexes(&database.owner).await {
        let tenants_first = index.columns.first().is_some_and(|first| first == "checkout_id");
        if !index.unique || !tenants.contains(&index.table) || tenants_first {
            continue;
        }
        if reason(KEYS, &index.name).is_none() {
            faults.push(format!("{} ({})", index.name, index.columns.join(", ")));
        }
        needed.insert(index.name);
    }
    faults.extend(idle(KEYS, &needed));
    none(
        &faults,
        "If you are here because something must be unique: begin with checkout_id. If it must be unique across tenants: a small \
         look-up table of its own, and an entry in KEYS.",
    );
}

#[actix_web::test]
async fn references_stay_in_their_tenant() {
    let database = database::fresh().await;
    let (mut faults, mut needed) = (Vec::new(), BTreeSet::new());
    let tenant = ["checkout_id", "organization_id"];
    for key in constraints(&database.owner)
        .await
        .into_iter()
        .filter(|constraint| constraint.kind == "f")
    {
        if tenant.contains(&key.columns[0].as_str()) {
            continue;
        }
        if reason(REFERENCES, &key.name).is_none() {
            faults.push(format!("{}: {}", key.name, key.definition));
        }
        needed.insert(key.name);
    }
    faults.extend(idle(REFERENCES, &needed));
    none(
        &faults,
        "If you are here because of a new reference: FOREIGN KEY (checkout_id, x_id) REFERENCES x (checkout_id, id), so that the \
         database itself refuses a child of another tenant.",
    );
}

#[actix_web::test]
async fn references_are_indexed_or_never_followed_back() {
    let database = database::fresh().await;
    let indexes = indexes(&database.owner).await;
    let sources = sources();
    let deletes = |table: &str| {
        let statement = format!("DELETE FROM {table}");
        sources.iter().any(|file| {
            file.text
                .match_indices(&statement)
                .any(|(at, _)| !file.text[at + statement.len()..].starts_with(super::source::is_name))
        })
    };
    let (mut faults, mut needed) = (Vec::new(), BTreeSet::new());
    for key in constraints(&database.owner)
        .await
        .into_iter()
        .filter(|constraint| constraint.kind == "f")
    {
        let columns: BTreeSet<&String> = key.columns.iter().collect();
        let covered = indexes
            .iter()
            .filter(|index| index.table == key.table && !index.partial)
            .any(|index| {
                index.columns.len() >= columns.len()
                    && index.columns[..columns.len()].iter().collect::<BTreeSet<_>>() == columns
            });
        if covered {
            continue;
        }
        let name = format!("{} ({})", key.table, key.columns.join(", "));
        let target = key.refers_to.as_deref().expect("what it refers to");
        if !UNINDEXED
            .iter()
            .any(|(table, listed)| *table == key.table && key.columns == *listed)
        {
            faults.push(format!("{name}: no index begins with these columns"));
        } else if deletes(target) {
            faults.push(format!(
                "{name}: no index, and rows of {target} are deleted: each deletion reads the whole table"
            ));
        }
        needed.insert(name);
    }
    let listed = UNINDEXED
        .iter()
        .map(|(table, columns)| format!("{table} ({})", columns.join(", ")));
    faults.extend(
        listed
            .filter(|name| !needed.contains(name))
            .map(|name| format!("{name}: in UNINDEXED, and indexed or gone")),
    );
    none(
        &faults,
        "If you are here because of a new reference: add an index that begins with its columns to the migration, or list it in \
         UNINDEXED if the rows referred to are never deleted and nothing searches from that side.",
    );
}
