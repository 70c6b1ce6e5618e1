//! DHCP messages (RFC 2131, RFC 2132) and NTP packets (RFC 5905): the small talk of a link.

use std::net::Ipv4Addr;

/// The kinds of message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Who gives addresses?
    Discover = 1,
    /// I offer.
    Offer = 2,
    /// I take it.
    Request = 3,
    /// It is yours.
    Ack = 5,
    /// It is not.
    Nak = 6,
}

/// A message of a client with this hardware address and name, about this address.
pub fn message(
    kind: Kind,
    id: u32,
    mac: [u8; 6],
    name: &str,
    address: Ipv4Addr,
    server: Ipv4Addr,
) -> Vec<u8> {
    let reply = matches!(kind, Kind::Offer | Kind::Ack | Kind::Nak);
    let mut out = vec![if reply { 2 } else { 1 }, 1, 6, 0];
    out.extend_from_slice(&id.to_be_bytes());
    out.extend_from_slice(&[0; 8]);
    let given = matches!(kind, Kind::Offer | Kind::Ack);
    out.extend_from_slice(&if given { address.octets() } else { [0; 4] });
    out.extend_from_slice(&[0; 8]);
    out.extend_from_slice(&mac);
    out.resize(236, 0);
    out.extend_from_slice(&[0x63, 0x82, 0x53, 0x63, 53, 1, kind as u8]);
    let mut option = |code: u8, body: &[u8]| {
        out.push(code);
        out.push(body.len() as u8);
        out.extend_from_slice(body);
    };
    if reply {
        option(54, &server.octets());
        option(51, &86_400_u32.to_be_bytes());
        option(1, &[255, 255, 255, 0]);
        option(3, &server.octets());
        option(6, &server.octets());
        option(15, b"office.example");
    } else {
        option(61, &[&[1], mac.as_slice()].concat());
        if kind == Kind::Request {
            option(50, &address.octets());
            option(54, &server.octets());
        }
        option(12, name.as_bytes());
        option(60, b"MSFT 5.0");
        option(55, &[1, 3, 6, 15, 31, 33, 43, 44, 46, 47, 119, 121, 249, 252]);
    }
    out.push(255);
    out
}

/// An NTP packet: mode 3 asks, 4 answers.
pub fn ntp(mode: u8, stratum: u8, seconds: u32) -> Vec<u8> {
    let mut out = vec![0x20 | mode, stratum, 6, 0xEC, 0, 0, 0x0A, 0, 0, 0, 0x0B, 0];
    out.extend_from_slice(if stratum == 1 { b"GPS\0" } else { &[192, 0, 2, 123] });
    // 1900 is where NTP's seconds begin.
    let stamp = seconds.wrapping_add(2_208_988_800);
    for offset in [64, 0, 0, 0] {
        out.extend_from_slice(&stamp.wrapping_sub(offset).to_be_bytes());
        out.extend_from_slice(&[0x80, 0, 0, 0]);
    }
    out
}
