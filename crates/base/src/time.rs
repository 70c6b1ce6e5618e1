//! Packet time.
//!
//! [`Ts`] is the only clock of the data path: nanoseconds since the Unix epoch as the input says
//! them. [`Span`] is a difference of two. Both are plain `i64`, saturate instead of wrapping, and
//! print in the forms the field's logs use.

/// A moment of packet time, nanoseconds since 1970-01-01 00:00 UTC.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ts(pub i64);

/// A length of packet time in nanoseconds; negative where packets come out of order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span(pub i64);

const NANOS: i64 = 1_000_000_000;

impl Ts {
    /// From whole seconds and a fraction in nanoseconds.
    pub const fn new(secs: i64, nanos: u32) -> Self {
        Self(secs.saturating_mul(NANOS).saturating_add(nanos as i64))
    }
    /// Whole seconds since the epoch.
    pub const fn secs(self) -> i64 {
        self.0.div_euclid(NANOS)
    }
    /// The fraction of the second in nanoseconds, 0 to 999,999,999.
    pub const fn subsec_nanos(self) -> u32 {
        self.0.rem_euclid(NANOS) as u32
    }
    /// The fraction of the second in microseconds, truncated.
    pub const fn subsec_micros(self) -> u32 {
        self.subsec_nanos().wrapping_div(1000)
    }
    /// Time since `earlier`; negative when `earlier` is later.
    pub const fn since(self, earlier: Self) -> Span {
        Span(self.0.saturating_sub(earlier.0))
    }
    /// This moment and a span more.
    #[must_use]
    pub const fn plus(self, span: Span) -> Self {
        Self(self.0.saturating_add(span.0))
    }
    /// Calendar fields of UTC: year, month, day, hour, minute, second.
    #[allow(clippy::arithmetic_side_effects)] // civil-from-days on a bounded day number
    pub const fn civil(self) -> (i64, u32, u32, u32, u32, u32) {
        let secs = self.secs();
        let (days, rest) = (secs.div_euclid(86_400), secs.rem_euclid(86_400));
        // Howard Hinnant, "chrono-compatible low-level date algorithms", civil_from_days.
        let z = days + 719_468;
        let era = z.div_euclid(146_097);
        let doe = z.rem_euclid(146_097);
        let yoe = (doe - doe / 1460 + doe / 36_524 - doe / 146_096) / 365;
        let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
        let mp = (5 * doy + 2) / 153;
        let day = doy - (153 * mp + 2) / 5 + 1;
        let month = if mp < 10 { mp + 3 } else { mp - 9 };
        let year = yoe + era * 400 + if month <= 2 { 1 } else { 0 };
        (
            year,
            month as u32,
            day as u32,
            (rest / 3600) as u32,
            (rest / 60 % 60) as u32,
            (rest % 60) as u32,
        )
    }
    /// From calendar fields of UTC; the fields are taken as they are, out-of-range ones roll over.
    #[allow(clippy::arithmetic_side_effects)] // years are clamped before any product
    pub const fn from_civil(y: i64, m: u32, d: u32, hour: u32, min: u32, sec: u32) -> Self {
        let y = if y < -9999 {
            -9999
        } else if y > 9999 {
            9999
        } else {
            y
        };
        let y = if m <= 2 { y - 1 } else { y };
        let era = y.div_euclid(400);
        let yoe = y.rem_euclid(400);
        let mp = (m as i64 + 9).rem_euclid(12);
        let doy = (153 * mp + 2) / 5 + d as i64 - 1;
        let doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
        let days = era * 146_097 + doe - 719_468;
        Self::new(days * 86_400 + hour as i64 * 3600 + min as i64 * 60 + sec as i64, 0)
    }
    /// Appends `2010-07-10T21:43:30.035265+0000`, the form of EVE's `timestamp`.
    pub fn write_eve(self, out: &mut Vec<u8>) {
        let (y, mo, d, h, mi, s) = self.civil();
        digits(out, y.clamp(0, 9999) as u32, 4);
        out.push(b'-');
        digits(out, mo, 2);
        out.push(b'-');
        digits(out, d, 2);
        out.push(b'T');
        digits(out, h, 2);
        out.push(b':');
        digits(out, mi, 2);
        out.push(b':');
        digits(out, s, 2);
        out.push(b'.');
        digits(out, self.subsec_micros(), 6);
        out.extend_from_slice(b"+0000");
    }
    /// Appends `1278797010.035265`, the form of Zeek's `ts`.
    pub fn write_epoch(self, out: &mut Vec<u8>) {
        write_decimal(out, self.0);
    }
}

