//! Tables of what must be what, and the invariants.

use super::*;

#[test]
fn knows_what_people_meet() {
    let elf =
        |kind: u8| [&b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0"[..], &[kind, 0, 0x3e, 0]].concat();
    let zip = |name: &str| {
        [
            b"PK\x03\x04\x14\0\x08\0\x08\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0",
            &[name.len() as u8, 0, 0, 0][..],
            name.as_bytes(),
        ]
        .concat()
    };
    let cases: &[(Vec<u8>, Option<&str>)] = &[
        (b"".to_vec(), None),
        (b"short".to_vec(), None),
        (b"ten characters of text".to_vec(), Some("text/plain")),
        (b"\xef\xbb\xbften characters".to_vec(), Some("text/plain")),
        (b"\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c".to_vec(), None),
        (b"MZ\x90\0\x03\0".to_vec(), Some("application/x-dosexec")),
        (elf(2), Some("application/x-executable")),
        (elf(3), Some("application/x-sharedlib")),
        (b"\x7fELF\x02\x01".to_vec(), None),
        (b"\xcf\xfa\xed\xfe\x07".to_vec(), Some("application/x-mach-o-executable")),
        (b"\xca\xfe\xba\xbe\0\0\0\x02".to_vec(), Some("application/x-mach-o-executable")),
        (b"\xca\xfe\xba\xbe\0\0\0\x34".to_vec(), Some("application/x-java-applet")),
        (zip("a.txt"), Some("application/zip")),
        ([zip("META-INF/"), zip("META-INF/MANIFEST.MF")].concat(), Some("application/java-archive")),
        ([zip("[Content_Types].xml"), vec![7; 300], zip("word/document.xml")].concat(), Some("application/vnd.openxmlformats-officedocument.wordprocessingml.document")),
        ([zip("_rels/.rels"), vec![7; 300], zip("xl/workbook.xml")].concat(), Some("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")),
        ([&b"PK\x03\x04\x14\0\0\x08\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x08\0\0\0mimetypeapplication/vnd.oasis.opendocument.textPK"[..]].concat(), Some("application/vnd.oasis.opendocument.text")),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0\0".to_vec(), Some("application/msword")),
        (b"%PDF-1.4".to_vec(), Some("application/pdf")),
        (b"{\\rtf1\\ansi".to_vec(), Some("text/rtf")),
        (b"CWS\x0a".to_vec(), Some("application/x-shockwave-flash")),
        (b"\x89PNG\r\n\x1a\n".to_vec(), Some("image/png")),
        (b"GIF89a".to_vec(), Some("image/gif")),
        (b"\xff\xd8\xff\xe0".to_vec(), Some("image/jpeg")),
        (b"\0\0\x01\0\x01\0".to_vec(), Some("image/x-icon")),
        (b"RIFF\x10\0\0\0WEBPVP8 ".to_vec(), Some("image/webp")),
        (b"ID3\x03".to_vec(), Some("audio/mpeg")),
        (b"\0\0\0\x18ftypmp42".to_vec(), Some("video/mp4")),
        (b"\x1a\x45\xdf\xa3\x01\0\0\0\0\0\0\x1f\x42\x82\x84webm".to_vec(), Some("video/webm")),
        (b"MSCF\0\0\0\0\x40".to_vec(), Some("application/vnd.ms-cab-compressed")),
        (b"Cr24\x03\0\0\0".to_vec(), Some("application/chrome-ext")),
        (b"PReg\x01\0\0\0".to_vec(), Some("application/vnd.ms-pol")),
        (b"\x30\x82\x01\xd3\x0a\x01\0\xa0\x82\x01\xcc\x30\x82\x01\xc8\x06\x09\x2b\x06\x01\x05\x05\x07\x30\x01\x01".to_vec(), Some("application/ocsp-response")),
        (b"#!/bin/sh\n".to_vec(), Some("text/x-shellscript")),
        (b"#!/usr/bin/env python3\n".to_vec(), Some("text/x-python")),
        (b"@echo off\r\n".to_vec(), Some("text/x-msdos-batch")),
        (b"(function() {\n".to_vec(), Some("application/javascript")),
        (b"<script type=\"text/javascript\">".to_vec(), Some("application/javascript")),
        (b"<!DOCTYPE html>".to_vec(), Some("text/html")),
        (b" \r\n<HTML>".to_vec(), Some("text/html")),
        (b"<!-- x --> <!-- y --><head>".to_vec(), Some("text/html")),
        (b"<?xml version=\"1.0\"?>\n<!-- a --><html>".to_vec(), Some("text/html")),
        (b"<?xml version=\"1.0\"?><a><?php".to_vec(), Some("text/x-php")),
        (b"<?xml version=\"1.0\"?><note>".to_vec(), Some("application/xml")),
        (b"\xff\xfe<\0?\0x\0m\0l\0 \0v\0".to_vec(), Some("application/xml")),
        (b"<?xml version=\"1.0\"?><svg xmlns=\"\">".to_vec(), Some("image/svg+xml")),
        (b"<?xml version=\"1.0\"?><SOAP-ENV:Envelope>".to_vec(), Some("application/soap+xml")),
        (b"<feed xmlns=\"http://www.w3.org/2005/Atom\">".to_vec(), Some("text/atom")),
        (b"<rss version=\"2.0\">".to_vec(), Some("text/rss")),
        (b"<?xml version=\"1.0\"?>\n<!DOCTYPE cross-domain-policy SYSTEM \"x\">".to_vec(), Some("text/x-cross-domain-policy")),
        (b"{\"a\": 1}".to_vec(), Some("text/json")),
        (b"{ a : [ ] }".to_vec(), Some("text/json")),
        (b"[1.5, 2]".to_vec(), Some("text/json")),
        (b"{}".to_vec(), Some("text/json")),
        (b"{\"a\":null}".to_vec(), Some("text/plain")),
        (b"[.ShellClassInfo]\r\nIconFile=x".to_vec(), Some("text/ini")),
        (b"[\0a\0]\0\r\0\n\0".to_vec(), Some("text/ini")),
        (b"--- a\n+++ b\n@@ -1 +1 @@".to_vec(), Some("text/x-diff")),
        (b"-----BEGIN PGP SIGNATURE-----".to_vec(), Some("application/pgp-signature")),
        (b"Return-Path: <a@b>".to_vec(), Some("message/rfc822")),
        (b"!BDN\0\0\0\0\0\0\x17\0".to_vec(), Some("application/vnd.ms-outlook")),
        (b"\xa7\x0d\x0d\x0a\0\0\0\0".to_vec(), Some("application/x-python-bytecode")),
    ];
    for (bytes, want) in cases {
        assert_eq!(mime(bytes), *want, "{}", bytes.escape_ascii());
    }
}

#[test]
fn tells_more_when_asked() {
    assert_eq!(mime_in(Catalogue::Full, b"\x28\xb5\x2f\xfd\0\0"), Some("application/zstd"));
    assert_eq!(mime(b"\x28\xb5\x2f\xfd\0\0"), None);
    assert_eq!(mimes(Catalogue::Zeek, b"<html> [text]"), [(100, "text/html"), (-20, "text/plain")]);
}

#[test]
fn ustar_headers_are_tar() {
    let mut h = vec![0u8; 512];
    h[..5].copy_from_slice(b"a.txt");
    h[100..108].copy_from_slice(b"0000644\0");
    h[108..116].copy_from_slice(b"0001750\0");
    h[116..124].copy_from_slice(b"0001750\0");
    h[124..136].copy_from_slice(b"00000000012\0");
    h[136..148].copy_from_slice(b"14371234567\0");
    h[148..156].copy_from_slice(b"012345\0 ");
    h[156] = b'0';
    assert_eq!(mime(&h), Some("application/x-tar"));
    h[101] = b'x';
    assert_eq!(mime(&h), None);
}

#[test]
fn classes_and_extensions() {
    assert!(is_executable("application/x-dosexec") && is_script("text/x-shellscript"));
    assert_eq!(class("IMAGE/jpeg; q=1"), Class::Image);
    assert_eq!(class("application/vnd.oasis.opendocument.text"), Class::Document);
    assert!(names_type("C:\\x\\setup.EXE", "application/x-dosexec"));
    assert!(!names_type("photo.jpg", "application/x-dosexec"));
    assert!(names_type("noext", "application/x-dosexec"));
}

/// A small generator, so that a failure can be repeated from its seed.
fn random(state: &mut u64) -> u64 {
    *state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
    *state >> 33
}

#[test]
fn pieces_make_no_difference() {
    let words: &[&[u8]] = &[
        b"<html",
        b"<!--",
        b"-->",
        b"<?xml ",
        b"version=\"1.0\"",
        b"?>",
        b"<rss",
        b"{",
        b"\"a\":",
        b"[",
        b"]\n",
        b"1,",
        b"PK\x03\x04",
        b"word/",
        b"MZ",
        b"\xff\xfe",
        b"\xef\xbb\xbf",
        b"\0",
        b"#!/usr/bin/",
        b"env ",
        b"bash",
        b"@echo off",
        b"--- ",
        b"+++ ",
        b"@@",
        b"\n",
        b" ",
        b"<?php",
        b"P1",
        b"99  9",
        b"\x7fELF\x01\x01",
        b"text",
        b"META-INF/MANIFEST.MF",
        b"\x14\0\0\0",
        b"\xff\xd8",
        b"GIF8",
        b"(function() {",
        b"document.write(",
        b"MIME-Version:",
        b"protocol=\"application/pkcs7-signature\"",
        b"LP",
        b"II*\0",
        b"[Content_Types].xml",
        b"\x1a\x45\xdf\xa3",
        b"\x42\x82\x84webm",
        b"G",
        b"00000",
        b"nw",
        b"\x42\x82\x88matroska",
        b"-lh5-",
    ];
    let mut state = 7;
    for round in 0..4000u64 {
        let mut file = Vec::new();
        for _ in 0..random(&mut state) % 12 {
            if random(&mut state).is_multiple_of(4) {
                let fill = (random(&mut state) % 900) as usize;
                file.resize(file.len() + fill, b"x \0="[(random(&mut state) % 4) as usize]);
            }
            file.extend_from_slice(words[(random(&mut state) as usize) % words.len()]);
        }
        let mut with_cut = vec![(1 + random(&mut state) % 255) as u8];
        with_cut.extend_from_slice(&file);
        crate::fuzz::fuzz_magic(&with_cut);
        with_cut[0] = 1;
        if round.is_multiple_of(8) {
            crate::fuzz::fuzz_magic(&with_cut);
        }
        for cut in [1, 2, 3, 5, 16, 100] {
            if let Verdict::Sure(early) =
                judge(Catalogue::Full, file.get(..cut).unwrap_or(&file), false)
            {
                assert_eq!(early, mime_in(Catalogue::Full, &file), "{}", file.escape_ascii());
            }
        }
    }
}
