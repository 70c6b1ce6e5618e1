//! DNS messages (RFC 1035 and what came after), also as mDNS, LLMNR and NetBIOS name service use
//! them: header, questions, resource records.
//!
//! [`parse`] finds where everything stands and checks it; it copies no text. A [`Layout`] holds
//! offsets into the message, so that a transaction keeps the message's bytes and the layout, and
//! names are spelled out only for the reader that asks ([`spell`]).
//!
//! **Invariant:** [`walk`] ends. Each step either consumes a label of the message or follows a
//! pointer; pointers are followed at most [`Rules::pointers`] times and labels at most
//! [`MAX_LABELS`] times, whatever they point at. Under [`Rules::STRICT`] a pointer must moreover
//! point before itself.
//!
//! **Invariant:** a layout's offsets lie within the message it was made from, and a message holds
//! at most 65,535 bytes; a layout of other bytes spells nonsense, never out of bounds.

use base::{Reader, Short};
use smallvec::SmallVec;

/// Most labels that one name may have, over all its pointers.
pub const MAX_LABELS: u32 = 255;
/// Longest spelled name; the rest is cut off and said so.
pub const MAX_NAME_TEXT: usize = 1025;
/// Most notes kept of one message; more are counted only.
const MAX_NOTES: usize = 32;
/// Bytes of a message header.
pub const HEADER_LEN: usize = 12;

/// How names are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// A pointer may point at or after itself.
    pub forward: bool,
    /// Most pointers that one name may follow.
    pub pointers: u32,
    /// Longest name, in characters with dots; a longer one is a fault where [`Self::forward`] is
    /// false, else it is cut.
    pub text: usize,
    /// Labels of more than 63 bytes are names, as NetBIOS uses them.
    pub long_labels: bool,
}

impl Rules {
    /// As RFC 1035 is meant: pointers go back. What Zeek does.
    pub const STRICT: Self = Self { forward: false, pointers: 20, text: 512, long_labels: false };
    /// Whatever can be understood. What Suricata does.
    pub const TOLERANT: Self =
        Self { forward: true, pointers: MAX_LABELS, text: MAX_NAME_TEXT, long_labels: false };
}

/// The part of a message that a record stands in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Section {
    /// What was asked.
    #[default]
    Question,
    /// Answers; in dynamic updates the prerequisites.
    Answer,
    /// Authorities; in dynamic updates the updates.
    Authority,
    /// Additional records.
    Additional,
}

/// Why the reading of a message stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Fewer bytes than a header.
    HeaderShort,
    /// A name runs past the end of the message.
    NameEnds,
    /// A pointer points at or after itself.
    ForwardPointer,
    /// A name goes round in circles or has too many labels.
    NameLoops,
    /// A label is longer than what is left.
    LabelPastEnd,
    /// A label's length has one of the two top bits set.
    LabelTooLong,
    /// A name is longer than any buffer for it.
    NameOverflows,
    /// No room for a question's type and class.
    QuestionShort,
    /// No room for a record's fixed fields.
    RecordShort,
    /// A record's data is longer than what is left.
    DataPastEnd,
    /// A record that must have data has none.
    DataEmpty,
    /// An address record's data has not the length of an address.
    AddressLength,
    /// A location record's data has not 16 bytes.
    LocationLength,
    /// A service binding is shorter than its least.
    ServiceLength,
    /// Data ends within its fixed fields.
    DataShort,
    /// A character string runs past its record.
    StringPastEnd,
    /// A CAA tag runs past its record.
    TagPastEnd,
    /// An EDNS option runs past its record.
    OptionPastEnd,
}

