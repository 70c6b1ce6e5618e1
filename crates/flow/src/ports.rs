//! Ports where servers are likely to listen: the sum of what Zeek's analyzers register
//! (`likely_server_ports`, of a build without Spicy). A packet that comes from one and opens a flow is taken for an answer.

/// Of TCP.
const TCP: &[u16] = &[
    21, 22, 25, 53, 79, 80, 81, 88, 135, 139, 143, 443, 445, 465, 502, 514, 563, 585, 587, 614,
    631, 636, 989, 990, 992, 993, 995, 1080, 1434, 1883, 2811, 3128, 3306, 3389, 5222, 5223, 5269,
    6666, 6667, 6668, 6669, 8000, 8080, 8888, 20000,
];
/// Of UDP.
const UDP: &[u16] = &[
    53, 67, 88, 123, 137, 161, 162, 443, 514, 1812, 2123, 2152, 3389, 3544, 4011, 4754, 4789, 5060,
    5072, 5353, 5355, 6081, 20000,
];

/// Whether a TCP server is likely there.
pub(crate) fn likely_tcp(port: u16) -> bool {
    TCP.binary_search(&port).is_ok()
}

/// Whether a UDP server is likely there.
pub(crate) fn likely_udp(port: u16) -> bool {
    UDP.binary_search(&port).is_ok()
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_lists_are_sorted_for_the_search() {
        assert!(super::TCP.is_sorted() && super::UDP.is_sorted());
    }
}
