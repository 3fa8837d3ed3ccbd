//! Orders as a file: for spreadsheets (CSV) and for programs (NDJSON), however many there are.

mod csv;
pub mod routes;
mod stream;
