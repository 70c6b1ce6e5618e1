//! Messages of one exchange, joined across flows by their transaction number.
//!
//! Clients without an address and servers answer by broadcast, so question and answer are
//! different flows. A shard keeps what it saw of each number and tells it as one row, as Zeek does:
//! when nothing was heard of it for a while, when it became long, or when a flow that took part
//! ends (flows outlive exchanges, so nothing more will come then).
//!
//! **Bound.** [`TRACKED_MOST`] exchanges; beyond, the oldest is told as it stands and counted by
//! [`anomalies::TOO_MANY`].

use std::collections::VecDeque;
use std::net::{IpAddr, Ipv4Addr};

use base::{Dir, Map, Span, Ts, Uid};
use model::{Cx, Spare};
use smallvec::SmallVec;

use super::anomalies;
use super::parser::{Message, address, number, option};
use super::record;
use super::transaction::DhcpTransaction;

/// Exchanges kept at once.
const TRACKED_MOST: usize = 100_000;
/// Flows of an exchange, and messages, that make it long.
const FLOWS_MOST: usize = 10;
const MESSAGES_MOST: usize = 50;
/// An exchange is looked at when it has lasted this long,
const AGE: Span = Span::from_secs(10);
/// and is over if nothing came for this long,
const SILENCE: Span = Span::from_secs(5);
/// or it has lasted this long.
const AGE_MOST: Span = Span::from_secs(30);

/// What was said of an exchange so far.
#[derive(Debug, Default)]
pub(super) struct Exchange {
    pub(super) first: Ts,
    pub(super) last: Ts,
    pub(super) uids: SmallVec<[Uid; 2]>,
    pub(super) kinds: SmallVec<[u8; 8]>,
    pub(super) client: Option<IpAddr>,
    pub(super) server: Option<IpAddr>,
    pub(super) mac: Option<Mac>,
    pub(super) chaddr: Option<Mac>,
    pub(super) host_name: Option<Box<[u8]>>,
    pub(super) client_fqdn: Option<Box<[u8]>>,
    pub(super) domain: Option<Box<[u8]>>,
    pub(super) requested: Option<IpAddr>,
    pub(super) assigned: Option<IpAddr>,
    pub(super) lease: Option<Span>,
    pub(super) client_message: Option<Box<[u8]>>,
    pub(super) server_message: Option<Box<[u8]>>,
    number: u64,
}

/// A hardware address of six or eight bytes as text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Mac {
    text: [u8; 23],
    len: u8,
}

impl Mac {
    /// Six bytes, or eight where the last two are not padding; nothing else is one.
    pub(super) fn new(bytes: &[u8]) -> Option<Self> {
        let n = match bytes {
            [_, _, _, _, _, _] | [_, _, _, _, _, _, 0, 0, ..] => 6,
            [_, _, _, _, _, _, _, _, ..] => 8,
            _ => return None,
        };
        let mut mac = Self { text: [b':'; 23], len: 0 };
        let digit = |n: u8| if n < 10 { b'0'.wrapping_add(n) } else { b'W'.wrapping_add(n) };
        for (slot, b) in mac.text.chunks_mut(3).zip(bytes.iter().take(n)) {
            if let [high, low, ..] = slot {
                *high = digit(b >> 4);
                *low = digit(b & 15);
            }
            mac.len = mac.len.saturating_add(3);
        }
        mac.len = mac.len.saturating_sub(1);
        Some(mac)
    }
    pub(super) fn text(&self) -> &[u8] {
        self.text.get(..usize::from(self.len)).unwrap_or_default()
    }
}

/// The exchanges of a shard.
#[derive(Debug, Default)]
pub struct Joins {
    open: Map<u32, Box<Exchange>>,
    /// Transaction numbers in the order in which their exchanges began, with a serial, since a
    /// number may have ended and begun again.
    order: VecDeque<(u32, u64)>,
    serial: u64,
    /// Emptied transactions of all flows.
    pub(super) spare: Spare<DhcpTransaction>,
}

