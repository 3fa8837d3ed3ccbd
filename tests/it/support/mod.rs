//! What every test stands on: a database, an application in process, a merchant, a clock that moves.

pub mod app;
pub mod database;
pub mod dice;
pub mod doubles;
pub mod dump;
pub mod merchant;
pub mod people;
pub mod process;
pub mod request;
pub mod turns;
pub mod wire;

pub use app::TestApp;
pub use merchant::Merchant;
