//! The minutes of a meeting: clauses, each with a text in every language of the meeting, and who has accepted which.

use super::{AcceptClause, BracketClause, CommentClause, Corrigendum, MeetingRefusal, Nature, PutClause, ReserveClause};
use crate::channel::Charter;
use crate::content::ContentHash;
use crate::fold::Context;
use crate::mutual::Mutual;
use crate::party::{InstitutionId, PartyId};
use crate::refusal::{Common, Refusal};
use crate::time::{Due, Moment};
use crate::words::Tongue;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// The minutes, from the day on which every party says that the meeting was held.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Minutes {
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) clauses: BTreeMap<String, Clause>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) comments: Vec<Comment>,
    pub(super) signature: Mutual<ContentHash>,
    /// What should stand instead of signed texts, as long as not every party has agreed to it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) corrigenda: BTreeMap<String, BTreeMap<Tongue, Mutual<String>>>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) corrected: Vec<Corrected>,
}

/// One clause.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Clause {
    pub(super) terms: Terms,
    /// The party that put it first.
    pub(super) by: PartyId,
    pub(super) texts: BTreeMap<Tongue, Text>,
    /// The parties that reserved their position on it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) reserved: BTreeMap<PartyId, Remark>,
}

/// What a clause is, the same in every language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Terms {
    pub(super) nature: Nature,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) owner: Option<InstitutionId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) due: Option<Due>,
}

/// The text of a clause in one language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Text {
    pub(super) text: String,
    /// When it was put, as claimed.
    pub(super) at: Moment,
    /// The parties that accept it as it stands.
    pub(super) accepted: BTreeSet<PartyId>,
    /// The parties that do not agree to it. A bracket is its party's own word: nobody else's new text takes it away.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) bracketed: BTreeMap<PartyId, Remark>,
}

/// What a party said, and when it claims to have said it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Remark {
    pub(super) text: String,
    pub(super) at: Moment,
}

/// A comment on a clause.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Comment {
    pub(super) number: String,
    pub(super) party: PartyId,
    pub(super) remark: Remark,
}

/// A text that a corrigendum replaced.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Corrected {
    pub(super) number: String,
    pub(super) tongue: Tongue,
    pub(super) before: String,
    pub(super) after: String,
    pub(super) at: Moment,
}

/// What a party accepts when it accepts a text: the clause's terms belong to it.
#[derive(Serialize)]
struct Accepted<'a> {
    number: &'a str,
    tongue: Tongue,
    terms: &'a Terms,
    text: &'a str,
}

/// What a party signs of each clause.
#[derive(Serialize)]
struct Signed<'a> {
    terms: &'a Terms,
    texts: BTreeMap<Tongue, &'a str>,
}

/// The parts of a clause's number, so that 10 comes after 9: one to five whole numbers joined by dots.
pub(super) fn number_parts(number: &str) -> Option<Vec<u16>> {
    let parts: Vec<&str> = number.split('.').collect();
    let fine = |part: &&str| (1..=4).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit()) && !part.starts_with('0');
    if parts.len() > 5 || !parts.iter().all(fine) {
        return None;
    }
    parts.iter().map(|part| part.parse().ok()).collect()
}

impl Clause {
    /// The hash that stands for a text and the clause's terms together.
    pub(super) fn content(&self, number: &str, tongue: Tongue) -> Option<ContentHash> {
        let text = &self.texts.get(&tongue)?.text;
        Some(ContentHash::of(&Accepted { number, tongue, terms: &self.terms, text }))
    }

    fn signed(&self) -> Signed<'_> {
        let texts = self.texts.iter().map(|(tongue, text)| (*tongue, text.text.as_str())).collect();
        Signed { terms: &self.terms, texts }
    }

    /// Whether the party that put it is the only one that ever stood by it.
    pub(super) fn is_of_one(&self, party: &PartyId) -> bool {
        self.by == *party && self.texts.values().all(|text| text.accepted.iter().all(|other| other == party))
    }
}

/// What the minutes need to know of the meeting that they are of.
pub(super) struct Bounds<'a> {
    pub(super) tongues: &'a BTreeSet<Tongue>,
    pub(super) held_on: crate::time::Date,
}

impl Minutes {
    pub(super) fn is_signed(&self) -> bool {
        self.signature.settled().is_some()
    }

    /// The hash of all clauses in all languages.
    pub(super) fn content(&self) -> ContentHash {
        let all: BTreeMap<&str, Signed<'_>> = self.clauses.iter().map(|(number, clause)| (number.as_str(), clause.signed())).collect();
        ContentHash::of(&all)
    }

