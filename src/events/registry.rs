//! Every event there is: its name, the object it speaks of, and the component of the spec its `data` has.

use crate::word_enum;

word_enum! {
    /// What an event is about.
    pub enum ObjectType in "events.object_type" {
        /// An order; `data` is the order as the API shows it.
        Order = "order",
        /// A license; `data` is the license as the API shows it.
        License = "license",
        /// A refund; `data` is the refund as the API shows it.
        Refund = "refund",
        /// A checkout session.
        CheckoutSession = "checkout_session",
        /// A checkout; `data` is the checkout as the API shows it.
        Checkout = "checkout",
        /// A discount code; its version is how often it was redeemed.
        DiscountCode = "discount_code",
    }
}

word_enum! {
    /// What happened. Named for facts; sent only when the fact is committed.
    pub enum EventType in "events.type" {
        /// A buyer confirmed: the order exists and is not paid.
        OrderCreated = "order.created",
        /// The order is now what it says: its buyer went back to the basket and confirmed again, or was forgotten.
        OrderUpdated = "order.updated",
        /// Paid, and every post-purchase action has succeeded.
        OrderCompleted = "order.completed",
        /// All money of the order went back.
        OrderRefunded = "order.refunded",
        /// An order that nobody had paid is gone: its number and its amounts stay, nothing of its buyer does.
        OrderDeleted = "order.deleted",
        /// A person should look at the order: `attention_reasons` say why.
        OrderRequiresAttention = "order.requires_attention",
        /// The order is paid.
        PaymentSucceeded = "payment.succeeded",
        /// A payment attempt failed; the order stays payable.
        PaymentFailed = "payment.failed",
        /// A line of the order has been delivered.
        ProductDelivered = "product.delivered",
        /// A line of the order was refunded in full, and the access to it taken away.
        ProductReturned = "product.returned",
        /// A buyer was given a license.
        LicenseIssued = "license.issued",
        /// A license was taken back with the refund of its line.
        LicenseRevoked = "license.revoked",
        /// A refund was written down; `status` says whether a provider is asked or it is only recorded.
        RefundCreated = "refund.created",
        /// The money is on its way back, or has to be sent by hand.
        RefundSucceeded = "refund.succeeded",
        /// The money did not go back: its amount can be refunded again.
        RefundFailed = "refund.failed",
        /// The order was paid with a discount code: one use of it is final.
        DiscountCodeRedeemed = "discount_code.redeemed",
        /// The last use of a discount code was redeemed.
        DiscountCodeExhausted = "discount_code.exhausted",
        /// A session ended without an order.
        CheckoutSessionExpired = "checkout_session.expired",
        /// A checkout takes no live orders any more.
        CheckoutClosed = "checkout.closed",
        /// A checkout takes live orders again.
        CheckoutReopened = "checkout.reopened",
    }
}

impl EventType {
    /// Every type, in the order of the registry.
    pub const EVERY: &'static [Self] = &[
        Self::OrderCreated,
        Self::OrderUpdated,
        Self::OrderCompleted,
        Self::OrderRefunded,
        Self::OrderDeleted,
        Self::OrderRequiresAttention,
        Self::PaymentSucceeded,
        Self::PaymentFailed,
        Self::ProductDelivered,
        Self::ProductReturned,
        Self::LicenseIssued,
        Self::LicenseRevoked,
        Self::RefundCreated,
        Self::RefundSucceeded,
        Self::RefundFailed,
        Self::DiscountCodeRedeemed,
        Self::DiscountCodeExhausted,
        Self::CheckoutSessionExpired,
        Self::CheckoutClosed,
        Self::CheckoutReopened,
    ];

    /// The object that events of this type speak of.
    pub const fn object(self) -> ObjectType {
        match self {
            Self::OrderCreated
            | Self::OrderUpdated
            | Self::OrderCompleted
            | Self::OrderRefunded
            | Self::OrderDeleted
            | Self::OrderRequiresAttention
            | Self::PaymentSucceeded
            | Self::PaymentFailed
            | Self::ProductDelivered
            | Self::ProductReturned
            | Self::DiscountCodeRedeemed => ObjectType::Order,
            Self::LicenseIssued | Self::LicenseRevoked => ObjectType::License,
            Self::RefundCreated | Self::RefundSucceeded | Self::RefundFailed => ObjectType::Refund,
            Self::DiscountCodeExhausted => ObjectType::DiscountCode,
            Self::CheckoutSessionExpired => ObjectType::CheckoutSession,
            Self::CheckoutClosed | Self::CheckoutReopened => ObjectType::Checkout,
        }
    }

    /// The component of the spec that `data` follows.
    pub const fn payload(self) -> &'static str {
        match self.object() {
            ObjectType::Order => "Order",
            ObjectType::License => "License",
            ObjectType::Refund => "Refund",
            ObjectType::CheckoutSession => "ExpiredSession",
            ObjectType::Checkout => "Checkout",
            ObjectType::DiscountCode => "ExhaustedDiscountCode",
        }
    }

    /// What happened, for the spec.
    pub const fn summary(self) -> &'static str {
        match self {
            Self::OrderCreated => "A buyer confirmed: the order exists and is not paid",
            Self::OrderUpdated => {
                "A buyer went back to the basket and confirmed again: the order is not paid and is now what it says"
            }
            Self::OrderCompleted => "The order is paid and every post-purchase action has succeeded",
            Self::OrderDeleted => {
                "An order that nobody had paid is gone: its number and its amounts stay, nothing of its buyer does"
            }
            Self::OrderRequiresAttention => "A person should look at the order: `attention_reasons` say why",
            Self::PaymentSucceeded => "The order is paid",
            Self::PaymentFailed => "A payment attempt failed; the order stays payable",
            Self::ProductDelivered => "A line of the order has been delivered",
            Self::OrderRefunded => "All money of the order went back",
            Self::ProductReturned => "A line of the order was refunded in full and the access to it taken away",
            Self::LicenseIssued => "A buyer was given a license",
            Self::LicenseRevoked => "A license was taken back with the refund of its line",
            Self::RefundCreated => {
                "A refund was written down; its `status` says whether a provider is asked or it is only recorded"
            }
            Self::RefundSucceeded => "The money is on its way back, or has to be sent by hand",
            Self::RefundFailed => "The money did not go back: its amount can be refunded again",
            Self::DiscountCodeRedeemed => "The order was paid with a discount code: one use of it is final",
            Self::DiscountCodeExhausted => "The last use of a discount code was redeemed",
            Self::CheckoutSessionExpired => "A session ended without an order",
            Self::CheckoutClosed => {
                "A checkout takes no live orders any more: the merchant closed it, or the organization may not sell"
            }
            Self::CheckoutReopened => "A checkout takes live orders again",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_whole() {
        let words: Vec<_> = EventType::EVERY.iter().map(|event| event.as_str()).collect();
        assert_eq!(words, EventType::ALL);
    }
}
