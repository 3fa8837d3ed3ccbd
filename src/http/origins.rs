//! Which web pages may call the storefront routes of a checkout: asked here, known to the room of checkouts.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use crate::kernel::ids::CheckoutId;
use crate::kernel::problem::Problem;
use crate::kernel::text::Slug;

/// What the request says of its checkout.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum WhichCheckout {
    /// Its id: a session secret carries it.
    Id(CheckoutId),
    /// Its slug: in a public address.
    Slug(Slug),
}

/// A list of origins; `*` among them allows every one.
pub type OriginList = Arc<[String]>;

/// A boxed future, so that the source can be a trait object.
pub type Listed<'a> = Pin<Box<dyn Future<Output = Result<Option<OriginList>, Problem>> + Send + 'a>>;

/// Where the allowed origins of checkouts are found: implemented by `checkouts`, which uses this room.
pub trait Origins: Send + Sync {
    /// The origins of a checkout; `None`: there is no such checkout.
    fn allowed(&self, checkout: WhichCheckout) -> Listed<'_>;
}