    pub(super) fn put(&mut self, context: &Context<'_>, charter: &Charter, bounds: &Bounds<'_>, put: PutClause) -> Result<(), Refusal> {
        if number_parts(&put.number).is_none() {
            return Err(Refusal::from(MeetingRefusal::BadNumber).at("number"));
        }
        if !bounds.tongues.contains(&put.tongue) {
            return Err(Refusal::from(MeetingRefusal::OtherTongue).at("tongue"));
        }
        let terms = self.terms_of(context, charter, bounds, &put)?;
        let party = &context.stamp.party;
        let clause = self.clauses.get_mut(&put.number);
        let stands = clause.as_ref().is_some_and(|clause| {
            clause.terms == terms && clause.texts.get(&put.tongue).is_some_and(|text| text.text == put.text)
        });
        if stands {
            // Whoever puts the text that stands there accepts it.
            return self.agree(context, &put.number, put.tongue);
        }
        let clause = self.clauses.entry(put.number).or_insert_with(|| Clause {
            terms: terms.clone(),
            by: party.clone(),
            texts: BTreeMap::new(),
            reserved: BTreeMap::new(),
        });
        if clause.terms != terms {
            clause.terms = terms;
            clause.texts.values_mut().for_each(|text| text.accepted.clear());
        }
        let mut bracketed = clause.texts.remove(&put.tongue).map(|text| text.bracketed).unwrap_or_default();
        bracketed.remove(party);
        clause.reserved.remove(party);
        let text = Text { text: put.text, at: context.stamp.at, accepted: [party.clone()].into(), bracketed };
        clause.texts.insert(put.tongue, text);
        self.signature.lapse();
        Ok(())
    }

    /// The terms that a clause would have; an action's owner and date need not be said again with every language.
    fn terms_of(&self, context: &Context<'_>, charter: &Charter, bounds: &Bounds<'_>, put: &PutClause) -> Result<Terms, Refusal> {
        if put.nature != Nature::Action {
            return match (&put.owner, put.due) {
                (None, None) => Ok(Terms { nature: put.nature, owner: None, due: None }),
                _ => Err(Refusal::from(MeetingRefusal::OwnerWithoutAction).at("owner")),
            };
        }
        let before = self.clauses.get(&put.number).map(|clause| &clause.terms);
        let owner = put.owner.clone().or_else(|| before.and_then(|terms| terms.owner.clone()));
        let due = put.due.or_else(|| before.and_then(|terms| terms.due));
        let (Some(owner), Some(due)) = (owner, due) else {
            let field = if put.owner.is_none() { "owner" } else { "due" };
            return Err(Refusal::from(MeetingRefusal::ActionIncomplete).at(field));
        };
        if charter.institution(&owner).is_none() || !context.audience.contains(&owner.party()) {
            return Err(Refusal::from(MeetingRefusal::UnknownOwner).at("owner"));
        }
        if due.date().is_some_and(|date| date < bounds.held_on) {
            return Err(Refusal::from(MeetingRefusal::DueBeforeMeeting).at("due"));
        }
        Ok(Terms { nature: Nature::Action, owner: Some(owner), due: Some(due) })
    }

    fn clause(&mut self, number: &str) -> Result<&mut Clause, Refusal> {
        self.clauses.get_mut(number).ok_or_else(|| Refusal::from(MeetingRefusal::NoSuchClause).at("number"))
    }

    fn text(&mut self, number: &str, tongue: Tongue) -> Result<&mut Text, Refusal> {
        let text = self.clause(number)?.texts.get_mut(&tongue);
        text.ok_or_else(|| Refusal::from(MeetingRefusal::NoSuchClause).at("tongue"))
    }

    pub(super) fn withdraw(&mut self, context: &Context<'_>, number: &str) -> Result<(), Refusal> {
        let party = &context.stamp.party;
        let clause = self.clause(number)?;
        if clause.by != *party {
            return Err(MeetingRefusal::NotYours.into());
        }
        if !clause.is_of_one(party) {
            return Err(MeetingRefusal::ClauseShared.into());
        }
        self.clauses.remove(number);
        self.signature.lapse();
        Ok(())
    }

    pub(super) fn accept(&mut self, context: &Context<'_>, accept: &AcceptClause) -> Result<(), Refusal> {
        self.text(&accept.number, accept.tongue)?;
        if self.clause(&accept.number)?.content(&accept.number, accept.tongue) != Some(accept.content) {
            return Err(Refusal::from(Common::NotTheCurrentContent).at("content"));
        }
        self.agree(context, &accept.number, accept.tongue)
    }

