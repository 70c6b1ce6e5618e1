//! The people of an office at work: names looked up, pages read, mail sent, files fetched.

use std::net::{IpAddr, Ipv4Addr};

use crate::dns::{self, Data, types};
use crate::tls::Site;
use crate::{Host, Random, Side, Tape, Tcp, dhcp, http, mail, ssh, tls};

/// A second in nanoseconds.
pub const SECOND: i64 = 1_000_000_000;

const SITES: &[&str] = &[
    "news.example",
    "www.example.com",
    "maps.example",
    "search.example",
    "docs.example.org",
    "video.example",
    "weather.example",
    "shop.example",
    "travel.example",
    "bank.example",
    "cdn.example.net",
    "api.example.net",
    "wiki.example.org",
    "forum.example.org",
    "images.example.net",
    "updates.example.com",
];
const PATHS: &[&str] = &[
    "/",
    "/index.html",
    "/style/main.css",
    "/img/logo.png",
    "/api/v2/items?page=3&sort=date",
    "/articles/2026/03/the-long-winter",
    "/static/app.bundle.js",
    "/search?q=train+times",
    "/feed.xml",
];
const ISSUER: (&str, &str) = ("Example Trust", "Example Trust CA 3");

/// The generator of an office's traffic. Every method writes one exchange, beginning at a time,
/// and answers when it ended.
#[derive(Clone, Debug)]
pub struct Office {
    /// Where chance comes from.
    pub random: Random,
    /// Who answers names.
    pub resolver: Host,
    /// Where mail goes.
    pub mail_server: Host,
    port: u16,
    /// How many flows were begun, each by a port of its own.
    pub flows: usize,
    /// Once in so many segments the network misbehaves (see [`Tcp::disorder`]).
    pub disorder: usize,
    /// Nearly never the same server twice, as a big network sees it.
    pub many_servers: bool,
}

impl Office {
    /// An office from a seed.
    pub fn new(seed: u64) -> Self {
        Self {
            random: Random::new(seed),
            resolver: Host::v4(10, 20, 0, 2),
            mail_server: Host::v4(10, 20, 0, 25),
            port: 49_152,
            flows: 0,
            disorder: 400,
            many_servers: false,
        }
    }

    /// A port that a client hasn't used of late.
    pub fn port(&mut self) -> u16 {
        self.flows += 1;
        self.port = if self.port >= 65_000 { 32_768 } else { self.port + 1 };
        self.port
    }

    /// A conversation of the office.
    pub fn tcp(&mut self, client: Host, server: Host, port: u16, now: i64) -> Tcp {
        let own = self.port();
        let mut tcp = Tcp::new(client, server, (own, port), now, &mut self.random);
        tcp.disorder = self.disorder;
        tcp
    }

    /// A site that people visit, and where it is.
    pub fn site(&mut self) -> (String, Host) {
        let base = *self.random.of(SITES);
        if self.many_servers {
            let n = self.random.below(60_000) as u16;
            let [high, low] = n.to_be_bytes();
            // RFC 2544's addresses for benchmarks.
            return (format!("s{n}.{base}"), Host::far(Ipv4Addr::new(198, 18, high, low)));
        }
        let last = base.bytes().fold(11_u8, |h, b| h.wrapping_mul(5).wrapping_add(b)) % 200 + 20;
        (base.to_owned(), Host::far(Ipv4Addr::new(192, 0, 2, last)))
    }

    /// A name is looked up.
    pub fn lookup(
        &mut self,
        tape: &mut Tape,
        now: i64,
        client: Host,
        name: &str,
        ip: IpAddr,
    ) -> i64 {
        let (id, port) = (self.random.draw() as u16, self.port());
        let resolver = self.resolver;
        let (kind, data) = match ip {
            IpAddr::V4(a) => (types::A, Data::A(a)),
            IpAddr::V6(a) => (types::AAAA, Data::Aaaa(a)),
        };
        tape.udp(now, (&client, port), (&resolver, 53), &dns::query(id, name, kind));
        let then = now + 1_000_000 + self.random.below(30_000_000) as i64;
        let edge = format!("edge.{name}");
        let answers = if self.random.one_in(4) {
            vec![(None, Data::Cname(edge.clone())), (Some(edge.as_str()), data)]
        } else {
            vec![(None, data)]
        };
        tape.udp(
            then,
            (&resolver, 53),
            (&client, port),
            &dns::answer(id, dns::GOOD, name, kind, &answers),
        );
        then + 500_000
    }

