//! `src/db/schema.rs` is what the migrations make, so that a query that compiles is one the database knows.

use std::collections::BTreeMap;
use std::fmt::Write;

use secrecy::SecretString;

use super::database::{Column, columns, constraints};
use super::generated;
use crate::support::database;

const HEAD: &str =
    "// Generated from a migrated database by the contract test `schema_matches_the_database`; do not edit.\n";

/// Names that are words of Rust: diesel gets them with an underscore.
const RESERVED: &[&str] = &[
    "type", "ref", "match", "use", "move", "where", "in", "for", "as", "self", "static", "enum", "struct",
];

/// The text of `src/db/schema.rs` for a database.
pub async fn text(url: &SecretString) -> String {
    let mut tables: BTreeMap<String, Vec<Column>> = BTreeMap::new();
    for column in columns(url).await {
        tables.entry(column.table.clone()).or_default().push(column);
    }
    let keys: BTreeMap<String, Vec<String>> = constraints(url)
        .await
        .into_iter()
        .filter(|constraint| constraint.kind == "p")
        .map(|constraint| (constraint.table, constraint.columns))
        .collect();
    let mut text = HEAD.to_owned();
    for (table, columns) in &tables {
        let key = keys
            .get(table)
            .unwrap_or_else(|| panic!("{table} has no primary key: diesel and the house both need one"));
        let key: Vec<_> = key.iter().map(|name| rust_name(name)).collect();
        let _ = write!(text, "\ndiesel::table! {{\n    {table} ({}) {{\n", key.join(", "));
        for column in columns {
            let name = rust_name(&column.name);
            if name != column.name {
                let _ = writeln!(text, "        #[sql_name = \"{}\"]", column.name);
            }
            let _ = writeln!(text, "        {name} -> {},", rust_type(column));
        }
        text.push_str("    }\n}\n");
    }
    text.push_str("\ndiesel::allow_tables_to_appear_in_same_query!(\n");
    for table in tables.keys() {
        let _ = writeln!(text, "    {table},");
    }
    text.push_str(");\n");
    text
}

fn rust_name(name: &str) -> String {
    if RESERVED.contains(&name) {
        format!("{name}_")
    } else {
        name.to_owned()
    }
}

fn rust_type(column: &Column) -> String {
    let (array, scalar) = match column.kind.strip_prefix('_') {
        Some(element) => (true, element),
        None => (false, column.kind.as_str()),
    };
    let scalar = match scalar {
        "bool" => "Bool",
        "bytea" => "Bytea",
        "date" => "Date",
        "float8" => "Double",
        "inet" => "Inet",
        "int2" => "SmallInt",
        "int4" => "Integer",
        "int8" => "BigInt",
        "interval" => "Interval",
        "jsonb" => "Jsonb",
        "numeric" => "Numeric",
        "text" => "Text",
        "timestamptz" => "Timestamptz",
        "uuid" => "Uuid",
        other => panic!(
            "{}.{} is of type {other}: take one of those the house uses (text, not varchar; timestamptz, not timestamp; jsonb, not \
             json), or teach this function the new one",
            column.table, column.name
        ),
    };
    let whole = if array {
        format!("Array<{scalar}>")
    } else {
        scalar.to_owned()
    };
    if column.nullable {
        format!("Nullable<{whole}>")
    } else {
        whole
    }
}

#[actix_web::test]
async fn schema_matches_the_database() {
    let database = database::fresh().await;
    generated("src/db/schema.rs", &text(&database.owner).await);
}
