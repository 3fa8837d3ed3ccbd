//! The database below the product: the private cluster.

mod embedded;
