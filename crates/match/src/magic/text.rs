//! Types of text: markup by its root element, JSON, settings, scripts, differences, plain text.
//!
//! What these have in common is that leading white space, a byte order mark, comments and an XML
//! declaration may stand before the thing that tells, and that some tell anywhere in the window.
//! Names and strengths as in [`super`].

use memchr::{memchr_iter, memmem};

use super::container::anymap;
use super::{Found, Ranking};

/// Ranks the types of text that `head` answers to.
pub(super) fn rank(head: &[u8], r: &mut Ranking) {
    if r.last {
        anywhere(head, r);
        plain(head, r);
    } else {
        // Anything may still come that tells anywhere; the strongest such kind stands for them.
        r.offer(55, "text/x-diff", Found::More);
    }
    let marked = skip_mark(head);
    let begin = skip(marked, is_gap);
    match begin.first() {
        None => r.offer(i16::MAX, "", Found::More),
        Some(b'<') => {
            markup(marked, r);
            r.offer(100, "text/atom", Found::More);
        }
        Some(b'[' | b'{') => {
            let yes = if begin.starts_with(b"{") { object(begin) } else { array(begin) };
            r.offer(1, "text/json", Found::of(yes));
            if r.last {
                r.offer(0, "text/json", Found::of(empty_json(begin)));
            }
        }
        // A NUL before the first bracket is allowed in UTF-16 settings and declarations only.
        Some(0) => {
            r.offer(10, "application/xml", Found::of(declaration(begin)));
        }
        Some(_) => {}
    }
    let settings = skip(marked, |b| b == 0 || is_gap(b));
    if let Some(b'[') | None = settings.first() {
        r.offer(20, "text/ini", section(settings));
    }
    script(head, r);
}

fn is_gap(b: u8) -> bool {
    matches!(b, b'\r' | b'\n' | b' ' | b'\t')
}

fn is_blank(b: u8) -> bool {
    matches!(b, b' ' | b'\t')
}

/// White space in the sense of the C locale.
fn is_space(b: u8) -> bool {
    matches!(b, b' ' | b'\t'..=b'\r')
}

fn skip(bytes: &[u8], what: fn(u8) -> bool) -> &[u8] {
    let n = bytes.iter().take_while(|b| what(**b)).count();
    bytes.get(n..).unwrap_or_default()
}

/// Behind a UTF-8 or UTF-16 byte order mark, if one is there.
fn skip_mark(head: &[u8]) -> &[u8] {
    match head {
        [0xef, 0xbb, 0xbf, rest @ ..] | [0xff, 0xfe, rest @ ..] | [0xfe, 0xff, rest @ ..] => rest,
        _ => head,
    }
}

fn starts_nocase(bytes: &[u8], want: &[u8]) -> bool {
    bytes.get(..want.len()).is_some_and(|b| b.eq_ignore_ascii_case(want))
}

/// Behind `want` in any case of letters.
fn strip_nocase<'a>(bytes: &'a [u8], want: &[u8]) -> Option<&'a [u8]> {
    starts_nocase(bytes, want).then(|| bytes.get(want.len()..).unwrap_or_default())
}

/// Ten characters of ASCII at the start.
fn plain(head: &[u8], r: &mut Ranking) {
    const ENOUGH: usize = 10;
    let text = |bytes: &[u8]| {
        bytes.len() >= ENOUGH
            && bytes.iter().take(ENOUGH).all(|b| is_space(*b) || (b' '..=b'~').contains(b))
    };
    let yes = text(head)
        || match head {
            [0xef, 0xbb, 0xbf, rest @ ..]
            | [0, 0, 0xfe, 0xff, rest @ ..]
            | [0xfe, 0xff, rest @ ..] => text(rest),
            [0xff, 0xfe, 0, 0, rest @ ..] | [0xff, 0xfe, rest @ ..] => text(rest),
            _ => false,
        };
    r.offer(-20, "text/plain", Found::of(yes));
}

