//! Mixes for measuring: many flows at once, written as they are made, so that memory holds only
//! the flows that are open.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::io::Write;

use capture::{PcapWriter, WriteError};

use crate::office::{Office, SECOND};
use crate::tape::{ETHERNET, packet_ref};
use crate::{Host, Tape};

/// Which mix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MixKind {
    /// Web, TLS, names, mail and file transfer with the sizes that networks see: most flows are
    /// small, most bytes are in few.
    Office,
    /// Small flows: names, knocks, short exchanges.
    Small,
    /// Few connections, each of many full packets: what one packet more costs.
    Steady,
}

/// A mix to write.
#[derive(Clone, Copy, Debug)]
pub struct Mix {
    /// Which.
    pub kind: MixKind,
    /// How many flows.
    pub flows: usize,
    /// The seed.
    pub seed: u64,
}

/// What was written.
#[derive(Clone, Copy, Debug, Default)]
pub struct Written {
    /// Packets.
    pub packets: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Flows.
    pub flows: usize,
}

impl Mix {
    /// Writes the mix as a pcap file.
    pub fn write(&self, out: impl Write) -> Result<Written, WriteError> {
        let mut office = Office::new(self.seed);
        office.many_servers = true;
        let mut written = Written::default();
        let mut open: Vec<Option<(Tape, usize)>> = Vec::new();
        let mut spare: Vec<usize> = Vec::new();
        let mut due: BinaryHeap<Reverse<(i64, usize)>> = BinaryHeap::new();
        let mut now = 1_772_442_000 * SECOND;
        let mut writer = PcapWriter::new(out, ETHERNET)?;
        loop {
            let last = office.flows >= self.flows;
            while let Some(Reverse((at, slot))) = due.peek().copied() {
                if at > now && !last {
                    break;
                }
                due.pop();
                let Some((tape, next)) = open[slot].as_mut() else { continue };
                if let Some((nanos, frame)) = tape.get(*next) {
                    writer.write(&packet_ref(nanos, frame))?;
                    written.packets += 1;
                    written.bytes += frame.len() as u64;
                }
                *next += 1;
                match tape.get(*next) {
                    Some((nanos, _)) => due.push(Reverse((nanos, slot))),
                    None => spare.push(slot),
                }
            }
            if last {
                break;
            }
            let slot = spare.pop().unwrap_or_else(|| {
                open.push(Some((Tape::default(), 0)));
                open.len() - 1
            });
            if let Some((tape, next)) = open[slot].as_mut() {
                tape.clear();
                *next = 0;
                self.flow(&mut office, tape, now);
                tape.sort();
                if let Some((nanos, _)) = tape.get(0) {
                    due.push(Reverse((nanos, slot)));
                } else {
                    spare.push(slot);
                }
            }
            // About 2000 flows begin in a second of the big mix, 8000 of the small one.
            now +=
                office.random.below(if self.kind == MixKind::Small { 250_000 } else { 1_000_000 })
                    as i64;
        }
        writer.finish()?;
        written.flows = office.flows;
        Ok(written)
    }

    fn flow(&self, office: &mut Office, tape: &mut Tape, now: i64) {
        let client = {
            let n = office.random.below(4000) as u16;
            let [high, low] = n.to_be_bytes();
            Host::v4(10, 20 + high, low, 10 + (n % 200) as u8)
        };
        match self.kind {
            MixKind::Office => Self::office(office, tape, now, client),
            MixKind::Small => Self::small(office, tape, now, client),
            MixKind::Steady => {
                office.disorder = 0;
                office.fetch(tape, now, client, 8_000_000);
            }
        }
    }

    /// One connection with the lookup that leads to it.
    fn office(office: &mut Office, tape: &mut Tape, now: i64, client: Host) {
        match office.random.below(100) {
            0..=33 => {
                let exchanges = office.random.within(1, 7);
                office.secure(tape, now, client, exchanges, 400_000);
            }
            34..=55 => {
                let requests = office.random.within(1, 8);
                office.web(tape, now, client, requests, 300_000);
            }
            56..=61 => {
                office.mail(tape, now, client, 100_000);
            }
            62 => {
                let size = office.random.heavy(60_000, 12_000_000);
                office.file_transfer(tape, now, client, size);
            }
            63 => {
                let size = office.random.heavy(220_000, 20_000_000);
                office.fetch(tape, now, client, size);
            }
            64..=69 => {
                office.mistyped(tape, now, client);
            }
            70 => {
                office.shell(tape, now, client, Host::v4(10, 20, 0, 7), 30);
            }
            _ => {
                let (name, server) = office.site();
                office.lookup(tape, now, client, &name, server.ip);
            }
        }
    }

    fn small(office: &mut Office, tape: &mut Tape, now: i64, client: Host) {
        match office.random.below(100) {
            0..=59 => {
                let (name, server) = office.site();
                office.lookup(tape, now, client, &name, server.ip);
            }
            60..=74 => {
                let (_, server) = office.site();
                let mut tcp = office.tcp(client, server, 443, now);
                if office.random.one_in(2) { tcp.knock(tape) } else { tcp.refused(tape) }
            }
            75..=79 => {
                office.mistyped(tape, now, client);
            }
            _ => {
                office.web(tape, now, client, 1, 9000);
            }
        }
    }
}
