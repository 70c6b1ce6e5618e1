//! Many capture files as one input, in the order of packet time.
//!
//! One file is read window by window straight into the caller's batch. Several are merged: each
//! holds one window, the file whose next packet is earliest goes first, ties go to the file named
//! first. Where a whole window comes before everything else (rotated files, which is how captures
//! are mostly kept) it is handed over uncopied; only where files interleave are packets copied.
//! Files are opened when their time comes, so a folder of thousands costs little.
//!
//! **Invariants:** the order within a file is never changed, even where its times go backwards; the
//! result doesn't depend on how many files are open at a time.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use base::Ts;

use crate::error::{CaptureError, Damage, Remedy, Trouble};
use crate::input::{Access, Input};
use crate::notes::{Comment, HostName, Interface, Notes, Secret};
use crate::packet::Batch;
use crate::progress::Progress;
use crate::reader::{Reader, Style};

/// How inputs are read.
#[derive(Clone, Debug)]
pub struct Options {
    /// Bytes that one window holds. The default fits the second-level cache of common machines.
    pub window: usize,
    /// Unpack compressed files on threads of their own.
    pub threads: bool,
    /// Cut packets of pcap files that are longer than the file's snap length, as libpcap does.
    /// Programs on libpcap see them cut; there is no other reason to lose the bytes.
    pub cut_at_snaplen: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self { window: 256 * 1024, threads: true, cut_at_snaplen: false }
    }
}

impl Options {
    fn style(&self) -> Style {
        Style { window: self.window, cut_at_snaplen: self.cut_at_snaplen }
    }
}

/// All windows of merged files together take about this much at most.
const WINDOWS: usize = 32 * 1024 * 1024;
/// More files than this are looked into, closed, and opened again when their time comes.
const KEPT_OPEN: usize = 64;
/// Threads that unpack at a time; further files unpack where they are read.
const UNPACKERS: usize = 16;
/// Packets in a merged batch.
const MERGED: usize = 4096;

/// The capture files of a run.
pub struct Sources {
    slots: Vec<Slot>,
    /// (time of the next packet, slot) of every file that has more.
    next: BinaryHeap<Reverse<(Ts, usize)>>,
    /// The slot whose window was used up last; it is filled again at the next call.
    spent: Option<usize>,
    notes: Notes,
    passed_over: Vec<PathBuf>,
    options: Options,
    window: usize,
    packets: u64,
    /// Files that unpack on a thread of their own.
    unpackers: usize,
    /// There are several files to put in order.
    merged: bool,
}

struct Slot {
    path: Arc<Path>,
    state: State,
    read: u64,
    total: Option<u64>,
}

enum State {
    /// Not open yet; its first packet is known.
    Waiting,
    Open(Box<Open>),
    Done,
}

struct Open {
    reader: Reader,
    window: Batch,
    /// The next packet of the window.
    at: usize,
}

impl Sources {
    /// Opens files, folders (all captures below them, by name) and standard input (`-`).
    ///
    /// One path that can't be used is an error; among several it becomes a [`Trouble`], and only
    /// if none can be used the first error is returned. Files in a folder that aren't captures are
    /// passed over.
    pub fn open(paths: &[PathBuf], options: Options) -> Result<Self, CaptureError> {
        let mut named = Vec::new();
        for path in paths {
            if path.as_os_str() != "-" && path.is_dir() {
                let mut below = Vec::new();
                walk(path, &mut below)?;
                below.sort();
                if below.is_empty() && paths.len() == 1 {
                    return Err(CaptureError::NoCaptures { path: path.clone() });
                }
                named.extend(below.into_iter().map(|p| (p, true)));
            } else {
                named.push((path.clone(), false));
            }
        }
        let count = named.len();
        let mut sources = Self {
            slots: Vec::new(),
            next: BinaryHeap::new(),
            spent: None,
            notes: Notes::default(),
            passed_over: Vec::new(),
            window: options
                .window
                .min((WINDOWS.checked_div(count).unwrap_or(WINDOWS)).max(16 * 1024)),
            options,
            packets: 0,
            unpackers: 0,
            merged: count > 1,
        };
        let mut first_error = None;
        for (path, in_folder) in named {
            match sources.add(&path, count) {
                Ok(()) => {}
                Err(CaptureError::NotACapture { path, .. }) if in_folder => {
                    sources.passed_over.push(path);
                }
                Err(e) => {
                    let file = Arc::from(path);
                    let what = Damage::Unusable(e.to_string());
                    sources.notes.trouble(&file, 0, what, Remedy::Skipped);
                    first_error.get_or_insert(e);
                }
            }
        }
        match (sources.slots.is_empty(), first_error, paths.first()) {
            (false, ..) => Ok(sources),
            (true, Some(e), _) => Err(e),
            (true, None, Some(path)) => Err(CaptureError::NoCaptures { path: path.clone() }),
            (true, None, None) => Err(CaptureError::NothingNamed),
        }
    }

