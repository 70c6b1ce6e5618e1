//! A TCP conversation, told in sentences: open, say, answer, wait, close.

use crate::tape::{Segment, flags};
use crate::{Host, Random, Tape};

/// Who speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The one who opened the connection.
    Client,
    /// The other.
    Server,
}

/// Two hosts, their counters and the clock.
#[derive(Clone, Debug)]
pub struct Tcp {
    hosts: [Host; 2],
    ports: [u16; 2],
    seq: [u32; 2],
    /// Time, in nanoseconds.
    pub now: i64,
    /// Half of a round trip, in nanoseconds.
    pub hop: i64,
    /// Bytes of a full segment.
    pub mss: usize,
    /// Once in so many full segments one comes twice, late or out of order; 0 is never.
    pub disorder: usize,
}

const MS: i64 = 1_000_000;

impl Tcp {
    /// A conversation that hasn't begun.
    pub fn new(
        client: Host,
        server: Host,
        ports: (u16, u16),
        now: i64,
        random: &mut Random,
    ) -> Self {
        Self {
            hosts: [client, server],
            ports: [ports.0, ports.1],
            seq: [random.draw() as u32, random.draw() as u32],
            now,
            hop: (2 + random.below(30) as i64) * MS,
            mss: 1460,
            disorder: 0,
        }
    }

    /// The handshake.
    pub fn open(&mut self, tape: &mut Tape) {
        const OPTIONS: [u8; 12] = [2, 4, 0x05, 0xB4, 1, 3, 3, 7, 4, 2, 1, 1];
        self.put(tape, Side::Client, flags::SYN, &OPTIONS, b"");
        self.seq[0] = self.seq[0].wrapping_add(1);
        self.now += self.hop;
        self.put(tape, Side::Server, flags::SYN | flags::ACK, &OPTIONS, b"");
        self.seq[1] = self.seq[1].wrapping_add(1);
        self.now += self.hop;
        self.put(tape, Side::Client, flags::ACK, &[], b"");
        self.now += MS / 10;
    }

    /// One side says something; the other acknowledges every second segment.
    pub fn say(&mut self, tape: &mut Tape, side: Side, bytes: &[u8], random: &mut Random) {
        let mut unacked = 0;
        let pieces = bytes.chunks(self.mss);
        let last = pieces.len().saturating_sub(1);
        for (i, piece) in pieces.enumerate() {
            let push = if i == last { flags::PSH } else { 0 };
            self.put(tape, side, flags::ACK | push, &[], piece);
            if self.disorder > 0 && i < last && random.one_in(self.disorder) {
                match random.below(3) {
                    0 => self.put(tape, side, flags::ACK, &[], piece),
                    // Overtaken by the ones after it.
                    1 => tape.shift_last(MS / 2),
                    _ => {
                        // Lost on the way to the observer, then sent again.
                        tape.lose_last();
                        self.now += self.hop * 4;
                        self.put(tape, side, flags::ACK, &[], piece);
                    }
                }
            }
            let own = side as usize;
            self.seq[own] = self.seq[own].wrapping_add(piece.len() as u32);
            unacked += 1;
            // A gigabit link's time for a full segment.
            self.now += 12_000;
            if unacked == 2 {
                self.put(tape, side.other(), flags::ACK, &[], b"");
                unacked = 0;
            }
        }
        self.now += self.hop;
        if unacked > 0 {
            self.put(tape, side.other(), flags::ACK, &[], b"");
        }
        self.now += MS / 10;
    }

    /// Nothing is said for a while.
    pub fn wait(&mut self, nanos: i64) {
        self.now += nanos;
    }

    /// Bytes that the observer misses: the stream goes on after them.
    pub fn skip(&mut self, side: Side, bytes: u32) {
        let own = side as usize;
        self.seq[own] = self.seq[own].wrapping_add(bytes);
    }

    /// An orderly end, begun by one side.
    pub fn close(&mut self, tape: &mut Tape, side: Side) {
        for who in [side, side.other()] {
            self.put(tape, who, flags::FIN | flags::ACK, &[], b"");
            let own = who as usize;
            self.seq[own] = self.seq[own].wrapping_add(1);
            self.now += self.hop;
        }
        self.put(tape, side, flags::ACK, &[], b"");
    }

    /// An end without order.
    pub fn reset(&mut self, tape: &mut Tape, side: Side) {
        self.put(tape, side, flags::RST | flags::ACK, &[], b"");
    }

    /// A question that nobody answers.
    pub fn knock(&mut self, tape: &mut Tape) {
        self.put(tape, Side::Client, flags::SYN, &[2, 4, 0x05, 0xB4], b"");
    }

    /// A question that is refused.
    pub fn refused(&mut self, tape: &mut Tape) {
        self.knock(tape);
        self.seq[0] = self.seq[0].wrapping_add(1);
        self.seq[1] = 0;
        self.now += self.hop;
        self.put(tape, Side::Server, flags::RST | flags::ACK, &[], b"");
    }

    /// A segment as it is, with the conversation's numbers.
    pub fn put(&self, tape: &mut Tape, side: Side, bits: u8, options: &[u8], payload: &[u8]) {
        let (own, peer) = (side as usize, side.other() as usize);
        let acks = bits & flags::ACK != 0;
        let segment = Segment {
            from: self.ports[own],
            to: self.ports[peer],
            seq: self.seq[own],
            ack: if acks { self.seq[peer] } else { 0 },
            flags: bits,
            window: 0x1F6,
            options,
        };
        tape.tcp(self.now, &self.hosts[own], &self.hosts[peer], &segment, payload);
    }
}

impl Side {
    /// The other one.
    #[must_use]
    pub fn other(self) -> Self {
        match self {
            Self::Client => Self::Server,
            Self::Server => Self::Client,
        }
    }
}
