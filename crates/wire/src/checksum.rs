//! The Internet checksum (RFC 1071) and SCTP's CRC-32C (RFC 9260).

use std::net::IpAddr;

/// A sum of 16-bit words that is not folded yet; ones' complement addition knows no order, so
/// pieces may be summed apart.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Sum(u64);

impl Sum {
    /// Adds bytes. Only the last piece may have an odd length.
    #[inline]
    pub(crate) fn add(self, bytes: &[u8]) -> Self {
        let mut sum = u128::from(self.0);
        let (words, tail) = bytes.as_chunks::<8>();
        for word in words {
            sum = sum.wrapping_add(u128::from(u64::from_be_bytes(*word)));
        }
        let mut last = [0u8; 8];
        for (to, from) in last.iter_mut().zip(tail) {
            *to = *from;
        }
        sum = sum.wrapping_add(u128::from(u64::from_be_bytes(last)));
        // Modulo 2^64 - 1, of which 2^16 - 1 is a divisor.
        let folded = (sum & u128::from(u64::MAX)).wrapping_add(sum >> 64);
        Self((folded as u64).wrapping_add((folded >> 64) as u64))
    }
    /// Adds a number of up to 32 bits.
    #[inline]
    pub(crate) const fn add_u32(self, n: u32) -> Self {
        let (sum, carry) = self.0.overflowing_add(n as u64);
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
        (c >> 16).wrapping_add(c & 0xffff) as u16
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
