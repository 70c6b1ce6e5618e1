//! Dialogues of lines: mail submission (RFC 5321) and file transfer (RFC 959).

use crate::http::page;
use crate::{Random, Side, Tape, Tcp};

/// A dialogue: lines of the server begin with `S: `, of the client with `C: `.
pub fn dialogue(tcp: &mut Tcp, tape: &mut Tape, lines: &[&str], random: &mut Random) {
    for line in lines {
        let (side, text) = match line.split_at(3) {
            ("S: ", text) => (Side::Server, text),
            (_, text) => (Side::Client, text),
        };
        tcp.say(tape, side, format!("{text}\r\n").as_bytes(), random);
        tcp.wait(3_000_000);
    }
}

/// A mail with a body of so many bytes.
pub fn mail(
    tcp: &mut Tcp,
    tape: &mut Tape,
    from: &str,
    to: &str,
    bytes: usize,
    random: &mut Random,
) {
    let sender = format!("C: MAIL FROM:<{from}>");
    let receiver = format!("C: RCPT TO:<{to}>");
    dialogue(
        tcp,
        tape,
        &[
            "S: 220 mail.office.example ESMTP",
            "C: EHLO client.office.example",
            "S: 250-mail.office.example\r\n250-SIZE 35882577\r\n250 8BITMIME",
            &sender,
            "S: 250 2.1.0 Ok",
            &receiver,
            "S: 250 2.1.5 Ok",
            "C: DATA",
            "S: 354 End data with <CR><LF>.<CR><LF>",
        ],
        random,
    );
    let mut body = format!(
        "From: <{from}>\r\nTo: <{to}>\r\nSubject: Order {}\r\nMIME-Version: 1.0\r\nContent-Type: text/html\r\n\r\n",
        random.below(100_000)
    )
    .into_bytes();
    body.extend(page(bytes, random));
    body.extend_from_slice(b"\r\n.\r\n");
    tcp.say(tape, Side::Client, &body, random);
    dialogue(
        tcp,
        tape,
        &["S: 250 2.0.0 Ok: queued as 4F1A2B", "C: QUIT", "S: 221 2.0.0 Bye"],
        random,
    );
}
