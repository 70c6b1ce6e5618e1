//! Addresses and networks as operands: IPv4, IPv6, hardware.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::super::diagnostic::Code;
use super::super::lexer::{Kind, Token};
use super::super::program::{Expr, Test, Within};
use super::Parser;
use super::operand::{Proto, Qualifiers, What};

impl Parser<'_> {
    pub(super) fn hardware(&mut self, q: Qualifiers) -> Option<Expr> {
        let mend = "write six bytes, as in `ether host 00:11:22:33:44:55`";
        let after = if q.what.is_some() { "host" } else { "ether" };
        let token = self.operand(Code::ExpectedAddress, "a hardware address", after, mend)?;
        let word = self.word(&token);
        let Some(mac) = hardware_address(word) else {
            let message = format!("`{word}` is no hardware address");
            self.tell(Code::ExpectedAddress, token.span, message, mend);
            return None;
        };
        self.test(Test::Mac { side: q.side, mac })
    }

    /// A host, or a network where a prefix or a mask follows or bytes are missing.
    pub(super) fn network(&mut self, q: Qualifiers, after: &str) -> Option<Expr> {
        let (code, expected, mend) = if after == "net" {
            (Code::ExpectedNetwork, "a network", "write one as in `net 10.0.0.0/8`")
        } else {
            (Code::ExpectedAddress, "an address", "write one as in `host 10.0.0.1`")
        };
        let token = self.operand(code, expected, after, mend)?;
        let word = self.word(&token);
        let slash = self.peek().filter(|t| t.kind == Kind::Slash).cloned();
        if let Ok(address) = word.parse::<Ipv6Addr>() {
            let length = match slash {
                Some(_) => self.prefix(128)?,
                None => 128,
            };
            let mask = u128::MAX.checked_shl(128u32.saturating_sub(length)).unwrap_or(0);
            return self.network6(q, &token, address.to_bits(), mask);
        }
        let Some((address, bytes)) = ipv4(word) else {
            return self.no_address(&token, after, code);
        };
        let whole = bytes == 4;
        let mask = if slash.is_some() {
            let length = self.prefix(32)?;
            u32::MAX.checked_shl(32u32.saturating_sub(length)).unwrap_or(0)
        } else if self.is_word(0, "mask") {
            self.at = self.at.saturating_add(1);
            let mend = "write one as in `net 10.0.0.0 mask 255.0.0.0`";
            let token = self.operand(Code::ExpectedNetwork, "a mask", "mask", mend)?;
            let Ok(mask) = self.word(&token).parse::<Ipv4Addr>() else {
                let message = format!("`{}` is no mask", self.word(&token));
                self.tell(Code::ExpectedNetwork, token.span, message, mend);
                return None;
            };
            mask.to_bits()
        } else if whole {
            u32::MAX
        } else if after == "net" {
            u32::MAX.checked_shl(32u32.saturating_sub(bytes.saturating_mul(8))).unwrap_or(0)
        } else {
            let message = format!("`{word}` is not a whole address");
            let mend = format!("write four bytes, or `net {word}`");
            self.tell(Code::ExpectedAddress, token.span, message, &mend);
            return None;
        };
        if after == "host" && mask != u32::MAX {
            let message = "a prefix or mask belongs to `net`, not to `host`".to_owned();
            let mend = "write `net` instead of `host`";
            self.tell(Code::ExpectedAddress, token.span, message, mend);
            return None;
        }
        if address & !mask != 0 {
            let kept = Ipv4Addr::from_bits(address & mask);
            let message = format!("`{word}` has bits outside its prefix or mask");
            let mend = format!("the network is {kept}; for the one address write `host {word}`");
            self.tell(Code::StrayBits, token.span, message, &mend);
            return None;
        }
        let within = match q.proto {
            Some(Proto::Ip) => Within::Ip,
            Some(Proto::Arp) => Within::Arp,
            Some(Proto::Ip6) => return self.wrong_family(&token, "IPv4", "ip6"),
            _ => Within::Any,
        };
        self.test(Test::Net4 { side: q.side, within, net: address, mask })
    }

    fn network6(&mut self, q: Qualifiers, at: &Token, net: u128, mask: u128) -> Option<Expr> {
        if let Some(proto @ (Proto::Ip | Proto::Arp)) = q.proto {
            return self.wrong_family(at, "IPv6", proto.name());
        }
        if q.what == Some(What::Host) && mask != u128::MAX {
            let message = "a prefix belongs to `net`, not to `host`".to_owned();
            let mend = "write `net` instead of `host`";
            self.tell(Code::ExpectedAddress, at.span.clone(), message, mend);
            return None;
        }
        if net & !mask != 0 {
            let word = self.word(at);
            let kept = Ipv6Addr::from_bits(net & mask);
            let message = format!("`{word}` has bits outside its prefix");
            let mend = format!("the network is {kept}; for the one address write `host {word}`");
            self.tell(Code::StrayBits, at.span.clone(), message, &mend);
            return None;
        }
        self.test(Test::Net6 { side: q.side, net, mask })
    }

    fn wrong_family(&mut self, at: &Token, family: &str, proto: &str) -> Option<Expr> {
        let message =
            format!("`{}` is {family}, which `{proto}` packets don't have", self.said(at));
        let mend = format!("take `{proto}` out");
        self.tell(Code::BadQualifier, at.span.clone(), message, &mend);
        None
    }

    /// What stands where an address should, and isn't one.
    fn no_address(&mut self, token: &Token, after: &str, code: Code) -> Option<Expr> {
        let word = self.word(token);
        let span = token.span.clone();
        if hardware_address(word).is_some() {
            let message = format!("`{word}` is a hardware address");
            self.tell(Code::ExpectedAddress, span, message, &format!("write `ether host {word}`"));
        } else if word.contains(':') || word.bytes().all(|b| b.is_ascii_digit() || b == b'.') {
            let message = format!("`{word}` is no address");
            let mend = "write four bytes as in 10.0.0.1, or an IPv6 address as in 2001:db8::1";
            self.tell(code, span, message, mend);
        } else if Proto::named(word).is_some() || Qualifiers::is_word(word) {
            let message = format!("expected an address after `{after}`, found `{word}`");
            let mend = format!("write an address between `{after}` and `{word}`");
            self.tell(code, span, message, &mend);
        } else {
            let message = format!("`{word}` is a name, and names are not looked up");
            let mend = "write its address; the filter can't know what a name meant at the time";
            self.tell(Code::NameNotLookedUp, span, message, mend);
        }
        None
    }

    /// The length after a slash.
    fn prefix(&mut self, longest: u32) -> Option<u32> {
        self.at = self.at.saturating_add(1);
        let token = self.peek().cloned();
        let Some(length) = token.as_ref().and_then(|t| self.number_of(t)) else {
            let (found, span) = self.found();
            self.tell(
                Code::ExpectedNumber,
                span,
                format!("expected a prefix length after `/`, found {found}"),
                &format!("write a number from 0 to {longest}"),
            );
            return None;
        };
        self.at = self.at.saturating_add(1);
        let fits = u32::try_from(length).ok().filter(|n| *n <= longest);
        if fits.is_none() {
            self.tell(
                Code::LongPrefix,
                token.map(|t| t.span).unwrap_or_default(),
                format!("a prefix of {length} bits is longer than an address"),
                &format!("write a number from 0 to {longest}"),
            );
        }
        fits
    }
}

