//! A part of the application that only some rooms know of, for the handlers of those rooms.

use std::future::{Ready, ready};
use std::ops::Deref;
use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};

use crate::kernel::problem::Problem;

/// The part, as the composition root gave it.
pub struct Part<T>(pub Arc<T>);

impl<T> Deref for Part<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: 'static> FromRequest for Part<T> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let part = request.app_data::<Arc<T>>().cloned();
        ready(
            part.map(Self)
                .ok_or_else(|| Problem::internal("the application lacks a part")),
        )
    }
}
