//! A TCP conversation: what each side says, in order, as frames with times.
//!
//! ```
//! use watchpost_wire::build::Talk;
//!
//! let frames = Talk::new("10.0.0.1", 40000, "10.0.0.2", 80)
//!     .open()
//!     .client("GET / HTTP/1.1\r\nHost: example.org\r\n\r\n")
//!     .server("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
//!     .close()
//!     .frames();
//! assert_eq!(frames.len(), 3 + 2 + 2 + 4);
//! ```

use super::{Addr, Build, Ethernet, Payload, Tcp, ethernet};
use base::{Span, Ts};
use std::net::IpAddr;

/// A frame and when it was seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timed {
    /// When.
    pub ts: Ts,
    /// The bytes.
    pub frame: Vec<u8>,
}

/// A TCP conversation between a client and a server.
#[must_use]
#[derive(Clone, Debug)]
pub struct Talk {
    ends: [(IpAddr, u16); 2],
    /// The next sequence number of each side.
    next: [u32; 2],
    link: Build<Ethernet>,
    now: Ts,
    step: Span,
    segment: usize,
    acknowledge: bool,
    frames: Vec<Timed>,
}

const CLIENT: usize = 0;
const SERVER: usize = 1;

impl Talk {
    /// A conversation that nobody has begun yet, at 2024-01-01 00:00 UTC, a millisecond from
    /// frame to frame.
    pub fn new(client: impl Addr, client_port: u16, server: impl Addr, server_port: u16) -> Self {
        Self {
            ends: [(client.addr(), client_port), (server.addr(), server_port)],
            next: [1000, 5000],
            link: ethernet(),
            now: Ts::new(1_704_067_200, 0),
            step: Span::from_millis(1),
            segment: 1460,
            acknowledge: true,
            frames: Vec::new(),
        }
    }
    /// When the next frame is seen.
    pub fn at(mut self, now: Ts) -> Self {
        self.now = now;
        self
    }
    /// Time from one frame to the next.
    pub fn every(mut self, step: Span) -> Self {
        self.step = step;
        self
    }
    /// Lets time pass.
    pub fn wait(mut self, span: Span) -> Self {
        self.now = self.now.plus(span);
        self
    }
    /// The most bytes that a segment carries.
    pub fn segments_of(mut self, bytes: usize) -> Self {
        self.segment = bytes.max(1);
        self
    }
    /// The first sequence numbers of client and server.
    pub fn sequence(mut self, client: u32, server: u32) -> Self {
        self.next = [client, server];
        self
    }
    /// What is said is not acknowledged by a frame of its own.
    pub fn without_acks(mut self) -> Self {
        self.acknowledge = false;
        self
    }
    /// The Ethernet header of the client's frames; the server's are turned around.
    pub fn link(mut self, link: Build<Ethernet>) -> Self {
        self.link = link;
        self
    }

    /// The three-way handshake.
    pub fn open(mut self) -> Self {
        let syn = self.segment_from(CLIENT).ack(0).syn().mss(1460);
        self.send(&syn);
        self.spend(CLIENT, 1);
        let answer = self.segment_from(SERVER).syn_ack().mss(1460);
        self.send(&answer);
        self.spend(SERVER, 1);
        let ack = self.segment_from(CLIENT);
        self.send(&ack);
        self
    }
    /// What the client says, in as many segments as it takes.
    pub fn client(mut self, bytes: impl AsRef<[u8]>) -> Self {
        self.say(CLIENT, bytes.as_ref());
        self
    }
    /// What the server says.
    pub fn server(mut self, bytes: impl AsRef<[u8]>) -> Self {
        self.say(SERVER, bytes.as_ref());
        self
    }
    /// A regular end, begun by the client.
    pub fn close(mut self) -> Self {
        for side in [CLIENT, SERVER] {
            let fin = self.segment_from(side).fin();
            self.send(&fin);
            self.spend(side, 1);
            let ack = self.segment_from(other(side));
            self.send(&ack);
        }
        self
    }
    /// The client resets.
    pub fn client_reset(mut self) -> Self {
        let rst = self.segment_from(CLIENT).rst();
        self.send(&rst);
        self
    }
    /// The server resets.
    pub fn server_reset(mut self) -> Self {
        let rst = self.segment_from(SERVER).flags(0x14);
        self.send(&rst);
        self
    }
    /// The frames so far.
    pub fn frames(self) -> Vec<Timed> {
        self.frames
    }

    fn say(&mut self, side: usize, bytes: &[u8]) {
        for piece in bytes.chunks(self.segment) {
            let segment: Build<Payload> = self.segment_from(side).push().payload(piece);
            self.push(segment.bytes());
            self.spend(side, piece.len() as u32);
            if self.acknowledge {
                let ack = self.segment_from(other(side));
                self.send(&ack);
            }
        }
    }
    fn spend(&mut self, side: usize, bytes: u32) {
        if let Some(next) = self.next.get_mut(side) {
            *next = next.wrapping_add(bytes);
        }
    }
    fn segment_from(&self, side: usize) -> Build<Tcp> {
        let [client, server] = self.ends;
        let [c, s] = self.next;
        let mut link = self.link.clone();
        let ((src, dst), (seq, ack)) = if side == CLIENT {
            ((client, server), (c, s))
        } else {
            std::mem::swap(&mut link.layer.src, &mut link.layer.dst);
            ((server, client), (s, c))
        };
        link.ip(src.0, dst.0).tcp(src.1, dst.1).seq(seq).ack(ack)
    }
    fn send(&mut self, segment: &Build<Tcp>) {
        self.push(segment.bytes());
    }
    fn push(&mut self, frame: Vec<u8>) {
        self.frames.push(Timed { ts: self.now, frame });
        self.now = self.now.plus(self.step);
    }
}

const fn other(side: usize) -> usize {
    1usize.saturating_sub(side)
}
