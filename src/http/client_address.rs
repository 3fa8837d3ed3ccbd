//! Where a request comes from: the peer, or what a proxy that is ours says of it.
//!
//! `X-Forwarded-For` is read only when the peer is one of `KASSA_TRUSTED_PROXIES`, and from the right: each proxy appends the
//! address it saw, so the rightmost that is not a proxy of ours is the first that nobody could invent.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::str::FromStr;

use actix_web::HttpMessage;
use actix_web::dev::ServiceRequest;
use ipnet::IpNet;

/// The address of the client, on every request. An IPv4 address in IPv6's clothes is IPv4.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ClientAddress(pub IpAddr);

impl ClientAddress {
    /// What limits are counted by: an IPv4 address, or the /64 of an IPv6 one, which is what one customer is given.
    pub fn network(self) -> String {
        match self.0 {
            IpAddr::V4(address) => address.to_string(),
            IpAddr::V6(address) => {
                let [a, b, c, d, ..] = address.segments();
                format!("{}/64", Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
            }
        }
    }
}

impl fmt::Display for ClientAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The proxies whose word is taken.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrustedProxies(Vec<IpNet>);

/// An entry that is neither an address nor a network.
#[derive(Debug, PartialEq, Eq)]
pub struct InvalidNetwork;

impl FromStr for TrustedProxies {
    type Err = InvalidNetwork;

    /// Addresses and networks (`10.0.0.0/8`), separated by commas.
    fn from_str(text: &str) -> Result<Self, InvalidNetwork> {
        let network = |part: &str| {
            let address = part
                .parse::<IpAddr>()
                .map(|address| IpNet::from(address.to_canonical()));
            address.or_else(|_| part.parse()).map_err(|_| InvalidNetwork)
        };
        text.split(',')
            .map(str::trim)
            .map(network)
            .collect::<Result<_, _>>()
            .map(Self)
    }
}

impl TrustedProxies {
    fn trusts(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&address))
    }

    /// The client behind a peer: the last address of the header that is not a proxy of ours. What cannot be read ends the search at
    /// the last proxy that could.
    fn client<'a>(&self, peer: IpAddr, forwarded: impl DoubleEndedIterator<Item = &'a str>) -> IpAddr {
        let mut client = peer.to_canonical();
        let mut hops = forwarded.rev().flat_map(|line| line.rsplit(','));
        while self.trusts(client) {
            let Some(hop) = hops.next().and_then(address) else {
                break;
            };
            client = hop;
        }
        client
    }
}

/// `192.0.2.1`, `192.0.2.1:4711`, `2001:db8::1`, `[2001:db8::1]` or `[2001:db8::1]:4711`.
fn address(hop: &str) -> Option<IpAddr> {
    let hop = hop.trim();
    let bare = hop
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
        .unwrap_or(hop);
    let address = bare.parse().ok();
    let address = address.or_else(|| hop.parse::<SocketAddr>().ok().map(|socket| socket.ip()));
    address.map(|address: IpAddr| address.to_canonical())
}

/// Puts the [`ClientAddress`] on the request.
pub fn settle(proxies: &TrustedProxies, request: &ServiceRequest) -> ClientAddress {
    let peer = request
        .peer_addr()
        .map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.ip());
    let lines: Vec<&str> = request
        .headers()
        .get_all("x-forwarded-for")
        // A line that is no text is a hop that cannot be read.
        .map(|line| line.to_str().unwrap_or_default())
        .collect();
    let client = ClientAddress(proxies.client(peer, lines.into_iter()));
    request.extensions_mut().insert(client);
    client
}

/// The [`ClientAddress`] of a request that came through [`settle`].
pub fn of(request: &impl HttpMessage) -> ClientAddress {
    let settled = request.extensions().get::<ClientAddress>().copied();
    settled.unwrap_or(ClientAddress(IpAddr::V4(Ipv4Addr::UNSPECIFIED)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(peer: &str, lines: &[&str]) -> String {
        let proxies: TrustedProxies = "10.0.0.0/8, 192.0.2.7,fd00::/8".parse().expect("networks");
        proxies
            .client(peer.parse().expect("a peer"), lines.iter().copied())
            .to_string()
    }

    #[test]
    fn strangers_say_nothing_of_others() {
        assert_eq!(client("203.0.113.9", &["198.51.100.1"]), "203.0.113.9");
        assert_eq!(client("192.0.2.8", &["198.51.100.1"]), "192.0.2.8");
        assert_eq!(client("::ffff:203.0.113.9", &[]), "203.0.113.9");
    }

    #[test]
    fn the_last_that_is_no_proxy_is_the_client() {
        for (peer, lines, expected) in [
            ("10.1.1.1", &["198.51.100.1"][..], "198.51.100.1"),
            ("::ffff:10.1.1.1", &["198.51.100.1"], "198.51.100.1"),
            (
                "10.1.1.1",
                &["1.1.1.1, 198.51.100.1, 10.2.2.2 , 192.0.2.7"],
                "198.51.100.1",
            ),
            ("10.1.1.1", &["1.1.1.1", "198.51.100.1", "10.2.2.2"], "198.51.100.1"),
            ("fd00::1", &["[2001:db8::1]:443"], "2001:db8::1"),
            ("fd00::1", &["[2001:db8::1]"], "2001:db8::1"),
            ("10.1.1.1", &["198.51.100.1:4711"], "198.51.100.1"),
            ("10.1.1.1", &["::ffff:198.51.100.1"], "198.51.100.1"),
            // Nobody but ourselves.
            ("10.1.1.1", &["10.3.3.3, 10.2.2.2"], "10.3.3.3"),
            ("10.1.1.1", &[], "10.1.1.1"),
            // What cannot be read hides what is left of it.
            ("10.1.1.1", &["198.51.100.1, unknown, 10.2.2.2"], "10.2.2.2"),
            ("10.1.1.1", &["198.51.100.1, "], "10.1.1.1"),
        ] {
            assert_eq!(client(peer, lines), expected, "{peer} {lines:?}");
        }
    }

    #[test]
    fn limits_count_networks() {
        let network = |text: &str| ClientAddress(text.parse().expect("an address")).network();
        assert_eq!(network("198.51.100.1"), "198.51.100.1");
        assert_eq!(network("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::/64");
    }

    #[test]
    fn lists_are_read_or_refused() {
        for wrong in ["", "10.0.0.0/8,", "10.0.0.0/33", "proxy.example.com", "10.0.0.1:80"] {
            assert_eq!(wrong.parse::<TrustedProxies>(), Err(InvalidNetwork), "{wrong}");
        }
    }
}
