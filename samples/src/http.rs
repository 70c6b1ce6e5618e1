//! HTTP/1.1 messages (RFC 9112) and bodies that files are.

use std::fmt::Write as _;
use std::io::Write as _;

use flate2::Compression;
use flate2::write::{GzEncoder, ZlibEncoder};

use crate::Random;

/// What a browser of the office calls itself.
pub const BROWSER: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Safari/537.36";

/// A request with its body.
pub fn request(
    method: &str,
    host: &str,
    uri: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> Vec<u8> {
    let mut out = format!("{method} {uri} HTTP/1.1\r\nHost: {host}\r\n");
    for (name, value) in headers {
        let _ = write!(out, "{name}: {value}\r\n");
    }
    if !body.is_empty() {
        let _ = write!(out, "Content-Length: {}\r\n", body.len());
    }
    out.push_str("\r\n");
    let mut out = out.into_bytes();
    out.extend_from_slice(body);
    out
}

/// A browser's GET.
pub fn get(host: &str, uri: &str) -> Vec<u8> {
    let headers = [
        ("User-Agent", BROWSER),
        ("Accept", "*/*"),
        ("Accept-Encoding", "gzip, deflate"),
        ("Connection", "keep-alive"),
    ];
    request("GET", host, uri, &headers, b"")
}

/// A response with its body and its length.
pub fn response(status: &str, headers: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
    let mut out = format!("HTTP/1.1 {status}\r\nServer: nginx/1.24.0\r\n");
    for (name, value) in headers {
        let _ = write!(out, "{name}: {value}\r\n");
    }
    let _ = write!(out, "Content-Length: {}\r\n\r\n", body.len());
    let mut out = out.into_bytes();
    out.extend_from_slice(body);
    out
}

/// A response whose body comes in chunks.
pub fn chunked(status: &str, headers: &[(&str, &str)], body: &[u8], chunk: usize) -> Vec<u8> {
    let mut out =
        format!("HTTP/1.1 {status}\r\nServer: nginx/1.24.0\r\nTransfer-Encoding: chunked\r\n");
    for (name, value) in headers {
        let _ = write!(out, "{name}: {value}\r\n");
    }
    out.push_str("\r\n");
    let mut out = out.into_bytes();
    for piece in body.chunks(chunk.max(1)) {
        let _ = write!(out, "{:x}\r\n", piece.len());
        out.extend_from_slice(piece);
        out.extend_from_slice(b"\r\n");
    }
    out.extend_from_slice(b"0\r\n\r\n");
    out
}

/// Compressed as gzip.
pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).and_then(|()| encoder.finish()).unwrap_or_default()
}

/// Compressed as HTTP's deflate, which is zlib.
pub fn deflate(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).and_then(|()| encoder.finish()).unwrap_or_default()
}

/// A page of about so many bytes.
pub fn page(bytes: usize, random: &mut Random) -> Vec<u8> {
    const WORDS: &[&str] = &[
        "invoice",
        "meeting",
        "quarter",
        "report",
        "the",
        "of",
        "and",
        "warehouse",
        "customer",
        "delivery",
        "network",
        "printer",
        "Tuesday",
        "budget",
        "please",
        "review",
        "attached",
        "order",
        "status",
    ];
    let mut out =
        String::from("<!DOCTYPE html>\n<html><head><title>Intranet</title></head><body>\n<p>");
    while out.len() + 20 < bytes {
        out.push_str(random.of::<&str>(WORDS));
        out.push_str(if random.one_in(12) { ".</p>\n<p>" } else { " " });
    }
    out.push_str("</p></body></html>\n");
    out.into_bytes()
}

/// Bytes with the beginning of a JPEG picture.
pub fn jpeg(bytes: usize, random: &mut Random) -> Vec<u8> {
    let mut out = b"\xFF\xD8\xFF\xE0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00".to_vec();
    out.extend(random.bytes(bytes.saturating_sub(out.len() + 2)));
    out.extend_from_slice(b"\xFF\xD9");
    out
}

/// Bytes with the beginning of a zip archive.
pub fn zip(bytes: usize, random: &mut Random) -> Vec<u8> {
    let mut out = b"PK\x03\x04\x14\x00\x00\x00\x08\x00".to_vec();
    out.extend(random.bytes(bytes.saturating_sub(out.len())));
    out
}

/// A Windows program's headers, and noise where its code would be: it can't run.
pub fn program(bytes: usize, random: &mut Random) -> Vec<u8> {
    let mut out = vec![0; 0x178];
    out[..4].copy_from_slice(b"MZ\x90\x00");
    out[0x3C] = 0x80;
    out[0x40..0x4E].copy_from_slice(b"\x0e\x1f\xba\x0e\x00\xb4\x09\xcd\x21\xb8\x01\x4c\xcd\x21");
    out[0x4E..0x75].copy_from_slice(b"This program cannot be run in DOS mode.");
    // PE signature, x86-64, one section, optional header of 240 bytes, executable image.
    out[0x80..0x86].copy_from_slice(b"PE\0\0\x64\x86");
    out[0x86] = 1;
    out[0x94] = 240;
    out[0x96..0x98].copy_from_slice(&[0x22, 0x00]);
    out[0x98..0x9A].copy_from_slice(&[0x0B, 0x02]);
    out.extend_from_slice(
        b".text\0\0\0\0\x10\0\0\0\x10\0\0\0\x02\0\0\0\x02\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x20\0\0\x60",
    );
    out.extend(random.bytes(bytes.saturating_sub(out.len())));
    out
}

/// Parts of a form that uploads a file.
pub fn multipart(boundary: &str, file: &str, mime: &str, body: &[u8]) -> Vec<u8> {
    let mut out = format!(
        "--{boundary}\r\nContent-Disposition: form-data; name=\"note\"\r\n\r\nhello\r\n\
         --{boundary}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{file}\"\r\nContent-Type: {mime}\r\n\r\n"
    )
    .into_bytes();
    out.extend_from_slice(body);
    out.extend_from_slice(format!("\r\n--{boundary}--\r\n").as_bytes());
    out
}
