//! What can go wrong with the database, and the one place that recognises it.
//!
//! diesel passes on six SQLSTATEs as kinds; deadlocks and timeouts arrive as `Unknown` and are told by the server's message,
//! which is the same text since PostgreSQL 8 when `lc_messages` is C (set on every connection).

use diesel::result::{DatabaseErrorKind, Error as Diesel};

use crate::kernel::problem::Problem;
use crate::kernel::problem_codes::ProblemCode;

/// A failure of the database or of a constraint in it.
#[derive(Debug)]
pub enum DbError {
    /// No connection within the wait allowed, or the server is away.
    Unavailable(String),
    /// The answer did not come in time.
    Timeout,
    /// Lost against another transaction: a retry may well succeed.
    Contention(String),
    /// A constraint said no: its name tells which.
    Constraint {
        /// The constraint's name in the schema.
        name: String,
    },
    /// A guarded update found no row in the state it asked for.
    Stale,
    /// Anything else: a defect of ours.
    Defect(String),
}

impl DbError {
    /// The name of the constraint that refused, if that is what happened.
    pub fn constraint(&self) -> Option<&str> {
        match self {
            Self::Constraint { name } => Some(name),
            _ => None,
        }
    }
}

impl std::fmt::Display for DbError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Unavailable(cause) => write!(f, "the database is not available: {cause}"),
            Self::Timeout => f.write_str("the database did not answer in time"),
            Self::Contention(cause) => write!(f, "lost against another transaction: {cause}"),
            Self::Constraint { name } => write!(f, "refused by the constraint {name}"),
            Self::Stale => f.write_str("a guarded update found no row in the expected state"),
            Self::Defect(cause) => f.write_str(cause),
        }
    }
}

impl std::error::Error for DbError {}

/// An error with the causes below it: the outermost alone is often just "db error".
pub struct Cause<'a>(pub &'a dyn std::error::Error);

impl std::fmt::Display for Cause<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0)?;
        let mut below = self.0.source();
        while let Some(cause) = below {
            write!(f, ": {cause}")?;
            below = cause.source();
        }
        Ok(())
    }
}

impl From<Diesel> for DbError {
    fn from(error: Diesel) -> Self {
        use DatabaseErrorKind as Kind;
        match error {
            Diesel::DatabaseError(kind, info) => match kind {
                Kind::UniqueViolation | Kind::ForeignKeyViolation | Kind::CheckViolation => Self::Constraint {
                    name: info.constraint_name().unwrap_or("unnamed").to_owned(),
                },
                Kind::SerializationFailure => Self::Contention(info.message().to_owned()),
                Kind::ClosedConnection | Kind::UnableToSendCommand => Self::Unavailable(info.message().to_owned()),
                _ => by_message(info.message()),
            },
            Diesel::BrokenTransactionManager => Self::Unavailable(error.to_string()),
            other => by_message(&other.to_string()),
        }
    }
}

fn by_message(message: &str) -> DbError {
    let says = |part: &str| message.contains(part);
    if says("deadlock detected") || says("due to lock timeout") {
        DbError::Contention(message.to_owned())
    } else if says("due to statement timeout") || says("due to user request") {
        DbError::Timeout
    } else if says("connection closed")
        || says("terminating connection")
        || says("error communicating with the server")
        || says("shutting down")
        || says("starting up")
        || says("too many connections")
        || says("too many clients")
        || says("remaining connection slots")
    {
        DbError::Unavailable(message.to_owned())
    } else {
        DbError::Defect(message.to_owned())
    }
}

/// Whether a failed transaction is worth another try.
pub trait Retry {
    /// True for what lost against another transaction.
    fn should_retry(&self) -> bool;
}

impl Retry for DbError {
    fn should_retry(&self) -> bool {
        matches!(self, Self::Contention(_))
    }
}

impl Retry for Problem {
    fn should_retry(&self) -> bool {
        self.contention
    }
}

impl From<DbError> for Problem {
    fn from(error: DbError) -> Self {
        match &error {
            DbError::Unavailable(_) | DbError::Timeout | DbError::Contention(_) => {
                let mut problem = Self::new(ProblemCode::ServiceUnavailable).retry_after(1);
                problem.contention = error.should_retry();
                problem.cause = Some(error.to_string());
                problem
            }
            DbError::Constraint { .. } | DbError::Stale | DbError::Defect(_) => Self::internal(error),
        }
    }
}

/// Gives a use case's error enum, which has a variant `Db(DbError)`, its place in [`super::Db::write`].
#[macro_export]
macro_rules! db_error {
    ($ty:ty) => {
        impl From<$crate::db::error::DbError> for $ty {
            fn from(error: $crate::db::error::DbError) -> Self {
                Self::Db(error)
            }
        }

        impl $crate::db::error::Retry for $ty {
            fn should_retry(&self) -> bool {
                matches!(self, Self::Db(error) if $crate::db::error::Retry::should_retry(error))
            }
        }
    };
}
