//! Who may do what: the one table of permissions by role.
//!
//! Effective permissions are the *intersection* of what a token carries and what the membership grants now; roles are not
//! ranked, so a set is the only honest form.

use crate::word_enum;

macro_rules! permissions {
    ($($(#[$meta:meta])* $variant:ident = $word:literal,)+) => {
        /// One thing a caller may be allowed to do in a checkout or an organization.
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
}

/// A set of permissions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Permissions(u64);

impl Permissions {
    /// No permission.
    pub const NONE: Self = Self(0);

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
}

impl CheckoutRole {
    /// The permissions of the role: the table of the API, row by row.
    pub const fn permissions(self) -> Permissions {
        use Permission::{
            CatalogRead, CatalogWrite, CheckoutRead, CheckoutWrite, OrdersRead, OrdersWrite, WebhooksRead,
            WebhooksWrite,
        };
        match self {
            Self::Admin => Permissions::of(Permission::ALL),
            Self::Maintainer => Permissions::of(&[
                CheckoutRead,
                CheckoutWrite,
                CatalogRead,
                CatalogWrite,
                WebhooksRead,
                WebhooksWrite,
                OrdersRead,
                OrdersWrite,
            ]),
            Self::Viewer => Permissions::of(&[CheckoutRead, CatalogRead, WebhooksRead, OrdersRead]),
            Self::CustomerService => Permissions::of(&[OrdersRead, OrdersWrite]),
        }
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
        assert!(
            Permission::ALL
                .iter()
                .all(|p| CheckoutRole::Admin.permissions().allows(*p))
        );
    }
}
