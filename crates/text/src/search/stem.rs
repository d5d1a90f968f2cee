//! Light stemming: the endings of number, gender and relation, and nothing within a word. A name may look like a word with an
//! ending, so names are looked for unstemmed as well.

/// Arabic endings in folded form, each taken off once at most, in this order (after the "light10" stemmer of Larkey, Ballesteros
/// and Connell, 2002).
const ARABIC: [&str; 8] = ["ها", "ان", "ات", "ون", "ين", "يه", "ه", "ي"];

/// Turkish endings of number and belonging, the longest first.
const TURKISH: [&str; 5] = ["lari", "leri", "lar", "ler", "si"];

/// The fewest letters that are left of a word.
const LEAST: usize = 3;

fn without<'w>(word: &'w str, ending: &str, least: usize) -> Option<&'w str> {
    word.strip_suffix(ending).filter(|rest| rest.chars().nth(least - 1).is_some())
}

/// The stem of a folded word; none when the word is one, or is a number.
#[must_use]
pub(super) fn stem(word: &str) -> Option<String> {
    let arabic = |c: char| ('\u{620}'..='\u{6ff}').contains(&c);
    if word.chars().all(arabic) {
        let stem = ARABIC.iter().fold(word, |word, ending| without(word, ending, LEAST).unwrap_or(word));
        return (stem.len() < word.len()).then(|| stem.to_owned());
    }
    if !word.bytes().all(|b| b.is_ascii_lowercase()) {
        return None;
    }
    if let Some(rest) = TURKISH.iter().find_map(|ending| without(word, ending, LEAST + 1)) {
        return Some(rest.to_owned());
    }
    if let Some(rest) = without(word, "ies", LEAST) {
        return Some(format!("{rest}y"));
    }
    let plural = !["ss", "us", "is"].iter().any(|ending| word.ends_with(ending));
    without(word, "s", LEAST).filter(|_| plural).map(str::to_owned)
}
