//! `read`: captures in, records, anomalies and alerts out.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::{Duration, Instant};

use capture::{Batch, CaptureError, Filter, PacketRef, Progress, Sources, Trouble};
use model::{Alert, Profile, RecordSchema, Wants};
use wire::{Decoder, Notes, Transport};

use crate::alert::{self, AlertEveRecord, AlertRecord};
use crate::output::{FileTrouble, Outputs, Streams, Writer};
use crate::shard::{Shard, decode_options};
use files::{Files, FilesConfig};

use crate::sinks::{Findings, Out};
use crate::tally::Tally;
use crate::weird::{AnomalyEveRecord, WeirdRecord};

/// Told now and then how far reading is, and how long it has taken.
pub type Tell = Box<dyn FnMut(&Progress, Duration)>;

/// What `read` is asked to do.
pub struct ReadOptions {
    /// Files and folders.
    pub paths: Vec<PathBuf>,
    /// Policy of interpretation.
    pub profile: Profile,
    /// What is written.
    pub outputs: Outputs,
    /// Packets that are looked at.
    pub filter: Option<Filter>,
    /// Where files are extracted to, if they are.
    pub extract: Option<files::Extractor>,
    /// Shards; 1 runs inline.
    pub threads: usize,
    /// Enters the names of flows.
    pub seed: u64,
    /// Called now and then with how far it is.
    pub progress: Option<Tell>,
}

/// Why nothing could be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// No input could be opened.
    #[error(transparent)]
    Capture(#[from] CaptureError),
    /// A thread could not be started.
    #[error("cannot start a thread: {0}")]
    Thread(std::io::Error),
    /// A folder for logs could not be made.
    #[error("cannot make the folder {path}: {why}")]
    Folder {
        /// Which.
        path: PathBuf,
        /// Why.
        why: std::io::Error,
    },
    /// A shard panicked: a bug.
    #[error("a shard failed; please report this with the capture")]
    Shard,
}

/// What came of it.
#[derive(Debug)]
pub struct Report {
    /// Totals and the most of everything.
    pub tally: Tally,
    /// Alerts, ordered by weight, then time.
    pub alerts: Vec<Alert>,
    /// Anomalies by name, most first.
    pub anomalies: Vec<(&'static str, u64)>,
    /// Damage in the input.
    pub troubles: Vec<Trouble>,
    /// Damage beyond what is listed.
    pub more_troubles: u64,
    /// Outputs that could not be written.
    pub file_troubles: Vec<FileTrouble>,
    /// How far reading came.
    pub progress: Progress,
    /// Wall time.
    pub elapsed: Duration,
}

/// Every record there is, in the order of reference pages.
pub fn schemas() -> Vec<&'static RecordSchema> {
    let mut all = protocols::records();
    all.extend(files::RECORDS);
    all.push(&protocols::x509::OcspRecord::SCHEMA);
    all.extend([
        const { &WeirdRecord::SCHEMA },
        &AnomalyEveRecord::SCHEMA,
        &AlertRecord::SCHEMA,
        &AlertEveRecord::SCHEMA,
    ]);
    all
}

/// What anybody wants, given what is written.
fn wants(outputs: &Outputs) -> Wants {
    let mut wants = Wants::default();
    let zeek = outputs.zeek_json.is_some() || outputs.zeek_tsv.is_some();
    for schema in schemas() {
        // Tables that the tally and the detectors read are always built.
        let read = matches!(schema.name, "conn" | "dns" | "http" | "ssl" | "files");
        if (zeek && !schema.zeek.is_empty())
            || (outputs.eve.is_some() && !schema.eve.is_empty())
            || (read && !schema.zeek.is_empty())
        {
            wants.want_record(schema);
        }
    }
    wants
}

/// Time between two calls of the progress callback.
const PROGRESS_EVERY: Duration = Duration::from_millis(250);

