//! Reference numbers: what people quote on paper and on the telephone, `IQ-TR/2026/M/0014`.
//!
//! The parties that the dossier was opened for, the opener first; the year; the letter of the kind; a running number. The
//! opener counts for itself, so that a number is unique without asking anybody: nobody else's numbers begin with it.

use crate::kinds::Kind;
use crate::party::PartyId;
use crate::time::Date;
use std::collections::BTreeSet;

/// How many bytes a country takes in the list.
const COUNTRY: usize = 6;

/// ISO 3166-1: each country's three letters followed by its two, in their order.
const COUNTRIES: &str = "\
     ABWAW AFGAF AGOAO AIAAI ALAAX ALBAL ANDAD AREAE ARGAR ARMAM ASMAS ATAAQ ATFTF ATGAG AUSAU AUTAT AZEAZ BDIBI \
     BELBE BENBJ BESBQ BFABF BGDBD BGRBG BHRBH BHSBS BIHBA BLMBL BLRBY BLZBZ BMUBM BOLBO BRABR BRBBB BRNBN BTNBT \
     BVTBV BWABW CAFCF CANCA CCKCC CHECH CHLCL CHNCN CIVCI CMRCM CODCD COGCG COKCK COLCO COMKM CPVCV CRICR CUBCU \
     CUWCW CXRCX CYMKY CYPCY CZECZ DEUDE DJIDJ DMADM DNKDK DOMDO DZADZ ECUEC EGYEG ERIER ESHEH ESPES ESTEE ETHET \
     FINFI FJIFJ FLKFK FRAFR FROFO FSMFM GABGA GBRGB GEOGE GGYGG GHAGH GIBGI GINGN GLPGP GMBGM GNBGW GNQGQ GRCGR \
     GRDGD GRLGL GTMGT GUFGF GUMGU GUYGY HKGHK HMDHM HNDHN HRVHR HTIHT HUNHU IDNID IMNIM INDIN IOTIO IRLIE IRNIR \
     IRQIQ ISLIS ISRIL ITAIT JAMJM JEYJE JORJO JPNJP KAZKZ KENKE KGZKG KHMKH KIRKI KNAKN KORKR KWTKW LAOLA LBNLB \
     LBRLR LBYLY LCALC LIELI LKALK LSOLS LTULT LUXLU LVALV MACMO MAFMF MARMA MCOMC MDAMD MDGMG MDVMV MEXMX MHLMH \
     MKDMK MLIML MLTMT MMRMM MNEME MNGMN MNPMP MOZMZ MRTMR MSRMS MTQMQ MUSMU MWIMW MYSMY MYTYT NAMNA NCLNC NERNE \
     NFKNF NGANG NICNI NIUNU NLDNL NORNO NPLNP NRUNR NZLNZ OMNOM PAKPK PANPA PCNPN PERPE PHLPH PLWPW PNGPG POLPL \
     PRIPR PRKKP PRTPT PRYPY PSEPS PYFPF QATQA REURE ROURO RUSRU RWARW SAUSA SDNSD SENSN SGPSG SGSGS SHNSH SJMSJ \
     SLBSB SLESL SLVSV SMRSM SOMSO SPMPM SRBRS SSDSS STPST SURSR SVKSK SVNSI SWESE SWZSZ SXMSX SYCSC SYRSY TCATC \
     TCDTD TGOTG THATH TJKTJ TKLTK TKMTM TLSTL TONTO TTOTT TUNTN TURTR TUVTV TWNTW TZATZ UGAUG UKRUA UMIUM URYUY \
     USAUS UZBUZ VATVA VCTVC VENVE VGBVG VIRVI VNMVN VUTVU WLFWF WSMWS YEMYE ZAFZA ZMBZM ZWEZW";

/// The two letters of a country (ISO 3166-1 alpha-2); a party that is no country keeps its own name.
#[must_use]
pub fn short(party: &PartyId) -> &str {
    let country = |number: usize| COUNTRIES.get(number * COUNTRY..number * COUNTRY + 5).unwrap_or_default();
    let (mut low, mut high) = (0, COUNTRIES.len() / COUNTRY + 1);
    while low < high {
        let middle = usize::midpoint(low, high);
        let (long, short) = country(middle).split_at_checked(3).unwrap_or_default();
        match long.cmp(party.as_str()) {
            std::cmp::Ordering::Equal => return short,
            std::cmp::Ordering::Less => low = middle + 1,
            std::cmp::Ordering::Greater => high = middle,
        }
    }
    party.as_str()
}

fn is_reference(text: &str) -> bool {
    let parts: Vec<&str> = text.split('/').collect();
    let [parties, year, letter, number] = parts.as_slice() else { return false };
    let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    let named = |part: &str| (2..=12).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_uppercase());
    parties.split('-').all(named)
        && year.len() == 4
        && digits(year)
        && letter.len() == 1
        && letter.bytes().all(|b| b.is_ascii_uppercase())
        && (4..=9).contains(&number.len())
        && digits(number)
        && (number.len() == 4 || !number.starts_with('0'))
        && number.bytes().any(|b| b != b'0')
}

