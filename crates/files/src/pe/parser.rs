//! The headers of a portable executable: the DOS header's pointer, the COFF header, the optional
//! header with its data directories, the section table.
//!
//! Source: Microsoft's "PE Format". Bytes in, a [`Headers`] out; nothing is kept, nothing is followed beyond
//! the section table.

use base::Reader;

/// Why headers can't be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unread {
    /// More bytes are needed.
    Incomplete,
    /// There is no PE header where the DOS header points: a DOS program, or none at all.
    NotPe,
    /// The optional header is none that is known.
    BadOptionalHeader,
}

/// What the headers say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Headers<'a> {
    /// Target machine.
    pub machine: u16,
    /// When it was linked, in seconds since 1970.
    pub compiled: u32,
    /// Flags of the file.
    pub characteristics: u16,
    /// The optional header, which object files don't have.
    pub image: Option<Image>,
    /// The section table.
    pub sections: Sections<'a>,
}

/// What the optional header says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Image {
    /// 64-bit addresses (PE32+).
    pub plus: bool,
    /// Version of Windows it needs.
    pub os: (u16, u16),
    /// Subsystem it needs.
    pub subsystem: u16,
    /// Flags of the loader.
    pub dll_characteristics: u16,
    /// Sizes of the first data directories: export, import, resource, exception, certificate,
    /// relocation, debug.
    pub directories: [u32; 7],
}

/// The section table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sections<'a>(&'a [u8]);

impl<'a> Sections<'a> {
    const ENTRY: usize = 40;
    const NAME: usize = 8;

    /// Names of the sections in order, without padding.
    pub fn names(&self) -> impl Iterator<Item = &'a [u8]> {
        self.0.chunks_exact(Self::ENTRY).map(|entry| {
            let name = entry.get(..Self::NAME).unwrap_or_default();
            name.split(|b| *b == 0).next().unwrap_or_default()
        })
    }
}

/// Sections of a header that are read at most; Windows loads no more than 96.
const MOST_SECTIONS: u16 = 96;

/// Reads the headers from the start of a file.
pub fn parse(file: &[u8]) -> Result<Headers<'_>, Unread> {
    let short = |_| Unread::Incomplete;
    let mut r = Reader::new(file);
    r.skip(0x3c).map_err(short)?;
    let at = r.le32().map_err(short)?;
    let mut r = Reader::new(file);
    r.skip(at as usize).map_err(short)?;
    if r.array().map_err(short)? != *b"PE\0\0" {
        return Err(Unread::NotPe);
    }
    let machine = r.le16().map_err(short)?;
    let sections = r.le16().map_err(short)?.min(MOST_SECTIONS);
    let compiled = r.le32().map_err(short)?;
    r.skip(8).map_err(short)?;
    let optional = r.le16().map_err(short)?;
    let characteristics = r.le16().map_err(short)?;
    let mut header = r.sub(optional as usize).map_err(short)?;
    let image = if optional == 0 { None } else { Some(image(&mut header)?) };
    let table = r.take(Sections::ENTRY.saturating_mul(sections as usize)).map_err(short)?;
    Ok(Headers { machine, compiled, characteristics, image, sections: Sections(table) })
}

fn image(r: &mut Reader<'_>) -> Result<Image, Unread> {
    let bad = |_| Unread::BadOptionalHeader;
    let magic = r.le16().map_err(bad)?;
    let plus = match magic {
        0x10b | 0x107 => false,
        0x20b => true,
        _ => return Err(Unread::BadOptionalHeader),
    };
    // Linker version, sizes, entry point, bases and alignments, up to the versions.
    r.skip(38).map_err(bad)?;
    let os = (r.le16().map_err(bad)?, r.le16().map_err(bad)?);
    r.skip(24).map_err(bad)?;
    let subsystem = r.le16().map_err(bad)?;
    let dll_characteristics = r.le16().map_err(bad)?;
    let mut image = Image { plus, os, subsystem, dll_characteristics, ..Image::default() };
    // Stack and heap sizes are as wide as addresses; a header may end before its directories.
    let widths = if plus { 32 } else { 16 };
    if r.skip(widths).is_ok()
        && r.skip(4).is_ok()
        && let Ok(count) = r.le32()
    {
        for size in image.directories.iter_mut().take(count as usize) {
            let (Ok(_), Ok(bytes)) = (r.le32(), r.le32()) else { break };
            *size = bytes;
        }
    }
    Ok(image)
}
