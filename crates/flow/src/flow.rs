//! One flow: its facts, its trackers, what it counts, when it is over.

use std::net::IpAddr;

use base::{Dir, Span, Ts};
use model::{FlowFacts, Profile};
use wire::Transport;

use crate::key::{self, FlowKey, Tuple, proto};
use crate::ports;
use crate::reassembly::Reading;
use crate::step::{Step, Tracking};
use crate::summary::{EndReason, FlowSummary, TcpSummary, Volume};
use crate::table::{Arrival, segment_of};
use crate::tcp::{Connection, History, Reuse, Segment, Session, SessionState, flag};
use crate::weird::{self, Weird};

/// TCP: both readings of a connection.
#[derive(Debug)]
pub(crate) struct Tcp {
    pub(crate) connection: Connection,
    /// Suricata's reading; only kept where it decides or is told.
    pub(crate) session: Session,
}

/// Everything else: packets without a stream.
#[derive(Debug, Default)]
pub(crate) struct Datagrams {
    history: History,
    /// Payload bytes by side; `None` before the first packet of the side.
    sizes: [Option<i64>; 2],
    letters: u8,
    /// Zeek's DNS analyzer looks at this time whether its flow is over.
    dns_check: Option<Ts>,
    bad_checksums: [crate::tcp::Logarithmic; 2],
}

/// Changes of tunnel that are taken as they come.
const TUNNEL_CHANGES_MOST: u8 = 5;
/// Zeek's DNS analyzer asks every so often …
const DNS_CHECK: Span = Span::from_secs(10);
/// … whether its flow was silent so long.
const DNS_SILENT: Span = Span::from_secs(9);

#[derive(Debug)]
pub(crate) enum Kind {
    Tcp(Box<Tcp>),
    Datagrams(Box<Datagrams>),
}

/// What is done with a flow's further packets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum ToldTo {
    #[default]
    Analyse,
    /// Count them, no more.
    Count,
    /// Forget them.
    Forget,
}

/// A flow in the table.
pub(crate) struct Flow<C> {
    pub(crate) key: FlowKey,
    pub(crate) facts: FlowFacts,
    pub(crate) app: Option<C>,
    pub(crate) app_done: bool,
    /// Bytes of each side that the consumer was given, and how many it may be given.
    heard: [u64; 2],
    depth: [u64; 2],
    /// What a command asked for.
    told_to: ToldTo,
    pub(crate) kind: Kind,
    /// Side 0 sent the first packet; which side is the originator.
    orig_side: u8,
    pub(crate) last_side: usize,
    pub(crate) serial: u64,
    pub(crate) twin: u32,
    pub(crate) last_packet: Ts,
    /// Last packet that counts as activity (Zeek).
    last_time: Ts,
    volumes: [Volume; 2],
    /// What the last packet added: bytes by its network header, bytes of its frame.
    last_volume: Option<[u32; 2]>,
    /// Sides from which a packet was seen (Suricata's sense of it).
    seen: [bool; 2],
    pair: u32,
    macs: [Option<[u8; 6]>; 2],
    ttl: [(u8, u8); 2],
    icmp_code: Option<u8>,
    tunnel: u64,
    tunnel_changes: u8,
}

