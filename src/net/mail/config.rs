//! Reads the operator's mail URL.
//!
//! - `smtps://user:password@host[:465]`: TLS from the first byte
//! - `smtp://[user:password@]host[:port][?tls=required|opportunistic|none]`: without `tls`, none to
//!   a loopback host and STARTTLS required to any other; the port is 587 when it is required, else 25
//! - `file:///directory`: one file per message
//!
//! User name and password are percent-decoded. Guarantees: no error and no Debug repeats any part of
//! the URL, because the password is in it, and a misread URL may have it in any part.
//!
//! It must not connect: a mail server that is down must not keep the product from starting.

use reqwest::Url;
use secrecy::{ExposeSecret, SecretString};
use std::fmt;
use std::net::IpAddr;
use std::path::PathBuf;

/// What is wrong with the mail URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailUrlError {
    Syntax,
    Scheme,
    Host,
    Credentials,
    Encoding,
    Excess,
    Parameter,
    Directory,
    Tls,
}

impl fmt::Display for MailUrlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Syntax => "the mail URL cannot be read; percent-encode the password",
            Self::Scheme => "the mail URL must begin with smtp://, smtps:// or file:///",
            Self::Host => "the mail URL names no valid host",
            Self::Credentials => "the mail URL must have both user name and password, or neither",
            Self::Encoding => "user name or password in the mail URL are wrongly percent-encoded",
            Self::Excess => "the mail URL must not have a path or a fragment; percent-encode the password",
            Self::Parameter => "the only parameter of the mail URL is tls=required|opportunistic|none, with smtp://",
            Self::Directory => "the mail URL must name an absolute directory, as in file:///var/mail",
            Self::Tls => "TLS for mail cannot be set up: the system's certificates cannot be used",
        })
    }
}

impl std::error::Error for MailUrlError {}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TlsMode {
    Implicit,
    Required,
    Opportunistic,
    None,
}

#[derive(Debug)]
pub(super) struct SmtpConfig {
    pub host: String,
    pub port: u16,
    pub tls: TlsMode,
    pub login: Option<(String, SecretString)>,
}

#[derive(Debug)]
pub(super) enum Config {
    Smtp(SmtpConfig),
    Files(PathBuf),
}

pub(super) fn parse(secret: &SecretString) -> Result<Config, MailUrlError> {
    let url = Url::parse(secret.expose_secret()).map_err(|_| MailUrlError::Syntax)?;
    let tls = match url.scheme() {
        "file" => return directory(&url),
        "smtps" if url.query().is_some() => return Err(MailUrlError::Parameter),
        "smtps" => Some(TlsMode::Implicit),
        "smtp" => tls_parameter(&url)?,
        _ => return Err(MailUrlError::Scheme),
    };
    if !matches!(url.path(), "" | "/") || url.fragment().is_some() {
        return Err(MailUrlError::Excess);
    }
    let host = url.host_str().unwrap_or_default();
    let host = host.strip_prefix('[').and_then(|h| h.strip_suffix(']')).unwrap_or(host);
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_' | b':');
    if host.is_empty() || !host.bytes().all(plain) {
        return Err(MailUrlError::Host);
    }
    let tls = tls.unwrap_or(if is_loopback(host) {
        TlsMode::None
    } else {
        TlsMode::Required
    });
    let usual_port = match tls {
        TlsMode::Implicit => 465,
        TlsMode::Required => 587,
        TlsMode::Opportunistic | TlsMode::None => 25,
    };
    let login = match (url.username(), url.password()) {
        ("", None) => None,
        ("", Some(_)) | (_, None) => return Err(MailUrlError::Credentials),
        (user, Some(password)) => Some((percent_decode(user)?, SecretString::from(percent_decode(password)?))),
    };
    let port = url.port().unwrap_or(usual_port);
    Ok(Config::Smtp(SmtpConfig {
        host: host.to_owned(),
        port,
        tls,
        login,
    }))
}

fn directory(url: &Url) -> Result<Config, MailUrlError> {
    if url.query().is_some() || url.fragment().is_some() || url.host_str().is_some() {
        return Err(MailUrlError::Directory);
    }
    let path = url.to_file_path().map_err(|()| MailUrlError::Directory)?;
    Ok(Config::Files(path))
}

