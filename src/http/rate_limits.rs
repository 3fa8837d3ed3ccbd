//! How often clients may call: three classes of routes, each with a quota of its own.
//!
//! | class | routes | counted by |
//! |---|---|---|
//! | storefront | `/v1/storefront/`, `/v1/returns/` | session secret, else client address |
//! | management | everything else under `/v1/` | staff token, else client address |
//! | auth | `/v1/auth/` | client address |
//!
//! Callbacks of payment providers, health, the document, problems and public keys are not limited.

use std::fmt;
use std::str::FromStr;

use super::limiter::{Limiter, Quota};
use crate::kernel::clock::Clock;

/// A class of routes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// The buyer's side.
    Storefront,
    /// The merchant's side.
    Management,
    /// Signing in.
    Auth,
}

impl Class {
    /// Every class.
    pub const ALL: [Self; 3] = [Self::Storefront, Self::Management, Self::Auth];

    /// Its name, in settings and in `RateLimit-Policy`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Storefront => "storefront",
            Self::Management => "management",
            Self::Auth => "auth",
        }
    }

    /// The class of a path or path template; `None`: not limited.
    pub fn of(path: &str) -> Option<Self> {
        let rest = path.strip_prefix("/v1/")?;
        match rest.split('/').next()? {
            "callbacks" => None,
            "storefront" | "returns" => Some(Self::Storefront),
            "auth" => Some(Self::Auth),
            _ => Some(Self::Management),
        }
    }
}

/// What the operator configures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateLimitSettings {
    /// Per class, in the order of [`Class::ALL`]; `None`: no limit.
    quotas: [Option<Quota>; 3],
    /// Clients on this machine are not limited.
    pub exempt_loopback: bool,
}

impl Default for RateLimitSettings {
    fn default() -> Self {
        let per_minute = |count| Some(Quota::new(count, 60));
        Self {
            quotas: [per_minute(600), per_minute(1200), per_minute(60)],
            exempt_loopback: false,
        }
    }
}

impl RateLimitSettings {
    /// No limits at all.
    pub const OFF: Self = Self {
        quotas: [None; 3],
        exempt_loopback: false,
    };

    /// The same, with clients on this machine exempt or not.
    #[must_use]
    pub fn exempting_loopback(self, exempt_loopback: bool) -> Self {
        Self {
            exempt_loopback,
            ..self
        }
    }
}

const UNITS: [(&str, u32); 3] = [("s", 1), ("min", 60), ("hour", 3600)];

impl fmt::Display for RateLimitSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if *self == Self::OFF {
            return f.write_str("off");
        }
        for (index, (class, quota)) in Class::ALL.iter().zip(self.quotas).enumerate() {
            let comma = if index == 0 { "" } else { "," };
            write!(f, "{comma}{}=", class.name())?;
            match quota {
                None => f.write_str("off")?,
                Some(quota) => {
                    let unit = UNITS.iter().find(|(_, seconds)| *seconds == quota.seconds());
                    write!(f, "{}/{}", quota.count(), unit.map_or("s", |(name, _)| name))?;
                }
            }
        }
        Ok(())
    }
}

/// Not of the form `storefront=600/min,management=1200/min,auth=60/min`.
#[derive(Debug, PartialEq, Eq)]
pub struct InvalidRateLimits;

impl FromStr for RateLimitSettings {
    type Err = InvalidRateLimits;

    /// `off`, or a quota for some classes (`auth=60/min`, `storefront=off`); the others keep their default.
    fn from_str(text: &str) -> Result<Self, InvalidRateLimits> {
        if text == "off" {
            return Ok(Self::OFF);
        }
        let mut settings = Self::default();
        let mut seen = [false; 3];
        for part in text.split(',') {
            let (name, quota) = part.trim().split_once('=').ok_or(InvalidRateLimits)?;
            let class = Class::ALL.iter().position(|class| class.name() == name.trim());
            let class = class.ok_or(InvalidRateLimits)?;
            if std::mem::replace(&mut seen[class], true) {
                return Err(InvalidRateLimits);
            }
            settings.quotas[class] = quota_of(quota.trim())?;
        }
        Ok(settings)
    }
}

fn quota_of(text: &str) -> Result<Option<Quota>, InvalidRateLimits> {
    if text == "off" {
        return Ok(None);
    }
    let (count, unit) = text.split_once('/').ok_or(InvalidRateLimits)?;
    let seconds = UNITS
        .iter()
        .find(|(name, _)| *name == unit)
        .map(|(_, seconds)| *seconds);
    let digits = count.bytes().all(|byte| byte.is_ascii_digit());
    match (count.parse(), seconds) {
        (Ok(count @ 1..=1_000_000), Some(seconds)) if digits => Ok(Some(Quota::new(count, seconds))),
        _ => Err(InvalidRateLimits),
    }
}

/// The limits in force, with their counts.
#[derive(Debug)]
pub struct RateLimits {
    limiters: [Option<Limiter>; 3],
    /// Clients on this machine are not limited.
    pub exempt_loopback: bool,
}

impl RateLimits {
    /// Limits as configured, by the application's clock.
    pub fn new(settings: &RateLimitSettings, clock: &Clock) -> Self {
        Self {
            limiters: settings
                .quotas
                .map(|quota| quota.map(|quota| Limiter::new(quota, clock))),
            exempt_loopback: settings.exempt_loopback,
        }
    }

    /// The limit of a class.
    pub fn of(&self, class: Class) -> Option<&Limiter> {
        let place = Class::ALL.iter().position(|known| *known == class)?;
        self.limiters[place].as_ref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_read_and_written_alike() {
        let default = RateLimitSettings::default();
        assert_eq!(
            default.to_string(),
            "storefront=600/min,management=1200/min,auth=60/min"
        );
        for text in [
            "off",
            "storefront=600/min,management=1200/min,auth=60/min",
            "storefront=off,management=5/s,auth=1000000/hour",
        ] {
            assert_eq!(
                text.parse::<RateLimitSettings>().map(|read| read.to_string()),
                Ok(text.to_owned())
            );
        }
        let some: RateLimitSettings = " auth = 5/min ".parse().expect("settings");
        assert_eq!(some.to_string(), "storefront=600/min,management=1200/min,auth=5/min");
        for wrong in [
            "",
            "on",
            "600",
            "auth",
            "auth=60",
            "auth=0/min",
            "auth=+1/min",
            "auth=-1/min",
            "auth=1000001/min",
            "auth=60/day",
            "auth=60/min,",
            "auth=60/min,auth=off",
            "buyers=1/s",
        ] {
            assert_eq!(wrong.parse::<RateLimitSettings>(), Err(InvalidRateLimits), "{wrong}");
        }
    }

    #[test]
    fn routes_have_their_class() {
        for (path, class) in [
            ("/v1/storefront/sessions", Some(Class::Storefront)),
            ("/v1/returns/stripe/pay_x", Some(Class::Storefront)),
            ("/v1/auth/login", Some(Class::Auth)),
            ("/v1/me", Some(Class::Management)),
            ("/v1/checkouts/{checkout_id}/offers", Some(Class::Management)),
            ("/v1/nothing", Some(Class::Management)),
            ("/v1/callbacks/stripe/chk_x", None),
            ("/v1", None),
            ("/livez", None),
            ("/readyz", None),
            ("/openapi/v1.json", None),
            ("/docs/index.html", None),
            ("/problems/not-found", None),
            ("/.well-known/jwks.json", None),
        ] {
            assert_eq!(Class::of(path), class, "{path}");
        }
    }
}
