//! What stands before every handler: limits, web pages of other origins, tokens of other issuers.

mod cors;
mod documents;
mod faults;
mod guides;
mod headers;
mod limits;
mod merge_patch;
mod oidc;
