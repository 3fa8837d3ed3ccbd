//! Every problem the API can answer with: code, status, title and explanation, one line each.
//!
//! The codes are part of the contract: they may be added to, never renamed. `/problems/{code}` answers with the
//! explanation, the spec lists them per operation, and a test holds them unique.

macro_rules! problem_codes {
    ($($variant:ident = $code:literal, $status:literal, $title:literal, $explanation:literal;)+) => {
        /// Which problem: see the table for status and meaning.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum ProblemCode { $(#[doc = $explanation] $variant),+ }

        impl ProblemCode {
            /// Every code, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The stable code.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $code),+ }
            }

            /// The HTTP status.
            pub const fn status(self) -> u16 {
                match self { $(Self::$variant => $status),+ }
            }

            /// A short title, the same at every occurrence.
            pub const fn title(self) -> &'static str {
                match self { $(Self::$variant => $title),+ }
            }

            /// What it means and what to do about it.
            pub const fn explanation(self) -> &'static str {
                match self { $(Self::$variant => $explanation),+ }
            }

            /// The code of that name.
            pub fn from_code(code: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|known| known.as_str() == code)
            }
        }
    };
}

problem_codes! {
    MalformedRequest = "malformed-request", 400, "Malformed request", "The request is not well-formed: broken JSON, a duplicate key, a NUL character, too deep nesting or an unreadable parameter.";
    IdempotencyKeyRequired = "idempotency-key-required", 400, "Idempotency-Key required", "This operation moves money: send an `Idempotency-Key`, so that a request whose answer was lost can be repeated without moving it twice.";
    Unauthenticated = "unauthenticated", 401, "Authentication required", "No valid access token, API key or session secret came with the request. The answer is the same whatever is wrong with it.";
    InvalidCredentials = "invalid-credentials", 401, "Invalid credentials", "The e-mail address or the password is wrong.";
    InvalidRefreshToken = "invalid-refresh-token", 401, "Invalid refresh token", "The refresh token is unknown, has ended or was used before; a second use ends the sign-in. Sign in again.";
    Forbidden = "forbidden", 403, "Not allowed", "The caller is known and may see the resource, but its role does not include this operation, or it is a test key and this is done by people and live keys only.";
    InvitationForAnother = "invitation-for-another", 403, "Invitation for another address", "The invitation was sent to another address than the one of this account. Sign in with that one.";
    EmailNotVerified = "email-not-verified", 403, "Address not verified", "Inviting people takes a proved address: confirm yours with the code of the mail that making the account sent. A key invites when an owner of its organization has proved theirs.";
    OriginNotAllowed = "origin-not-allowed", 403, "Origin not allowed", "The web page that makes this request is of an origin that may not call this route: `allowed_origins` of the checkout, or the operator's list for management routes.";
    LinkSignatureInvalid = "link-signature-invalid", 403, "The link's signature is not valid", "The address of this checkout link was changed, or its signature left out. Only the whole address that the merchant gave opens it.";
    NotFound = "not-found", 404, "Not found", "No such resource, or none that this caller may see.";
    MethodNotAllowed = "method-not-allowed", 405, "Method not allowed", "The path exists, the method does not. `Allow` lists those that do.";
    NotAcceptable = "not-acceptable", 406, "Not acceptable", "The API answers in JSON, and an export in the types that the operation names.";
    RequestTimeout = "request-timeout", 408, "Request timeout", "The body did not arrive within ten seconds.";
    IdempotencyInFlight = "idempotency-in-flight", 409, "Request still running", "The first request with this Idempotency-Key has not finished. Repeat after `Retry-After`.";
    AlreadyLicensed = "already-licensed", 409, "Licensed already", "The product has an action of type `license`. Change that one, or archive it first.";
    NothingToDeliver = "nothing-to-deliver", 409, "Nothing to deliver", "No license of this line waits for a person or has failed, or the access to the line was taken away.";
    LicenseNotSendable = "license-not-sendable", 409, "Not sent any more", "The license was revoked, its order refunded or its buyer forgotten.";
    ActionNotSigned = "action-not-signed", 409, "Nothing to sign with", "Only requests of actions of type `webhook` and `license` are signed.";
    NameTaken = "name-taken", 409, "Already in use", "Another resource already has this name, slug or code.";
    EmailTaken = "email-taken", 409, "Address in use", "There is an account with this e-mail address. Sign in, or ask for a new password.";
    AlreadyMember = "already-member", 409, "Already a member", "The person is in the checkout already: change their role instead.";
    ImpliedMember = "implied-member", 409, "Member by the organization", "Owners and admins of the organization are admins of every checkout. Change their role in the organization.";
    LastOwner = "last-owner", 409, "Last owner", "An organization always has an owner. Make somebody else an owner first.";
    OrganizationNotEmpty = "organization-not-empty", 409, "Organization not empty", "The organization has checkouts. Delete them first.";
    TooManyCheckouts = "too-many-checkouts", 409, "Too many checkouts", "An organization has at most 1000 checkouts. Delete one that never sold anything, or make another organization.";
    CheckoutHasOrders = "checkout-has-orders", 409, "Checkout has orders", "Book-keeping needs the orders of this checkout, so it cannot be deleted. Close it instead.";
    DiscountUnavailable = "discount-unavailable", 409, "The code is no longer available", "The order was agreed on with a discount code whose hold has lapsed, and it cannot be held again; `reason` says why. Go back to the basket and confirm without it.";
    LineRequired = "line-required", 409, "The line cannot be left out", "The line belongs to what the link sells, or it is the last one in the basket.";
    NothingToReplace = "nothing-to-replace", 409, "Nothing to replace", "What this upgrade takes the place of is not in the basket.";
    DiscountRedeemed = "discount-redeemed", 409, "The code was redeemed", "What a redeemed code is worth cannot be changed; its texts, dates, limits and `active` can. Make another code.";
    QuoteChanged = "quote-changed", 409, "The total has changed", "What there is to pay is no longer `expected_total`. The new session is in `session`; show it to the buyer and confirm again.";
    SessionNotConfirmed = "session-not-confirmed", 409, "No order to pay", "The session has no order that waits for money: confirm it first, or its order is paid or gone.";
    SessionClosed = "session-closed", 409, "The session is closed", "The session has expired or is already confirmed, and can no longer be changed.";
    CheckoutClosed = "checkout-closed", 409, "The checkout is closed", "No orders are taken at the moment; `closed_reason` says whether the merchant closed the checkout, has not completed its activation, or is suspended.";
    PaymentMethodUnavailable = "payment-method-unavailable", 409, "Payment method unavailable", "This payment method cannot be used for this session; `payment_methods` of the session says which can.";
    PaymentNotOpen = "payment-not-open", 409, "No open payment", "The session has no payment attempt that is waiting for an outcome.";
    ImpossibleTransition = "impossible-transition", 409, "Not possible in this state", "The resource is in a state from which this is not possible.";
    OrderPaid = "order-paid", 409, "The order is paid", "The order was paid, and what was asked for is only possible before. Refund it instead.";
    OrderNotPaid = "order-not-paid", 409, "The order is not paid", "Nobody has paid this order, and what was asked for is only possible after.";
    OrderCompleted = "order-completed", 409, "The order is completed", "The order is completed already.";
    OrderRefunded = "order-refunded", 409, "The order is refunded", "All of the order's money went back already.";
    ConfirmationRequired = "confirmation-required", 409, "Confirm that it runs again", "This action has succeeded, and what it does would be done again. Send `confirm: true` if that is wanted.";
    ForceRequired = "force-required", 409, "The action is running", "Send `force: true` only if its run is surely dead: it is cut off, and what it still answers counts for nothing.";
    RefundTooLarge = "refund-too-large", 409, "More than can be refunded", "What went back and what is on its way never pass what was paid. `errors` say how much is left.";
    NothingUnallocated = "nothing-unallocated", 409, "Nothing to give back", "All of this payment's money belongs to its order: refund the order. Or it has gone back already, or never came.";
    OrderDeleted = "order-deleted", 409, "The order is deleted", "The order was given up before it was paid. Its number and its amounts stay, and nothing about it can be changed any more.";
    CustomerNotSettled = "customer-not-settled", 409, "The customer is still needed", "Money of this customer is on its way, or something is still done for them. `orders` lists up to 100 orders with the `reason`: payment_open (cancel the order or wait), actions_not_done (complete the order), refund_open (wait for the provider), money_unallocated (give it back or accept it), dispute_open (acknowledge it).";
    AttentionNotRaised = "attention-not-raised", 409, "Nothing to acknowledge", "The order does not require attention for this reason, or somebody has acknowledged it already.";
    AttentionEndsItself = "attention-ends-itself", 409, "Ends by itself", "This reason goes when what it names is done. Do that instead of acknowledging it.";
    InvitationEnded = "invitation-ended", 410, "Invitation ended", "The invitation was accepted, was taken back, or its time is over. Ask for a new one.";
    LastVariant = "last-variant", 409, "The last variant in use", "A product has at least one variant in use: add another one first, or archive the product.";
    LinkInactive = "link-inactive", 410, "The link is not active", "The checkout link has been switched off, or what it sells is no longer sold. `inactive_message` and `detail` hold the merchant's own message, if there is one.";
    LinkExpired = "link-expired", 410, "The link has expired", "The time of this checkout link is over. `inactive_message` and `detail` hold the merchant's own message, if there is one.";
    LinkUsedUp = "link-used-up", 410, "The link is used up", "As many orders as this checkout link allows have been made. It is 410 where the link is read or opened, and 409 when a session that was opened in time comes too late to confirm: nothing was made.";
    PreconditionFailed = "precondition-failed", 412, "The resource has changed", "`If-Match` does not hold: read the resource again and repeat the change on what it is now.";
    SignatureInvalid = "signature-invalid", 400, "Signature invalid", "The request is not signed by the payment provider with the secret that the merchant has set up, or too long ago.";
    PayloadTooLarge = "payload-too-large", 413, "Request too large", "The body is larger than this route accepts.";
    UnsupportedMediaType = "unsupported-media-type", 415, "Unsupported media type", "Bodies are `application/json` in UTF-8, a PATCH also `application/merge-patch+json`, without a Content-Encoding.";
    ValidationFailed = "validation-failed", 422, "Validation failed", "The request is well-formed but wrong; `errors` lists each fault with a JSON pointer.";
    InvalidToken = "invalid-token", 422, "Invalid token", "The token from the mail is not genuine, has ended or has done its work. Ask for a new one.";
    IdempotencyConflict = "idempotency-conflict", 422, "Idempotency-Key reused", "The same Idempotency-Key came with another body before.";
    DiscountRefused = "discount-refused", 422, "The code does not apply", "`reason` says why: not_found, inactive, not_started, expired, usage_limit_reached, customer_limit_reached, no_eligible_products, currency_not_supported, below_minimum_amount or below_payment_minimum.";
    CurrencyNotOffered = "currency-not-offered", 422, "Currency not offered", "Something in the basket has no price in this currency.";
    AmountTooLarge = "amount-too-large", 422, "Amount too large", "An amount or a sum passes the largest supported amount of 99 999 999 999 minor units.";
    TooManyInvitations = "too-many-invitations", 429, "Too many invitations", "The organization has sent as many invitations as it may in 24 hours. Repeat after `Retry-After`.";
    TooManyHolds = "too-many-holds", 429, "Too many codes held", "This address holds as many discount codes as the merchant allows without an e-mail address.";
    RateLimited = "rate-limited", 429, "Too many requests", "The client called more often than `RateLimit-Policy` allows, or failed too often. Repeat after `Retry-After`.";
    InternalError = "internal-error", 500, "Internal error", "Something failed on our side. The request id finds the cause in the logs.";
    ServiceUnavailable = "service-unavailable", 503, "Temporarily unavailable", "The service cannot answer at the moment. Repeat after `Retry-After`.";
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn codes_are_unique_and_kebab_case() {
        let codes: HashSet<_> = ProblemCode::ALL.iter().map(|code| code.as_str()).collect();
        assert_eq!(codes.len(), ProblemCode::ALL.len());
        for code in codes {
            assert!(code.bytes().all(|b| b.is_ascii_lowercase() || b == b'-'), "{code}");
        }
    }
}
