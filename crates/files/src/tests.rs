//! What becomes of files, told as small stories.

use base::{FileId, Span, Ts};
use model::{Command, FileFacts, FileMeta, FileStep, Hashes, Profile, Reply};

use crate::fuzz::{Said, all, flow, fuzz_files_ranges, fuzz_files_steps, fuzz_pe, meta};
use crate::{ExtractLimits, Extractor, FileAnalysis, FileAnalyzer, FileCx, Files, FilesConfig};

const ID: FileId = FileId(1);

/// A shard's files with Zeek's reading, and what was said.
struct Shard {
    files: Files,
    said: Said,
    now: Ts,
}

impl Shard {
    fn new(config: FilesConfig, analyzers: Vec<Box<dyn FileAnalyzer>>) -> Self {
        Self {
            files: Files::new(config, analyzers),
            said: Said::default(),
            now: Ts::new(1_700_000_000, 0),
        }
    }
    fn zeek() -> Self {
        Self::new(FilesConfig::new(&Profile::ZEEK), Vec::new())
    }
    fn on(&mut self, number: u32, step: FileStep<'_>) {
        let mut flow = flow(number);
        flow.now = self.now;
        flow.orig.port = 40_000u16.saturating_add(number as u16);
        self.files.step(&flow, step, &all(), &mut self.said);
    }
    fn open(&mut self, number: u32, offset: u64, total: Option<u64>) {
        self.on(number, FileStep::Open(meta(1, offset, total)));
    }
    fn data(&mut self, number: u32, bytes: &[u8]) {
        self.on(number, FileStep::Data(ID, bytes));
    }
    fn wait(&mut self, secs: i64) {
        self.now = self.now.plus(Span::from_secs(secs));
        self.files.advance(self.now, &all(), &mut self.said);
    }
    fn finish(&mut self) {
        self.files.finish(self.now, &all(), &mut self.said);
    }
    fn told(&self, table: &str) -> Vec<String> {
        let rows = self.said.records.iter().filter_map(|r| r.strip_prefix(table));
        rows.map(|r| r.trim().to_owned()).collect()
    }
    fn has(&self, table: &str, what: &str) -> bool {
        self.told(table).iter().any(|r| r.contains(what))
    }
}