    /// Reads one stream that isn't a file, under a name for messages.
    pub fn from_reader(
        name: &str,
        stream: impl std::io::Read + Send + 'static,
        options: Options,
    ) -> Result<Self, CaptureError> {
        let path: Arc<Path> = Arc::from(Path::new(name));
        let access = Access { thread: options.threads, reopen: false };
        let input = Input::from_stream(&path, Box::new(stream), None, access)?;
        let mut notes = Notes::default();
        let reader = Reader::new(&path, input, options.style(), &mut notes)?;
        let open = Open { reader, window: Batch::new(), at: 0 };
        let slot = Slot { path, state: State::Open(Box::new(open)), read: 0, total: None };
        Ok(Self {
            slots: vec![slot],
            next: BinaryHeap::new(),
            spent: None,
            notes,
            passed_over: Vec::new(),
            window: options.window,
            options,
            packets: 0,
            unpackers: 0,
            merged: false,
        })
    }

    fn add(&mut self, path: &Path, count: usize) -> Result<(), CaptureError> {
        let path: Arc<Path> = Arc::from(path);
        let index = self.slots.len();
        let regular = path.as_os_str() != "-" && path.is_file();
        let mut slot = Slot { path, state: State::Waiting, read: 0, total: None };
        if count > KEPT_OPEN && regular {
            // What it tells is told when it is opened for good.
            let access = Access { thread: false, reopen: false };
            let mut scratch = Notes::default();
            let window = self.window.min(32 * 1024);
            let style = Style { window, ..self.options.style() };
            let mut reader = Reader::open(&slot.path, style, access, &mut scratch)?;
            slot.total = reader.bytes_total();
            let mut first = Batch::new();
            reader.fill(&mut first, &mut scratch);
            // Without a packet in its first window it is opened at once.
            let ts = first.first_ts().unwrap_or(Ts(i64::MIN));
            self.slots.push(slot);
            self.next.push(Reverse((ts, index)));
            return Ok(());
        }
        let reader = self.reader(&slot.path, false)?;
        slot.total = reader.bytes_total();
        slot.state = State::Open(Box::new(Open { reader, window: Batch::new(), at: 0 }));
        self.slots.push(slot);
        if count > 1 {
            self.refill(index);
        }
        Ok(())
    }

    fn reader(&mut self, path: &Arc<Path>, reopen: bool) -> Result<Reader, CaptureError> {
        let thread = self.options.threads && self.unpackers < UNPACKERS;
        let access = Access { thread, reopen };
        let style = Style { window: self.window, ..self.options.style() };
        let reader = Reader::open(path, style, access, &mut self.notes)?;
        if reader.has_thread() {
            self.unpackers = self.unpackers.saturating_add(1);
        }
        Ok(reader)
    }

    /// Fills `batch` with the next packets; `false` when there are no more.
    pub fn next_batch(&mut self, batch: &mut Batch) -> bool {
        let more = match self.slots.first_mut() {
            Some(only) if !self.merged => only.fill(batch, &mut self.notes),
            _ => self.merge(batch),
        };
        batch.number_from(self.packets.saturating_add(1));
        self.packets = self.packets.saturating_add(batch.len() as u64);
        more
    }

    /// Brings the next window of a file, and its place in the order.
    fn refill(&mut self, index: usize) {
        let Some(slot) = self.slots.get_mut(index) else { return };
        if matches!(slot.state, State::Waiting) {
            let path = Arc::clone(&slot.path);
            match self.reader(&path, true) {
                Ok(reader) => {
                    let open = Open { reader, window: Batch::new(), at: 0 };
                    if let Some(slot) = self.slots.get_mut(index) {
                        slot.state = State::Open(Box::new(open));
                    }
                }
                Err(e) => {
                    let what = Damage::Unusable(e.to_string());
                    self.notes.trouble(&path, 0, what, Remedy::Skipped);
                    if let Some(slot) = self.slots.get_mut(index) {
                        slot.state = State::Done;
                    }
                }
            }
        }
        let Some(slot) = self.slots.get_mut(index) else { return };
        let State::Open(open) = &mut slot.state else { return };
        open.at = 0;
        let more = open.reader.fill(&mut open.window, &mut self.notes);
        slot.read = open.reader.bytes_read();
        if more {
            let first = open.window.first_ts().unwrap_or_default();
            self.next.push(Reverse((first, index)));
        } else {
            if open.reader.has_thread() {
                self.unpackers = self.unpackers.saturating_sub(1);
            }
            slot.state = State::Done;
        }
    }

