//! Alerts as rows: for EVE's readers and as a Zeek notice.

use std::net::IpAddr;

use base::Ts;
use model::{Alert, Id, Port, Proto, Record, room};

/// A fact an alert rests on.
#[derive(Record)]
#[record(id = Id::new(room::ALERT, 2), name = "evidence")]
pub(crate) struct EvidenceRecord<'a> {
    /// What it is.
    #[record(eve = "what")]
    what: &'a str,
    /// Its value, secrets masked.
    #[record(eve = "value")]
    value: &'a str,
}

/// An alert of Watchpost's own detectors.
#[derive(Record)]
#[record(id = Id::new(room::ALERT, 0), name = "alert", zeek = "notice")]
pub(crate) struct AlertRecord<'a> {
    /// When the evidence was complete.
    #[record(ecs = "@timestamp", ocsf = "time")]
    pub ts: Ts,
    /// The first of the flows it rests on.
    #[record(ecs = "network.session.id")]
    pub uid: Option<base::Uid>,
    /// Who did it.
    #[record(ecs = "source.ip", ocsf = "src_endpoint.ip")]
    pub src: IpAddr,
    /// To whom.
    #[record(ecs = "destination.ip", ocsf = "dst_endpoint.ip")]
    pub dst: Option<IpAddr>,
    /// Port at the target.
    #[record(ecs = "destination.port", ocsf = "dst_endpoint.port")]
    pub p: Option<Port>,
    /// Transport protocol.
    #[record(ecs = "network.transport")]
    pub proto: Proto,
    /// Stable name of the detection.
    #[record(ecs = "rule.name", ocsf = "finding_info.analytic.name")]
    pub note: &'a str,
    /// What happened, in a line.
    #[record(ecs = "message", ocsf = "finding_info.title")]
    pub msg: &'a str,
    /// Why now.
    #[record(ecs = "event.reason")]
    pub sub: &'a str,
    /// How much it weighs.
    #[record(ecs = "event.severity_name", ocsf = "severity")]
    pub severity: &'a str,
    /// How many flows it rests on.
    pub n: u64,
    /// ATT&CK technique.
    #[record(ecs = "threat.technique.id", ocsf = "attacks.technique.uid")]
    pub technique: &'a str,
    /// ATT&CK tactic.
    #[record(ecs = "threat.tactic.name", ocsf = "attacks.tactic.name")]
    pub tactic: &'a str,
    /// What the detection looks for.
    #[record(ecs = "rule.description")]
    pub explains: &'a str,
    /// What to do next.
    pub next: &'a str,
}

/// The same as an EVE alert.
#[derive(Record)]
#[record(id = Id::new(room::ALERT, 1), name = "eve_alert", eve = "alert")]
pub(crate) struct AlertEveRecord<'a> {
    /// When the evidence was complete.
    #[record(zeek = "", eve = "@timestamp")]
    ts: Ts,
    /// Who did it.
    #[record(zeek = "", eve = "src_ip")]
    src: IpAddr,
    /// From which port.
    #[record(zeek = "", eve = "src_port")]
    src_p: Option<Port>,
    /// To whom.
    #[record(zeek = "", eve = "dest_ip")]
    dst: Option<IpAddr>,
    /// Port at the target.
    #[record(zeek = "", eve = "dest_port")]
    dst_p: Option<Port>,
    /// Transport protocol.
    #[record(zeek = "", eve = "proto")]
    proto: Proto,
    /// Always `allowed`: the detectors of this table don't block.
    #[record(zeek = "", eve = "alert.action")]
    action: &'a str,
    /// Generator: 1,000 stands for Watchpost's own detectors.
    #[record(zeek = "", eve = "alert.gid")]
    gid: u64,
    /// What happened.
    #[record(zeek = "", eve = "alert.signature")]
    signature: &'a str,
    /// The detection.
    #[record(zeek = "", eve = "alert.category")]
    category: &'a str,
    /// 1 is the worst.
    #[record(zeek = "", eve = "alert.severity")]
    severity: u8,
    /// ATT&CK technique.
    #[record(zeek = "", eve = "alert.metadata.mitre_technique_id")]
    technique: Vec<&'a str>,
    /// Why now.
    #[record(zeek = "", eve = "alert.metadata.why_now")]
    why_now: Vec<&'a str>,
    /// What to do next.
    #[record(zeek = "", eve = "alert.metadata.next")]
    next: Vec<&'a str>,
    /// What it rests on.
    #[record(zeek = "", nested, schema = EvidenceRecord, eve = "alert.context.evidence")]
    evidence: Vec<EvidenceRecord<'a>>,
}

pub(crate) fn record(a: &Alert) -> AlertRecord<'_> {
    AlertRecord {
        ts: a.ts,
        uid: a.uids.first().copied(),
        src: a.source,
        dst: a.target,
        p: a.target_port.map(Port),
        proto: Proto(a.proto),
        note: a.rule,
        msg: &a.title,
        sub: &a.why_now,
        severity: a.severity.name(),
        n: a.flows_total,
        technique: a.technique,
        tactic: a.tactic,
        explains: a.explains,
        next: a.next,
    }
}

pub(crate) fn eve_record(a: &Alert) -> AlertEveRecord<'_> {
    AlertEveRecord {
        ts: a.ts,
        src: a.source,
        src_p: a.source_port.map(Port),
        dst: a.target,
        dst_p: a.target_port.map(Port),
        proto: Proto(a.proto),
        action: "allowed",
        gid: 1000,
        signature: &a.title,
        category: a.rule,
        severity: a.severity.eve(),
        technique: vec![a.technique],
        why_now: vec![&a.why_now],
        next: vec![a.next],
        evidence: a
            .evidence
            .iter()
            .map(|e| EvidenceRecord { what: e.what, value: &e.value })
            .collect(),
    }
}

/// An alert as one JSON object, for machines.
pub fn alert_json(a: &Alert) -> String {
    model::write::json_text(&eve_record(a))
}
