//! Passwords that cross the network in the clear.
//!
//! Reads any record that has `username` and `password` columns (HTTP today; mail and file transfer
//! bring theirs). The password itself never gets here: records carry it masked unless
//! configuration says otherwise, and this detector shows it masked in any case.

use std::net::IpAddr;

use base::{Map, Ts, Uid};
use model::{Alert, Evidence, FlowFacts, Row, Severity};

use crate::columns::{Columns, text};

/// Accounts kept at most; further ones are only counted.
const ACCOUNTS_MOST: usize = 16_384;
/// Flows named in an alert.
const UIDS_MOST: usize = 5;

#[derive(Clone, Debug)]
struct Account {
    first: Ts,
    last: Ts,
    flows: u64,
    uids: Vec<(Ts, Uid)>,
    source_port: u16,
}

/// Who logged in where, as whom, by which protocol.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct Key {
    source: IpAddr,
    target: IpAddr,
    port: u16,
    user: Box<[u8]>,
    protocol: &'static str,
}

/// Finds passwords in the clear.
#[derive(Debug, Default)]
pub struct Secrets {
    accounts: Map<Key, Account>,
    more: u64,
}

impl Secrets {
    /// Columns that [`Secrets::record`] reads.
    pub const COLUMNS: [&'static str; 2] = ["username", "password"];

    /// Takes in a record of `protocol` with [`Secrets::COLUMNS`].
    pub fn record(
        &mut self,
        protocol: &'static str,
        columns: &Columns<2>,
        row: &Row<'_>,
        flow: &FlowFacts,
    ) {
        let [user, password] = columns.read(row);
        if text(password).is_none() {
            return;
        }
        let user = text(user).unwrap_or_default();
        let key = Key {
            source: flow.orig.addr,
            target: flow.resp.addr,
            port: flow.resp.port,
            user: user.get(..user.len().min(256)).unwrap_or_default().into(),
            protocol,
        };
        if self.accounts.len() >= ACCOUNTS_MOST && !self.accounts.contains_key(&key) {
            self.more = self.more.saturating_add(1);
            return;
        }
        let seen = Account {
            first: flow.now,
            last: flow.now,
            flows: 1,
            uids: vec![(flow.now, flow.uid)],
            source_port: flow.orig.port,
        };
        self.take(key, seen);
    }

    fn take(&mut self, key: Key, seen: Account) {
        match self.accounts.get_mut(&key) {
            None => {
                self.accounts.insert(key, seen);
            }
            Some(a) => {
                if seen.first < a.first {
                    a.source_port = seen.source_port;
                }
                a.first = a.first.min(seen.first);
                a.last = a.last.max(seen.last);
                a.flows = a.flows.saturating_add(seen.flows);
                for u in seen.uids {
                    if !a.uids.iter().any(|have| have.1 == u.1) {
                        let at = a.uids.partition_point(|have| *have < u);
                        a.uids.insert(at, u);
                        a.uids.truncate(UIDS_MOST);
                    }
                }
            }
        }
    }

    /// Takes in what another shard saw.
    pub fn merge(&mut self, other: Self) {
        self.more = self.more.saturating_add(other.more);
        #[allow(clippy::iter_over_hash_type)] // merging is the same in any order
        for (key, seen) in other.accounts {
            self.take(key, seen);
        }
    }

    /// One alert per account.
    pub fn alerts(&self) -> Vec<Alert> {
        let mut keys: Vec<(&Key, &Account)> = self.accounts.iter().collect();
        keys.sort_by(|a, b| (a.1.first, a.0).cmp(&(b.1.first, b.0)));
        keys.into_iter().map(|(k, a)| alert(k, a)).collect()
    }
}

fn alert(k: &Key, a: &Account) -> Alert {
    let user = String::from_utf8_lossy(&k.user).into_owned();
    let protocol = k.protocol.to_uppercase();
    Alert {
        ts: a.first,
        rule: "secrets.clear_text_password",
        title: format!("password of {user:?} sent in the clear by {protocol} to {}", k.target),
        severity: Severity::Medium,
        source: k.source,
        target: Some(k.target),
        target_port: Some(k.port),
        source_port: Some(a.source_port),
        proto: 6,
        uids: a.uids.iter().map(|u| u.1).collect(),
        flows_total: a.flows,
        evidence: vec![
            Evidence { what: "user", value: user },
            Evidence { what: "password", value: "********".into() },
            Evidence { what: "protocol", value: protocol },
            Evidence { what: "times sent", value: a.flows.to_string() },
        ],
        why_now: "a login with a password was seen on a connection that is not encrypted".into(),
        technique: "T1040",
        tactic: "Credential Access",
        next: "Change the password, and move the service to TLS. Anybody on the path could read it.",
        explains: "A protocol without encryption carried a user name with a password.",
    }
}
