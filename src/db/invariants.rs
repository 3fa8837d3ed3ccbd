//! Invariants: queries that return no row when all is well, from the one file that tests and `kassa check` share.

use diesel::QueryableByName;
use diesel::sql_types::Text;
use diesel_async::RunQueryDsl;

use super::Conn;
use super::error::DbError;

const FILE: &str = include_str!("../../tests/invariants.sql");

#[derive(QueryableByName)]
struct Broken {
    #[diesel(sql_type = Text)]
    invariant: String,
    #[diesel(sql_type = Text)]
    row: String,
}

/// Every invariant's query, comments left out.
pub fn all() -> Vec<String> {
    let code: Vec<&str> = FILE
        .lines()
        .filter(|line| !line.trim_start().starts_with("--"))
        .collect();
    let code = code.join("\n");
    code.split(';')
        .map(str::trim)
        .filter(|query| !query.is_empty())
        .map(str::to_owned)
        .collect()
}

/// The rows that break an invariant: its name and the row's identity.
pub async fn broken(conn: &Conn) -> Result<Vec<String>, DbError> {
    let mut found = Vec::new();
    for query in all() {
        let mut conn = conn;
        // Each is run once per check: nothing is gained by keeping it prepared.
        let rows: Vec<Broken> = RunQueryDsl::load(diesel::sql_query(query), &mut conn).await?;
        found.extend(
            rows.into_iter()
                .map(|broken| format!("{}: {}", broken.invariant, broken.row)),
        );
    }
    Ok(found)
}
