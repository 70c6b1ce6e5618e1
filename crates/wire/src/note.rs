//! Deviations: what a decoder met that a plain packet does not have.
//!
//! A [`NoteKind`] is a fact about the bytes. What other programs call that fact, and whether they go
//! on with the packet after it, stands in the table of [`crate::kinds`], so that a profile can
//! reproduce them and a log can speak their names.

pub use crate::kinds::NoteKind;

/// A deviation met while decoding. `kind` names it, `detail` says more where there is more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Note {
    /// What it is.
    pub kind: NoteKind,
    /// A number that goes with it (a length, a version, a type), 0 where nothing does.
    pub detail: u32,
    /// A second number, where a kind compares two (what was found, then what was expected).
    pub against: u32,
    /// How many tunnels were around the packet that has it.
    pub depth: u8,
}

impl Note {
    /// Zeek's text beside the weird's name (`addl`), where it has one.
    pub fn zeek_addl(&self) -> Option<String> {
        let (a, b) = (self.detail, self.against);
        match self.kind {
            NoteKind::UdpLengthMismatch => Some(format!("{a} != {b}")),
            NoteKind::GreVersion => Some(format!("version={a}")),
            NoteKind::GrePptpProtocol => Some(format!("proto={a}")),
            NoteKind::GeneveVersion => Some(format!("{a}")),
            NoteKind::Ipv6RoutingUnknown => Some(format!("{a}")),
            NoteKind::NdAdvertisementShort
            | NoteKind::NdNeighborAdvertShort
            | NoteKind::NdNeighborSolicitShort
            | NoteKind::NdRedirectShort => Some(format!("{a} (length {b})")),
            NoteKind::NflogTlvOverrun => Some(format!("({a} > {b})")),
            NoteKind::VlanThird => Some("inner VLAN tag overwritten".to_owned()),
            _ => None,
        }
    }

    /// Zeek's name for it: that of the kind, with `_in_tunnel` where Zeek adds it.
    pub fn zeek_name(&self) -> Option<std::borrow::Cow<'static, str>> {
        let info = self.kind.info();
        let name = info.zeek?;
        // Only weirds that are raised with the packet at hand know that it is in a tunnel.
        let knows = matches!(info.zeek_scope, WeirdScope::Net | WeirdScope::Pair);
        if self.depth > 0 && knows && self.kind != NoteKind::GtpTooDeep {
            return Some(format!("{name}_in_tunnel").into());
        }
        Some(name.into())
    }
}

/// What Zeek ties a weird to, which decides the columns that it fills.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum WeirdScope {
    /// Nothing: the packet has no (valid) network header yet.
    Net,
    /// A pair of addresses.
    Pair,
    /// A pair of addresses, raised while the headers are read: it never says that it is in a tunnel.
    Header,
    /// A connection with its ports.
    Conn,
}

/// What is known of a kind of deviation besides its name.
#[derive(Clone, Copy, Debug)]
pub struct NoteInfo {
    /// Our name of it.
    pub name: &'static str,
    /// What it means, one sentence.
    pub meaning: &'static str,
    /// Zeek's weird name.
    pub zeek: Option<&'static str>,
    /// What Zeek ties the weird to.
    pub zeek_scope: WeirdScope,
    /// Whether Zeek stops with this packet (or with what this tunnel packet carries).
    pub zeek_drops: bool,
    /// Suricata's decoder event.
    pub suricata: Option<&'static str>,
    /// Whether Suricata calls the packet invalid, so that no flow sees it.
    pub suricata_drops: bool,
}

/// Where a decoder puts its notes: a reusable list that the caller clears between packets.
///
/// It is bounded, so a packet made of nothing but deviations costs no more than a plain one;
/// what did not fit is counted.
#[derive(Clone, Debug, Default)]
pub struct Notes {
    list: Vec<Note>,
    overflow: u64,
}

impl Notes {
    /// Most notes that are kept of one packet.
    pub const MOST: usize = 32;

    /// An empty list with room for a packet's notes.
    pub fn new() -> Self {
        Self { list: Vec::with_capacity(Self::MOST), overflow: 0 }
    }
    /// Forgets the notes of the last packet.
    #[inline]
    pub fn clear(&mut self) {
        self.list.clear();
    }
    /// Adds one. Beyond [`Notes::MOST`] it is only counted.
    #[cold]
    pub fn push(&mut self, note: Note) {
        if self.list.len() < Self::MOST {
            self.list.push(note);
        } else {
            self.overflow = self.overflow.saturating_add(1);
        }
    }
    /// How many notes did not fit since the list was made.
    pub const fn overflow(&self) -> u64 {
        self.overflow
    }
    /// Whether a kind was noted.
    pub fn has(&self, kind: NoteKind) -> bool {
        self.list.iter().any(|n| n.kind == kind)
    }
}

impl std::ops::Deref for Notes {
    type Target = [Note];
    fn deref(&self) -> &[Note] {
        &self.list
    }
}