impl Joins {
    /// Takes a message in.
    pub(super) fn add(&mut self, cx: &mut Cx<'_>, m: &Message<'_>, dir: Dir) {
        let now = cx.flow.now;
        self.expire(cx, now);
        if self.open.get(&m.xid).is_some_and(|x| over(x, now)) {
            self.end(cx, m.xid);
        }
        if !self.open.contains_key(&m.xid) {
            if self.open.len() >= TRACKED_MOST
                && let Some((oldest, _)) = self.order.pop_front()
            {
                cx.anomaly(&anomalies::TOO_MANY);
                self.end(cx, oldest);
            }
            self.serial = self.serial.wrapping_add(1);
            let fresh = Exchange { first: now, number: self.serial, ..Exchange::default() };
            self.open.insert(m.xid, Box::new(fresh));
            self.order.push_back((m.xid, self.serial));
        }
        let Some(x) = self.open.get_mut(&m.xid) else { return };
        x.take_in(cx, m, dir);
        if x.uids.len() >= FLOWS_MOST || x.kinds.len() >= MESSAGES_MOST {
            self.end(cx, m.xid);
        }
    }

    /// A flow of the exchange has ended.
    pub(super) fn end_of_flow(&mut self, cx: &mut Cx<'_>, xid: u32) {
        if self.open.get(&xid).is_some_and(|x| x.uids.contains(&cx.flow.uid)) {
            self.end(cx, xid);
        }
    }

    /// Whether something is known of this number.
    pub(super) fn is_open(&self, xid: u32) -> bool {
        self.open.contains_key(&xid)
    }

    /// Tells an exchange and forgets it. Its place in the order goes when it is met there.
    fn end(&mut self, cx: &mut Cx<'_>, xid: u32) {
        if let Some(x) = self.open.remove(&xid) {
            record::tell(cx, &x);
        }
    }

    /// Ends what is over, oldest first.
    fn expire(&mut self, cx: &mut Cx<'_>, now: Ts) {
        while let Some(&(xid, number)) = self.order.front() {
            match self.open.get(&xid) {
                Some(x) if x.number == number && !over(x, now) => return,
                Some(x) if x.number == number => self.end(cx, xid),
                _ => {}
            }
            self.order.pop_front();
        }
    }
}

fn over(x: &Exchange, now: Ts) -> bool {
    let age = now.since(x.first);
    age >= AGE && (now.since(x.last) > SILENCE || age > AGE_MOST)
}

impl Exchange {
    fn take_in(&mut self, cx: &Cx<'_>, m: &Message<'_>, dir: Dir) {
        const UNSPECIFIED: IpAddr = IpAddr::V4(Ipv4Addr::UNSPECIFIED);
        let (orig, resp) = (cx.flow.orig, cx.flow.resp);
        self.last = cx.flow.now;
        if !self.uids.contains(&cx.flow.uid) {
            self.uids.push(cx.flow.uid);
        }
        self.kinds.push(m.kind().unwrap_or(0));
        let from_client =
            dir == Dir::Orig && (orig.addr == UNSPECIFIED || orig.port == 68 || resp.port == 67);
        let text = |code| m.option(code).map(Box::from);
        if let Some(words) = text(option::MESSAGE) {
            if from_client {
                self.client_message = Some(words);
            } else {
                self.server_message = Some(words);
            }
        }
        let [_, yours, ..] = m.addrs;
        if from_client {
            if orig.addr != UNSPECIFIED && orig.addr != IpAddr::V4(Ipv4Addr::BROADCAST) {
                self.client = Some(orig.addr);
            }
            self.host_name = text(option::HOST_NAME).or(self.host_name.take());
            if let Some([_, _, _, name @ ..]) = m.option(option::CLIENT_FQDN) {
                self.client_fqdn = Some(Box::from(name));
            }
            match m.option(option::CLIENT_ID) {
                Some([1, hardware @ ..]) => self.mac = Mac::new(hardware).or(self.mac),
                _ => self.chaddr = Mac::new(m.chaddr),
            }
            let requested = m.option(option::REQUESTED_ADDRESS).and_then(address);
            self.requested = requested.map(IpAddr::V4).or(self.requested);
            return;
        }
        if yours != Ipv4Addr::UNSPECIFIED {
            self.server = Some(if dir == Dir::Orig { orig.addr } else { resp.addr });
            self.assigned = Some(IpAddr::V4(yours));
        }
        self.mac = self.mac.or_else(|| Mac::new(m.chaddr));
        self.client = self.client.or(self.assigned);
        if let Some(domain) = m.option(option::DOMAIN_NAME) {
            let end = domain.iter().rposition(|b| *b != 0).map_or(0, |i| i.saturating_add(1));
            self.domain = Some(Box::from(domain.get(..end).unwrap_or_default()));
        }
        let lease = m.option(option::LEASE_TIME).and_then(number);
        self.lease = lease.map(|s| Span::from_secs(i64::from(s))).or(self.lease);
    }
}
