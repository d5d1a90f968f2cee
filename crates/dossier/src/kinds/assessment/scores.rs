//! Scores: what one party seals and later reveals.

use super::acts::{ID, Rule};
use super::method::Method;
use crate::act::{Field, Shape, check};
use crate::choices;
use crate::refusal::Refusal;
use crate::sealed::Sealed;
use crate::time::Date;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

choices! {
    /// How an indicator stands, in the view of one party.
    Verdict {
        /// It is met.
        Met = "met",
        /// It is met in part.
        Partly = "partly",
        /// It is not met.
        NotMet = "not-met",
        /// Nobody has looked, or nobody could.
        NotAssessed = "not-assessed",
    }

    /// How sure a party is of its score.
    Confidence {
        /// Little speaks for it.
        Low = "low",
        /// Something speaks for it.
        Moderate = "moderate",
        /// Much speaks for it.
        High = "high",
    }
}

/// One party's score of one indicator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Score {
    /// The indicator.
    pub indicator: String,
    /// How it stands.
    pub score: Verdict,
    /// How sure the party is; needed but for what is not assessed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confidence: Option<Confidence>,
    /// The day of the evidence; needed but for what is not assessed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence_date: Option<Date>,
    /// What else is to be said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

const SCORE: &[Field] = &[
    Field { name: "indicator", required: true, shape: Shape::Text(ID) },
    Field { name: "score", required: true, shape: Shape::Choice(Verdict::NAMES) },
    Field { name: "confidence", required: false, shape: Shape::Choice(Confidence::NAMES) },
    Field { name: "evidence_date", required: false, shape: Shape::Date },
    Field { name: "note", required: false, shape: Shape::Paragraphs(2000) },
];

/// The name of the sealed field.
const CLAIM: &str = "scores";

/// What a party seals: its scores, and nothing beside them.
pub(super) const SCORES: &[Field] = &[Field { name: CLAIM, required: true, shape: ROWS }];

const ROWS: Shape = Shape::Rows(200, SCORE);

/// What is read in a revealed seal: whoever has sealed an empty list has assessed nothing, and may show that.
const REVEALED: &[Field] = &[Field { name: CLAIM, required: false, shape: ROWS }];

/// The scores that a disclosure shows, as far as they can be read and fit the method. An indicator that is left out is not
/// assessed.
pub(super) fn read(disclosure: &str, method: &Method, as_of: Date) -> Result<Vec<Score>, Refusal> {
    let unreadable = || Refusal::from(Rule::NotScores).at("disclosure");
    let sealed = Sealed::parse(disclosure).map_err(|_| unreadable())?;
    let body = serde_json::json!({ CLAIM: sealed.value() });
    if sealed.claim() != CLAIM || !check(REVEALED, &body).is_empty() {
        return Err(unreadable());
    }
    let scores = Vec::<Score>::deserialize(sealed.value()).map_err(|_| unreadable())?;
    let mut named = BTreeSet::new();
    for (row, score) in scores.iter().enumerate() {
        let known = method.indicators.iter().any(|indicator| indicator.id == score.indicator);
        if !known || !named.insert(score.indicator.as_str()) {
            return Err(Refusal::from(Rule::NoSuchIndicator).at(&format!("scores.{row}.indicator")));
        }
        let founded = score.confidence.is_some() && score.evidence_date.is_some();
        if score.score != Verdict::NotAssessed && !founded {
            return Err(Refusal::from(Rule::NoEvidence).at(&format!("scores.{row}.evidence_date")));
        }
        if score.evidence_date.is_some_and(|date| date > as_of) {
            return Err(Refusal::from(Rule::EvidenceTooLate).at(&format!("scores.{row}.evidence_date")));
        }
    }
    Ok(scores)
}
