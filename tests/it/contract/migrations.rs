//! Migrations can be taken back, and taken forward again to the same place.

use serde::Deserialize;

use super::database::{DIESELS, ask, constraints, indexes};
use super::{none, schema};
use crate::support::database::{self, TestDatabase};

/// Everything of ours that a database holds.
#[derive(Debug, Deserialize)]
struct Thing {
    kind: String,
    name: String,
}

async fn things(database: &TestDatabase) -> Vec<String> {
    let query = format!(
        "SELECT 'relation ' || relkind::text AS kind, relname::text AS name FROM pg_class
         WHERE relnamespace = 'public'::regnamespace AND relname NOT LIKE '{DIESELS}%'
         UNION ALL SELECT 'function', proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace
         UNION ALL SELECT 'type ' || typtype::text, typname FROM pg_type
             WHERE typnamespace = 'public'::regnamespace AND typname NOT LIKE '{DIESELS}%' AND typname NOT LIKE '\\_{DIESELS}%'
         UNION ALL SELECT 'trigger', tgname FROM pg_trigger WHERE NOT tgisinternal
         ORDER BY 1, 2"
    );
    let found: Vec<Thing> = ask(&database.admin, &query).await;
    found
        .into_iter()
        .map(|thing| format!("{} {}", thing.kind, thing.name))
        .collect()
}

/// All that makes the schema what it is, as text.
async fn shape(database: &TestDatabase) -> Vec<String> {
    let mut shape = vec![schema::text(&database.owner).await];
    let constraints = constraints(&database.owner).await;
    shape.extend(
        constraints
            .iter()
            .map(|c| format!("{} {} {}", c.table, c.name, c.definition)),
    );
    shape.extend(indexes(&database.owner).await.into_iter().map(|index| index.definition));
    shape.extend(things(database).await);
    shape
}

#[tokio::test(flavor = "multi_thread")]
async fn migrations_go_up_down_and_up() {
    let database = database::empty().await;
    kassa::db::migrate::run(&database.owner)
        .await
        .expect("the migrations go up");
    let first = shape(&database).await;
    assert!(first.len() > 50, "the catalogue was not read");
    kassa::db::migrate::revert_all(&database.owner)
        .await
        .expect("the migrations go down");
    none(
        &things(&database).await,
        "If you are here because of a new migration: its down.sql must take back all that its up.sql made.",
    );
    kassa::db::migrate::run(&database.owner)
        .await
        .expect("the migrations go up again");
    assert_eq!(shape(&database).await, first, "up after down must give the same schema");
    assert_eq!(
        kassa::db::migrate::pending(&database.owner).await.expect("the list"),
        Vec::<String>::new()
    );
}
