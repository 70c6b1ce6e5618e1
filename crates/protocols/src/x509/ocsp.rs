//! Answers about the state of certificates (RFC 6960), as files that HTTP carries and as handshakes
//! staple them.
//!
//! What is read is what is told: each single response with the certificate it speaks of, its state
//! and how long the answer holds. Signatures are not verified: a sensor has no trust anchors.

use base::{FileId, Reader, Ts};
use files::{FileAnalysis, FileAnalyzer, FileCx};
use model::{AnomalyKind, FileFacts, Id, Record, room};

use super::der::{Malformed, Oid, Tlv, tag};
use super::parser::time;
use super::text::{push_hex_upper, push_serial};

/// Id of [`OcspRecord`].
pub const OCSP: Id = Id::new(room::X509, 1);

/// An OCSP response that can't be read.
pub const OCSP_MALFORMED: AnomalyKind =
    AnomalyKind { id: Id::new(room::X509, 1), name: "ocsp_malformed", zeek: "", suricata: "" };

/// What an authority says of one certificate.
#[derive(Record)]
#[record(id = OCSP, name = "ocsp", zeek = "ocsp")]
pub struct OcspRecord {
    /// When the answer was first seen.
    #[record(ecs = "@timestamp", ocsf = "time")]
    ts: Ts,
    /// The file that holds the answer.
    #[record(ocsf = "file.uid")]
    id: FileId,
    /// The algorithm of the two hashes.
    #[record(name = "hashAlgorithm")]
    hash_algorithm: String,
    /// Hash of the issuer's name.
    #[record(name = "issuerNameHash")]
    issuer_name_hash: String,
    /// Hash of the issuer's key.
    #[record(name = "issuerKeyHash")]
    issuer_key_hash: String,
    /// Serial number of the certificate.
    #[record(
        name = "serialNumber",
        ecs = "x509.serial_number",
        ocsf = "tls.certificate.serial_number"
    )]
    serial: String,
    /// `good`, `revoked` or `unknown`.
    #[record(name = "certStatus")]
    status: &'static str,
    /// When it was revoked.
    #[record(name = "revoketime")]
    revoked_at: Option<Ts>,
    /// Why it was revoked.
    #[record(name = "revokereason")]
    reason: Option<&'static str>,
    /// The answer was right at this time.
    #[record(name = "thisUpdate")]
    this_update: Option<Ts>,
    /// By this time there will be a newer one.
    #[record(name = "nextUpdate")]
    next_update: Option<Ts>,
}

/// Reads OCSP responses.
pub struct OcspAnalyzer;

impl FileAnalyzer for OcspAnalyzer {
    fn name(&self) -> &'static str {
        "OCSP_REPLY"
    }
    fn takes(&self, file: &FileFacts, _source: &'static str) -> bool {
        file.mime == Some("application/ocsp-response")
    }
    fn start(&self, file: &FileFacts) -> Box<dyn FileAnalysis> {
        Box::new(Reading { first: file.first, bytes: Vec::new(), whole: true })
    }
}

/// Bytes of a response that are read; those of sane responders have a few thousand.
const MOST: usize = 64 << 10;
/// Single responses that are told of one response.
const SINGLE_MOST: usize = 100;

/// A response, until it is whole.
struct Reading {
    first: Ts,
    bytes: Vec<u8>,
    whole: bool,
}

impl FileAnalysis for Reading {
    fn data(&mut self, _: &mut FileCx<'_>, bytes: &[u8]) -> bool {
        self.whole &= self.bytes.len().saturating_add(bytes.len()) <= MOST;
        if self.whole {
            self.bytes.extend_from_slice(bytes);
        }
        self.whole
    }
    fn end(&mut self, cx: &mut FileCx<'_>) {
        match singles(&self.bytes) {
            Ok(singles) => {
                for single in singles.take(SINGLE_MOST) {
                    let (first, id) = (self.first, cx.id);
                    match single {
                        Ok(s) => cx.tell(OCSP, || s.record(first, id)),
                        Err(Malformed) => cx.anomaly(&OCSP_MALFORMED),
                    }
                }
            }
            Err(Malformed) => cx.anomaly(&OCSP_MALFORMED),
        }
    }
}

/// One certificate's state.
struct Single<'a> {
    algorithm: &'a [u8],
    issuer_name: &'a [u8],
    issuer_key: &'a [u8],
    serial: &'a [u8],
    status: &'static str,
    revoked_at: Option<Ts>,
    reason: Option<u8>,
    this_update: Option<Ts>,
    next_update: Option<Ts>,
}

