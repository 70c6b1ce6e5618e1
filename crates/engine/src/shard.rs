//! A shard: everything that one thread owns, and the way a packet takes through it.

use std::sync::Arc;

use base::Ts;
use capture::{Filter, PacketRef};
use flow::{Advance, Around, Arrival, Defragmenter, FlowTable};
use model::{AnomalyKind, Parent, Profile, ProfileName, Wants};
use protocols::AppLayer;
use wire::{Checksums, DecodeOptions, Decoder, Frame, Net, Note, Notes, Packet, WeirdScope};

use crate::senders::Senders;
use crate::sinks::{Findings, Out};
use crate::weird::{Names, Waiting};

/// Everything that one thread owns.
pub(crate) struct Shard {
    decoder: Decoder,
    notes: Notes,
    table: FlowTable<AppLayer>,
    defrag: Defragmenter,
    shared: protocols::Shared,
    profile: Profile,
    wants: Arc<Wants>,
    filter: Option<Filter>,
    senders: Senders,
    out: Out,
}

/// The decoder's options under a profile.
pub(crate) fn decode_options(profile: &Profile) -> DecodeOptions {
    let base = match profile.name {
        ProfileName::Zeek => DecodeOptions::zeek(),
        ProfileName::Suricata => DecodeOptions::suricata(),
        ProfileName::Watchpost => DecodeOptions::default(),
    };
    let checksums = match profile.checksums {
        model::Checksums::Verify | model::Checksums::Offload => Checksums::Verify,
        model::Checksums::Ignore => Checksums::Ignore,
    };
    DecodeOptions { checksums, max_tunnel_depth: profile.tunnel_depth, ..base }
}

impl Shard {
    pub(crate) fn new(profile: Profile, seed: u64, filter: Option<Filter>, out: Out) -> Self {
        Self {
            decoder: Decoder::new(decode_options(&profile)),
            notes: Notes::default(),
            table: FlowTable::new(profile.clone(), seed),
            defrag: Defragmenter::default(),
            shared: protocols::Shared::default(),
            profile,
            wants: Arc::clone(&out.told.wants),
            filter,
            senders: Senders::default(),
            out,
        }
    }

    /// One captured packet.
    pub(crate) fn packet(&mut self, p: &PacketRef<'_>) {
        self.out.told.now = p.ts;
        self.out.clock(p.ts);
        self.out.told.tally.packet(p.ts, p.wire_len);
        self.notes.clear();
        let frame = self.decoder.frame(p.link, p.data, p.wire_len, &mut self.notes);
        self.frame(p, &frame);
        let mut frame = frame;
        // Further frames of an aggregated 802.11 frame.
        while let Some(next) = self.decoder.next(&frame, &mut self.notes) {
            self.frame(p, &next);
            frame = next;
        }
    }

    /// A frame: the captured one, or one that came within it.
    fn frame(&mut self, p: &PacketRef<'_>, frame: &Frame<'_>) {
        let packet = self.decoder.packet(frame, &mut self.notes);
        if let Some(filter) = &self.filter
            && !filter.matches(frame, packet.as_ref(), p)
        {
            self.out.told.tally.filtered = self.out.told.tally.filtered.saturating_add(1);
            return;
        }
        let Some(packet) = packet else {
            if !matches!(frame.net, Net::Ip(_)) {
                self.out.told.tally.not_ip = self.out.told.tally.not_ip.saturating_add(1);
            }
            self.tell_notes(p, None, None);
            return;
        };
        self.ip(p, frame, &packet, p.data.len() as u32, None, 0);
    }

    /// An IP packet: defragmented if need be, then to its flow, then what it carries.
    fn ip(
        &mut self,
        p: &PacketRef<'_>,
        frame: &Frame<'_>,
        packet: &Packet<'_>,
        frame_bytes: u32,
        parent: Option<Parent>,
        tunnel: u64,
    ) {
        if packet.fragment.is_some() {
            self.fragment(p, frame, packet, frame_bytes, parent, tunnel);
            return;
        }
        let bad_checksum = !self.checksum_passes(packet);
        let inner = if bad_checksum { None } else { self.decoder.inner(packet, &mut self.notes) };
        let arrival = Arrival {
            ts: p.ts,
            number: p.number,
            frame,
            packet,
            frame_bytes,
            depth: frame.depth,
            parent,
            tunnel,
            bad_checksum,
        };
        let mut around = Around {
            shared: &mut self.shared,
            wants: &self.wants,
            profile: &self.profile,
            out: &mut self.out,
        };
        let id = loop {
            match self.table.advance(&arrival, &mut around) {
                // No script machine runs yet, so nothing waits to be drained.
                Advance::Ask => {}
                Advance::Done(flow) => break flow,
            }
        };
        // Commands are applied after the packet; those about files the files have heard already.
        for command in std::mem::take(&mut self.out.commands) {
            self.table.command(&command);
        }
        self.tell_notes(p, Some(packet), id);
        let Some(inner) = inner else { return };
        let carrying = id.and_then(|id| self.table.facts(id));
        let own = carrying.map(|facts| facts.uid);
        let parent = match carrying {
            Some(facts) => Some(Parent { uid: facts.uid, orig: facts.orig, resp: facts.resp }),
            None => parent,
        };
        if let Some(carried) = self.decoder.packet(&inner.frame, &mut self.notes) {
            // What Suricata counts: the carried packet, with its own link header if it has one.
            let tags = 4 * u32::from(inner.frame.vlan_count);
            let link = if inner.frame.src_mac.is_some() { 14 + tags } else { 0 };
            let bytes = (inner.frame.wire_len - inner.frame.cut_len) + link;
            let tunnel = flow::tunnel_id(tunnel, packet, inner.tunnel, own);
            self.ip(p, &inner.frame, &carried, bytes, parent, tunnel);
        } else {
            self.tell_notes(p, Some(packet), None);
        }
    }

