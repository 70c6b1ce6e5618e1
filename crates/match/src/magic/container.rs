//! Formats that a few bytes at fixed places don't settle: tar, zip by what is in it, compiled
//! Python, key and certificate containers.
//!
//! Sources: POSIX.1-1988 and ustar headers; PKWARE APPNOTE 6.3; CPython's list of magic numbers;
//! RFC 6960 (OCSP).

use memchr::memmem;

use super::Found;

/// A POSIX or old tar header: name, three octal numbers of eight bytes, two of twelve, a check sum.
pub(super) fn tar(head: &[u8]) -> Found {
    let number = |b: u8| b.is_ascii_digit() || b == b' ';
    let ok = |(at, &b): (usize, &u8)| match at {
        0..100 => b == 0 || (0x20..0x7f).contains(&b),
        107 | 115 | 123 | 135 | 147 => b == 0,
        100..147 => number(b),
        148..155 => number(b) || b == 0,
        155 => b == b' ' || b == 0,
        156 => b == 0 || (b'0'..=b'7').contains(&b),
        _ => true,
    };
    const HEADER: usize = 157;
    if !head.iter().take(HEADER).enumerate().all(ok) {
        Found::No
    } else if head.len() < HEADER {
        Found::More
    } else {
        Found::Yes
    }
}

/// LHA: the method's name between hyphens at offset 2.
pub(super) fn lha(head: &[u8]) -> Found {
    let method = |m: &[u8]| match *m {
        [b'l', b'h', x] => matches!(x, b' ' | b'a'..=b'e' | b'x' | b'0'..=b'9'),
        [b'l', b'z', x] => matches!(x, b's' | b'2'..=b'8'),
        [b'p', b'm', x] => matches!(x, b's' | b'0'..=b'2'),
        _ => m == b"pc1",
    };
    match head {
        [_, _, b'-', m @ ..] if m.len() >= 4 => {
            Found::of(m.get(3) == Some(&b'-') && m.get(..3).is_some_and(method))
        }
        [_, _, b'-', ..] | [_, _] | [_] => Found::More,
        _ => Found::No,
    }
}

const LOCAL_HEADER: &[u8] = b"PK\x03\x04";
/// From the start of a local file header to the name in it.
const NAME_AT: usize = 30;

/// Whether the first name in a zip begins with one of `names` and a later one with `folder`.
fn office(head: &[u8], folder: &[u8]) -> Found {
    let name = head.get(NAME_AT..).unwrap_or_default();
    let starts: [&[u8]; 3] = [b"[Content_Types].xml", b"_rels/.rels", folder];
    if head.len() > NAME_AT.saturating_add(19) && !starts.iter().any(|s| name.starts_with(s)) {
        return Found::No;
    }
    let Some(first) = starts.iter().find(|s| name.starts_with(s)) else { return Found::More };
    let after = name.get(first.len()..).unwrap_or_default();
    let later = memmem::find_iter(after, LOCAL_HEADER).any(|at| {
        after.get(at.saturating_add(NAME_AT)..).is_some_and(|name| name.starts_with(folder))
    });
    if later { Found::Yes } else { Found::More }
}

pub(super) fn docx(head: &[u8]) -> Found {
    office(head, b"word/")
}

pub(super) fn xlsx(head: &[u8]) -> Found {
    office(head, b"xl/")
}

pub(super) fn pptx(head: &[u8]) -> Found {
    office(head, b"ppt/")
}

/// A manifest as one of the first members, its name's length (20) in the header before it.
pub(super) fn jar(head: &[u8]) -> Found {
    const NAME: &[u8] = b"META-INF/MANIFEST.MF";
    // The signature, at most 200 bytes, then the length of the name and of the extra field.
    const NEAREST: usize = 9;
    const FARTHEST: usize = 208;
    let window = head.get(..FARTHEST.saturating_add(NAME.len())).unwrap_or(head);
    let yes = memmem::find_iter(window, NAME).any(|at| {
        at >= NEAREST
            && at.checked_sub(4).and_then(|l| window.get(l..l.saturating_add(2))) == Some(&[20, 0])
    });
    if yes {
        Found::Yes
    } else if head.len() >= FARTHEST.saturating_add(NAME.len()) {
        Found::No
    } else {
        Found::More
    }
}

