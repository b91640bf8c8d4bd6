//! Preparation of the parts of a JID (RFC 7622) and of passwords (RFC 8265).
//!
//! One Unicode version, 17, in all tables, by the lock file: those of precis-core are older, so what they do not know is
//! classified in `classes`; and the compiler's own case tables are not used.
use crate::classes::{Freeform, Identifier};
use icu_casemap::CaseMapper;
use icu_locale_core::LanguageIdentifier;
use idna::uts46::{AsciiDenyList, DnsLength, Hyphens, Uts46};
use precis_core::profile::Rules;
use precis_core::StringClass;
use precis_profiles::{OpaqueString, UsernameCaseMapped};
use std::net::Ipv6Addr;

/// RFC 7622 §3.3.1: code points that the profile allows and a local part may not have.
const FORBIDDEN_IN_LOCAL: &[char] = &['"', '&', '\'', '/', ':', '<', '>', '@'];

/// RFC 8264 §7: rules are applied until nothing changes, at most three times more.
fn until_stable(text: &str, apply: impl Fn(&str) -> Option<String>) -> Option<String> {
    let mut current = apply(text)?;
    for _ in 0..3 {
        let next = apply(&current)?;
        if next == current {
            return Some(current);
        }
        current = next;
    }
    None
}

/// RFC 7622 §3.3: the UsernameCaseMapped profile.
pub fn local(text: &str) -> Option<String> {
    let profile = UsernameCaseMapped::new();
    let prepared = until_stable(text, |s| {
        // RFC 8265 §3.3: width, class, case, normalisation, direction
        let wide = profile.width_mapping_rule(s).ok()?;
        Identifier::default().allows(&wide).ok()?;
        let lowered = CaseMapper::new().lowercase_to_string(&wide, &LanguageIdentifier::UNKNOWN);
        let normal = profile.normalization_rule(lowered.into_owned()).ok()?;
        Some(profile.directionality_rule(normal).ok()?.into_owned())
    })?;
    (!prepared.is_empty() && !prepared.contains(FORBIDDEN_IN_LOCAL)).then_some(prepared)
}

/// RFC 7622 §3.4 (resource) and RFC 8265 §4.2 (password): the OpaqueString profile.
pub fn opaque(text: &str) -> Option<String> {
    let profile = OpaqueString::new();
    until_stable(text, |s| {
        // RFC 8265 §4.2: class, spaces, normalisation
        Freeform::default().allows(s).ok()?;
        let spaced = profile.additional_mapping_rule(s).ok()?;
        Some(profile.normalization_rule(spaced).ok()?.into_owned())
    })
    .filter(|s| !s.is_empty())
}

/// RFC 7622 §3.2: an IPv6 literal in brackets, or a domain name in lower case with its labels as U-labels. An IPv4
/// address is a domain name here: nothing in it needs preparation.
pub fn domain(text: &str) -> Option<String> {
    if let Some(rest) = text.strip_prefix('[') {
        let address: Ipv6Addr = rest.strip_suffix(']')?.parse().ok()?;
        return Some(format!("[{address}]")); // RFC 5952: equal addresses are equal bytes
    }
    until_stable(text, name)
}

fn name(text: &str) -> Option<String> {
    let text = text.strip_suffix(is_dot).unwrap_or(text); // RFC 7622 §3.2: a final dot is dropped
    let uts46 = Uts46::new();
    let (unicode, verdict) = uts46.to_unicode(text.as_bytes(), AsciiDenyList::STD3, Hyphens::CheckFirstLast);
    verdict.ok()?;
    // RFC 7622 §3.2: the limits of RFC 1034 hold, on what would be asked of the DNS.
    uts46
        .to_ascii(unicode.as_bytes(), AsciiDenyList::STD3, Hyphens::CheckFirstLast, DnsLength::Verify)
        .ok()?;
    unicode.split('.').all(is_label).then(|| unicode.into_owned())
}

/// The dots of IDNA (RFC 3490 §3.1, UTS 46 §4.5) become a full stop by mapping.
fn is_dot(c: char) -> bool {
    matches!(c, '.' | '\u{3002}' | '\u{FF0E}' | '\u{FF61}')
}

/// UTS 46 lets through symbols which IDNA2008 (RFC 5892) does not. After its mapping, the identifier class of PRECIS is
/// the same set as IDNA2008's valid code points, with the same contextual rules.
fn is_label(label: &str) -> bool {
    if label.is_ascii() {
        return !label.starts_with("xn--");
    }
    label.get(2..4) != Some("--") && Identifier::default().allows(label).is_ok() // RFC 5891 §4.2.3.1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_the_pinned_ones() {
        assert_eq!(precis_profiles::UNICODE_VERSION.0, 17);
        assert_eq!(unicode_normalization::UNICODE_VERSION.0, 17);
        assert!(opaque("\u{1FACD}").is_some()); // orca, of Unicode 17
        assert_eq!(opaque("\u{88F}"), Some("\u{88F}".into())); // Arabic letter, of Unicode 17
        assert_eq!(opaque("\u{A7DD}"), None); // not assigned in 17
    }

    #[test]
    fn symbols_are_no_labels() {
        assert_eq!(domain("\u{2603}.example"), None);
        assert_eq!(domain("B\u{fc}cher.example").as_deref(), Some("b\u{fc}cher.example"));
        assert_eq!(domain("xn--bcher-kva.example").as_deref(), Some("b\u{fc}cher.example"));
    }
}