impl<C> Flow<C> {
    pub(crate) fn new(
        facts: FlowFacts,
        tuple: &Tuple,
        a: &Arrival<'_>,
        profile: &Profile,
        serial: u64,
        twin: u32,
        clock: Ts,
    ) -> Self {
        let segment = segment_of(a.packet);
        let flags = segment.map(|s| s.flags).or_else(|| a.packet.body.get(13).copied());
        let flip = !profile.is_suricata() && begins_with_an_answer(a, tuple, flags.unwrap_or(0));
        let kind = if facts.proto == proto::TCP {
            Kind::Tcp(Box::new(Tcp {
                connection: Connection::new(a.ts, clock, flip),
                session: Session::new(profile.midstream),
            }))
        } else {
            let mut d = Datagrams::default();
            if flip {
                d.history.push(b'^');
            }
            let service = if flip { tuple.src_port } else { tuple.dst_port };
            if facts.proto == proto::UDP && matches!(service, 53 | 137 | 5353 | 5355) {
                d.dns_check = Some(clock.plus(DNS_CHECK));
            }
            Kind::Datagrams(Box::new(d))
        };
        let icmp_code = match &a.packet.transport {
            Transport::Icmp(i) => Some(i.code),
            _ => None,
        };
        Self {
            key: tuple.key,
            app: None,
            app_done: false,
            heard: [0; 2],
            depth: [profile.stream_depth.unwrap_or(u64::MAX); 2],
            told_to: ToldTo::Analyse,
            kind,
            orig_side: u8::from(flip),
            last_side: 0,
            serial,
            twin,
            last_packet: a.ts,
            last_time: a.ts,
            volumes: [Volume::default(); 2],
            last_volume: None,
            seen: [false; 2],
            pair: key::pair_hash(tuple.src, tuple.dst) as u32,
            macs: [a.frame.src_mac, a.frame.dst_mac],
            ttl: [(0, 0); 2],
            icmp_code,
            tunnel: a.tunnel,
            tunnel_changes: 0,
            facts,
        }
    }
    /// Sets the facts' roles by the side that is the originator, from those of the first packet.
    pub(crate) const fn orient(&mut self) {
        if self.orig_side == 1 {
            std::mem::swap(&mut self.facts.orig, &mut self.facts.resp);
        }
    }
    /// Who sent the first packet.
    pub(crate) const fn first_src(&self) -> IpAddr {
        if self.orig_side == 0 { self.facts.orig.addr } else { self.facts.resp.addr }
    }
    const fn first_port(&self) -> u16 {
        if self.orig_side == 0 { self.facts.orig.port } else { self.facts.resp.port }
    }
    /// The role of a side.
    pub(crate) const fn dir(&self, side: usize) -> Dir {
        if side == self.orig_side as usize { Dir::Orig } else { Dir::Resp }
    }
    fn side_of(&self, tuple: &Tuple) -> usize {
        usize::from(!(tuple.src == self.first_src() && tuple.src_port == self.first_port()))
    }
    fn set_orig_side(&mut self, side: usize) {
        if usize::from(self.orig_side) != side {
            self.orig_side ^= 1;
            std::mem::swap(&mut self.facts.orig, &mut self.facts.resp);
        }
    }
    /// The consumer has swapped the facts' roles; what is kept per role follows.
    pub(crate) fn flip_by_consumer(&mut self, zeek: bool) {
        self.orig_side ^= 1;
        match &mut self.kind {
            Kind::Tcp(t) => t.connection.flip_by_consumer(),
            Kind::Datagrams(d) => {
                d.history.push(b'^');
                if zeek {
                    // Zeek flips in the middle of a packet: its lengths stay with their roles, and
                    // the packet itself is counted afterwards, for the role it came with.
                    d.sizes.swap(0, 1);
                    let moved = self.last_volume();
                    let [first, other] = &mut self.volumes;
                    let (from, to) =
                        if self.last_side == 0 { (first, other) } else { (other, first) };
                    from.take(moved);
                    to.add(moved);
                }
            }
        }
    }

    /// Changes what is done with further packets.
    pub(crate) fn tell_to(&mut self, what: ToldTo) {
        self.told_to = what;
        self.app_done = true;
    }
    /// Sets how many bytes of a direction are analysed.
    pub(crate) fn set_depth(&mut self, dir: Dir, bytes: u64) {
        let side = usize::from(self.orig_side) ^ dir.index();
        let [first, other] = &mut self.depth;
        *(if side == 0 { first } else { other }) = bytes;
    }
    /// How many of the next `len` bytes of a side are analysed.
    pub(crate) fn within_depth(&mut self, side: usize, len: usize) -> usize {
        let [first, other] = &mut self.heard;
        let heard = if side == 0 { first } else { other };
        let depth = self.depth.get(side).copied().unwrap_or(u64::MAX);
        let left = usize::try_from(depth.saturating_sub(*heard)).unwrap_or(usize::MAX);
        let len = len.min(left);
        *heard = heard.saturating_add(len as u64);
        len
    }

