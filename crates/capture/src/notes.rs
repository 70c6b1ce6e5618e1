//! What capture files tell beside packets: interfaces, host names, secrets, comments, losses; and
//! what was wrong with the files.
//!
//! All of it is written by whoever made the file, so everything has a bound; what goes past it is
//! counted, and told once per kind as [`Damage::TooMany`].

use std::net::IpAddr;
use std::path::Path;
use std::sync::Arc;

use wire::LinkType;

use crate::error::{Damage, Remedy, Trouble};

/// Interfaces kept over the whole input.
const MAX_INTERFACES: usize = 65_536;
/// Troubles kept; more are counted.
const MAX_TROUBLES: usize = 1_000;
/// Host names kept.
const MAX_NAMES: usize = 200_000;
/// Comments kept.
const MAX_COMMENTS: usize = 100_000;
/// Bytes of one text that are kept.
const MAX_TEXT: usize = 64 * 1024;
/// Bytes of all texts, and of all secrets, that are kept.
const MAX_STORE: usize = 64 * 1024 * 1024;

/// Where packets were captured, as a file tells it.
#[derive(Clone, Debug)]
pub struct Interface {
    /// The file that tells of it.
    pub file: Arc<Path>,
    /// How its packets begin.
    pub link: LinkType,
    /// Longest packet it kept, 0 for no limit.
    pub snaplen: u32,
    /// Its name (`eth0`), where told.
    pub name: String,
    /// Its description, where told.
    pub description: String,
    /// The capture filter that was set, where told.
    pub filter: String,
    /// The system that captured, where told.
    pub os: String,
    /// Length of the frame check sequence that ends each packet, in bits, where told.
    pub fcs_bits: Option<u8>,
    /// Packets the interface received, by its statistics.
    pub received: Option<u64>,
    /// Packets it lost, by its statistics and the packets' own loss counts.
    pub dropped: u64,
}

/// A host name that a capture file knows (pcapng name resolution).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostName {
    /// The address.
    pub addr: IpAddr,
    /// Its name.
    pub name: String,
}

/// Key material that a capture file carries (pcapng decryption secrets).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Secret {
    /// What it is.
    pub kind: SecretKind,
    /// The material as stored; a TLS key log is text in NSS format.
    pub data: Vec<u8>,
}

/// Kinds of [`Secret`], by the pcapng registry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SecretKind {
    /// TLS key log (NSS format).
    TlsKeyLog,
    /// SSH key log.
    SshKeyLog,
    /// WireGuard key log.
    WireGuardKeyLog,
    /// ZigBee network-layer key.
    ZigBeeNwkKey,
    /// ZigBee application-support key.
    ZigBeeApsKey,
    /// Another kind, by number.
    Other(u32),
}

impl SecretKind {
    /// The kind that a number of the registry means.
    pub const fn from_number(n: u32) -> Self {
        match n {
            0x544c_534b => Self::TlsKeyLog,
            0x5353_484b => Self::SshKeyLog,
            0x5747_4b4c => Self::WireGuardKeyLog,
            0x5a4e_574b => Self::ZigBeeNwkKey,
            0x5a41_504b => Self::ZigBeeApsKey,
            other => Self::Other(other),
        }
    }
    /// Its number in the registry.
    pub const fn number(self) -> u32 {
        match self {
            Self::TlsKeyLog => 0x544c_534b,
            Self::SshKeyLog => 0x5353_484b,
            Self::WireGuardKeyLog => 0x5747_4b4c,
            Self::ZigBeeNwkKey => 0x5a4e_574b,
            Self::ZigBeeApsKey => 0x5a41_504b,
            Self::Other(n) => n,
        }
    }
}

/// A remark somebody left in a capture file.
#[derive(Clone, Debug)]
pub struct Comment {
    /// The file.
    pub file: Arc<Path>,
    /// The packet it is about, by its number within that file; `None` is the file or an interface.
    pub packet: Option<u64>,
    /// The remark.
    pub text: String,
}

