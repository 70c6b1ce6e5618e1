//! How far reading has come, as figures and as a line for a terminal.
//!
//! The line needs the time that has passed; whoever prints brings it, since nothing here has a
//! clock.

use std::time::Duration;

/// How far reading has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Bytes of the files that were read (packed bytes, where files are compressed).
    pub bytes_done: u64,
    /// Size of all files, where all are known.
    pub bytes_total: Option<u64>,
    /// Packets handed over.
    pub packets: u64,
    /// Files that are done.
    pub files_done: u32,
    /// Files in all.
    pub files_total: u32,
}

impl Progress {
    /// Part of the input that was read, 0 to 1, where its size is known.
    pub fn fraction(&self) -> Option<f64> {
        let total = self.bytes_total.filter(|t| *t > 0)?;
        Some((self.bytes_done as f64 / total as f64).min(1.0))
    }
    /// What is left at the rate so far, where it can be told.
    pub fn left(&self, elapsed: Duration) -> Option<Duration> {
        let done = self.fraction().filter(|f| *f > 0.0)?;
        Duration::try_from_secs_f64(elapsed.as_secs_f64() * (1.0 - done) / done).ok()
    }
    /// A line for a terminal: `42 %  1.2 GiB of 2.9 GiB  8,123,456 packets  1.9 M/s  0:07 left`.
    pub fn line(&self, elapsed: Duration) -> String {
        let mut parts = Vec::new();
        if let Some(done) = self.fraction() {
            parts.push(format!("{:.0} %", (done * 100.0).floor()));
        }
        parts.push(match self.bytes_total {
            Some(total) => format!("{} of {}", size(self.bytes_done), size(total)),
            None => size(self.bytes_done),
        });
        parts.push(format!("{} packets", grouped(self.packets)));
        let secs = elapsed.as_secs_f64();
        if secs > 0.0 {
            parts.push(format!("{}/s", scaled(self.packets as f64 / secs)));
        }
        if let Some(left) = self.left(elapsed).map(|left| left.as_secs()) {
            let (hours, minutes, secs) = (left / 3600, left / 60 % 60, left % 60);
            parts.push(match hours {
                0 => format!("{minutes}:{secs:02} left"),
                _ => format!("{hours}:{minutes:02}:{secs:02} left"),
            });
        }
        if self.files_total > 1 {
            parts.push(format!("file {} of {}", self.files_done, self.files_total));
        }
        parts.join("  ")
    }
}

fn size(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["KiB", "MiB", "GiB", "TiB"];
    if bytes < 1024 {
        return format!("{bytes} B");
    }
    let mut value = bytes as f64 / 1024.0;
    let mut name = "KiB";
    for unit in UNITS {
        name = unit;
        if value < 1024.0 {
            break;
        }
        if unit != "TiB" {
            value /= 1024.0;
        }
    }
    format!("{value:.1} {name}")
}

fn scaled(rate: f64) -> String {
    if rate >= 1e6 {
        format!("{:.1} M", rate / 1e6)
    } else if rate >= 1e3 {
        format!("{:.1} k", rate / 1e3)
    } else {
        format!("{rate:.0}")
    }
}

fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && digits.len().saturating_sub(i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_tells_rate_and_time_left() {
        let progress = Progress {
            bytes_done: 3 << 29,
            bytes_total: Some(3 << 30),
            packets: 8_123_456,
            files_done: 1,
            files_total: 3,
        };
        assert_eq!(
            progress.line(Duration::from_secs(4)),
            "50 %  1.5 GiB of 3.0 GiB  8,123,456 packets  2.0 M/s  0:04 left  file 1 of 3"
        );
    }

    #[test]
    fn an_input_of_unknown_size_has_no_time_left() {
        let progress =
            Progress { bytes_done: 999, packets: 12, files_total: 1, ..Progress::default() };
        assert_eq!(progress.line(Duration::ZERO), "999 B  12 packets");
        assert_eq!(progress.line(Duration::from_secs(2)), "999 B  12 packets  6/s");
    }

    #[test]
    fn sizes_pick_their_unit() {
        for (bytes, text) in [
            (1023, "1023 B"),
            (1024, "1.0 KiB"),
            (1 << 20, "1.0 MiB"),
            (5 << 40, "5.0 TiB"),
            (5 << 50, "5120.0 TiB"),
        ] {
            assert_eq!(size(bytes), text);
        }
    }
}
