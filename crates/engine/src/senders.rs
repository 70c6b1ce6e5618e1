//! Which senders compute their checksums themselves.
//!
//! A host whose card fills checksums in shows wrong ones in captures made on that host, always and
//! for every packet it sends; a packet that was damaged or forged is wrong among right ones. So a
//! wrong checksum is forgiven until the sender was right once. Kept per (sender, receiver), so that
//! the verdict is the same for any number of shards.
//!
//! **Bound:** a direct-mapped table of [`SLOTS`] pairs; a pair that loses its slot to another starts
//! anew, on the forgiving side.

use std::net::IpAddr;

use base::Hash128;
use wire::Packet;

const SLOTS: usize = 1 << 14;

/// Pairs whose sender was right.
pub(crate) struct Senders(Vec<u64>);

impl Default for Senders {
    fn default() -> Self {
        Self(vec![0; SLOTS])
    }
}

fn pair(packet: &Packet<'_>) -> u64 {
    let mut h = Hash128::new(0);
    for a in [packet.src, packet.dst] {
        match a {
            IpAddr::V4(v) => h.write_u64(u64::from(v.to_bits())),
            IpAddr::V6(v) => {
                h.write_u64(v.to_bits() as u64);
                h.write_u64((v.to_bits() >> 64) as u64);
            }
        }
    }
    h.finish() as u64 | 1
}

impl Senders {
    /// The sender's checksum towards this receiver was right.
    #[inline]
    pub(crate) fn was_right(&mut self, packet: &Packet<'_>) {
        let pair = pair(packet);
        if let Some(slot) = self.0.get_mut((pair >> 1) as usize % SLOTS) {
            *slot = pair;
        }
    }
    /// Whether it ever was.
    pub(crate) fn is_right(&self, packet: &Packet<'_>) -> bool {
        let pair = pair(packet);
        self.0.get((pair >> 1) as usize % SLOTS) == Some(&pair)
    }
}
