//! Unpacking compressed captures: gzip (RFC 1952), Zstandard (RFC 8878), xz (The .xz File Format).
//!
//! Streams that were packed one after the other are one. A broken stream still yields what was
//! unpacked before the break, which is why decompressors are driven here by hand: their readers
//! throw it away. Unpacking runs on a thread of its own, beside the shard that analyses, and hands
//! over chunks that are recycled.
//!
//! **Invariants:** memory is bounded (xz and Zstandard streams that ask for more are refused);
//! nothing is unpacked ahead of the reader but a few chunks.

use std::io::{self, BufRead, Read};
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};

use flate2::{Decompress, FlushDecompress};
use liblzma::stream as lzma;
use zstd::stream::raw::{Decoder as Zstd, InBuffer, Operation, OutBuffer};

/// What an unpacking thread hands over at a time.
pub(crate) const CHUNK: usize = 256 * 1024;
/// Chunks under way between an unpacking thread and its reader.
const CHUNKS: usize = 4;
/// Memory that one xz stream may ask for.
const XZ_MEMORY: u64 = 256 * 1024 * 1024;
/// The largest window that a Zstandard stream may ask for (2 to this power).
const ZSTD_WINDOW: u32 = 27;
/// Zstandard loses the output of the call that meets damage, so calls are kept this small.
const ZSTD_CALL: usize = 4096;

/// How a file is compressed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Packing {
    Gzip,
    Zstd,
    Xz,
}

impl Packing {
    pub(crate) fn of(head: &[u8]) -> Option<Self> {
        match head {
            [0x1f, 0x8b, ..] => Some(Self::Gzip),
            [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Some(Self::Zstd),
            [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => Some(Self::Xz),
            _ => None,
        }
    }
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
            Self::Xz => "xz",
        }
    }
    /// Whether another stream may begin with this byte.
    fn begins(self, byte: u8) -> bool {
        match self {
            Self::Gzip => byte == 0x1f,
            Self::Zstd => matches!(byte, 0x28 | 0x50..=0x5f),
            Self::Xz => byte == 0xfd,
        }
    }
}

/// Bytes that are not compressed follow those that are.
#[derive(Debug, thiserror::Error)]
#[error("other bytes follow the compressed data")]
pub(crate) struct Trailing;

/// Reads what a packed stream holds.
pub(crate) struct Unpacker<R> {
    packed: R,
    packing: Packing,
    state: State,
    /// Whether a stream has ended and the next has not begun.
    between: bool,
    /// The damage that ended it, told when what came before was handed over.
    broken: Option<io::Error>,
    ended: bool,
}

enum State {
    Gzip(Decompress),
    Zstd(Zstd<'static>),
    Xz(lzma::Stream),
}

/// What one call of a decompressor did.
struct Done {
    read: usize,
    written: usize,
    how: Result<End, io::Error>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    /// The stream goes on.
    No,
    /// The stream ended; another may follow.
    Stream,
    /// All ended.
    All,
}

impl State {
    fn new(packing: Packing) -> io::Result<Self> {
        Ok(match packing {
            Packing::Gzip => Self::Gzip(Decompress::new_gzip(15)),
            Packing::Zstd => {
                let mut zstd = Zstd::new()?;
                zstd.set_parameter(zstd::zstd_safe::DParameter::WindowLogMax(ZSTD_WINDOW))?;
                Self::Zstd(zstd)
            }
            Packing::Xz => {
                Self::Xz(lzma::Stream::new_stream_decoder(XZ_MEMORY, lzma::CONCATENATED)?)
            }
        })
    }

    fn call(&mut self, input: &[u8], output: &mut [u8], last: bool) -> Done {
        match self {
            Self::Gzip(gzip) => {
                let (read, written) = (gzip.total_in(), gzip.total_out());
                let how = match gzip.decompress(input, output, FlushDecompress::None) {
                    Ok(flate2::Status::StreamEnd) => Ok(End::Stream),
                    Ok(flate2::Status::Ok | flate2::Status::BufError) => Ok(End::No),
                    Err(e) => Err(io::Error::new(io::ErrorKind::InvalidData, e)),
                };
                Done {
                    read: gzip.total_in().saturating_sub(read) as usize,
                    written: gzip.total_out().saturating_sub(written) as usize,
                    how,
                }
            }
            Self::Xz(xz) => {
                let (read, written) = (xz.total_in(), xz.total_out());
                let action = if last { lzma::Action::Finish } else { lzma::Action::Run };
                let how = match xz.process(input, output, action) {
                    Ok(lzma::Status::StreamEnd) => Ok(End::All),
                    Ok(_) => Ok(End::No),
                    Err(e) => Err(io::Error::new(io::ErrorKind::InvalidData, e)),
                };
                Done {
                    read: xz.total_in().saturating_sub(read) as usize,
                    written: xz.total_out().saturating_sub(written) as usize,
                    how,
                }
            }
            Self::Zstd(zstd) => {
                let few = output.len().min(ZSTD_CALL);
                let mut from = InBuffer::around(input);
                let mut to = OutBuffer::around(output.get_mut(..few).unwrap_or_default());
                let how = zstd
                    .run(&mut from, &mut to)
                    .map(|hint| if hint == 0 { End::Stream } else { End::No });
                Done { read: from.pos(), written: to.pos(), how }
            }
        }
    }
}

impl<R: BufRead> Unpacker<R> {
    pub(crate) fn new(packing: Packing, packed: R) -> io::Result<Self> {
        let state = State::new(packing)?;
        Ok(Self { packed, packing, state, between: false, broken: None, ended: false })
    }

