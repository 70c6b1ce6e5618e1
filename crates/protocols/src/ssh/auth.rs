//! What the sizes of encrypted packets tell of authentication.
//!
//! After the keys are in use, the server's answer to the service request comes first; its size
//! gives the size of every short packet of the connection. A success is 16 bytes shorter than it;
//! what comes otherwise, and comes again, is a failure. The method is Zeek's, as are its limits:
//! it takes what was delivered at once for one packet, so it depends on how the sender wrote, and
//! it errs on the side of saying nothing.

use base::Dir;

/// A pre-login banner makes the first failure this much longer; it is not the failure itself.
const LOGIN_BANNER: usize = 256;
/// A success is this much shorter than the acceptance of the service.
const SUCCESS_SHORTER: usize = 16;

/// What a chunk of encrypted bytes said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Attempt {
    /// The server let the client in; without any credentials, if true.
    Success(bool),
    /// The server refused.
    Failure,
}

/// Sizes seen so far.
#[derive(Debug, Default)]
pub(super) struct Sizes {
    decided: bool,
    client_spoke: bool,
    skipped_banner: bool,
    accept: usize,
    failure: usize,
}

impl Sizes {
    /// Whether no further chunk will tell anything.
    pub(super) const fn decided(&self) -> bool {
        self.decided
    }

    /// Encrypted bytes as they were delivered.
    pub(super) fn chunk(&mut self, dir: Dir, len: usize) -> Option<Attempt> {
        if self.decided {
            return None;
        }
        if dir == Dir::Orig {
            self.client_spoke = true;
            return None;
        }
        if !self.client_spoke {
            return None;
        }
        if self.accept == 0 {
            self.accept = len;
            return None;
        }
        let success = len.saturating_add(SUCCESS_SHORTER) == self.accept;
        if self.failure == 0 {
            if success {
                self.decided = true;
                return Some(Attempt::Success(true));
            }
            if !self.skipped_banner && len > self.accept.saturating_add(LOGIN_BANNER) {
                self.skipped_banner = true;
            } else {
                self.failure = len;
            }
            return None;
        }
        if len == self.failure {
            return Some(Attempt::Failure);
        }
        if success {
            self.decided = true;
            return Some(Attempt::Success(false));
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attempts(sizes: &[(Dir, usize)]) -> Vec<Attempt> {
        let mut s = Sizes::default();
        sizes.iter().filter_map(|(d, n)| s.chunk(*d, *n)).collect()
    }

    #[test]
    fn sizes_tell_failures_and_success() {
        const C: Dir = Dir::Orig;
        const S: Dir = Dir::Resp;
        let wrong_wrong_right =
            [(C, 52), (S, 52), (C, 68), (S, 84), (C, 148), (S, 84), (S, 84), (S, 36)];
        assert_eq!(
            attempts(&wrong_wrong_right),
            [Attempt::Failure, Attempt::Failure, Attempt::Success(false)]
        );
        assert_eq!(attempts(&[(C, 52), (S, 52), (C, 68), (S, 36)]), [Attempt::Success(true)]);
        // The server alone, or a login banner, say nothing.
        assert_eq!(attempts(&[(S, 52), (S, 36)]), []);
        assert_eq!(attempts(&[(C, 52), (S, 52), (S, 500), (S, 84)]), []);
    }
}
