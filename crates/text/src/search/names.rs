//! Names across scripts: whether a name in Latin letters is the same as one in Arabic letters, and a key under which the two
//! stand together.
//!
//! Latin spellings of Arabic names are many, and follow English, French, Turkish and Kurdish. So nothing is transliterated: a
//! spelling is held against what each Arabic letter may be written as. Short vowels are written in Latin only, long ones in both;
//! this tells الأعرجي (Araji) from إرجاء, which the consonants alone do not.

use std::collections::BTreeSet;

/// What each letter of a folded Arabic word may be in folded Latin letters, and the letters of its skeleton. An empty
/// spelling: it need not be written.
const LETTERS: [(char, &[&str], &str); 29] = [
    ('ء', &["", "a", "e"], ""),
    ('ا', &["a", "aa", "e", "i", "o", "u", "ou", ""], ""),
    ('ب', &["b", "p", "v"], "b"),
    ('ت', &["t"], "t"),
    ('ث', &["th", "t", "s"], "t"),
    ('ج', &["j", "g", "c", "dj", "zh"], "k"),
    ('ح', &["h", ""], ""),
    ('خ', &["kh", "h", "x", "k"], "k-"),
    ('د', &["d", "t"], "t"),
    ('ذ', &["dh", "th", "z", "d"], "t"),
    ('ر', &["r"], "r"),
    ('ز', &["z", "s"], "t"),
    ('س', &["s", "c"], "t"),
    ('ش', &["sh", "ch", "s", "sch"], "t"),
    ('ص', &["s"], "t"),
    ('ض', &["d", "dh", "z"], "t"),
    ('ط', &["t", "th"], "t"),
    ('ظ', &["z", "dh", "d", "th"], "t"),
    ('ع', &["a", "aa", "e", "i", "o", "u", "ou", ""], ""),
    ('غ', &["gh", "g"], "k"),
    ('ف', &["f", "ph", "v"], "f"),
    ('ق', &["q", "k", "g", "gh"], "k"),
    ('ك', &["k", "c", "ck", "g", "q"], "k"),
    ('ل', &["l"], "l"),
    ('م', &["m"], "m"),
    ('ن', &["n"], "n"),
    ('ه', &["h", "a", "e"], ""),
    ('و', &["w", "v", "u", "o", "oo", "ou", "uw", "ow", "aw", "au", "uww", "ouw"], ""),
    ('ي', &["y", "i", "ee", "iy", "ay", "ey", "ai", "ei", "yy", "ayy", "ie", "e", "eey", "iyy", "a"], ""),
];

/// A word is no longer than this, so that comparing has an end.
const LONGEST: usize = 40;

/// How many keys a word has at most, give or take one letter that can be several.
const MOST: usize = 8;

fn is_vowel(c: u8) -> bool {
    matches!(c, b'a' | b'e' | b'i' | b'o' | b'u')
}

fn spellings(letter: char) -> &'static [&'static str] {
    LETTERS.iter().find(|(of, ..)| *of == letter).map_or(&[], |(_, spellings, _)| spellings)
}

/// Whether a folded word in Latin letters can be a spelling of a folded word in Arabic letters, articles of both left aside.
#[must_use]
pub fn alike(latin: &str, arabic: &str) -> bool {
    if latin.len() > LONGEST || arabic.len() > 2 * LONGEST || !latin.bytes().all(|b| b.is_ascii_lowercase()) {
        return false;
    }
    let Some(bare) = arabic.strip_prefix("ال").filter(|rest| rest.chars().nth(1).is_some()) else {
        return spells(latin, arabic);
    };
    let heads = ["al", "el", "ul", "l", "as", "ad", "an", "ar", "at", "az", "ash"];
    let mut without = heads.iter().filter_map(|head| latin.strip_prefix(head)).filter(|rest| rest.len() > 2);
    spells(latin, bare) || spells(latin, arabic) || without.any(|rest| spells(rest, bare))
}

/// French writes a silent e behind a last consonant.
fn spells(latin: &str, arabic: &str) -> bool {
    let mute = latin.strip_suffix('e').filter(|rest| rest.len() > 2 && !rest.bytes().last().is_some_and(is_vowel));
    matches(latin, arabic) || mute.is_some_and(|rest| matches(rest, arabic))
}

