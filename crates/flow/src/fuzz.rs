//! Entry points for fuzzing: plain functions over bytes that must return, whatever they are given.

use base::{Dir, FileId, Span, Ts};
use model::{
    Anomaly, Command, Cx, Fed, FileFacts, FileStep, FlowFacts, Id, Input, Profile, Record, Sinks,
    Then, Wants,
};

use crate::{
    Advance, Around, Arrival, Buffers, Defragmenter, FlowSummary, FlowTable, Half, Piece, Place,
    Reading, StreamConsumer,
};

/// Names and functions.
#[doc(hidden)]
#[allow(clippy::type_complexity)] // every crate has a list of this shape
pub const TARGETS: &[(&str, fn(&[u8]))] = &[
    ("flow_table", fuzz_flow_table),
    ("flow_reassembly", fuzz_flow_reassembly),
    ("flow_defrag", fuzz_flow_defrag),
];

/// A consumer that takes what it is given, a little at a time, and asks now and then.
#[derive(Default)]
struct Nibbler(u32);

impl StreamConsumer for Nibbler {
    type Shared = u64;
    fn step(&mut self, told: &mut u64, _: &mut Cx<'_>, _: Dir, input: Input<'_>) -> Fed {
        self.0 = self.0.wrapping_add(1);
        match input {
            Input::Bytes(b) => {
                let used = b.len().min(7);
                *told = told.saturating_add(used as u64);
                Fed { used, then: if self.0.is_multiple_of(4) { Then::Ask } else { Then::Again } }
            }
            Input::Gap(n) => {
                *told = told.saturating_add(n);
                Fed::MORE
            }
            Input::Datagram(b) => Fed::all(b),
            Input::End => Fed::MORE,
        }
    }
    fn close(&mut self, _: &mut u64, _: &mut Cx<'_>) {}
    fn ended(_: &mut u64, _: &mut Cx<'_>, s: &FlowSummary<'_>) {
        assert!(s.history.len() <= crate::tcp::History::MOST);
    }
}

struct Silence;

impl Sinks for Silence {
    fn event(&mut self, _: &FlowFacts, _: Id, _: &dyn Record) {}
    fn record(&mut self, _: &FlowFacts, _: &dyn Record) {}
    fn anomaly(&mut self, _: &FlowFacts, _: Anomaly<'_>) {}
    fn file(&mut self, _: &FlowFacts, _: FileStep<'_>) {}
    fn file_facts(&self, _: FileId) -> Option<&FileFacts> {
        None
    }
    fn command(&mut self, _: Command) {}
}

/// Packets of a few endpoints: each chunk of bytes is one, its first byte says what becomes of the
/// clock, the rest is put into headers that pass the decoder.
#[doc(hidden)]
pub fn fuzz_flow_table(data: &[u8]) {
    let mut profile = match data.first().map_or(0, |b| b % 3) {
        0 => Profile::ZEEK,
        1 => Profile::SURICATA,
        _ => Profile::WATCHPOST,
    };
    profile.flows = 8;
    profile.reassembly_bytes = 64 << 10;
    profile.reassembly_bytes_flow = 16 << 10;
    let decoder = wire::Decoder::default();
    let mut notes = wire::Notes::new();
    let mut table: FlowTable<Nibbler> = FlowTable::new(profile.clone(), 1);
    let mut defrag = Defragmenter::default();
    let (mut told, mut silence, wants) = (0u64, Silence, Wants::default());
    let mut now = Ts::new(1_700_000_000, 0);
    for (number, chunk) in data.chunks(40).enumerate() {
        let [clock, proto, ends, rest @ ..] = chunk else { continue };
        now =
            now.plus(Span::from_millis(i64::from(*clock).saturating_mul(100).saturating_sub(500)));
        let packet = ip_packet(*proto, *ends, rest);
        notes.clear();
        let Some(mut packet) = decoder.ip(&packet, &mut notes) else { continue };
        let whole;
        if packet.fragment.is_some() {
            let Some(w) = defrag.insert(now, &packet, Place::default(), &profile, &mut |_| {})
            else {
                continue;
            };
            whole = w;
            let Some(p) = decoder.ip(&whole, &mut notes) else { continue };
            packet = p;
        }
        let arrival = Arrival {
            ts: now,
            number: number as u64,
            frame: &wire::Frame::default(),
            packet: &packet,
            frame_bytes: packet.ip_len,
            depth: 0,
            parent: None,
            tunnel: u64::from(ends >> 6),
            bad_checksum: ends & 0x20 != 0,
        };
        let mut around =
            Around { shared: &mut told, wants: &wants, profile: &profile, out: &mut silence };
        let mut rounds = 0u32;
        while table.advance(&arrival, &mut around) == Advance::Ask {
            rounds = rounds.saturating_add(1);
            assert!(rounds < 100_000, "a packet never ends");
        }
        assert!(table.len() <= 8);
        assert!(table.held_bytes() <= 128 << 10, "held {}", table.held_bytes());
    }
    let mut around =
        Around { shared: &mut told, wants: &wants, profile: &profile, out: &mut silence };
    table.finish(&mut around);
    assert!(table.is_empty());
    assert_eq!(table.held_bytes(), 0);
}

/// An IPv4 packet between two of four addresses, with ports of little variety.
#[allow(clippy::arithmetic_side_effects)] // on single bits
fn ip_packet(proto: u8, ends: u8, rest: &[u8]) -> Vec<u8> {
    let mut p = vec![0x45, 0, 0, 0, 0, 1, 0, 0, 64, 0, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2];
    let kinds = [6u8, 6, 6, 17, 1, 132, 6, 47];
    let odd = ends & 1;
    let kind = kinds.get(usize::from(proto & 7)).copied().unwrap_or(6);
    for (at, value) in [(9, kind), (15, 1 + odd), (19, 2 - odd), (6, proto & 0x20)] {
        if let Some(b) = p.get_mut(at) {
            *b = value;
        }
    }
    if proto & 0x40 != 0
        && let Some(b) = p.get_mut(7)
    {
        *b = proto >> 3 & 3;
    }
    let ports = if ends & 1 == 0 { [156, 64, 0, 80] } else { [0, 80, 156, 64] };
    p.extend_from_slice(&ports);
    p.extend_from_slice(rest);
    if kind == 6 {
        p.resize(p.len().max(40), 0);
        if let Some(b) = p.get_mut(32) {
            *b = 0x50;
        }
    }
    let len = u16::try_from(p.len()).unwrap_or(u16::MAX).to_be_bytes();
    if let Some(f) = p.get_mut(2..4) {
        f.copy_from_slice(&len);
    }
    p
}

/// Segments of one direction: what is told covers every position once.
#[doc(hidden)]
pub fn fuzz_flow_reassembly(data: &[u8]) {
    let policies = [
        model::HostPolicy::First,
        model::HostPolicy::Last,
        model::HostPolicy::Bsd,
        model::HostPolicy::Linux,
        model::HostPolicy::Solaris,
    ];
    let first = data.first().copied().unwrap_or(0);
    let reading = Reading {
        delivery: if first & 1 == 0 {
            model::Delivery::OnArrival
        } else {
            model::Delivery::WhenAcknowledged
        },
        policy: policies
            .get(usize::from(first >> 1) % 5)
            .copied()
            .unwrap_or(model::HostPolicy::First),
        dry: false,
        pair: 3,
    };
    let mut half = Half::default();
    let mut buffers = Buffers::new(64 << 10, 8 << 10);
    let mut pieces = Vec::new();
    let mut told = 1u64;
    let bytes = [0x55u8; 2048];
    for chunk in data.chunks_exact(4) {
        let [what, a, b, n] = chunk else { continue };
        let at = u64::from(u16::from_be_bytes([*a, *b]));
        let len = u64::from(*n).saturating_mul(8);
        if what.is_multiple_of(4) {
            half.acknowledge(at, what & 4 != 0, reading, &mut buffers, &mut pieces);
        } else if at > 0 && len > 0 {
            let data = bytes.get(..len as usize).unwrap_or_default();
            half.insert(at, data, len, reading, &mut buffers, &mut pieces);
        }
        let skipped = what & 7 == 4;
        for piece in pieces.drain(..) {
            let n = match piece {
                Piece::Packet { len, .. } => u64::from(len),
                Piece::Gap(n) => n,
                Piece::Held(v) => {
                    let n = v.len() as u64;
                    buffers.give_back(v);
                    n
                }
            };
            assert!(n > 0);
            told = told.saturating_add(n);
        }
        if skipped {
            told = half.next();
        }
        assert_eq!(told, half.next());
        assert!(buffers.held() <= 16 << 10);
    }
    half.clear(3, &mut buffers);
    assert_eq!(buffers.held(), 0);
}

/// Fragments of a few datagrams.
#[doc(hidden)]
pub fn fuzz_flow_defrag(data: &[u8]) {
    let decoder = wire::Decoder::default();
    let mut notes = wire::Notes::new();
    let mut defrag = Defragmenter::default();
    let mut now = Ts::new(1_700_000_000, 0);
    for chunk in data.chunks(16) {
        let [what, offset, rest @ ..] = chunk else { continue };
        let profile = if what & 1 == 0 { Profile::ZEEK } else { Profile::SURICATA };
        now = now.plus(Span::from_millis(i64::from(what & 0x70) << 6));
        let mut p = vec![0x45, 0, 0, 0, 0, what >> 2 & 1, 0, *offset, 64, 17, 0, 0, 10, 0, 0, 1];
        p.extend_from_slice(&[10, 0, 0, 2]);
        p.extend(rest.iter().cycle().take(usize::from(*offset).max(8)));
        let len = u16::try_from(p.len()).unwrap_or(u16::MAX).to_be_bytes();
        if let Some(f) = p.get_mut(2..4) {
            f.copy_from_slice(&len);
        }
        if let Some(f) = p.get_mut(6) {
            *f = what & 0x20 | what >> 7;
        }
        notes.clear();
        let Some(packet) = decoder.ip(&p, &mut notes) else { continue };
        if let Some(whole) = defrag.insert(now, &packet, Place::default(), &profile, &mut |_| {}) {
            assert!(whole.len() <= 65_535 + 40);
            let again = decoder.ip(&whole, &mut notes);
            assert!(again.is_none_or(|p| p.fragment.is_none()));
            defrag.give_back(whole);
        }
        assert!(defrag.held_bytes() <= 33 << 20);
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn some_noise_leads_nowhere_bad() {
        let mut state = 7u64;
        for round in 0..400usize {
            let noise: Vec<u8> = (0..round * 7)
                .map(|_| {
                    state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                    (state >> 40) as u8
                })
                .collect();
            for (_, target) in super::TARGETS {
                target(&noise);
            }
        }
    }
}
