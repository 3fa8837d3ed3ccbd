//! The main job, from link to completed order.

mod sale;