/// What tells wherever it stands.
fn anywhere(head: &[u8], r: &mut Ranking) {
    r.offer(40, "text/x-php", Found::of(memmem::find(head, b"<?php").is_some()));
    r.offer(55, "text/x-diff", Found::of(unified_diff(head)));
    for at in memchr_iter(b'P', head) {
        let mime = match head.get(at.saturating_add(1)) {
            Some(b'1') => "image/x-portable-bitmap",
            Some(b'2') => "image/x-portable-greymap",
            Some(b'3') => "image/x-portable-pixmap",
            _ => continue,
        };
        r.offer(42, mime, anymap(head.get(at.saturating_add(2)..).unwrap_or_default()));
    }
    if let Some(rest) = head.strip_prefix(b"<?xml") {
        named_xml(rest, r);
    }
}

/// `--- `, `+++ ` and `@@`, in that order on lines of their own.
fn unified_diff(head: &[u8]) -> bool {
    let parts: [&[u8]; 5] = [b"--- ", b"\n", b"+++ ", b"\n", b"@@"];
    parts
        .iter()
        .try_fold(head, |rest, part| {
            let at = memmem::find(rest, part)?;
            rest.get(at.saturating_add(part.len())..)
        })
        .is_some()
}

/// XML documents whose root or name space stands behind an XML declaration.
fn named_xml(after_xml: &[u8], r: &mut Ranking) {
    let holds = |bytes: Option<&[u8]>, what: &[u8]| {
        Found::of(bytes.is_some_and(|b| memmem::find(b, what).is_some()))
    };
    let spaced = after_xml.get(15..);
    const MAPS: [(i16, [&[u8]; 2]); 2] = [
        (61, [b" xmlns=\"http://earth.google.com/kml", b" xmlns='http://earth.google.com/kml"]),
        (60, [b" xmlns=\"http://www.opengis.net/kml", b" xmlns='http://www.opengis.net/kml"]),
    ];
    for (strength, names) in MAPS {
        for name in names {
            r.offer(strength, "application/vnd.google-earth.kml+xml", holds(spaced, name));
        }
    }
    let Some(version) = after_xml.strip_prefix(b" version=\"") else { return };
    let three_d: [&[u8]; 2] = [b"<!DOCTYPE X3D", b"<!DOCTYPEX3D"];
    for doctype in three_d {
        r.offer(43, "model/x3d", holds(version.get(5..), doctype));
    }
    if version.first().is_some_and(|b| *b != 0) {
        let body = version.get(4..);
        r.offer(38, "image/svg+xml", holds(body, b"<svg"));
        r.offer(37, "application/xml-sitemap", holds(body, b"<urlset"));
        r.offer(37, "application/x-gnucash", holds(body, b"<gnc-v2"));
    }
}

/// Goes over every place where a root element may begin. A comment may end at any later `-->`, a
/// declaration at any later `?>`: whoever writes `<!-- a --> <b> --> <html` is read as generously as
/// a browser would.
fn markup(head: &[u8], r: &mut Ranking) {
    let begin = skip(head, is_gap);
    let mut open = Open::default();
    let origin = head.len().saturating_sub(begin.len());
    open.place(head, origin, r);
    if !open.any() {
        return;
    }
    for end in memchr_iter(b'>', head) {
        if open.closes(head, end) {
            let after = head.get(end.saturating_add(1)..).unwrap_or_default();
            let gap = after.len().saturating_sub(skip(after, is_gap).len());
            open.place(head, end.saturating_add(1).saturating_add(gap), r);
        }
    }
}

/// From where on the end of a comment or of a declaration counts.
#[derive(Default)]
struct Open {
    comment: Option<usize>,
    declaration: Option<usize>,
}

impl Open {
    const fn any(&self) -> bool {
        self.comment.is_some() || self.declaration.is_some()
    }

