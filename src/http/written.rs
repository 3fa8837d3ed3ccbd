//! What a write answers with, and what the audit log keeps of it.

use serde::Serialize;

use crate::kernel::ids::{CheckoutId, OrganizationId};

/// What a write answers with.
#[derive(Debug)]
pub struct Written<V> {
    pub(super) status: u16,
    pub(super) view: Option<V>,
    pub(super) before: Option<serde_json::Value>,
    pub(super) tenant: Option<(OrganizationId, Option<CheckoutId>)>,
    pub(super) object: Option<String>,
    pub(super) parts: Option<Vec<serde_json::Value>>,
    pub(super) location: Option<String>,
    pub(super) secret: bool,
}

impl<V> Written<V> {
    fn new(status: u16, view: Option<V>) -> Self {
        Self {
            status,
            view,
            before: None,
            tenant: None,
            object: None,
            parts: None,
            location: None,
            secret: false,
        }
    }

    /// 201 with `Location`.
    pub fn created(view: V, location: String) -> Self {
        Self {
            location: Some(location),
            ..Self::new(201, Some(view))
        }
    }

    /// 200, for what has no state before that the log should show.
    pub fn ok(view: V) -> Self {
        Self::new(200, Some(view))
    }

    /// 200 with the object as it is now; the log keeps how it was.
    pub fn changed(before: &impl Serialize, after: V) -> Self {
        Self::new(200, Some(after)).and_before(before)
    }

    /// 202: the rest is done by the worker.
    #[must_use]
    pub fn accepted(self) -> Self {
        Self { status: 202, ..self }
    }

    /// 204, for what leaves no object to show.
    pub fn nothing() -> Self {
        Self::new(204, None)
    }

    /// 204; the log keeps what there was.
    pub fn deleted(before: &impl Serialize) -> Self {
        Self::new(204, None).and_before(before)
    }

    /// In whose log it is kept, where the path does not say.
    #[must_use]
    pub fn of_tenant(mut self, organization: OrganizationId, checkout: Option<CheckoutId>) -> Self {
        self.tenant = Some((organization, checkout));
        self
    }

    /// The id of what was changed, where the answer shows something else.
    #[must_use]
    pub fn of_object(mut self, id: impl ToString) -> Self {
        self.object = Some(id.to_string());
        self
    }

    /// Each of these that were made has an entry of its own: the answer is a list.
    #[must_use]
    pub fn of_each<T: Serialize>(mut self, parts: impl FnOnce(&V) -> &[T]) -> Self {
        let values = self
            .view
            .as_ref()
            .map(|view| parts(view).iter().map(serde_json::to_value));
        self.parts = values.and_then(|values| values.collect::<Result<_, _>>().ok());
        self
    }

    fn and_before(mut self, before: &impl Serialize) -> Self {
        self.before = serde_json::to_value(before).ok();
        self
    }

    /// The answer holds a secret: kept for replay under encryption only.
    #[must_use]
    pub fn with_secret(mut self) -> Self {
        self.secret = true;
        self
    }
}
