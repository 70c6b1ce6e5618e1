//! The figures as people read them.

use serde_json::Value;

use super::process::Cost;
use super::{Capture, number};

/// What was measured of the machine.
pub(super) struct Machine {
    /// GB a second.
    pub(super) memory: f64,
    /// Nanoseconds of the calibration loop.
    pub(super) loop_nanos: f64,
}

const MB: f64 = 1e6;

pub(super) fn machine(m: &Machine) {
    println!("memory stream {:.1} GB/s, calibration loop {:.0} ns\n", m.memory, m.loop_nanos);
    println!(
        "{:24} {:>9} {:>8} {:>8} {:>10} {:>8} {:>7} {:>8}",
        "", "packets", "CPU s", "wall s", "packets/s", "Gbit/s", "ns/pkt", "RssAnon"
    );
}

/// One run; rates are per CPU second.
pub(super) fn row(name: &str, capture: &Capture, cost: &Cost) {
    let packets = capture.packets as f64;
    println!(
        "{name:24} {:9} {:8.2} {:8.2} {:10.0} {:8.2} {:7.0} {:5.0} MB",
        capture.packets,
        cost.cpu,
        cost.wall,
        packets / cost.cpu,
        capture.bytes as f64 * 8.0 / cost.cpu / 1e9,
        cost.cpu * 1e9 / packets,
        cost.anon as f64 / MB
    );
}

pub(super) fn ratio(name: &str, ratio: f64) {
    println!("{name}: {ratio:.2}");
}

/// Memory of a connection: what many take beyond what an empty capture takes.
pub(super) fn connection(small: &Capture, cost: &Cost, empty: &Cost) {
    let bytes = cost.anon.saturating_sub(empty.anon) as f64 / small.flows as f64;
    println!("memory of a connection: {:.2} KB ({} flows)", bytes / 1000.0, small.flows);
}

pub(super) fn start_up(seconds: f64) {
    println!("start to end on an empty capture: {:.1} ms (median)", seconds * 1000.0);
}

pub(super) fn allocations(a: &Value) {
    println!(
        "allocations: {:.4} of a packet in a long connection, {:.3} of a packet over all, connections and logs included",
        number(a, "steady"),
        number(a, "office")
    );
}

pub(super) fn last_line(m: &Machine, office: &Capture, eve: &Cost) {
    println!(
        "bench read: {:.2} million packets and {:.2} Gbit per CPU second with EVE on, {:.0} MB; memory stream {:.1} GB/s",
        office.packets as f64 / eve.cpu / 1e6,
        office.bytes as f64 * 8.0 / eve.cpu / 1e9,
        eve.anon as f64 / MB,
        m.memory
    );
}
