//! What is told of a certificate.

use std::net::IpAddr;

use base::Ts;
use model::{Bytes, Cx, Id, Record, room};

use super::known::KnownCertificates;
use super::oids;
use super::parser::{Certificate, GeneralName};
use super::text::{push_decimal, push_rfc2253, push_serial};

/// Id of [`X509Record`].
pub const X509: Id = Id::new(room::X509, 0);

/// One certificate, in one of the parts it plays.
#[derive(Record)]
#[record(id = X509, name = "x509", zeek = "x509")]
pub struct X509Record<'a> {
    /// When it was seen.
    #[record(ecs = "@timestamp", ocsf = "time")]
    ts: Ts,
    /// SHA-256 of the certificate.
    #[record(ecs = "file.hash.sha256", ocsf = "tls.certificate.fingerprints.value")]
    fingerprint: Bytes<'a>,
    /// Version.
    #[record(name = "certificate.version", ecs = "x509.version_number")]
    version: u32,
    /// Serial number.
    #[record(
        name = "certificate.serial",
        ecs = "x509.serial_number",
        ocsf = "tls.certificate.serial_number"
    )]
    serial: Bytes<'a>,
    /// Whom it names.
    #[record(
        name = "certificate.subject",
        ecs = "x509.subject.distinguished_name",
        ocsf = "tls.certificate.subject"
    )]
    subject: Bytes<'a>,
    /// Who signed it.
    #[record(
        name = "certificate.issuer",
        ecs = "x509.issuer.distinguished_name",
        ocsf = "tls.certificate.issuer"
    )]
    issuer: Bytes<'a>,
    /// Valid from.
    #[record(
        name = "certificate.not_valid_before",
        ecs = "x509.not_before",
        ocsf = "tls.certificate.created_time"
    )]
    not_valid_before: Ts,
    /// Valid until.
    #[record(
        name = "certificate.not_valid_after",
        ecs = "x509.not_after",
        ocsf = "tls.certificate.expiration_time"
    )]
    not_valid_after: Ts,
    /// Algorithm of the key.
    #[record(name = "certificate.key_alg", ecs = "x509.public_key_algorithm")]
    key_alg: &'a str,
    /// Algorithm of the signature.
    #[record(name = "certificate.sig_alg", ecs = "x509.signature_algorithm")]
    sig_alg: &'a str,
    /// Kind of key: `rsa`, `dsa`, `ecdsa` …
    #[record(name = "certificate.key_type")]
    key_type: Option<&'a str>,
    /// Bits of the key.
    #[record(name = "certificate.key_length", unit = Bits, ecs = "x509.public_key_size")]
    key_length: Option<u32>,
    /// RSA: the exponent.
    #[record(name = "certificate.exponent", ecs = "x509.public_key_exponent")]
    exponent: Option<Bytes<'a>>,
    /// Elliptic curves: which.
    #[record(name = "certificate.curve", ecs = "x509.public_key_curve")]
    curve: Option<&'a str>,
    /// Alternative names: hosts.
    #[record(name = "san.dns", ecs = "x509.alternative_names", ocsf = "tls.certificate.sans.name")]
    san_dns: Option<Vec<Bytes<'a>>>,
    /// Alternative names: resources.
    #[record(name = "san.uri")]
    san_uri: Option<Vec<Bytes<'a>>>,
    /// Alternative names: mail addresses.
    #[record(name = "san.email")]
    san_email: Option<Vec<Bytes<'a>>>,
    /// Alternative names: addresses.
    #[record(name = "san.ip")]
    san_ip: Option<Vec<IpAddr>>,
    /// It may sign other certificates.
    #[record(name = "basic_constraints.ca")]
    ca: Option<bool>,
    /// How many certificates may stand below it.
    #[record(name = "basic_constraints.path_len")]
    path_len: Option<u64>,
    /// It stands first in a chain.
    host_cert: bool,
    /// A client sent it.
    client_cert: bool,
}

/// Entries of a list in a row; more are cut off, as Zeek does.
const LIST_MOST: usize = 500;

#[derive(Default)]
struct Names<'a> {
    dns: Vec<Bytes<'a>>,
    uri: Vec<Bytes<'a>>,
    email: Vec<Bytes<'a>>,
    ip: Vec<IpAddr>,
}

impl<'a> Names<'a> {
    fn of(cert: &Certificate<'a>) -> Self {
        let mut names = Self::default();
        for name in cert.alternative_names().into_iter().flatten() {
            match name {
                GeneralName::Dns(n) => names.dns.push(Bytes(n)),
                GeneralName::Uri(n) => names.uri.push(Bytes(n)),
                GeneralName::Email(n) => names.email.push(Bytes(n)),
                GeneralName::Ip(b) => {
                    if let Ok(v4) = <[u8; 4]>::try_from(b) {
                        names.ip.push(v4.into());
                    } else if let Ok(v6) = <[u8; 16]>::try_from(b) {
                        names.ip.push(v6.into());
                    }
                }
                GeneralName::Other => {}
            }
        }
        names.dns.truncate(LIST_MOST);
        names.uri.truncate(LIST_MOST);
        names.email.truncate(LIST_MOST);
        names.ip.truncate(LIST_MOST);
        names
    }
}

fn some<T>(list: Vec<T>) -> Option<Vec<T>> {
    (!list.is_empty()).then_some(list)
}

/// Tells a certificate if it is new in the part it plays: `host`, first of its chain; `client`,
/// sent by a client.
pub fn tell_certificate(
    known: &mut KnownCertificates,
    cx: &mut Cx<'_>,
    cert: &Certificate<'_>,
    fingerprint: &[u8; 32],
    host: bool,
    client: bool,
) {
    if !cx.wants.record(X509) || !known.is_new(cx.flow.now, fingerprint, host, client) {
        return;
    }
    let mut text = Vec::new();
    let mut hex = [b'0'; 64];
    crate::tls::fingerprints::hex_into(&mut hex, fingerprint);
    push_serial(&mut text, cert.serial);
    let serial = std::mem::take(&mut text);
    push_rfc2253(&mut text, cert.subject);
    let subject = std::mem::take(&mut text);
    push_rfc2253(&mut text, cert.issuer);
    let issuer = std::mem::take(&mut text);
    let key = cert.key.facts();
    if let Some(e) = key.exponent {
        push_decimal(&mut text, e);
    }
    let dotted = cert.key.algorithm.to_string();
    let constraints = cert.basic_constraints();
    let names = Names::of(cert);
    cx.tell(X509, |flow| X509Record {
        ts: flow.now,
        fingerprint: Bytes(&hex),
        version: cert.version,
        serial: Bytes(&serial),
        subject: Bytes(&subject),
        issuer: Bytes(&issuer),
        not_valid_before: cert.not_before.unwrap_or_default(),
        not_valid_after: cert.not_after.unwrap_or_default(),
        key_alg: oids::algorithm(cert.key.algorithm.0).unwrap_or(&dotted),
        sig_alg: oids::algorithm(cert.signature.0).unwrap_or_default(),
        key_type: key.kind,
        key_length: (key.bits > 0).then_some(key.bits),
        exponent: key.exponent.map(|_| Bytes(&text)),
        curve: key.curve,
        san_dns: some(names.dns),
        san_uri: some(names.uri),
        san_email: some(names.email),
        san_ip: some(names.ip),
        ca: constraints.map(|c| c.ca),
        path_len: constraints.and_then(|c| c.path_len),
        host_cert: host,
        client_cert: client,
    });
}
