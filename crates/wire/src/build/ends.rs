//! Addresses as tests like to write them.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// A hardware address.
pub type Mac = [u8; 6];

/// What can be given for an IP address: a text, an address, or bytes.
pub trait Addr {
    /// The address.
    fn addr(self) -> IpAddr;
}

impl Addr for &str {
    /// # Panics
    /// Where the text is no address: it is written by a programmer.
    fn addr(self) -> IpAddr {
        self.parse().expect("an IP address")
    }
}

macro_rules! addresses {
    ($($name:ty)+) => {
        $(impl Addr for $name {
            fn addr(self) -> IpAddr { self.into() }
        })+
    };
}

addresses! { IpAddr Ipv4Addr Ipv6Addr [u8; 4] [u8; 16] }

/// The four bytes of an IPv4 address; of IPv6, where a test mixes the two up, the last four.
pub(super) fn v4(addr: IpAddr) -> [u8; 4] {
    match addr {
        IpAddr::V4(a) => a.octets(),
        IpAddr::V6(a) => a.octets().last_chunk().copied().unwrap_or_default(),
    }
}

/// The bytes of an IPv6 address; IPv4 is mapped into it.
pub(super) fn v6(addr: IpAddr) -> [u8; 16] {
    match addr {
        IpAddr::V4(a) => a.to_ipv6_mapped().octets(),
        IpAddr::V6(a) => a.octets(),
    }
}
