//! Community ID version 1 (the corelight specification): one name for a flow in every tool.

use std::net::IpAddr;

use base64::Engine as _;
use sha1::{Digest, Sha1};

/// The community id of a flow, `1:` and the base 64 of a SHA-1.
///
/// `ports` are the ports of TCP, UDP and SCTP, or type and counterpart code of ICMP as the
/// specification pairs them; `None` for protocols without ports.
/// `one_way` marks ICMP types without a counterpart, whose endpoints are not put in order.
pub fn community_id(
    seed: u16,
    src: IpAddr,
    dst: IpAddr,
    proto: u8,
    ports: Option<(u16, u16)>,
    one_way: bool,
) -> String {
    let (a, b) = ports.unwrap_or((0, 0));
    let swap = !one_way && (src, a) > (dst, b);
    let (src, dst, a, b) = if swap { (dst, src, b, a) } else { (src, dst, a, b) };
    let mut h = Sha1::new();
    h.update(seed.to_be_bytes());
    for addr in [src, dst] {
        match addr {
            IpAddr::V4(v) => h.update(v.octets()),
            IpAddr::V6(v) => h.update(v.octets()),
        }
    }
    h.update([proto, 0]);
    if ports.is_some() {
        h.update(a.to_be_bytes());
        h.update(b.to_be_bytes());
    }
    let mut out = String::with_capacity(30);
    out.push_str("1:");
    base64::engine::general_purpose::STANDARD.encode_string(h.finalize(), &mut out);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_the_specification_and_is_symmetric() {
        let a: IpAddr = "128.232.110.120".parse().unwrap();
        let b: IpAddr = "66.35.250.204".parse().unwrap();
        let want = "1:LQU9qZlK+B5F3KDmev6m5PMibrg=";
        assert_eq!(community_id(0, a, b, 6, Some((34855, 80)), false), want);
        assert_eq!(community_id(0, b, a, 6, Some((80, 34855)), false), want);
    }
}
