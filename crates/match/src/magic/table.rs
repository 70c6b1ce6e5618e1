//! The table of formats: name, strength, and what the first bytes must be.
//!
//! A kind whose first test is [`Test::At`] offset 0 is found by its first byte; the others float and
//! are tried on every file. The index is made at compile time.

use super::Found;
use super::container as c;

/// One thing that must hold of the first bytes.
#[derive(Clone, Copy)]
pub(super) enum Test {
    /// These bytes stand at the offset.
    At(u16, &'static [u8]),
    /// These bytes stand at the offset, in any case of letters.
    NoCase(u16, &'static [u8]),
    /// One of these stands at the offset.
    OneOf(u16, &'static [&'static [u8]]),
    /// The byte at the offset lies in one of the ranges.
    Byte(u16, &'static [(u8, u8)]),
    /// There are at least so many bytes.
    Room(u16),
    /// A program looks.
    Probe(fn(&[u8]) -> Found),
}

/// A format.
pub(super) struct Kind {
    pub(super) strength: i16,
    pub(super) mime: &'static str,
    pub(super) tests: &'static [Test],
    /// Not among Zeek's types.
    pub(super) ours: bool,
}

const fn kind(strength: i16, mime: &'static str, tests: &'static [Test]) -> Kind {
    Kind { strength, mime, tests, ours: false }
}

const fn ours(strength: i16, mime: &'static str, tests: &'static [Test]) -> Kind {
    Kind { strength, mime, tests, ours: true }
}

use Test::{At, Byte, NoCase, OneOf, Probe, Room};

/// A local file header, and the member that names the type of an OpenDocument or EPUB file: first, stored.
const ZIP: Test = At(0, b"PK\x03\x04");
const STORED_MIMETYPE: Test = At(26, b"\x08\0\0\0mimetypeapplication/");
/// The signature box of the JPEG 2000 family.
const JPEG_2000: &[u8] = b"\0\0\0\x0cjP  \r\n\x87\n";
const ANY: &[(u8, u8)] = &[(0, 255)];
const NOT_HYPHEN: &[(u8, u8)] = &[(0, b'-' - 1), (b'-' + 1, 255)];
const DIGIT_OR_DOT: &[(u8, u8)] = &[(b'0', b'9'), (b'.', b'.')];

#[rustfmt::skip]
pub(super) const KINDS: &[Kind] = &[
    // Archives and compression.
    kind(100, "application/x-tar", &[Probe(c::tar)]),
    kind(10, "application/zip", &[ZIP, Room(6)]),
    kind(10, "application/zip", &[At(0, b"PK\x07\x08PK\x03\x04")]),
    kind(340, "application/zip", &[At(0, b"MZ"), OneOf(30, &[b"Copyright 1989-1990 PKWARE Inc.", b"PKLITE Copr."])]),
    kind(70, "application/x-rar", &[At(0, b"Rar!")]),
    kind(100, "application/x-gzip", &[At(0, &[0x1f, 0x8b])]),
    kind(110, "application/vnd.ms-cab-compressed", &[At(0, b"MSCF\0\0\0\0")]),
    kind(100, "application/x-dmg", &[At(0, b"\x78\x01\x73\x0d\x62\x62\x60")]),
    kind(100, "application/x-dmg", &[At(0, b"\x78\xda\x63\x60\x18\x05")]),
    kind(100, "application/x-dmg", &[At(0, b"\x78\x01\x63\x60\x18\x05")]),
    kind(100, "application/x-dmg", &[At(0, b"\x78\xda\x73\x0d")]),
    kind(100, "application/x-dmg", &[At(0, b"\x78"), Byte(1, &[(0x01, 0x01), (0xda, 0xda)]), Byte(2, &[(0xed, 0xed)]), Byte(3, &[(0xd0, 0xd9)])]),
    kind(100, "application/x-xar", &[At(0, b"xar!")]),
    kind(70, "application/x-rpm", &[At(0, b"drpm")]),
    kind(70, "application/x-rpm", &[At(0, b"\xed\xab\xee\xdb")]),
    kind(171, "application/x-debian-package", &[At(0, b"!<arch>\ndebian")]),
    kind(70, "application/x-stuffit", &[At(0, b"SIT!")]),
    kind(70, "application/x-stuffit", &[At(0, b"StuffIt")]),
    kind(70, "application/x-archive", &[At(0, b"!"), OneOf(1, &[b"<ar>", b"<arch>"])]),
    kind(70, "application/x-archive", &[At(0, b"<ar>")]),
    kind(70, "application/x-archive", &[At(0, b"<arch>")]),
    kind(70, "application/x-arc", &[Byte(0, &[(0, 0x7f)]), Byte(1, &[(0, 0x7f)]), Byte(2, &[(2, 10), (0x14, 0x14), (0x48, 0x48)]), Byte(3, &[(0x1a, 0x1a)])]),
    kind(70, "application/x-eet", &[At(0, b"\x1e\xe7\xff\0")]),
    kind(70, "application/x-zoo", &[At(20, b"\xdc\xa7\xc4\xfd")]),
    kind(70, "application/x-lz4", &[At(0, b"\x02\x21\x4c\x18")]),
    kind(70, "application/x-lz4", &[At(0, b"\x04\x22\x4d\x18")]),
    kind(1, "application/x-lrzip", &[At(0, b"LRZI")]),
    kind(70, "application/x-lzip", &[At(0, b"LZIP")]),
    kind(80, "application/x-lzh", &[Probe(c::lha)]),
    kind(120, "application/x-lha", &[At(0, b"MZ"), OneOf(36, &[b"LHA's SFX", b"LHa's SFX"])]),
    kind(50, "application/warc", &[At(0, b"WARC/")]),
    kind(50, "application/x-7z-compressed", &[At(0, b"7z\xbc\xaf\x27\x1c")]),
    kind(90, "application/x-xz", &[At(0, b"\xfd7zXZ\0")]),
    kind(50, "application/x-arj", &[At(0, b"\x60\xea")]),
    kind(50, "application/x-cpio", &[At(0, b"\xc7\x71")]),
    kind(50, "application/x-cpio", &[At(0, b"\x71\xc7")]),
    kind(50, "application/x-compress", &[At(0, b"\x1f\x9d")]),
    kind(71, "application/x-lzma", &[At(0, b"\x5d\0\0")]),
    kind(100, "application/x-ace", &[At(7, b"**ACE**")]),
    kind(60, "application/x-bzip2", &[At(0, b"BZh")]),
    kind(280, "application/x-shar", &[At(10, b"# This is a shell archive")]),
    kind(230, "application/x-svr4-package", &[At(0, b"# PaCkAgE DaTaStReAm")]),
    kind(140, "application/x-ia-arc", &[At(0, b"filedesc://")]),
    ours(100, "application/zstd", &[At(0, b"\x28\xb5\x2f\xfd")]),
    ours(70, "application/x-vhd", &[At(0, b"conectix")]),
    ours(70, "application/x-vhdx", &[At(0, b"vhdxfile")]),

    // Executables and what runs.
    kind(51, "application/x-dosexec", &[At(0, b"MZ")]),
    kind(190, "application/x-dosexec", &[At(369, b"MICROSOFT PIFEX\0")]),
    kind(50, "application/x-object", &[At(0, b"\x7fELF"), OneOf(4, &[b"\x01\x01", b"\x02\x01"]), At(16, b"\x01\0")]),
    kind(50, "application/x-object", &[At(0, b"\x7fELF"), OneOf(4, &[b"\x01\x02", b"\x02\x02"]), At(16, b"\0\x01")]),
    kind(50, "application/x-executable", &[At(0, b"\x7fELF"), OneOf(4, &[b"\x01\x01", b"\x02\x01"]), At(16, b"\x02\0")]),
    kind(50, "application/x-executable", &[At(0, b"\x7fELF"), OneOf(4, &[b"\x01\x02", b"\x02\x02"]), At(16, b"\0\x02")]),
    kind(50, "application/x-sharedlib", &[At(0, b"\x7fELF"), OneOf(4, &[b"\x01\x01", b"\x02\x01"]), At(16, b"\x03\0")]),
    kind(50, "application/x-sharedlib", &[At(0, b"\x7fELF"), OneOf(4, &[b"\x01\x02", b"\x02\x02"]), At(16, b"\0\x03")]),
    kind(50, "application/x-coredump", &[At(0, b"\x7fELF"), OneOf(4, &[b"\x01\x01", b"\x02\x01"]), At(16, b"\x04\0")]),
    kind(50, "application/x-coredump", &[At(0, b"\x7fELF"), OneOf(4, &[b"\x01\x02", b"\x02\x02"]), At(16, b"\0\x04")]),
    kind(100, "application/x-mach-o-executable", &[At(0, b"\xce\xfa\xed\xfe")]),
    kind(100, "application/x-mach-o-executable", &[At(0, b"\xcf\xfa\xed\xfe")]),
    kind(100, "application/x-mach-o-executable", &[At(0, b"\xca\xfe\xba\xbe"), Byte(6, &[(0, 0)]), Byte(7, &[(1, 0x14)])]),
    kind(71, "application/x-java-applet", &[At(0, b"\xca\xfe\xba\xbe"), Byte(7, &[(0x2d, 0x34)])]),
    ours(71, "application/x-java-applet", &[At(0, b"\xca\xfe\xba\xbe\0"), Byte(6, &[(0, 0)]), Byte(7, &[(0x35, 0x60)])]),
    kind(1, "application/x-java-pack200", &[At(0, b"\xca\xfe\xd0\x0d"), Room(5)]),
    kind(100, "application/java-archive", &[ZIP, Probe(c::jar)]),
    kind(100, "application/x-java-jnlp-file", &[At(0, b"<jnlp ")]),
    kind(70, "application/x-java-keystore", &[At(0, b"\xfe\xed\xfe\xed")]),
    kind(70, "application/x-java-jce-keystore", &[At(0, b"\xce\xce\xce\xce")]),
    kind(80, "application/x-python-bytecode", &[Probe(c::python)]),
    kind(10, "application/x-elc", &[At(0, b";ELC"), Byte(4, &[(0, 0x1f), (0x80, 0xff)])]),
    kind(60, "application/x-shockwave-flash", &[At(0, b"FWS")]),
    kind(60, "application/x-shockwave-flash", &[At(0, b"CWS")]),
    kind(60, "application/x-shockwave-flash", &[At(0, b"ZWS")]),
    kind(100, "application/chrome-ext", &[At(0, b"Cr24")]),
    kind(70, "application/chrome-ext-upd", &[At(0, b"CrOD")]),
    kind(49, "application/x-ms-shortcut", &[At(0, b"\x4c\0\0\0\x01\x14\x02\0\0\0\0\0\xc0\0\0\0\0\0\0\x46")]),
    kind(70, "application/vnd.symbian.install", &[At(8, b"\x19\x04\0\x10")]),
    kind(70, "x-epoc/x-sisx-app", &[At(0, b"\x7a\x1a\x20\x10")]),
    ours(110, "application/vnd.android.package-archive", &[ZIP, Probe(c::apk)]),
    ours(70, "application/vnd.android.dex", &[At(0, b"dex\n0")]),
    ours(70, "application/wasm", &[At(0, b"\0asm\x01\0\0\0")]),

    // Documents.
    kind(80, "application/pdf", &[At(0, b"%PDF-")]),
    kind(80, "application/vnd.fdf", &[At(0, b"%FDF-")]),
    kind(80, "text/rtf", &[At(0, b"{\\rtf")]),
    kind(50, "application/msword", &[At(0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")]),
    kind(50, "application/vnd.openxmlformats-officedocument", &[At(0, b"PK\x03\x04\x14\0\x06\0")]),
    kind(80, "application/vnd.openxmlformats-officedocument.wordprocessingml.document", &[ZIP, Probe(c::docx)]),
    kind(80, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", &[ZIP, Probe(c::xlsx)]),
    kind(80, "application/vnd.openxmlformats-officedocument.presentationml.presentation", &[ZIP, Probe(c::pptx)]),
    kind(180, "application/x-msaccess", &[OneOf(4, &[b"Standard Jet DB\0", b"Standard ACE DB\0"])]),
    kind(110, "application/vnd.oasis.opendocument.text", &[ZIP, STORED_MIMETYPE, At(50, b"vnd.oasis.opendocument.text"), Byte(77, NOT_HYPHEN)]),
    kind(120, "application/vnd.oasis.opendocument.text-template", &[ZIP, STORED_MIMETYPE, At(50, b"vnd.oasis.opendocument.text-template")]),
    kind(70, "application/vnd.oasis.opendocument.text-web", &[ZIP, STORED_MIMETYPE, At(50, b"vnd.oasis.opendocument.text-web")]),
    kind(100, "application/vnd.oasis.opendocument.text-master", &[ZIP, STORED_MIMETYPE, At(50, b"vnd.oasis.opendocument.text-master")]),
    kind(110, "application/vnd.oasis.opendocument.graphics", &[ZIP, STORED_MIMETYPE, At(50, b"vnd.oasis.opendocument.graphics"), Byte(81, NOT_HYPHEN)]),
    kind(120, "application/vnd.oasis.opendocument.graphics-template", &[ZIP, STORED_MIMETYPE, At(50, b"vnd.oasis.opendocument.graphics-template")]),
    kind(110, "application/vnd.oasis.opendocument.presentation", &[ZIP, STORED_MIMETYPE, At(50, b"vnd.oasis.opendocument.presentation"), Byte(85, NOT_HYPHEN)]),
    kind(120, "application/vnd.oasis.opendocument.presentation-template", &[ZIP, STORED_MIMETYPE, At(50, b"vnd.oasis.opendocument.presentation-template")]),
    kind(110, "application/vnd.oasis.opendocument.spreadsheet", &[ZIP, STORED_MIMETYPE, At(50, b"vnd.oasis.opendocument.spreadsheet"), Byte(84, NOT_HYPHEN)]),
    kind(120, "application/vnd.oasis.opendocument.spreadsheet-template", &[ZIP, STORED_MIMETYPE, At(50, b"vnd.oasis.opendocument.spreadsheet-template")]),
    kind(110, "application/vnd.oasis.opendocument.chart", &[ZIP, STORED_MIMETYPE, At(50, b"vnd.oasis.opendocument.chart"), Byte(78, NOT_HYPHEN)]),
    kind(120, "application/vnd.oasis.opendocument.chart-template", &[ZIP, STORED_MIMETYPE, At(50, b"vnd.oasis.opendocument.chart-template")]),
    kind(110, "application/vnd.oasis.opendocument.formula", &[ZIP, STORED_MIMETYPE, At(50, b"vnd.oasis.opendocument.formula"), Byte(80, NOT_HYPHEN)]),
    kind(120, "application/vnd.oasis.opendocument.formula-template", &[ZIP, STORED_MIMETYPE, At(50, b"vnd.oasis.opendocument.formula-template")]),
    kind(110, "application/vnd.oasis.opendocument.database", &[ZIP, STORED_MIMETYPE, At(50, b"vnd.oasis.opendocument.database")]),
    kind(110, "application/vnd.oasis.opendocument.image", &[ZIP, STORED_MIMETYPE, At(50, b"vnd.oasis.opendocument.image"), Byte(78, NOT_HYPHEN)]),
    kind(120, "application/vnd.oasis.opendocument.image-template", &[ZIP, STORED_MIMETYPE, At(50, b"vnd.oasis.opendocument.image-template")]),
    kind(110, "application/epub+zip", &[ZIP, STORED_MIMETYPE, At(50, b"epub+zip")]),
    kind(100, "application/vnd.google-earth.kmz", &[ZIP, At(4, b"\x14"), At(30, b"doc.kml")]),
    kind(50, "application/postscript", &[At(0, b"%!")]),
    kind(60, "application/postscript", &[At(0, b"\x04%!")]),
    kind(130, "application/x-mif", &[At(0, b"<MakerFile")]),
    kind(120, "application/x-mif", &[At(0, b"<BookFile")]),
    kind(110, "application/x-mif", &[At(0, b"<MIFFile")]),
    kind(190, "application/x-mif", &[At(0, b"<MakerScreenFont")]),
    kind(90, "application/x-mif", &[At(0, b"<Maker")]),
    kind(70, "application/x-mif", &[At(0, b"<MML")]),
    kind(260, "application/x-scribus", &[At(0, b"<SCRIBUSUTF8NEW Version")]),
    kind(260, "application/x-freeplane", &[At(0, b"<map"), OneOf(4, &[b" version=\"freeplane", b"version=\"freeplane"])]),
    kind(150, "application/x-freemind", &[At(0, b"<map"), OneOf(4, &[b" version", b"version"])]),
    kind(120, "application/vnd.lotus-wordpro", &[At(0, b"WordPro\r\xfb")]),
    kind(110, "application/vnd.lotus-wordpro", &[At(0, b"WordPro\0")]),
    kind(160, "application/x-gnumeric", &[At(39, b"<gmr:Workbook")]),
    kind(140, "application/x-sc", &[At(38, b"Spreadsheet")]),
    kind(1, "application/x-ms-reader", &[At(0, b"ITOLITLS"), Room(12)]),
    kind(90, "application/x-quark-xpress-3", &[At(2, b"MMXPR3")]),
    kind(50, "application/x-dvi", &[At(0, b"\xf7\x02")]),
    kind(40, "application/x-ichitaro4", &[At(0, b"DOC"), At(43, b"\x14")]),
    kind(40, "application/x-ichitaro5", &[At(0, b"DOC"), At(43, b"\x15")]),
    kind(40, "application/x-ichitaro6", &[At(0, b"DOC"), At(43, b"\x16")]),
    kind(100, "application/mshelp", &[At(0, b"ITSF")]),
    kind(50, "application/marc", &[Probe(c::marc)]),
    ours(100, "application/onenote", &[At(0, b"\xe4\x52\x5c\x7b\x8c\xd8\xa7\x4d\xae\xb1\x53\x78\xd0\x29\x96\xd3")]),

    // Microsoft's other containers and state.
    kind(49, "application/vnd.ms-pol", &[At(0, b"PReg")]),
    kind(49, "application/vnd.ms-reg", &[At(0, b"REGEDIT4")]),
    kind(49, "application/vnd.ms-reg", &[At(0, b"\xff\xfeW\0i\0n\0d\0o\0w\0s\0 \0R\0e\0g\0i\0s\0t\0r\0y\0 \0E\0d\0i\0t\0o\0r\0 \0V\0e\0r\0s\0i\0o\0n\0 \x005\0.\x000\x00")]),
    kind(49, "application/vnd.ms-regf", &[At(0, b"regf")]),
    kind(49, "application/vnd.ms-outlook", &[At(0, b"!BDN"), Byte(10, &[(0x0e, 0x0f), (0x15, 0x15), (0x17, 0x17)]), Byte(11, &[(0, 2)])]),
    kind(100, "application/vnd.ms-tnef", &[At(0, b"\x78\x9f\x3e\x22")]),
    kind(100, "application/x-ms-dds", &[At(0, b"DDS")]),
    kind(100, "application/mssql-bak", &[At(0, b"MSSQLBAK")]),
    kind(100, "application/mtf", &[At(0, b"TAPE")]),
    kind(100, "application/msqm", &[At(0, b"MSQM")]),
    kind(50, "application/x-windows-minidump", &[At(0, b"MDMP")]),

    // Keys, certificates, signatures.
    kind(71, "application/ocsp-request", &[Probe(c::ocsp_request)]),
    kind(71, "application/ocsp-response", &[Probe(c::ocsp_response)]),
    kind(100, "application/pkcs7-signature", &[At(0, b"MIME-Version:"), Probe(c::signed_message)]),
    kind(0, "application/x-pem", &[At(0, b"-----BEGIN CERTIFICATE-----")]),
    kind(330, "application/pgp-keys", &[At(2, b"---BEGIN PGP PUBLIC KEY BLOCK-")]),
    kind(280, "application/pgp-signature", &[At(0, b"-----BEGIN PGP SIGNATURE-")]),
    kind(260, "application/pgp", &[At(0, b"-----BEGIN PGP MESSAGE-")]),
    kind(50, "application/x-pgp-keyring", &[At(0, b"\x99\0")]),
    kind(50, "application/x-pgp-keyring", &[At(0, b"\x95\x01")]),
    kind(50, "application/x-pgp-keyring", &[At(0, b"\x95\0")]),
    kind(50, "application/x-gnupg-keyring", &[At(0, b"\x99\x01")]),
    kind(50, "text/PGP", &[At(0, b"\xa6\0")]),
    kind(50, "text/PGP", &[At(0, b"\x85\x02")]),
    ours(20, "application/x-pem-key", &[At(0, b"-----BEGIN "), OneOf(11, &[b"PRIVATE KEY-----", b"RSA PRIVATE KEY-----", b"EC PRIVATE KEY-----", b"DSA PRIVATE KEY-----", b"OPENSSH PRIVATE KEY-----", b"ENCRYPTED PRIVATE KEY-----"])]),
    ours(45, "application/pkix-cert", &[At(0, b"\x30\x82"), Probe(c::certificate)]),

    // Images.
    kind(70, "image/tiff", &[At(0, b"MM\0"), Byte(3, &[(0x2a, 0x2b)])]),
    kind(70, "image/tiff", &[At(0, b"II"), Byte(2, &[(0x2a, 0x2b)]), At(3, b"\0")]),
    kind(70, "image/gif", &[At(0, b"GIF8")]),
    kind(52, "image/jpeg", &[At(0, b"\xff\xd8")]),
    kind(50, "image/x-ms-bmp", &[At(0, b"BM"), OneOf(14, &[b"\x0c\0", b"\x28\0", b"\x40\0", b"\x6c\0", b"\x7c\0", b"\x80\0"])]),
    kind(70, "image/x-icon", &[At(0, b"\0\0\x01\0")]),
    kind(70, "image/x-cursor", &[At(0, b"\0\0\x02\0")]),
    kind(70, "image/vnd.adobe.photoshop", &[At(0, b"8BPS")]),
    kind(110, "image/png", &[At(0, b"\x89PNG")]),
    kind(60, "image/jp2", &[At(4, b"ftypjp2")]),
    kind(70, "image/jp2", &[At(0, JPEG_2000), At(20, b"jp2 ")]),
    kind(70, "image/jpx", &[At(0, JPEG_2000), At(20, b"jpx ")]),
    kind(70, "image/jpm", &[At(0, JPEG_2000), At(20, b"jpm ")]),
    kind(50, "image/jp2", &[At(4, b"jP")]),
    kind(70, "image/x-xcursor", &[At(0, b"Xcur")]),
    kind(70, "image/x-niff", &[At(0, b"IIN1")]),
    kind(70, "image/x-exr", &[At(0, b"\x76\x2f\x31\x01")]),
    kind(70, "image/x-dpx", &[At(0, b"SDPX")]),
    kind(70, "image/x-cpi", &[At(0, b"CPC\xb2")]),
    kind(70, "image/x-olympus-orf", &[At(0, b"IIRO")]),
    kind(70, "image/x-olympus-orf", &[At(0, b"IIRS")]),
    kind(70, "image/x-olympus-orf", &[At(0, b"MMOR")]),
    kind(70, "image/x-x3f", &[At(0, b"FOVb")]),
    kind(70, "image/x-paintnet", &[At(0, b"PDN3")]),
    kind(70, "image/x-coreldraw", &[At(0, b"RIFF"), OneOf(8, &[b"CDRA", b"CDR6"])]),
    kind(50, "image/x-portable-pixmap", &[At(0, b"P7")]),
    kind(42, "image/x-portable-bitmap", &[At(0, b"P4"), Probe(c::binary_anymap)]),
    kind(42, "image/x-portable-greymap", &[At(0, b"P5"), Probe(c::binary_anymap)]),
    kind(42, "image/x-portable-pixmap", &[At(0, b"P6"), Probe(c::binary_anymap)]),
    kind(70, "image/vnd.djvu", &[At(0, b"AT&TFORM"), OneOf(12, &[b"DJVM", b"DJVU", b"DJVI", b"THUM"])]),
    kind(90, "image/vnd.dwg", &[At(0, b"AC1.")]),
    kind(90, "image/vnd.dwg", &[At(0, b"AC2.")]),
    kind(90, "image/vnd.dwg", &[At(0, b"AC10")]),
    kind(110, "image/x-xcf", &[At(0, b"gimp xcf")]),
    kind(160, "image/x-polar-monitor-bitmap", &[At(0, b"[BitmapInfo2]")]),
    kind(20, "image/x-award-bmp", &[At(0, b"AWBM")]),
    kind(50, "image/x-award-bioslogo", &[At(0, b"\x11"), Byte(1, &[(6, 6), (9, 9)])]),
    kind(70, "image/webp", &[At(0, b"RIFF"), At(8, b"WEBP")]),
    kind(170, "image/x-canon-crw", &[At(0, b"II\x1a\0\0\0HEAPCCDR")]),
    kind(130, "image/x-canon-cr2", &[At(0, b"II\x2a\0\x10\0\0\0CR")]),
    kind(70, "image/x-lss16", &[At(0, b"\x3d\xf3\x13\x14")]),
    kind(70, "image/x-quicktime", &[At(4, b"idsc")]),
    kind(70, "image/x-epoc-mbm", &[At(0, b"\x37\0\0\x10\x42\0\0\x10")]),
    kind(70, "image/x-epoc-sketch", &[At(0, b"\x37\0\0\x10\x6d\0\0\x10\x7d\0\0\x10")]),
    ours(70, "image/avif", &[OneOf(4, &[b"ftypavif", b"ftypavis"])]),
    ours(70, "image/heic", &[OneOf(4, &[b"ftypheic", b"ftypheix", b"ftypmif1", b"ftyphevc"])]),
    ours(70, "image/jxl", &[At(0, b"\0\0\0\x0cJXL \r\n\x87\n")]),

    // Audio.
    kind(20, "audio/mpeg", &[At(0, b"ID3")]),
    kind(20, "audio/mpeg", &[At(0, b"\xff"), Byte(1, &[(0xe2, 0xe3), (0xf2, 0xf3), (0xf6, 0xf7), (0xfa, 0xfd)])]),
    kind(70, "audio/m4a", &[At(4, b"ftypm4a")]),
    kind(60, "audio/mp4", &[At(4, b"ftypM4A")]),
    kind(190, "audio/x-wav", &[At(0, b"RF64\xff\xff\xff\xffWAVEds64")]),
    kind(70, "audio/x-wav", &[At(0, b"RIFF"), At(8, b"WAVE")]),
    kind(190, "audio/x-w64", &[At(0, b"riff\x2e\x91\xcf\x11\xa5\xd6\x28\xdb\x04\xc1\0\0"), At(24, b"wave\xf3\xac\xd3\x11\x8c\xd1\0\xc0O\x8e\xdb\x8a")]),
    kind(190, "audio/x-mod", &[At(0, b"Extended Module:")]),
    kind(20, "audio/x-mod", &[At(0, b"MAS_UTrack_V00/0")]),
    kind(110, "audio/x-mod", &[OneOf(21, &[b"!SCREAM!", b"BMOD2STM"])]),
    kind(70, "audio/x-mod", &[At(0, b"IMPM")]),
    kind(70, "audio/x-hx-aac-adif", &[At(0, b"ADIF")]),
    kind(50, "audio/x-hx-aac-adts", &[At(0, b"\xff"), Byte(1, &[(0xf0, 0xf1), (0xf8, 0xf9)])]),
    kind(50, "audio/x-mp4a-latm", &[At(0, b"\x56"), Byte(1, &[(0xe0, 0xff)])]),
    kind(70, "audio/x-ape", &[At(0, b"MAC ")]),
    kind(70, "audio/x-aiff", &[At(0, b"FORM"), OneOf(8, &[b"AIFF", b"AIFC", b"8SVX"])]),
    kind(70, "audio/x-flac", &[At(0, b"fLaC")]),
    kind(70, "audio/x-pn-realaudio", &[At(0, b".ra\xfd")]),
    kind(70, "audio/midi", &[At(0, b"MThd")]),
    kind(70, "audio/x-dec-basic", &[At(0, b".sd\0"), Byte(12, &[(1, 7), (0x17, 0x17)]), At(13, b"\0\0\0")]),
    kind(70, "audio/basic", &[At(0, b".snd"), At(12, b"\0\0\0"), Byte(15, &[(1, 7)])]),
    kind(70, "audio/x-adpcm", &[At(0, b".snd"), At(12, b"\0\0\0\x17")]),
    kind(60, "audio/x-musepack", &[At(0, b"MP+")]),
    kind(50, "audio/vnd.dolby.dd-raw", &[At(0, b"\x0b\x77")]),
    kind(70, "application/ogg", &[At(0, b"OggS")]),
    kind(100, "application/vnd.rn-realmedia", &[At(0, b".RMF\0\0\0")]),

    // Video.
    kind(60, "video/x-flv", &[At(0, b"FLV")]),
    kind(50, "video/x-fli", &[At(4, b"\x11\xaf")]),
    kind(50, "video/x-flc", &[At(4, b"\x12\xaf")]),
    kind(70, "video/mj2", &[At(0, JPEG_2000), At(20, b"mjp2")]),
    kind(70, "video/x-mng", &[At(0, b"\x8aMNG")]),
    kind(70, "video/x-jng", &[At(0, b"\x8bJNG")]),
    kind(50, "video/mpeg", &[At(0, b"\0\0\x01"), Byte(3, &[(0xb0, 0xbb)])]),
    kind(71, "video/mpv", &[At(0, b"\0\0\x01\xb3")]),
    kind(21, "video/mp2p", &[At(0, b"\0\0\x01\xba"), Byte(4, &[(0x40, 0x7f), (0xc0, 0xff)])]),
    kind(41, "video/h264", &[At(0, b"\0\0\0\x01"), OneOf(4, &[b"\x07", b"\x27", b"\x47", b"\x67", b"\x87", b"\xa7", b"\xc7", b"\xe7"])]),
    kind(70, "video/webm", &[At(0, b"\x1a\x45\xdf\xa3"), Probe(c::webm)]),
    kind(110, "video/x-matroska", &[At(0, b"\x1a\x45\xdf\xa3"), Probe(c::matroska)]),
    kind(40, "video/mp2t", &[At(0, b"\x47"), Probe(c::transport_stream)]),
    kind(70, "video/x-sgi-movie", &[At(0, b"MOVI")]),
    kind(70, "video/quicktime", &[OneOf(4, &[b"mdat", b"moov"])]),
    kind(50, "video/quicktime", &[At(4, b"ftypqt")]),
    kind(70, "video/mp4", &[OneOf(4, &[b"ftypisom", b"ftypmp41", b"ftypmp42"])]),
    kind(60, "video/mp4", &[At(4, b"ftypM4V")]),
    kind(60, "video/3gpp", &[OneOf(4, &[b"ftyp3ge", b"ftyp3gg", b"ftyp3gp", b"ftyp3gs", b"ftyp3g2", b"ftypavc1", b"ftypmmp4"])]),
    kind(70, "video/x-ms-asf", &[At(0, b"\x30\x26\xb2\x75")]),
    kind(70, "video/x-msvideo", &[At(0, b"RIFF"), At(8, b"AVI ")]),
    kind(70, "application/x-quicktime-player", &[At(4, b"pckg")]),

    // Fonts.
    kind(70, "application/font-woff2", &[At(0, b"wOF2")]),
    kind(70, "application/font-woff", &[At(0, b"wOFF")]),
    kind(80, "application/x-font-ttf", &[At(0, b"\0\x01\0\0\0")]),
    kind(50, "application/vnd.ms-fontobject", &[At(34, b"LP")]),
    kind(70, "application/x-font-sfn", &[At(0, b"\x04\0\0\0"), OneOf(104, &[b"\x04\0\0\0", b"\0\0\0\x04"])]),
    kind(70, "application/x-font-sfn", &[At(0, b"\0\0\0\x04"), OneOf(104, &[b"\x04\0\0\0", b"\0\0\0\x04"])]),
    kind(70, "application/vnd.ms-opentype", &[At(0, b"OTTO")]),
    kind(160, "application/vnd.font-fontforge-sfd", &[At(0, b"SplineFontDB:")]),

    // Captures, databases, games, updates, and other state.
    kind(70, "application/vnd.tcpdump.pcap", &[At(0, b"\xa1\xb2\xc3\xd4")]),
    kind(70, "application/vnd.tcpdump.pcap", &[At(0, b"\xd4\xc3\xb2\xa1")]),
    kind(100, "application/vnd.tcpdump.pcap", &[At(0, b"\x0a\x0d\x0d\x0a"), OneOf(8, &[b"\x1a\x2b\x3c\x4d", b"\x4d\x3c\x2b\x1a"])]),
    ours(70, "application/vnd.tcpdump.pcap", &[At(0, b"\xa1\xb2\x3c\x4d")]),
    ours(70, "application/vnd.tcpdump.pcap", &[At(0, b"\x4d\x3c\xb2\xa1")]),
    kind(10, "application/sla", &[At(0, b"solid ")]),
    kind(100, "application/skp", &[At(0, b"\xff\xfe\xff\x0eS\0k\0e\0t\0c\0h\0U\0p\0 \0M\0o\0d\0e\0l\0")]),
    kind(100, "application/bsdiff", &[At(0, b"BSDIFF")]),
    kind(100, "application/bindiff", &[At(0, b"DIFF")]),
    kind(100, "application/x-kaspavdb", &[At(0, b"KLZF")]),
    kind(100, "application/x-kaspavupdate", &[At(0, b"KLD2")]),
    kind(100, "application/bplist", &[At(0, b"bplist")]),
    kind(0, "application/vnd.apple-afpinfo", &[At(0, b"AFP")]),
    kind(100, "application/x-game-mpq", &[At(0, b"MPQ\x1a")]),
    kind(100, "application/x-blizgame", &[At(0, b"BLTE")]),
    kind(100, "application/map-tile", &[At(0, b"VMP4")]),
    kind(100, "application/x-vim-tmp", &[At(0, b"b0VIM")]),
    kind(110, "application/x-hdf", &[At(0, b"\x89HDF\r\n\x1a\n")]),
    kind(70, "application/x-hdf", &[At(0, b"\x0e\x03\x13\x01")]),
    kind(70, "application/dicom", &[At(128, b"DICM")]),
    kind(80, "application/vnd.fdo.journal", &[At(0, b"LPKSHHRH"), Byte(16, &[(0, 3)]), Probe(c::journal)]),
    kind(40, "application/x-tokyocabinet-hash", &[At(0, b"ToKyO CaBiNeT\n"), At(32, b"\0")]),
    kind(40, "application/x-tokyocabinet-btree", &[At(0, b"ToKyO CaBiNeT\n"), At(32, b"\x01")]),
    kind(40, "application/x-tokyocabinet-fixed", &[At(0, b"ToKyO CaBiNeT\n"), At(32, b"\x02")]),
    kind(40, "application/x-tokyocabinet-table", &[At(0, b"ToKyO CaBiNeT\n"), At(32, b"\x03")]),
    kind(70, "application/x-dbm", &[At(0, b"\x61\x15\x06\0")]),
    kind(70, "application/x-dbm", &[At(0, b"\0\x06\x15\x61")]),
    kind(70, "application/x-gdbm", &[At(0, b"GDBM")]),
    kind(70, "application/x-gdbm", &[At(0, b"\xce\x9a\x57\x13")]),
    kind(70, "application/x-gdbm", &[At(0, b"\x13\x57\x9a\xce")]),
    kind(70, "application/x-epoc-agenda", &[At(0, b"\x50\0\0\x10\x6d\0\0\x10\x84\0\0\x10")]),
    kind(70, "application/x-epoc-data", &[At(0, b"\x50\0\0\x10\x6d\0\0\x10\x86\0\0\x10")]),
    kind(70, "application/x-epoc-jotter", &[At(0, b"\x50\0\0\x10\x6d\0\0\x10\xea\x0c\0\x10")]),
    kind(70, "application/x-epoc-word", &[At(0, b"\x37\0\0\x10\x6d\0\0\x10\x7f\0\0\x10")]),
    kind(70, "application/x-epoc-opl", &[At(0, b"\x37\0\0\x10\x6d\0\0\x10\x85\0\0\x10")]),
    kind(70, "application/x-epoc-sheet", &[At(0, b"\x37\0\0\x10\x6d\0\0\x10\x88\0\0\x10")]),
    kind(70, "application/x-epoc-opo", &[At(0, b"\x37\0\0\x10\x73\0\0\x10")]),
    kind(70, "application/x-epoc-app", &[At(0, b"\x37\0\0\x10\x74\0\0\x10")]),
    kind(40, "application/vnd.cups-raster", &[At(0, b"3SaR")]),
    kind(40, "application/vnd.cups-raster", &[At(0, b"RaS3")]),
    kind(140, "application/x-bittorrent", &[At(0, b"d8:announce")]),
    ours(100, "application/vnd.sqlite3", &[At(0, b"SQLite format 3\0")]),

    // Text with a fixed start.
    kind(320, "application/mac-binhex40", &[At(11, b"must be converted with BinHex")]),
    kind(220, "application/x-kdelnk", &[At(0, b"[KDE Desktop Entry]")]),
    kind(200, "application/x-kdelnk", &[At(0, b"# KDE Config File")]),
    kind(190, "model/vrml", &[At(0, b"#VRML"), OneOf(5, &[b"V1.0 ascii", b" V1.0 ascii", b"V1.0ascii", b" V1.0ascii"])]),
    kind(180, "model/vrml", &[At(0, b"#VRML"), OneOf(5, &[b"V2.0 utf8", b" V2.0 utf8", b"V2.0utf8", b" V2.0utf8"])]),
    kind(180, "text/calendar", &[At(0, b"BEGIN:VCALENDAR")]),
    kind(140, "text/x-vcard", &[At(0, b"BEGIN:VCARD")]),
    kind(160, "message/rfc822", &[NoCase(0, b"delivered-to:")]),
    kind(150, "message/rfc822", &[NoCase(0, b"return-path:")]),
    kind(170, "message/rfc822", &[At(0, b"Relay-Version:")]),
    kind(130, "message/rfc822", &[At(0, b"Forward to")]),
    kind(120, "message/rfc822", &[At(0, b"N#! rnews")]),
    kind(110, "message/rfc822", &[At(0, b"#! rnews")]),
    kind(100, "message/rfc822", &[At(0, b"Pipe to")]),
    kind(80, "message/rfc822", &[At(0, b"From:")]),
    kind(100, "message/news", &[At(0, b"Article")]),
    kind(80, "message/news", &[At(0, b"Path:")]),
    kind(80, "message/news", &[At(0, b"Xref:")]),
    kind(90, "text/x-xmcd", &[At(0, b"# xmcd")]),
    kind(37, "text/x-php", &[At(0, b"<?php /* Smarty version"), Byte(23, ANY), Byte(24, DIGIT_OR_DOT)]),
    kind(37, "text/x-po", &[At(0, b"msgid ")]),
    kind(40, "text/x-m4", &[At(0, b"dnl ")]),
];

/// Where the kinds of each first byte stand in `order`.
pub(super) struct Index {
    pub(super) order: [u16; FIXED],
    pub(super) spans: [(u16, u16); 256],
}

const fn first_byte(kind: &Kind) -> Option<u8> {
    match kind.tests {
        [At(0, want), ..] => match want {
            [first, ..] => Some(*first),
            [] => None,
        },
        _ => None,
    }
}

/// Kinds with a fixed first byte.
#[allow(clippy::indexing_slicing, clippy::arithmetic_side_effects)] // runs in the compiler only
const FIXED: usize = {
    let (mut n, mut i) = (0, 0);
    while i < KINDS.len() {
        if first_byte(&KINDS[i]).is_some() {
            n += 1;
        }
        i += 1;
    }
    n
};

/// Kinds without one.
#[allow(clippy::indexing_slicing, clippy::arithmetic_side_effects)] // runs in the compiler only
pub(super) const FLOATING: [u16; KINDS.len() - FIXED] = {
    let mut list = [0; KINDS.len() - FIXED];
    let (mut n, mut i) = (0, 0);
    while i < KINDS.len() {
        if first_byte(&KINDS[i]).is_none() {
            list[n] = i as u16;
            n += 1;
        }
        i += 1;
    }
    list
};

/// The kinds by first byte: a counting sort.
#[allow(clippy::indexing_slicing, clippy::arithmetic_side_effects)] // runs in the compiler only
pub(super) static BY_FIRST: Index = {
    let mut spans = [(0u16, 0u16); 256];
    let mut i = 0;
    while i < KINDS.len() {
        if let Some(b) = first_byte(&KINDS[i]) {
            spans[b as usize].1 += 1;
        }
        i += 1;
    }
    let (mut at, mut b) = (0, 0);
    while b < 256 {
        let count = spans[b].1;
        spans[b] = (at, at);
        at += count;
        b += 1;
    }
    let mut order = [0; FIXED];
    i = 0;
    while i < KINDS.len() {
        if let Some(b) = first_byte(&KINDS[i]) {
            order[spans[b as usize].1 as usize] = i as u16;
            spans[b as usize].1 += 1;
        }
        i += 1;
    }
    Index { order, spans }
};