    fn agree(&mut self, context: &Context<'_>, number: &str, tongue: Tongue) -> Result<(), Refusal> {
        let party = &context.stamp.party;
        let text = self.text(number, tongue)?;
        if !text.accepted.insert(party.clone()) {
            return Err(Common::AlreadySaid.into());
        }
        text.bracketed.remove(party);
        self.clause(number)?.reserved.remove(party);
        Ok(())
    }

    pub(super) fn bracket(&mut self, context: &Context<'_>, bracket: BracketClause) -> Result<(), Refusal> {
        let party = &context.stamp.party;
        let text = self.text(&bracket.number, bracket.tongue)?;
        text.accepted.remove(party);
        text.bracketed.insert(party.clone(), Remark { text: bracket.reason, at: context.stamp.at });
        self.signature.lapse();
        Ok(())
    }

    pub(super) fn reserve(&mut self, context: &Context<'_>, reserve: ReserveClause) -> Result<(), Refusal> {
        let party = &context.stamp.party;
        let clause = self.clause(&reserve.number)?;
        for text in clause.texts.values_mut() {
            text.accepted.remove(party);
        }
        clause.reserved.insert(party.clone(), Remark { text: reserve.reason, at: context.stamp.at });
        self.signature.lapse();
        Ok(())
    }

    pub(super) fn comment(&mut self, context: &Context<'_>, comment: CommentClause) -> Result<(), Refusal> {
        self.clause(&comment.number)?;
        let remark = Remark { text: comment.text, at: context.stamp.at };
        self.comments.push(Comment { number: comment.number, party: context.stamp.party.clone(), remark });
        Ok(())
    }

    /// What still keeps the minutes from being signed, the plainest obstacle first.
    pub(super) fn obstacle(&self, tongues: &BTreeSet<Tongue>, audience: &BTreeSet<PartyId>) -> Option<MeetingRefusal> {
        let clauses = || self.clauses.values();
        let texts = || clauses().flat_map(|clause| clause.texts.values());
        if self.clauses.is_empty() {
            Some(MeetingRefusal::NoClauses)
        } else if clauses().any(|clause| tongues.iter().any(|tongue| !clause.texts.contains_key(tongue))) {
            Some(MeetingRefusal::TongueMissing)
        } else if texts().any(|text| !text.bracketed.is_empty()) {
            Some(MeetingRefusal::Bracketed)
        } else if clauses().any(|clause| !clause.reserved.is_empty()) {
            Some(MeetingRefusal::Reserved)
        } else if texts().any(|text| !audience.is_subset(&text.accepted)) {
            Some(MeetingRefusal::NotAccepted)
        } else {
            None
        }
    }

    pub(super) fn sign(&mut self, context: &Context<'_>, tongues: &BTreeSet<Tongue>, content: ContentHash) -> Result<(), Refusal> {
        if let Some(obstacle) = self.obstacle(tongues, context.audience) {
            return Err(obstacle.into());
        }
        if content != self.content() {
            return Err(Refusal::from(Common::NotTheCurrentContent).at("content"));
        }
        self.signature.assent(context, content).map(|_| ())
    }

    pub(super) fn correct(&mut self, context: &Context<'_>, corrigendum: Corrigendum) -> Result<(), Refusal> {
        let Corrigendum { number, tongue, text: after } = corrigendum;
        let text = self.text(&number, tongue)?;
        if text.text == after {
            return Err(Refusal::from(MeetingRefusal::SameText).at("text"));
        }
        let matter = self.corrigenda.entry(number.clone()).or_default().entry(tongue).or_default();
        if matter.assent(context, after.clone())? {
            self.close_corrigendum(&number, tongue);
            let text = self.text(&number, tongue)?;
            let before = std::mem::replace(&mut text.text, after.clone());
            self.corrected.push(Corrected { number, tongue, before, after, at: context.stamp.at });
        }
        Ok(())
    }

    /// What was settled is no longer open; a further correction is a matter of its own.
    fn close_corrigendum(&mut self, number: &str, tongue: Tongue) {
        if let Some(matters) = self.corrigenda.get_mut(number) {
            matters.remove(&tongue);
            if matters.is_empty() {
                self.corrigenda.remove(number);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::number_parts;

    #[test]
    fn clauses_are_numbered_as_people_number_them() {
        assert_eq!(number_parts("2"), Some(vec![2]));
        assert_eq!(number_parts("2.10"), Some(vec![2, 10]));
        for bad in ["", "0", "2.", ".1", "02", "2.01", "a", "٢", "1.1.1.1.1.1", "12345", "+1"] {
            assert_eq!(number_parts(bad), None, "{bad}");
        }
    }
}
