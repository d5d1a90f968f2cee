//! How long a party may keep what it was given: a copy has a life of its own, the label may make it shorter, a recall ends it,
//! and a court's order stands above all of these.

use super::{Custody, Disclosure, Ground};
use crate::party::PartyId;
use crate::record::RecordId;
use crate::time::{Date, Moment};

/// How long a counterparty may keep what was disclosed to it, in days.
pub const COPY_LIFE: u32 = 90;

/// The last day on which something may be kept that came on `from`.
fn last_day(from: Moment, days: u32) -> Date {
    let day = from.civil_date();
    day.checked_add(jiff::Span::new().days(i64::from(days.min(366_000)))).unwrap_or(day)
}

/// How many days a copy may be kept where the label says `retention`.
#[must_use]
pub fn copy_life(retention: Option<u32>) -> u32 {
    retention.map_or(COPY_LIFE, |days| days.min(COPY_LIFE))
}

impl Custody {
    /// Whether a court has ordered this party to keep what it has, on this day.
    #[must_use]
    pub fn is_held(&self, party: &PartyId, today: Date) -> bool {
        self.holds.iter().any(|hold| hold.party == *party && hold.until >= today)
    }

    /// The last day on which a party may keep what was disclosed to it, where the dossier's label says `retention`.
    #[must_use]
    pub fn copy_dies(disclosure: &Disclosure, retention: Option<u32>) -> Date {
        last_day(disclosure.at, copy_life(retention))
    }

    /// Whether a copy that came at this time is older today than a copy may be.
    #[must_use]
    pub fn copy_is_over(received: Moment, today: Date, retention: Option<u32>) -> bool {
        last_day(received, copy_life(retention)) < today
    }

    /// What this party has to destroy on this day, by the records that sealed, disclosed or attached it: its copies that were
    /// recalled or are older than a copy may be; and what is older than the label says, its own or not. `own` says of what the
    /// party itself sealed how long the rules of the kind let it be kept.
    pub(crate) fn overdue(
        &self,
        party: &PartyId,
        today: Date,
        retention: Option<u32>,
        own: impl Fn(&RecordId, &super::Sealing) -> Option<Date>,
    ) -> Vec<(RecordId, Ground)> {
        // What a court wants kept cannot be brought back once it is destroyed; a recall waits until the order is over.
        if self.is_held(party, today) {
            return Vec::new();
        }
        let over = |at: Moment| retention.is_some_and(|days| last_day(at, days) < today);
        let mut due = Vec::new();
        for (record, disclosure) in &self.disclosures {
            if disclosure.to.party() == *party && !disclosure.erased.contains_key(party) {
                let ground = if Self::copy_dies(disclosure, retention) < today { Ground::Retention } else { Ground::Recall };
                due.extend((ground == Ground::Retention || disclosure.recalled.is_some()).then_some((*record, ground)));
            }
        }
        for (record, sealing) in &self.sealings {
            if sealing.party == *party && !sealing.erased.contains_key(party) {
                let gone = over(sealing.at) || own(record, sealing).is_some_and(|day| day < today);
                due.extend(gone.then_some((*record, Ground::Retention)));
            }
        }
        for file in self.attachments.values().filter(|file| !file.erased.contains_key(party)) {
            let recalled = file.recalled.is_some() && file.party != *party;
            let ground = if over(file.at) { Ground::Retention } else { Ground::Recall };
            due.extend((ground == Ground::Retention || recalled).then_some((file.record, ground)));
        }
        due
    }

    /// Whether the copy that was made to disclose something is needed no longer by the party that disclosed it: it will not
    /// be sent again. What was sealed is kept with the record that sealed it.
    #[must_use]
    pub fn is_spent(&self, record: &RecordId, today: Date, retention: Option<u32>) -> bool {
        self.disclosures.get(record).is_some_and(|disclosure| {
            disclosure.recalled.is_some()
                || disclosure.erased.contains_key(&disclosure.to.party())
                || disclosure.erased.contains_key(&disclosure.by)
                || Self::copy_dies(disclosure, retention) < today
        })
    }

    /// Whether a party has said that it destroyed what is kept with this record.
    #[must_use]
    pub fn has_erased(&self, record: &RecordId, party: &PartyId) -> bool {
        let disclosed = self.disclosures.get(record).is_some_and(|disclosure| disclosure.erased.contains_key(party));
        disclosed || self.sealings.get(record).is_some_and(|sealing| sealing.erased.contains_key(party))
    }
}
