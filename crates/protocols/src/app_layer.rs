//! The application side of a flow: recognition, the analyzer that was chosen, and the one it may
//! hand the stream on to.
//!
//! Content decides first, port second: every protocol of the transport probes the first bytes of
//! either direction; where none is sure, a likely port chooses. Recognition keeps at most
//! [`HEAD_MOST`] bytes a direction, and replays them to the analyzer once chosen.

use base::Dir;
use flow::StreamConsumer;
use model::{Cx, Fed, Input, Then};

use crate::{Head, Transport, Verdict};

/// Bytes of a direction kept for recognition.
const HEAD_MOST: usize = 2048;
/// Patience of recognition with a UDP flow; each datagram that nobody knows takes
/// [`PATIENCE_LOST`] of it, STUN (which comes before DTLS on a flow of WebRTC) only one.
const PATIENCE: u8 = 64;
/// See [`PATIENCE`].
const PATIENCE_LOST: u8 = 16;
/// STUN's magic cookie (RFC 8489), four bytes into a datagram.
const STUN_COOKIE: [u8; 4] = [0x21, 0x12, 0xa4, 0x42];
/// Nesting of analyzers in one flow.
const STACK_MOST: u8 = 4;

/// First bytes of a stream, kept until its protocol is known.
#[derive(Debug, Default)]
pub(crate) struct Undecided {
    heads: [Vec<u8>; 2],
    /// The direction's kept bytes are over, by a gap, its end or the bound.
    shut: [bool; 2],
    /// Which directions ended.
    ended: [bool; 2],
    /// Which direction spoke first.
    first: Option<Dir>,
    patience_lost: u8,
}

macro_rules! registry {
    ($($(#[$meta:meta])* $variant:ident = $room:literal, $folder:ident, $eve:literal, [$($tcp:literal),*], [$($udp:literal),*];)*) => {
        /// Room numbers of the protocols, for ids.
        #[allow(non_upper_case_globals)] // named as their protocols are
        pub mod room {
            $(
                #[doc = concat!("Room of `", stringify!($folder), "`.")]
                pub const $variant: u8 = $room;
            )*
        }
        /// A protocol by name.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Protocol {
            $(
                #[doc = concat!("`", stringify!($folder), "`.")]
                $variant,
            )*
        }
        impl Protocol {
            /// All of them, in the order of recognition.
            pub const ALL: &[Protocol] = &[$(Protocol::$variant),*];
            /// Suricata's name (`app_proto`).
            pub const fn eve_name(self) -> &'static str {
                match self { $(Protocol::$variant => $eve),* }
            }
            /// Ports where it is likely.
            pub const fn likely_ports(self, transport: $crate::Transport) -> &'static [u16] {
                match (self, transport) {
                    $((Protocol::$variant, $crate::Transport::Tcp) => &[$($tcp),*],
                      (Protocol::$variant, $crate::Transport::Udp) => &[$($udp),*],)*
                }
            }
            pub(crate) fn probe(self, head: &$crate::Head<'_>) -> $crate::Verdict {
                match self {
                    $(Protocol::$variant => <$folder::State as $crate::Analyzer>::probe(head)),*
                }
            }
            pub(crate) fn start(self) -> $crate::app_layer::App {
                match self {
                    $(Protocol::$variant => $crate::app_layer::App::$variant(Box::default())),*
                }
            }
        }
        impl Protocol {
            /// The records it tells.
            pub const fn records(self) -> &'static [&'static model::RecordSchema] {
                match self { $(Protocol::$variant => <$folder::State as $crate::Analyzer>::RECORDS),* }
            }
            /// The events it raises.
            pub const fn events(self) -> &'static [&'static model::RecordSchema] {
                match self { $(Protocol::$variant => <$folder::State as $crate::Analyzer>::EVENTS),* }
            }
            /// The buffers that rules may inspect.
            pub const fn buffers(self) -> &'static [model::BufferDef] {
                match self { $(Protocol::$variant => <$folder::State as $crate::Analyzer>::BUFFERS),* }
            }
        }
        /// All records of all protocols.
        pub fn records() -> Vec<&'static model::RecordSchema> {
            let conn: [&'static model::RecordSchema; 2] =
                [&$crate::conn::ConnRecord::SCHEMA, &$crate::conn::FlowEveRecord::SCHEMA];
            let protocols = Protocol::ALL.iter().flat_map(|p| p.records()).copied();
            conn.into_iter().chain(protocols).collect()
        }
        /// What the flows of a shard share, a part per protocol.
        #[derive(Default)]
        pub struct Shared {
            $(
                #[doc = concat!("Of `", stringify!($folder), "`.")]
                pub $folder: <$folder::State as $crate::Analyzer>::Shared,
            )*
        }
        impl $crate::app_layer::App {
            pub(crate) fn step(
                &mut self, shared: &mut Shared, cx: &mut model::Cx<'_>, dir: base::Dir, input: model::Input<'_>,
            ) -> model::Fed {
                match self {
                    $($crate::app_layer::App::$variant(a) => $crate::Analyzer::step(a.as_mut(), &mut shared.$folder, cx, dir, input),)*
                    $crate::app_layer::App::Nothing | $crate::app_layer::App::Undecided(_) => model::Fed::DONE,
                }
            }
            pub(crate) fn close(&mut self, shared: &mut Shared, cx: &mut model::Cx<'_>) {
                match self {
                    $($crate::app_layer::App::$variant(a) => $crate::Analyzer::close(a.as_mut(), &mut shared.$folder, cx),)*
                    $crate::app_layer::App::Nothing | $crate::app_layer::App::Undecided(_) => {}
                }
            }
        }
        $crate::app_layer::app_enum! { $($variant, $folder;)* }
    };
}
pub(crate) use registry;

