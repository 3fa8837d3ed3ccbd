//! What a database says of itself.

use diesel::sql_types::Jsonb;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

#[derive(diesel::QueryableByName)]
struct Rows {
    #[diesel(sql_type = Jsonb)]
    rows: Value,
}

/// The rows of a query, in its order.
pub async fn ask<T: DeserializeOwned>(url: &SecretString, query: &str) -> Vec<T> {
    let mut connection = AsyncPgConnection::establish(url.expose_secret())
        .await
        .expect("the test database");
    let query = format!("SELECT coalesce(jsonb_agg(to_jsonb(q)), '[]') AS rows FROM ({query}) q");
    let found: Rows = RunQueryDsl::get_result(diesel::sql_query(query), &mut connection)
        .await
        .expect("the catalogue");
    serde_json::from_value(found.rows).expect("rows of the shape asked for")
}

/// diesel's own table: not ours to describe.
pub const DIESELS: &str = "__diesel_schema_migrations";

/// A column.
#[derive(Debug, Deserialize)]
pub struct Column {
    pub table: String,
    pub name: String,
    pub kind: String,
    pub nullable: bool,
}

/// Every column of every table, in the order of definition.
pub async fn columns(url: &SecretString) -> Vec<Column> {
    let query = format!(
        "SELECT table_name AS \"table\", column_name AS name, udt_name AS kind, is_nullable = 'YES' AS nullable
         FROM information_schema.columns JOIN information_schema.tables USING (table_schema, table_name)
         WHERE table_schema = 'public' AND table_type = 'BASE TABLE' AND table_name <> '{DIESELS}'
         ORDER BY table_name COLLATE \"C\", ordinal_position"
    );
    ask(url, &query).await
}

/// A constraint.
#[derive(Debug, Deserialize)]
pub struct Constraint {
    pub table: String,
    pub name: String,
    /// `p` primary key, `u` unique, `f` foreign key, `c` check.
    pub kind: String,
    pub columns: Vec<String>,
    /// What a foreign key refers to.
    pub refers_to: Option<String>,
    pub definition: String,
}

/// Every constraint.
pub async fn constraints(url: &SecretString) -> Vec<Constraint> {
    let query = format!(
        "SELECT t.relname AS \"table\", c.conname AS name, c.contype::text AS kind, r.relname AS refers_to,
                pg_get_constraintdef(c.oid) AS definition,
                ARRAY(SELECT a.attname FROM unnest(c.conkey) WITH ORDINALITY AS k (number, place)
                      JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.number ORDER BY k.place) AS columns
         FROM pg_constraint c
         JOIN pg_class t ON t.oid = c.conrelid
         LEFT JOIN pg_class r ON r.oid = c.confrelid
         WHERE c.connamespace = 'public'::regnamespace AND t.relname <> '{DIESELS}'
         ORDER BY t.relname, c.conname"
    );
    ask(url, &query).await
}

/// An index.
#[derive(Debug, Deserialize)]
pub struct Index {
    pub table: String,
    pub name: String,
    pub unique: bool,
    /// Of a part of the rows only.
    pub partial: bool,
    pub columns: Vec<String>,
    pub definition: String,
}

/// Every index, those behind keys included.
pub async fn indexes(url: &SecretString) -> Vec<Index> {
    let query = format!(
        "SELECT t.relname AS \"table\", i.relname AS name, x.indisunique AS \"unique\", x.indpred IS NOT NULL AS partial,
                pg_get_indexdef(x.indexrelid) AS definition,
                ARRAY(SELECT coalesce(a.attname::text, '(expression)')
                      FROM unnest(x.indkey::smallint[]) WITH ORDINALITY AS k (number, place)
                      LEFT JOIN pg_attribute a ON a.attrelid = x.indrelid AND a.attnum = k.number AND k.number > 0
                      WHERE k.place <= x.indnkeyatts ORDER BY k.place) AS columns
         FROM pg_index x
         JOIN pg_class t ON t.oid = x.indrelid
         JOIN pg_class i ON i.oid = x.indexrelid
         WHERE t.relnamespace = 'public'::regnamespace AND t.relname <> '{DIESELS}'
         ORDER BY t.relname, i.relname"
    );
    ask(url, &query).await
}