impl Span {
    /// No time at all.
    pub const ZERO: Self = Self(0);
    /// Whole seconds.
    pub const fn from_secs(secs: i64) -> Self {
        Self(secs.saturating_mul(NANOS))
    }
    /// Milliseconds.
    pub const fn from_millis(ms: i64) -> Self {
        Self(ms.saturating_mul(1_000_000))
    }
    /// Seconds and their fraction.
    pub fn as_secs_f64(self) -> f64 {
        self.0 as f64 / NANOS as f64
    }
    /// Whole seconds, rounded towards zero.
    pub const fn secs(self) -> i64 {
        self.0.wrapping_div(NANOS)
    }
    /// Appends seconds with six decimals, the form of Zeek's intervals.
    pub fn write_secs(self, out: &mut Vec<u8>) {
        write_decimal(out, self.0);
    }
}

/// Seconds with six decimals from nanoseconds, rounded half away from zero as printf would.
fn write_decimal(out: &mut Vec<u8>, nanos: i64) {
    if nanos < 0 {
        out.push(b'-');
    }
    let micros = nanos.unsigned_abs().saturating_add(500).wrapping_div(1000);
    let mut buf = [0u8; 20];
    let mut secs = micros.wrapping_div(1_000_000);
    let mut at = buf.len();
    for slot in buf.iter_mut().rev() {
        *slot = b'0'.wrapping_add((secs % 10) as u8);
        secs = secs.wrapping_div(10);
        at = at.saturating_sub(1);
        if secs == 0 {
            break;
        }
    }
    out.extend_from_slice(buf.get(at..).unwrap_or_default());
    out.push(b'.');
    digits(out, (micros % 1_000_000) as u32, 6);
}

fn digits(out: &mut Vec<u8>, mut v: u32, width: usize) {
    let start = out.len();
    out.resize(start.saturating_add(width), b'0');
    for slot in out.iter_mut().rev().take(width) {
        *slot = b'0'.wrapping_add((v % 10) as u8);
        v = v.wrapping_div(10);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(f: impl Fn(&mut Vec<u8>)) -> String {
        let mut v = Vec::new();
        f(&mut v);
        String::from_utf8(v).unwrap()
    }

    #[test]
    fn prints_as_the_logs_do() {
        let t = Ts::new(1_278_798_210, 35_265_999);
        assert_eq!(text(|o| t.write_eve(o)), "2010-07-10T21:43:30.035265+0000");
        assert_eq!(text(|o| t.write_epoch(o)), "1278798210.035266");
        assert_eq!(text(|o| Span(-1_500_000_000).write_secs(o)), "-1.500000");
        assert_eq!(text(|o| Span(0).write_secs(o)), "0.000000");
    }

    #[test]
    fn civil_is_its_own_inverse() {
        for secs in [0, 951_782_400, 1_709_164_800, 4_102_444_799, -1] {
            let (y, m, d, h, mi, s) = Ts::new(secs, 0).civil();
            assert_eq!(Ts::from_civil(y, m, d, h, mi, s).secs(), secs);
        }
    }

    #[test]
    fn extremes_saturate() {
        assert_eq!(Ts::new(i64::MAX, 0).plus(Span(1)).0, i64::MAX);
        assert!(!text(|o| Ts(i64::MIN).write_epoch(o)).is_empty());
    }
}
