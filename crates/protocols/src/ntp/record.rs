//! What is told of NTP: times, control messages and private messages in tables of their own, as
//! Zeek has them, and each message as Suricata has it.

use std::io::Write as _;

use base::{Span, Ts};
use model::{Bytes, Cx, FlowHead, Id, Record};

use super::parser::{Body, Message, power, short, time};
use crate::room;

/// A message that carries time.
#[derive(Record)]
#[record(id = Id::new(room::Ntp, 0), name = "ntp", zeek = "ntp")]
pub struct NtpRecord<'a> {
    #[record(flatten)]
    pub(crate) head: FlowHead,
    /// Version.
    pub(crate) version: u8,
    /// Mode: 3 client, 4 server, 1 and 2 symmetric, 5 broadcast.
    pub(crate) mode: u8,
    /// Distance from a reference clock.
    pub(crate) stratum: u8,
    /// Interval between messages.
    pub(crate) poll: Span,
    /// Precision of the clock.
    pub(crate) precision: Span,
    /// Delay to the reference clock.
    pub(crate) root_delay: Span,
    /// Dispersion to the reference clock.
    pub(crate) root_disp: Span,
    /// Kiss code of stratum 0, name of the clock of stratum 1, else an address.
    pub(crate) ref_id: Bytes<'a>,
    /// When the clock was last set.
    pub(crate) ref_time: Ts,
    /// When the request left the client.
    pub(crate) org_time: Ts,
    /// When it came to the server.
    pub(crate) rec_time: Ts,
    /// When the answer left the server.
    pub(crate) xmt_time: Ts,
    /// Extension fields.
    pub(crate) num_exts: u32,
}

/// A control message.
#[derive(Record)]
#[record(id = Id::new(room::Ntp, 1), name = "ntp_control", zeek = "ntp_control")]
pub struct NtpControlRecord<'a> {
    #[record(flatten)]
    pub(crate) head: FlowHead,
    /// Version.
    pub(crate) version: u8,
    /// Mode.
    pub(crate) mode: u8,
    /// Operation.
    pub(crate) op_code: u8,
    /// Sequence number.
    pub(crate) sequence: u16,
    /// Status.
    pub(crate) status: u16,
    /// Association.
    pub(crate) association_id: u16,
    /// A response.
    pub(crate) resp_bit: bool,
    /// An error.
    pub(crate) err_bit: bool,
    /// More follows.
    pub(crate) more_bit: bool,
    /// Data.
    pub(crate) data: Option<Bytes<'a>>,
    /// Key of the checksum.
    pub(crate) key_id: Option<u32>,
    /// Checksum.
    pub(crate) crypto_checksum: Option<Bytes<'a>>,
}

/// A private message.
#[derive(Record)]
#[record(id = Id::new(room::Ntp, 2), name = "ntp_private", zeek = "ntp_private")]
pub struct NtpPrivateRecord<'a> {
    #[record(flatten)]
    pub(crate) head: FlowHead,
    /// Version.
    pub(crate) version: u8,
    /// Mode.
    pub(crate) mode: u8,
    /// Request code.
    pub(crate) req_code: u8,
    /// Sequence number.
    pub(crate) sequence: u8,
    /// Which implementation's codes.
    pub(crate) implementation: u8,
    /// Authenticated.
    pub(crate) auth_bit: bool,
    /// Error code.
    pub(crate) err: u8,
    /// Data.
    pub(crate) data: Option<Bytes<'a>>,
}

/// A message in EVE.
#[derive(Record)]
#[record(id = Id::new(room::Ntp, 3), name = "eve_ntp", eve = "ntp")]
pub struct EveNtp<'a> {
    /// It came from the responder.
    #[record(eve = "@reversed")]
    pub(crate) reversed: bool,
    /// Version.
    #[record(eve = "ntp.version")]
    pub(crate) version: u8,
    /// Mode.
    #[record(eve = "ntp.mode")]
    pub(crate) mode: u8,
    /// Distance from a reference clock.
    #[record(eve = "ntp.stratum")]
    pub(crate) stratum: u8,
    /// The reference clock, hexadecimal with colons.
    #[record(eve = "ntp.reference_id")]
    pub(crate) reference_id: Bytes<'a>,
}

/// Tells one message.
pub(super) fn tell(cx: &mut Cx<'_>, m: &Message<'_>, from_responder: bool) {
    match &m.body {
        Body::Standard(s) => {
            let mut text = [0u8; 15];
            let ref_id = if s.stratum < 2 {
                s.reference_id.as_slice()
            } else {
                let [a, b, c, d] = s.reference_id;
                written(&mut text, format_args!("{a}.{b}.{c}.{d}"))
            };
            let [ref_time, org_time, rec_time, xmt_time] = s.times.map(time);
            let [root_delay, root_disp] = s.root.map(short);
            cx.tell(NtpRecord::SCHEMA.id, |flow| NtpRecord {
                head: flow.head(flow.now),
                version: m.version,
                mode: m.mode,
                stratum: s.stratum,
                poll: power(s.poll),
                precision: power(s.precision),
                root_delay,
                root_disp,
                ref_id: Bytes(ref_id),
                ref_time,
                org_time,
                rec_time,
                xmt_time,
                num_exts: s.extensions,
            });
            if matches!(m.version, 3 | 4) {
                let mut text = [0u8; 15];
                let [a, b, c, d] = s.reference_id;
                let id = written(&mut text, format_args!("{a:02x}:{b:02x}:{c:02x}:{d:02x}"));
                cx.tell(EveNtp::SCHEMA.id, |_| EveNtp {
                    reversed: from_responder,
                    version: m.version,
                    mode: m.mode,
                    stratum: s.stratum,
                    reference_id: Bytes(id),
                });
            }
        }
        Body::Control(c) => cx.tell(NtpControlRecord::SCHEMA.id, |flow| NtpControlRecord {
            head: flow.head(flow.now),
            version: m.version,
            mode: m.mode,
            op_code: c.operation & 0x1f,
            sequence: c.sequence,
            status: c.status,
            association_id: c.association,
            resp_bit: c.operation & 0x80 != 0,
            err_bit: c.operation & 0x40 != 0,
            more_bit: c.operation & 0x20 != 0,
            data: Some(Bytes(c.data)).filter(|d| !d.0.is_empty()),
            key_id: c.mac.map(|(key, _)| key),
            crypto_checksum: c.mac.map(|(_, sum)| Bytes(sum)),
        }),
        Body::Private(p) => cx.tell(NtpPrivateRecord::SCHEMA.id, |flow| NtpPrivateRecord {
            head: flow.head(flow.now),
            version: m.version,
            mode: m.mode,
            req_code: p.request,
            sequence: p.sequence,
            implementation: p.implementation,
            auth_bit: p.authenticated,
            err: p.error,
            data: Some(Bytes(p.data)).filter(|d| !d.0.is_empty()),
        }),
        Body::Reserved => {}
    }
}

/// What `text` writes into `buf`, cut where the buffer ends.
fn written<'b>(buf: &'b mut [u8; 15], text: std::fmt::Arguments<'_>) -> &'b [u8] {
    let mut rest = buf.as_mut_slice();
    let _ = rest.write_fmt(text);
    let left = rest.len();
    let len = buf.len().saturating_sub(left);
    buf.get(..len).unwrap_or_default()
}

/// The records this folder tells.
pub const RECORDS: &[&model::RecordSchema] =
    &[&NtpRecord::SCHEMA, &NtpControlRecord::SCHEMA, &NtpPrivateRecord::SCHEMA, &EveNtp::SCHEMA];
