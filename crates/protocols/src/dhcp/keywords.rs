//! Buffers that rules may inspect.

use base::Dir;
use model::{Buffer, BufferDef, Id, Inspect, Scope, Step};

use super::DhcpTransaction;
use crate::room;

/// All of the folder's buffers.
pub const BUFFERS: &[BufferDef] = &[
    def(0, "dhcp.leasetime", |i| number(i, |t| t.lease)),
    def(1, "dhcp.renewal_time", |i| number(i, |t| t.renewal)),
    def(2, "dhcp.rebinding_time", |i| number(i, |t| t.rebinding)),
];

const fn def(
    local: u8,
    name: &'static str,
    get: for<'a> fn(&Inspect<'a>) -> Buffer<'a>,
) -> BufferDef {
    BufferDef {
        id: Id::new(room::Dhcp, local),
        name,
        scope: Scope::Transaction,
        dir: Dir::Orig,
        from: Step(1),
        last: Step(1),
        get,
    }
}

fn number<'a>(i: &Inspect<'a>, get: fn(&DhcpTransaction) -> Option<u32>) -> Buffer<'a> {
    let value = i.tx_as::<DhcpTransaction>().and_then(get);
    value.map_or(Buffer::Absent, |n| Buffer::Number(u64::from(n)))
}