/// Letter by letter: which beginnings of the Latin word the Arabic letters so far can be.
fn matches(latin: &str, arabic: &str) -> bool {
    let letters: Vec<char> = arabic.chars().collect();
    let mut ends = vec![false; latin.len() + 1];
    ends[0] = true;
    for (at, letter) in letters.iter().enumerate() {
        let (first, last) = (at == 0, at + 1 == letters.len());
        // The article within "ابوالمكارم" is not heard as one.
        let next_letter = letters.get(at + 1);
        let elided = *letter == 'ا' && next_letter == Some(&'ل') && !first;
        // "عادل" is Adel: the vowel behind the first letter is all that is written of both.
        let silent = *letter == 'ع' && matches!(next_letter, Some('ا' | 'و' | 'ي'));
        let mut next = vec![false; latin.len() + 1];
        for from in (0..=latin.len()).filter(|from| ends[*from]) {
            let rest = &latin[from..];
            for spelling in spellings(*letter) {
                if (fits(*letter, spelling, first, last) || (elided || silent) && spelling.is_empty())
                    && rest.starts_with(spelling)
                {
                    spread(latin, from, spelling, *letter, last, &mut next);
                }
            }
        }
        ends = next;
    }
    ends[latin.len()]
}

/// Whether this spelling may stand where the letter does. A long vowel is silent neither at the beginning nor at the end.
fn fits(letter: char, spelling: &str, first: bool, last: bool) -> bool {
    match letter {
        'ا' | 'ع' if first => !spelling.is_empty(),
        'ه' => spelling == "h" || last,
        // At the end it may be an alef maqsura.
        'ي' => (spelling != "e" || !last) && (spelling != "a" || last),
        'ا' => !matches!(spelling, "i" | "u" | "ou" | "o") && (last || !spelling.is_empty()),
        'ح' => spelling == "h" || last,
        _ => true,
    }
}

/// Behind a letter may stand its double, and a short vowel if another letter follows.
fn spread(latin: &str, from: usize, spelling: &str, letter: char, last: bool, ends: &mut [bool]) {
    let bytes = latin.as_bytes();
    let mut to = from + spelling.len();
    // A long vowel is followed by no short one, but w and y are consonants.
    let vowel = match letter {
        'ا' => true,
        'و' | 'ي' => !spelling.ends_with(['w', 'y', 'v', 'u', 'i']),
        'ه' => spelling != "h",
        _ => false,
    };
    let mut stops = vec![to];
    if !spelling.is_empty() && !vowel && latin[to..].starts_with(spelling) {
        stops.push(to + spelling.len());
    } else if spelling.len() == 2 && !vowel && bytes.get(from) == bytes.get(from + 1) {
        to = from;
    }
    for stop in stops {
        if let Some(end) = ends.get_mut(stop) {
            *end = true;
        }
        let mut at = stop.max(to);
        // "Ahmad", "Aoun": one short vowel, or two that stand for one.
        for _ in 0..2 {
            if last || vowel || !bytes.get(at).is_some_and(|c| is_vowel(*c)) {
                break;
            }
            at += 1;
            if let Some(end) = ends.get_mut(at) {
                *end = true;
            }
        }
    }
}

/// The keys under which a folded word stands together with its spellings in the other script: its consonants, those alike in
/// some spelling as one. A word without any has none.
#[must_use]
pub fn skeletons(word: &str) -> BTreeSet<String> {
    if word.len() > 2 * LONGEST {
        return BTreeSet::new();
    }
    let mut keys: BTreeSet<String>;
    if word.bytes().all(|b| b.is_ascii_lowercase()) {
        let heads = ["al", "el", "ul", "l"].iter().filter_map(|head| word.strip_prefix(head)).filter(|rest| rest.len() > 2);
        keys = std::iter::once(word).chain(heads).flat_map(in_latin).collect();
    } else {
        let bare = word.strip_prefix("ال").filter(|rest| rest.chars().nth(1).is_some());
        keys = std::iter::once(word).chain(bare).flat_map(in_arabic).collect();
    }
    keys.retain(|key| !key.is_empty());
    keys
}

