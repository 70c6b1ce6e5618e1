//! Entry points for the fuzz runner, with small sinks that keep what was said.

use base::{Dir, FileId, FlowId, Span, Ts, Uid};
use model::{
    Anomaly, CONSUMERS, Endpoint, FileMeta, FileStep, FlowFacts, Id, Record, Services, Wants,
};

use crate::{FileInfoRecord, FileSinks, Files, FilesConfig, FilesRecord};

/// A target: plain, so that any runner can call it.
pub type Target = fn(&[u8]);

/// The targets of this crate, by name.
pub const TARGETS: &[(&str, Target)] = &[
    ("files_steps", fuzz_files_steps),
    ("files_ranges", fuzz_files_ranges),
    ("files_pe", fuzz_pe),
];

/// Everything that was said, as text.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Said {
    pub(crate) records: Vec<String>,
    pub(crate) events: Vec<String>,
    pub(crate) trouble: Vec<String>,
}

impl FileSinks for Said {
    fn record(&mut self, _: Option<&FlowFacts>, record: &dyn Record) {
        self.records.push(format!("{} {}", record.schema().name, model::write::json_text(record)));
    }
    fn event(&mut self, _: Option<&FlowFacts>, _: Id, args: &dyn Record) {
        self.events.push(format!("{} {}", args.schema().name, model::write::json_text(args)));
    }
    fn anomaly(&mut self, _: Option<&FlowFacts>, _: Anomaly<'_>) {}
    fn trouble(&mut self, text: &str) {
        self.trouble.push(text.to_owned());
    }
}

/// A flow between two documentation addresses.
pub(crate) fn flow(number: u32) -> FlowFacts {
    let end = |last: u8, port| Endpoint { addr: [192, 0, 2, last].into(), port };
    FlowFacts {
        id: FlowId(number),
        uid: Uid(u128::from(number)),
        orig: end(1, 40000),
        resp: end(2, 80),
        proto: 6,
        first: Ts::new(1_700_000_000, 0),
        now: Ts::new(1_700_000_000, 0),
        packet: 1,
        vlans: [0; 2],
        parent: None,
        services: Services::default(),
        app_proto: Some("http"),
        transactions: 0,
        slot: [0; CONSUMERS],
        established: true,
        midstream: false,
        resets: 0,
        flipped: false,
    }
}

/// Everything that can be asked for.
pub(crate) fn all() -> Wants {
    let mut wants = Wants::default();
    for local in 0..=u8::MAX {
        wants.want_event(Id::new(model::room::FILES, local));
    }
    wants.want_record(&FilesRecord::SCHEMA);
    wants.want_record(&FileInfoRecord::SCHEMA);
    wants.want_record(&crate::pe::PeRecord::SCHEMA);
    wants
}

/// A file as the tests announce it.
pub(crate) fn meta(id: u128, offset: u64, total: Option<u64>) -> FileMeta<'static> {
    FileMeta {
        id: FileId(id),
        source: "HTTP",
        tx: 0,
        dir: Dir::Resp,
        depth: 1,
        filename: Some(b"a.bin"),
        eve_filename: Some(b"/a.bin"),
        claimed_mime: None,
        known_mime: None,
        total_bytes: total,
        offset,
        told: true,
    }
}

/// Steps in any order, as no protocol would take them: nothing may break, and nothing may be left.
pub fn fuzz_files_steps(data: &[u8]) {
    let mut config = FilesConfig::new(&model::Profile::ZEEK);
    config.ahead_bytes = 64;
    config.ahead_bytes_all = 256;
    config.files = 4;
    let mut files = Files::new(config, crate::analyzers());
    let wants = all();
    let mut out = Said::default();
    let mut now = Ts::new(1_700_000_000, 0);
    for step in data.chunks(4) {
        let &[what, who, where_, much] = step else { break };
        let mut flow = flow(u32::from(who >> 6));
        now = now.plus(Span::from_millis(i64::from(what >> 3).saturating_mul(1000)));
        flow.now = now;
        let id = u128::from(who & 7);
        let offset = match where_ {
            255 => u64::MAX,
            n => u64::from(n).saturating_mul(3),
        };
        let bytes = data.get(..usize::from(much)).unwrap_or(data);
        let step = match what & 7 {
            0 | 1 => {
                let total = (much > 40).then_some(u64::from(much).saturating_mul(4));
                FileStep::Open(meta(id, offset, total))
            }
            2..=4 => FileStep::Data(FileId(id), bytes),
            5 => FileStep::Gap(FileId(id), if where_ == 255 { offset } else { u64::from(much) }),
            6 => FileStep::Close(FileId(id), much & 1 == 0),
            _ => FileStep::EndPiece(FileId(id), much & 1 == 0),
        };
        files.step(&flow, step, &wants, &mut out);
        files.advance(now, &wants, &mut out);
        let stats = files.stats();
        assert!(stats.open <= 4 && stats.held <= 512, "bounds hold: {stats:?}");
    }
    files.finish(now, &wants, &mut out);
    let stats = files.stats();
    assert_eq!((stats.open, stats.held), (0, 0), "nothing is left");
    let told = out.records.iter().filter(|r| r.starts_with("files ")).count() as u64;
    assert_eq!(told, stats.files, "every file that began is told once");
}

