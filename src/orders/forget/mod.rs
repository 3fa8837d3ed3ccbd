//! What says who a buyer was is taken off the rows of orders: their own, their revisions, their sessions, and the buyer's. The one list of
//! those columns; everything else that is kept of them is the room of erasure's.

pub mod store;