/// Something odd that does not stop the reading; the number is what Zeek tells with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Note {
    /// A name of 255 characters or more.
    NameTooLong,
    /// More pointers in a row than allowed; the name was cut there.
    PointerDepth(u32),
    /// The data's own length differs from what the record says.
    LengthMismatch,
    /// A type we have no form for.
    UnknownType(u16),
    /// A service parameter's value is longer than what is left: claimed, left.
    SvcValueTooBig(u16, u16),
    /// `mandatory` is empty or odd.
    SvcMandatory,
    /// `alpn` does not add up.
    SvcAlpn,
    /// `no-default-alpn` has a value.
    SvcNoDefaultAlpn,
    /// `port` has not two bytes.
    SvcPort,
    /// An address hint is no multiple of an address.
    SvcHint,
    /// A key we do not know.
    SvcKey,
    /// Alias mode with parameters.
    SvcAliasParams,
    /// DNSKEY flags that are not defined.
    KeyFlags(u16),
    /// A revoked key-signing key.
    KeyRevoked(u16),
    /// DNSKEY protocol is not 3.
    KeyProtocol(u8),
    /// An algorithm of DNSKEY (true) or RRSIG (false) that is odd.
    Algorithm(bool, u8),
    /// A digest type of DS that is reserved or unknown.
    Digest(u8),
    /// A type bitmap of length zero: NSEC3 or NSEC, window.
    Bitmap(bool, u8),
    /// LOC of another version.
    LocVersion(u8),
}

/// Flags, counts and identifier of a message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Header {
    /// What matches answers to questions.
    pub id: u16,
    /// The second word as it stands.
    pub flags: u16,
    /// How many questions, answers, authorities and additional records are announced.
    pub counts: [u16; 4],
}

impl Header {
    /// Reads the first twelve bytes.
    pub fn parse(bytes: &[u8]) -> Result<Self, Short> {
        let mut r = Reader::new(bytes);
        Ok(Self {
            id: r.be16()?,
            flags: r.be16()?,
            counts: [r.be16()?, r.be16()?, r.be16()?, r.be16()?],
        })
    }
    /// The message answers.
    pub const fn is_response(self) -> bool {
        self.flags & 0x8000 != 0
    }
    /// The kind of query.
    pub const fn opcode(self) -> u8 {
        ((self.flags >> 11) & 15) as u8
    }
    /// Authoritative answer.
    pub const fn aa(self) -> bool {
        self.flags & 0x0400 != 0
    }
    /// Truncated.
    pub const fn tc(self) -> bool {
        self.flags & 0x0200 != 0
    }
    /// Recursion desired.
    pub const fn rd(self) -> bool {
        self.flags & 0x0100 != 0
    }
    /// Recursion available.
    pub const fn ra(self) -> bool {
        self.flags & 0x0080 != 0
    }
    /// The three bits that RFC 1035 reserved.
    pub const fn z(self) -> u8 {
        ((self.flags >> 4) & 7) as u8
    }
    /// The response code without its extension.
    pub const fn rcode(self) -> u8 {
        (self.flags & 15) as u8
    }
    /// The count of a section.
    pub const fn count(self, section: Section) -> u16 {
        let [questions, answers, authorities, additional] = self.counts;
        match section {
            Section::Question => questions,
            Section::Answer => answers,
            Section::Authority => authorities,
            Section::Additional => additional,
        }
    }
    /// Whether the counts can be true of a message of `len` bytes: room for all that is
    /// announced, no bytes for nothing announced, and a request that asks something.
    pub fn plausible(self, len: usize) -> bool {
        let records: usize = self.counts.iter().map(|&n| usize::from(n)).sum();
        records.saturating_mul(2) <= len
            && (records > 0 || len <= HEADER_LEN)
            && (self.is_response() || self.count(Section::Question) > 0)
    }
}

/// One question, as offsets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Question {
    /// Where the name begins.
    pub name: u16,
    /// QTYPE.
    pub rtype: u16,
    /// QCLASS.
    pub class: u16,
}

/// One resource record, as offsets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rr {
    /// Where it stands.
    pub section: Section,
    /// Where the name begins.
    pub name: u16,
    /// TYPE.
    pub rtype: u16,
    /// CLASS; in OPT the sender's payload size.
    pub class: u16,
    /// Time to live; in OPT extended code, version and flags.
    pub ttl: u32,
    /// Where the data begins.
    pub data: u16,
    /// How long it is.
    pub data_len: u16,
}

