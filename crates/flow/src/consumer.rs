//! What the flow table asks of whoever reads its streams.

use base::Dir;
use model::{Cx, Fed, Input};

/// The application side of one flow: the engine's is `protocols::AppLayer`, an enum.
///
/// The table calls [`step`](Self::step) with bytes in order, datagrams, gaps and ends. It answers
/// how much was taken; with [`model::Then::Again`] the rest is offered at once, with
/// [`model::Then::Ask`] after the script queue has been drained, with [`model::Then::More`] the
/// rest is kept by the consumer's own means (a consumer always takes all bytes of `More`).
pub trait StreamConsumer: Default {
    /// State that all flows of a shard share: pools, joins across flows, caches.
    type Shared;
    /// The next input of one direction.
    fn step(
        &mut self,
        shared: &mut Self::Shared,
        cx: &mut Cx<'_>,
        dir: Dir,
        input: Input<'_>,
    ) -> Fed;
    /// The flow is over (both directions ended, time-out, end of input): tell what is left.
    fn close(&mut self, shared: &mut Self::Shared, cx: &mut Cx<'_>);
    /// The flow is over and what the table knows of it is told, also of flows without a consumer.
    fn ended(shared: &mut Self::Shared, cx: &mut Cx<'_>, summary: &crate::FlowSummary<'_>);
}
