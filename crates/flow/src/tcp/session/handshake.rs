//! From the first SYN to the handshake's last acknowledgement, and streams picked up later.

use base::Ts;

use super::{Misfit, SCALE_MOST, Session, State, scaled};
use crate::step::Tracking;
use crate::tcp::Segment;
use crate::tcp::seq::{gt, leq};

impl Session {
    /// The first segment that may begin a session.
    pub(super) fn begin(&mut self, t: Ts, side: usize, s: &Segment, tr: &mut Tracking<'_>) {
        if s.rst() {
            return;
        }
        if s.syn() && !s.ack() && !s.fin() {
            self.set(State::SynSent);
            let (client, server) = self.both(side);
            client.flags |= s.flags;
            client.isn = s.seq;
            client.next_seq = s.seq.wrapping_add(1);
            if let Some((value, _)) = s.timestamps {
                client.last_ts = value;
                client.zero_ts = value == 0;
                client.last_ts_secs = t.secs() as u32;
                client.offered_ts = true;
            }
            server.window = u32::from(s.window);
            if let Some(scale) = s.scale {
                server.scale = scale.min(SCALE_MOST);
            }
            self.scale_offered = s.scale.is_some();
            return;
        }
        if !self.midstream_allowed || !(s.ack() || s.fin()) {
            return;
        }
        if s.syn() {
            // A SYN-ACK: its sender is the server.
            self.set(State::SynRecv);
            let (server, client) = self.both(side);
            server.flags |= s.flags;
            server.isn = s.seq;
            server.next_seq = s.seq.wrapping_add(1);
            server.window = u32::from(s.window);
            server.last_ack = s.seq;
            server.next_win = s.seq.wrapping_add(u32::from(s.window));
            server.scale = SCALE_MOST;
            client.isn = s.ack.wrapping_sub(1);
            client.next_seq = s.ack;
            client.last_ack = s.ack;
            client.scale = s.scale.unwrap_or(0).min(SCALE_MOST);
            self.midstream = true;
            return;
        }
        self.set(if s.fin() { State::FinWait1 } else { State::Established });
        self.midstream = true;
        self.midstream_fresh = true;
        let (sender, receiver) = self.both(side);
        sender.flags |= s.flags;
        sender.scale = SCALE_MOST;
        receiver.scale = SCALE_MOST;
        sender.isn = s.seq.wrapping_sub(1);
        sender.next_seq = s.seq.wrapping_add(s.len).wrapping_add(u32::from(s.fin()));
        sender.window = u32::from(s.window) << SCALE_MOST;
        sender.last_ack = s.seq;
        sender.next_win = s.seq.wrapping_add(sender.window);
        receiver.isn = s.ack.wrapping_sub(1);
        receiver.next_seq = s.ack;
        receiver.last_ack = s.ack;
        receiver.next_win = s.ack;
        if let Some((value, echo)) = s.timestamps {
            sender.last_ts = value;
            sender.zero_ts = value == 0;
            sender.last_ts_secs = t.secs() as u32;
            receiver.last_ts = echo;
            receiver.zero_ts = echo == 0;
            self.timestamps = true;
        }
        self.accept(side, s, tr);
    }

    pub(super) fn in_syn_sent(
        &mut self,
        t: Ts,
        side: usize,
        to_server: bool,
        s: &Segment,
        tr: &mut Tracking<'_>,
    ) -> Result<(), Misfit> {
        if s.syn() && s.ack() {
            return self.on_syn_ack(t, side, to_server, s);
        }
        if s.rst() {
            self.check_reset(t, side, to_server, s)?;
            if to_server {
                let client = self.stream(side);
                if s.seq == client.isn && s.window == 0 && s.ack == client.isn.wrapping_add(1) {
                    self.close_with_reset();
                    self.both(side).1.reset = true;
                }
            } else {
                self.close_with_reset();
                self.both(side).1.reset = true;
            }
        } else if s.syn() && !s.fin() {
            if to_server {
                // The client tries again, perhaps with another number.
                let (client, server) = self.both(side);
                client.isn = s.seq;
                client.next_seq = s.seq.wrapping_add(1);
                client.offered_ts = s.timestamps.is_some();
                if let Some((value, _)) = s.timestamps {
                    client.last_ts = value;
                    client.zero_ts = value == 0;
                    client.last_ts_secs = t.secs() as u32;
                }
                server.window = u32::from(s.window);
                server.scale = s.scale.unwrap_or(0).min(SCALE_MOST);
                self.scale_offered = s.scale.is_some();
            } else {
                self.crossed_syns = true;
                let (server, client) = self.both(side);
                server.isn = s.seq;
                server.next_seq = s.seq.wrapping_add(1);
                server.offered_ts = s.timestamps.is_some();
                if let Some((value, _)) = s.timestamps {
                    server.last_ts = value;
                    server.zero_ts = value == 0;
                    server.last_ts_secs = t.secs() as u32;
                }
                server.window = u32::from(s.window);
                client.scale = s.scale.unwrap_or(0).min(SCALE_MOST);
            }
        }
        let _ = tr;
        Ok(())
    }

