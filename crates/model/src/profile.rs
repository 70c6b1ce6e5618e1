//! Policy of interpretation as data: how ambiguous traffic is read, fixed for a run.

use base::Span;

/// Which program's reading is followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProfileName {
    /// Our own.
    Watchpost,
    /// Zeek's defaults.
    Zeek,
    /// Suricata's defaults.
    Suricata,
}

/// What is done with checksums.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Checksums {
    /// Verify; a packet with a wrong one is counted, reported and not analysed.
    Verify,
    /// Verify, but allow for cards that fill checksums in: where a sender's checksums towards a
    /// host were never right, wrong ones are counted as offload and the packet is analysed.
    Offload,
    /// Don't look.
    Ignore,
}

/// When a stream's bytes are handed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// As soon as they are in order.
    OnArrival,
    /// When the receiver has acknowledged them.
    WhenAcknowledged,
}

/// Which bytes win where TCP segments overlap, by the system that receives them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HostPolicy {
    /// What came first stays.
    First,
    /// What came last wins.
    Last,
    /// BSD: the earlier segment wins unless the new one begins before it.
    Bsd,
    /// Linux.
    Linux,
    /// Windows up to 2003.
    Windows,
    /// Windows Vista and later.
    Vista,
    /// Solaris.
    Solaris,
    /// macOS.
    MacOs,
}

/// Which bytes win where IP fragments overlap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FragmentPolicy {
    /// What came first stays.
    First,
    /// What came last wins.
    Last,
    /// BSD.
    Bsd,
    /// BSD, right side.
    BsdRight,
    /// Linux.
    Linux,
    /// Windows.
    Windows,
    /// Solaris.
    Solaris,
}

/// How long silence may last, by what a flow is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// TCP before the handshake is complete.
    pub tcp_new: Span,
    /// TCP after it.
    pub tcp_established: Span,
    /// TCP after both ends have closed, or a reset.
    pub tcp_closed: Span,
    /// UDP seen one way.
    pub udp_new: Span,
    /// UDP seen both ways.
    pub udp_established: Span,
    /// ICMP seen one way.
    pub icmp_new: Span,
    /// ICMP seen both ways.
    pub icmp_established: Span,
    /// Others seen one way.
    pub other_new: Span,
    /// Others seen both ways.
    pub other_established: Span,
    /// Fragments of a datagram.
    pub fragments: Span,
}

/// A policy of interpretation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    /// Whose.
    pub name: ProfileName,
    /// Checksums.
    pub checksums: Checksums,
    /// Delivery of streams.
    pub delivery: Delivery,
    /// Overlaps of TCP.
    pub tcp_overlap: HostPolicy,
    /// Overlaps of fragments.
    pub fragment_overlap: FragmentPolicy,
    /// Whether a stream without a handshake is analysed.
    pub midstream: bool,
    /// Whether VLAN ids are part of a flow's key.
    pub key_has_vlan: bool,
    /// Bytes of each direction of a stream that are analysed; `None`: all.
    pub stream_depth: Option<u64>,
    /// Time-outs.
    pub timeouts: Timeouts,
    /// Bytes that reassembly may hold in all.
    pub reassembly_bytes: u64,
    /// Bytes that reassembly may hold for one direction of a flow.
    pub reassembly_bytes_flow: u64,
    /// Flows kept at most.
    pub flows: u32,
    /// Deepest nesting of tunnels.
    pub tunnel_depth: u8,
    /// Secrets in records are told as they are.
    pub show_secrets: bool,
}

impl Profile {
    /// Our own: what a sensor in a network of today should do.
    pub const WATCHPOST: Self = Self {
        name: ProfileName::Watchpost,
        checksums: Checksums::Offload,
        delivery: Delivery::OnArrival,
        tcp_overlap: HostPolicy::Linux,
        fragment_overlap: FragmentPolicy::Linux,
        midstream: true,
        key_has_vlan: true,
        stream_depth: None,
        timeouts: Timeouts {
            tcp_new: Span::from_secs(60),
            tcp_established: Span::from_secs(600),
            tcp_closed: Span::from_secs(10),
            udp_new: Span::from_secs(60),
            udp_established: Span::from_secs(60),
            icmp_new: Span::from_secs(60),
            icmp_established: Span::from_secs(60),
            other_new: Span::from_secs(60),
            other_established: Span::from_secs(60),
            fragments: Span::from_secs(60),
        },
        reassembly_bytes: 256 << 20,
        reassembly_bytes_flow: 4 << 20,
        flows: 2_000_000,
        tunnel_depth: 8,
        show_secrets: false,
    };
    /// Zeek's defaults (init-bare).
    pub const ZEEK: Self = Self {
        name: ProfileName::Zeek,
        checksums: Checksums::Verify,
        tcp_overlap: HostPolicy::First,
        fragment_overlap: FragmentPolicy::First,
        key_has_vlan: false,
        timeouts: Timeouts {
            tcp_new: Span::from_secs(300),
            tcp_established: Span::from_secs(300),
            tcp_closed: Span::from_secs(5),
            fragments: Span::from_secs(300),
            ..Self::WATCHPOST.timeouts
        },
        tunnel_depth: 4,
        ..Self::WATCHPOST
    };
    /// Suricata's defaults (those built in, which hold where suricata.yaml says nothing), with
    /// unlimited stream depth.
    pub const SURICATA: Self = Self {
        name: ProfileName::Suricata,
        checksums: Checksums::Verify,
        delivery: Delivery::WhenAcknowledged,
        tcp_overlap: HostPolicy::Bsd,
        fragment_overlap: FragmentPolicy::Bsd,
        midstream: false,
        timeouts: Timeouts {
            tcp_new: Span::from_secs(30),
            tcp_established: Span::from_secs(300),
            tcp_closed: Span::from_secs(10),
            udp_new: Span::from_secs(30),
            udp_established: Span::from_secs(300),
            icmp_new: Span::from_secs(30),
            icmp_established: Span::from_secs(300),
            other_new: Span::from_secs(30),
            other_established: Span::from_secs(300),
            fragments: Span::from_secs(60),
        },
        tunnel_depth: 16,
        ..Self::WATCHPOST
    };
    /// Whether this is Zeek's reading.
    pub const fn is_zeek(&self) -> bool {
        matches!(self.name, ProfileName::Zeek)
    }
    /// Whether this is Suricata's reading.
    pub const fn is_suricata(&self) -> bool {
        matches!(self.name, ProfileName::Suricata)
    }
}
