//! What is told of a program for Windows, with the names of its fields' values.

use base::{FileId, Ts};
use model::{Id, Record, room};

use super::parser::{Headers, Image};

/// Id of [`PeRecord`].
pub const PE: Id = Id::new(room::FILES, 2);

/// A portable executable by its headers.
#[derive(Record)]
#[record(id = PE, name = "pe", zeek = "pe")]
pub struct PeRecord {
    /// When its first byte was seen.
    #[record(ecs = "@timestamp", ocsf = "time")]
    pub ts: Ts,
    /// The file's id.
    #[record(ocsf = "file.uid")]
    pub id: FileId,
    /// The machine it was made for.
    #[record(ecs = "file.pe.architecture")]
    pub machine: String,
    /// When it was linked, as it claims.
    #[record(ecs = "file.ctime", ocsf = "file.created_time")]
    pub compile_ts: Ts,
    /// The Windows it needs.
    pub os: Option<String>,
    /// The subsystem it needs.
    pub subsystem: Option<String>,
    /// Whether it is an image that is loaded, not an object file.
    pub is_exe: bool,
    /// Whether it is for machines of more than 32 bits.
    pub is_64bit: bool,
    /// Whether it may be loaded anywhere (ASLR).
    pub uses_aslr: bool,
    /// Whether its data are not executable (DEP).
    pub uses_dep: bool,
    /// Whether its signature is enforced.
    pub uses_code_integrity: bool,
    /// Whether it uses structured exception handling.
    pub uses_seh: bool,
    /// Whether it has an import table.
    pub has_import_table: Option<bool>,
    /// Whether it has an export table.
    pub has_export_table: Option<bool>,
    /// Whether it has a certificate table: it is signed.
    pub has_cert_table: Option<bool>,
    /// Whether it has debug data.
    pub has_debug_data: Option<bool>,
    /// Names of its sections in order.
    #[record(ecs = "file.pe.sections.name")]
    pub section_names: Option<Vec<String>>,
}

/// Flags.
const MACHINE_32BIT: u16 = 0x100;
const DYNAMIC_BASE: u16 = 0x40;
const FORCE_INTEGRITY: u16 = 0x80;
const NX_COMPAT: u16 = 0x100;
const NO_SEH: u16 = 0x400;

impl PeRecord {
    /// The row of a program that was first seen at `ts`.
    pub fn new(ts: Ts, id: FileId, headers: &Headers<'_>) -> Self {
        let image = headers.image.as_ref();
        let flag = |bit: u16| image.is_some_and(|i| i.dll_characteristics & bit != 0);
        let has = |n: usize| image.map(|i| i.directories.get(n).is_some_and(|size| *size > 0));
        let names = headers.sections.names().map(|n| String::from_utf8_lossy(n).into_owned());
        Self {
            ts,
            id,
            machine: name(MACHINES, headers.machine),
            compile_ts: Ts::new(i64::from(headers.compiled), 0),
            os: image.map(os),
            subsystem: image.map(|i| name(SUBSYSTEMS, i.subsystem)),
            is_exe: image.is_some(),
            is_64bit: headers.characteristics & MACHINE_32BIT == 0,
            uses_aslr: flag(DYNAMIC_BASE),
            uses_dep: flag(NX_COMPAT),
            uses_code_integrity: flag(FORCE_INTEGRITY),
            uses_seh: !flag(NO_SEH),
            has_import_table: has(1),
            has_export_table: has(0),
            has_cert_table: has(4),
            has_debug_data: has(6),
            section_names: image.map(|_| names.collect()),
        }
    }
}

fn name(table: &[(u16, &str)], number: u16) -> String {
    match table.iter().find(|(n, _)| *n == number) {
        Some((_, name)) => (*name).to_owned(),
        None => format!("unknown-{number}"),
    }
}

fn os(image: &Image) -> String {
    match OS_VERSIONS.iter().find(|(v, _)| *v == image.os) {
        Some((_, name)) => (*name).to_owned(),
        None => format!("unknown-{}.{}", image.os.0, image.os.1),
    }
}

#[rustfmt::skip]
const MACHINES: &[(u16, &str)] = &[
    (0, "UNKNOWN"), (0x14c, "I386"), (0x8664, "AMD64"), (0xaa64, "ARM64"), (0x1c0, "ARM"), (0x1c4, "ARMNT"), (0x1c2, "THUMB"),
    (0x200, "IA64"), (0xebc, "EBC"), (0x1d3, "AM33"), (0x9041, "M32R"), (0x166, "R4000"), (0x169, "WCEMIPSV2"),
    (0x266, "MIPS16"), (0x366, "MIPSFPU"), (0x466, "MIPSFPU16"), (0x1f0, "POWERPC"), (0x1f1, "POWERPCFP"),
    (0x1a2, "SH3"), (0x1a3, "SH3DSP"), (0x1a6, "SH4"), (0x1a8, "SH5"),
];

#[rustfmt::skip]
const SUBSYSTEMS: &[(u16, &str)] = &[
    (0, "UNKNOWN"), (1, "NATIVE"), (2, "WINDOWS_GUI"), (3, "WINDOWS_CUI"), (7, "POSIX_CUI"), (9, "WINDOWS_CE_GUI"), (10, "EFI_APPLICATION"),
    (11, "EFI_BOOT_SERVICE_DRIVER"), (12, "EFI_RUNTIME_DRIVER"), (13, "EFI_ROM"), (14, "XBOX"),
];

const OS_VERSIONS: &[((u16, u16), &str)] = &[
    ((10, 0), "Windows 10"),
    ((6, 4), "Windows 10 Technical Preview"),
    ((6, 3), "Windows 8.1 or Server 2012 R2"),
    ((6, 2), "Windows 8 or Server 2012"),
    ((6, 1), "Windows 7 or Server 2008 R2"),
    ((6, 0), "Windows Vista or Server 2008"),
    ((5, 2), "Windows XP x64 or Server 2003"),
    ((5, 1), "Windows XP"),
    ((5, 0), "Windows 2000"),
    ((4, 90), "Windows Me"),
    ((4, 10), "Windows 98"),
    ((4, 0), "Windows 95 or NT 4.0"),
    ((3, 51), "Windows NT 3.51"),
    ((3, 50), "Windows NT 3.5"),
    ((3, 11), "Windows for Workgroups 3.11"),
    ((3, 10), "Windows 3.1 or NT 3.1"),
    ((3, 2), "Windows 3.2"),
    ((3, 0), "Windows 3.0"),
    ((2, 11), "Windows 2.11"),
    ((2, 10), "Windows 2.10"),
    ((2, 0), "Windows 2.0"),
    ((1, 4), "Windows 1.04"),
    ((1, 3), "Windows 1.03"),
    ((1, 1), "Windows 1.01"),
    ((1, 0), "Windows 1.0"),
];
