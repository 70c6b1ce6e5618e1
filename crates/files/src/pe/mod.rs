//! Programs for Windows: portable executables (EXE, DLL, SYS) by their headers.

mod parser;
mod record;

use model::{AnomalyKind, FileFacts, Id, room};

pub use parser::{Headers, Image, Sections, Unread, parse};
pub use record::{PE, PeRecord};

use crate::{FileAnalysis, FileAnalyzer, FileCx};

/// The headers of a program contradict themselves.
pub const PE_MALFORMED: AnomalyKind =
    AnomalyKind { id: Id::new(room::FILES, 0), name: "pe_malformed", zeek: "", suricata: "" };

/// Reads the headers of programs for Windows.
pub struct PeAnalyzer;

impl FileAnalyzer for PeAnalyzer {
    fn name(&self) -> &'static str {
        "PE"
    }
    fn takes(&self, file: &FileFacts, _source: &'static str) -> bool {
        file.mime == Some("application/x-dosexec")
    }
    fn start(&self, file: &FileFacts) -> Box<dyn FileAnalysis> {
        Box::new(Reading { first: file.first, head: Vec::new(), record: None, done: false })
    }
}

/// Bytes in which the headers must end; those of sane programs end in the first few hundred.
const MOST: usize = 64 << 10;

/// The first bytes of a program, until its headers are read.
struct Reading {
    first: base::Ts,
    head: Vec<u8>,
    record: Option<PeRecord>,
    done: bool,
}

impl FileAnalysis for Reading {
    fn data(&mut self, cx: &mut FileCx<'_>, bytes: &[u8]) -> bool {
        if self.done {
            return true;
        }
        let room = MOST.saturating_sub(self.head.len());
        self.head.extend_from_slice(bytes.get(..room).unwrap_or(bytes));
        match parse(&self.head) {
            Ok(headers) => self.record = Some(PeRecord::new(self.first, cx.id, &headers)),
            Err(Unread::Incomplete) if self.head.len() < MOST => return true,
            Err(Unread::NotPe) => {}
            Err(_) => cx.anomaly(&PE_MALFORMED),
        }
        self.done = true;
        self.head = Vec::new();
        // Without a row to tell there is nothing to wait for.
        self.record.is_some()
    }
    fn gap(&mut self, _: &mut FileCx<'_>, _: u64) -> bool {
        self.record.is_some()
    }
    fn end(&mut self, cx: &mut FileCx<'_>) {
        if let Some(record) = self.record.take() {
            cx.tell(PE, || record);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A program of two sections, as a linker would begin it.
    fn program() -> Vec<u8> {
        let mut b = b"MZ".to_vec();
        b.resize(0x3c, 0);
        b.extend(0x80u32.to_le_bytes());
        b.resize(0x80, 0);
        b.extend(b"PE\0\0");
        b.extend(0x8664u16.to_le_bytes());
        b.extend(2u16.to_le_bytes());
        b.extend(1_600_000_000u32.to_le_bytes());
        b.extend([0; 8]);
        b.extend(240u16.to_le_bytes());
        b.extend(0x22u16.to_le_bytes());
        const OPTIONAL: usize = 0x98;
        b.extend(0x20bu16.to_le_bytes());
        b.resize(OPTIONAL + 40, 0);
        b.extend([6, 0, 1, 0]);
        b.resize(OPTIONAL + 68, 0);
        b.extend([3, 0, 0x40, 0x01]);
        b.resize(OPTIONAL + 108, 0);
        b.extend(16u32.to_le_bytes());
        b.extend([0; 8]);
        b.extend([0, 0x20, 0, 0, 0x64, 0, 0, 0]);
        b.resize(OPTIONAL + 240, 0);
        for name in [b".text\0\0\0", b"UPX1!234"] {
            b.extend(name);
            b.extend([0; 32]);
        }
        b
    }

    #[test]
    fn headers_are_read() {
        let bytes = program();
        let headers = parse(&bytes).unwrap();
        let names: Vec<&[u8]> = headers.sections.names().collect();
        assert_eq!(names, [&b".text"[..], b"UPX1!234"]);
        let r = PeRecord::new(base::Ts::new(0, 0), base::FileId(1), &headers);
        assert_eq!(
            (r.machine.as_str(), r.os.as_deref()),
            ("AMD64", Some("Windows 7 or Server 2008 R2"))
        );
        assert_eq!(r.subsystem.as_deref(), Some("WINDOWS_CUI"));
        assert!(r.is_exe && r.is_64bit && r.uses_aslr && r.uses_dep && r.uses_seh);
        assert_eq!((r.has_import_table, r.has_export_table), (Some(true), Some(false)));
        assert_eq!(parse(b"MZ"), Err(Unread::Incomplete));
        for cut in 0..bytes.len() {
            assert!(parse(&bytes[..cut]).is_err());
        }
        let mut dos = bytes.clone();
        dos[0x80] = b'N';
        assert_eq!(parse(&dos), Err(Unread::NotPe));
        let mut bad = bytes;
        bad[0x98] = 9;
        assert_eq!(parse(&bad), Err(Unread::BadOptionalHeader));
    }
}
