//! A chain of certificates as a handshake carries it.

use base::Dir;
use model::Cx;
use sha1::{Digest as _, Sha1};
use sha2::Sha256;

use super::TlsTransaction;
use super::anomalies as odd;
use super::fingerprints::push_colon_hex;
use super::keywords::wants_certificate;
use super::record::{EVE, SSL};
use super::transaction::{CHAIN_MOST, Leaf, NAMES_MOST, Pool};
use crate::x509::{
    Certificate, GeneralName, KnownCertificates, X509, certificate_covers, push_eve,
    push_serial_eve, tell_certificate,
};

/// Reads a chain: the first certificate in EVE's forms, all of them by fingerprint and for
/// `x509.log` if they are `told`. True if the first could be read.
pub(super) fn read_chain<'a>(
    known: &mut KnownCertificates,
    cx: &mut Cx<'_>,
    tx: &mut TlsTransaction,
    dir: Dir,
    client: bool,
    told: bool,
    chain: impl Iterator<Item = &'a [u8]>,
) -> bool {
    let side = if client { Dir::Orig } else { Dir::Resp };
    let told = told && (cx.wants.record(SSL) || cx.wants.record(X509));
    let mut leaf_read = false;
    for (i, der) in chain.enumerate() {
        if der.is_empty() {
            if told {
                cx.anomaly(&odd::EMPTY_CERTIFICATE);
            }
            continue;
        }
        let Ok(cert) = Certificate::parse(der) else {
            cx.anomaly(&odd::BAD_CERTIFICATE);
            continue;
        };
        if i == 0 {
            leaf_read = true;
            if cx.wants.record(EVE) || wants_certificate(cx.wants) {
                keep_leaf(tx, dir, &cert);
            }
        }
        if !told {
            continue;
        }
        let fingerprint: [u8; 32] = Sha256::digest(cert.whole).into();
        tx.chain_seen = true;
        let first = tx.side(side).chain.is_empty();
        if first
            && !client
            && let Some(sni) = tx.sni
        {
            tx.sni_matches = Some(certificate_covers(&cert, tx.pool.get(sni)));
        }
        let fingerprints = &mut tx.side_mut(side).chain;
        if fingerprints.len() < CHAIN_MOST {
            fingerprints.push(fingerprint);
        }
        tell_certificate(known, cx, &cert, &fingerprint, i == 0, client);
    }
    leaf_read
}

fn keep_leaf(tx: &mut TlsTransaction, dir: Dir, cert: &Certificate<'_>) {
    let TlsTransaction { pool, sides, .. } = tx;
    let side = dir.of_mut(sides);
    if side.leaf.is_some() {
        return;
    }
    let mut text = String::new();
    let put = |pool: &mut Pool, text: &mut String| {
        let piece = pool.put(text.as_bytes());
        text.clear();
        piece
    };
    push_eve(&mut text, cert.subject);
    let subject = put(pool, &mut text);
    push_eve(&mut text, cert.issuer);
    let issuer = put(pool, &mut text);
    push_serial_eve(&mut text, cert.serial);
    let serial = put(pool, &mut text);
    push_colon_hex(&mut text, &Sha1::digest(cert.whole));
    let fingerprint = put(pool, &mut text);
    let (not_before, not_after) = (cert.not_before, cert.not_after);
    let leaf = Leaf { subject, issuer, serial, fingerprint, not_before, not_after };
    side.leaf = Some(Box::new(leaf));
    for name in cert.alternative_names().into_iter().flatten().take(NAMES_MOST) {
        if let GeneralName::Dns(n) | GeneralName::Uri(n) | GeneralName::Email(n) = name {
            let n = pool.put(n);
            side.alternative.push(n);
        }
    }
}
