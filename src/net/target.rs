//! Pure: may this URL be called at all?
//!
//! Guarantees: what passes is an absolute http(s) URL without credentials, without a fragment, on a
//! permitted port, whose host is either a vetted literal address or a name worth asking DNS about.
//! The host is judged after normalisation, in the very form that is dialled: `127.1`, `0x7f000001`,
//! `2130706433`, `127%2e0.0.1` and full-width digits have all become `127.0.0.1` by then.
//!
//! It must not ask DNS: a name that passes here may still resolve to a refused address, today or
//! later. That check belongs to [`super::resolver`], at the moment of connecting.

use super::address::{Refusal, refusal};
use reqwest::Url;
use std::fmt;
use std::net::IpAddr;

const MAX_URL: usize = 2048;
const MAX_NAME: usize = 253;
const MAX_LABEL: usize = 63;

/// Services that answer to text sent by strangers, on ports above 1023. A web server on one of them
/// is rarer than a database left open.
const NOT_WEB: &[u16] = &[
    1433, 1521, 2049, 2375, 2376, 2379, 2380, 3306, 3389, 4190, 5060, 5061, 5432, 5672, 5900, 5984, 6000, 6379, 6380,
    6443, 6665, 6666, 6667, 6668, 6669, 6697, 9042, 9092, 9200, 9300, 10080, 10250, 11211, 26379, 27017, 27018, 50070,
];

/// Names that never leave the machine or the site, whatever a resolver says about them.
const LOCAL_ZONES: &[&str] = &["localhost", "local", "internal", "home.arpa", "onion"];

/// What the operator permits.
#[derive(Debug, Clone, Copy, Default)]
pub struct Policy {
    /// Private addresses, local names, every port, and plain http.
    pub allow_private: bool,
    /// Plain http to public addresses.
    pub allow_http: bool,
}

/// Why a URL is not called. The texts name nothing that the writer of the URL does not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TargetError {
    /// The URL itself is at fault.
    Invalid(&'static str),
    /// The URL names an address that is not public.
    Refused { address: IpAddr, reason: Refusal },
}

impl fmt::Display for TargetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Invalid(reason) => f.write_str(reason),
            Self::Refused { reason, .. } => write!(f, "the address is not public ({reason})"),
        }
    }
}

impl std::error::Error for TargetError {}

/// Parses `raw` and vets everything that can be vetted without DNS.
pub fn check(raw: &str, policy: Policy) -> Result<Url, TargetError> {
    use TargetError::Invalid;
    if raw.len() > MAX_URL {
        return Err(Invalid("the URL is longer than 2048 bytes"));
    }
    // Parsers skip tabs and newlines and take a backslash for a slash; a reader does not.
    if raw.chars().any(|c| c.is_control() || c.is_whitespace() || c == '\\') {
        return Err(Invalid("the URL contains a space, a control character or a backslash"));
    }
    let Some((_, rest)) = raw.split_once("://") else {
        return Err(Invalid("the URL must begin with https://"));
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if authority.is_empty() {
        return Err(Invalid("the URL names no host"));
    }
    if authority.contains('@') {
        return Err(Invalid("the URL must not contain a user name or password"));
    }
    let url = Url::parse(raw).map_err(|_| Invalid("the URL cannot be read"))?;
    match url.scheme() {
        "https" => {}
        "http" if policy.allow_http || policy.allow_private => {}
        "http" => return Err(Invalid("the URL must use https")),
        _ => return Err(Invalid("the URL must begin with https://")),
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Invalid("the URL must not contain a user name or password"));
    }
    if url.fragment().is_some() {
        return Err(Invalid("the URL must not contain a fragment (#)"));
    }
    let host = url.host_str().unwrap_or_default();
    if let Some(address) = literal(host)? {
        if !policy.allow_private
            && let Some(reason) = refusal(address)
        {
            return Err(TargetError::Refused { address, reason });
        }
    } else {
        check_name(host, policy)?;
    }
    match url.port_or_known_default() {
        Some(0) | None => return Err(Invalid("the port is not valid")),
        Some(port) if policy.allow_private || permitted_port(port) => {}
        Some(_) => {
            return Err(Invalid("the port is not permitted; use 443 or a web port from 1024"));
        }
    }
    Ok(url)
}

/// The address a normalised host spells out, with the parser the connector uses: what this does not
/// take for an address, the connector asks the resolver about.
fn literal(host: &str) -> Result<Option<IpAddr>, TargetError> {
    match host.strip_prefix('[') {
        Some(rest) => rest
            .strip_suffix(']')
            .and_then(|inner| inner.parse().ok())
            .map(|ip| Some(IpAddr::V6(ip)))
            .ok_or(TargetError::Invalid("the address in the URL cannot be read")),
        None => Ok(host.parse().ok()),
    }
}

fn check_name(host: &str, policy: Policy) -> Result<(), TargetError> {
    use TargetError::Invalid;
    let name = host.strip_suffix('.').unwrap_or(host);
    let labels_fit = name.split('.').all(|label| (1..=MAX_LABEL).contains(&label.len()));
    if name.is_empty() || name.len() > MAX_NAME || !labels_fit {
        return Err(Invalid("the host name is not valid"));
    }
    if policy.allow_private {
        return Ok(());
    }
    let local = |zone: &&'static str| {
        name.strip_suffix(*zone)
            .is_some_and(|before| before.is_empty() || before.ends_with('.'))
    };
    // A single label is completed by the resolver's search list: a neighbour, never a public site.
    if !name.contains('.') || LOCAL_ZONES.iter().any(local) {
        return Err(Invalid("the host name is a local one"));
    }
    Ok(())
}