/// An Android package: its manifest or byte code as a member within the window.
pub(super) fn apk(head: &[u8]) -> Found {
    let yes = memmem::find_iter(head, LOCAL_HEADER).any(|at| {
        head.get(at.saturating_add(NAME_AT)..).is_some_and(|name| {
            name.starts_with(b"AndroidManifest.xml") || name.starts_with(b"classes.dex")
        })
    });
    if yes { Found::Yes } else { Found::More }
}

/// The magic numbers of CPython's compiled modules, in the ranges in which its versions used them.
const PYTHON: &[(u16, u16)] = &[
    (20121, 20121),
    (50428, 50428), // 1.5, 1.6
    (50823, 50823),
    (60202, 60202),
    (60717, 60717), // 2.0, 2.1, 2.2
    (62011, 62011),
    (62021, 62021),
    (62041, 62041),
    (62051, 62051),
    (62061, 62061),
    (62071, 62071), // 2.3, 2.4
    (62081, 62081),
    (62091, 62092),
    (62101, 62101),
    (62111, 62111),
    (62121, 62121),
    (62131, 62131), // 2.5
    (62151, 62151),
    (62161, 62161),
    (62171, 62171),
    (62181, 62181),
    (62191, 62191),
    (62201, 62201),
    (62211, 62211), // 2.6, 2.7
    (3000, 3000),
    (3010, 3010),
    (3020, 3020),
    (3030, 3030),
    (3040, 3040),
    (3050, 3050),
    (3060, 3061),
    (3071, 3071),
    (3081, 3081),
    (3091, 3091),
    (3101, 3101),
    (3103, 3103),
    (3111, 3111),
    (3131, 3131), // 3.0
    (3141, 3141),
    (3151, 3151),
    (3160, 3160),
    (3170, 3170),
    (3180, 3180), // 3.1, 3.2
    (3190, 3190),
    (3200, 3200),
    (3220, 3220),
    (3230, 3230), // 3.3
    (3250, 3250),
    (3260, 3260),
    (3270, 3270),
    (3280, 3280),
    (3290, 3290),
    (3300, 3300),
    (3310, 3310), // 3.4
    (3320, 3320),
    (3330, 3330),
    (3340, 3340),
    (3350, 3351), // 3.5
    (3360, 3361),
    (3370, 3373),
    (3375, 3379), // 3.6
    (3390, 3394),
    (3400, 3401),
    (3410, 3413),
    (3420, 3425),
    (3430, 3439), // 3.7 to 3.10
    (3450, 3495),
    (3500, 3531),
    (3550, 3571),
    (3600, 3609), // 3.11 to 3.14
];

/// A magic number and the line end that shows transfers in text mode.
pub(super) fn python(head: &[u8]) -> Found {
    match *head {
        [a, b, b'\r', b'\n', ..] => {
            let n = u16::from_le_bytes([a, b]);
            Found::of(PYTHON.iter().any(|(lo, hi)| (*lo..=*hi).contains(&n)))
        }
        [_, _, b'\r'] | [_, _] | [_] => Found::More,
        _ => Found::No,
    }
}

/// An OCSP request names SHA-1 (1.3.14.3.2.26) right behind its few nested lengths.
pub(super) fn ocsp_request(head: &[u8]) -> Found {
    oid_near_start(head, b"\x06\x05\x2b\x0e\x03\x02\x1a")
}

/// An OCSP response names its basic form (1.3.6.1.5.5.7.48.1.1) right behind its lengths.
pub(super) fn ocsp_response(head: &[u8]) -> Found {
    oid_near_start(head, b"\x06\x09\x2b\x06\x01\x05\x05\x07\x30\x01\x01")
}

