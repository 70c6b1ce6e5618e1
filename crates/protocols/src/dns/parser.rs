//! Bytes to messages.

use base::{Reader, Short};

/// The fixed header of a message (RFC 1035 §4.1.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// Identifier.
    pub id: u16,
    /// The flag word.
    pub flags: u16,
    /// Entries of the four sections.
    pub counts: [u16; 4],
}

impl Header {
    /// Whether this is a response.
    pub const fn is_response(&self) -> bool {
        self.flags & 0x8000 != 0
    }
    /// The operation.
    pub const fn opcode(&self) -> u8 {
        (self.flags >> 11) as u8 & 15
    }
}

/// Reads the header.
pub fn parse_header(r: &mut Reader<'_>) -> Result<Header, Short> {
    Ok(Header {
        id: r.be16()?,
        flags: r.be16()?,
        counts: [r.be16()?, r.be16()?, r.be16()?, r.be16()?],
    })
}