    /// How this flow's stream is read.
    pub(crate) fn reading(&self, profile: &Profile) -> Reading {
        Reading {
            delivery: profile.delivery,
            policy: profile.tcp_overlap,
            dry: self.app_done,
            pair: self.pair,
        }
    }

    /// Lets the flow's timers run that are due; true if it is over. `clock` is the input's clock,
    /// which never goes back, `t` the time of the packet that asks.
    pub(crate) fn run_timers(&mut self, clock: Ts, t: Ts, profile: &Profile) -> bool {
        if !profile.is_zeek() {
            return self.last_packet.plus(self.idle(profile)) <= t;
        }
        let idle = self.zeek_idle(profile);
        match &mut self.kind {
            Kind::Tcp(tcp) => tcp.connection.run_timers(clock, idle),
            Kind::Datagrams(d) => {
                if let Some(at) = d.dns_check
                    && at <= clock
                {
                    if clock.since(self.last_time) >= DNS_SILENT {
                        return true;
                    }
                    d.dns_check = Some(clock.plus(DNS_CHECK));
                }
                self.last_time.plus(idle) <= clock
            }
        }
    }
    /// When the next timer is due.
    pub(crate) fn next_timer(&self, profile: &Profile) -> Ts {
        if !profile.is_zeek() {
            return self.last_packet.plus(self.idle(profile));
        }
        let idle = self.zeek_idle(profile);
        match &self.kind {
            Kind::Tcp(tcp) => tcp.connection.next_timer(idle),
            Kind::Datagrams(d) => {
                let at = self.last_time.plus(idle);
                d.dns_check.map_or(at, |c| c.min(at))
            }
        }
    }
    /// How long silence may last, by what the flow is and how far it has come.
    fn idle(&self, profile: &Profile) -> Span {
        let t = &profile.timeouts;
        let established = self.seen == [true; 2];
        match (&self.kind, self.facts.proto) {
            (Kind::Tcp(tcp), _) => match tcp.session.flow_state() {
                SessionState::New => t.tcp_new,
                SessionState::Established => t.tcp_established,
                SessionState::Closed => t.tcp_closed,
            },
            (_, proto::UDP) if established => t.udp_established,
            (_, proto::UDP) => t.udp_new,
            // Suricata knows only ICMP for IPv4 by that name.
            (_, proto::ICMP) if established => t.icmp_established,
            (_, proto::ICMP) => t.icmp_new,
            _ if established => t.other_established,
            _ => t.other_new,
        }
    }
    /// Zeek's inactivity time-out: longer for services where people sit and think.
    fn zeek_idle(&self, profile: &Profile) -> Span {
        const INTERACTIVE: Span = Span::from_secs(3600);
        let t = &profile.timeouts;
        let c = match (&self.kind, self.facts.proto) {
            (Kind::Tcp(tcp), _) => &tcp.connection,
            (_, proto::UDP) => return t.udp_established,
            (_, proto::ICMP | proto::ICMPV6) => return t.icmp_established,
            _ => return t.other_established,
        };
        if !c.past_handshake() {
            return t.udp_established;
        }
        let interactive = self.facts.services.iter().any(|s| matches!(s, "ssh" | "ftp"))
            || (c.is_established() && matches!(self.facts.resp.port, 21 | 22 | 23 | 513));
        if interactive { INTERACTIVE } else { t.tcp_established }
    }

