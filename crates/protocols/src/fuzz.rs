//! Entry points for fuzzing: plain functions over bytes that must return, whatever they are given.

/// Names and functions.
#[doc(hidden)]
pub const TARGETS: &[(&str, fn(&[u8]))] = &[
    ("dns_message", fuzz_dns_message),
    ("ntp_message", fuzz_ntp_message),
    ("dhcp_message", fuzz_dhcp_message),
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
