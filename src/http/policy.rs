//! The policies a `Ctx<P>` can have: each admits some callers, refuses the others, and says what tenant they act in.

use actix_web::HttpRequest;

use super::caller::{Caller, Principal, Staff};
use crate::db::audit::{Actor, ActorType};
use crate::kernel::ids::{CheckoutId, OrganizationId, SessionId};
use crate::kernel::permission::{Permission, Permissions};
use crate::kernel::problem::Problem;
use crate::kernel::problem_codes::ProblemCode;

/// Who may call, and what they bring with them.
pub trait Policy: 'static {
    /// What the handler learns: the tenant above all.
    type Scope: Clone + Send + 'static;
    /// Admits or refuses the caller.
    fn admit(caller: &Caller, request: &HttpRequest) -> Result<Self::Scope, Problem>;
    /// What idempotency keys are scoped by; `None` where keys are ignored.
    fn idempotency_scope(_scope: &Self::Scope) -> Option<(uuid::Uuid, String)> {
        None
    }
    /// In whose log a write of this caller is kept; `None` for who is no staff.
    fn audited(_scope: &Self::Scope) -> Option<Audited> {
        None
    }
}

/// Whose log a write is kept in, and who made it.
#[derive(Clone, Debug)]
pub struct Audited {
    /// The tenant, where the path says it: the organization, and the checkout if it happened in one.
    pub tenant: Option<(OrganizationId, Option<CheckoutId>)>,
    /// Who.
    pub actor: Actor,
}

fn staff(caller: &Caller) -> Result<&Staff, Problem> {
    match caller {
        Caller::Staff(staff) => Ok(staff),
        Caller::Anonymous | Caller::Unknown | Caller::Buyer { .. } => Err(Problem::new(ProblemCode::Unauthenticated)),
    }
}

/// Anyone; tokens are ignored.
pub struct Public;

impl Policy for Public {
    type Scope = ();
    fn admit(_: &Caller, _: &HttpRequest) -> Result<(), Problem> {
        Ok(())
    }
}

/// Any member of staff: for what belongs to the caller themselves.
pub struct SignedIn;

impl Policy for SignedIn {
    type Scope = Staff;
    fn admit(caller: &Caller, _: &HttpRequest) -> Result<Staff, Problem> {
        staff(caller).cloned()
    }
    fn idempotency_scope(scope: &Staff) -> Option<(uuid::Uuid, String)> {
        // What belongs to no tenant yet is scoped by the caller alone.
        let tenant = match scope.principal {
            Principal::User(user) => user.uuid(),
            Principal::Key { organization, .. } => organization.uuid(),
        };
        Some((tenant, scope.principal.scope()))
    }
    fn audited(scope: &Staff) -> Option<Audited> {
        Some(Audited {
            tenant: None,
            actor: scope.actor(),
        })
    }
}

impl Staff {
    /// Refuses with 403 unless the permission is in the set, and says so when it is the mode of the key that refuses.
    pub fn require(&self, permissions: Permissions, needed: Permission) -> Result<(), Problem> {
        require(permissions, needed).map_err(|problem| {
            if self.test_mode && !needed.allowed_in_test_mode() {
                let name = needed.as_str();
                problem.detail(format!(
                    "a test key does not do this: {name} takes a live key, or a person who is signed in"
                ))
            } else {
                problem
            }
        })
    }

    /// As the audit log names them.
    pub fn actor(&self) -> Actor {
        let (kind, id) = match self.principal {
            Principal::User(user) => (ActorType::User, user.uuid()),
            Principal::Key { key, .. } => (ActorType::ApiKey, key.uuid()),
        };
        Actor {
            kind,
            id: Some(id),
            credential: Some(self.credential.clone()),
        }
    }
}

/// The buyer of the session in the path.
pub struct Buyer;

/// Which session a buyer holds the secret of.
#[derive(Clone, Copy, Debug)]
pub struct BuyerScope {
    /// The tenant.
    pub checkout: CheckoutId,
    /// The session.
    pub session: SessionId,
}

impl Policy for Buyer {
    type Scope = BuyerScope;

    fn admit(caller: &Caller, request: &HttpRequest) -> Result<BuyerScope, Problem> {
        let Caller::Buyer { checkout, session } = caller else {
            return Err(Problem::new(ProblemCode::Unauthenticated));
        };
        // The secret of one session says nothing about another: it does not exist for this caller.
        if request.match_info().get("session_id") != Some(session.to_string().as_str()) {
            return Err(Problem::new(ProblemCode::NotFound));
        }
        Ok(BuyerScope {
            checkout: *checkout,
            session: *session,
        })
    }