/// The enum has to stand beside [`AppLayer`], so that its variants stay private to the crate.
macro_rules! app_enum {
    ($($variant:ident, $folder:ident;)*) => {
        pub(crate) mod apps {
            /// Who reads the stream.
            #[derive(Default)]
            pub(crate) enum App {
                /// Nobody knows yet.
                Undecided(Box<crate::app_layer::Undecided>),
                /// Nobody will.
                #[default]
                Nothing,
                $($variant(Box<crate::$folder::State>),)*
            }
        }
    };
}
pub(crate) use app_enum;

pub(crate) use crate::apps::App;

/// The application side of one flow.
#[derive(Default)]
pub struct AppLayer {
    started: bool,
    app: App,
    /// The analyzer that `app` handed the stream on to.
    child: Option<Box<AppLayer>>,
    depth: u8,
}

impl AppLayer {
    /// Bytes that recognition holds, for memory accounting.
    pub fn held_bytes(&self) -> usize {
        match &self.app {
            App::Undecided(u) => u.heads.iter().map(Vec::len).sum(),
            _ => 0,
        }
    }

    fn choose(
        &mut self,
        shared: &mut crate::Shared,
        cx: &mut Cx<'_>,
        dir: Dir,
        input: Input<'_>,
    ) -> Fed {
        match input {
            Input::Datagram(bytes) => self.choose_datagram(shared, cx, dir, bytes),
            _ => self.choose_stream(shared, cx, dir, input),
        }
    }

