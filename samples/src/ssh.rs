//! SSH (RFC 4253): banners and key exchange in the clear, then noise of the right sizes.

use crate::{Random, Side, Tape, Tcp};

fn packet(payload: &[u8]) -> Vec<u8> {
    // Length, padding length, payload and padding: together a multiple of 8.
    let padding = 16 - (payload.len() + 5) % 8;
    let mut out = ((payload.len() + padding + 1) as u32).to_be_bytes().to_vec();
    out.push(padding as u8);
    out.extend_from_slice(payload);
    out.extend(std::iter::repeat_n(0, padding));
    out
}

fn string(bytes: &[u8]) -> Vec<u8> {
    let mut out = (bytes.len() as u32).to_be_bytes().to_vec();
    out.extend_from_slice(bytes);
    out
}

fn kexinit(random: &mut Random, kex: &str) -> Vec<u8> {
    let ciphers = "chacha20-poly1305@openssh.com,aes128-ctr,aes256-ctr";
    let macs = "umac-64-etm@openssh.com,hmac-sha2-256-etm@openssh.com,hmac-sha2-256";
    let mut out = vec![20];
    out.extend(random.bytes(16));
    for list in
        [kex, "ssh-ed25519,rsa-sha2-512", ciphers, ciphers, macs, macs, "none", "none", "", ""]
    {
        out.extend(string(list.as_bytes()));
    }
    out.extend_from_slice(&[0; 5]);
    packet(&out)
}

/// Banners and key exchange.
pub fn handshake(tcp: &mut Tcp, tape: &mut Tape, client: &str, server: &str, random: &mut Random) {
    tcp.say(tape, Side::Client, format!("{client}\r\n").as_bytes(), random);
    tcp.say(tape, Side::Server, format!("{server}\r\n").as_bytes(), random);
    let kex = "curve25519-sha256,ecdh-sha2-nistp256,diffie-hellman-group14-sha256";
    let init = kexinit(random, kex);
    tcp.say(tape, Side::Client, &init, random);
    let init = kexinit(random, "curve25519-sha256,diffie-hellman-group14-sha256");
    tcp.say(tape, Side::Server, &init, random);
    let mut ask = vec![30];
    ask.extend(string(&random.bytes(32)));
    tcp.say(tape, Side::Client, &packet(&ask), random);
    let mut key = string(b"ssh-ed25519");
    key.extend(string(&Random::new(u64::from(server.len() as u32)).bytes(32)));
    let mut signature = string(b"ssh-ed25519");
    signature.extend(string(&random.bytes(64)));
    let mut reply = vec![31];
    reply.extend(string(&key));
    reply.extend(string(&random.bytes(32)));
    reply.extend(string(&signature));
    let mut out = packet(&reply);
    out.extend(packet(&[21]));
    tcp.say(tape, Side::Server, &out, random);
    tcp.say(tape, Side::Client, &packet(&[21]), random);
}

/// Authentication that succeeds after so many failures, and a session of so many exchanges.
pub fn session(
    tcp: &mut Tcp,
    tape: &mut Tape,
    failures: usize,
    exchanges: usize,
    random: &mut Random,
) {
    // Service request and its acceptance.
    tcp.say(tape, Side::Client, &random.bytes(44), random);
    tcp.say(tape, Side::Server, &random.bytes(44), random);
    for _ in 0..failures {
        tcp.say(tape, Side::Client, &random.bytes(148), random);
        tcp.wait(1_200_000_000);
        tcp.say(tape, Side::Server, &random.bytes(52), random);
    }
    if exchanges == 0 {
        return;
    }
    tcp.say(tape, Side::Client, &random.bytes(148), random);
    tcp.say(tape, Side::Server, &random.bytes(28), random);
    for _ in 0..exchanges {
        tcp.wait(40_000_000 + random.below(2_000_000_000) as i64);
        tcp.say(tape, Side::Client, &random.bytes(36), random);
        let len = random.heavy(36, 4000);
        tcp.say(tape, Side::Server, &random.bytes(len), random);
    }
}