    fn merge(&mut self, batch: &mut Batch) -> bool {
        batch.clear();
        if let Some(index) = self.spent.take() {
            self.refill(index);
        }
        while let Some(Reverse((_, index))) = self.next.pop() {
            let until = self.next.peek().map(|Reverse(key)| *key);
            let Some(slot) = self.slots.get_mut(index) else { continue };
            let State::Open(open) = &mut slot.state else {
                self.refill(index);
                continue;
            };
            let first = |ts: Ts| until.is_none_or(|until| (ts, index) <= until);
            if open.at == 0 && open.window.latest().is_some_and(first) {
                if !batch.is_empty() {
                    // It goes over whole, next time.
                    let ts = open.window.first_ts().unwrap_or_default();
                    self.next.push(Reverse((ts, index)));
                    return true;
                }
                std::mem::swap(batch, &mut open.window);
                self.spent = Some(index);
                return true;
            }
            if batch.arena.len() < self.window {
                batch.arena.resize(self.window, 0);
            }
            loop {
                let Some(packet) = open.window.get(open.at) else {
                    self.refill(index);
                    break;
                };
                let end = batch.used.saturating_add(packet.data.len());
                let full = !batch.is_empty() && (end > self.window || batch.len() >= MERGED);
                if full || !first(packet.ts) {
                    self.next.push(Reverse((packet.ts, index)));
                    if full {
                        return true;
                    }
                    break;
                }
                batch.push(&packet);
                open.at = open.at.saturating_add(1);
            }
        }
        !batch.is_empty()
    }

    /// How far reading has come.
    pub fn progress(&self) -> Progress {
        let mut progress = Progress { packets: self.packets, ..Progress::default() };
        let mut total = Some(0u64);
        for slot in &self.slots {
            let read = match &slot.state {
                State::Open(open) => open.reader.bytes_read(),
                State::Waiting | State::Done => slot.read,
            };
            progress.bytes_done = progress.bytes_done.saturating_add(read);
            total = total.zip(slot.total).map(|(sum, size)| sum.saturating_add(size));
            progress.files_total = progress.files_total.saturating_add(1);
            if matches!(slot.state, State::Done) {
                progress.files_done = progress.files_done.saturating_add(1);
            }
        }
        progress.bytes_total = total;
        progress
    }
    /// Damage met so far, as far as it is kept.
    pub fn troubles(&self) -> &[Trouble] {
        &self.notes.troubles
    }
    /// Damage met so far beyond what is kept.
    pub fn more_troubles(&self) -> u64 {
        self.notes.more_troubles
    }
    /// Host names that the files know.
    pub fn names(&self) -> &[HostName] {
        &self.notes.names
    }
    /// Key material that the files carry.
    pub fn secrets(&self) -> &[Secret] {
        &self.notes.secrets
    }
    /// Remarks in the files.
    pub fn comments(&self) -> &[Comment] {
        &self.notes.comments
    }
    /// Interfaces told of so far; [`crate::PacketRef::iface`] is an index into it.
    pub fn interfaces(&self) -> &[Interface] {
        &self.notes.interfaces
    }
    /// pcapng blocks of kinds that are not read.
    pub fn other_blocks(&self) -> u64 {
        self.notes.other_blocks
    }
    /// Files in folders that aren't captures.
    pub fn passed_over(&self) -> &[PathBuf] {
        &self.passed_over
    }
    /// The files that are read, in the order in which they were named.
    pub fn files(&self) -> impl Iterator<Item = &Path> {
        self.slots.iter().map(|slot| &*slot.path)
    }
}

impl Slot {
    fn fill(&mut self, batch: &mut Batch, notes: &mut Notes) -> bool {
        let State::Open(open) = &mut self.state else {
            batch.clear();
            return false;
        };
        let more = open.reader.fill(batch, notes);
        self.read = open.reader.bytes_read();
        if !more {
            self.state = State::Done;
        }
        more
    }
}

/// Files below a folder. Hidden ones and linked folders are left alone, so that it ends.
fn walk(folder: &Path, found: &mut Vec<PathBuf>) -> Result<(), CaptureError> {
    let unreadable = |source| CaptureError::Unreadable { path: folder.to_path_buf(), source };
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        if entry.file_name().as_encoded_bytes().starts_with(b".") {
            continue;
        }
        let path = entry.path();
        let kind = entry.file_type().map_err(unreadable)?;
        if kind.is_dir() {
            walk(&path, found)?;
        } else if kind.is_file() || (kind.is_symlink() && path.is_file()) {
            found.push(path);
        }
    }
    Ok(())
}