    fn choose_datagram(
        &mut self,
        shared: &mut crate::Shared,
        cx: &mut Cx<'_>,
        dir: Dir,
        bytes: &[u8],
    ) -> Fed {
        let found = crate::Protocol::ALL.iter().copied().find(|p| {
            let head = Head {
                bytes,
                other: b"",
                dir,
                transport: Transport::Udp,
                likely_port: likely(*p, Transport::Udp, cx),
                ports: [cx.flow.orig.port, cx.flow.resp.port],
                profile: cx.profile,
                last: true,
            };
            p.probe(&head) == Verdict::Mine
        });
        if let Some(p) = found {
            self.app = p.start();
            cx.flow.app_proto = Some(p.eve_name());
            return self.app.step(shared, cx, dir, Input::Datagram(bytes));
        }
        let App::Undecided(u) = &mut self.app else { return Fed::DONE };
        let stun = bytes.get(4..8) == Some(&STUN_COOKIE);
        u.patience_lost = u.patience_lost.saturating_add(if stun { 1 } else { PATIENCE_LOST });
        if u.patience_lost >= PATIENCE {
            self.app = App::Nothing;
            cx.flow.app_proto = Some("failed");
            return Fed { used: bytes.len(), then: Then::Done };
        }
        Fed::all(bytes)
    }

    fn choose_stream(
        &mut self,
        shared: &mut crate::Shared,
        cx: &mut Cx<'_>,
        dir: Dir,
        input: Input<'_>,
    ) -> Fed {
        let App::Undecided(u) = &mut self.app else { return Fed::DONE };
        let mut used = 0;
        match input {
            Input::Bytes(bytes) => {
                u.first.get_or_insert(dir);
                let head = dir.of_mut(&mut u.heads);
                let room = HEAD_MOST.saturating_sub(head.len());
                let shut = dir.of_mut(&mut u.shut);
                if !*shut {
                    let take = bytes.get(..room).unwrap_or(bytes);
                    head.extend_from_slice(take);
                    used = take.len();
                    *shut = head.len() >= HEAD_MOST;
                }
            }
            Input::Gap(_) => *dir.of_mut(&mut u.shut) = true,
            Input::End => {
                *dir.of_mut(&mut u.shut) = true;
                *dir.of_mut(&mut u.ended) = true;
            }
            Input::Datagram(_) => {}
        }
        let mut open = false;
        let mut found = None;
        'all: for p in crate::Protocol::ALL.iter().copied() {
            for d in [Dir::Orig, Dir::Resp] {
                let bytes = d.of(&u.heads);
                let last = *d.of(&u.shut);
                if bytes.is_empty() {
                    open |= !last;
                    continue;
                }
                let likely_port = likely(p, Transport::Tcp, cx);
                let head = Head {
                    bytes,
                    other: d.flip().of(&u.heads).as_slice(),
                    dir: d,
                    transport: Transport::Tcp,
                    ports: [cx.flow.orig.port, cx.flow.resp.port],
                    profile: cx.profile,
                    likely_port,
                    last,
                };
                match p.probe(&head) {
                    Verdict::Mine => {
                        found = Some(p);
                        break 'all;
                    }
                    Verdict::NotMine => {}
                    Verdict::More => open |= !last,
                }
            }
        }
        let Some(p) = found else {
            if open {
                return Fed { used, then: if used == 0 { Then::More } else { Then::Again } };
            }
            if self.depth == 0 {
                misread(cx, u.heads.first());
                cx.flow.app_proto = Some("failed");
            }
            self.app = App::Nothing;
            return Fed::DONE;
        };
        if self.depth == 0 && !matches!(p, crate::Protocol::Http) {
            misread(cx, u.heads.first());
        }
        let kept = std::mem::take(u);
        self.app = p.start();
        if self.depth == 0 {
            cx.flow.app_proto = Some(p.eve_name());
        }
        self.replay(shared, cx, dir, &kept);
        // What this call brought was taken into the heads and replayed; the rest, if any, follows.
        match input {
            Input::Bytes(b) if used < b.len() => Fed { used, then: Then::Again },
            Input::Bytes(_) => Fed { used, then: Then::More },
            other => self.run(shared, cx, dir, other),
        }
    }

    /// Gives the analyzer what recognition kept: the direction that spoke first comes first.
    fn replay(&mut self, shared: &mut crate::Shared, cx: &mut Cx<'_>, now: Dir, kept: &Undecided) {
        let first = kept.first.unwrap_or(now);
        for d in [first, first.flip()] {
            let mut bytes = d.of(&kept.heads).as_slice();
            while !bytes.is_empty() {
                let fed = self.run(shared, cx, d, Input::Bytes(bytes));
                bytes = bytes.get(fed.used..).unwrap_or_default();
                if !matches!(fed.then, Then::Again | Then::Ask) {
                    break;
                }
            }
            if *d.of(&kept.ended) && d != now {
                self.run(shared, cx, d, Input::End);
            }
        }
    }

    /// Runs a step so that a panic in it loses this flow's analyzers only, counted and told.
    ///
    /// Builds with debug assertions let it through, so that tests and fuzzers see it.
    fn contain<T>(
        &mut self,
        cx: &mut Cx<'_>,
        step: impl FnOnce(&mut Self, &mut Cx<'_>) -> T,
    ) -> Option<T> {
        if cfg!(debug_assertions) {
            return Some(step(self, cx));
        }
        let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| step(self, cx)));
        if caught.is_err() {
            self.app = App::Nothing;
            self.child = None;
            cx.anomaly(&ANALYZER_PANIC);
        }
        caught.ok()
    }

    /// Runs the chosen analyzer, or the one it handed on to.
    fn run(
        &mut self,
        shared: &mut crate::Shared,
        cx: &mut Cx<'_>,
        dir: Dir,
        input: Input<'_>,
    ) -> Fed {
        if let Some(child) = &mut self.child {
            return child.step(shared, cx, dir, input);
        }
        let fed = self.app.step(shared, cx, dir, input);
        match fed.then {
            Then::HandOn if self.depth < STACK_MOST => {
                let depth = self.depth.saturating_add(1);
                self.child = Some(Box::new(Self { depth, ..Self::default() }));
                Fed { used: fed.used, then: Then::Again }
            }
            Then::HandOn | Then::NotMine => {
                self.app.close(shared, cx);
                self.app = App::Nothing;
                Fed { used: fed.used, then: Then::Done }
            }
            _ => fed,
        }
    }
}

