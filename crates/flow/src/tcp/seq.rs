//! Arithmetic on TCP sequence numbers, which wrap around (RFC 9293, section 3.4).

/// The bits of a TCP header's flags byte.
pub mod flag {
    /// No more data from the sender.
    pub const FIN: u8 = 1;
    /// Synchronise sequence numbers.
    pub const SYN: u8 = 2;
    /// Reset.
    pub const RST: u8 = 4;
    /// Push.
    pub const PSH: u8 = 8;
    /// The acknowledgement field is valid.
    pub const ACK: u8 = 16;
    /// The urgent pointer is valid.
    pub const URG: u8 = 32;
}

/// `a - b` on the circle: negative where `a` comes before `b`.
#[inline]
pub(super) const fn delta(a: u32, b: u32) -> i32 {
    a.wrapping_sub(b) as i32
}

/// `a` comes after `b`.
#[inline]
pub(super) const fn gt(a: u32, b: u32) -> bool {
    delta(a, b) > 0
}

/// `a` comes after `b` or is it.
#[inline]
pub(super) const fn geq(a: u32, b: u32) -> bool {
    delta(a, b) >= 0
}

/// `a` comes before `b`.
#[inline]
pub(super) const fn lt(a: u32, b: u32) -> bool {
    delta(a, b) < 0
}

/// `a` comes before `b` or is it.
#[inline]
pub(super) const fn leq(a: u32, b: u32) -> bool {
    delta(a, b) <= 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_survives_the_wrap() {
        assert!(gt(3, u32::MAX - 3));
        assert!(lt(u32::MAX, 0));
        assert!(geq(7, 7) && leq(7, 7));
        assert_eq!(delta(2, u32::MAX), 3);
    }
}