impl Rr {
    /// The record's data in its message.
    pub fn bytes<'a>(&self, msg: &'a [u8]) -> &'a [u8] {
        let start = usize::from(self.data);
        msg.get(start..start.saturating_add(usize::from(self.data_len))).unwrap_or_default()
    }
}

/// Where everything stands in one message. Kept and reused: [`parse`] clears it first.
#[derive(Debug, Default)]
pub struct Layout {
    /// The header.
    pub header: Header,
    /// The questions that could be read.
    pub questions: SmallVec<[Question; 1]>,
    /// The records that could be read, in order of their sections.
    pub records: SmallVec<[Rr; 4]>,
    /// What was odd.
    pub notes: SmallVec<[Note; 2]>,
    /// Where and why reading stopped, if it did.
    pub stop: Option<(Section, Fault)>,
}

impl Layout {
    /// Forgets everything, keeps the room.
    pub fn clear(&mut self) {
        self.header = Header::default();
        self.questions.clear();
        self.records.clear();
        self.notes.clear();
        self.stop = None;
    }
    /// Becomes the same as `other`, in the room it has.
    pub fn copy_from(&mut self, other: &Self) {
        self.clear();
        self.header = other.header;
        self.questions.extend_from_slice(&other.questions);
        self.records.extend_from_slice(&other.records);
        self.notes.extend_from_slice(&other.notes);
        self.stop = other.stop;
    }
    /// Keeps a note, up to the bound.
    pub fn note(&mut self, note: Note) {
        if self.notes.len() < MAX_NOTES {
            self.notes.push(note);
        }
    }
    /// The records of one section.
    pub fn section(&self, section: Section) -> impl Iterator<Item = &Rr> {
        self.records.iter().filter(move |r| r.section == section)
    }
    /// Whether reading stopped in the questions or the answers.
    pub const fn broken(&self) -> bool {
        matches!(self.stop, Some((Section::Question | Section::Answer, _)))
    }
}

/// How a name ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Walked {
    /// The offset after the name where it stood (not where its pointers led).
    pub end: usize,
    /// Characters of the whole name, dots between labels.
    pub text: usize,
    /// The name was cut because of its length.
    pub cut: bool,
    /// The name was cut after this many pointers.
    pub deep: u32,
}

/// Reads the name at `at`, gives each label to `label`.
pub fn walk(
    msg: &[u8],
    at: usize,
    rules: Rules,
    mut label: impl FnMut(&[u8]),
) -> Result<Walked, Fault> {
    let mut pos = at;
    let mut end = None;
    let (mut labels, mut pointers, mut text) = (0u32, 0u32, 0usize);
    let mut cut = false;
    loop {
        let tail = msg.get(pos..).unwrap_or_default();
        let (&len, tail) = tail.split_first().ok_or(Fault::NameEnds)?;
        let done = |end: Option<usize>, after: usize, deep: u32| {
            Ok(Walked { end: end.unwrap_or(after), text, cut, deep })
        };
        match len {
            0 => return done(end, pos.saturating_add(1), 0),
            0xc0.. => {
                let low = tail.first().ok_or(Fault::NameEnds)?;
                let to = usize::from(u16::from_be_bytes([len & 0x3f, *low]));
                let after = pos.saturating_add(2);
                if to >= pos && !rules.forward {
                    return Err(Fault::ForwardPointer);
                }
                pointers = pointers.saturating_add(1);
                if to == pos || pointers > rules.pointers {
                    // A name that was whole up to here, where we know what follows it.
                    return match (rules.forward, end) {
                        (true, None) => Err(Fault::NameLoops),
                        _ => done(end, after, pointers),
                    };
                }
                end = end.or(Some(after));
                pos = to;
            }
            _ if len > 63 && !rules.long_labels => return Err(Fault::LabelTooLong),
            _ => {
                let n = usize::from(len);
                let body = tail.get(..n).ok_or(Fault::LabelPastEnd)?;
                labels = labels.saturating_add(1);
                if labels > MAX_LABELS {
                    return match end {
                        None => Err(Fault::NameLoops),
                        Some(after) => done(Some(after), after, pointers),
                    };
                }
                let longer = text.saturating_add(n).saturating_add(usize::from(text > 0));
                if longer > rules.text {
                    if !rules.forward {
                        return Err(Fault::NameOverflows);
                    }
                    cut = true;
                } else if !cut {
                    text = longer;
                    label(body);
                }
                pos = pos.saturating_add(n).saturating_add(1);
            }
        }
    }
}

