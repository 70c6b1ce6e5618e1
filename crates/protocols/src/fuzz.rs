//! Entry points for fuzzing: plain functions over bytes that must return, whatever they are given.

/// Names and functions.
#[doc(hidden)]
pub const TARGETS: &[(&str, fn(&[u8]))] = &[
    ("dns_message", fuzz_dns_message),
    ("ntp_message", fuzz_ntp_message),
    ("dhcp_message", fuzz_dhcp_message),
    ("tls_message", fuzz_tls_message),
    ("x509_certificate", fuzz_x509_certificate),
    ("ocsp_response", fuzz_ocsp_response),
    ("ssh_messages", fuzz_ssh_messages),
];

/// A DNS message, with every record in it spelled.
#[doc(hidden)]
pub fn fuzz_dns_message(data: &[u8]) {
    let _ = crate::dns::fuzz_message(data);
}

/// An NTP datagram.
#[doc(hidden)]
pub fn fuzz_ntp_message(data: &[u8]) {
    let _ = crate::ntp::parser::parse(data, crate::ntp::parser::Extensions::Any);
    let _ = crate::ntp::parser::parse(data, crate::ntp::parser::Extensions::Autokey);
}

/// A DHCP datagram with all its options.
#[doc(hidden)]
pub fn fuzz_dhcp_message(data: &[u8]) {
    if let Ok(m) = crate::dhcp::parser::Message::parse(data) {
        m.options().for_each(drop);
        let _ = m.kind();
    }
}

/// A TLS handshake message, read as each kind.
#[doc(hidden)]
pub fn fuzz_tls_message(data: &[u8]) {
    crate::tls::fuzz_messages(data);
}

/// A certificate, with every part of it spelled.
#[doc(hidden)]
pub fn fuzz_x509_certificate(data: &[u8]) {
    crate::x509::fuzz_certificate(data);
}

/// Bytes as an SSH banner, a key exchange message and host keys.
#[doc(hidden)]
pub fn fuzz_ssh_messages(data: &[u8]) {
    use crate::ssh::parser;
    let _ = parser::Banner::parse(data);
    if let Ok(init) = parser::KexInit::parse(data) {
        let mut text = Vec::new();
        init.hassh_text(false, &mut text);
        init.hassh_text(true, &mut text);
        let _ = parser::negotiate(init.list(0), init.list(1));
    }
    let _ = parser::host_key(data);
    let _ = parser::ssh1_host_key(data);
}

/// An OCSP response, with every single response spelled.
#[doc(hidden)]
pub fn fuzz_ocsp_response(data: &[u8]) {
    crate::x509::fuzz_response(data);
}