    fn closes(&self, head: &[u8], end: usize) -> bool {
        let before = |n: usize| end.checked_sub(n).and_then(|from| head.get(from..end));
        let comment = self.comment.is_some_and(|from| end >= from.saturating_add(2))
            && before(2) == Some(b"--");
        let declaration =
            self.declaration.is_some_and(|from| end > from) && before(1) == Some(b"?");
        comment || declaration
    }

    /// A root element, a comment or a declaration may begin at `at`.
    fn place(&mut self, head: &[u8], at: usize, r: &mut Ranking) {
        let here = head.get(at..).unwrap_or_default();
        if here.starts_with(b"<!--") {
            self.comment.get_or_insert(at.saturating_add(4));
        } else if here.starts_with(b"<?xml ") {
            self.declaration.get_or_insert(at.saturating_add(6));
        }
        r.offer(10, "application/xml", Found::of(declaration(here)));
        if let Some(tag) = here.strip_prefix(b"<") {
            root(tag, r);
        }
    }
}

/// `<?xml ` in one or two bytes a character.
fn declaration(here: &[u8]) -> bool {
    let mut rest = here;
    b"<?xml ".iter().all(|want| {
        rest = match rest {
            [0, b, tail @ ..] | [b, tail @ ..] if b == want => tail,
            _ => return false,
        };
        true
    })
}

/// What a document is by its first tag (without the `<`).
fn root(tag: &[u8], r: &mut Ranking) {
    const ROOTS: [(&[u8], i16, &str); 9] = [
        (b"html", 100, "text/html"),
        (b"head", 20, "text/html"),
        (b"title", 20, "text/html"),
        (b"body", 20, "text/html"),
        (b"rss", 90, "text/rss"),
        (b"soap:envelope", 49, "application/soap+xml"),
        (b"soap-env:envelope", 49, "application/soap+xml"),
        (b"cross-domain-policy", 49, "text/x-cross-domain-policy"),
        (b"methodresponse>", 49, "application/xml-rpc"),
    ];
    for (name, strength, mime) in ROOTS {
        if starts_nocase(tag, name) {
            r.offer(strength, mime, Found::Yes);
        }
    }
    let spaces = |b| b == b' ';
    if let Some(name) = strip_nocase(tag, b"!doctype ").map(|n| skip(n, spaces)) {
        if starts_nocase(name, b"html") {
            r.offer(100, "text/html", Found::Yes);
        } else if starts_nocase(name, b"cross-domain-policy") {
            r.offer(49, "text/x-cross-domain-policy", Found::Yes);
        }
    }
    if let Some(name) = strip_nocase(tag, b"meta ").map(|n| skip(n, spaces)) {
        r.offer(100, "text/html", Found::of(starts_nocase(name, b"http-equiv")));
    }
    let attributes = |name: &[u8]| {
        let rest = strip_nocase(tag, name)?;
        rest.get(..memchr::memchr(b'>', rest).unwrap_or(rest.len()))
    };
    if let Some(list) = attributes(b"rss") {
        r.offer(100, "text/atom", Found::of(memmem::find(list, b"xmlns:atom").is_some()));
    }
    if let Some(list) = attributes(b"feed") {
        let atom = memmem::find_iter(list, b"xmlns=").any(|at| {
            let value = list.get(at.saturating_add(6)..).unwrap_or_default();
            let value = value.strip_prefix(b"\"").or(value.strip_prefix(b"'")).unwrap_or(value);
            value.starts_with(b"http://www.w3.org/2005/Atom")
        });
        r.offer(100, "text/atom", Found::of(atom));
    }
    if let Some(list) = attributes(b"manifest") {
        let flash = list.first().is_some_and(|b| is_gap(*b))
            && skip(list, is_gap).starts_with(b"xmlns=\"http://ns.adobe.com/f4m/");
        r.offer(49, "application/f4m", Found::of(flash));
    }
    let cold_fusion: [&[u8]; 3] = [b"CFPARAM", b"CFSET", b"CFIF"];
    r.offer(
        20,
        "magnus-internal/cold-fusion",
        Found::of(cold_fusion.iter().any(|name| tag.starts_with(name))),
    );
}