/// Adds a letter to every key; one that ends in `-` may be missing.
fn grow(keys: &mut BTreeSet<String>, letter: &str) {
    let plain = letter.trim_end_matches('-');
    if plain.is_empty() {
        return;
    }
    let longer: BTreeSet<String> =
        keys.iter().map(|key| if key.ends_with(plain) { key.clone() } else { format!("{key}{plain}") }).collect();
    if letter.ends_with('-') && keys.len() < MOST {
        keys.extend(longer);
    } else {
        *keys = longer;
    }
}

fn in_arabic(word: &str) -> BTreeSet<String> {
    let mut keys = BTreeSet::from([String::new()]);
    for letter in word.chars() {
        let Some((_, _, key)) = LETTERS.iter().find(|(of, ..)| *of == letter) else { return BTreeSet::new() };
        grow(&mut keys, key);
    }
    keys
}

fn in_latin(word: &str) -> BTreeSet<String> {
    let mut keys = BTreeSet::from([String::new()]);
    let mut rest = word;
    let pairs = [
        ("sch", "t"),
        ("sh", "t"),
        ("ch", "t"),
        ("th", "t"),
        ("dh", "t"),
        ("zh", "k"),
        ("dj", "k"),
        ("kh", "k-"),
        ("gh", "k"),
        ("ph", "f"),
        ("ck", "k"),
    ];
    while let Some(first) = rest.chars().next() {
        if let Some((pair, key)) = pairs.iter().find(|(pair, _)| rest.starts_with(pair)) {
            grow(&mut keys, key);
            rest = &rest[pair.len()..];
            continue;
        }
        match first {
            'b' | 'p' => grow(&mut keys, "b"),
            'd' | 't' | 's' | 'z' => grow(&mut keys, "t"),
            'j' | 'g' | 'k' | 'q' => grow(&mut keys, "k"),
            'x' => grow(&mut keys, "k-"),
            'f' => grow(&mut keys, "f"),
            'l' | 'm' | 'n' | 'r' => grow(&mut keys, first.encode_utf8(&mut [0; 4])),
            'c' => keys = either(&keys, "k", "t"),
            'v' if keys.len() <= MOST => keys.extend(either(&keys, "f", "b")),
            _ => {}
        }
        rest = &rest[first.len_utf8()..];
    }
    keys
}

/// The keys with one letter or with the other; of many keys, with the first alone.
fn either(keys: &BTreeSet<String>, one: &str, other: &str) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    let letters = [one, other];
    for letter in letters.into_iter().take(if keys.len() > MOST { 1 } else { 2 }) {
        let mut grown = keys.clone();
        grow(&mut grown, letter);
        all.extend(grown);
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_known_in_the_other_script_and_a_word_of_its_consonants_is_not() {
        let same = |latin: &str, arabic: &str| {
            let (latin, arabic) = (crate::fold_for_search(latin), crate::fold_for_search(arabic));
            alike(&latin, &arabic) && !skeletons(&latin).is_disjoint(&skeletons(&arabic))
        };
        for (latin, arabic) in [
            ("Araji", "الأعرجي"),
            ("Alaraji", "الأعرجي"),
            ("Hussein", "حسين"),
            ("Qassem", "قاسم"),
            ("Kasım", "قاسم"),
            ("Fidan", "فيدان"),
            ("Abdulrahman", "عبدالرحمن"),
            ("Halit", "خالد"),
            ("Khalid", "خالد"),
            ("Davut", "داود"),
            ("Ninawa", "نينوى"),
            ("Anbar", "الأنبار"),
            ("Adel", "عادل"),
        ] {
            assert!(same(latin, arabic), "{latin} {arabic}");
        }
        for (latin, arabic) in
            [("Araji", "إرجاء"), ("Araji", "أرجو"), ("Araji", "الأعرج"), ("Samir", "سميرة"), ("security", "سكرتير")]
        {
            assert!(!same(latin, arabic), "{latin} {arabic}");
        }
    }

    #[test]
    fn any_word_has_few_keys() {
        let long = "v".repeat(200);
        for word in ["cvcvcvcvcvcvcvcv", "خخخخخ", "خاخاخاخاخا", "خبخبخبخبخبخب", &long, "", "日本", "1234"]
        {
            assert!(skeletons(word).len() <= 32, "{word}: {}", skeletons(word).len());
            assert!(!alike(word, "خالد"));
        }
    }
}