/// Reads captures through to their end.
pub fn read(options: ReadOptions) -> Result<Report, ReadError> {
    // Zeek and Suricata read by libpcap, which cuts packets at the file's snap length.
    let cut_at_snaplen = options.profile.is_zeek() || options.profile.is_suricata();
    let reading = capture::Options { cut_at_snaplen, ..capture::Options::default() };
    let sources = Sources::open(&options.paths, reading)?;
    read_from(sources, options)
}

/// Reads what is open already; `options.paths` is not looked at.
pub fn read_from(mut sources: Sources, mut options: ReadOptions) -> Result<Report, ReadError> {
    #[allow(clippy::disallowed_methods)] // the program's own clock, for progress
    let started = Instant::now();
    for dir in [&options.outputs.zeek_json, &options.outputs.zeek_tsv].into_iter().flatten() {
        std::fs::create_dir_all(dir).map_err(|why| ReadError::Folder { path: dir.clone(), why })?;
    }
    let writer = Writer::start().map_err(ReadError::Thread)?;
    let wants = Arc::new(wants(&options.outputs));
    let make = |options: &ReadOptions| {
        let streams = (!options.outputs.is_empty())
            .then(|| Streams::new(options.outputs.clone(), writer.handle()));
        let several = options.threads > 1;
        let mut config = FilesConfig::new(&options.profile);
        let mut analyzers = files::analyzers();
        analyzers.extend(protocols::file_analyzers());
        config.extract.clone_from(&options.extract);
        config.extract_all = options.extract.is_some();
        Shard::new(
            options.profile.clone(),
            options.seed,
            options.filter.clone(),
            Out::new(streams, Arc::clone(&wants), Some(Files::new(config, analyzers)), several),
        )
    };
    let mut progress = options.progress.take();
    let mut last_told = started;
    let mut tell = |sources: &Sources| {
        if let Some(progress) = &mut progress {
            #[allow(clippy::disallowed_methods)] // as above
            let now = Instant::now();
            if now.duration_since(last_told) >= PROGRESS_EVERY {
                last_told = now;
                progress(&sources.progress(), now.duration_since(started));
            }
        }
    };
    let parts = if options.threads <= 1 {
        let mut shard = make(&options);
        let mut batch = Batch::new();
        while sources.next_batch(&mut batch) {
            for packet in &batch {
                shard.packet(&packet);
            }
            // As several shards do: the last packet's time ends what it makes due.
            if let Some(now) = batch.latest() {
                shard.clock(now);
            }
            tell(&sources);
        }
        vec![shard.finish()]
    } else {
        let shards: Vec<Shard> = (0..options.threads).map(|_| make(&options)).collect();
        sharded(&options, &mut sources, shards, tell)?
    };

    let mut found = Findings::default();
    for part in parts {
        found.merge(part);
    }
    let alerts = found.detectors.alerts();

    // The desk's own rows: those that needed an order over all shards.
    let mut desk = Out::new(
        (!options.outputs.is_empty())
            .then(|| Streams::new(options.outputs.clone(), writer.handle())),
        wants,
        None,
        false,
    );
    desk.told.now = found.tally.last.unwrap_or_default();
    for w in found.weirds.waited() {
        desk.told.record(None, &w.record());
    }
    let mut by_time: Vec<&Alert> = alerts.iter().collect();
    by_time.sort_by_key(|a| a.ts);
    for a in by_time {
        desk.told.record(None, &alert::record(a));
        desk.told.record(None, &alert::eve_record(a));
    }
    for lines in found.once.told() {
        desk.told.write_lines(lines);
    }
    found.tally.merge(desk.finish().tally);
    let file_troubles = writer.finish();

    let mut anomalies: Vec<(&'static str, u64)> =
        found.weirds.counts.iter().map(|(k, v)| (*k, *v)).collect();
    anomalies.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(b.0)));
    Ok(Report {
        tally: found.tally,
        alerts,
        anomalies,
        troubles: sources.troubles().to_vec(),
        more_troubles: sources.more_troubles(),
        file_troubles,
        progress: sources.progress(),
        elapsed: started.elapsed(),
    })
}