#[test]
fn one_body_is_one_file_and_one_fileinfo() {
    let mut s = Shard::zeek();
    s.open(1, 0, None);
    s.data(1, b"<html><body>");
    s.data(1, b"hello</body></html>");
    s.on(1, FileStep::Close(ID, true));
    assert_eq!(s.told("files ").len(), 1);
    assert_eq!(s.told("fileinfo ").len(), 1);
    for what in [
        r#""mime_type":"text/html""#,
        r#""seen_bytes":31"#,
        r#""analyzers":["MD5","SHA1","SHA256"]"#,
        r#""timedout":false"#,
        r#""is_orig":false"#,
        r#""filename":"a.bin""#,
    ] {
        assert!(s.has("files ", what), "{what} in {:?}", s.told("files "));
    }
    assert!(s.has("fileinfo ", r#""state":"CLOSED""#) && s.has("fileinfo ", r#""size":31"#));
    assert_eq!(s.files.facts(ID).and_then(|f| f.mime), Some("text/html"), "remembered");
    s.finish();
    assert_eq!(s.told("files ").len(), 1);
}

#[test]
fn a_body_without_a_byte_is_no_file() {
    let mut s = Shard::zeek();
    s.open(1, 0, Some(0));
    s.on(1, FileStep::Close(ID, true));
    s.finish();
    assert!(s.said.records.is_empty() && s.said.events.is_empty());
    assert_eq!(s.files.stats().open, 0);
}

#[test]
fn ranges_of_three_connections_make_one_file() {
    let mut s = Shard::zeek();
    let content = b"%PDF-1.4 0123456789abcdef";
    for (number, range) in [(3, 20..25), (1, 0..10), (2, 10..20)] {
        s.open(number, range.start as u64, Some(25));
        s.data(number, &content[range]);
        s.on(number, FileStep::EndPiece(ID, true));
    }
    assert_eq!(s.told("files ").len(), 3, "one row a connection");
    assert_eq!(s.told("fileinfo ").len(), 4, "three ranges, and the whole");
    assert!(s.has("fileinfo ", r#""size":25"#));
    assert!(s.has("files ", r#""mime_type":"application/pdf""#));
    assert!(s.has("files ", r#""missing_bytes":0"#));
    assert!(s.has("fileinfo ", r#""start":20,"end":24"#), "{:?}", s.told("fileinfo "));
    assert_eq!(s.files.stats().held, 0);
}

#[test]
fn a_ranged_file_that_stays_incomplete_times_out() {
    let mut s = Shard::zeek();
    s.open(1, 0, Some(100));
    s.data(1, b"%PDF-1.4 xx");
    s.on(1, FileStep::EndPiece(ID, true));
    s.wait(60);
    s.open(2, 50, Some(100));
    s.data(2, b"0123456789");
    s.on(2, FileStep::EndPiece(ID, true));
    s.wait(100);
    assert!(s.told("files ").is_empty(), "the second piece kept it");
    s.wait(30);
    assert!(s.has("files ", r#""timedout":true"#));
    assert!(s.has("files ", r#""missing_bytes":39"#) && s.has("files ", r#""seen_bytes":21"#));
    assert!(!s.has("files ", r#""md5""#), "a file with a hole has no digest");
    assert!(s.has("fileinfo ", r#""sha256""#), "its pieces have");
}

#[test]
fn a_loss_ends_the_search_for_the_type_and_the_digest() {
    let mut s = Shard::zeek();
    s.open(1, 0, None);
    s.data(1, b"some plain text");
    s.on(1, FileStep::Gap(ID, 100));
    s.data(1, b"<html>");
    s.on(1, FileStep::Close(ID, true));
    assert!(s.has("files ", r#""mime_type":"text/plain""#));
    assert!(s.has("files ", r#""missing_bytes":100"#) && !s.has("files ", r#""sha1""#));
    assert!(s.has("fileinfo ", r#""state":"TRUNCATED""#) && s.has("fileinfo ", r#""gaps":true"#));
    assert!(s.has("fileinfo ", r#""size":121"#));

    let mut s = Shard::zeek();
    s.open(1, 0, None);
    s.on(1, FileStep::Gap(ID, 5));
    s.data(1, b"%PDF-1.4");
    s.on(1, FileStep::Close(ID, false));
    assert!(!s.has("files ", "mime_type"));
}

#[test]
fn an_open_piece_keeps_its_file_through_a_pause() {
    let mut s = Shard::zeek();
    s.open(1, 0, None);
    s.data(1, b"first half, ");
    s.wait(300);
    s.data(1, b"second half");
    s.on(1, FileStep::Close(ID, true));
    assert_eq!(s.told("files ").len(), 1);
    assert!(s.has("files ", r#""timedout":true"#) && s.has("files ", r#""seen_bytes":23"#));
    let mut s = Shard::zeek();
    s.open(1, 0, None);
    s.data(1, b"nobody ever closes this");
    for _ in 0..60 {
        s.wait(120);
    }
    assert_eq!((s.files.stats().open, s.told("files ").len()), (0, 1));
}

#[test]
fn too_many_ranged_files_end_the_oldest() {
    let mut config = FilesConfig::new(&Profile::ZEEK);
    config.files = 2;
    let mut s = Shard::new(config, Vec::new());
    for id in 1..=3 {
        s.on(1, FileStep::Open(FileMeta { total_bytes: Some(50), ..meta(id, 0, None) }));
        s.on(1, FileStep::Data(FileId(id), b"partial content"));
        s.on(1, FileStep::EndPiece(FileId(id), true));
    }
    assert_eq!((s.files.stats().evicted, s.files.stats().open), (1, 2));
    s.on(1, FileStep::Open(meta(7, 0, None)));
    s.on(1, FileStep::Open(meta(8, 0, None)));
    s.on(1, FileStep::Open(meta(9, 0, None)));
    assert_eq!(s.files.stats().refused, 1);
    s.on(1, FileStep::Data(FileId(9), b"ignored"));
    assert_eq!(s.files.stats().stray, 1);
}

/// Notes what it is given.
struct Notes;
struct Noting(Vec<u8>);

impl FileAnalyzer for Notes {
    fn name(&self) -> &'static str {
        "NOTES"
    }
    fn takes(&self, file: &FileFacts, source: &'static str) -> bool {
        file.mime == Some("text/plain") && source == "HTTP"
    }
    fn start(&self, _: &FileFacts) -> Box<dyn FileAnalysis> {
        Box::new(Noting(Vec::new()))
    }
}

impl FileAnalysis for Noting {
    fn data(&mut self, _: &mut FileCx<'_>, bytes: &[u8]) -> bool {
        self.0.extend_from_slice(bytes);
        true
    }
    fn end(&mut self, cx: &mut FileCx<'_>) {
        cx.out.trouble(&format!("saw {} bytes, first {:?}", self.0.len(), &self.0[..4]));
    }
}

#[test]
fn an_analysis_sees_the_file_from_its_first_byte() {
    let mut s = Shard::new(FilesConfig::new(&Profile::ZEEK), vec![Box::new(Notes)]);
    s.open(1, 0, None);
    for i in 0..100 {
        s.data(
            1,
            format!("{i:04} and this is a line of some text, to be read by people\n").as_bytes(),
        );
    }
    s.on(1, FileStep::Close(ID, true));
    assert_eq!(s.said.trouble, ["saw 5900 bytes, first [48, 48, 48, 48]"]);
    assert!(s.has("files ", r#""analyzers":["MD5","NOTES","SHA1","SHA256"]"#));
}

#[test]
fn extraction_keeps_to_its_limits_and_its_directory() {
    let dir = std::env::temp_dir().join(format!("watchpost-files-{}", std::process::id()));
    let limits = ExtractLimits {
        file_bytes: 20,
        types: vec!["application/pdf".into()],
        ..ExtractLimits::default()
    };
    let extractor = Extractor::new(&dir, limits).unwrap();
    let mut config = FilesConfig::new(&Profile::ZEEK);
    config.extract = Some(extractor);
    config.extract_all = true;
    let mut s = Shard::new(config, Vec::new());
    for round in 0..2 {
        s.on(1, FileStep::Open(FileMeta { filename: Some(b"../../evil"), ..meta(1, 0, None) }));
        s.data(1, b"%P");
        s.data(1, b"DF-1.7 and much more than twenty bytes");
        s.on(1, FileStep::Close(ID, true));
        assert_eq!(s.told("files ").len(), round + 1);
    }
    s.on(1, FileStep::Open(meta(2, 0, None)));
    s.on(1, FileStep::Data(FileId(2), b"only text, not wanted"));
    s.on(1, FileStep::Close(FileId(2), true));
    let mut names: Vec<_> = std::fs::read_dir(&dir)
        .unwrap()
        .map(|e| e.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert_eq!(names, ["F1-evil.pdf", "F1~1-evil.pdf"]);
    assert_eq!(std::fs::read(dir.join("F1-evil.pdf")).unwrap(), b"%PDF-1.7 and much mo");
    assert!(
        s.has("files ", r#""extracted":"F1-evil.pdf","extracted_cutoff":true,"extracted_size":20"#)
    );
    std::fs::remove_dir_all(&dir).unwrap();
    // The directory is gone: told once, and nothing else is lost.
    for id in 3..6 {
        s.on(1, FileStep::Open(meta(id, 0, None)));
        s.on(1, FileStep::Data(FileId(id), b"%PDF-1.7 again"));
        s.on(1, FileStep::Close(FileId(id), true));
    }
    assert_eq!(s.said.trouble.len(), 1);
    assert_eq!(s.told("files ").len(), 6);
}

#[test]
fn commands_reach_files_that_are_still_young() {
    let mut config = FilesConfig::new(&Profile::ZEEK);
    config.hashes = Hashes::default();
    let mut s = Shard::new(config, Vec::new());
    let asked = Hashes { sha256: true, ..Hashes::default() };
    assert_eq!(s.files.command(&Command::HashFile(ID, asked)), Reply::Gone);
    s.open(1, 0, None);
    s.data(1, b"a");
    assert_eq!(s.files.command(&Command::HashFile(ID, asked)), Reply::Done);
    s.data(1, b"bc");
    s.on(1, FileStep::Close(ID, true));
    assert!(s.has("files ", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"));
    assert!(s.has("files ", r#""analyzers":["SHA256"]"#));
}

#[test]
fn waiting_bytes_are_bounded() {
    let mut config = FilesConfig::new(&Profile::ZEEK);
    config.ahead_bytes = 1000;
    let mut s = Shard::new(config, Vec::new());
    s.open(1, 500, Some(100_000));
    for _ in 0..40 {
        s.data(1, &[7; 100]);
    }
    s.on(1, FileStep::Close(ID, true));
    assert!(
        s.has("files ", r#""missing_bytes":500,"overflow_bytes":500"#),
        "{:?}",
        s.told("files ")
    );
    assert_eq!((s.files.stats().overflows, s.files.stats().held), (1, 0));
}

#[test]
fn no_order_of_steps_breaks_anything() {
    let mut state = 99u64;
    for _ in 0..3000 {
        let mut data = Vec::new();
        for _ in 0..200 {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            data.push((state >> 40) as u8);
        }
        fuzz_files_steps(&data);
        fuzz_files_ranges(&data);
        fuzz_pe(&data);
    }
}