    pub(super) fn on_syn_ack(
        &mut self,
        t: Ts,
        side: usize,
        to_server: bool,
        s: &Segment,
    ) -> Result<(), Misfit> {
        if to_server {
            // Both sides opened; this is the client's answer to the server's SYN.
            let (client, server) = self.both(side);
            let fits = s.ack == server.isn.wrapping_add(1) && s.seq == client.isn;
            if !self.crossed_syns || !fits {
                return Err(Misfit);
            }
            let scale_offered = self.scale_offered;
            let (client, server) = self.both(side);
            client.next_seq = client.isn.wrapping_add(1);
            server.window = u32::from(s.window);
            server.last_ack = s.ack;
            client.last_ack = client.isn.wrapping_add(1);
            server.scale = if scale_offered { s.scale.unwrap_or(0).min(SCALE_MOST) } else { 0 };
            client.next_win = client.last_ack.wrapping_add(client.window);
            server.next_win = server.last_ack.wrapping_add(server.window);
            self.set(State::SynRecv);
            return Ok(());
        }
        let (_, client) = self.both(side);
        if s.ack != client.isn.wrapping_add(1) && s.ack != client.next_seq {
            return Err(Misfit);
        }
        self.take_syn_ack(t, side, s);
        Ok(())
    }

    /// The server has answered: both sides' numbers and options are known.
    pub(super) fn take_syn_ack(&mut self, t: Ts, side: usize, s: &Segment) {
        self.set(State::SynRecv);
        let scale_offered = self.scale_offered;
        let (server, client) = self.both(side);
        server.isn = s.seq;
        server.next_seq = s.seq.wrapping_add(1);
        client.window = u32::from(s.window);
        let with_ts = match s.timestamps {
            Some((value, _)) if client.offered_ts => {
                server.last_ts = value;
                server.zero_ts = value == 0;
                server.last_ts_secs = t.secs() as u32;
                true
            }
            _ => {
                server.last_ts = 0;
                client.last_ts = 0;
                false
            }
        };
        client.last_ack = s.ack;
        server.last_ack = s.seq.wrapping_add(1);
        match s.scale {
            Some(scale) if scale_offered => client.scale = scale.min(SCALE_MOST),
            _ => {
                client.scale = 0;
                server.scale = 0;
            }
        }
        server.next_win = server.last_ack.wrapping_add(server.window);
        client.next_win = client.last_ack.wrapping_add(client.window);
        self.timestamps = with_ts;
    }

    pub(super) fn in_syn_recv(
        &mut self,
        t: Ts,
        side: usize,
        to_server: bool,
        s: &Segment,
        tr: &mut Tracking<'_>,
    ) -> Result<(), Misfit> {
        if s.rst() {
            self.check_reset(t, side, to_server, s)?;
            self.close_with_reset();
            self.accept(side, s, tr);
            return Ok(());
        }
        if s.fin() {
            self.check_timestamp(t, side, s)?;
            return self.on_fin(t, side, to_server, s, tr);
        }
        if s.syn() {
            let (sender, receiver) = self.both(side);
            if s.ack() {
                if to_server || s.ack != receiver.last_ack {
                    return Err(Misfit);
                }
                if s.seq != sender.isn && self.other_synacks.len() < 5 {
                    self.other_synacks.push((s.seq, s.ack, s.window, s.scale.unwrap_or(0)));
                }
                return Ok(());
            }
            return if to_server && s.seq == sender.isn { Ok(()) } else { Err(Misfit) };
        }
        if !s.ack() {
            return Ok(());
        }
        if to_server
            && let Some(&(isn, _, window, scale)) = self
                .other_synacks
                .iter()
                .find(|(isn, ack, ..)| isn.wrapping_add(1) == s.ack && *ack == s.seq)
        {
            let (client, server) = self.both(side);
            server.isn = isn;
            server.next_seq = isn.wrapping_add(1);
            server.last_ack = server.next_seq;
            server.next_win = server.last_ack.wrapping_add(server.window);
            client.window = u32::from(window);
            client.scale = scale.min(SCALE_MOST);
        }
        self.check_timestamp(t, side, s)?;
        self.complete_handshake(t, side, to_server, s, tr)
    }

    /// An acknowledgement after the SYN-ACK.
    pub(super) fn complete_handshake(
        &mut self,
        t: Ts,
        side: usize,
        to_server: bool,
        s: &Segment,
        tr: &mut Tracking<'_>,
    ) -> Result<(), Misfit> {
        let midstream = self.midstream;
        let end = s.seq.wrapping_add(s.len);
        let (sender, receiver) = (self.stream(side), self.stream(side ^ 1));
        let (next, peer_next) = (sender.next_seq, receiver.next_seq);
        if self.crossed_syns && !to_server {
            if s.seq != next {
                return Err(Misfit);
            }
            self.check_ack(side, to_server, s)?;
        } else if to_server {
            let in_order = s.seq == next && s.ack == peer_next;
            let ahead = gt(s.seq, next) && leq(s.seq, sender.next_win) && s.ack == peer_next;
            if !in_order && !ahead {
                return Err(Misfit);
            }
        } else {
            // The server speaks: the client's acknowledgement was missed.
            let in_order = s.seq == next && s.ack == receiver.last_ack;
            let ahead = gt(s.seq, peer_next) && gt(s.ack, receiver.last_ack);
            if !(in_order || ahead || (s.seq == next && s.ack == peer_next)) {
                return Err(Misfit);
            }
        }
        self.take_timestamp(t, side, s);
        let (sender, receiver) = self.both(side);
        Self::update_ack(receiver, s.ack);
        sender.next_seq = end;
        receiver.window = scaled(s.window, receiver.scale);
        receiver.next_win = receiver.last_ack.wrapping_add(receiver.window);
        if midstream {
            sender.window = scaled(s.window, sender.scale);
            sender.next_win = sender.last_ack.wrapping_add(sender.window);
        }
        self.set(State::Established);
        self.accept(side, s, tr);
        Ok(())
    }
}