    /// Whether a packet's checksums let it be analysed.
    #[inline]
    fn checksum_passes(&mut self, packet: &Packet<'_>) -> bool {
        if self.profile.checksums == model::Checksums::Ignore {
            return true;
        }
        let lenient = self.profile.checksums == model::Checksums::Offload;
        if !packet.bad_checksum {
            if lenient {
                self.senders.was_right(packet);
            }
            return true;
        }
        let tally = &mut self.out.told.tally;
        if lenient && !self.senders.is_right(packet) {
            tally.offload = tally.offload.saturating_add(1);
            self.notes.clear();
            return true;
        }
        tally.bad_checksum = tally.bad_checksum.saturating_add(1);
        false
    }

    /// A fragment: the datagram goes on once it is whole.
    fn fragment(
        &mut self,
        p: &PacketRef<'_>,
        frame: &Frame<'_>,
        packet: &Packet<'_>,
        frame_bytes: u32,
        parent: Option<Parent>,
        tunnel: u64,
    ) {
        let place = flow::Place::of(frame);
        let mut odd: Vec<&'static AnomalyKind> = Vec::new();
        let whole =
            self.defrag.insert(p.ts, packet, place, &self.profile, &mut |kind| odd.push(kind));
        self.tell_notes(p, Some(packet), None);
        for kind in odd {
            self.tell_kind(p, packet, kind);
        }
        let Some(whole) = whole else { return };
        // The frame that Suricata makes of it: link header of the last fragment, then the datagram.
        let link = match frame.net {
            Net::Ip(bytes) => frame_bytes.saturating_sub(bytes.len() as u32),
            _ => 0,
        };
        let bytes = link.saturating_add(whole.len() as u32);
        if let Some(one) = self.decoder.reassembled(&whole, packet, &mut self.notes) {
            self.ip(p, frame, &one, bytes, parent, tunnel);
        } else {
            self.tell_notes(p, Some(packet), None);
        }
        self.defrag.give_back(whole);
    }

    /// Tells an anomaly of a packet that has no flow.
    fn tell_kind(&mut self, p: &PacketRef<'_>, packet: &Packet<'_>, kind: &'static AnomalyKind) {
        let w = Waiting {
            ts: p.ts,
            packet: p.number,
            uid: None,
            ends: Some([(packet.src, 0), (packet.dst, 0)]),
            detail: Box::default(),
            names: Names { own: kind.name, zeek: kind.zeek, suricata: kind.suricata },
        };
        self.out.weird(&w, None);
    }

    /// Tells what decoding noted.
    #[inline]
    fn tell_notes(
        &mut self,
        p: &PacketRef<'_>,
        packet: Option<&Packet<'_>>,
        flow: Option<base::FlowId>,
    ) {
        if !self.notes.is_empty() {
            self.tell_some(p, packet, flow);
        }
    }

    #[cold]
    fn tell_some(
        &mut self,
        p: &PacketRef<'_>,
        packet: Option<&Packet<'_>>,
        flow: Option<base::FlowId>,
    ) {
        let facts = flow.and_then(|id| self.table.facts(id));
        let notes: Vec<Note> = self.notes.iter().copied().collect();
        self.notes.clear();
        for note in notes {
            let info = note.kind.info();
            let pair = packet.map(|k| [(k.src, 0), (k.dst, 0)]);
            let (uid, ends) = match info.zeek_scope {
                WeirdScope::Net => (None, None),
                WeirdScope::Pair | WeirdScope::Header => (None, pair),
                WeirdScope::Conn => match facts {
                    Some(f) => (
                        Some(f.uid),
                        Some([(f.orig.addr, f.orig.port), (f.resp.addr, f.resp.port)]),
                    ),
                    None => (None, pair),
                },
            };
            let w = Waiting {
                ts: p.ts,
                packet: p.number,
                uid,
                ends,
                detail: note.zeek_addl().unwrap_or_default().into_bytes().into(),
                names: Names {
                    own: info.name,
                    zeek: info.zeek.unwrap_or_default(),
                    suricata: info.suricata.unwrap_or_default(),
                },
            };
            self.out.weird(&w, facts);
        }
    }

    /// The input's clock has come to `now`: flows whose time is over end.
    pub(crate) fn clock(&mut self, now: Ts) {
        self.out.told.now = self.out.told.now.max(now);
        let mut around = Around {
            shared: &mut self.shared,
            wants: &self.wants,
            profile: &self.profile,
            out: &mut self.out,
        };
        self.table.expire(now, &mut around);
        // A flow that is over ends its files itself.
        self.out.clock(now);
    }

    /// The input is over: every flow ends.
    pub(crate) fn finish(mut self) -> Findings {
        let mut around = Around {
            shared: &mut self.shared,
            wants: &self.wants,
            profile: &self.profile,
            out: &mut self.out,
        };
        self.table.finish(&mut around);
        self.out.finish()
    }
}
