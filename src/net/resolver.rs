//! DNS whose every answer is vetted before a connection can be made to it.
//!
//! Guarantees: the addresses handed to the HTTP client are exactly the ones that were vetted, from
//! one look-up; nothing looks the name up again before connecting, so an answer that changes between
//! check and use (rebinding) gains nothing. One refused address among several refuses the name: a
//! name that mixes public and private addresses is an attack or a mistake, and either way picking
//! the harmless one would hide it.
//!
//! It must not cache: the operating system does that, and a cache here would outlive the TTL. It is
//! not asked for literal addresses in URLs; those are vetted in [`super::target`].

use super::address::{Refusal, refusal};
use futures_util::future::BoxFuture;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::fmt;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use tokio::sync::Semaphore;

/// Look-ups in progress at once. Each holds a thread of the blocking pool until the system's
/// resolver gives up, so names served by a tar pit must not be able to take the whole pool.
const LOOKUPS_IN_FLIGHT: usize = 64;

/// Where addresses come from: the system, or what a test puts in its place.
pub trait Lookup: Send + Sync + 'static {
    /// All addresses of `host`, unjudged.
    fn lookup(&self, host: String) -> BoxFuture<'static, io::Result<Vec<IpAddr>>>;
}

/// The operating system's resolver.
#[derive(Debug, Clone)]
pub struct SystemLookup {
    in_flight: Arc<Semaphore>,
}

impl Default for SystemLookup {
    fn default() -> Self {
        Self {
            in_flight: Arc::new(Semaphore::new(LOOKUPS_IN_FLIGHT)),
        }
    }
}

impl Lookup for SystemLookup {
    fn lookup(&self, host: String) -> BoxFuture<'static, io::Result<Vec<IpAddr>>> {
        let in_flight = Arc::clone(&self.in_flight);
        Box::pin(async move {
            let permit = in_flight.acquire_owned().await.map_err(io::Error::other)?;
            // In a task of its own, because the caller's timeout does not stop the thread: the permit
            // is given back when the look-up has ended, not when nobody waits for it any more.
            #[expect(
                clippy::disallowed_methods,
                reason = "a look-up cannot be cancelled: it ends by itself, and holds nothing of ours"
            )]
            let task = tokio::spawn(async move {
                let found = tokio::net::lookup_host((host.as_str(), 0)).await;
                drop(permit);
                found.map(|addresses| addresses.map(|a| a.ip()).collect())
            });
            task.await.map_err(io::Error::other)?
        })
    }
}

/// Why a name gave no address to connect to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResolveError {
    /// Look-up failed, or there is no such name.
    Failed(io::ErrorKind),
    /// The name exists and has no address.
    NoAddress,
    /// At least one of the addresses is not public.
    Refused { address: IpAddr, reason: Refusal },
}

impl fmt::Display for ResolveError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failed(kind) => write!(f, "the host name could not be resolved ({kind})"),
            Self::NoAddress => f.write_str("the host name has no address"),
            Self::Refused { reason, .. } => write!(f, "the address is not public ({reason})"),
        }
    }
}

impl std::error::Error for ResolveError {}

/// The resolver given to the HTTP client.
#[derive(Clone)]
pub(super) struct VettingResolver {
    lookup: Arc<dyn Lookup>,
    allow_private: bool,
}

impl VettingResolver {
    pub(super) fn new(lookup: Arc<dyn Lookup>, allow_private: bool) -> Self {
        Self { lookup, allow_private }
    }

    async fn vetted(self, host: String) -> Result<Vec<SocketAddr>, ResolveError> {
        let found = self.lookup.lookup(host).await;
        let addresses = found.map_err(|error| ResolveError::Failed(error.kind()))?;
        if addresses.is_empty() {
            return Err(ResolveError::NoAddress);
        }
        if !self.allow_private {
            for &address in &addresses {
                if let Some(reason) = refusal(address) {
                    return Err(ResolveError::Refused { address, reason });
                }
            }
        }
        // Port 0 stands for the port of the URL.
        Ok(addresses.into_iter().map(|ip| SocketAddr::new(ip, 0)).collect())
    }
}

impl Resolve for VettingResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let vetted = self.clone().vetted(name.as_str().to_owned());
        Box::pin(async move {
            let addresses = vetted.await?;
            Ok(Box::new(addresses.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::VecDeque;
    use std::sync::Mutex;

    struct Script(Mutex<VecDeque<Vec<&'static str>>>);

    impl Lookup for Script {
        fn lookup(&self, _host: String) -> BoxFuture<'static, io::Result<Vec<IpAddr>>> {
            let next = self.0.lock().unwrap().pop_front();
            Box::pin(async move {
                let next = next.ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))?;
                Ok(next.iter().map(|a| a.parse().unwrap()).collect())
            })
        }
    }

    fn resolver(answers: &[&[&'static str]], allow_private: bool) -> VettingResolver {
        let script = answers.iter().map(|a| a.to_vec()).collect();
        VettingResolver::new(Arc::new(Script(Mutex::new(script))), allow_private)
    }

    async fn ask(resolver: &VettingResolver) -> Result<Vec<SocketAddr>, ResolveError> {
        resolver.clone().vetted("shop.example".to_owned()).await
    }

    #[tokio::test]
    async fn rebinding_is_refused_at_the_second_answer() {
        let resolver = resolver(&[&["8.8.8.8"], &["127.0.0.1"]], false);
        assert_eq!(ask(&resolver).await.unwrap(), ["8.8.8.8:0".parse().unwrap()]);
        let second = ask(&resolver).await.unwrap_err();
        assert!(matches!(
            second,
            ResolveError::Refused {
                reason: Refusal::Loopback,
                ..
            }
        ));
    }

    #[tokio::test]
    async fn one_private_address_among_public_ones_refuses_the_name() {
        for answer in [["8.8.8.8", "10.0.0.1"], ["fd00::1", "2606:4700::1111"]] {
            let error = ask(&resolver(&[&answer], false)).await.unwrap_err();
            assert!(matches!(
                error,
                ResolveError::Refused {
                    reason: Refusal::Private,
                    ..
                }
            ));
            assert_eq!(ask(&resolver(&[&answer], true)).await.unwrap().len(), 2);
        }
    }

    #[tokio::test]
    async fn nothing_found_is_told_apart() {
        assert_eq!(
            ask(&resolver(&[&[]], false)).await.unwrap_err(),
            ResolveError::NoAddress
        );
        let gone = ask(&resolver(&[], false)).await.unwrap_err();
        assert_eq!(gone, ResolveError::Failed(io::ErrorKind::NotFound));
    }

    #[tokio::test]
    async fn the_system_knows_localhost() {
        let found = SystemLookup::default().lookup("localhost".to_owned()).await.unwrap();
        assert!(found.iter().all(|ip| ip.is_loopback()) && !found.is_empty());
    }
}
