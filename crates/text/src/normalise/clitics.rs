//! Clitics: و and ف, then ب, ل and ك, which Arabic writes as one word with the next.

/// One way to read a written word: with so many folded characters of clitics taken off its front.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stripped {
    /// What is left. For "للجيش" it is "الجيش": the article that the preposition swallowed is given back.
    pub word: String,
    /// Folded characters taken off.
    pub cut: usize,
    /// True when an article was given back.
    pub article: bool,
}

/// The readings of a folded word as clitics (و ف, then ب ل ك) and a rest. The word itself comes first. Whether a rest is a
/// word only a lexicon can tell; callers keep the readings they know.
#[must_use]
pub fn clitic_readings(word: &str) -> Vec<Stripped> {
    let mut out = Vec::new();
    each_reading(word, |word, cut, article| out.push(Stripped { word: word.to_owned(), cut, article }));
    out
}

/// At least two letters: one alone is no word.
fn whole(rest: &str) -> bool {
    rest.chars().nth(1).is_some()
}

fn without<'w>(word: &'w str, clitics: &[char]) -> Option<&'w str> {
    word.strip_prefix(clitics).filter(|rest| whole(rest))
}

/// Calls `take` with every reading of [`clitic_readings`]: the rest, the characters cut off, and whether an article was given
/// back. Nothing is copied but the rests of words with "لل".
pub(crate) fn each_reading(word: &str, mut take: impl FnMut(&str, usize, bool)) {
    take(word, 0, false);
    let conjoined = without(word, &['و', 'ف']);
    if let Some(rest) = conjoined {
        take(rest, 1, false);
    }
    for (base, cut) in [(Some(word), 0), (conjoined, 1)] {
        let Some(base) = base else { continue };
        if let Some(rest) = base.strip_prefix("لل").filter(|rest| whole(rest)) {
            take(&format!("ال{rest}"), cut + 1, true);
            take(&format!("ل{rest}"), cut + 1, false);
            // "للجنة" is also "ل" + "اللجنة": three lams are never written.
            take(&format!("الل{rest}"), cut, true);
        } else if let Some(rest) = without(base, &['ب', 'ل', 'ك']) {
            take(rest, cut + 1, false);
        }
    }
}

/// The characters of clitics before `target` when a folded word can be read as it; the first such reading.
pub(crate) fn clitic_cut(word: &str, target: &str) -> Option<usize> {
    if word == target {
        return Some(0);
    }
    // Only a word with the same end can read so.
    if !word.ends_with(target.strip_prefix("ال").unwrap_or(target)) {
        return None;
    }
    let conjoined = without(word, &['و', 'ف']);
    if conjoined == Some(target) {
        return Some(1);
    }
    [(Some(word), 0), (conjoined, 1)].into_iter().find_map(|(base, cut)| {
        let base = base?;
        let Some(rest) = base.strip_prefix("لل").filter(|rest| whole(rest)) else {
            return (without(base, &['ب', 'ل', 'ك']) == Some(target)).then_some(cut + 1);
        };
        if target.strip_prefix("ال") == Some(rest) || target.strip_prefix('ل') == Some(rest) {
            return Some(cut + 1);
        }
        (target.strip_prefix("الل") == Some(rest)).then_some(cut)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cut_is_the_first_reading_of_the_word() {
        for word in ["للجنة", "وللجيش", "والجيش", "بجيش", "وبجيش", "لله", "فلل", "و", "", "وو", "ككل"]
        {
            let mut seen: Vec<&str> = Vec::new();
            let readings = clitic_readings(word);
            for reading in &readings {
                if !seen.contains(&reading.word.as_str()) {
                    assert_eq!(clitic_cut(word, &reading.word), Some(reading.cut), "{word} as {}", reading.word);
                }
                seen.push(&reading.word);
            }
            assert_eq!(clitic_cut(word, "غيره"), None);
        }
    }
}
