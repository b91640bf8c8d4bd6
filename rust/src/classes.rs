//! The string classes of PRECIS (RFC 8264 §4) for all of Unicode 17.
//!
//! precis-core has the tables of the IANA registry, which stopped at Unicode 6.3: a script or an emoji of the last decade
//! is unassigned there. RFC 8264 §8 says how any later code point is classified, so that is done here; what the registry
//! knows keeps its answer.
use icu_properties::props::{DefaultIgnorableCodePoint, GeneralCategory};
use icu_properties::{CodePointMapData, CodePointSetData};
use precis_core::{DerivedPropertyValue, FreeformClass, IdentifierClass, StringClass};
use unicode_normalization::UnicodeNormalization;

#[derive(Default)]
pub struct Identifier(IdentifierClass);

#[derive(Default)]
pub struct Freeform(FreeformClass);

impl StringClass for Identifier {
    fn get_value_from_char(&self, c: char) -> DerivedPropertyValue {
        known_or(self.0.get_value_from_char(c), || later(c, DerivedPropertyValue::SpecClassDis))
    }
    fn get_value_from_codepoint(&self, cp: u32) -> DerivedPropertyValue {
        char::from_u32(cp).map_or(DerivedPropertyValue::Disallowed, |c| self.get_value_from_char(c))
    }
}

impl StringClass for Freeform {
    fn get_value_from_char(&self, c: char) -> DerivedPropertyValue {
        known_or(self.0.get_value_from_char(c), || later(c, DerivedPropertyValue::SpecClassPval))
    }
    fn get_value_from_codepoint(&self, cp: u32) -> DerivedPropertyValue {
        char::from_u32(cp).map_or(DerivedPropertyValue::Disallowed, |c| self.get_value_from_char(c))
    }
}

fn known_or(value: DerivedPropertyValue, later: impl FnOnce() -> DerivedPropertyValue) -> DerivedPropertyValue {
    if value == DerivedPropertyValue::Unassigned {
        later()
    } else {
        value
    }
}

/// RFC 8264 §8, in its order, without the steps that no code point after 6.3 can take: exceptions, ASCII, joiners, old
/// jamo. `freeform` is the class's answer to what is no letter or digit.
fn later(c: char, freeform: DerivedPropertyValue) -> DerivedPropertyValue {
    use GeneralCategory as G;
    let category = CodePointMapData::<GeneralCategory>::new().get(c);
    if category == G::Unassigned {
        return DerivedPropertyValue::Unassigned;
    }
    if CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(c) {
        return DerivedPropertyValue::Disallowed; // §9.13
    }
    if !std::iter::once(c).nfkc().eq(std::iter::once(c)) {
        return freeform; // §9.17
    }
    match category {
        G::LowercaseLetter | G::UppercaseLetter | G::OtherLetter | G::DecimalNumber | G::ModifierLetter
        | G::NonspacingMark | G::SpacingMark => DerivedPropertyValue::PValid, // §9.1
        G::TitlecaseLetter | G::LetterNumber | G::OtherNumber | G::EnclosingMark => freeform, // §9.18
        G::SpaceSeparator => freeform,                                                        // §9.14
        G::MathSymbol | G::CurrencySymbol | G::ModifierSymbol | G::OtherSymbol => freeform,   // §9.15
        G::ConnectorPunctuation | G::DashPunctuation | G::OpenPunctuation | G::ClosePunctuation
        | G::InitialPunctuation | G::FinalPunctuation | G::OtherPunctuation => freeform, // §9.16
        _ => DerivedPropertyValue::Disallowed, // controls, separators, formats, private use, surrogates
    }
}
