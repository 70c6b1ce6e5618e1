//! Datagrams to messages and options.
//!
//! Options stand behind the fixed fields, and where the sender ran out of room also in the fields
//! for the boot file and the server's name (option 52). [`Message::options`] walks all of them.

use std::net::Ipv4Addr;

use base::{Reader, Short};

/// Bytes before the options, with the cookie.
pub const FIXED_LEN: usize = 240;
/// What says that options follow (RFC 2131 §3).
const COOKIE: u32 = 0x6382_5363;

/// Option codes that are read.
pub mod option {
    #![allow(missing_docs)] // named as RFC 2132 names them
    pub const PAD: u8 = 0;
    pub const SUBNET_MASK: u8 = 1;
    pub const ROUTERS: u8 = 3;
    pub const DNS_SERVERS: u8 = 6;
    pub const HOST_NAME: u8 = 12;
    pub const DOMAIN_NAME: u8 = 15;
    pub const REQUESTED_ADDRESS: u8 = 50;
    pub const LEASE_TIME: u8 = 51;
    pub const OVERLOAD: u8 = 52;
    pub const MESSAGE_TYPE: u8 = 53;
    pub const PARAMETER_LIST: u8 = 55;
    pub const MESSAGE: u8 = 56;
    pub const RENEWAL_TIME: u8 = 58;
    pub const REBINDING_TIME: u8 = 59;
    pub const VENDOR_CLASS: u8 = 60;
    pub const CLIENT_ID: u8 = 61;
    pub const CLIENT_FQDN: u8 = 81;
    pub const END: u8 = 255;
}

/// A message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Message<'a> {
    /// 1 request, 2 reply.
    pub op: u8,
    /// Kind of hardware address, 1 Ethernet.
    pub htype: u8,
    /// Its length.
    pub hlen: u8,
    /// Relays passed.
    pub hops: u8,
    /// What ties the messages of an exchange together.
    pub xid: u32,
    /// Seconds since the client began.
    pub secs: u16,
    /// Flags.
    pub flags: u16,
    /// Client's, offered, next server's and relay's address.
    pub addrs: [Ipv4Addr; 4],
    /// Hardware address, padded.
    pub chaddr: &'a [u8; 16],
    /// Server's name.
    pub sname: &'a [u8],
    /// Boot file.
    pub file: &'a [u8],
    /// Options may follow.
    pub cookie: bool,
    rest: &'a [u8],
}

impl<'a> Message<'a> {
    /// Reads a datagram.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, Short> {
        let mut r = Reader::new(bytes);
        let [op, htype, hlen, hops] = r.array()?;
        let xid = r.be32()?;
        let (secs, flags) = (r.be16()?, r.be16()?);
        let mut addrs = [Ipv4Addr::UNSPECIFIED; 4];
        for a in &mut addrs {
            *a = Ipv4Addr::from(r.be32()?);
        }
        let (hardware, sname, file) = (r.take(16)?, r.take(64)?, r.take(128)?);
        let chaddr = hardware.as_array().ok_or(Short { missing: 0 })?;
        let cookie = r.be32()? == COOKIE;
        let rest = r.rest();
        Ok(Self {
            op,
            htype,
            hlen,
            hops,
            xid,
            secs,
            flags,
            addrs,
            chaddr,
            sname,
            file,
            cookie,
            rest,
        })
    }
    /// The hardware address without its padding.
    pub fn hardware(&self) -> &'a [u8] {
        self.chaddr.get(..usize::from(self.hlen.min(16))).unwrap_or_default()
    }
    /// The options.
    pub const fn options(&self) -> Options<'a> {
        Options { now: self.rest, later: [self.file, self.sname], overload: 0, cut: false }
    }
    /// The first option with this code.
    pub fn option(&self, code: u8) -> Option<&'a [u8]> {
        self.options().find(|(c, _)| *c == code).map(|(_, data)| data)
    }
    /// What kind of DHCP message it is, if it says so.
    pub fn kind(&self) -> Option<u8> {
        self.option(option::MESSAGE_TYPE)?.first().copied()
    }
}

/// A walk over options: code and data, without padding and end.
#[derive(Clone, Debug)]
pub struct Options<'a> {
    now: &'a [u8],
    later: [&'a [u8]; 2],
    overload: u8,
    cut: bool,
}

impl Options<'_> {
    /// The walk met an option that runs past the end, or no end at all.
    pub const fn was_cut(&self) -> bool {
        self.cut
    }
}

impl<'a> Iterator for Options<'a> {
    type Item = (u8, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let mut r = Reader::new(self.now);
            match r.u8() {
                Ok(option::PAD) => self.now = r.rest(),
                Ok(code) if code != option::END => {
                    let Ok(data) = r.vec8() else {
                        self.cut = true;
                        self.now = b"";
                        return None;
                    };
                    self.now = r.rest();
                    if code == option::OVERLOAD {
                        self.overload = data.whole().first().copied().unwrap_or(0) & 3;
                    }
                    return Some((code, data.whole()));
                }
                end => {
                    self.cut |= end.is_err();
                    // The end of this field: the next one that is overloaded, each once.
                    let [file, sname] = self.later;
                    if self.overload & 1 != 0 {
                        self.overload &= 2;
                        self.now = file;
                    } else if self.overload & 2 != 0 {
                        self.overload = 0;
                        self.now = sname;
                    } else {
                        self.now = &[option::END];
                        return None;
                    }
                    self.later = if self.overload == 0 { [b"", b""] } else { [b"", sname] };
                }
            }
        }
    }
}

/// An address option.
pub fn address(data: &[u8]) -> Option<Ipv4Addr> {
    Reader::new(data).be32().ok().map(Ipv4Addr::from)
}

/// A number option.
pub fn number(data: &[u8]) -> Option<u32> {
    Reader::new(data).be32().ok()
}