    /// Whether a packet begins another connection with this flow's endpoints.
    pub(crate) fn is_reuse(
        &self,
        a: &Arrival<'_>,
        tuple: &Tuple,
        profile: &Profile,
    ) -> Option<Reuse> {
        let Kind::Tcp(tcp) = &self.kind else { return None };
        let s = segment_of(a.packet)?;
        if profile.is_suricata() {
            let to_server = self.dir(self.side_of(tuple)) == Dir::Orig;
            return tcp
                .session
                .is_reuse(&s, self.side_of(tuple), to_server)
                .then_some(Reuse::Yes(None));
        }
        match tcp.connection.reuse(a.ts, &s) {
            Reuse::No => None,
            yes @ Reuse::Yes(_) => Some(yes),
        }
    }

    fn last_volume(&self) -> Volume {
        self.last_volume.map_or_else(Volume::default, |[ip, frame]| Volume {
            packets: 1,
            ip_bytes: u64::from(ip),
            frame_bytes: u64::from(frame),
        })
    }

    /// Counts a packet.
    pub(crate) fn touch(&mut self, a: &Arrival<'_>, side: usize, shows_side: bool) {
        self.facts.now = a.ts;
        self.facts.packet = a.number;
        if segment_of(a.packet).is_some_and(|s| s.rst()) {
            self.facts.resets = self.facts.resets.wrapping_add(1);
        }
        self.last_side = side;
        self.last_packet = self.last_packet.max(a.ts);
        let second = side != 0;
        if shows_side {
            let [first, other] = &mut self.seen;
            *(if second { other } else { first }) = true;
        }
        self.last_volume = Some([a.packet.ip_len, a.frame_bytes]);
        let added = self.last_volume();
        let [first, other] = &mut self.volumes;
        (if second { other } else { first }).add(added);
        let [first, other] = &mut self.ttl;
        let (low, high) = if second { other } else { first };
        *low = if *low == 0 { a.packet.ttl } else { (*low).min(a.packet.ttl) };
        *high = (*high).max(a.packet.ttl);
    }

    /// The trackers follow a packet.
    pub(crate) fn follow(
        &mut self,
        a: &Arrival<'_>,
        tuple: &Tuple,
        profile: &Profile,
        tr: &mut Tracking<'_>,
    ) {
        let side = self.side_of(tuple);
        match self.told_to {
            ToldTo::Analyse => {}
            ToldTo::Count => {
                self.touch(a, side, true);
                self.last_time = a.ts;
                return;
            }
            ToldTo::Forget => return,
        }
        if a.tunnel != self.tunnel {
            self.follow_tunnel(a.tunnel, tr);
        }
        if a.bad_checksum {
            self.bad_checksum(a, side, tr);
            return;
        }
        self.touch(a, side, true);
        if profile.is_zeek() && is_uncounted(a) {
            let added = self.last_volume();
            let [first, other] = &mut self.volumes;
            (if side == 0 { first } else { other }).take(added);
            self.last_volume = None;
        }
        match &mut self.kind {
            Kind::Tcp(_) => {
                if let Some(s) = segment_of(a.packet) {
                    self.follow_segment(a, side, &s, profile, tr);
                }
            }
            Kind::Datagrams(d) => {
                self.last_time = a.ts;
                let orig = side == usize::from(self.orig_side);
                let (len, letter) = match &a.packet.transport {
                    Transport::Udp(u) => (i64::from(u.payload_len), true),
                    Transport::Icmp(i) => (i64::from(i.payload_len), false),
                    Transport::Sctp(_) if !profile.is_zeek() => {
                        (i64::from(a.packet.body_len), false)
                    }
                    _ => (0, false),
                };
                let [first, other] = &mut d.sizes;
                let size = if side == 0 { first } else { other };
                *size = Some(size.unwrap_or(0).saturating_add(len));
                if letter {
                    let mark = if orig { 1 } else { 2 };
                    if d.letters & mark == 0 {
                        d.letters |= mark;
                        d.history.push(if orig { b'D' } else { b'd' });
                    }
                }
                if matches!(a.packet.transport, Transport::Udp(_)) && !self.app_done {
                    tr.steps.push_back(Step::Datagram { side });
                }
            }
        }
    }