/// A file in ranges of any order and cut gives what it gives at once.
pub fn fuzz_files_ranges(data: &[u8]) {
    let Some((head, content)) = data.split_at_checked(8) else { return };
    if content.is_empty() {
        return;
    }
    let mut seed = head.iter().fold(0u64, |s, b| (s << 8) | u64::from(*b));
    let mut random = move |below: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33).checked_rem(below as u64).unwrap_or(0) as usize
    };
    let wants = all();
    let total = content.len() as u64;
    let whole = {
        let mut files = Files::new(FilesConfig::new(&model::Profile::ZEEK), Vec::new());
        let mut out = Said::default();
        let flow = flow(1);
        files.step(&flow, FileStep::Open(meta(1, 0, Some(total))), &wants, &mut out);
        files.step(&flow, FileStep::Data(FileId(1), content), &wants, &mut out);
        files.step(&flow, FileStep::Close(FileId(1), true), &wants, &mut out);
        files.finish(flow.now, &wants, &mut out);
        out.records.into_iter().find(|r| r.starts_with("files "))
    };
    // Ranges, shuffled, some sent twice.
    let mut ranges = Vec::new();
    let mut at = 0usize;
    while at < content.len() {
        let len = random(content.len()).saturating_add(1).min(content.len().saturating_sub(at));
        ranges.push((at, len));
        if random(4) == 0 {
            ranges.push((at, len));
        }
        at = at.saturating_add(len);
    }
    for i in 0..ranges.len() {
        let other = random(ranges.len());
        ranges.swap(i, other);
    }
    let mut files = Files::new(FilesConfig::new(&model::Profile::ZEEK), Vec::new());
    let mut out = Said::default();
    for (i, (at, len)) in ranges.iter().enumerate() {
        if out.records.iter().any(|r| r.starts_with("files ")) {
            break;
        }
        let mut flow = flow(i as u32);
        flow.uid = Uid(1);
        files.step(&flow, FileStep::Open(meta(1, *at as u64, Some(total))), &wants, &mut out);
        let end = at.saturating_add(*len);
        let mut rest = content.get(*at..end).unwrap_or_default();
        while !rest.is_empty() {
            let cut = random(rest.len()).saturating_add(1);
            let (piece, tail) = rest.split_at_checked(cut).unwrap_or((rest, &[]));
            files.step(&flow, FileStep::Data(FileId(1), piece), &wants, &mut out);
            rest = tail;
        }
        files.step(&flow, FileStep::EndPiece(FileId(1), true), &wants, &mut out);
    }
    files.finish(Ts::new(1_700_000_000, 0), &wants, &mut out);
    let pieced = out.records.into_iter().find(|r| r.starts_with("files "));
    assert_eq!(pieced, whole, "ranges and cuts make no difference");
}

/// Headers of programs: what is read of a whole file is read of it in pieces.
pub fn fuzz_pe(data: &[u8]) {
    let Some((&cut, file)) = data.split_first() else { return };
    let rows = |piece: usize| {
        let mut files = Files::new(FilesConfig::new(&model::Profile::ZEEK), crate::analyzers());
        let wants = all();
        let mut out = Said::default();
        let flow = flow(1);
        let program = FileMeta { known_mime: Some("application/x-dosexec"), ..meta(1, 0, None) };
        files.step(&flow, FileStep::Open(program), &wants, &mut out);
        for bytes in file.chunks(piece) {
            files.step(&flow, FileStep::Data(FileId(1), bytes), &wants, &mut out);
        }
        files.step(&flow, FileStep::Close(FileId(1), true), &wants, &mut out);
        out.records
    };
    assert_eq!(rows(file.len().max(1)), rows(usize::from(cut).max(1)), "pieces make no difference");
}
