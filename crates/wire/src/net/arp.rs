//! ARP (RFC 826) and RARP for IPv4 on Ethernet.

use crate::decoder::Cx;
use crate::note::NoteKind;
use crate::{Arp, Frame, Net};

/// An ARP message; `kind` is its EtherType.
pub(crate) fn decode(cx: &mut Cx<'_, '_>, f: &mut Frame<'_>, kind: u16, data: &[u8]) {
    f.net = Net::Other(kind);
    let Some((&[h0, h1, p0, p1, hlen, plen, o0, o1], body)) = data.split_first_chunk::<8>() else {
        return cx.note(NoteKind::ArpTruncated);
    };
    let hardware = u16::from_be_bytes([h0, h1]);
    let protocol = u16::from_be_bytes([p0, p1]);
    let op = u16::from_be_bytes([o0, o1]);
    let need = usize::from(hlen).saturating_add(usize::from(plen)).saturating_mul(2);
    if body.len() < need {
        return cx.note(NoteKind::ArpAddressesTruncated);
    }
    // 6 is IEEE 802, whose addresses are the same.
    if hardware != 1 && hardware != 6 {
        return cx.note_with(NoteKind::ArpHardwareUnsupported, u32::from(hardware));
    }
    if protocol != 0x0800 {
        return cx.note_with(NoteKind::ArpProtocolUnsupported, u32::from(protocol));
    }
    if hlen != 6 {
        return cx.note_with(NoteKind::ArpHardwareSize, u32::from(hlen));
    }
    if plen != 4 {
        return cx.note_with(NoteKind::ArpProtocolSize, u32::from(plen));
    }
    if !(1..=4).contains(&op) {
        cx.note_with(NoteKind::ArpOperationUnsupported, u32::from(op));
    }
    let mut rest = base::Reader::new(body);
    let mut arp = || -> Result<Arp, base::Short> {
        Ok(Arp {
            op,
            sender_mac: rest.array()?,
            sender_ip: rest.array()?,
            target_mac: rest.array()?,
            target_ip: rest.array()?,
        })
    };
    if let Ok(arp) = arp() {
        f.net = Net::Arp(arp);
    }
}
