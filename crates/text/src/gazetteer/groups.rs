//! The groups of `word_groups.tsv`: single words by which the reader tells what stands beside them.

use super::words::Words;
use super::{cell, rows};
use crate::normalise::fold_for_search;

macro_rules! groups {
    ($($variant:ident = $name:literal),+ $(,)?) => {
        /// A group of words; the file says what each is for.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum Group { $($variant),+ }

        impl Group {
            /// Every group with its name in the file.
            const ALL: &'static [(Self, &'static str)] = &[$((Self::$variant, $name)),+];
        }
    };
}

groups! {
    Relative = "relative",
    Talking = "talking",
    Due = "due",
    OtherGroups = "other_groups",
    Batch = "batch",
    TakenIn = "taken_in",
    ClauseOpener = "clause_opener",
    Discussing = "discussing",
    GoingBack = "going_back",
    Spoken = "spoken",
    Binding = "binding",
    PaperHeld = "paper_held",
    Done = "done",
    Outcome = "outcome",
    Information = "information",
    Exchange = "exchange",
    Exchanging = "exchanging",
    Training = "training",
    Trained = "trained",
    Course = "course",
    BodyMatter = "body_matter",
    Forming = "forming",
    BothSides = "both_sides",
    ToBeFormed = "to_be_formed",
    PointsFollow = "points_follow",
    PointNumber = "point_number",
    Praising = "praising",
    Unbound = "unbound",
    Conjunction = "conjunction",
    UnderTerms = "under_terms",
    ThatThey = "that_they",
    AllStates = "all_states",
    SideBehind = "side_behind",
    SideBefore = "side_before",
    Meanwhile = "meanwhile",
    Joint = "joint",
    SpeakingBody = "speaking_body",
    Own = "own",
    Side = "side",
    Appeal = "appeal",
    About = "about",
    MatterOf = "matter_of",
    Ground = "ground",
    DatedPaper = "dated_paper",
    Source = "source",
    Staff = "staff",
    OfficeTail = "office_tail",
    OuterBody = "outer_body",
    Managed = "managed",
    BodyAdjective = "body_adjective",
    Ministry = "ministry",
    Sealed = "sealed",
    Holding = "holding",
    VerbalNoun = "verbal_noun",
    Field = "field",
    OfYear = "of_year",
    ToSign = "to_sign",
    SoonSigned = "soon_signed",
    Witnessed = "witnessed",
    Signed = "signed",
    Border = "border",
    Lasting = "lasting",
    Sharing = "sharing",
    Attending = "attending",
    MissionOf = "mission_of",
    Counterpart = "counterpart",
    EnvoyOf = "envoy_of",
    GotBack = "got_back",
    Envoy = "envoy",
    Governor = "governor",
    NamedBefore = "named_before",
    PlaceOffice = "place_office",
    NameOffice = "name_office",
    CooperationOffice = "cooperation_office",
    NoRank = "no_rank",
    AtCapital = "at_capital",
    ToCapital = "to_capital",
    MadeOf = "made_of",
    Event = "event",
    Visiting = "visiting",
    GenericPlace = "generic_place",
    Direction = "direction",
    Describing = "describing",
    Leading = "leading",
    VenueAct = "venue_act",
    DayPart = "day_part",
    Era = "era",
    BeforeYear = "before_year",
    EdgeOfMonth = "edge_of_month",
    MadeThen = "made_then",
    DayWord = "day_word",
    YearHead = "year_head",
    BeforeBareYear = "before_bare_year",
    YearsHead = "years_head",
    NoDay = "no_day",
}

/// A set of groups, a bit for each.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Groups(u128);

impl Groups {
    /// Adds a group.
    pub(super) fn insert(&mut self, group: Group) {
        self.0 |= 1 << group as u32;
    }

    /// Adds the groups of another set.
    pub(crate) fn extend(&mut self, other: Self) {
        self.0 |= other.0;
    }

    /// The group stands in the set.
    pub(crate) fn has(self, group: Group) -> bool {
        self.0 >> group as u32 & 1 != 0
    }
}

/// Puts the words of `word_groups.tsv` into their groups.
pub(super) fn load(words: &mut Words) {
    for c in rows(include_str!("../../data/word_groups.tsv")) {
        let Some(&(group, _)) = Group::ALL.iter().find(|g| g.1 == cell(&c, 0)) else { continue };
        for form in cell(&c, 1).split('|') {
            let id = words.intern(&fold_for_search(form));
            words.join(id, group);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::normalise::fold;
    use std::collections::BTreeSet;

    #[test]
    fn every_group_has_its_row_and_every_row_its_group() {
        let names: Vec<&str> = Group::ALL.iter().map(|g| g.1).collect();
        let listed: Vec<&str> = rows(include_str!("../../data/word_groups.tsv")).map(|c| cell(&c, 0)).collect();
        assert_eq!(listed, names);
        assert!(names.len() <= 128, "a set holds no more");
        assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len());
    }

    #[test]
    fn a_group_is_of_single_words_and_holds_none_twice() {
        for c in rows(include_str!("../../data/word_groups.tsv")) {
            let mut seen = BTreeSet::new();
            for form in cell(&c, 1).split('|') {
                assert_eq!(fold(form).tokens.len(), 1, "{}: {form}", cell(&c, 0));
                assert!(seen.insert(fold_for_search(form)), "{}: {form}", cell(&c, 0));
            }
            assert!(!cell(&c, 2).is_empty(), "{}: what it is for", cell(&c, 0));
        }
    }

    #[test]
    fn a_word_stands_in_its_groups_alone() {
        let mut words = Words::default();
        load(&mut words);
        let groups = |word: &str| words.id(word).map(|id| words.groups(id)).unwrap_or_default();
        assert!(groups("بموجب").has(Group::Binding) && groups("بموجب").has(Group::UnderTerms));
        assert!(!groups("بموجب").has(Group::Joint) && groups("الطرفين").has(Group::Joint));
        assert_eq!(groups("كتاب"), Groups::default());
    }
}
