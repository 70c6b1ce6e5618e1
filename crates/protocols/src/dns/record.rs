//! What is told of a query and its answer.

use model::{FlowHead, Id, Record};

use crate::room;

/// One DNS query with its answer.
#[derive(Record)]
#[record(id = Id::new(room::Dns, 0), name = "dns", zeek = "dns")]
pub struct DnsRecord {
    #[record(flatten)]
    pub(crate) head: FlowHead,
    /// Identifier the client chose.
    #[record(ecs = "dns.id", ocsf = "query.packet_uid")]
    pub(crate) trans_id: u16,
}
