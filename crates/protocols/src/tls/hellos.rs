//! What a connection learns from hellos: versions, names, fingerprints, sessions.

use base::Dir;
use model::Cx;

use super::TlsTransaction;
use super::anomalies as odd;
use super::events;
use super::fingerprints::{Ja4Style, ja3_hash, ja3_text, ja3s_text, ja4, ja4s};
use super::parser::{
    ClientHello, ServerHello, extension, is_version, numbers8, protocol_names, selected_group,
    selected_version, server_names,
};
use super::session::Session;
use super::transaction::{NAMES_MOST, client_step, server_step};

impl Session {
    pub(super) fn client_hello(
        &mut self,
        cx: &mut Cx<'_>,
        dir: Dir,
        body: &[u8],
        clear: bool,
    ) -> bool {
        self.turn(cx, true, dir, clear);
        let Ok(hello) = ClientHello::parse(body) else {
            self.eve.hello(dir);
            return false;
        };
        self.eve_client_hello(dir, &hello);
        self.keep_client_hello(cx, &hello);
        if !clear {
            return true;
        }
        if hello.extensions.malformed {
            return false;
        }
        self.client_extensions(cx, &hello);
        if is_version(hello.version) {
            cx.confirm(self.service());
        } else {
            cx.anomaly(&odd::BAD_VERSION);
            self.violation(cx, true);
        }
        events::raise_client_hello(cx, &hello);
        let ticket =
            hello.extensions.find(extension::SESSION_TICKET).is_some_and(|body| !body.is_empty());
        self.ssl.offered_key |= hello.extensions.find(extension::PRE_SHARED_KEY).is_some();
        self.ssl.client_session(hello.session_id, ticket);
        true
    }

    fn eve_client_hello(&mut self, dir: Dir, hello: &ClientHello<'_>) {
        self.eve.hello_version(dir, hello.version);
        self.eve.session(dir, hello.session_id);
        for e in hello.extensions.iter() {
            match e.kind {
                extension::SUPPORTED_VERSIONS => self.eve.offered(numbers8(e.body).iter()),
                kind => self
                    .eve
                    .extension(kind == extension::SESSION_TICKET, kind == extension::EARLY_DATA),
            }
        }
        self.eve.hello(dir);
    }

    /// What the transaction keeps of a client's hello; the first one counts.
    fn keep_client_hello(&mut self, cx: &mut Cx<'_>, hello: &ClientHello<'_>) {
        let transport = if self.datagrams { b'd' } else { b't' };
        let style =
            if cx.profile.is_suricata() { Ja4Style::Suricata } else { Ja4Style::Specification };
        let tx = self.tx(cx);
        tx.reach(Dir::Orig, client_step::HELLO_DONE);
        let TlsTransaction { pool, sides: [client, _], .. } = tx;
        if client.ja3.is_some() {
            return;
        }
        let text = pool.write(|out| ja3_text(hello, out));
        client.ja3_hash = Some(ja3_hash(pool.get(text)));
        client.ja3 = Some(text);
        let body = hello.extensions.find(extension::ALPN).unwrap_or_default();
        for name in protocol_names(body).filter(|n| !n.is_empty()).take(NAMES_MOST) {
            let name = pool.put(name);
            client.alpn.push(name);
        }
        tx.ja4 = Some(ja4(hello, transport, style));
    }

    fn client_extensions(&mut self, cx: &mut Cx<'_>, hello: &ClientHello<'_>) {
        for e in hello.extensions.iter() {
            cx.raise(|| events::Extension {
                is_client: true,
                code: e.kind,
                val: model::Bytes(e.body),
            });
            if e.kind != extension::SERVER_NAME {
                continue;
            }
            let mut names = server_names(e.body).filter(|n| {
                let host = n.kind == 0;
                if !host {
                    cx.anomaly_with(&odd::SERVER_NAME_KIND, n.kind.to_string().as_bytes());
                }
                host
            });
            let (first, more) = (names.next(), names.next().is_some());
            if let Some(name) = first {
                let tx = self.tx(cx);
                tx.sni = Some(tx.pool.put(name.name));
            }
            if more {
                cx.anomaly(&odd::MANY_SERVER_NAMES);
            }
        }
    }

    pub(super) fn server_hello(
        &mut self,
        cx: &mut Cx<'_>,
        dir: Dir,
        body: &[u8],
        clear: bool,
    ) -> bool {
        self.turn(cx, false, dir, clear);
        let Ok(hello) = ServerHello::parse(body) else {
            self.eve.hello(dir);
            return false;
        };
        let selected =
            hello.extensions.find(extension::SUPPORTED_VERSIONS).and_then(selected_version);
        self.eve.hello_version(dir, hello.version);
        self.eve.session(dir, hello.session_id);
        if let Some(v) = selected {
            self.eve.selected(v);
        }
        self.eve.hello(dir);
        self.keep_server_hello(cx, &hello);
        if !clear {
            return true;
        }
        if hello.extensions.malformed {
            return false;
        }
        self.ssl.negotiate(selected.unwrap_or(hello.version));
        if !is_version(hello.version) {
            cx.anomaly(&odd::BAD_VERSION);
            self.violation(cx, true);
        }
        for e in hello.extensions.iter() {
            cx.raise(|| events::Extension {
                is_client: false,
                code: e.kind,
                val: model::Bytes(e.body),
            });
        }
        let accepted_key =
            self.ssl.offered_key && hello.extensions.find(extension::PRE_SHARED_KEY).is_some();
        let retry = hello.is_retry();
        let tx = self.tx(cx);
        if let Some(v) = selected {
            tx.version = Some(v);
        }
        let version = *tx.version.get_or_insert(hello.version);
        let share = hello
            .extensions
            .find(extension::KEY_SHARE)
            .or_else(|| hello.extensions.find(extension::KEY_SHARE_DRAFT));
        if let Some(group) = share.and_then(selected_group) {
            tx.curve = Some(group);
        }
        tx.cipher = Some(u32::from(hello.cipher));
        tx.resumed |= accepted_key;
        self.ssl.retry |= retry;
        if self.ssl.resumes(hello.session_id, version) {
            self.tx(cx).resumed = true;
        }
        events::raise_server_hello(cx, &hello);
        true
    }

    fn keep_server_hello(&mut self, cx: &mut Cx<'_>, hello: &ServerHello<'_>) {
        let transport = if self.datagrams { b'd' } else { b't' };
        let tx = self.tx(cx);
        tx.reach(Dir::Resp, server_step::HELLO);
        let TlsTransaction { pool, sides: [_, server], .. } = tx;
        let chosen = hello.extensions.find(extension::ALPN).unwrap_or_default();
        if let Some(name) = protocol_names(chosen).next()
            && server.alpn.is_empty()
        {
            let name = pool.put(name);
            server.alpn.push(name);
        }
        if server.ja3.is_none() {
            let text = pool.write(|out| ja3s_text(hello, out));
            server.ja3_hash = Some(ja3_hash(pool.get(text)));
            server.ja3 = Some(text);
            tx.ja4s = Some(ja4s(hello, transport));
        }
    }
}
