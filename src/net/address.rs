//! Pure: is this IP address a public unicast address?
//!
//! Guarantees: [`refusal`] answers `None` only for addresses that the public internet routes to a
//! single host. IPv6 is judged by allow-list (only 2000::/3 is handed out), so that a block reserved
//! tomorrow is refused today. Every form that carries an IPv4 address inside an IPv6 one is refused
//! whatever it carries: no honest name resolves to one, and whether the host would unwrap it depends
//! on its routes.
//!
//! It must not resolve names, know URLs, or be softened by configuration: the operator's permission
//! to reach private networks is decided by those who call it.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Why an address is not one to connect to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Refusal {
    /// 0.0.0.0/8 and `::`, which many systems take for "this host".
    Unspecified,
    /// 127.0.0.0/8 and `::1`.
    Loopback,
    /// RFC 1918, unique local and the old site-local addresses.
    Private,
    /// 100.64.0.0/10, the provider's side of carrier-grade NAT.
    SharedNat,
    /// 169.254.0.0/16 and fe80::/10.
    LinkLocal,
    /// Where clouds hand out credentials to whoever asks from inside.
    Metadata,
    /// One sender, many receivers.
    Multicast,
    /// 255.255.255.255.
    Broadcast,
    /// Addresses for use in books.
    Documentation,
    /// 198.18.0.0/15 and 2001:2::/48.
    Benchmark,
    /// An IPv6 address that stands for an IPv4 one: mapped, compatible, NAT64, 6to4, Teredo.
    Transition,
    /// Set aside for something else, or not handed out.
    Reserved,
}

impl Refusal {
    /// A stable short word for logs and stored attempts.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Unspecified => "unspecified",
            Self::Loopback => "loopback",
            Self::Private => "private",
            Self::SharedNat => "shared_nat",
            Self::LinkLocal => "link_local",
            Self::Metadata => "metadata",
            Self::Multicast => "multicast",
            Self::Broadcast => "broadcast",
            Self::Documentation => "documentation",
            Self::Benchmark => "benchmark",
            Self::Transition => "transition",
            Self::Reserved => "reserved",
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unspecified => "unspecified address",
            Self::Loopback => "loopback address",
            Self::Private => "private network",
            Self::SharedNat => "shared carrier network",
            Self::LinkLocal => "link-local address",
            Self::Metadata => "cloud metadata service",
            Self::Multicast => "multicast address",
            Self::Broadcast => "broadcast address",
            Self::Documentation => "documentation network",
            Self::Benchmark => "benchmark network",
            Self::Transition => "IPv4 address wrapped in IPv6",
            Self::Reserved => "reserved network",
        })
    }
}

/// Why `ip` must not be connected to, or `None` when it is a public unicast address.
pub fn refusal(ip: IpAddr) -> Option<Refusal> {
    match ip {
        IpAddr::V4(ip) => refusal_v4(ip),
        IpAddr::V6(ip) => refusal_v6(ip),
    }
}

fn refusal_v4(ip: Ipv4Addr) -> Option<Refusal> {
    let reason = match ip.octets() {
        // Azure's host agent sits in a public block; the others answer inside refused blocks and are
        // named for the sake of the report. 169.254.169.254 is nearly everyone's, 169.254.170.2 and
        // .23 are the container credential services, 100.100.100.200 Alibaba's, 192.0.0.192 Oracle's.
        [168, 63, 129, 16]
        | [169, 254, 169, 254]
        | [169, 254, 170, 2 | 23]
        | [100, 100, 100, 200]
        | [192, 0, 0, 192] => Refusal::Metadata,
        [255, 255, 255, 255] => Refusal::Broadcast,
        [0, ..] => Refusal::Unspecified,
        [127, ..] => Refusal::Loopback,
        [10, ..] | [172, 16..=31, ..] | [192, 168, ..] => Refusal::Private,
        [100, 64..=127, ..] => Refusal::SharedNat,
        [169, 254, ..] => Refusal::LinkLocal,
        [192, 0, 2, _] | [198, 51, 100, _] | [203, 0, 113, _] => Refusal::Documentation,
        [198, 18 | 19, ..] => Refusal::Benchmark,
        // Protocol assignments, and the withdrawn 6to4 relay anycast.
        [192, 0, 0, _] | [192, 88, 99, _] => Refusal::Reserved,
        [224..=239, ..] => Refusal::Multicast,
        [240..=255, ..] => Refusal::Reserved,
        _ => return None,
    };
    Some(reason)
}

