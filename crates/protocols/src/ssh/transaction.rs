//! A connection's opening: one transaction.
//!
//! Progress per direction has Suricata's steps: 0 in progress, 1 waiting for the end of an
//! overlong banner, 2 banner done, 3 finished (keys are in use).

use model::{Step, Transaction, TxHead};

/// Progress: the banner was read.
pub(super) const BANNER_DONE: Step = Step(2);
/// Progress: keys are in use.
pub(super) const FINISHED: Step = Step(3);

/// What one side said before it went dark.
#[derive(Debug, Default)]
pub struct Hello {
    /// The whole banner line.
    pub banner: Vec<u8>,
    /// Where protocol version and software stand in it.
    pub proto: std::ops::Range<usize>,
    /// Where the software stands in it.
    pub software: std::ops::Range<usize>,
    /// The payload of KEXINIT.
    pub kexinit: Vec<u8>,
    /// What HASSH hashes.
    pub hassh_text: Vec<u8>,
    /// Its MD5, hexadecimal; empty where there was no KEXINIT.
    pub hassh: Vec<u8>,
}

impl Hello {
    /// Protocol version, if there was a banner that says one.
    pub fn proto(&self) -> Option<&[u8]> {
        self.banner.get(self.proto.clone()).filter(|p| !p.is_empty())
    }
    /// Software, if it says one.
    pub fn software(&self) -> Option<&[u8]> {
        self.banner.get(self.software.clone()).filter(|s| !s.is_empty())
    }
    fn reset(&mut self) {
        for v in [&mut self.banner, &mut self.kexinit, &mut self.hassh_text, &mut self.hassh] {
            v.clear();
        }
        self.proto = 0..0;
        self.software = 0..0;
    }
}

/// A connection's opening.
#[derive(Debug, Default)]
pub struct SshTransaction {
    head: TxHead,
    /// Client and server.
    pub sides: [Hello; 2],
}

impl Transaction for SshTransaction {
    fn head(&self) -> &TxHead {
        &self.head
    }
    fn head_mut(&mut self) -> &mut TxHead {
        &mut self.head
    }
    fn reset(&mut self) {
        self.head = TxHead::default();
        self.sides.iter_mut().for_each(Hello::reset);
    }
}
