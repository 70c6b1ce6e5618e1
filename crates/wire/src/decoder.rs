//! The decoder: what it is told once, and the three calls of its loop.

use crate::note::{Note, NoteKind, Notes};
use crate::{Frame, Inner, LinkType, Net, Packet, link, net, tunnel};

/// What is done about checksums.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Checksums {
    /// Compute them; a wrong one is noted and [`Packet::bad_checksum`] set.
    #[default]
    Verify,
    /// Leave them alone: the card that captured may not have filled them in.
    Ignore,
}

/// Whose reading of doubtful packets is followed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Dialect {
    /// Ours: go on wherever there is something to go on with.
    #[default]
    Watchpost,
    /// Zeek's: what its packet analyzers refuse is refused.
    Zeek,
    /// Suricata's: what its decoders call invalid is refused.
    Suricata,
}

/// A few ports, or all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ports {
    /// Every port: what a datagram is has to be seen from its contents.
    Any,
    /// Up to four; 0 is no port.
    These([u16; 4]),
}

impl Ports {
    /// No port at all: that tunnel is not looked for.
    pub const NONE: Self = Self::These([0; 4]);

    /// Whether a port is among them.
    #[inline]
    pub const fn has(&self, port: u16) -> bool {
        match *self {
            Self::Any => true,
            Self::These([a, b, c, d]) => {
                port != 0 && (port == a || port == b || port == c || port == d)
            }
        }
    }
}

/// A bit for every tunnel port modulo 1024: most datagrams are told from a tunnel by two look-ups.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct PortBits([u64; 16]);

impl PortBits {
    fn add(&mut self, ports: Ports) {
        match ports {
            Ports::Any => self.0 = [u64::MAX; 16],
            Ports::These(list) => {
                for port in list.into_iter().filter(|p| *p != 0) {
                    if let Some(word) = self.0.get_mut(usize::from(port >> 6 & 15)) {
                        *word |= 1u64.rotate_left(u32::from(port & 63));
                    }
                }
            }
        }
    }
    /// Whether a port may be among them.
    #[inline]
    pub(crate) fn may_have(&self, port: u16) -> bool {
        let word = self.0.get(usize::from(port >> 6 & 15)).copied().unwrap_or_default();
        word.rotate_right(u32::from(port & 63)) & 1 != 0
    }
}

/// The UDP ports on which tunnels are looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TunnelPorts {
    /// VXLAN, 4789.
    pub vxlan: Ports,
    /// Geneve, 6081.
    pub geneve: Ports,
    /// GTP, 2152 (user) and 2123 (control, which only Zeek looks at for tunnels).
    pub gtp: Ports,
    /// Teredo, 3544; it is looked for on other ports by its contents too.
    pub teredo: Ports,
    /// AYIYA, 5072; it is looked for on other ports by its contents too.
    pub ayiya: Ports,
    /// L2TP, 1701.
    pub l2tp: Ports,
    /// GRE in UDP (RFC 8086), 4754.
    pub gre: Ports,
}

impl Default for TunnelPorts {
    fn default() -> Self {
        let one = |p| Ports::These([p, 0, 0, 0]);
        Self {
            vxlan: one(4789),
            geneve: one(6081),
            gtp: Ports::These([2152, 2123, 0, 0]),
            teredo: one(3544),
            ayiya: one(5072),
            l2tp: one(1701),
            gre: one(4754),
        }
    }
}

/// What a decoder is told once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DecodeOptions {
    /// What is done about checksums.
    pub checksums: Checksums,
    /// Whose reading of doubtful packets is followed.
    pub dialect: Dialect,
    /// How many tunnels in tunnels are followed.
    pub max_tunnel_depth: u8,
    /// How many layers of one frame are followed, through all its tunnels.
    pub max_layers: u8,
    /// The UDP ports on which tunnels are looked for.
    pub ports: TunnelPorts,
}

impl Default for DecodeOptions {
    fn default() -> Self {
        Self {
            checksums: Checksums::Verify,
            dialect: Dialect::Watchpost,
            max_tunnel_depth: 8,
            max_layers: 32,
            ports: TunnelPorts::default(),
        }
    }
}

