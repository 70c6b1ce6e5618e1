//! A morning at a small office, and an intrusion in it: what `watchpost demo` reads.
//!
//! A stranger scans the web server and guesses its way in over HTTP and FTP. A clerk opens what
//! looks like a picture and is a program; the machine then calls home at nearly even times, looks
//! around, hides data in names, and at last sends an archive out.

use std::net::Ipv4Addr;

use crate::dns::{self, Data, types};
use crate::office::{Office, SECOND};
use crate::tls::Site;
use crate::{Host, Label, Sample, Side, Tape, http, mail, tls};

/// 2026-03-02 09:00 UTC, a Monday.
const NINE: i64 = 1_772_442_000 * SECOND;
const MINUTE: i64 = 60 * SECOND;

/// The intrusion from a seed.
pub fn intrusion(seed: u64) -> Sample {
    let mut office = Office::new(seed);
    let mut tape = Tape::default();
    let clerks: Vec<Host> = (0..12).map(|i| Host::v4(10, 20, 1, 10 + i)).collect();
    work(&mut office, &mut tape, &clerks);
    let mut labels = Vec::new();
    let mut story = Story { office, tape, labels: &mut labels };
    story.tell(clerks[6]);
    let mut tape = story.tape;
    tape.sort();
    Sample {
        name: "intrusion",
        about: "a morning at an office: a scan, guessed passwords, a program named as a picture, a beacon, a DNS tunnel and an upload among ordinary work",
        tape,
        labels,
    }
}

/// Ninety minutes of ordinary work.
fn work(office: &mut Office, tape: &mut Tape, clerks: &[Host]) {
    for (i, clerk) in clerks.iter().enumerate() {
        let mut now = NINE + office.random.below(300) as i64 * SECOND;
        now = office.boot(tape, now, *clerk, &format!("ws-{:02}", i + 1));
        while now < NINE + 90 * MINUTE {
            now += office.random.below(170) as i64 * SECOND
                + office.random.below(1_000_000_000) as i64;
            let requests = office.random.within(1, 6);
            // Sessions overlap: the next begins before this one's end.
            match office.random.below(20) {
                0..=8 => office.secure(tape, now, *clerk, requests, 60_000),
                9..=14 => office.web(tape, now, *clerk, requests, 30_000),
                15 => office.mail(tape, now, *clerk, 20_000),
                16 => office.mistyped(tape, now, *clerk),
                17 if i < 2 => office.shell(tape, now, *clerk, Host::v4(10, 20, 0, 7), 12),
                18 if office.random.one_in(6) => office.fetch(tape, now, *clerk, 400_000),
                _ => office.lookup(
                    tape,
                    now,
                    *clerk,
                    "intranet.office.example",
                    Ipv4Addr::new(10, 20, 0, 80).into(),
                ),
            };
        }
    }
}

struct Story<'a> {
    office: Office,
    tape: Tape,
    labels: &'a mut Vec<Label>,
}