    /// A name that isn't.
    pub fn mistyped(&mut self, tape: &mut Tape, now: i64, client: Host) -> i64 {
        let (id, port) = (self.random.draw() as u16, self.port());
        let name = format!("{}.office.example", self.random.word(7));
        let resolver = self.resolver;
        tape.udp(now, (&client, port), (&resolver, 53), &dns::query(id, &name, types::A));
        let then = now + 900_000;
        tape.udp(
            then,
            (&resolver, 53),
            (&client, port),
            &dns::answer(id, dns::NXDOMAIN, &name, types::A, &[]),
        );
        then
    }

    /// Pages of a site in the clear: so many requests on one connection, with bodies up to `most`.
    pub fn web(
        &mut self,
        tape: &mut Tape,
        now: i64,
        client: Host,
        requests: usize,
        most: usize,
    ) -> i64 {
        let (name, server) = self.site();
        let now = self.lookup(tape, now, client, &name, server.ip);
        let mut tcp = self.tcp(client, server, 80, now);
        tcp.open(tape);
        for _ in 0..requests {
            let path = *self.random.of(PATHS);
            tcp.say(tape, Side::Client, &http::get(&name, path), &mut self.random);
            tcp.wait(self.random.below(40_000_000) as i64);
            let size = self.random.heavy(300, most);
            let reply = self.reply(size);
            tcp.say(tape, Side::Server, &reply, &mut self.random);
            tcp.wait(self.random.below(900_000_000) as i64);
        }
        tcp.close(tape, if self.random.one_in(3) { Side::Server } else { Side::Client });
        tcp.now
    }

    /// A body of about so many bytes as a server sends it.
    fn reply(&mut self, size: usize) -> Vec<u8> {
        match self.random.below(8) {
            0 => http::response("304 Not Modified", &[("ETag", "\"5e1f\"")], b""),
            1 => http::response(
                "404 Not Found",
                &[("Content-Type", "text/html")],
                b"<html>no such page</html>",
            ),
            2 => {
                let body = http::gzip(&http::page((size * 2).min(60_000), &mut self.random));
                let headers = [("Content-Type", "text/html"), ("Content-Encoding", "gzip")];
                http::chunked("200 OK", &headers, &body, 4096)
            }
            3 | 4 => {
                let body = http::page(size.min(60_000), &mut self.random);
                http::response("200 OK", &[("Content-Type", "text/html; charset=utf-8")], &body)
            }
            5 => {
                let body = http::page(size.min(60_000), &mut self.random);
                http::chunked("200 OK", &[("Content-Type", "text/html")], &body, 2000)
            }
            _ => {
                let body = http::jpeg(size, &mut self.random);
                http::response("200 OK", &[("Content-Type", "image/jpeg")], &body)
            }
        }
    }

    /// A site over TLS.
    pub fn secure(
        &mut self,
        tape: &mut Tape,
        now: i64,
        client: Host,
        exchanges: usize,
        most: usize,
    ) -> i64 {
        let (name, server) = self.site();
        let now = self.lookup(tape, now, client, &name, server.ip);
        let mut tcp = self.tcp(client, server, 443, now);
        let site =
            Site { name: &name, issuer: ISSUER, tls13: !self.random.one_in(3), browser: true };
        tcp.open(tape);
        tls::handshake(&mut tcp, tape, &site, &mut self.random);
        for _ in 0..exchanges {
            let ask = self.random.within(90, 900);
            tls::data(&mut tcp, tape, Side::Client, ask, &mut self.random);
            let size = self.random.heavy(200, most);
            tls::data(&mut tcp, tape, Side::Server, size, &mut self.random);
            tcp.wait(self.random.below(900_000_000) as i64);
        }
        tls::goodbye(&mut tcp, tape, Side::Client, &site, &mut self.random);
        tcp.close(tape, Side::Client);
        tcp.now
    }

    /// A mail is handed in.
    pub fn mail(&mut self, tape: &mut Tape, now: i64, client: Host, most: usize) -> i64 {
        let server = self.mail_server;
        let mut tcp = self.tcp(client, server, 25, now);
        tcp.open(tape);
        let size = self.random.heavy(500, most);
        mail::mail(
            &mut tcp,
            tape,
            "ann@office.example",
            "bob@partner.example",
            size,
            &mut self.random,
        );
        tcp.close(tape, Side::Client);
        tcp.now
    }

    /// A big file is fetched.
    pub fn fetch(&mut self, tape: &mut Tape, now: i64, client: Host, size: usize) -> i64 {
        let (name, server) = self.site();
        let now = self.lookup(tape, now, client, &name, server.ip);
        let mut tcp = self.tcp(client, server, 80, now);
        tcp.open(tape);
        let path = format!("/pool/package-{}.zip", self.random.below(1000));
        tcp.say(tape, Side::Client, &http::get(&name, &path), &mut self.random);
        let body = http::zip(size, &mut self.random);
        let reply = http::response("200 OK", &[("Content-Type", "application/zip")], &body);
        tcp.say(tape, Side::Server, &reply, &mut self.random);
        tcp.close(tape, Side::Client);
        tcp.now
    }

