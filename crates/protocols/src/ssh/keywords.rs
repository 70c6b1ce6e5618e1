//! Buffers that rules may inspect.

use base::Dir;
use model::{Buffer, BufferDef, Id, Inspect, Scope, Step};

use super::SshTransaction;
use super::transaction::{BANNER_DONE, FINISHED, Hello};
use crate::room;

/// All of the folder's buffers.
pub const BUFFERS: &[BufferDef] = &[
    def(0, "ssh.proto", Dir::Orig, BANNER_DONE, |i| side(i, i.dir, Hello::proto)),
    def(1, "ssh.software", Dir::Orig, BANNER_DONE, |i| side(i, i.dir, Hello::software)),
    def(2, "ssh.hassh", Dir::Orig, FINISHED, |i| side(i, Dir::Orig, hassh)),
    def(3, "ssh.hassh.string", Dir::Orig, FINISHED, |i| side(i, Dir::Orig, hassh_text)),
    def(4, "ssh.hassh.server", Dir::Resp, FINISHED, |i| side(i, Dir::Resp, hassh)),
    def(5, "ssh.hassh.server.string", Dir::Resp, FINISHED, |i| side(i, Dir::Resp, hassh_text)),
];

const fn def(
    local: u8,
    name: &'static str,
    dir: Dir,
    from: Step,
    get: for<'a> fn(&Inspect<'a>) -> Buffer<'a>,
) -> BufferDef {
    BufferDef {
        id: Id::new(room::Ssh, local),
        name,
        scope: Scope::Transaction,
        dir,
        from,
        last: from,
        get,
    }
}

fn hassh(h: &Hello) -> Option<&[u8]> {
    Some(h.hassh.as_slice()).filter(|b| !b.is_empty())
}

fn hassh_text(h: &Hello) -> Option<&[u8]> {
    Some(h.hassh_text.as_slice()).filter(|b| !b.is_empty())
}

fn side<'a>(i: &Inspect<'a>, dir: Dir, get: fn(&Hello) -> Option<&[u8]>) -> Buffer<'a> {
    Buffer::whole(i.tx_as::<SshTransaction>().and_then(|t| get(dir.of(&t.sides))))
}