    fn idempotency_scope(scope: &BuyerScope) -> Option<(uuid::Uuid, String)> {
        Some((scope.checkout.uuid(), scope.session.to_string()))
    }
}

/// Who acts in which checkout.
#[derive(Clone, Debug)]
pub struct CheckoutScope {
    /// The tenant.
    pub checkout: CheckoutId,
    /// The tenant's organization.
    pub organization: OrganizationId,
    /// What the caller may do there, beyond what the route asked for.
    pub permissions: Permissions,
    /// Who acts.
    pub staff: Staff,
}

fn admit_to_checkout(caller: &Caller, request: &HttpRequest, needed: Permission) -> Result<CheckoutScope, Problem> {
    let staff = staff(caller)?;
    let asked = request.match_info().get("checkout_id").and_then(|id| id.parse().ok());
    // Another tenant's checkout, an unknown one and something that is no id at all are the same answer.
    let (checkout, organization, permissions) = staff
        .checkout
        .filter(|(checkout, ..)| Some(*checkout) == asked)
        .ok_or_else(|| Problem::new(ProblemCode::NotFound))?;
    staff.require(permissions, needed)?;
    Ok(CheckoutScope {
        checkout,
        organization,
        permissions,
        staff: staff.clone(),
    })
}

/// Who acts in which organization.
#[derive(Clone, Debug)]
pub struct OrganizationScope {
    /// The tenant.
    pub organization: OrganizationId,
    /// What the caller may do there, beyond what the route asked for.
    pub permissions: Permissions,
    /// Who acts.
    pub staff: Staff,
}

fn admit_to_organization(
    caller: &Caller,
    request: &HttpRequest,
    needed: Permission,
) -> Result<OrganizationScope, Problem> {
    let staff = staff(caller)?;
    let asked = request
        .match_info()
        .get("organization_id")
        .and_then(|id| id.parse().ok());
    let (organization, permissions) = staff
        .organization
        .filter(|(organization, _)| Some(*organization) == asked)
        .ok_or_else(|| Problem::new(ProblemCode::NotFound))?;
    staff.require(permissions, needed)?;
    Ok(OrganizationScope {
        organization,
        permissions,
        staff: staff.clone(),
    })
}

/// Refuses with 403 unless the permission is in the set.
pub fn require(permissions: Permissions, needed: Permission) -> Result<(), Problem> {
    if permissions.allows(needed) {
        Ok(())
    } else {
        Err(Problem::new(ProblemCode::Forbidden).detail(format!("requires {}", needed.as_str())))
    }
}

macro_rules! checkout_policies {
    ($($name:ident)+) => {$(
        #[doc = "A caller with the permission of the same name in the checkout of the path."]
        pub struct $name;

        impl Policy for $name {
            type Scope = CheckoutScope;
            fn admit(caller: &Caller, request: &HttpRequest) -> Result<CheckoutScope, Problem> {
                admit_to_checkout(caller, request, Permission::$name)
            }
            fn idempotency_scope(scope: &CheckoutScope) -> Option<(uuid::Uuid, String)> {
                Some((scope.checkout.uuid(), scope.staff.principal.scope()))
            }
            fn audited(scope: &CheckoutScope) -> Option<Audited> {
                Some(Audited {
                    tenant: Some((scope.organization, Some(scope.checkout))),
                    actor: scope.staff.actor(),
                })
            }
        }
    )+};
}

macro_rules! organization_policies {
    ($($name:ident)+) => {$(
        #[doc = "A caller with the permission of the same name in the organization of the path."]
        pub struct $name;

        impl Policy for $name {
            type Scope = OrganizationScope;
            fn admit(caller: &Caller, request: &HttpRequest) -> Result<OrganizationScope, Problem> {
                admit_to_organization(caller, request, Permission::$name)
            }
            fn idempotency_scope(scope: &OrganizationScope) -> Option<(uuid::Uuid, String)> {
                Some((scope.organization.uuid(), scope.staff.principal.scope()))
            }
            fn audited(scope: &OrganizationScope) -> Option<Audited> {
                Some(Audited {
                    tenant: Some((scope.organization, None)),
                    actor: scope.staff.actor(),
                })
            }
        }
    )+};
}

checkout_policies! {
    CheckoutRead CheckoutWrite CheckoutClose MembersRead MembersWrite KeysRead KeysWrite PaymentMethodsRead
    PaymentMethodsWrite CatalogRead CatalogWrite WebhooksRead WebhooksWrite OrdersRead OrdersWrite CustomersErase
    ReportsRead AuditRead
}

organization_policies! {
    OrganizationRead OrganizationWrite OrganizationDelete BillingRead BillingWrite PeopleRead PeopleWrite
    OrganizationKeysRead OrganizationKeysWrite OrganizationAuditRead
}
