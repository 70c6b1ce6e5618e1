//! The flow table on conversations that tell a story.

use std::collections::BTreeMap;

use base::{Dir, FileId, Span, Ts};
use model::{
    Anomaly, Checksums, Command, Cx, Delivery, Fed, FileFacts, FileStep, FlowFacts, Id, Input,
    Profile, Record, Sinks, Then, Wants,
};
use watchpost_flow::{
    Advance, Around, Arrival, Defragmenter, FlowSummary, FlowTable, Place, StreamConsumer,
};
use wire::build::{Talk, Timed, ethernet};
use wire::{DecodeOptions, Decoder, LinkType, Notes};

/// What every flow said, by its originator's port, and how it ended.
#[derive(Default, Debug, PartialEq)]
struct Heard {
    bytes: BTreeMap<(u16, bool), Vec<u8>>,
    gaps: u64,
    ends: u32,
    flows: Vec<String>,
}

/// Keeps all it hears; asks after every `ASK`th call.
#[derive(Default)]
struct Ear {
    calls: u32,
}

impl StreamConsumer for Ear {
    type Shared = Heard;
    fn step(&mut self, heard: &mut Heard, cx: &mut Cx<'_>, dir: Dir, input: Input<'_>) -> Fed {
        self.calls += 1;
        match input {
            Input::Bytes(b) | Input::Datagram(b) => {
                let used =
                    if matches!(input, Input::Bytes(_)) { b.len().min(100) } else { b.len() };
                let key = (cx.flow.orig.port, dir == Dir::Orig);
                heard.bytes.entry(key).or_default().extend_from_slice(&b[..used]);
                let then = if self.calls.is_multiple_of(3) { Then::Ask } else { Then::Again };
                Fed { used, then }
            }
            Input::Gap(n) => {
                heard.gaps += n;
                Fed::MORE
            }
            Input::End => {
                heard.ends += 1;
                Fed::MORE
            }
        }
    }
    fn close(&mut self, _: &mut Heard, _: &mut Cx<'_>) {}
    fn ended(heard: &mut Heard, cx: &mut Cx<'_>, s: &FlowSummary<'_>) {
        let [a, b] = s.volumes;
        heard.flows.push(format!(
            "{} {} {} {}/{} {}+{} {}",
            cx.flow.orig.port,
            s.conn_state,
            s.history,
            s.sizes[0],
            s.sizes[1],
            a.packets,
            b.packets,
            s.flow_state
        ));
    }
}

#[derive(Default)]
struct Weirds(Vec<&'static str>);

impl Sinks for Weirds {
    fn event(&mut self, _: &FlowFacts, _: Id, _: &dyn Record) {}
    fn record(&mut self, _: &FlowFacts, _: &dyn Record) {}
    fn anomaly(&mut self, _: &FlowFacts, a: Anomaly<'_>) {
        self.0.push(a.kind.zeek);
    }
    fn file(&mut self, _: &FlowFacts, _: FileStep<'_>) {}
    fn file_facts(&self, _: FileId) -> Option<&FileFacts> {
        None
    }
    fn command(&mut self, _: Command) {}
}

fn run(mut profile: Profile, frames: &[Timed]) -> (Heard, Vec<&'static str>) {
    profile.checksums = Checksums::Ignore;
    let decoder = Decoder::new(DecodeOptions::default());
    let mut notes = Notes::new();
    let mut table: FlowTable<Ear> = FlowTable::new(profile.clone(), 7);
    let mut defrag = Defragmenter::default();
    let mut wants = Wants::default();
    wants.want_record(&SCHEMA);
    let (mut heard, mut weirds) = (Heard::default(), Weirds::default());
    for (i, f) in frames.iter().enumerate() {
        notes.clear();
        let frame = decoder.frame(LinkType::ETHERNET, &f.frame, f.frame.len() as u32, &mut notes);
        let mut packet = decoder.packet(&frame, &mut notes).expect("an IP packet");
        let whole;
        if packet.fragment.is_some() {
            let Some(w) = defrag.insert(f.ts, &packet, Place::of(&frame), &profile, &mut |_| {})
            else {
                continue;
            };
            whole = w;
            packet = decoder.reassembled(&whole, &packet, &mut notes).expect("a whole packet");
        }
        let arrival = Arrival {
            ts: f.ts,
            number: i as u64 + 1,
            frame: &frame,
            packet: &packet,
            frame_bytes: f.frame.len() as u32,
            depth: 0,
            parent: None,
            tunnel: 0,
            bad_checksum: false,
        };
        let mut around =
            Around { shared: &mut heard, wants: &wants, profile: &profile, out: &mut weirds };
        while table.advance(&arrival, &mut around) == Advance::Ask {}
    }
    let mut around =
        Around { shared: &mut heard, wants: &wants, profile: &profile, out: &mut weirds };
    table.finish(&mut around);
    assert!(table.is_empty() && table.held_bytes() == 0);
    (heard, weirds.0)
}

/// Stands for the connection record: wanting it keeps Zeek's books in every profile.
const SCHEMA: model::RecordSchema = model::RecordSchema {
    id: Id::new(model::room::CONN, 0),
    name: "conn",
    doc: "",
    zeek: "",
    eve: "",
    version: 1,
    fields: &[],
};

fn talk(port: u16) -> Talk {
    Talk::new("10.0.0.1", port, "10.0.0.2", 80)
}

const PROFILES: [Profile; 3] = [Profile::WATCHPOST, Profile::ZEEK, Profile::SURICATA];

#[test]
fn a_plain_connection_is_told_alike_in_every_profile() {
    let frames = talk(40000).open().client("GET /").server("hello").close().frames();
    for profile in PROFILES {
        let suricata = profile.is_suricata();
        let (heard, weirds) = run(profile, &frames);
        assert_eq!(heard.bytes[&(40000, true)], b"GET /");
        assert_eq!(heard.bytes[&(40000, false)], b"hello");
        assert_eq!((heard.gaps, heard.ends), (0, 2));
        let state = if suricata { "closed" } else { heard.flows[0].rsplit(' ').next().unwrap() };
        assert_eq!(heard.flows, [format!("40000 SF ShADadFf 5/5 6+5 {state}")]);
        assert!(weirds.is_empty(), "{weirds:?}");
    }
}

#[test]
fn order_repetition_and_size_of_segments_change_nothing_that_is_heard() {
    let page: Vec<u8> = (0..20_000u32).map(|i| ((i * 7) >> 3) as u8).collect();
    let plain = talk(40000).open().client("GET /").server(&page).close().frames();
    for profile in PROFILES {
        let (want, _) = run(profile.clone(), &plain);
        for bytes in [1, 13, 536] {
            let mut frames = talk(40000)
                .segments_of(bytes)
                .open()
                .client("GET /")
                .server(&page)
                .close()
                .frames();
            if bytes == 536 {
                // Data segments swapped two by two (each with its acknowledgement), one repeated.
                let data: Vec<usize> =
                    (0..frames.len()).filter(|i| frames[*i].frame.len() > 500).collect();
                for pair in data.chunks_exact(2) {
                    let (a, b) = (frames[pair[0]].frame.clone(), frames[pair[1]].frame.clone());
                    frames[pair[0]].frame = b;
                    frames[pair[1]].frame = a;
                }
                // An acknowledgement must not come before what it acknowledges.
                let last = frames.len() - 4;
                frames[5..last].sort_by_key(|f| f.frame.len() < 500);
                let again = frames[9].clone();
                frames.insert(20, again);
            }
            let (heard, _) = run(profile.clone(), &frames);
            assert_eq!(heard.bytes, want.bytes, "{bytes} {:?}", profile.name);
            assert_eq!((heard.gaps, heard.ends), (0, 2), "{bytes} {:?}", profile.name);
        }
    }
}

#[test]
fn a_lost_segment_is_a_gap_and_a_letter() {
    let mut frames =
        talk(40000).open().server("aaaaaaaaaa").server("bbbbbbbbbb").server("cc").close().frames();
    frames.remove(5);
    for profile in PROFILES {
        let (heard, _) = run(profile, &frames);
        assert_eq!(heard.bytes[&(40000, false)], b"aaaaaaaaaacc");
        assert_eq!(heard.gaps, 10);
        assert!(heard.flows[0].starts_with("40000 SF ShAdgFaf 0/22"), "{:?}", heard.flows);
    }
}

#[test]
fn numbers_may_wrap_around() {
    let page = vec![9u8; 10_000];
    let frames = talk(40000)
        .sequence(u32::MAX - 2, u32::MAX - 3000)
        .open()
        .client("GET /")
        .server(&page)
        .close()
        .frames();
    for profile in PROFILES {
        let (heard, weirds) = run(profile, &frames);
        assert_eq!(heard.bytes[&(40000, false)].len(), page.len());
        assert_eq!(heard.gaps, 0);
        assert!(heard.flows[0].starts_with("40000 SF ShADadFf 5/10000"), "{:?}", heard.flows);
        assert!(weirds.is_empty(), "{weirds:?}");
    }
}

#[test]
fn one_side_alone_is_heard_by_who_allows_it() {
    let all = talk(40000).open().client("GET /").server("hello").close().frames();
    let client: Vec<Timed> = all.into_iter().filter(|f| f.frame[26..30] == [10, 0, 0, 1]).collect();
    let (heard, _) = run(Profile::ZEEK, &client);
    assert_eq!(heard.bytes[&(40000, true)], b"GET /");
    let (heard, _) = run(Profile::SURICATA, &client);
    assert!(heard.bytes.is_empty());
    assert!(heard.flows[0].ends_with("new"));
}

#[test]
fn a_syn_on_the_same_ports_begins_another_connection() {
    let mut frames = talk(40000).open().client("one").close().frames();
    let second = talk(40000).sequence(900_000, 800_000).wait(Span::from_millis(40));
    frames.extend(second.open().client("two").close().frames());
    for profile in PROFILES {
        let zeek = profile.is_zeek();
        let (heard, weirds) = run(profile, &frames);
        assert_eq!(heard.flows.len(), 2);
        assert_eq!(heard.bytes[&(40000, true)], b"onetwo");
        if zeek {
            assert_eq!(weirds, ["premature_connection_reuse"]);
        }
    }
}

#[test]
fn a_syn_ack_that_comes_first_is_turned_around() {
    // Port 9999 tells nothing about who serves.
    let mut frames = Talk::new("10.0.0.1", 40000, "10.0.0.2", 9999).open().client("hi").frames();
    frames.remove(0);
    let (heard, weirds) = run(Profile::ZEEK, &frames);
    assert_eq!(heard.bytes[&(40000, true)], b"hi");
    assert!(heard.flows[0].starts_with("40000 OTH ^hADa 2/0"), "{:?}", heard.flows);
    assert_eq!(weirds, ["connection_originator_SYN_ack"]);
}

#[test]
fn fragments_are_one_packet() {
    let packet = ethernet().ipv4("10.0.0.1", "10.0.0.2").id(7).udp(40000, 9).payload([7u8; 3000]);
    let frames: Vec<Timed> = packet
        .fragments(1480)
        .into_iter()
        .rev()
        .enumerate()
        .map(|(i, frame)| Timed { ts: Ts::new(1_700_000_000, i as u32), frame })
        .collect();
    assert!(frames.len() > 2);
    for profile in PROFILES {
        let (heard, _) = run(profile, &frames);
        assert!(heard.bytes[&(40000, true)] == [7u8; 3000]);
        assert!(heard.flows[0].starts_with("40000 S0 D 3000/0 1+0"), "{:?}", heard.flows);
    }
}

#[test]
fn flows_end_in_the_order_they_began_and_never_exceed_their_bound() {
    let mut frames = Vec::new();
    for i in 0..200u16 {
        let at = Ts::new(1_700_000_000, u32::from(i) * 1000);
        frames.extend(talk(41000 + i).at(at).open().frames());
    }
    frames.sort_by_key(|f| f.ts);
    let (heard, _) = run(Profile::ZEEK, &frames);
    let ports: Vec<&str> = heard.flows.iter().map(|f| f.split(' ').next().unwrap()).collect();
    assert!(ports.is_sorted(), "{ports:?}");
    assert_eq!(ports.len(), 200);
    let mut small = Profile::ZEEK;
    small.flows = 16;
    let (heard, _) = run(small, &frames);
    assert!(heard.flows.len() > 200, "those evicted begin again: {}", heard.flows.len());
}

#[test]
fn delivery_waits_for_acknowledgement_where_the_profile_says_so() {
    let frames = talk(40000).without_acks().open().client("unheard").frames();
    assert_eq!(Profile::SURICATA.delivery, Delivery::WhenAcknowledged);
    for profile in PROFILES {
        // At the end what was never acknowledged is told after all.
        let (heard, _) = run(profile, &frames);
        assert_eq!(heard.bytes[&(40000, true)], b"unheard");
    }
}

#[test]
fn no_more_of_a_stream_is_heard_than_its_depth() {
    let page = vec![3u8; 9000];
    let frames = talk(40000).open().client("GET /").server(&page).close().frames();
    for mut profile in PROFILES {
        profile.stream_depth = Some(1500);
        let (heard, _) = run(profile, &frames);
        assert_eq!(heard.bytes[&(40000, true)], b"GET /");
        assert_eq!(heard.bytes[&(40000, false)].len(), 1500);
        assert!(heard.flows[0].starts_with("40000 SF ShADadFf 5/9000"), "{:?}", heard.flows);
    }
}
