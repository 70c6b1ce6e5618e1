//! Ids of records, events, buffers and anomalies: a room and a number within it.

/// (room, local number). Constants of the folder that declares the thing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id {
    /// The room: one of [`room`] or a protocol's number in the registry (16 and up).
    pub room: u8,
    /// The number within the room.
    pub local: u8,
}

impl Id {
    /// An id.
    pub const fn new(room: u8, local: u8) -> Self {
        Self { room, local }
    }
    /// A dense number for bit sets and tables.
    pub const fn index(self) -> usize {
        ((self.room as usize) << 8) | self.local as usize
    }
}

/// Rooms that are not application protocols.
pub mod room {
    /// Connections and flows.
    pub const CONN: u8 = 1;
    /// Anomalies (weird).
    pub const ANOMALY: u8 = 2;
    /// Files seen in traffic.
    pub const FILES: u8 = 3;
    /// Alerts.
    pub const ALERT: u8 = 4;
    /// Statistics of the input.
    pub const STATS: u8 = 5;
    /// Certificates.
    pub const X509: u8 = 6;
    /// First number of an application protocol.
    pub const PROTOCOLS: u8 = 16;
}
