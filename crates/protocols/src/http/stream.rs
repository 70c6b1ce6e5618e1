//! Bodies in the stream: by length, by chunk, to the end, as lines; and holes in all of them.

use base::Dir;
use model::Cx;

use super::analyzer::{At, Next, State};
use super::anomalies as a;
use super::body::Body;
use super::line::{Cut, Ends};

impl State {
    /// Bytes of a body of known length, or of a chunk.
    pub(crate) fn in_measured(&mut self, cx: &mut Cx<'_>, dir: Dir, input: &[u8]) -> Next {
        let strict = self.reading.is_strict();
        let Some((half, tx)) = self.both(dir) else { return self.lost(dir, input) };
        let n = usize::try_from(half.left).unwrap_or(usize::MAX).min(input.len());
        let bytes = input.get(..n).unwrap_or(input);
        let mut used = n;
        let by_line = half.body.as_ref().is_some_and(Body::is_unpacked_by_line);
        if let Some(body) = half.body.as_mut().filter(|_| by_line) {
            let held = half.line.len();
            match half.line.take(bytes, Ends::Any) {
                Cut::More => {}
                Cut::Line { text, used: taken, .. } => {
                    let ends = held.saturating_add(taken).saturating_sub(text.len());
                    half.ahead = half.ahead.saturating_add(2u64.saturating_sub(ends as u64));
                    body.packed_line(cx, tx, text);
                    half.line.clear();
                    used = taken;
                }
            }
            if used as u64 == half.left
                && let Some(text) = half.line.rest()
            {
                cx.anomaly(&a::NO_LAST_LINE_END);
                body.packed_line(cx, tx, text);
                half.line.clear();
            }
        } else if let Some(body) = &mut half.body {
            used = body.data(cx, tx, bytes);
            if !strict {
                used = n;
            }
        }
        let short = half.body.as_mut().map_or(0, Body::take_short_ends);
        let lone_cr = half.body.as_mut().is_some_and(Body::take_lone_cr);
        let whole_line = half.body.as_ref().is_some_and(|b| {
            b.has_parts() && if by_line { half.line.len() == 0 } else { b.is_line_over() }
        });
        let m = tx.message_mut(dir);
        m.wire_len = m.wire_len.saturating_add(used as u64);
        m.body_len = m.body_len.saturating_add(short);
        half.left = half.left.saturating_sub(used as u64);
        half.ahead = half.ahead.saturating_add(short);
        let over = strict
            && half
                .body
                .as_ref()
                .is_some_and(|b| b.is_over() || whole_line && half.left <= half.ahead);
        if lone_cr && !std::mem::replace(&mut self.lone_cr_told, true) {
            cx.anomaly(&a::LONE_CR);
        }
        let Some((half, tx)) = self.both(dir) else { return self.lost(dir, input) };
        if half.at == At::ChunkData {
            if half.left == 0 {
                half.at = At::ChunkEnd;
            }
        } else if half.left == 0 || over {
            if strict && !by_line && half.left == 0 && half.body.as_ref().is_some_and(Body::in_line)
            {
                // The length ends the last line, which is counted with an end.
                cx.anomaly(&a::NO_LAST_LINE_END);
                tx.message_mut(dir).body_len = tx.message(dir).body_len.saturating_add(2);
            }
            half.tail = std::mem::take(&mut half.left);
            half.ahead = 0;
            return Next { used, ..self.finished(cx, dir) };
        }
        Next::used(used)
    }

    /// Bytes of a body that ends with the connection.
    pub(crate) fn in_unmeasured(&mut self, cx: &mut Cx<'_>, dir: Dir, input: &[u8]) -> Next {
        let Some((half, tx)) = self.both(dir) else { return self.lost(dir, input) };
        if let Some(body) = &mut half.body {
            body.data(cx, tx, input);
        }
        let m = tx.message_mut(dir);
        m.wire_len = m.wire_len.saturating_add(input.len() as u64);
        Next::used(input.len())
    }