fn oid_near_start(head: &[u8], oid: &[u8]) -> Found {
    const FIRST: usize = 11;
    const LAST: usize = 19;
    let end = LAST.saturating_add(oid.len());
    let near = head.get(FIRST..head.len().min(end)).unwrap_or_default();
    if memmem::find(near, oid).is_some() {
        Found::Yes
    } else if head.len() >= end {
        Found::No
    } else {
        Found::More
    }
}

/// EBML: the document type's element (42 82, one byte of length) within the window.
fn ebml(head: &[u8], doctype: &[u8]) -> Found {
    let yes = memmem::find_iter(head, b"\x42\x82")
        .any(|at| head.get(at.saturating_add(3)..).is_some_and(|name| name.starts_with(doctype)));
    if yes { Found::Yes } else { Found::More }
}

pub(super) fn webm(head: &[u8]) -> Found {
    ebml(head, b"webm")
}

pub(super) fn matroska(head: &[u8]) -> Found {
    ebml(head, b"matroska")
}

/// Four packets of an MPEG transport stream, a sync byte every 188.
pub(super) fn transport_stream(head: &[u8]) -> Found {
    const PACKET: usize = 188;
    if !head.iter().step_by(PACKET).take(4).all(|b| *b == 0x47) {
        Found::No
    } else if head.len() < PACKET.saturating_mul(4) {
        Found::More
    } else {
        Found::Yes
    }
}

/// A MARC record's leader: five digits, then status and kind.
pub(super) fn marc(head: &[u8]) -> Found {
    let ok = |(at, b): (usize, &u8)| match at {
        0..5 => b.is_ascii_digit(),
        5 => matches!(b, b'a' | b'c' | b'd' | b'n'),
        _ => *b == b'w',
    };
    const LEADER: usize = 7;
    if !head.iter().take(LEADER).enumerate().all(ok) {
        Found::No
    } else if head.len() < LEADER {
        Found::More
    } else {
        Found::Yes
    }
}

/// A binary or text portable any-map behind its two-byte magic: width, two spaces, height.
pub(super) fn anymap(after_magic: &[u8]) -> Found {
    const MOST_DIGITS: usize = 50;
    let digits = after_magic.iter().take_while(|b| b.is_ascii_digit()).count();
    if digits > MOST_DIGITS {
        return Found::No;
    }
    match after_magic.get(digits..).unwrap_or_default() {
        [] if digits == 0 => Found::More,
        _ if digits == 0 => Found::No,
        [b' ', b' ', d, ..] => Found::of(d.is_ascii_digit()),
        [] | [b' '] | [b' ', b' '] => Found::More,
        _ => Found::No,
    }
}

/// The binary maps have one byte between magic and width.
pub(super) fn binary_anymap(head: &[u8]) -> Found {
    anymap(head.get(3..).unwrap_or_default())
}

/// A signed message names its protocol somewhere in the header.
pub(super) fn signed_message(head: &[u8]) -> Found {
    match memmem::find(head, b"protocol=\"application/pkcs7-signature\"") {
        Some(_) => Found::Yes,
        None => Found::More,
    }
}

/// A certificate by itself in DER (RFC 5280): sequence, sequence, version 3.
pub(super) fn certificate(head: &[u8]) -> Found {
    match *head {
        [_, _, _, _, 0x30, 0x82, _, _, 0xa0, 3, 2, 1, ..] => Found::Yes,
        _ if head.len() >= 12 => Found::No,
        _ => Found::More,
    }
}

/// A systemd journal that has been written to: its header's ids and sizes hold no zero byte.
pub(super) fn journal(head: &[u8]) -> Found {
    const IDS: std::ops::Range<usize> = 24..72;
    let there = head.get(IDS.start..head.len().min(IDS.end)).unwrap_or_default();
    if there.contains(&0) {
        Found::No
    } else if head.len() < IDS.end {
        Found::More
    } else {
        Found::Yes
    }
}