    /// A file by FTP, its data on a connection of its own.
    pub fn file_transfer(&mut self, tape: &mut Tape, now: i64, client: Host, size: usize) -> i64 {
        let (_, server) = self.site();
        let mut tcp = self.tcp(client, server, 21, now);
        let data_port = 50_000 + self.random.below(10_000) as u16;
        let IpAddr::V4(ip) = server.ip else { return now };
        let [a, b, c, d] = ip.octets();
        let passive = format!(
            "S: 227 Entering Passive Mode ({a},{b},{c},{d},{},{}).",
            data_port / 256,
            data_port % 256
        );
        tcp.open(tape);
        mail::dialogue(
            &mut tcp,
            tape,
            &[
                "S: 220 FTP server ready",
                "C: USER anonymous",
                "S: 331 Any password will do",
                "C: PASS guest@",
                "S: 230 Logged in",
                "C: TYPE I",
                "S: 200 Binary",
                "C: PASV",
                &passive,
                "C: RETR release.zip",
                "S: 150 Opening data connection",
            ],
            &mut self.random,
        );
        let own = self.port();
        let mut data = Tcp::new(client, server, (own, data_port), tcp.now, &mut self.random);
        data.open(tape);
        let body = http::zip(size, &mut self.random);
        data.say(tape, Side::Server, &body, &mut self.random);
        data.close(tape, Side::Server);
        tcp.now = data.now;
        mail::dialogue(
            &mut tcp,
            tape,
            &["S: 226 Transfer complete", "C: QUIT", "S: 221 Bye"],
            &mut self.random,
        );
        tcp.close(tape, Side::Client);
        tcp.now
    }

    /// Somebody works on a server.
    pub fn shell(
        &mut self,
        tape: &mut Tape,
        now: i64,
        client: Host,
        server: Host,
        exchanges: usize,
    ) -> i64 {
        let mut tcp = self.tcp(client, server, 22, now);
        tcp.open(tape);
        ssh::handshake(
            &mut tcp,
            tape,
            "SSH-2.0-OpenSSH_9.6",
            "SSH-2.0-OpenSSH_9.2p1 Debian-2",
            &mut self.random,
        );
        ssh::session(&mut tcp, tape, 0, exchanges, &mut self.random);
        tcp.close(tape, Side::Client);
        tcp.now
    }

    /// A machine is switched on: its address, the time, its name.
    pub fn boot(&mut self, tape: &mut Tape, now: i64, client: Host, name: &str) -> i64 {
        let IpAddr::V4(address) = client.ip else { return now };
        let server = Host::v4(10, 20, 0, 1);
        let IpAddr::V4(server_ip) = server.ip else { return now };
        let nobody = Host { ip: Ipv4Addr::UNSPECIFIED.into(), ..client };
        let all = Host::everybody();
        let id = self.random.draw() as u32;
        let say = |kind| dhcp::message(kind, id, client.mac, name, address, server_ip);
        tape.udp(now, (&nobody, 68), (&all, 67), &say(dhcp::Kind::Discover));
        tape.udp(now + 2_000_000, (&server, 67), (&client, 68), &say(dhcp::Kind::Offer));
        tape.udp(now + 4_000_000, (&nobody, 68), (&all, 67), &say(dhcp::Kind::Request));
        tape.udp(now + 6_000_000, (&server, 67), (&client, 68), &say(dhcp::Kind::Ack));
        tape.arp(now + 9_000_000, 1, &client, &server);
        tape.arp(now + 9_300_000, 2, &server, &client);
        let clock = Host::far(Ipv4Addr::new(192, 0, 2, 123));
        let seconds = (now / SECOND) as u32;
        let port = self.port();
        tape.udp(now + 50_000_000, (&client, port), (&clock, 123), &dhcp::ntp(3, 0, seconds));
        tape.udp(now + 64_000_000, (&clock, 123), (&client, port), &dhcp::ntp(4, 1, seconds));
        let group = Host::group(Ipv4Addr::new(224, 0, 0, 251));
        let own = format!("{name}.local");
        let announce = dns::answer(0, 0x8400, &own, types::A, &[(None, Data::A(address))]);
        tape.udp(now + 90_000_000, (&client, 5353), (&group, 5353), &announce);
        let group = Host::group(Ipv4Addr::new(224, 0, 0, 252));
        let port = self.port();
        let ask = dns::plain_query(id as u16, 0, "wpad", types::A);
        tape.udp(now + 95_000_000, (&client, port), (&group, 5355), &ask);
        now + 100_000_000
    }
}
