//! One capture file as a row of windows.
//!
//! A window is what one `read` brings, plus the piece of a record that the window before ended in.
//! The bytes are read straight into a batch's arena and packets are places in it. Reading through
//! a window that fits the second-level cache is what makes this cheap: walking a mapped file from
//! header to header misses the cache at each, copying it in order does not.
//!
//! **Invariants:** the result doesn't depend on how many bytes each `read` returns; the arena grows
//! only for a record that is longer than it, and shrinks back.

use std::path::Path;
use std::sync::Arc;

use crate::error::{CaptureError, Remedy};
use crate::input::{Access, Input, Stop, guess};
use crate::notes::Notes;
use crate::packet::{Batch, Place};
use crate::pcap::{self, Pcap};
use crate::pcapng::{self, Pcapng};

/// Bytes of a file that a parser looks at.
#[derive(Clone, Copy)]
pub(crate) struct Window<'a> {
    /// The bytes.
    pub(crate) bytes: &'a [u8],
    /// Where the first of them stands in the (unpacked) file.
    pub(crate) at: u64,
    /// No more will come.
    pub(crate) last: bool,
}

impl Window<'_> {
    /// Offset in the file of a place in the window.
    pub(crate) fn offset(&self, pos: usize) -> u64 {
        self.at.saturating_add(pos as u64)
    }
}

/// How far a parser came.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Parsed {
    /// Bytes that are done with.
    pub(crate) used: usize,
    /// Bytes wanted after those to come any further.
    pub(crate) want: usize,
}

enum Format {
    Pcap(Pcap),
    Pcapng(Box<Pcapng>),
}

/// How a file is read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Style {
    /// Bytes of a window.
    pub(crate) window: usize,
    /// Cut packets at the snap length of a pcap file.
    pub(crate) cut_at_snaplen: bool,
}

/// Reads one file.
pub(crate) struct Reader {
    file: Arc<Path>,
    input: Input,
    format: Format,
    /// The piece of a record that the last window ended in.
    carry: Vec<u8>,
    /// Offset of that piece in the file.
    at: u64,
    window: usize,
    ended: bool,
}

impl Reader {
    /// Opens a file and reads its header.
    pub(crate) fn open(
        path: &Arc<Path>,
        style: Style,
        access: Access,
        notes: &mut Notes,
    ) -> Result<Self, CaptureError> {
        let input = Input::open(path, access)?;
        Self::new(path, input, style, notes)
    }

    pub(crate) fn new(
        path: &Arc<Path>,
        input: Input,
        style: Style,
        notes: &mut Notes,
    ) -> Result<Self, CaptureError> {
        let head = &input.head;
        let (format, used) = if pcap::magic(head).is_some() {
            let short = || CaptureError::ShortHeader {
                path: path.to_path_buf(),
                format: "pcap",
                bytes: head.len() as u64,
            };
            let cut = style.cut_at_snaplen;
            let pcap = Pcap::open(head, path, cut, notes).ok_or_else(short)?;
            (Format::Pcap(pcap), Pcap::HEADER.min(head.len()))
        } else if pcapng::is_pcapng(head) {
            (Format::Pcapng(Box::new(Pcapng::new(path))), 0)
        } else if head.starts_with(&pcapng::SECTION_HEADER) && head.len() < 12 {
            return Err(CaptureError::ShortHeader {
                path: path.to_path_buf(),
                format: "pcapng",
                bytes: head.len() as u64,
            });
        } else {
            let found = guess(head);
            return Err(CaptureError::NotACapture { path: path.to_path_buf(), found });
        };
        let carry = head.get(used..).unwrap_or_default().to_vec();
        Ok(Self {
            file: Arc::clone(path),
            input,
            format,
            carry,
            at: used as u64,
            window: style.window.max(4096),
            ended: false,
        })
    }

    /// Bytes of the file itself that were read.
    pub(crate) fn bytes_read(&self) -> u64 {
        self.input.bytes_read()
    }
    /// Whether its bytes are unpacked on a thread of their own.
    pub(crate) fn has_thread(&self) -> bool {
        self.input.has_thread
    }
    /// Size of the file itself, where known.
    pub(crate) fn bytes_total(&self) -> Option<u64> {
        self.input.total
    }

    /// Fills `batch` with the packets of the next window; `false` when there are no more.
    pub(crate) fn fill(&mut self, batch: &mut Batch, notes: &mut Notes) -> bool {
        batch.clear();
        if self.ended && self.carry.is_empty() {
            return false;
        }
        self.take_arena(batch);
        let mut filled = self.carry.len();
        if let Some(to) = batch.arena.get_mut(..filled) {
            to.copy_from_slice(&self.carry);
        }
        self.carry.clear();
        let mut want = 0usize;
        loop {
            if let Some(room) = batch.arena.get_mut(filled..).filter(|r| !r.is_empty())
                && !self.ended
            {
                match self.input.read(room) {
                    Ok(n) => filled = filled.saturating_add(n),
                    Err(stop) => {
                        self.ended = true;
                        if let Stop::Broken(damage) = stop {
                            let at = self.at.saturating_add(filled as u64);
                            notes.trouble(&self.file, at, damage, Remedy::Ended { bytes: 0 });
                        }
                    }
                }
            }
            if filled < want && filled < batch.arena.len() && !self.ended {
                continue;
            }
            let bytes = batch.arena.get(..filled).unwrap_or_default();
            let window = Window { bytes, at: self.at, last: self.ended };
            let parsed = self.format.parse(window, &mut batch.places, notes);
            let used = parsed.used.min(filled);
            if self.ended || !batch.places.is_empty() {
                batch.used = filled;
                self.at = self.at.saturating_add(used as u64);
                if !self.ended {
                    self.carry.extend_from_slice(bytes.get(used..).unwrap_or_default());
                }
                return !batch.places.is_empty();
            }
            // Blocks without packets, or a record longer than the arena: make room and read on.
            batch.arena.copy_within(used..filled, 0);
            self.at = self.at.saturating_add(used as u64);
            filled = filled.saturating_sub(used);
            want = parsed.want;
            // It grows as bytes come, not to what a length claims.
            if filled == batch.arena.len() {
                batch.arena.resize(filled.saturating_mul(2), 0);
            }
        }
    }

    /// Gives the batch an arena of the window's size, or of what is carried over.
    fn take_arena(&self, batch: &mut Batch) {
        let size = self.window.max(self.carry.len().saturating_add(self.window / 2));
        if batch.arena.len() > size.saturating_mul(4) {
            batch.arena = Vec::new();
        }
        if batch.arena.len() < size {
            batch.arena.resize(size, 0);
        }
    }
}

impl Format {
    fn parse(&mut self, window: Window<'_>, out: &mut Vec<Place>, notes: &mut Notes) -> Parsed {
        match self {
            Self::Pcap(pcap) => pcap.parse(window, out, notes),
            Self::Pcapng(pcapng) => pcapng.parse(window, out, notes),
        }
    }
}