    /// Bytes of a body that is read as lines: each ends in CRLF, whatever ended it.
    pub(crate) fn in_lines(&mut self, cx: &mut Cx<'_>, dir: Dir, input: &[u8]) -> Next {
        let Some((half, tx)) = self.both(dir) else { return self.lost(dir, input) };
        let Some(body) = &mut half.body else { return self.lost(dir, input) };
        if body.has_parts() {
            let used = body.data(cx, tx, input);
            if body.is_over() {
                return Next { used, ..self.message_over(cx, dir, false) };
            }
            return Next::used(used);
        }
        if std::mem::take(&mut half.after_cr) {
            if input.first() == Some(&b'\n') {
                return Next::used(1);
            }
            self.lone_cr(cx, input.first());
            return Next::GO_ON;
        }
        match memchr::memchr2(b'\r', b'\n', input) {
            None => {
                body.data(cx, tx, input);
                half.mid_line = true;
                Next::used(input.len())
            }
            Some(i) => {
                let (text, end) = input.split_at_checked(i).unwrap_or((input, b""));
                if !text.is_empty() {
                    body.data(cx, tx, text);
                }
                body.data(cx, tx, b"\r\n");
                half.mid_line = false;
                half.after_cr = end.first() == Some(&b'\r');
                Next::used(i.saturating_add(1))
            }
        }
    }

    /// The transaction of a direction is gone: what is left of its message has no place.
    pub(crate) fn lost(&mut self, dir: Dir, input: &[u8]) -> Next {
        self.half(dir).at = At::Nothing;
        Next::used(input.len())
    }

    /// Counts bytes of framing to the body as it was sent.
    pub(crate) fn on_wire(&mut self, dir: Dir, raw: u64) {
        if let Some((_, tx)) = self.both(dir) {
            let m = tx.message_mut(dir);
            m.wire_len = m.wire_len.saturating_add(raw);
        }
    }

    /// So many bytes of a direction are lost.
    pub(crate) fn gap(&mut self, cx: &mut Cx<'_>, dir: Dir, lost: u64) {
        let strict = self.reading.is_strict();
        let Some((half, tx)) = self.both(dir) else {
            if strict {
                self.half(dir).at = At::Nothing;
            }
            return;
        };
        let in_body = matches!(half.at, At::Length | At::ChunkData | At::UntilClose | At::Lines);
        let begun = !strict || tx.message(dir).body_len > 0;
        let parts = half.body.as_ref().is_some_and(Body::has_parts);
        let measured = matches!(half.at, At::Length | At::ChunkData);
        let fits = measured && lost <= half.left && !(strict && parts);
        if in_body && begun {
            let here = if measured && !strict { lost.min(half.left) } else { lost };
            if let Some(body) = &mut half.body {
                if strict && parts {
                    if body.gap_in_part(cx, tx, here) {
                        return;
                    }
                } else {
                    body.gap(cx, tx, here);
                }
            }
            let m = tx.message_mut(dir);
            if fits || !strict {
                m.body_len = m.body_len.saturating_add(here);
                m.wire_len = m.wire_len.saturating_add(here);
                half.left = half.left.saturating_sub(here);
            }
            if fits || (!strict && half.at == At::UntilClose) {
                if half.left == 0 && half.at == At::Length {
                    self.message_over(cx, dir, false);
                } else if half.left == 0 && half.at == At::ChunkData {
                    half.at = At::ChunkEnd;
                }
                return;
            }
        }
        self.gap_outside(cx, dir);
    }

    /// Bytes were lost where the state of the conversation depends on them.
    fn gap_outside(&mut self, cx: &mut Cx<'_>, dir: Dir) {
        if !self.reading.is_strict() {
            // Go on with the next line.
            cx.anomaly(&a::GAP_IN_HEADERS);
            self.half(dir).line.clear();
            if matches!(self.half(dir).at, At::Length | At::ChunkData) {
                self.message_over(cx, dir, true);
                self.half(dir).at = At::Start;
            }
            return;
        }
        self.interrupt(cx, dir);
        self.half(dir).at = At::Nothing;
        if dir == Dir::Orig {
            // Whether a response has a body may depend on the request that was lost.
            self.interrupt(cx, Dir::Resp);
        }
    }

    /// A message that is under way ends, and with it its direction.
    pub(crate) fn interrupt(&mut self, cx: &mut Cx<'_>, dir: Dir) {
        if self.half(dir).at.in_message() {
            self.message_over(cx, dir, true);
            self.half(dir).at = At::Nothing;
        }
    }
}
