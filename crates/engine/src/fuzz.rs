//! Entry points for the fuzz runner: packets through everything, from decoding to alerts.

use std::sync::Arc;

use base::Ts;
use capture::PacketRef;
use files::{Files, FilesConfig};
use model::{Checksums, Profile, Wants};
use wire::LinkType;

use crate::read::schemas;
use crate::shard::Shard;
use crate::sinks::Out;

/// The targets of this crate, by name.
#[allow(clippy::type_complexity)] // every crate has a list of this shape
pub const TARGETS: &[(&str, fn(&[u8]))] = &[("packets", fuzz_packets)];

/// Packets as one shard takes them. The first byte chooses the profile and whether
/// checksums count; each packet is its length
/// (two bytes), the milliseconds since the last one (one byte, eight times as many above 127), and
/// an Ethernet frame.
pub fn fuzz_packets(data: &[u8]) {
    let Some((choice, mut rest)) = data.split_first() else { return };
    let mut profile = match choice % 3 {
        0 => Profile::WATCHPOST,
        1 => Profile::ZEEK,
        _ => Profile::SURICATA,
    };
    // A mutation would have to mend checksums; mostly they aren't looked at.
    if *choice < 192 {
        profile.checksums = Checksums::Ignore;
    }
    let mut wants = Wants::default();
    for schema in schemas() {
        wants.want_record(schema);
    }
    let files = Files::new(FilesConfig::new(&profile), files::analyzers());
    let out = Out::new(None, Arc::new(wants), Some(files), false);
    let mut shard = Shard::new(profile, 0, None, out);
    let mut millis: i64 = 1_772_442_000_000;
    let mut number = 0_u64;
    while let Some(([high, low, later], tail)) = rest.split_first_chunk() {
        let len = usize::from(u16::from_be_bytes([*high, *low])).min(tail.len());
        let (frame, tail) = tail.split_at(len);
        rest = tail;
        let later = i64::from(*later);
        millis += if later > 127 { later * 8 } else { later };
        number += 1;
        shard.packet(&PacketRef {
            ts: Ts(millis * 1_000_000),
            link: LinkType(1),
            wire_len: frame.len() as u32,
            data: frame,
            iface: 0,
            number,
        });
    }
    drop(shard.finish());
}
