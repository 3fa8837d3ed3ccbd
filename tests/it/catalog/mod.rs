//! What a merchant sells, and what it costs on which day.

mod add_ons;
mod coming_back;
mod offers;
mod plans;
mod prices;
mod products;
mod turns;
