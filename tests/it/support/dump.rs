//! A full dump of a test's database, searched for traces of people.

use diesel::sql_types::{BigInt, Text};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};
use secrecy::ExposeSecret;

use super::TestApp;

#[derive(diesel::QueryableByName)]
struct Table {
    #[diesel(sql_type = Text)]
    name: String,
}

#[derive(diesel::QueryableByName)]
struct Found {
    #[diesel(sql_type = BigInt)]
    rows: i64,
}

impl TestApp {
    /// A connection with every right.
    pub async fn admin(&self) -> AsyncPgConnection {
        AsyncPgConnection::establish(self.database.admin.expose_secret())
            .await
            .expect("the database")
    }

    /// Runs statements with every right.
    pub async fn as_admin(&self, statements: &str) {
        self.admin()
            .await
            .batch_execute(statements)
            .await
            .unwrap_or_else(|error| panic!("{statements}: {error}"));
    }

    /// The tables in which any of these words stands, whatever the case and whether as text or as bytes, as `table: word`.
    pub async fn traces_of(&self, words: &[&str]) -> Vec<String> {
        let mut admin = self.admin().await;
        let list = "SELECT table_name::text AS name FROM information_schema.tables
             WHERE table_schema = 'public' AND table_type = 'BASE TABLE' ORDER BY 1";
        let tables: Vec<Table> = RunQueryDsl::load(diesel::sql_query(list), &mut admin)
            .await
            .expect("the tables");
        assert!(tables.len() > 40, "the tables were not found");
        let mut found = Vec::new();
        for table in tables {
            for word in words {
                let name = &table.name;
                // Bytes are shown in hexadecimal.
                let query = format!(
                    "SELECT count(*) AS rows FROM {name} t WHERE position(kassa_fold($1) IN kassa_fold(to_jsonb(t)::text)) > 0
                         OR position(encode(convert_to($1, 'UTF8'), 'hex') IN to_jsonb(t)::text) > 0"
                );
                let query = diesel::sql_query(query).bind::<Text, _>(*word);
                let rows: Vec<Found> = RunQueryDsl::load(query, &mut admin).await.expect("a count");
                if rows[0].rows > 0 {
                    found.push(format!("{name}: {word}"));
                }
            }
        }
        found
    }
}