/// Behind a string in quotes that isn't empty.
fn quoted(bytes: &[u8]) -> Option<&[u8]> {
    let rest = bytes.strip_prefix(b"\"")?;
    match memchr::memchr(b'"', rest)? {
        0 => None,
        at => rest.get(at.saturating_add(1)..),
    }
}

fn truth(bytes: &[u8]) -> Option<&[u8]> {
    bytes.strip_prefix(b"true").or(bytes.strip_prefix(b"false"))
}

/// `{`, a key (quoted, or a bare name as many programs write), `:`, the start of a value.
fn object(bytes: &[u8]) -> bool {
    let inside = skip(bytes.get(1..).unwrap_or_default(), is_gap);
    let bare = || {
        inside
            .first()?
            .is_ascii_alphabetic()
            .then(|| skip(inside, |b| b.is_ascii_alphanumeric() || b == b'_' || b == b'\\'))
    };
    let value = || {
        let rest = skip(quoted(inside).or_else(bare)?, is_gap).strip_prefix(b":")?;
        let value = skip(rest, is_gap);
        let first = value.first()?;
        Some(matches!(first, b'"' | b'[' | b'{' | b'0'..=b'9') || truth(value).is_some())
    };
    value().unwrap_or(false)
}

/// `[`, then a composite, or a simple value and a comma.
fn array(bytes: &[u8]) -> bool {
    let inside = skip(bytes.get(1..).unwrap_or_default(), is_gap);
    let number = || {
        let digits = |b: u8| b.is_ascii_digit();
        inside.first()?.is_ascii_digit().then(|| {
            let rest = skip(inside, digits);
            match rest {
                [b'.', d, ..] if digits(*d) => skip(rest.get(1..).unwrap_or_default(), digits),
                _ => rest,
            }
        })
    };
    match inside.first() {
        Some(b'{' | b'[') => true,
        _ => quoted(inside)
            .or_else(number)
            .or_else(|| truth(inside))
            .is_some_and(|rest| skip(rest, is_gap).first() == Some(&b',')),
    }
}

fn empty_json(bytes: &[u8]) -> bool {
    let rest = bytes.strip_prefix(b"[]").or(bytes.strip_prefix(b"{}"));
    rest.is_some_and(|rest| skip(rest, is_gap).is_empty())
}

/// A section's name in brackets, alone on its line.
fn section(bytes: &[u8]) -> Found {
    let Some(rest) = bytes.strip_prefix(b"[") else { return Found::More };
    let Some(end) = memchr::memchr2(b'\r', b'\n', rest) else { return Found::More };
    let line = rest.get(..end).unwrap_or_default();
    let padding = line.iter().rev().take_while(|b| is_blank(**b) || **b == 0).count();
    let name = line.get(..line.len().saturating_sub(padding)).unwrap_or_default();
    Found::of(name.len() > 1 && name.last() == Some(&b']'))
}

