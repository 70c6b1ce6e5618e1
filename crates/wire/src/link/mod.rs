//! Link layers: from a frame to what it carries.
//!
//! Each decoder takes its own header off and calls the next; the layers are counted in
//! [`Cx::layers`], which bounds the recursion. What a layer says of the packet (addresses, VLANs,
//! labels) goes into the [`Frame`] on the way.

mod cooked;
mod ethernet;
mod mpls;
mod other;
mod ppp;
mod tags;
mod wifi;

use crate::decoder::Cx;
use crate::note::NoteKind;
use crate::{Frame, LinkType, Net};

pub(crate) use ethernet::{Parent, ethernet, ethertype, network};
pub(crate) use ppp::ppp;
pub(crate) use tags::push_vlan;
pub(crate) use wifi::{subframe, wifi};

/// Decodes a frame of any known link type.
#[inline]
pub(crate) fn decode<'a>(cx: &mut Cx<'_, '_>, f: &mut Frame<'a>, link: LinkType, data: &'a [u8]) {
    if link == LinkType::ETHERNET {
        return ethernet(cx, f, data);
    }
    rare(cx, f, link, data);
}

#[inline(never)]
fn rare<'a>(cx: &mut Cx<'_, '_>, f: &mut Frame<'a>, link: LinkType, data: &'a [u8]) {
    // Suricata opens captures of these link types only.
    if cx.suricata()
        && !matches!(
            link,
            LinkType::NULL
                | LinkType::PPP
                | LinkType::RAW
                | LinkType::RAW_OPENBSD
                | LinkType::RAW_BSD
                | LinkType::IPV4
                | LinkType::IPV6
                | LinkType::CISCO_HDLC
                | LinkType::LINUX_SLL
                | LinkType::LINUX_SLL2
        )
    {
        cx.note_with(NoteKind::LinkTypeUnsupported, u32::from(link.0));
        return;
    }
    match link {
        LinkType::NULL => other::null(cx, f, data),
        LinkType::LOOP if !cx.zeek() => other::null_big_endian(cx, f, data),
        LinkType::PPP => ppp(cx, f, data),
        LinkType::PPP_SERIAL => ppp::serial(cx, f, data),
        LinkType::CISCO_HDLC if !cx.zeek() => other::cisco_hdlc(cx, f, data),
        LinkType::PPP_ETHER if !cx.zeek() => ppp::pppoe_session(cx, f, data),
        LinkType::FDDI => other::fddi(cx, f, data),
        LinkType::LINUX_SLL => cooked::sll(cx, f, data),
        LinkType::LINUX_SLL2 => cooked::sll2(cx, f, data),
        LinkType::NFLOG => other::nflog(cx, f, data),
        LinkType::IEEE802_11 => {
            wifi(cx, f, data);
        }
        LinkType::IEEE802_11_RADIOTAP => wifi::radiotap(cx, f, data),
        LinkType::IEEE802_11_PRISM if !cx.zeek() => wifi::prism(cx, f, data),
        LinkType::IEEE802_11_AVS if !cx.zeek() => wifi::avs(cx, f, data),
        LinkType::PPI if !cx.zeek() => wifi::ppi(cx, f, data),
        LinkType::RAW
        | LinkType::RAW_BSD
        | LinkType::RAW_OPENBSD
        | LinkType::IPV4
        | LinkType::IPV6 => raw_ip(cx, f, data),
        // Zeek takes every link type that it does not know for raw IP.
        _ if cx.zeek() => raw_ip(cx, f, data),
        _ => cx.note_with(NoteKind::LinkTypeUnsupported, u32::from(link.0)),
    }
}

/// Bytes that are an IP packet without anything around it.
#[inline]
pub(crate) fn raw_ip<'a>(cx: &mut Cx<'_, '_>, f: &mut Frame<'a>, data: &'a [u8]) {
    if cx.deeper() {
        f.net = Net::Ip(data);
    }
}
