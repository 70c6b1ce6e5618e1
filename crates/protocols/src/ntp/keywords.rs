//! Buffers that rules may inspect.

use base::Dir;
use model::{Buffer, BufferDef, Id, Inspect, Scope, Step};

use super::NtpTransaction;
use crate::room;

/// All of the folder's buffers.
pub const BUFFERS: &[BufferDef] = &[
    def(0, "ntp.version", |i| number(i, |t| t.version)),
    def(1, "ntp.mode", |i| number(i, |t| t.mode)),
    def(2, "ntp.stratum", |i| number(i, |t| t.stratum)),
    def(3, "ntp.reference_id", |i| {
        Buffer::whole(i.tx_as::<NtpTransaction>().map(|t| t.reference_id.as_slice()))
    }),
];

const fn def(
    local: u8,
    name: &'static str,
    get: for<'a> fn(&Inspect<'a>) -> Buffer<'a>,
) -> BufferDef {
    BufferDef {
        id: Id::new(room::Ntp, local),
        name,
        scope: Scope::Transaction,
        dir: Dir::Orig,
        from: Step(1),
        last: Step(1),
        get,
    }
}

fn number<'a>(i: &Inspect<'a>, get: fn(&NtpTransaction) -> u8) -> Buffer<'a> {
    i.tx_as::<NtpTransaction>().map_or(Buffer::Absent, |t| Buffer::Number(u64::from(get(t))))
}