/// Context-specific tags.
const GOOD: u8 = 0x80;
const REVOKED: u8 = 0xa1;
const UNKNOWN: u8 = 0x82;
const EXPLICIT_0: u8 = 0xa0;
const ENUMERATED: u8 = 0x0a;
/// 1.3.6.1.5.5.7.48.1.1
const BASIC: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 0x30, 1, 1];

/// Digests by OpenSSL's names.
const DIGESTS: [(&[u8], &str); 5] = [
    (&[0x2b, 0x0e, 3, 2, 26], "sha1"),
    (&[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1], "sha256"),
    (&[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 2], "sha384"),
    (&[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 3], "sha512"),
    (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 2, 5], "md5"),
];

/// The single responses of a response; none if the responder refused.
fn singles(bytes: &[u8]) -> Result<impl Iterator<Item = Result<Single<'_>, Malformed>>, Malformed> {
    let mut outer = Reader::new(Tlv::expect(&mut Reader::new(bytes), tag::SEQUENCE)?);
    Tlv::expect(&mut outer, ENUMERATED)?;
    let mut list: &[u8] = &[];
    if let Some(explicit) = Tlv::optional(&mut outer, EXPLICIT_0)? {
        let mut inner = Reader::new(Tlv::expect(&mut Reader::new(explicit), tag::SEQUENCE)?);
        if Tlv::expect(&mut inner, tag::OID)? == BASIC {
            let basic = Tlv::expect(&mut inner, tag::OCTET_STRING)?;
            let mut basic = Reader::new(Tlv::expect(&mut Reader::new(basic), tag::SEQUENCE)?);
            let mut data = Reader::new(Tlv::expect(&mut basic, tag::SEQUENCE)?);
            Tlv::optional(&mut data, EXPLICIT_0)?;
            // The responder by name or by key.
            Tlv::read(&mut data)?;
            Tlv::expect(&mut data, tag::GENERALIZED_TIME)?;
            list = Tlv::expect(&mut data, tag::SEQUENCE)?;
        }
    }
    Ok(Tlv::all(list).map(|t| Single::parse(t.body)))
}

impl<'a> Single<'a> {
    fn parse(body: &'a [u8]) -> Result<Self, Malformed> {
        let mut r = Reader::new(body);
        let mut id = Reader::new(Tlv::expect(&mut r, tag::SEQUENCE)?);
        let mut algorithm = Reader::new(Tlv::expect(&mut id, tag::SEQUENCE)?);
        let algorithm = Tlv::expect(&mut algorithm, tag::OID)?;
        let issuer_name = Tlv::expect(&mut id, tag::OCTET_STRING)?;
        let issuer_key = Tlv::expect(&mut id, tag::OCTET_STRING)?;
        let serial = Tlv::expect(&mut id, tag::INTEGER)?;
        let (mut revoked_at, mut reason) = (None, None);
        let state = Tlv::read(&mut r)?;
        let status = match state.tag {
            GOOD => "good",
            UNKNOWN => "unknown",
            REVOKED => {
                let mut revoked = Reader::new(state.body);
                revoked_at = time(Tlv::read(&mut revoked)?);
                if let Some(explicit) = Tlv::optional(&mut revoked, EXPLICIT_0)? {
                    let number = Tlv::expect(&mut Reader::new(explicit), ENUMERATED)?;
                    reason = number.last().copied();
                }
                "revoked"
            }
            _ => return Err(Malformed),
        };
        let this_update = time(Tlv::read(&mut r)?);
        let next_update = match Tlv::optional(&mut r, EXPLICIT_0)? {
            Some(explicit) => time(Tlv::read(&mut Reader::new(explicit))?),
            None => None,
        };
        Ok(Self {
            algorithm,
            issuer_name,
            issuer_key,
            serial,
            status,
            revoked_at,
            reason,
            this_update,
            next_update,
        })
    }