/// A batch on its way to all shards, with the shard of each packet.
#[derive(Default)]
struct Work {
    batch: Batch,
    shard: Vec<u8>,
}

/// Batches under way to one shard.
const QUEUE: usize = 4;

fn sharded(
    options: &ReadOptions,
    sources: &mut Sources,
    shards: Vec<Shard>,
    mut tell: impl FnMut(&Sources),
) -> Result<Vec<Findings>, ReadError> {
    let count = shards.len();
    std::thread::scope(|scope| {
        let mut queues: Vec<SyncSender<Arc<Work>>> = Vec::with_capacity(count);
        let mut threads = Vec::with_capacity(count);
        for (number, shard) in shards.into_iter().enumerate() {
            let (queue, work) = sync_channel(QUEUE);
            queues.push(queue);
            let thread = std::thread::Builder::new()
                .name(format!("shard-{number}"))
                .spawn_scoped(scope, move || run_shard(shard, number as u8, &work))
                .map_err(ReadError::Thread)?;
            threads.push(thread);
        }
        // A shard asks for its next batch only after it let go of the last, so when a queue of
        // QUEUE has taken QUEUE + 1 batches since, a batch is free again.
        let mut ring: Vec<Arc<Work>> = (0..QUEUE + 2).map(|_| Arc::default()).collect();
        let decoder = Decoder::new(decode_options(&options.profile));
        let mut notes = Notes::default();
        let mut at = 0;
        loop {
            let slots = ring.len();
            let Some(slot) = ring.get_mut(at % slots) else { break };
            at += 1;
            if Arc::get_mut(slot).is_none() {
                *slot = Arc::default();
            }
            let Some(work) = Arc::get_mut(slot) else { break };
            if !sources.next_batch(&mut work.batch) {
                break;
            }
            work.shard.clear();
            for packet in &work.batch {
                work.shard.push(shard_of(&decoder, &options.profile, &packet, &mut notes, count));
            }
            for queue in &queues {
                queue.send(Arc::clone(slot)).map_err(|_| ReadError::Shard)?;
            }
            tell(sources);
        }
        drop(queues);
        threads.into_iter().map(|t| t.join().map_err(|_| ReadError::Shard)).collect()
    })
}

fn run_shard(mut shard: Shard, number: u8, work: &Receiver<Arc<Work>>) -> Findings {
    while let Ok(work) = work.recv() {
        for (packet, to) in work.batch.iter().zip(&work.shard) {
            if *to == number {
                shard.packet(&packet);
            }
        }
        if let Some(now) = work.batch.latest() {
            shard.clock(now);
        }
    }
    shard.finish()
}

/// The shard that owns a packet: by the address pair of its innermost IP packet, so that fragments
/// and related flows meet; ICMP errors by the pair they quote.
fn shard_of(
    decoder: &Decoder,
    profile: &Profile,
    p: &PacketRef<'_>,
    notes: &mut Notes,
    count: usize,
) -> u8 {
    notes.clear();
    let mut frame = decoder.frame(p.link, p.data, p.wire_len, notes);
    let mut hash = 0;
    while let Some(packet) = decoder.packet(&frame, notes) {
        // DHCP joins the messages of an exchange over flows of different address pairs.
        let dhcp = matches!(packet.transport, Transport::Udp(u) if is_dhcp(u.src_port) || is_dhcp(u.dst_port));
        hash = if dhcp { 0 } else { flow::shard_hash(&packet, profile) };
        match decoder.inner(&packet, notes) {
            Some(inner) => frame = inner.frame,
            None => break,
        }
    }
    (hash % count.max(1) as u64) as u8
}

const fn is_dhcp(port: u16) -> bool {
    matches!(port, 67 | 68)
}