fn tls_parameter(url: &Url) -> Result<Option<TlsMode>, MailUrlError> {
    match url.query() {
        None | Some("") => Ok(None),
        Some("tls=required") => Ok(Some(TlsMode::Required)),
        Some("tls=opportunistic") => Ok(Some(TlsMode::Opportunistic)),
        Some("tls=none") => Ok(Some(TlsMode::None)),
        Some(_) => Err(MailUrlError::Parameter),
    }
}

fn is_loopback(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost") || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn percent_decode(text: &str) -> Result<String, MailUrlError> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let digit = |b: Option<u8>| b.and_then(|b| char::from(b).to_digit(16));
        let (high, low) = (digit(rest.next()), digit(rest.next()));
        let (Some(high), Some(low)) = (high, low) else {
            return Err(MailUrlError::Encoding);
        };
        bytes.push(u8::try_from(high * 16 + low).map_err(|_| MailUrlError::Encoding)?);
    }
    let text = String::from_utf8(bytes).map_err(|_| MailUrlError::Encoding)?;
    // Also keeps a line break out of the login exchange.
    if text.chars().any(char::is_control) {
        Err(MailUrlError::Encoding)
    } else {
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn smtp(url: &str) -> SmtpConfig {
        match parse(&SecretString::from(url)).unwrap() {
            Config::Smtp(config) => config,
            Config::Files(_) => panic!("{url} is no SMTP"),
        }
    }

    #[test]
    fn defaults_are_safe() {
        for (url, port, tls) in [
            ("smtp://mail.example", 587, TlsMode::Required),
            ("smtp://mail.example:2525/", 2525, TlsMode::Required),
            ("smtp://mail.example?tls=opportunistic", 25, TlsMode::Opportunistic),
            ("smtp://mail.example:1025?tls=none", 1025, TlsMode::None),
            ("smtps://mail.example", 465, TlsMode::Implicit),
            ("smtp://localhost", 25, TlsMode::None),
            ("smtp://127.0.0.1:1025", 1025, TlsMode::None),
            ("smtp://[::1]:1025", 1025, TlsMode::None),
            ("smtp://localhost?tls=required", 587, TlsMode::Required),
        ] {
            let config = smtp(url);
            assert_eq!((config.port, config.tls), (port, tls), "{url}");
            assert!(config.login.is_none());
        }
        assert_eq!(smtp("smtp://[::1]").host, "::1");
    }

    #[test]
    fn credentials_are_decoded() {
        let (user, password) = smtp("smtps://a%40b.example:p%2Fw%C3%A4+1@h").login.unwrap();
        assert_eq!((user.as_str(), password.expose_secret()), ("a@b.example", "p/wä+1"));
    }

    #[test]
    fn a_directory_is_a_path() {
        let Config::Files(path) = parse(&SecretString::from("file:///tmp/a%20b")).unwrap() else {
            panic!("no directory")
        };
        assert_eq!(path, PathBuf::from("/tmp/a b"));
    }

    #[test]
    fn errors_are_clear_and_never_show_the_password() {
        for (url, expected) in [
            ("hunter2", MailUrlError::Syntax),
            ("http://u:hunter2@h", MailUrlError::Scheme),
            ("smtp:u:hunter2", MailUrlError::Excess),
            ("smtp:///hunter2", MailUrlError::Excess),
            ("smtp://", MailUrlError::Host),
            ("smtp://u:hunter2@h%20x", MailUrlError::Host),
            ("smtp://u@h", MailUrlError::Credentials),
            ("smtp://:hunter2@h", MailUrlError::Credentials),
            ("smtp://u:hunter2%@h", MailUrlError::Encoding),
            ("smtp://u:hunter2%0d%0a@h", MailUrlError::Encoding),
            ("smtp://u:hunter2%ff@h", MailUrlError::Encoding),
            ("smtp://h/hunter2", MailUrlError::Excess),
            ("smtp://h#hunter2", MailUrlError::Excess),
            ("smtp://h?tls=maybe", MailUrlError::Parameter),
            ("smtp://h?password=hunter2", MailUrlError::Parameter),
            ("smtps://h?tls=none", MailUrlError::Parameter),
            ("file://hunter2/x", MailUrlError::Directory),
            ("smtp://u:hunter2@h:99999", MailUrlError::Syntax),
        ] {
            let error = parse(&SecretString::from(url)).unwrap_err();
            assert_eq!(error, expected, "{url}");
            assert!(!format!("{error} {error:?}").contains("hunter2"));
        }
        let config = parse(&SecretString::from("smtp://u:hunter2@h")).unwrap();
        assert!(!format!("{config:?}").contains("hunter2"));
    }
}