/// Six bytes in hexadecimal, between colons, hyphens or dots, or four digits between dots.
fn hardware_address(word: &str) -> Option<[u8; 6]> {
    let mut mac = [0u8; 6];
    let digits = |text: &str, most: usize| {
        (1..=most).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_hexdigit())
    };
    if let [a, b, c] = word.split('.').collect::<Vec<_>>().as_slice() {
        for (pair, text) in mac.chunks_exact_mut(2).zip([a, b, c]) {
            if text.len() != 4 || !digits(text, 4) {
                return None;
            }
            pair.copy_from_slice(&u16::from_str_radix(text, 16).ok()?.to_be_bytes());
        }
        return Some(mac);
    }
    let sign = [':', '-', '.'].into_iter().find(|sign| word.contains(*sign))?;
    let mut parts = word.split(sign);
    for slot in &mut mac {
        let text = parts.next().filter(|t| digits(t, 2))?;
        *slot = u8::from_str_radix(text, 16).ok()?;
    }
    parts.next().is_none().then_some(mac)
}

/// One to four bytes between dots, left-aligned, and how many there were.
fn ipv4(word: &str) -> Option<(u32, u32)> {
    let (mut address, mut count) = (0u32, 0u32);
    for part in word.split('.') {
        if count == 4 || part.is_empty() || part.len() > 3 {
            return None;
        }
        let byte = part.bytes().all(|b| b.is_ascii_digit()).then(|| part.parse::<u8>().ok())??;
        address |= u32::from(byte).checked_shl(24u32.saturating_sub(count.saturating_mul(8)))?;
        count = count.saturating_add(1);
    }
    Some((address, count))
}