/// Programs in script languages, by the line that names the interpreter or by idiom.
fn script(head: &[u8], r: &mut Ranking) {
    let begin = skip(head, is_gap);
    match (head.first(), begin.first()) {
        (Some(b'#'), _) => interpreter(head, r),
        (Some(b'@'), _) => {
            let command = head.get(1..).unwrap_or_default();
            let echo = strip_nocase(skip(command, |b| b == b' '), b"echo ")
                .is_some_and(|rest| starts_nocase(skip(rest, |b| b == b' '), b"off"));
            r.offer(110, "text/x-msdos-batch", if echo { Found::Yes } else { Found::More });
            r.offer(70, "text/x-msdos-batch", Found::of(starts_nocase(command, b"set ")));
            r.offer(60, "text/x-msdos-batch", Found::of(starts_nocase(command, b"rem")));
        }
        (Some(b'('), _) => {
            let body =
                head.strip_prefix(b"(function()").map(|b| skip(b, |b| is_blank(b) || b == b'\n'));
            let yes = body.is_some_and(|b| b.first() == Some(&b'{'));
            r.offer(60, "application/javascript", if yes { Found::Yes } else { Found::More });
        }
        (_, Some(b'f' | b'd' | b'<')) => {
            let yes = begin.starts_with(b"for (;;);")
                || begin.starts_with(b"document.write(")
                || begin.starts_with(b"document.writeln(")
                || script_tag(begin);
            r.offer(60, "application/javascript", if yes { Found::Yes } else { Found::More });
        }
        _ => {}
    }
}

/// `<script type=text/javascript`, `<script language=javascript`, or a bare tag and a declaration.
fn script_tag(begin: &[u8]) -> bool {
    let Some(rest) = strip_nocase(begin, b"<script") else { return false };
    if begin.starts_with(b"<script>") {
        let code = skip(rest.get(1..).unwrap_or_default(), is_gap);
        return code.starts_with(b"var ") || code.starts_with(b"function ");
    }
    let named = || {
        let list = skip(rest, is_blank);
        let value = strip_nocase(list, b"type=").or_else(|| strip_nocase(list, b"language="))?;
        let value = value.strip_prefix(b"\"").or(value.strip_prefix(b"'")).unwrap_or(value);
        Some(starts_nocase(strip_nocase(value, b"text/").unwrap_or(value), b"javascript"))
    };
    rest.first().is_some_and(|b| is_blank(*b)) && named().unwrap_or(false)
}

/// `#!`, a path that ends in `bin/`, perhaps `env`, and a name.
fn interpreter(head: &[u8], r: &mut Ranking) {
    const NAMES: [(&[u8], i16, &str); 19] = [
        (b"sh", 250, "text/x-shellscript"),
        (b"bash", 250, "text/x-shellscript"),
        (b"tcsh", 250, "text/x-shellscript"),
        (b"csh", 250, "text/x-shellscript"),
        (b"zsh", 250, "text/x-shellscript"),
        (b"fash", 250, "text/x-shellscript"),
        (b"aesh", 250, "text/x-shellscript"),
        (b"ksh", 250, "text/x-shellscript"),
        (b"perl", 60, "text/x-perl"),
        (b"ruby", 60, "text/x-ruby"),
        (b"python", 60, "text/x-python"),
        (b"php", 60, "text/x-php"),
        (b"awk", 60, "text/x-awk"),
        (b"gawk", 60, "text/x-awk"),
        (b"nawk", 60, "text/x-awk"),
        (b"wish", 60, "text/x-tcl"),
        (b"tcl", 60, "text/x-tcl"),
        (b"node", 60, "application/javascript"),
        (b"lua", 49, "text/x-lua"),
    ];
    /// The longest path in front of `bin/`.
    const PATH: usize = 15;
    let Some(line) = head.strip_prefix(b"#!") else {
        r.offer(250, "", if head.len() < 2 { Found::More } else { Found::No });
        return;
    };
    r.offer(250, "", Found::More);
    for ahead in 1..=PATH {
        if line.get(..ahead).is_none_or(|path| path.contains(&b'\n')) {
            break;
        }
        let Some(name) = line.get(ahead..).and_then(|rest| rest.strip_prefix(b"bin/")) else {
            continue;
        };
        let by_env = name.strip_prefix(b"env").filter(|n| n.first().is_some_and(|b| is_space(*b)));
        for name in [Some(name), by_env.map(|n| skip(n, is_space))].into_iter().flatten() {
            for (known, strength, mime) in NAMES {
                if name.starts_with(known) {
                    r.offer(strength, mime, Found::Yes);
                }
            }
        }
    }
}
