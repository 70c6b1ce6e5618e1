//! Making new inputs of old ones: flipped bits, telling numbers, lengths that lie, pieces taken
//! out, repeated, moved, or taken from another input, and words of the field.

use samples::Random;

/// Numbers at which code turns.
const TELLING: [u64; 20] = [
    0,
    1,
    2,
    3,
    4,
    7,
    8,
    15,
    16,
    63,
    64,
    127,
    128,
    255,
    256,
    1023,
    4096,
    32767,
    65535,
    0xFFFF_FFFF,
];

/// Words of the field that chance would not find. What a corpus holds comes by splicing; these
/// are for what it lacks.
const WORDS: &[&[u8]] = &[
    b"\r\n",
    b"\r\n\r\n",
    b"\0",
    b"HTTP/1.1 ",
    b"HTTP/1.0 200 OK\r\n",
    b"GET / ",
    b"POST ",
    b"CONNECT ",
    b"HEAD ",
    b"Content-Length: ",
    b"Transfer-Encoding: chunked\r\n",
    b"Content-Encoding: gzip\r\n",
    b"Content-Encoding: deflate\r\n",
    b"Upgrade: websocket\r\n",
    b"Content-Range: bytes ",
    b"Content-Type: multipart/form-data; boundary=",
    b"Expect: 100-continue\r\n",
    b"100 Continue\r\n",
    b"0\r\n\r\n",
    b"ffffffffffffffff\r\n",
    b"-1",
    b"18446744073709551615",
    b"SSH-2.0-",
    b"SSH-1.99-",
    b"\x16\x03\x01",
    b"\x16\x03\x03",
    b"\x14\x03\x03\0\x01\x01",
    b"\x15\x03\x03\0\x02",
    b"\x17\x03\x03",
    b"\xc0\x0c",
    b"\xc0\x00",
    b"\xff\xff\xff\xff",
    b"\x63\x82\x53\x63",
    b"\x1f\x8b\x08",
    b"MZ",
    b"PE\0\0",
    b"\x7fELF",
    b"%PDF-",
    b"PK\x03\x04",
    b"\xd4\xc3\xb2\xa1",
    b"\x0a\x0d\x0d\x0a",
    b"\x1a\x2b\x3c\x4d",
    b"\x45\0",
    b"\x60\0\0\0",
    b"\x81\0",
    b"\x88\xa8",
    b"\x08\0",
    b"\x86\xdd",
    b"\x88\x47",
    b"\x88\x64",
    b"\x11",
    b"\x06",
    b"\x2f",
    b"\x2c",
];

/// Changes `data`, at most to `most` bytes; `other` is what pieces are taken from.
pub fn mutate(data: &mut Vec<u8>, other: &[u8], most: usize, random: &mut Random) {
    for _ in 0..=random.below(6) {
        step(data, other, random);
    }
    data.truncate(most);
}

fn step(data: &mut Vec<u8>, other: &[u8], random: &mut Random) {
    let at = random.below(data.len() + 1);
    match random.below(12) {
        0 => {
            if let Some(byte) = data.get_mut(at) {
                *byte ^= 1 << random.below(8);
            }
        }
        1 => {
            if let Some(byte) = data.get_mut(at) {
                *byte = random.draw() as u8;
            }
        }
        2 => {
            if let Some(byte) = data.get_mut(at) {
                *byte = byte.wrapping_add(random.below(33) as u8).wrapping_sub(16);
            }
        }
        3 | 4 => overwrite_number(data, at, random),
        5 => {
            let end = (at + 1 + random.below(32)).min(data.len());
            data.drain(at.min(end)..end);
        }
        6 => {
            let piece = piece(data, 64, random).to_vec();
            insert(data, at, &piece);
        }
        7 => {
            let piece = piece(other, 256, random).to_vec();
            insert(data, at, &piece);
        }
        8 => {
            let tail = random.below(other.len() + 1);
            data.truncate(at);
            data.extend_from_slice(other.get(tail..).unwrap_or_default());
        }
        9 => {
            let word = *random.of(WORDS);
            insert(data, at, word);
        }
        10 => {
            let word = *random.of(WORDS);
            let end = (at + word.len()).min(data.len());
            data.splice(at..end, word.iter().copied());
        }
        _ => data.truncate(at),
    }
}

fn overwrite_number(data: &mut [u8], at: usize, random: &mut Random) {
    let width = [1, 2, 4, 8][random.below(4)];
    let number = match random.below(3) {
        // A length that is true, or nearly.
        0 => (data.len() as u64).wrapping_add(random.below(5) as u64).wrapping_sub(2),
        1 => random.of(&TELLING).wrapping_neg(),
        _ => *random.of(&TELLING),
    };
    let bytes = number.to_be_bytes();
    let mut bytes = bytes[8 - width..].to_vec();
    if random.below(3) == 0 {
        bytes.reverse();
    }
    for (to, from) in data.iter_mut().skip(at).zip(bytes) {
        *to = from;
    }
}

fn piece<'a>(of: &'a [u8], most: usize, random: &mut Random) -> &'a [u8] {
    let from = random.below(of.len());
    let end = (from + 1 + random.below(most)).min(of.len());
    of.get(from..end).unwrap_or_default()
}

fn insert(data: &mut Vec<u8>, at: usize, piece: &[u8]) {
    data.splice(at..at, piece.iter().copied());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_makes_the_same_inputs() {
        let make = |seed| {
            let mut random = Random::new(seed);
            let mut data = b"GET / HTTP/1.1\r\n\r\n".to_vec();
            for _ in 0..500 {
                mutate(&mut data, b"other bytes", 4096, &mut random);
            }
            data
        };
        assert_eq!(make(1), make(1));
        assert_ne!(make(1), make(2));
    }

    #[test]
    fn no_input_grows_past_its_bound() {
        let mut random = Random::new(7);
        let mut data = Vec::new();
        for _ in 0..20_000 {
            mutate(&mut data, &[1; 300], 512, &mut random);
            assert!(data.len() <= 512);
        }
    }
}
