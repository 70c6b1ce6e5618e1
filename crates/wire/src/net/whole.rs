//! The header of a packet that is put together from fragments.

use super::ipv6;
use crate::Packet;
use crate::checksum::Sum;
use std::net::IpAddr;

impl Packet<'_> {
    /// Appends the header that the whole packet has, of which this is the first fragment and
    /// whose fragments carry `payload_len` bytes together: no fragment fields, right lengths, a
    /// right checksum. `false` where this is no fragment, or the whole is longer than a packet
    /// can be; nothing is appended then.
    pub fn unfragmented_header(&self, payload_len: u32, out: &mut Vec<u8>) -> bool {
        let Some(fragment) = self.fragment else { return false };
        let start = out.len();
        let done = match self.src {
            IpAddr::V4(_) => self.header4(payload_len, out, start),
            IpAddr::V6(_) => self.header6(payload_len, fragment.next, out, start),
        };
        if done.is_none() {
            out.truncate(start);
        }
        done.is_some()
    }

    fn header4(&self, payload_len: u32, out: &mut Vec<u8>, start: usize) -> Option<()> {
        let total = payload_len.checked_add(u32::from(self.header_len))?;
        let total = u16::try_from(total).ok()?;
        out.extend_from_slice(self.header);
        let header = out.get_mut(start..)?;
        header.get_mut(2..4)?.copy_from_slice(&total.to_be_bytes());
        // Of the flags the one that forbids fragments is kept.
        let flags = header.get_mut(6..8)?;
        let forbid = flags.first()? & 0x40;
        flags.copy_from_slice(&[forbid, 0]);
        header.get_mut(10..12)?.fill(0);
        let sum = Sum::default().add(header).checksum();
        header.get_mut(10..12)?.copy_from_slice(&sum.to_be_bytes());
        Some(())
    }

    fn header6(&self, payload_len: u32, next: u8, out: &mut Vec<u8>, start: usize) -> Option<()> {
        // The fragment header is the last of the chain.
        let kept = self.header.len().checked_sub(8)?;
        let header = self.header.get(..kept)?;
        let plen = payload_len.checked_add((kept as u32).checked_sub(40)?)?;
        let plen = u16::try_from(plen).ok()?;
        // The next-header field that names the fragment header: walk to the end of the chain.
        let mut field = 6usize;
        let mut at = 40usize;
        while at < kept {
            let kind = *header.get(field)?;
            let len = usize::from(*header.get(at.checked_add(1)?)?);
            field = at;
            at = at.checked_add(match kind {
                ipv6::FRAGMENT => 8,
                ipv6::AUTHENTICATION => len.checked_add(2)?.checked_mul(4)?,
                _ => len.checked_add(1)?.checked_mul(8)?,
            })?;
        }
        out.extend_from_slice(header);
        let header = out.get_mut(start..)?;
        header.get_mut(4..6)?.copy_from_slice(&plen.to_be_bytes());
        *header.get_mut(field)? = next;
        Some(())
    }
}
