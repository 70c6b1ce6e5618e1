//! The thread that owns the output files.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

/// Buffers under way at most; a shard that is faster than the disk waits.
const IN_FLIGHT: usize = 64;

/// A file that could not be written.
#[derive(Clone, Debug)]
pub struct FileTrouble {
    /// Which.
    pub path: PathBuf,
    /// Why, in the system's words.
    pub why: String,
    /// Bytes of rows that were lost by it.
    pub lost_bytes: u64,
}

enum Message {
    Open(usize, PathBuf, Vec<u8>),
    Data(usize, Vec<u8>),
    Footer(usize, Vec<u8>),
}

/// Gives out numbers of files, one per path, and queues what goes into them.
#[derive(Clone)]
pub struct WriterHandle {
    queue: SyncSender<Message>,
    spare: Arc<Mutex<Receiver<Vec<u8>>>>,
    numbers: Arc<Mutex<BTreeMap<PathBuf, usize>>>,
}

/// The writing thread.
pub struct Writer {
    handle: WriterHandle,
    thread: JoinHandle<Vec<FileTrouble>>,
}

impl Writer {
    /// Starts the thread.
    pub fn start() -> std::io::Result<Self> {
        let (queue, work) = sync_channel(IN_FLIGHT);
        let (give_back, spare) = channel();
        let thread = std::thread::Builder::new()
            .name("writer".into())
            .spawn(move || run(&work, &give_back))?;
        let handle =
            WriterHandle { queue, spare: Arc::new(Mutex::new(spare)), numbers: Arc::default() };
        Ok(Self { handle, thread })
    }
    /// A handle for a shard.
    pub fn handle(&self) -> WriterHandle {
        self.handle.clone()
    }
    /// Waits until everything is on disk (all handles must be gone) and tells what went wrong.
    pub fn finish(self) -> Vec<FileTrouble> {
        drop(self.handle);
        self.thread.join().unwrap_or_default()
    }
}

impl WriterHandle {
    /// The number of the file at `path`; whoever asks first opens it with `header`.
    pub fn open(&self, path: &Path, header: Vec<u8>) -> usize {
        let mut numbers = self.numbers.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(n) = numbers.get(path) {
            return *n;
        }
        let n = numbers.len();
        numbers.insert(path.to_owned(), n);
        self.send(Message::Open(n, path.to_owned(), header));
        n
    }
    /// Queues rows; an empty buffer comes back.
    pub fn write(&self, file: usize, rows: &mut Vec<u8>) {
        if rows.is_empty() {
            return;
        }
        let spare = self.spare.lock().unwrap_or_else(PoisonError::into_inner).try_recv();
        let fresh = spare.unwrap_or_else(|_| Vec::with_capacity(rows.capacity()));
        self.send(Message::Data(file, std::mem::replace(rows, fresh)));
    }
    /// Sets what ends the file; the last word counts.
    pub fn footer(&self, file: usize, footer: Vec<u8>) {
        self.send(Message::Footer(file, footer));
    }
    fn send(&self, m: Message) {
        // The thread ends only after the last handle is gone, so this cannot fail but by its panic,
        // which `finish` meets.
        let _ = self.queue.send(m);
    }
}

struct Sink {
    path: PathBuf,
    to: Option<Box<dyn Write>>,
    footer: Vec<u8>,
    trouble: Option<(String, u64)>,
}

impl Sink {
    fn open(path: PathBuf, header: &[u8]) -> Self {
        let mut sink = Self { path, to: None, footer: Vec::new(), trouble: None };
        if sink.path.as_os_str() == "-" {
            sink.to = Some(Box::new(std::io::stdout()));
        } else {
            match File::create(&sink.path) {
                Ok(f) => sink.to = Some(Box::new(f)),
                Err(e) => sink.trouble = Some((e.to_string(), 0)),
            }
        }
        sink.put(header);
        sink
    }
    fn put(&mut self, bytes: &[u8]) {
        if bytes.is_empty() {
            return;
        }
        if let Some((_, lost)) = &mut self.trouble {
            *lost = lost.saturating_add(bytes.len() as u64);
            return;
        }
        if let Some(to) = &mut self.to
            && let Err(e) = to.write_all(bytes)
        {
            self.trouble = Some((e.to_string(), bytes.len() as u64));
            self.to = None;
        }
    }
    fn close(mut self) -> Option<FileTrouble> {
        let footer = std::mem::take(&mut self.footer);
        self.put(&footer);
        if let Some(to) = &mut self.to
            && let Err(e) = to.flush()
            && self.trouble.is_none()
        {
            self.trouble = Some((e.to_string(), 0));
        }
        let (why, lost_bytes) = self.trouble?;
        Some(FileTrouble { path: self.path, why, lost_bytes })
    }
}

fn run(work: &Receiver<Message>, give_back: &Sender<Vec<u8>>) -> Vec<FileTrouble> {
    let mut sinks: BTreeMap<usize, Sink> = BTreeMap::new();
    for message in work {
        match message {
            Message::Open(n, path, header) => {
                sinks.insert(n, Sink::open(path, &header));
            }
            Message::Data(n, mut rows) => {
                if let Some(sink) = sinks.get_mut(&n) {
                    sink.put(&rows);
                }
                rows.clear();
                // Nobody takes it back once the shards are gone.
                let _ = give_back.send(rows);
            }
            Message::Footer(n, footer) => {
                if let Some(sink) = sinks.get_mut(&n) {
                    sink.footer = footer;
                }
            }
        }
    }
    sinks.into_values().filter_map(Sink::close).collect()
}
