//! Which certificates have been told already.
//!
//! A certificate is told once a day for each part it plays (host or not, client or server), as
//! Zeek does. When the table is full, further ones are told each time, and counted.

use base::{Map, Span, Ts};

/// Certificates that are remembered.
const KNOWN_MOST: usize = 200_000;
/// How long one is remembered.
const REMEMBERED: Span = Span::from_secs(86_400);

/// A certificate in a part it plays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Part {
    fingerprint: [u8; 32],
    host: bool,
    client: bool,
}

/// Certificates that have been told.
#[derive(Debug, Default)]
pub struct KnownCertificates {
    told: Map<Part, Ts>,
    /// Certificates that were told without being remembered.
    pub overflowed: u64,
}

impl KnownCertificates {
    /// Whether the certificate is new in its part; it is remembered then.
    pub fn is_new(&mut self, now: Ts, fingerprint: &[u8; 32], host: bool, client: bool) -> bool {
        let part = Part { fingerprint: *fingerprint, host, client };
        let fresh = |at: Ts| now.since(at) < REMEMBERED;
        if let Some(at) = self.told.get_mut(&part) {
            if fresh(*at) {
                return false;
            }
            *at = now;
            return true;
        }
        if self.told.len() >= KNOWN_MOST {
            self.told.retain(|_, at| fresh(*at));
        }
        if self.told.len() < KNOWN_MOST {
            self.told.insert(part, now);
        } else {
            self.overflowed = self.overflowed.saturating_add(1);
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_is_new_once_a_day_in_each_part() {
        let mut known = KnownCertificates::default();
        let at = |secs: i64| Ts::new(1_700_000_000 + secs, 0);
        assert!(known.is_new(at(0), &[1; 32], true, false));
        assert!(!known.is_new(at(10), &[1; 32], true, false));
        assert!(known.is_new(at(10), &[1; 32], false, false));
        assert!(known.is_new(at(10), &[2; 32], true, false));
        assert!(!known.is_new(at(86_399), &[1; 32], true, false));
        assert!(known.is_new(at(86_400), &[1; 32], true, false));
    }
}