crate::party::id!(
    /// The reference number of a dossier, given once by the party that opens it.
    Reference, "a reference number (such as IQ-TR/2026/M/0014)", is_reference
);

/// All of a reference but its running number: the series in which the opener counts. `None` for a kind that people never
/// quote.
#[must_use]
pub fn series(opener: &PartyId, audience: &BTreeSet<PartyId>, kind: Kind, day: Date) -> Option<String> {
    let letter = kind.letter()?;
    let others = audience.iter().filter(|party| *party != opener);
    let parties: Vec<&str> = std::iter::once(opener).chain(others).map(short).collect();
    Some(format!("{}/{:04}/{letter}", parties.join("-"), day.year()))
}

impl Reference {
    /// The reference of this number, counted from 1, in a series.
    #[must_use]
    pub fn new(series: &str, number: u32) -> Option<Reference> {
        format!("{series}/{number:04}").parse().ok()
    }

    /// The series that it belongs to.
    #[must_use]
    pub fn series(&self) -> &str {
        self.as_str().rsplit_once('/').map_or("", |(series, _)| series)
    }

    /// Its number in the series, counted from 1.
    #[must_use]
    pub fn number(&self) -> u32 {
        self.as_str().rsplit_once('/').and_then(|(_, number)| number.parse().ok()).unwrap_or(0)
    }
}

/// The beginnings of reference numbers that somebody may mean who typed this: with Arabic-Indic or Persian digits, small
/// letters, spaces, or a number without its leading zeros. Empty when it looks like none.
#[must_use]
pub fn meant(typed: &str) -> Vec<String> {
    let digit = |c: char, zero: char| char::from_digit(u32::from(c).checked_sub(u32::from(zero))?, 10);
    let plain = |c: char| match c {
        '\u{2010}'..='\u{2015}' => '-',
        '\\' => '/',
        other => digit(other, '٠').or_else(|| digit(other, '۰')).unwrap_or(other).to_ascii_uppercase(),
    };
    let ignored = |c: char| c.is_whitespace() || matches!(c, '\u{200e}' | '\u{200f}' | '\u{061c}' | '\u{2066}'..='\u{2069}');
    let text: String = typed.chars().filter(|c| !ignored(*c)).map(plain).collect();
    let fine = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '-' || c == '/';
    let begins = text.split(['-', '/']).next().is_some_and(|party| party.len() >= 2 && party.chars().all(char::is_alphabetic));
    if !begins || text.len() > 120 || !text.chars().all(fine) {
        return Vec::new();
    }
    let padded = text.rsplit_once('/').filter(|(series, number)| series.matches('/').count() == 2 && number.len() < 4);
    let padded = padded.and_then(|(series, number)| Reference::new(series, number.parse().ok()?));
    let whole = padded.map(|reference| reference.as_str().to_owned());
    std::iter::once(text).chain(whole).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_country_has_two_letters_and_nothing_else_has() {
        let short_of = |name: &str| short(&name.parse().unwrap()).to_owned();
        assert_eq!(["IRQ", "TUR", "SYR", "USA"].map(short_of), ["IQ", "TR", "SY", "US"]);
        assert_eq!(short_of("COALITION"), "COALITION");
        let pairs: Vec<&str> = COUNTRIES.split(' ').collect();
        assert!(pairs.len() == 249 && pairs.iter().all(|pair| pair.len() + 1 == COUNTRY) && pairs.is_sorted());
        assert!(pairs.iter().all(|pair| short_of(&pair[..3]) == pair[3..]));
    }

    #[test]
    fn what_people_type_finds_the_reference_that_they_mean() {
        assert_eq!(meant(" iq-tr / ٢٠٢٦ /m/۰۰14 "), ["IQ-TR/2026/M/0014"]);
        assert_eq!(meant("IQ-TR/2026/M/14"), ["IQ-TR/2026/M/14", "IQ-TR/2026/M/0014"]);
        assert_eq!(meant("\u{2066}iq–tr\u{2069}"), ["IQ-TR"]);
        for other in ["", "اجتماع", "2026", "x", "50%", "iq/2026'--", "i/2026"] {
            assert_eq!(meant(other), Vec::<String>::new(), "{other}");
        }
    }

    #[test]
    fn the_opener_comes_first_and_counts_for_itself() {
        let parties: BTreeSet<PartyId> = ["IRQ", "SYR", "TUR"].map(|code| code.parse().unwrap()).into();
        let series = series(&"TUR".parse().unwrap(), &parties, Kind::Meeting, "2026-05-01".parse().unwrap()).unwrap();
        let reference = Reference::new(&series, 14).unwrap();
        assert_eq!(reference.as_str(), "TR-IQ-SY/2026/M/0014");
        assert_eq!(reference.series(), series);
        assert_eq!(Reference::new(&series, 10_000).unwrap().as_str(), "TR-IQ-SY/2026/M/10000");
        for bad in [
            "",
            "IQ/2026/M/14",
            "IQ-TR/26/M/0014",
            "IQ-TR/2026/m/0014",
            "IQ-TR/2026/M/0000",
            "IQ-/2026/M/0001",
            "IQ/2026/M/00001",
        ] {
            assert!(bad.parse::<Reference>().is_err(), "{bad}");
        }
    }
}