impl DecodeOptions {
    /// Zeek's defaults.
    pub fn zeek() -> Self {
        Self { dialect: Dialect::Zeek, max_tunnel_depth: 4, max_layers: 25, ..Self::default() }
    }
    /// Suricata's defaults.
    pub fn suricata() -> Self {
        // Its bound is on layers alone, which its tunnels count too.
        Self {
            dialect: Dialect::Suricata,
            max_tunnel_depth: 16,
            max_layers: 15,
            ports: TunnelPorts { teredo: Ports::Any, ..TunnelPorts::default() },
            ..Self::default()
        }
    }
}

/// Turns bytes into packets. Holds options only, so it may be shared and copied.
#[derive(Clone, Copy, Debug)]
pub struct Decoder {
    options: DecodeOptions,
    /// For a quick no.
    tunnels: PortBits,
}

impl Default for Decoder {
    fn default() -> Self {
        Self::new(DecodeOptions::default())
    }
}

impl Decoder {
    /// A decoder that follows `options`.
    pub fn new(options: DecodeOptions) -> Self {
        let p = &options.ports;
        let mut tunnels = PortBits::default();
        for ports in [p.vxlan, p.geneve, p.gtp, p.teredo, p.ayiya, p.l2tp, p.gre] {
            tunnels.add(ports);
        }
        Self { options, tunnels }
    }
    /// What it was told.
    pub const fn options(&self) -> &DecodeOptions {
        &self.options
    }

    /// Takes the link layers off a captured frame. `wire_len` is the frame's length on the wire,
    /// which is more than `bytes` where the capture cut it.
    #[inline]
    pub fn frame<'a>(
        &self,
        link: LinkType,
        bytes: &'a [u8],
        wire_len: u32,
        notes: &mut Notes,
    ) -> Frame<'a> {
        let mut frame = Frame::default();
        let mut cx = Cx { options: &self.options, notes, depth: 0, layers: 0 };
        link::decode(&mut cx, &mut frame, link, bytes);
        finish(&cx, &mut frame, bytes, wire_len);
        frame
    }

    /// The next subframe of an aggregated 802.11 frame (A-MSDU), with its own addresses; `None`
    /// behind the last, and for every other frame.
    pub fn next<'a>(&self, frame: &Frame<'a>, notes: &mut Notes) -> Option<Frame<'a>> {
        if frame.aggregate.is_empty() {
            return None;
        }
        let mut next = Frame { src_mac: frame.src_mac, dst_mac: frame.dst_mac, ..Frame::default() };
        let mut cx = Cx { options: &self.options, notes, depth: frame.depth, layers: frame.layers };
        link::subframe(&mut cx, &mut next, frame.aggregate).then(|| {
            finish(&cx, &mut next, frame.aggregate, frame.aggregate.len() as u32);
            next
        })
    }

    /// Decodes what a frame carries, if that is IP. The same as [`Decoder::ip`], but it knows how
    /// long the packet was on the wire and how many tunnels are around it.
    #[inline]
    pub fn packet<'a>(&self, frame: &Frame<'a>, notes: &mut Notes) -> Option<Packet<'a>> {
        let Net::Ip(bytes) = frame.net else { return None };
        let mut cx = Cx { options: &self.options, notes, depth: frame.depth, layers: frame.layers };
        net::ip(&mut cx, bytes, frame)
    }

    /// Decodes an IP packet that was captured whole, or that was put together from fragments.
    #[inline]
    pub fn ip<'a>(&self, bytes: &'a [u8], notes: &mut Notes) -> Option<Packet<'a>> {
        let frame = Frame { net: Net::Ip(bytes), wire_len: bytes.len() as u32, ..Frame::default() };
        self.packet(&frame, notes)
    }

    /// Decodes a packet that was put together from fragments, with the tunnels that were around
    /// the fragment `last` that completed it.
    #[inline]
    pub fn reassembled<'a>(
        &self,
        bytes: &'a [u8],
        last: &Packet<'_>,
        notes: &mut Notes,
    ) -> Option<Packet<'a>> {
        let frame = Frame {
            net: Net::Ip(bytes),
            wire_len: bytes.len() as u32,
            depth: last.depth,
            layers: last.layers,
            tunnel: last.tunnel,
            ..Frame::default()
        };
        self.packet(&frame, notes)
    }

    /// What a tunnel packet carries. UDP tunnels are recognised by either port, and some by their
    /// contents. `None` where the packet is no tunnel, or carries nothing that is decoded.
    #[inline]
    pub fn inner<'a>(&self, packet: &Packet<'a>, notes: &mut Notes) -> Option<Inner<'a>> {
        self.inner_of(packet, None, notes)
    }

    /// The same as [`Decoder::inner`] for a caller who knows which port of the flow is the
    /// service's: only that one is looked at.
    #[inline]
    pub fn inner_of<'a>(
        &self,
        packet: &Packet<'a>,
        service: Option<u16>,
        notes: &mut Notes,
    ) -> Option<Inner<'a>> {
        if !tunnel::possible(packet, &self.tunnels) {
            return None;
        }
        let mut cx =
            Cx { options: &self.options, notes, depth: packet.depth, layers: packet.layers };
        tunnel::inner(&mut cx, packet, service)
    }
}

