//! Alerts: what a detector tells a person.

use std::net::IpAddr;

use base::{Ts, Uid};

/// How much an alert weighs, in the order of worry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// Worth a look when there is time.
    Low,
    /// Worth a look today.
    Medium,
    /// Worth a look now.
    High,
}

impl Severity {
    /// The word people read.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }
    /// EVE's number: 1 is the worst.
    pub const fn eve(self) -> u8 {
        match self {
            Self::High => 1,
            Self::Medium => 2,
            Self::Low => 3,
            Self::Info => 4,
        }
    }
}

/// A fact that an alert rests on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// What it is (`ports tried`, `user`).
    pub what: &'static str,
    /// Its value, secrets masked.
    pub value: String,
}

/// An alert that explains itself (DESIGN rule 10).
#[derive(Clone, Debug, PartialEq)]
pub struct Alert {
    /// When the evidence was complete.
    pub ts: Ts,
    /// Stable name of the detection, `scan.port`.
    pub rule: &'static str,
    /// One line that a person reads first.
    pub title: String,
    /// How much it weighs.
    pub severity: Severity,
    /// Who did it.
    pub source: IpAddr,
    /// To whom, where it was one.
    pub target: Option<IpAddr>,
    /// Port at the target, where it was one.
    pub target_port: Option<u16>,
    /// Source port, where there is one flow.
    pub source_port: Option<u16>,
    /// IP protocol number.
    pub proto: u8,
    /// The flows it rests on (at most a handful; `flows_total` counts all).
    pub uids: Vec<Uid>,
    /// How many flows there were.
    pub flows_total: u64,
    /// What it rests on.
    pub evidence: Vec<Evidence>,
    /// Why now: the threshold or baseline that was passed.
    pub why_now: String,
    /// ATT&CK technique, `T1046`.
    pub technique: &'static str,
    /// ATT&CK tactic, `Discovery`.
    pub tactic: &'static str,
    /// What to do next.
    pub next: &'static str,
    /// What the detection looks for, in a sentence or two.
    pub explains: &'static str,
}
