//! The Internet checksum (RFC 1071) and SCTP's CRC-32C (RFC 9260).

use std::net::IpAddr;

/// A sum of 16-bit words that is not folded yet; ones' complement addition knows no order, so
/// pieces may be summed apart. The words are in the machine's own byte order until the end: the
/// sum of swapped words is the swapped sum (RFC 1071).
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Sum(u64);

impl Sum {
    /// Adds bytes. Only the last piece may have an odd length.
    #[inline]
    pub(crate) fn add(self, bytes: &[u8]) -> Self {
        // Words of 32 bits in lanes of 64 never overflow, and compilers make vectors of lanes.
        let (blocks, rest) = bytes.as_chunks::<32>();
        let mut lanes = [0u64; 8];
        for block in blocks {
            for (lane, word) in lanes.iter_mut().zip(block.as_chunks::<4>().0) {
                *lane = lane.wrapping_add(u64::from(u32::from_ne_bytes(*word)));
            }
        }
        let (words, tail) = rest.as_chunks::<4>();
        let mut sum =
            words.iter().fold(0, |s: u64, w| s.wrapping_add(u32::from_ne_bytes(*w).into()));
        let mut last = [0u8; 4];
        for (to, from) in last.iter_mut().zip(tail) {
            *to = *from;
        }
        sum = sum.wrapping_add(u64::from(u32::from_ne_bytes(last)));
        for lane in lanes {
            sum = sum.wrapping_add(lane);
        }
        let (sum, carry) = self.0.overflowing_add(sum);
        Self(sum.wrapping_add(u64::from(carry)))
    }
    /// Adds a number of up to 32 bits.
    #[inline]
    pub(crate) const fn add_u32(self, n: u32) -> Self {
        let (sum, carry) = self.0.overflowing_add(n.to_be() as u64);
        Self(sum.wrapping_add(carry as u64))
    }
    /// The sum of a pseudo header (RFC 9293, RFC 8200).
    #[inline]
    pub(crate) fn pseudo(src: IpAddr, dst: IpAddr, proto: u8, len: u32) -> Self {
        let sum = Self::default().add_u32(u32::from(proto)).add_u32(len);
        match (src, dst) {
            (IpAddr::V4(s), IpAddr::V4(d)) => sum.add_u32(s.to_bits()).add_u32(d.to_bits()),
            (IpAddr::V6(s), IpAddr::V6(d)) => sum.add(&s.octets()).add(&d.octets()),
            _ => sum,
        }
    }
    /// The sum in 16 bits: `0xffff` over bytes that hold their own right checksum.
    #[inline]
    pub(crate) const fn fold(self) -> u16 {
        let a = (self.0 >> 32).wrapping_add(self.0 & 0xffff_ffff);
        let b = (a >> 16).wrapping_add(a & 0xffff);
        let c = (b >> 16).wrapping_add(b & 0xffff);
        u16::from_be((c >> 16).wrapping_add(c & 0xffff) as u16)
    }
    /// Whether the bytes hold their own right checksum.
    #[inline]
    pub(crate) const fn is_right(self) -> bool {
        self.fold() == 0xffff
    }
    /// The checksum to be stored over a field that was summed as 0.
    pub(crate) const fn checksum(self) -> u16 {
        !self.fold()
    }
}

/// CRC-32C over bytes in which the four at `hole` count as 0.
pub(crate) fn crc32c(bytes: &[u8], hole: usize) -> u32 {
    let mut crc = u32::MAX;
    for (at, byte) in bytes.iter().enumerate() {
        let byte = if (hole..hole.saturating_add(4)).contains(&at) { 0 } else { *byte };
        let index = (crc ^ u32::from(byte)) & 0xff;
        crc = crc >> 8 ^ CRC.get(index as usize).copied().unwrap_or_default();
    }
    !crc
}

/// The table of the Castagnoli polynomial, bits reversed.
static CRC: [u32; 256] = {
    let mut table = [0u32; 256];
    let mut i = 0u32;
    while i < 256 {
        let mut c = i;
        let mut bit = 0u8;
        while bit < 8 {
            c = if c & 1 == 1 { c >> 1 ^ 0x82f6_3b78 } else { c >> 1 };
            bit = bit.wrapping_add(1);
        }
        #[allow(clippy::indexing_slicing)] // a constant table, filled at compile time
        {
            table[i as usize] = c;
        }
        i = i.wrapping_add(1);
    }
    table
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_as_the_rfc_example_does() {
        let bytes = [0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7];
        assert_eq!(Sum::default().add(&bytes).fold(), 0xddf2);
        assert_eq!(Sum::default().add(&[0xff]).fold(), 0xff00);
    }

    #[test]
    fn pieces_and_plain_sixteen_bit_addition_agree() {
        let bytes: Vec<u8> =
            (0..1501u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
        for end in 0..bytes.len() {
            let mut slow = 0u32;
            for pair in bytes[..end].chunks(2) {
                slow += u32::from(pair[0]) << 8 | pair.get(1).map_or(0, |b| u32::from(*b));
                slow = (slow & 0xffff) + (slow >> 16);
            }
            let cut = (end / 2) & !1;
            let fast = Sum::default().add(&bytes[..cut]).add(&bytes[cut..end]).fold();
            assert_eq!(u32::from(fast), slow, "{end}");
        }
    }

    #[test]
    fn crc_of_the_check_string() {
        assert_eq!(crc32c(b"123456789", 100), 0xe306_9283);
    }
}