    /// Goes to the next stream of several; `false` when there is none. Zeros between are padding
    /// (tapes and block devices leave them).
    fn next_stream(&mut self) -> io::Result<bool> {
        let mut padded = false;
        loop {
            let ahead = self.packed.fill_buf()?;
            let zeros = ahead.iter().take_while(|b| **b == 0).count();
            match ahead.get(zeros) {
                None if ahead.is_empty() => return Ok(false),
                None => {
                    padded = true;
                    self.packed.consume(zeros);
                }
                Some(byte) if self.packing.begins(*byte) && !padded && zeros == 0 => {
                    self.state = State::new(self.packing)?;
                    self.between = false;
                    return Ok(true);
                }
                Some(_) => return Err(io::Error::other(Trailing)),
            }
        }
    }
}

impl<R: BufRead> Read for Unpacker<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if let Some(broken) = self.broken.take() {
            self.ended = true;
            return Err(broken);
        }
        loop {
            if buf.is_empty() || self.ended || (self.between && !self.next_stream()?) {
                return Ok(0);
            }
            let input = self.packed.fill_buf()?;
            let last = input.is_empty();
            let done = self.state.call(input, buf, last);
            self.packed.consume(done.read);
            match done.how {
                Ok(End::Stream) => self.between = true,
                Ok(End::All) if done.written == 0 => return Ok(0),
                Ok(End::No) if last && done.written == 0 => {
                    let why = "it ends too early";
                    return Err(io::Error::new(io::ErrorKind::UnexpectedEof, why));
                }
                Ok(_) => {}
                Err(e) if done.written > 0 => self.broken = Some(e),
                Err(e) => return Err(e),
            }
            if done.written > 0 {
                return Ok(done.written);
            }
        }
    }
}

/// A reader that runs on a thread of its own.
pub(crate) struct Beside {
    full: Receiver<io::Result<Chunk>>,
    empty: Sender<Vec<u8>>,
    now: Chunk,
    at: usize,
}

/// Unpacked bytes: the first `len` of a buffer that is recycled.
#[derive(Default)]
struct Chunk {
    buffer: Vec<u8>,
    len: usize,
}

impl Beside {
    pub(crate) fn start(mut from: Box<dyn Read + Send>) -> io::Result<Self> {
        let (send, full): (SyncSender<io::Result<Chunk>>, _) = sync_channel(CHUNKS);
        let (empty, recycled): (Sender<Vec<u8>>, Receiver<Vec<u8>>) = channel();
        // The thread ends with its input, or when the reader is gone. One read is one chunk, so
        // that a slow pipe is not held up to fill it.
        std::thread::Builder::new().name("unpack".to_owned()).spawn(move || {
            let mut buffer = Vec::new();
            loop {
                if buffer.is_empty() {
                    buffer = recycled.try_recv().unwrap_or_default();
                    buffer.resize(CHUNK, 0);
                }
                match from.read(&mut buffer) {
                    Ok(len) => {
                        let chunk = Chunk { buffer: std::mem::take(&mut buffer), len };
                        if send.send(Ok(chunk)).is_err() || len == 0 {
                            return;
                        }
                    }
                    Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                    Err(e) => {
                        let _reader_may_be_gone = send.send(Err(e));
                        return;
                    }
                }
            }
        })?;
        Ok(Self { full, empty, now: Chunk::default(), at: 0 })
    }
}

impl Read for Beside {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        while self.at >= self.now.len {
            let spent = std::mem::take(&mut self.now);
            if !spent.buffer.is_empty() {
                let _thread_may_be_gone = self.empty.send(spent.buffer);
            }
            match self.full.recv() {
                Ok(Ok(chunk)) if chunk.len == 0 => return Ok(0),
                Ok(Ok(chunk)) => (self.now, self.at) = (chunk, 0),
                Ok(Err(e)) => return Err(e),
                Err(_) => return Ok(0),
            }
        }
        let ready = self.now.buffer.get(self.at..self.now.len).unwrap_or_default();
        let n = ready.len().min(buf.len());
        if let (Some(to), Some(from)) = (buf.get_mut(..n), ready.get(..n)) {
            to.copy_from_slice(from);
        }
        self.at = self.at.saturating_add(n);
        Ok(n)
    }
}
