//! Which operation of the document a request is: what the audit log calls it by.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;

/// The operation ids of the document, by method and path template.
#[derive(Clone, Debug, Default)]
pub struct Operations(Arc<BTreeMap<(String, String), String>>);

impl Operations {
    /// Reads them from the document.
    pub fn of(document: &Value) -> Self {
        let mut found = BTreeMap::new();
        for (path, item) in document["paths"].as_object().into_iter().flatten() {
            for (method, operation) in item.as_object().into_iter().flatten() {
                if let Some(id) = operation["operationId"].as_str() {
                    found.insert((method.to_uppercase(), path.clone()), id.to_owned());
                }
            }
        }
        Self(Arc::new(found))
    }

    /// The operation of a method and a path template.
    pub fn get(&self, method: &str, path: &str) -> Option<String> {
        self.0.get(&(method.to_owned(), path.to_owned())).cloned()
    }
}
