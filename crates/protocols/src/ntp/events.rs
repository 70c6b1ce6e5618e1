//! What scripts may handle.

use base::{Span, Ts};
use model::{Bytes, Id, Record, RecordSchema};

use super::parser::{Body, Message, power, short, time};
use crate::room;

/// A message of modes 1 to 5 (`NTP::StandardMessage`).
#[derive(Record, Clone, Copy)]
#[record(id = Id::new(room::Ntp, 32), name = "ntp_standard_message")]
pub struct NtpStandard<'a> {
    /// Distance from a reference clock.
    pub stratum: u8,
    /// Interval between messages.
    pub poll: Span,
    /// Precision of the clock.
    pub precision: Span,
    /// Delay to the reference clock.
    pub root_delay: Span,
    /// Dispersion to the reference clock.
    pub root_disp: Span,
    /// Kiss code of stratum 0, name of the clock of stratum 1.
    pub ref_id: Bytes<'a>,
    /// When the clock was last set.
    pub ref_time: Ts,
    /// When the request left the client.
    pub org_time: Ts,
    /// When it came to the server.
    pub rec_time: Ts,
    /// When the answer left the server.
    pub xmt_time: Ts,
    /// Key of the authentication code.
    pub key_id: Option<u32>,
    /// The authentication code.
    pub digest: Option<Bytes<'a>>,
    /// Extension fields.
    pub num_exts: u32,
}

/// A control message (`NTP::ControlMessage`).
#[derive(Record, Clone, Copy)]
#[record(id = Id::new(room::Ntp, 33), name = "ntp_control_message")]
pub struct NtpControl<'a> {
    /// Operation.
    pub op_code: u8,
    /// Sequence number.
    pub sequence: u16,
    /// Status.
    pub status: u16,
    /// Association.
    pub association_id: u16,
    /// Data.
    pub data: Bytes<'a>,
}

/// A private message (`NTP::Mode7Message`).
#[derive(Record, Clone, Copy)]
#[record(id = Id::new(room::Ntp, 34), name = "ntp_mode7_message")]
pub struct NtpPrivate<'a> {
    /// Request code.
    pub req_code: u8,
    /// Sequence number.
    pub sequence: u8,
    /// Which implementation's codes.
    pub implementation: u8,
    /// Error code.
    pub err: u8,
    /// Data.
    pub data: Bytes<'a>,
}

/// Any message (`ntp_message`).
#[derive(Record, Clone, Copy)]
#[record(id = Id::new(room::Ntp, 0), name = "ntp_message", event)]
pub struct MessageEvent<'a> {
    /// By the originator.
    pub is_orig: bool,
    /// Version.
    pub version: u8,
    /// Mode.
    pub mode: u8,
    /// Modes 1 to 5.
    pub std_msg: Option<NtpStandard<'a>>,
    /// Mode 6.
    pub control_msg: Option<NtpControl<'a>>,
    /// Mode 7.
    pub mode7_msg: Option<NtpPrivate<'a>>,
}

/// The events this folder raises.
pub const EVENTS: &[&RecordSchema] = &[&MessageEvent::SCHEMA];

impl<'a> MessageEvent<'a> {
    pub(super) fn new(m: &'a Message<'a>, is_orig: bool) -> Self {
        let mut e = Self {
            is_orig,
            version: m.version,
            mode: m.mode,
            std_msg: None,
            control_msg: None,
            mode7_msg: None,
        };
        match &m.body {
            Body::Standard(s) => {
                let [reference, origin, receive, transmit] = s.times.map(time);
                let [delay, dispersion] = s.root.map(short);
                e.std_msg = Some(NtpStandard {
                    stratum: s.stratum,
                    poll: power(s.poll),
                    precision: power(s.precision),
                    root_delay: delay,
                    root_disp: dispersion,
                    ref_id: Bytes(&s.reference_id),
                    ref_time: reference,
                    org_time: origin,
                    rec_time: receive,
                    xmt_time: transmit,
                    key_id: s.mac.map(|(key, _)| key),
                    digest: s.mac.map(|(_, digest)| Bytes(digest)),
                    num_exts: s.extensions,
                });
            }
            Body::Control(c) => {
                e.control_msg = Some(NtpControl {
                    op_code: c.operation & 0x1f,
                    sequence: c.sequence,
                    status: c.status,
                    association_id: c.association,
                    data: Bytes(c.data),
                });
            }
            Body::Private(p) => {
                e.mode7_msg = Some(NtpPrivate {
                    req_code: p.request,
                    sequence: p.sequence,
                    implementation: p.implementation,
                    err: p.error,
                    data: Bytes(p.data),
                });
            }
            Body::Reserved => {}
        }
        e
    }
}
