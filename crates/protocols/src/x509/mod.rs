//! X.509 certificates (RFC 5280): reading them, naming them as the field's logs do, and telling
//! each one once.

pub mod der;
mod known;
mod ocsp;
pub mod oids;
mod parser;
mod record;
mod text;

pub use known::KnownCertificates;
pub(crate) use ocsp::fuzz_response;
pub use ocsp::{OCSP, OCSP_MALFORMED, OcspAnalyzer, OcspRecord};
pub use parser::{
    Attribute, BasicConstraints, Certificate, Extension, GeneralName, KeyFacts, Name, PublicKey,
    certificate_covers, covers,
};
pub use record::{X509, X509Record, tell_certificate};
pub use text::{push_decimal, push_eve, push_rfc2253, push_serial, push_serial_eve};

/// Reads bytes as a certificate and spells all of it; for fuzzing.
pub(crate) fn fuzz_certificate(data: &[u8]) {
    let Ok(cert) = Certificate::parse(data) else { return };
    let (mut bytes, mut text) = (Vec::new(), String::new());
    push_rfc2253(&mut bytes, cert.subject);
    push_eve(&mut text, cert.issuer);
    push_serial(&mut bytes, cert.serial);
    push_serial_eve(&mut text, cert.serial);
    if let Some(e) = cert.key.facts().exponent {
        push_decimal(&mut bytes, e);
    }
    let _ = certificate_covers(&cert, b"www.example.com");
    let _ = cert.basic_constraints();
}
