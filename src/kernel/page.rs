//! Pages of a list: newest first, by keyset, with a cursor that a client cannot forge or carry to another list.
//!
//! Ids are time-ordered, so "newest first" is "descending by id": one column, always unique, always the end of an index.

use data_encoding::BASE64URL_NOPAD;
use uuid::Uuid;

use super::secret::{Keyring, sha256};

/// How many rows a page has when the client does not say.
pub const DEFAULT_LIMIT: i64 = 20;
/// How many rows a page has at the most.
pub const MAX_LIMIT: i64 = 100;

const PURPOSE: &str = "page cursor";

/// Where a page starts and how long it is.
#[derive(Clone, Copy, Debug)]
pub struct PageRequest {
    /// Rows with a smaller id than this one; from the newest when absent.
    pub after: Option<Uuid>,
    /// 1 to [`MAX_LIMIT`].
    pub limit: i64,
}

/// The cursor is not ours, was changed, or belongs to another list.
#[derive(Debug, PartialEq, Eq)]
pub struct InvalidCursor;

impl PageRequest {
    /// One row more than asked for: its presence says that there is another page.
    pub fn fetch_limit(&self) -> i64 {
        self.limit + 1
    }
}

/// One page of rows, as stores return it.
#[derive(Debug)]
pub struct Page<T> {
    /// The rows, newest first.
    pub rows: Vec<T>,
    /// The id of the last row, when there are more.
    pub next: Option<Uuid>,
}

impl<T> Page<T> {
    /// Cuts the extra row off; `id` names the key of a row.
    pub fn cut(mut rows: Vec<T>, request: &PageRequest, id: impl Fn(&T) -> Uuid) -> Self {
        let limit = usize::try_from(request.limit).unwrap_or(usize::MAX);
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next = if more { rows.last().map(id) } else { None };
        Self { rows, next }
    }

    /// The same page with each row turned into something else.
    pub fn map<U>(self, f: impl FnMut(T) -> U) -> Page<U> {
        Page {
            rows: self.rows.into_iter().map(f).collect(),
            next: self.next,
        }
    }
}

/// The list a cursor belongs to: its path and filters, hashed.
#[derive(Clone, Copy, Debug)]
pub struct ListScope([u8; 8]);

impl ListScope {
    /// Two requests share a scope when path and filters (all but `cursor` and `limit`) are the same.
    pub fn of(path: &str, filters: &[(String, String)]) -> Self {
        let mut text = path.to_owned();
        for (key, value) in filters {
            text.push('\n');
            text.push_str(key);
            text.push('=');
            text.push_str(value);
        }
        let mut scope = [0; 8];
        scope.copy_from_slice(&sha256(text.as_bytes())[..8]);
        Self(scope)
    }
}

/// The cursor that continues after `id`.
pub fn encode_cursor(keys: &Keyring, scope: ListScope, id: Uuid) -> String {
    let mut payload = scope.0.to_vec();
    payload.extend_from_slice(id.as_bytes());
    BASE64URL_NOPAD.encode(&keys.sign(PURPOSE, &payload))
}

/// The id a cursor continues after.
pub fn decode_cursor(keys: &Keyring, scope: ListScope, cursor: &str) -> Result<Uuid, InvalidCursor> {
    let token = BASE64URL_NOPAD.decode(cursor.as_bytes()).map_err(|_| InvalidCursor)?;
    let payload = keys.verify(PURPOSE, &token).map_err(|_| InvalidCursor)?;
    let (cursor_scope, id) = payload.split_at_checked(8).ok_or(InvalidCursor)?;
    if cursor_scope != scope.0 {
        return Err(InvalidCursor);
    }
    Uuid::from_slice(id).map_err(|_| InvalidCursor)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cursors_hold_for_their_list_only() {
        let keys = Keyring::new(vec![(1, [7; 32])]).expect("a key");
        let scope = |path: &str| ListScope::of(path, &[("status".into(), "active".into())]);
        let id = Uuid::from_u128(42);
        let cursor = encode_cursor(&keys, scope("/a"), id);
        assert_eq!(decode_cursor(&keys, scope("/a"), &cursor), Ok(id));
        assert_eq!(decode_cursor(&keys, scope("/b"), &cursor), Err(InvalidCursor));
        assert_eq!(
            decode_cursor(&keys, ListScope::of("/a", &[]), &cursor),
            Err(InvalidCursor)
        );
        assert_eq!(decode_cursor(&keys, scope("/a"), &cursor[1..]), Err(InvalidCursor));
    }

    #[test]
    fn a_page_knows_whether_there_is_another() {
        let request = PageRequest { after: None, limit: 2 };
        let id = |n: &u128| Uuid::from_u128(*n);
        assert_eq!(Page::cut(vec![3, 2, 1], &request, id).next, Some(Uuid::from_u128(2)));
        assert_eq!(Page::cut(vec![3, 2], &request, id).next, None);
    }
}