/// An analyzer panicked: a bug of ours, which costs its flow and nothing else.
pub(crate) static ANALYZER_PANIC: model::AnomalyKind = model::AnomalyKind {
    id: model::Id::new(model::room::ANOMALY, 0),
    name: "analyzer_panic",
    zeek: "analyzer_panic",
    suricata: "",
};

/// Zeek reads what comes to HTTP's ports as HTTP, whatever else it is.
fn misread(cx: &mut Cx<'_>, first: Option<&Vec<u8>>) {
    if cx.profile.is_zeek() && likely(crate::Protocol::Http, Transport::Tcp, cx) {
        crate::http::misread(cx, first.map_or(b"", Vec::as_slice));
    }
}

fn likely(p: crate::Protocol, transport: Transport, cx: &Cx<'_>) -> bool {
    let ports = p.likely_ports(transport);
    ports.contains(&cx.flow.resp.port) || ports.contains(&cx.flow.orig.port)
}

impl StreamConsumer for AppLayer {
    type Shared = crate::Shared;

    fn step(
        &mut self,
        shared: &mut Self::Shared,
        cx: &mut Cx<'_>,
        dir: Dir,
        input: Input<'_>,
    ) -> Fed {
        if !self.started {
            self.started = true;
            self.app = App::Undecided(Box::default());
        }
        let contained = self.contain(cx, |layer, cx| match layer.app {
            App::Undecided(_) => layer.choose(shared, cx, dir, input),
            _ => layer.run(shared, cx, dir, input),
        });
        contained.unwrap_or(Fed::DONE)
    }

    fn close(&mut self, shared: &mut Self::Shared, cx: &mut Cx<'_>) {
        self.contain(cx, |layer, cx| {
            layer.app.close(shared, cx);
            if let Some(child) = &mut layer.child {
                child.close(shared, cx);
            }
        });
    }

    fn ended(_: &mut Self::Shared, cx: &mut Cx<'_>, summary: &flow::FlowSummary<'_>) {
        crate::conn::tell(cx, summary);
    }
}