fn permitted_port(port: u16) -> bool {
    port == 443 || (port >= 1024 && !NOT_WEB.contains(&port))
}

#[cfg(test)]
mod tests {
    use super::*;

    const STRICT: Policy = Policy {
        allow_private: false,
        allow_http: false,
    };
    const OPEN: Policy = Policy {
        allow_private: true,
        allow_http: true,
    };

    #[test]
    fn ordinary_endpoints_pass() {
        for url in [
            "https://example.com/hooks?a=b",
            "HTTPS://Example.COM/",
            "https://example.com.:8443/",
            "https://bücher.example/kasse",
            "https://xn--bcher-kva.example/",
            "https://8.8.8.8/",
            "https://[2606:4700::1111]:3000/x",
            "https://my_host.example.com/",
            "https://example.com/a%2eb@c",
        ] {
            assert!(check(url, STRICT).is_ok(), "{url}: {:?}", check(url, STRICT));
        }
    }

    #[test]
    fn literals_are_refused_in_every_spelling() {
        for host in [
            "127.0.0.1",
            "127.1",
            "2130706433",
            "0x7f000001",
            "0177.0.0.1",
            "127.0.0.1.",
            "0",
            "0.0.0.0",
            "127%2e0.0.1",
            "１２７.0.0.1",
            "127。0。0。1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "192.0.0.1",
            "198.18.0.1",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "192.0.2.1",
            "[::]",
            "[::1]",
            "[::ffff:127.0.0.1]",
            "[::ffff:7f00:1]",
            "[::127.0.0.1]",
            "[64:ff9b::7f00:1]",
            "[64:ff9b:1::]",
            "[2002:7f00:1::]",
            "[2001:0::1]",
            "[fc00::1]",
            "[fd00:ec2::254]",
            "[fe80::1]",
            "[fec0::1]",
            "[ff02::1]",
            "[100::1]",
            "[5f00::1]",
            "[3fff::1]",
        ] {
            let url = format!("https://{host}/");
            let verdict = check(&url, STRICT);
            assert!(
                matches!(verdict, Err(TargetError::Refused { .. })),
                "{url}: {verdict:?}"
            );
            assert!(check(&url, OPEN).is_ok(), "{url} with private networks allowed");
        }
    }

    #[test]
    fn tricks_and_local_names_are_refused() {
        let long_name = format!("https://{}.example/", "a".repeat(64));
        let many_labels = format!("https://{}example/", "a.".repeat(255));
        let long = format!("https://example.com/{}", "a".repeat(2048));
        for url in [
            "",
            "example.com",
            "https:example.com",
            "https:/example.com",
            "https:///example.com",
            "https://",
            "https://?x",
            "https://user@example.com/",
            "https://user:pass@example.com/",
            "https://:pass@example.com/",
            "https://@example.com/",
            "https://a.com\\@127.0.0.1/",
            "https://a.com#@127.0.0.1/",
            "https://a.com/#x",
            "https://exa\tmple.com/",
            "https://exa\nmple.com/",
            " https://example.com/",
            "https://exa mple.com/",
            "http://example.com/",
            "file:///etc/passwd",
            "gopher://example.com/",
            "ftp://example.com/",
            "unix:///run/x.sock",
            "data:text/plain,x",
            "javascript:alert(1)",
            "ws://example.com/",
            "https://[fe80::1%25eth0]/",
            "https://[fe80::1%eth0]/",
            "https://[v1.x]/",
            "https://localhost/",
            "https://localhost./",
            "https://LOCALHOST/",
            "https://a.localhost/",
            "https://metadata.google.internal/",
            "https://metadata/",
            "https://printer.local/",
            "https://a..b.example/",
            "https://./",
            "https://1.2.3.4.5/",
            "https://256.1.1.1/",
            &long_name,
            &many_labels,
            &long,
        ] {
            let verdict = check(url, STRICT);
            assert!(matches!(verdict, Err(TargetError::Invalid(_))), "{url}: {verdict:?}");
        }
    }

    #[test]
    fn ports_follow_the_policy() {
        for port in [443u16, 1024, 3000, 8080, 8443, 65535] {
            assert!(check(&format!("https://example.com:{port}/"), STRICT).is_ok(), "{port}");
        }
        for port in [0u16, 1, 22, 25, 53, 80, 110, 444, 587, 1023, 5432, 6379, 11211, 27017] {
            assert!(
                check(&format!("https://example.com:{port}/"), STRICT).is_err(),
                "{port}"
            );
        }
        assert!(check("https://example.com:99999/", OPEN).is_err());
        assert!(check("https://example.com:0/", OPEN).is_err());
        assert!(check("http://localhost/", OPEN).is_ok());
        assert!(check("http://db:5432/", OPEN).is_ok());
        let plain = Policy {
            allow_private: false,
            allow_http: true,
        };
        assert!(check("http://example.com:8080/", plain).is_ok());
        assert!(check("http://example.com/", plain).is_err());
        assert!(check("http://user@localhost/", OPEN).is_err());
    }
}