/// All that was told so far.
#[derive(Debug, Default)]
pub(crate) struct Notes {
    pub(crate) interfaces: Vec<Interface>,
    pub(crate) names: Vec<HostName>,
    pub(crate) secrets: Vec<Secret>,
    pub(crate) comments: Vec<Comment>,
    pub(crate) troubles: Vec<Trouble>,
    /// Troubles beyond those kept.
    pub(crate) more_troubles: u64,
    /// Blocks of kinds that are not read (custom blocks, journals …).
    pub(crate) other_blocks: u64,
    stored: usize,
    told_full: Full,
}

/// Which bounds were told already.
#[derive(Debug, Default)]
struct Full {
    interfaces: bool,
    names: bool,
    secrets: bool,
    comments: bool,
}

impl Notes {
    pub(crate) fn trouble(&mut self, file: &Arc<Path>, offset: u64, what: Damage, done: Remedy) {
        if self.troubles.len() < MAX_TROUBLES {
            self.troubles.push(Trouble { file: Arc::clone(file), offset, what, done });
        } else {
            self.more_troubles = self.more_troubles.saturating_add(1);
        }
    }

    /// The new interface's number, or nothing when there are too many.
    pub(crate) fn interface(&mut self, interface: Interface, offset: u64) -> Option<u32> {
        let number = u32::try_from(self.interfaces.len()).ok()?;
        if self.interfaces.len() >= MAX_INTERFACES {
            if !std::mem::replace(&mut self.told_full.interfaces, true) {
                let file = Arc::clone(&interface.file);
                self.trouble(&file, offset, Damage::TooMany("interfaces"), Remedy::LeftOut);
            }
            return None;
        }
        self.interfaces.push(interface);
        Some(number)
    }

    pub(crate) fn name(&mut self, file: &Arc<Path>, offset: u64, addr: IpAddr, name: &[u8]) {
        if self.names.len() >= MAX_NAMES || !self.room(name.len()) {
            if !std::mem::replace(&mut self.told_full.names, true) {
                self.trouble(file, offset, Damage::TooMany("host names"), Remedy::LeftOut);
            }
            return;
        }
        self.names.push(HostName { addr, name: text(name) });
    }

    pub(crate) fn secret(&mut self, file: &Arc<Path>, offset: u64, kind: SecretKind, data: &[u8]) {
        if !self.room(data.len()) {
            if !std::mem::replace(&mut self.told_full.secrets, true) {
                self.trouble(file, offset, Damage::TooMany("secrets"), Remedy::LeftOut);
            }
            return;
        }
        self.secrets.push(Secret { kind, data: data.to_vec() });
    }

    pub(crate) fn comment(
        &mut self,
        file: &Arc<Path>,
        offset: u64,
        packet: Option<u64>,
        said: &[u8],
    ) {
        if self.comments.len() >= MAX_COMMENTS || !self.room(said.len().min(MAX_TEXT)) {
            if !std::mem::replace(&mut self.told_full.comments, true) {
                self.trouble(file, offset, Damage::TooMany("comments"), Remedy::LeftOut);
            }
            return;
        }
        self.comments.push(Comment { file: Arc::clone(file), packet, text: text(said) });
    }

    /// Takes `bytes` from what may be stored.
    fn room(&mut self, bytes: usize) -> bool {
        let after = self.stored.saturating_add(bytes);
        let fits = after <= MAX_STORE;
        if fits {
            self.stored = after;
        }
        fits
    }
}

/// Text of an option: UTF-8 made valid, cut at its bound, without the zeros some writers add.
pub(crate) fn text(bytes: &[u8]) -> String {
    let cut = bytes.get(..bytes.len().min(MAX_TEXT)).unwrap_or_default();
    let end = cut.iter().rposition(|b| *b != 0).map_or(0, |i| i.saturating_add(1));
    String::from_utf8_lossy(cut.get(..end).unwrap_or_default()).into_owned()
}