/// Gives a frame what is known only at its end: how long its packet was on the wire.
#[inline]
pub(crate) fn finish(cx: &Cx<'_, '_>, frame: &mut Frame<'_>, bytes: &[u8], wire_len: u32) {
    frame.depth = cx.depth;
    frame.layers = cx.layers;
    if let Net::Ip(ip) = frame.net {
        // `ip` is a part of `bytes`: the headers before it are as long on the wire as here.
        let before = (ip.as_ptr() as usize).saturating_sub(bytes.as_ptr() as usize);
        let captured = bytes.len().saturating_sub(before) as u32;
        frame.wire_len = wire_len.saturating_sub(before as u32).max(captured);
        frame.cut_len = frame.wire_len.saturating_sub(captured);
    }
}

/// What every step of decoding one packet is handed: the options, where notes go, how deep it is.
pub(crate) struct Cx<'d, 'n> {
    pub options: &'d DecodeOptions,
    pub notes: &'n mut Notes,
    /// Tunnels around what is decoded.
    pub depth: u8,
    /// Layers taken off so far.
    pub layers: u8,
}

impl Cx<'_, '_> {
    /// Notes a deviation.
    #[cold]
    pub(crate) fn note(&mut self, kind: NoteKind) {
        self.note_pair(kind, 0, 0);
    }
    /// Notes a deviation with a number.
    #[cold]
    pub(crate) fn note_with(&mut self, kind: NoteKind, detail: u32) {
        self.note_pair(kind, detail, 0);
    }
    /// Notes a deviation with what was found and what was expected.
    #[cold]
    pub(crate) fn note_pair(&mut self, kind: NoteKind, detail: u32, against: u32) {
        self.notes.push(Note { kind, detail, against, depth: self.depth });
    }
    /// Notes a deviation and says whether the dialect stops there.
    #[cold]
    pub(crate) fn stops(&mut self, kind: NoteKind) -> bool {
        self.note(kind);
        self.refuses(kind)
    }
    /// Whether the dialect stops at a deviation of this kind.
    #[cold]
    pub(crate) const fn refuses(&self, kind: NoteKind) -> bool {
        match self.options.dialect {
            Dialect::Watchpost => false,
            Dialect::Zeek => kind.info().zeek_drops,
            Dialect::Suricata => kind.info().suricata_drops,
        }
    }
    #[inline]
    pub(crate) const fn zeek(&self) -> bool {
        matches!(self.options.dialect, Dialect::Zeek)
    }
    #[inline]
    pub(crate) const fn suricata(&self) -> bool {
        matches!(self.options.dialect, Dialect::Suricata)
    }
    #[inline]
    pub(crate) const fn verify(&self) -> bool {
        matches!(self.options.checksums, Checksums::Verify)
    }
    /// Counts a layer; `false` where that is one too many.
    #[inline]
    pub(crate) fn deeper(&mut self) -> bool {
        self.layers = self.layers.saturating_add(1);
        if self.layers > self.options.max_layers {
            self.note(NoteKind::TooManyLayers);
            return false;
        }
        true
    }
}
