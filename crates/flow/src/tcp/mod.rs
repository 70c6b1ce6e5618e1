//! TCP: what a connection's segments say about it, and about the bytes it carries.
//!
//! Two readings run side by side, since both are told: [`Connection`] keeps the endpoint states,
//! history letters and sizes that Zeek's connection record is made of, and [`Session`] the state
//! machine behind Suricata's flow record. Each also decides which bytes are handed on and when,
//! in the profile that asks for it.

mod connection;
mod end;
mod history;
mod seq;
mod session;

pub use connection::{Connection, Reuse};
pub use end::{End, EndState};
pub use history::History;
pub(crate) use history::Logarithmic;
pub use seq::flag;
pub use session::{Session, SessionState};

/// What the trackers read of a segment.
#[derive(Clone, Copy, Debug)]
pub struct Segment {
    /// Sequence number.
    pub seq: u32,
    /// Acknowledgement number.
    pub ack: u32,
    /// Flags byte.
    pub flags: u8,
    /// Window as on the wire.
    pub window: u16,
    /// Window scale, where the option is there.
    pub scale: Option<u8>,
    /// Timestamp value and echo, where the option is there.
    pub timestamps: Option<(u32, u32)>,
    /// Selective acknowledgement is offered.
    pub sack_ok: bool,
    /// Payload length as the headers say it.
    pub len: u32,
    /// Payload bytes that were captured.
    pub captured: u32,
}

impl Segment {
    /// Reads what trackers need off a decoded segment.
    pub fn of(tcp: &wire::Tcp<'_>) -> Self {
        Self {
            seq: tcp.seq,
            ack: tcp.ack,
            flags: tcp.flags,
            window: tcp.window,
            scale: tcp.options.window_scale,
            timestamps: tcp.options.timestamps,
            sack_ok: tcp.options.sack_permitted,
            len: tcp.payload_len,
            captured: u32::try_from(tcp.payload.len()).unwrap_or(u32::MAX),
        }
    }
    /// Whether a flag is set.
    #[inline]
    pub const fn has(&self, f: u8) -> bool {
        self.flags & f != 0
    }
    /// Whether SYN is set.
    pub const fn syn(&self) -> bool {
        self.has(flag::SYN)
    }
    /// Whether FIN is set.
    pub const fn fin(&self) -> bool {
        self.has(flag::FIN)
    }
    /// Whether RST is set.
    pub const fn rst(&self) -> bool {
        self.has(flag::RST)
    }
    /// Whether ACK is set.
    pub const fn ack(&self) -> bool {
        self.has(flag::ACK)
    }
}