    fn record(&self, ts: Ts, id: FileId) -> OcspRecord {
        let text = |put: &dyn Fn(&mut Vec<u8>)| {
            let mut out = Vec::new();
            put(&mut out);
            String::from_utf8(out).unwrap_or_default()
        };
        let name = DIGESTS.iter().find(|(oid, _)| *oid == self.algorithm);
        OcspRecord {
            ts,
            id,
            hash_algorithm: match name {
                Some((_, name)) => (*name).to_owned(),
                None => Oid(self.algorithm).to_string(),
            },
            issuer_name_hash: text(&|out| push_hex_upper(out, self.issuer_name)),
            issuer_key_hash: text(&|out| push_hex_upper(out, self.issuer_key)),
            serial: text(&|out| push_serial(out, self.serial)),
            status: self.status,
            revoked_at: self.revoked_at,
            reason: self.reason.and_then(reason),
            this_update: self.this_update,
            next_update: self.next_update,
        }
    }
}

/// RFC 5280, CRLReason.
fn reason(number: u8) -> Option<&'static str> {
    const NAMES: [&str; 11] = [
        "unspecified",
        "keyCompromise",
        "cACompromise",
        "affiliationChanged",
        "superseded",
        "cessationOfOperation",
        "certificateHold",
        "",
        "removeFromCRL",
        "privilegeWithdrawn",
        "aACompromise",
    ];
    NAMES.get(usize::from(number)).copied().filter(|n| !n.is_empty())
}

/// Reads bytes as a response and spells all of it; for fuzzing.
pub(crate) fn fuzz_response(data: &[u8]) {
    let Ok(singles) = singles(data) else { return };
    for single in singles.flatten() {
        let _ = single.record(Ts::default(), FileId(0));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tlv(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
        let body = parts.concat();
        let mut out = vec![tag, 0x82];
        out.extend((body.len() as u16).to_be_bytes());
        out.extend(body);
        out
    }

    fn response(status: &[u8]) -> Vec<u8> {
        let algorithm = tlv(tag::SEQUENCE, &[&tlv(tag::OID, &[DIGESTS[0].0]), &[5, 0]]);
        let id = tlv(
            tag::SEQUENCE,
            &[
                &algorithm,
                &tlv(tag::OCTET_STRING, &[&[0xab; 20]]),
                &tlv(tag::OCTET_STRING, &[&[1; 20]]),
                &tlv(tag::INTEGER, &[&[0, 0xff, 1]]),
            ],
        );
        let when = tlv(tag::GENERALIZED_TIME, &[b"20230601000000Z"]);
        let next = tlv(EXPLICIT_0, &[&tlv(tag::GENERALIZED_TIME, &[b"20230608000000Z"])]);
        let single = tlv(tag::SEQUENCE, &[&id, status, &when, &next]);
        let data = tlv(
            tag::SEQUENCE,
            &[
                &tlv(0xa2, &[&tlv(tag::OCTET_STRING, &[&[7; 20]])]),
                &when,
                &tlv(tag::SEQUENCE, &[&single]),
            ],
        );
        let basic = tlv(tag::SEQUENCE, &[&data]);
        let bytes =
            tlv(tag::SEQUENCE, &[&tlv(tag::OID, &[BASIC]), &tlv(tag::OCTET_STRING, &[&basic])]);
        tlv(tag::SEQUENCE, &[&tlv(ENUMERATED, &[&[0]]), &tlv(EXPLICIT_0, &[&bytes])])
    }

    #[test]
    fn states_of_certificates_are_told() {
        let told = |bytes: &[u8]| {
            let rows = singles(bytes).unwrap().map(|s| s.unwrap().record(Ts::default(), FileId(1)));
            rows.map(|r| model::write::json_text(&r)).collect::<Vec<_>>()
        };
        let [good] = &told(&response(&[GOOD, 0]))[..] else { panic!() };
        assert!(good.contains(r#""hashAlgorithm":"sha1","issuerNameHash":"ABAB"#), "{good}");
        assert!(good.contains(r#""serialNumber":"FF01","certStatus":"good""#), "{good}");
        let when = tlv(tag::GENERALIZED_TIME, &[b"20230501000000Z"]);
        let why = tlv(EXPLICIT_0, &[&[ENUMERATED, 1, 1]]);
        let [revoked] = &told(&response(&tlv(REVOKED, &[&when, &why])))[..] else { panic!() };
        assert!(revoked.contains(r#""revokereason":"keyCompromise""#), "{revoked}");
        assert!(told(&tlv(tag::SEQUENCE, &[&[ENUMERATED, 1, 6]])).is_empty(), "a refusal");
        let whole = response(&[GOOD, 0]);
        for cut in 0..whole.len() {
            fuzz_response(&whole[..cut]);
            assert!(singles(&whole[..cut]).is_err());
        }
    }
}
