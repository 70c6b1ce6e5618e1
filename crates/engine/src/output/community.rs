//! Community ids of the flows that were told of lately.

use base::{Uid, community_id};
use model::FlowFacts;

const SLOTS: usize = 1024;

/// A direct-mapped cache: a flow's records come in bursts, so a miss costs one SHA-1 now and then.
pub(super) struct CommunityIds(Vec<(Uid, String)>);

impl CommunityIds {
    pub(super) fn new() -> Self {
        Self(vec![(Uid(u128::MAX), String::new()); SLOTS])
    }
    pub(super) fn of(&mut self, flow: &FlowFacts) -> &str {
        let slot = (flow.uid.0 as usize) % SLOTS;
        let Some(entry) = self.0.get_mut(slot) else { return "" };
        if entry.0 != flow.uid {
            *entry = (flow.uid, make(flow));
        }
        &entry.1
    }
}

/// ICMP's message types pair up in the specification; those without a counterpart are one-way, and
/// type and code take the place of ports.
fn make(flow: &FlowFacts) -> String {
    let (a, b) = (flow.orig.port, flow.resp.port);
    let (ports, one_way) = match flow.proto {
        6 | 17 | 132 => (Some((a, b)), false),
        1 => {
            // The flow's ports are the type and its counterpart, or the code where there is none.
            let pairs = matches!(a, 0 | 8 | 9 | 10 | 13 | 14 | 15 | 16 | 17 | 18);
            (Some((a, b)), !pairs)
        }
        58 => {
            let pairs = matches!(a, 128..=136 | 139 | 140 | 144 | 145);
            (Some((a, b)), !pairs)
        }
        _ => (None, false),
    };
    community_id(0, flow.orig.addr, flow.resp.addr, flow.proto, ports, one_way)
}