fn refusal_v6(ip: Ipv6Addr) -> Option<Refusal> {
    let reason = match ip.segments() {
        [0, 0, 0, 0, 0, 0, 0, 0] => Refusal::Unspecified,
        [0, 0, 0, 0, 0, 0, 0, 1] => Refusal::Loopback,
        // Mapped ::ffff:0:0/96, translated ::ffff:0:0:0/96 and compatible ::/96.
        [0, 0, 0, 0, 0, 0xffff | 0, ..] | [0, 0, 0, 0, 0xffff, 0, ..] => Refusal::Transition,
        // NAT64: the well-known prefix, and the block for local ones.
        [0x64, 0xff9b, 0, 0, 0, 0, ..] | [0x64, 0xff9b, 1, ..] => Refusal::Transition,
        // 6to4, Teredo.
        [0x2002, ..] | [0x2001, 0, ..] => Refusal::Transition,
        [0x2001, 2, 0, ..] => Refusal::Benchmark,
        // The rest of 2001::/23: protocol assignments and identifiers that are no locations.
        [0x2001, 0..=0x1ff, ..] => Refusal::Reserved,
        [0x2001, 0xdb8, ..] | [0x3fff, 0..=0xfff, ..] => Refusal::Documentation,
        // The metadata services of AWS and Google Cloud have addresses in unique local space.
        [0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254] | [0xfd20, 0xce, 0, 0, 0, 0, 0, 0x254] => Refusal::Metadata,
        [0xfc00..=0xfdff, ..] | [0xfec0..=0xfeff, ..] => Refusal::Private,
        [0xfe80..=0xfebf, ..] => Refusal::LinkLocal,
        [0xff00..=0xffff, ..] => Refusal::Multicast,
        [0x2000..=0x3fff, ..] => return None,
        // Among them 100::/64 (discard) and 5f00::/16 (segment routing).
        _ => Refusal::Reserved,
    };
    Some(reason)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_special_block_is_refused_at_both_ends() {
        use Refusal::*;
        let table: &[(Refusal, &[&str])] = &[
            (Unspecified, &["0.0.0.0", "0.0.0.1", "0.255.255.255", "::"]),
            (Loopback, &["127.0.0.1", "127.0.0.0", "127.255.255.255", "::1"]),
            (Private, &["10.0.0.0", "10.255.255.255", "172.16.0.0", "172.31.255.255"]),
            (Private, &["192.168.0.0", "192.168.255.255", "fc00::", "fd00:ec2::1"]),
            (Private, &["fdff:ffff::ffff", "fec0::", "fec0::1", "feff:ffff::1"]),
            (SharedNat, &["100.64.0.0", "100.127.255.255"]),
            (
                LinkLocal,
                &["169.254.0.0", "169.254.255.255", "fe80::", "fe80::1", "febf::1"],
            ),
            (Metadata, &["169.254.169.254", "169.254.170.2", "169.254.170.23"]),
            (Metadata, &["100.100.100.200", "192.0.0.192", "168.63.129.16"]),
            (Metadata, &["fd00:ec2::254", "fd20:ce::254"]),
            (
                Multicast,
                &["224.0.0.0", "239.255.255.255", "ff00::", "ff02::1", "ffff::1"],
            ),
            (Broadcast, &["255.255.255.255"]),
            (
                Documentation,
                &["192.0.2.0", "192.0.2.255", "198.51.100.7", "203.0.113.255"],
            ),
            (
                Documentation,
                &["2001:db8::", "2001:db8:ffff::1", "3fff::", "3fff:fff:ffff::1"],
            ),
            (
                Benchmark,
                &["198.18.0.0", "198.19.255.255", "2001:2::", "2001:2:0:ffff::1"],
            ),
            (Transition, &["::ffff:127.0.0.1", "::ffff:7f00:1", "::ffff:8.8.8.8"]),
            (Transition, &["::ffff:0:127.0.0.1", "::127.0.0.1", "::8.8.8.8", "::2"]),
            (Transition, &["64:ff9b::7f00:1", "64:ff9b::8.8.8.8", "64:ff9b:1::"]),
            (Transition, &["64:ff9b:1:ffff::1", "2002:7f00:1::", "2002:808:808::1"]),
            (Transition, &["2001::", "2001:0:4136:e378:8000:63bf:3fff:fdd2"]),
            (Reserved, &["192.0.0.0", "192.0.0.255", "192.88.99.1", "240.0.0.0"]),
            (
                Reserved,
                &["255.255.255.254", "100::", "100::ffff", "5f00::", "5f00:ffff::1"],
            ),
            (
                Reserved,
                &["2001:1::1", "2001:10::1", "2001:20::1", "2001:1ff::1", "4000::1"],
            ),
            (
                Reserved,
                &["64:ff9b:2::1", "1::1", "fe00::1", "fe7f::1", "1fff::1", "200::1"],
            ),
        ];
        for (reason, addresses) in table {
            for address in *addresses {
                let ip: IpAddr = address.parse().unwrap();
                assert_eq!(refusal(ip), Some(*reason), "{address}");
            }
        }
    }

    #[test]
    fn the_neighbours_of_special_blocks_are_public() {
        for address in [
            "1.0.0.0",
            "8.8.8.8",
            "9.255.255.255",
            "11.0.0.0",
            "100.63.255.255",
            "100.128.0.0",
            "126.255.255.255",
            "128.0.0.0",
            "168.63.129.15",
            "169.253.255.255",
            "169.255.0.0",
            "172.15.255.255",
            "172.32.0.0",
            "191.255.255.255",
            "192.0.1.0",
            "192.0.3.0",
            "192.88.98.1",
            "192.167.255.255",
            "192.169.0.0",
            "198.17.255.255",
            "198.20.0.0",
            "198.51.99.1",
            "198.51.101.1",
            "203.0.112.1",
            "203.0.114.1",
            "223.255.255.255",
            "2000::1",
            "2001:200::1",
            "2001:db7::1",
            "2001:db9::1",
            "2003::1",
            "2606:4700::1111",
            "2a00:1450::1",
            "3ffe::1",
            "3fff:1000::1",
        ] {
            let ip: IpAddr = address.parse().unwrap();
            assert_eq!(refusal(ip), None, "{address}");
        }
    }
}
