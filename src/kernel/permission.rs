//! Who may do what: the one table of permissions by role.
//!
//! Effective permissions are the *intersection* of what a token carries and what the membership grants now; roles are not
//! ranked, so a set is the only honest form.

use crate::word_enum;

macro_rules! permissions {
    ($($(#[$meta:meta])* $variant:ident = $word:literal,)+) => {
        /// One thing a caller may be allowed to do, in a checkout or in an organization.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        #[repr(u8)]
        pub enum Permission { $($(#[$meta])* $variant),+ }

        impl Permission {
            /// Every permission.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word shown as `x-required-permission` in the spec.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }
    };
}

permissions! {
    /// Read settings, style, billing form and policies.
    CheckoutRead = "checkout:read",
    /// Change them.
    CheckoutWrite = "checkout:write",
    /// Close, reopen and delete the checkout.
    CheckoutClose = "checkout:close",
    /// Read who is in the checkout.
    MembersRead = "members:read",
    /// Change who is.
    MembersWrite = "members:write",
    /// Read the checkout's API keys.
    KeysRead = "api_keys:read",
    /// Make and revoke them.
    KeysWrite = "api_keys:write",
    /// Read how can be paid.
    PaymentMethodsRead = "payment_methods:read",
    /// Change it.
    PaymentMethodsWrite = "payment_methods:write",
    /// Read products, offers, add-ons, links, codes and pools.
    CatalogRead = "catalog:read",
    /// Change them.
    CatalogWrite = "catalog:write",
    /// Read webhook endpoints, deliveries and events.
    WebhooksRead = "webhooks:read",
    /// Change endpoints, retry and replay deliveries.
    WebhooksWrite = "webhooks:write",
    /// Read orders, customers and payments.
    OrdersRead = "orders:read",
    /// Change orders.
    OrdersWrite = "orders:write",
    /// Forget a customer.
    CustomersErase = "customers:erase",
    /// Read reports.
    ReportsRead = "reports:read",
    /// Read the audit log of the checkout.
    AuditRead = "audit_log:read",
    /// Read the organization: members its name, owners and admins all of it.
    OrganizationRead = "organization:read",
    /// Change it.
    OrganizationWrite = "organization:write",
    /// Delete it.
    OrganizationDelete = "organization:delete",
    /// Read billing details and payment card.
    BillingRead = "billing:read",
    /// Change them.
    BillingWrite = "billing:write",
    /// Read the organization's people and invitations.
    PeopleRead = "people:read",
    /// Change them.
    PeopleWrite = "people:write",
    /// Make and remove owners.
    OwnersWrite = "owners:write",
    /// Make checkouts.
    CheckoutsCreate = "checkouts:create",
    /// Read the organization's API keys.
    OrganizationKeysRead = "organization_keys:read",
    /// Make and revoke them.
    OrganizationKeysWrite = "organization_keys:write",
    /// Read the audit log of the organization.
    OrganizationAuditRead = "organization_audit_log:read",
}

impl Permission {
    /// Whether a key for test mode, or a token that one was exchanged for, may do it if its role may: the one table of that.
    ///
    /// Such a key lies in development machines and test pipelines. It reads, and works on what test orders are made of: the
    /// catalogue with links and codes, orders and webhooks. Who belongs to the shop, who pays for it, which keys there are, whether
    /// it sells and how it is set up are the same in both modes, and are changed by a person or a live key.
    pub const fn allowed_in_test_mode(self) -> bool {
        match self {
            Self::CheckoutRead
            | Self::MembersRead
            | Self::KeysRead
            | Self::PaymentMethodsRead
            | Self::CatalogRead
            | Self::CatalogWrite
            | Self::WebhooksRead
            | Self::WebhooksWrite
            | Self::OrdersRead
            | Self::OrdersWrite
            | Self::ReportsRead
            | Self::AuditRead
            | Self::OrganizationRead
            | Self::BillingRead
            | Self::PeopleRead
            | Self::OrganizationKeysRead
            | Self::OrganizationAuditRead => true,
            // Settings, and how can be paid; what cannot be undone.
            Self::CheckoutWrite
            | Self::CustomersErase
            | Self::PaymentMethodsWrite
            | Self::CheckoutClose
            | Self::MembersWrite
            | Self::KeysWrite
            | Self::OrganizationWrite
            | Self::OrganizationDelete
            | Self::BillingWrite
            | Self::PeopleWrite
            | Self::OwnersWrite
            | Self::CheckoutsCreate
            | Self::OrganizationKeysWrite => false,
        }
    }
}

/// A set of permissions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Permissions(u64);

impl Permissions {
    /// What is allowed in test mode, whatever the role.
    pub const IN_TEST_MODE: Self = {
        let mut bits = 0;
        let mut index = 0;
        while index < Permission::ALL.len() {
            if Permission::ALL[index].allowed_in_test_mode() {
                bits |= 1 << Permission::ALL[index] as u8;
            }
            index += 1;
        }
        Self(bits)
    };

    const fn of(list: &[Permission]) -> Self {
        let mut bits = 0;
        let mut index = 0;
        while index < list.len() {
            bits |= 1 << list[index] as u8;
            index += 1;
        }
        Self(bits)
    }

    /// Whether the permission is in the set.
    pub const fn allows(self, permission: Permission) -> bool {
        self.0 & (1 << permission as u8) != 0
    }

    /// Whether everything in the other set is in this one.
    pub const fn covers(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// What both sets allow.
    #[must_use]
    pub const fn intersection(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }
}

word_enum! {
    /// A person's or key's role in one checkout.
    pub enum CheckoutRole in "checkout_members.role" {
        /// Everything.
        Admin = "admin",
        /// All checkout data, but no members, payment methods or keys.
        Maintainer = "maintainer",
        /// Reads everything but secrets.
        Viewer = "viewer",
        /// Orders, customers, refunds and actions only.
        CustomerService = "customer_service",
    }
}

word_enum! {
    /// A person's role in an organization.
    pub enum OrganizationRole in "organization_members.role" {
        /// Everything, ownership and billing included.
        Owner = "owner",
        /// Members and checkouts.
        Admin = "admin",
        /// The organization's name, and the checkouts given to them.
        Member = "member",
    }
}

impl OrganizationRole {
    /// Owners and admins are admins of every checkout of the organization, uninvited.
    pub const fn implied_checkout_role(self) -> Option<CheckoutRole> {
        match self {
            Self::Owner | Self::Admin => Some(CheckoutRole::Admin),
            Self::Member => None,
        }
    }

    /// The permissions of the role in the organization itself.
    pub const fn permissions(self) -> Permissions {
        use Permission::{
            BillingRead, BillingWrite, CheckoutsCreate, OrganizationAuditRead, OrganizationDelete,
            OrganizationKeysRead, OrganizationKeysWrite, OrganizationRead, OrganizationWrite, OwnersWrite, PeopleRead,
            PeopleWrite,
        };
        match self {
            Self::Owner => Permissions::of(&[
                OrganizationRead,
                OrganizationWrite,
                OrganizationDelete,
                BillingRead,
                BillingWrite,
                PeopleRead,
                PeopleWrite,
                OwnersWrite,
                CheckoutsCreate,
                OrganizationKeysRead,
                OrganizationKeysWrite,
                OrganizationAuditRead,
            ]),
            Self::Admin => Permissions::of(&[
                OrganizationRead,
                OrganizationWrite,
                PeopleRead,
                PeopleWrite,
                CheckoutsCreate,
                OrganizationKeysRead,
                OrganizationKeysWrite,
                OrganizationAuditRead,
            ]),
            Self::Member => Permissions::of(&[OrganizationRead]),
        }
    }
}

impl CheckoutRole {
    /// The permissions of the role: the table of the API, row by row.
    pub const fn permissions(self) -> Permissions {
        use Permission::{
            AuditRead, CatalogRead, CatalogWrite, CheckoutClose, CheckoutRead, CheckoutWrite, CustomersErase, KeysRead,
            KeysWrite, MembersRead, MembersWrite, OrdersRead, OrdersWrite, PaymentMethodsRead, PaymentMethodsWrite,
            ReportsRead, WebhooksRead, WebhooksWrite,
        };
        match self {
            Self::Admin => Permissions::of(&[
                CheckoutRead,
                CheckoutWrite,
                CheckoutClose,
                MembersRead,
                MembersWrite,
                KeysRead,
                KeysWrite,
                PaymentMethodsRead,
                PaymentMethodsWrite,
                CatalogRead,
                CatalogWrite,
                WebhooksRead,
                WebhooksWrite,
                OrdersRead,
                OrdersWrite,
                CustomersErase,
                ReportsRead,
                AuditRead,
            ]),
            Self::Maintainer => Permissions::of(&[
                CheckoutRead,
                CheckoutWrite,
                MembersRead,
                KeysRead,
                PaymentMethodsRead,
                CatalogRead,
                CatalogWrite,
                WebhooksRead,
                WebhooksWrite,
                OrdersRead,
                OrdersWrite,
                ReportsRead,
                AuditRead,
            ]),
            Self::Viewer => Permissions::of(&[
                CheckoutRead,
                MembersRead,
                KeysRead,
                PaymentMethodsRead,
                CatalogRead,
                WebhooksRead,
                OrdersRead,
                ReportsRead,
                AuditRead,
            ]),
            Self::CustomerService => Permissions::of(&[OrdersRead, OrdersWrite]),
        }
    }
}

/// Roles side by side: what one side (a membership, a token) grants in an organization and in one checkout of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Grants {
    /// In the organization.
    pub organization: Option<OrganizationRole>,
    /// In the checkout, beside what the organization's role implies.
    pub checkout: Option<CheckoutRole>,
}

impl Grants {
    /// The permissions in the organization; `None`: it does not exist for this side.
    pub fn in_organization(self) -> Option<Permissions> {
        self.organization.map(OrganizationRole::permissions)
    }

    /// The permissions in the checkout; `None`: it does not exist for this side.
    pub fn in_checkout(self) -> Option<Permissions> {
        self.role_in_checkout().map(CheckoutRole::permissions)
    }

    /// The role that counts in the checkout: owners and admins of the organization are admins of every checkout.
    pub fn role_in_checkout(self) -> Option<CheckoutRole> {
        self.organization
            .and_then(OrganizationRole::implied_checkout_role)
            .or(self.checkout)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_are_sets_not_ranks() {
        let viewer = CheckoutRole::Viewer.permissions();
        let service = CheckoutRole::CustomerService.permissions();
        let both = viewer.intersection(service);
        assert!(both.allows(Permission::OrdersRead));
        assert!(!both.allows(Permission::OrdersWrite) && !both.allows(Permission::CatalogRead));
        assert!(!viewer.covers(service) && !service.covers(viewer));
    }

    #[test]
    fn test_mode_reads_everything_and_changes_what_test_orders_are_made_of() {
        for permission in Permission::ALL {
            let word = permission.as_str();
            let changes_tests = ["catalog:write", "webhooks:write", "orders:write"].contains(&word);
            assert_eq!(
                Permissions::IN_TEST_MODE.allows(*permission),
                word.ends_with(":read") || changes_tests,
                "{word}"
            );
        }
    }

    #[test]
    fn every_permission_belongs_to_the_highest_role_of_one_side() {
        for permission in Permission::ALL {
            let of_checkout = CheckoutRole::Admin.permissions().allows(*permission);
            let of_organization = OrganizationRole::Owner.permissions().allows(*permission);
            assert!(of_checkout != of_organization, "{permission:?}");
        }
    }
}