impl Story<'_> {
    fn tell(&mut self, victim: Host) {
        let stranger = Host::far(Ipv4Addr::new(203, 0, 113, 66));
        let web = Host::v4(10, 20, 0, 80);
        let home = Host::far(Ipv4Addr::new(198, 51, 100, 23));
        self.scan(stranger, web, NINE + 6 * MINUTE);
        self.guess_web(stranger, web, NINE + 12 * MINUTE);
        self.guess_ftp(stranger, Host::v4(10, 20, 0, 21), NINE + 18 * MINUTE);
        self.download(victim, NINE + 31 * MINUTE);
        self.beacon(victim, home, NINE + 32 * MINUTE);
        self.look_around(victim, NINE + 44 * MINUTE);
        self.tunnel(victim, NINE + 52 * MINUTE);
        self.upload(victim, home, NINE + 78 * MINUTE);
    }

    fn label(
        &mut self,
        kind: &'static str,
        technique: &'static str,
        who: [Option<Host>; 2],
        from: i64,
        to: i64,
        about: &str,
    ) {
        let text = |h: Option<Host>| h.map_or(String::new(), |h| h.ip.to_string());
        let [source, target] = who.map(text);
        self.labels.push(Label { kind, technique, source, target, from, to, about: about.into() });
    }

    /// 400 ports of one server in a minute: nearly all refused.
    fn scan(&mut self, stranger: Host, web: Host, start: i64) {
        let mut now = start;
        for i in 0..400_u16 {
            let port = if i % 40 == 0 { 80 } else { 1 + i * 17 % 9000 };
            let mut tcp = self.office.tcp(stranger, web, port, now);
            if port == 80 {
                tcp.open(&mut self.tape);
                tcp.reset(&mut self.tape, Side::Client);
            } else {
                tcp.refused(&mut self.tape);
            }
            now += 100_000_000 + self.office.random.below(100_000_000) as i64;
        }
        self.label(
            "port-scan",
            "T1046",
            [Some(stranger), Some(web)],
            start,
            now,
            "390 ports of the web server were tried, nearly all refused",
        );
    }

    /// Passwords of the web server's administration, until one fits.
    fn guess_web(&mut self, stranger: Host, web: Host, start: i64) {
        const GUESSES: &[&str] =
            &["admin", "123456", "password", "letmein", "welcome1", "qwerty", "office2026"];
        let mut now = start;
        for i in 0..42 {
            let word = format!(
                "{}{}",
                GUESSES[i % GUESSES.len()],
                if i < 7 { String::new() } else { i.to_string() }
            );
            let secret = base64_text(format!("admin:{word}").as_bytes());
            let mut tcp = self.office.tcp(stranger, web, 80, now);
            tcp.open(&mut self.tape);
            let headers = [
                ("User-Agent", "python-requests/2.31.0"),
                ("Authorization", &*format!("Basic {secret}")),
            ];
            let ask = http::request("GET", "www.office.example", "/admin/", &headers, b"");
            tcp.say(&mut self.tape, Side::Client, &ask, &mut self.office.random);
            let reply = if i == 41 {
                http::response(
                    "200 OK",
                    &[("Content-Type", "text/html")],
                    b"<html><h1>Administration</h1></html>",
                )
            } else {
                http::response(
                    "401 Unauthorized",
                    &[("WWW-Authenticate", "Basic realm=\"admin\"")],
                    b"",
                )
            };
            tcp.say(&mut self.tape, Side::Server, &reply, &mut self.office.random);
            tcp.close(&mut self.tape, Side::Server);
            now += SECOND + self.office.random.below(2_000_000_000) as i64;
        }
        self.label(
            "password-guessing",
            "T1110.001",
            [Some(stranger), Some(web)],
            start,
            now,
            "41 wrong passwords for the account admin over HTTP, then a right one",
        );
        self.label(
            "cleartext-password",
            "T1552",
            [Some(stranger), Some(web)],
            start,
            now,
            "the administration takes passwords unencrypted",
        );
    }

    /// The same over FTP.
    fn guess_ftp(&mut self, stranger: Host, server: Host, start: i64) {
        let mut now = start;
        for i in 0..15 {
            let mut tcp = self.office.tcp(stranger, server, 21, now);
            tcp.open(&mut self.tape);
            let secret = format!("C: PASS backup{i:02}");
            let verdict =
                if i == 14 { "S: 230 Login successful" } else { "S: 530 Login incorrect" };
            let lines = [
                "S: 220 (vsFTPd 3.0.5)",
                "C: USER backup",
                "S: 331 Please specify the password",
                &secret,
                verdict,
                "C: QUIT",
                "S: 221 Goodbye",
            ];
            mail::dialogue(&mut tcp, &mut self.tape, &lines, &mut self.office.random);
            tcp.close(&mut self.tape, Side::Client);
            now += 4 * SECOND;
        }
        self.label(
            "password-guessing",
            "T1110.001",
            [Some(stranger), Some(server)],
            start,
            now,
            "14 wrong passwords for the account backup over FTP, then a right one",
        );
    }

    /// What calls itself a picture is a program.
    fn download(&mut self, victim: Host, start: i64) {
        let server = Host::far(Ipv4Addr::new(198, 51, 100, 77));
        let name = "parcel-tracking.example";
        let now = self.office.lookup(&mut self.tape, start, victim, name, server.ip);
        let mut tcp = self.office.tcp(victim, server, 80, now);
        tcp.open(&mut self.tape);
        tcp.say(
            &mut self.tape,
            Side::Client,
            &http::get(name, "/img/label-4471.jpg"),
            &mut self.office.random,
        );
        let body = http::program(184_320, &mut self.office.random);
        let reply = http::response("200 OK", &[("Content-Type", "image/jpeg")], &body);
        tcp.say(&mut self.tape, Side::Server, &reply, &mut self.office.random);
        tcp.close(&mut self.tape, Side::Client);
        self.label(
            "disguised-executable",
            "T1036.008",
            [Some(victim), Some(server)],
            start,
            tcp.now,
            "label-4471.jpg, said to be image/jpeg, is a Windows program",
        );
    }

    /// Every minute, a fifth more or less, over TLS with a certificate of its own hand.
    fn beacon(&mut self, victim: Host, home: Host, start: i64) {
        let name = "telemetry-sync.example";
        let site = Site { name, issuer: ("Sync", name), tls13: false, browser: false };
        let mut now = self.office.lookup(&mut self.tape, start, victim, name, home.ip);
        let end = NINE + 90 * MINUTE;
        while now < end {
            let mut tcp = self.office.tcp(victim, home, 443, now);
            tcp.open(&mut self.tape);
            tls::handshake(&mut tcp, &mut self.tape, &site, &mut self.office.random);
            tls::data(&mut tcp, &mut self.tape, Side::Client, 180, &mut self.office.random);
            tls::data(&mut tcp, &mut self.tape, Side::Server, 64, &mut self.office.random);
            tcp.close(&mut self.tape, Side::Client);
            now += 48 * SECOND + self.office.random.below(24_000_000_000) as i64;
        }
        self.label(
            "beacon",
            "T1071.001",
            [Some(victim), Some(home)],
            start,
            end,
            "calls home every minute, a fifth more or less, always of the same size",
        );
    }

    /// Who else shares files?
    fn look_around(&mut self, victim: Host, start: i64) {
        let mut now = start;
        for last in 2..=254_u8 {
            let mut tcp = self.office.tcp(victim, Host::v4(10, 20, 2, last), 445, now);
            if last % 50 == 7 {
                tcp.refused(&mut self.tape);
            } else {
                tcp.knock(&mut self.tape);
            }
            now += 60_000_000;
        }
        self.label(
            "address-scan",
            "T1018",
            [Some(victim), None],
            start,
            now,
            "253 addresses of 10.20.2.0/24 were asked for file sharing",
        );
    }

    /// Data inside of names.
    fn tunnel(&mut self, victim: Host, start: i64) {
        let mut now = start;
        let resolver = self.office.resolver;
        for i in 0..700 {
            let (id, port) = (self.office.random.draw() as u16, self.office.port());
            let label = self.office.random.word(58);
            let name = format!("{label}.{}.t.cdn-metrics.example", self.office.random.word(6));
            let kind = if i % 3 == 0 { types::A } else { types::TXT };
            self.tape.udp(now, (&victim, port), (&resolver, 53), &dns::query(id, &name, kind));
            let data = if kind == types::A {
                Data::A(Ipv4Addr::new(198, 51, 100, 9))
            } else {
                let length = self.office.random.within(60, 220);
                Data::Txt(self.office.random.word(length).into_bytes())
            };
            let reply = dns::answer(id, dns::GOOD, &name, kind, &[(None, data)]);
            self.tape.udp(now + 31_000_000, (&resolver, 53), (&victim, port), &reply);
            now += 600_000_000 + self.office.random.below(1_200_000_000) as i64;
        }
        self.label(
            "dns-tunnel",
            "T1071.004",
            [Some(victim), Some(resolver)],
            start,
            now,
            "700 long random names below cdn-metrics.example, answered by text",
        );
    }

    /// The archive goes out.
    fn upload(&mut self, victim: Host, home: Host, start: i64) {
        let mut tcp = self.office.tcp(victim, home, 80, start);
        tcp.open(&mut self.tape);
        let body = http::zip(3_600_000, &mut self.office.random);
        let boundary = "----FormBoundary7MA4YWxk";
        let form = http::multipart(boundary, "backup.zip", "application/zip", &body);
        let headers = [
            ("User-Agent", "Mozilla/4.0 (compatible; MSIE 6.0)"),
            ("Content-Type", &*format!("multipart/form-data; boundary={boundary}")),
        ];
        let ask = http::request("POST", "telemetry-sync.example", "/u/4471", &headers, &form);
        tcp.say(&mut self.tape, Side::Client, &ask, &mut self.office.random);
        let reply = http::response("200 OK", &[("Content-Type", "text/plain")], b"ok");
        tcp.say(&mut self.tape, Side::Server, &reply, &mut self.office.random);
        tcp.close(&mut self.tape, Side::Client);
        self.label(
            "exfiltration",
            "T1048.003",
            [Some(victim), Some(home)],
            start,
            tcp.now,
            "an archive of 3.6 MB was sent to the host that the beacon calls",
        );
    }
}

/// Base64 (RFC 4648).
fn base64_text(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for piece in bytes.chunks(3) {
        let word = [0, 1, 2].map(|i| u32::from(piece.get(i).copied().unwrap_or(0)));
        let word = word[0] << 16 | word[1] << 8 | word[2];
        for i in 0..4 {
            let letter = LETTERS[(word >> (18 - 6 * i)) as usize & 63];
            out.push(if i <= piece.len() { char::from(letter) } else { '=' });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_tells_the_same_story() {
        let (a, b) = (intrusion(1), intrusion(1));
        assert!(a.tape.iter().eq(b.tape.iter()));
        assert!(a.tape.len() > 10_000);
        assert_eq!(a.labels.len(), 9);
    }

    #[test]
    fn time_never_runs_back() {
        let times: Vec<i64> = intrusion(2).tape.iter().map(|(t, _)| t).collect();
        assert!(times.is_sorted());
    }

    #[test]
    fn base64_is_as_the_document_says() {
        assert_eq!(base64_text(b"foob"), "Zm9vYg==");
        assert_eq!(base64_text(b"foobar"), "Zm9vYmFy");
    }
}