/// Appends the name at `at` as text, labels joined by dots, bytes as they are; `lower` folds
/// ASCII. A name that cannot be read to its end is given as far as it goes.
pub fn spell(msg: &[u8], at: usize, lower: bool, out: &mut Vec<u8>) -> Option<Walked> {
    let start = out.len();
    let rules = Rules { long_labels: true, ..Rules::TOLERANT };
    let walked = walk(msg, at, rules, |label| {
        if out.len() > start {
            out.push(b'.');
        }
        out.extend_from_slice(label);
    });
    if lower && let Some(new) = out.get_mut(start..) {
        new.make_ascii_lowercase();
    }
    walked.ok()
}

/// Reads one message into `layout`. What could be read before a fault is kept, and the fault is
/// in [`Layout::stop`]; only a message without a header is nothing at all.
pub fn parse(msg: &[u8], rules: Rules, layout: &mut Layout) -> Result<(), Fault> {
    layout.clear();
    let msg = msg.get(..msg.len().min(usize::from(u16::MAX))).unwrap_or_default();
    layout.header = Header::parse(msg).map_err(|_| Fault::HeaderShort)?;
    if let Err(stop) = sections(msg, rules, layout) {
        layout.stop = Some(stop);
    }
    Ok(())
}

fn sections(msg: &[u8], rules: Rules, layout: &mut Layout) -> Result<(), (Section, Fault)> {
    let mut at = HEADER_LEN;
    for _ in 0..layout.header.count(Section::Question) {
        at = question(msg, at, rules, layout).map_err(|f| (Section::Question, f))?;
    }
    for section in [Section::Answer, Section::Authority, Section::Additional] {
        for _ in 0..layout.header.count(section) {
            at = record(msg, at, section, rules, layout).map_err(|f| (section, f))?;
        }
    }
    Ok(())
}

fn check_name(msg: &[u8], at: usize, rules: Rules, layout: &mut Layout) -> Result<usize, Fault> {
    let w = walk(msg, at, rules, |_| {})?;
    if w.text >= 254 {
        layout.note(Note::NameTooLong);
    }
    if w.deep > 0 {
        layout.note(Note::PointerDepth(w.deep));
    }
    Ok(w.end)
}

fn question(msg: &[u8], at: usize, rules: Rules, layout: &mut Layout) -> Result<usize, Fault> {
    let end = check_name(msg, at, rules, layout)?;
    let mut r = Reader::new(msg.get(end..).unwrap_or_default());
    let short = |_: Short| Fault::QuestionShort;
    let (rtype, class) = (r.be16().map_err(short)?, r.be16().map_err(short)?);
    layout.questions.push(Question { name: at as u16, rtype, class });
    Ok(end.saturating_add(4))
}

fn record(
    msg: &[u8],
    at: usize,
    section: Section,
    rules: Rules,
    layout: &mut Layout,
) -> Result<usize, Fault> {
    let end = check_name(msg, at, rules, layout)?;
    let mut r = Reader::new(msg.get(end..).unwrap_or_default());
    let short = |_: Short| Fault::RecordShort;
    let (rtype, class) = (r.be16().map_err(short)?, r.be16().map_err(short)?);
    let (ttl, data_len) = (r.be32().map_err(short)?, r.be16().map_err(short)?);
    r.skip(usize::from(data_len)).map_err(|_| Fault::DataPastEnd)?;
    let data = end.saturating_add(10);
    let rr = Rr { section, name: at as u16, rtype, class, ttl, data: data as u16, data_len };
    let checked = super::rdata::check(msg, &rr, rules, layout);
    // Strings before a broken one were read; of other records nothing counts.
    if matches!(checked, Ok(()) | Err(Fault::StringPastEnd)) {
        layout.records.push(rr);
    }
    checked?;
    Ok(data.saturating_add(usize::from(data_len)))
}