    /// The flow moves to another tunnel, or out of tunnels. Who does so again and again plays
    /// with the sensor.
    fn follow_tunnel(&mut self, tunnel: u64, tr: &mut Tracking<'_>) {
        self.tunnel = tunnel;
        if self.tunnel_changes < TUNNEL_CHANGES_MOST {
            self.tunnel_changes = self.tunnel_changes.saturating_add(1);
            return;
        }
        let detail = Some(u32::from(TUNNEL_CHANGES_MOST));
        tr.weirds.push(Weird { kind: &weird::TUNNEL_CHANGES, detail });
        let history = match &mut self.kind {
            Kind::Tcp(t) => t.connection.history_mut(),
            Kind::Datagrams(d) => &mut d.history,
        };
        if !history.as_bytes().contains(&b'X') {
            history.push(b'X');
        }
    }

    fn follow_segment(
        &mut self,
        a: &Arrival<'_>,
        side: usize,
        s: &Segment,
        profile: &Profile,
        tr: &mut Tracking<'_>,
    ) {
        let Kind::Tcp(tcp) = &mut self.kind else { return };
        let Tcp { connection, session } = &mut **tcp;
        if profile.is_suricata() {
            // The session decides what is handed on; the connection only keeps its books.
            let to_server = side == usize::from(self.orig_side);
            session.segment(a.ts, side, to_server, s, tr);
            if tr.books {
                let reading = tr.reading;
                tr.reading.dry = true;
                tr.reading.delivery = model::Delivery::OnArrival;
                connection.segment(a.ts, side, s, tr);
                tr.reading = reading;
                tr.weirds.clear();
            }
        } else {
            connection.segment(a.ts, side, s, tr);
            if !profile.is_zeek() || tr.sessions {
                let reading = tr.reading;
                tr.reading.dry = true;
                session.segment(a.ts, side, side == connection.orig_side(), s, tr);
                tr.reading = reading;
            }
            let orig = connection.orig_side();
            self.set_orig_side(orig);
        }
        let Kind::Tcp(tcp) = &mut self.kind else { return };
        if profile.is_suricata() {
            self.facts.established = tcp.session.was_established();
            self.facts.midstream = tcp.session.is_midstream();
        } else {
            self.facts.established = tcp.connection.is_established();
            self.facts.midstream = tcp.connection.is_partial();
        }
        self.last_time = tcp.connection.last_time();
    }

    fn bad_checksum(&mut self, a: &Arrival<'_>, side: usize, tr: &mut Tracking<'_>) {
        self.facts.now = a.ts;
        self.facts.packet = a.number;
        self.last_side = side;
        let orig = side == usize::from(self.orig_side);
        match &mut self.kind {
            Kind::Tcp(t) => t.connection.bad_checksum(side, tr),
            Kind::Datagrams(d) => {
                let kind = if self.facts.proto == proto::UDP {
                    &weird::BAD_UDP_CHECKSUM
                } else {
                    &weird::BAD_ICMP_CHECKSUM
                };
                tr.weirds.push(Weird { kind, detail: None });
                let [first, other] = &mut d.bad_checksums;
                let counter = if side == 0 { first } else { other };
                if self.facts.proto == proto::UDP && counter.step() {
                    d.history.push(if orig { b'C' } else { b'c' });
                }
            }
        }
    }

    /// The flow ends: what is left to hand on, and the ends of both directions.
    pub(crate) fn end(&mut self, tr: &mut Tracking<'_>) {
        if let Kind::Tcp(tcp) = &mut self.kind {
            tcp.session.finish(tr);
            tcp.connection.drop_held(tr);
            for side in [usize::from(self.orig_side), usize::from(self.orig_side ^ 1)] {
                let told = tcp.connection.told_end(side) || tcp.session.told_end(side);
                if !told && !tr.reading.dry {
                    tr.steps.push_back(Step::End { side });
                }
            }
        }
    }

