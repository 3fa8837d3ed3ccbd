//! Stripe: localstripe for intents and their webhooks, stripe-stateful-mock for charges, refunds and failures, Stripe's own SDK for
//! signatures. None of them is Stripe.

mod charges;