    /// What is told of the finished flow.
    pub(crate) fn summary(&self, reason: EndReason) -> FlowSummary<'_> {
        let by_role = |pair: [Volume; 2]| self.by_role(pair);
        let established = self.seen == [true; 2];
        let plain_state = if established { "established" } else { "new" };
        let (conn_state, history, sizes, missed, flow_state, tcp) = match &self.kind {
            Kind::Tcp(t) => {
                let c = &t.connection;
                let flags = self.by_role(t.session.flags());
                let gaps = self.by_role(t.session.gaps());
                (
                    c.state_name(),
                    c.history(),
                    self.by_role(c.sizes_by_side()),
                    c.missed(),
                    t.session.flow_state().name(),
                    Some(TcpSummary {
                        flags_to_server: flags[0],
                        flags_to_client: flags[1],
                        state: t.session.state_name(),
                        gap_to_server: gaps[0],
                        gap_to_client: gaps[1],
                    }),
                )
            }
            Kind::Datagrams(d) => {
                let sizes = self.by_role(d.sizes);
                let state = if self.facts.proto == proto::UDP {
                    let active = sizes.map(|s| s.is_some_and(|s| s >= 0));
                    match active {
                        [true, true] => "SF",
                        [true, false] => "S0",
                        [false, true] => "SHR",
                        [false, false] => "OTH",
                    }
                } else {
                    "OTH"
                };
                let sizes = sizes.map(|s| u64::try_from(s.unwrap_or(0)).unwrap_or(0));
                (state, d.history.as_str(), sizes, 0, plain_state, None)
            }
        };
        FlowSummary {
            last: self.last_time,
            last_packet: self.last_packet,
            duration: self.last_time.since(self.facts.first),
            conn_state,
            history,
            sizes,
            missed,
            volumes: by_role(self.volumes),
            flow_state,
            reason,
            tcp,
            icmp_code: self.icmp_code,
            macs: self.by_role(self.macs),
            ttl: self.by_role(self.ttl),
        }
    }
    const fn by_role<T: Copy>(&self, by_side: [T; 2]) -> [T; 2] {
        let [a, b] = by_side;
        if self.orig_side == 0 { [a, b] } else { [b, a] }
    }
}

/// Whether Zeek leaves a packet out of its counts: a TCP header that is broken, an ICMP message that
/// was cut.
fn is_uncounted(a: &Arrival<'_>) -> bool {
    match &a.packet.transport {
        Transport::Icmp(i) => i.payload_len as usize > i.payload.len(),
        _ => !a.packet.sound,
    }
}

/// Whether the first packet looks like an answer, by its ports, so that its sender is taken for the
/// responder.
fn begins_with_an_answer(a: &Arrival<'_>, tuple: &Tuple, tcp_flags: u8) -> bool {
    let to_all = matches!(tuple.dst, IpAddr::V4(v) if v.is_broadcast());
    let (src, dst) = (tuple.src_port, tuple.dst_port);
    let (syn, ack) = (tcp_flags & flag::SYN != 0, tcp_flags & flag::ACK != 0);
    let answers = match a.packet.proto {
        proto::TCP if syn && !ack => false,
        proto::TCP if ports::likely_tcp(src) && ports::likely_tcp(dst) => !syn && src < dst,
        proto::TCP => ports::likely_tcp(src),
        proto::UDP => ports::likely_udp(src) && !ports::likely_udp(dst),
        _ => false,
    };
    answers && !to_all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_stays_small() {
        let all = size_of::<Flow<[u64; 6]>>() + size_of::<Tcp>();
        assert!(all <= 1104, "flow {} tcp {}", size_of::<Flow<[u64; 6]>>(), size_of::<Tcp>());
    }
}
