//! Disclosure, recall and erasure of sealed fields, shown with contexts made by hand: what a kind seals and when it may be
//! disclosed is told in the kind's own folder.

#[cfg(test)]
mod made_by_hand {
    use super::super::*;
    use crate::channel::{ChannelClass, CharterParty};
    use crate::party::Role;
    use crate::record::Stamp;
    use crate::words::{Tongue, Words};

    struct Table {
        charter: Charter,
        custody: Custody,
        writers: BTreeSet<PartyId>,
        audience: BTreeSet<PartyId>,
        /// What the kind says.
        may_disclose: bool,
        written: u8,
    }

    fn party(code: &str) -> PartyId {
        code.parse().unwrap()
    }

    fn record(number: u8) -> RecordId {
        RecordId::commit(&[number; 32], b"")
    }

    fn charter() -> Charter {
        let member = |code: &str| {
            let institution = format!("{}.mofa", code.to_lowercase()).parse().unwrap();
            let of = |what: &str| format!("{what} {code}");
            let institutions = [(institution, Words::one(Tongue::En, "Foreign Affairs"))].into();
            let name = Words::one(Tongue::En, code);
            let (node, log_key, cosigner_key, tls_pin) = (of("node"), of("log"), of("cosigner"), of("tls"));
            (party(code), CharterParty { name, node, log_key, cosigner_key, tls_pin, institutions })
        };
        Charter {
            name: Words::one(Tongue::En, "Exercise"),
            class: ChannelClass::Exchange,
            opened_on: "2026-01-01".parse().unwrap(),
            tongues: [Tongue::Ar].into(),
            parties: ["IRQ", "SYR", "TUR"].map(member).into(),
            bodies: BTreeMap::new(),
            demo: true,
        }
    }

    impl Table {
        /// Iraq has sealed two fields in a dossier that it shares with Türkiye; Syria does not have it.
        fn laid() -> Table {
            let both: BTreeSet<PartyId> = ["IRQ", "TUR"].map(party).into();
            let custody = Custody { outside: [party("SYR")].into(), ..Custody::default() };
            let mut table =
                Table { charter: charter(), custody, writers: both.clone(), audience: both, may_disclose: true, written: 0 };
            table.as_party("IRQ", &["a", "b"], |custody, context, _| custody.seal(context, "add-person"));
            table
        }

        fn as_party<T>(
            &mut self,
            code: &str,
            digests: &[&str],
            then: impl FnOnce(&mut Custody, &Context<'_>, &Surroundings<'_>) -> T,
        ) -> T {
            let small = code.to_lowercase();
            let stamp = Stamp {
                party: party(code),
                institution: format!("{small}.mofa").parse().unwrap(),
                officer: format!("{small}.mofa.releaser").parse().unwrap(),
                role: Role::Releaser,
                at: "2026-01-10T06:00:00Z".parse().unwrap(),
                level: 1,
            };
            let dossier = crate::record::DossierId::new(&party("IRQ"), &[1; 16]);
            let digests: Vec<String> = digests.iter().map(ToString::to_string).collect();
            let context = Context {
                dossier: &dossier,
                record: record(self.written),
                stamp: &stamp,
                audience: &self.audience,
                digests: &digests,
                seen: &crate::order::Seen::default(),
            };
            self.written += 1;
            let may = self.may_disclose;
            let may_disclose = move |_: &Sealing, _: &Disclose| may;
            let may_attach = |_: &Attach| true;
            let around = Surroundings { writers: &self.writers, place: 0, may_disclose: &may_disclose, may_attach: &may_attach };
            then(&mut self.custody, &context, &around)
        }

        fn act(&mut self, code: &str, digests: &[&str], act: Act) -> String {
            let charter = self.charter.clone();
            let before = self.custody.clone();
            let verdict = self.as_party(code, digests, |custody, context, around| custody.step(context, &charter, around, act));
            match verdict {
                Ok(_) => "effective".to_owned(),
                Err(refusal) => {
                    assert_eq!(self.custody, before, "{} changed something", refusal.code);
                    refusal.code.into_owned()
                }
            }
        }

        fn disclose(&mut self, code: &str, digests: &[&str], to: &str) -> String {
            let claims = digests.iter().map(ToString::to_string).collect();
            let act = Disclose { of: record(0), claims, to: to.parse().unwrap(), reason: "R".to_owned() };
            self.act(code, digests, Act::Disclose(act))
        }

        fn recall(&mut self, code: &str, of: u8) -> String {
            self.act(code, &[], Act::Recall(Recall { of: record(of), reason: "R".to_owned() }))
        }

        fn erased(&mut self, code: &str, of: u8) -> String {
            self.act(code, &[], Act::Erased(Erased { of: record(of), ground: Ground::Recall }))
        }

        fn awaited(&self) -> Vec<String> {
            self.custody
                .awaiting(&self.writers, &self.audience)
                .iter()
                .map(|step| format!("{} {}", step.party, step.act))
                .collect()
        }

        fn overdue(&self, code: &str, day: &str) -> Vec<Ground> {
            self.overdue_under(code, day, None)
        }

        /// The same, where the label says that nothing is kept for more days than these.
        fn overdue_under(&self, code: &str, day: &str, retention: Option<u32>) -> Vec<Ground> {
            let due = self.custody.overdue(&party(code), day.parse().unwrap(), retention, |_, _| None);
            due.into_iter().map(|(_, ground)| ground).collect()
        }
    }

    #[test]
    fn only_what_was_sealed_goes_to_an_office_of_another_party_that_has_the_dossier() {
        let mut table = Table::laid();
        assert_eq!(table.disclose("IRQ", &["c"], "tur.mofa"), "CUS03");
        assert_eq!(table.disclose("IRQ", &[], "tur.mofa"), "CUS03");
        assert_eq!(table.disclose("TUR", &["a"], "irq.mofa"), "CUS03");
        assert_eq!(table.disclose("IRQ", &["a"], "irq.mofa"), "CUS04");
        assert_eq!(table.disclose("IRQ", &["a"], "syr.mofa"), "CUS04");
        assert_eq!(table.disclose("IRQ", &["a"], "tur.railways"), "CUS04");
        assert_eq!(table.disclose("IRQ", &["a"], "tur.mofa"), "effective");
    }

    #[test]
    fn nothing_leaves_its_node_unless_the_kind_says_so() {
        let mut table = Table::laid();
        table.may_disclose = false;
        assert_eq!(table.disclose("IRQ", &["a"], "tur.mofa"), "CUS05");
    }

    #[test]
    fn what_was_recalled_is_awaited_until_the_receiver_has_destroyed_it() {
        let mut table = Table::laid();
        assert_eq!(table.disclose("IRQ", &["a"], "tur.mofa"), "effective");
        assert_eq!(table.awaited(), Vec::<String>::new());
        assert_eq!(table.recall("TUR", 1), "CUS06");
        assert_eq!(table.recall("IRQ", 1), "effective");
        assert_eq!(table.recall("IRQ", 1), "CUS06");
        assert_eq!(table.awaited(), ["TUR erased"]);
        assert_eq!(table.overdue("TUR", "2026-01-10"), [Ground::Recall]);
        assert_eq!(table.erased("SYR", 1), "CUS07");
        assert_eq!(table.erased("TUR", 0), "CUS07");
        assert_eq!(table.erased("TUR", 1), "effective");
        assert_eq!(table.erased("TUR", 1), "CUS07");
        assert_eq!(table.awaited(), Vec::<String>::new());
        assert_eq!(table.overdue("TUR", "2036-01-01"), []);
    }

    #[test]
    fn who_has_destroyed_its_own_discloses_it_no_more() {
        let mut table = Table::laid();
        assert_eq!(table.erased("IRQ", 0), "effective");
        assert_eq!(table.disclose("IRQ", &["a"], "tur.mofa"), "CUS03");
    }

    #[test]
    fn a_copy_dies_after_its_time_unless_a_court_holds_it() {
        let mut table = Table::laid();
        assert_eq!(table.disclose("IRQ", &["a"], "tur.mofa"), "effective");
        assert_eq!(table.overdue("TUR", "2026-04-10"), []);
        assert_eq!(table.overdue("TUR", "2026-04-11"), [Ground::Retention]);
        assert_eq!(table.overdue("IRQ", "2026-04-11"), []);
        let hold = Hold { court_number: "1".to_owned(), until: "2026-05-01".parse().unwrap() };
        assert_eq!(table.act("TUR", &[], Act::Hold(hold)), "effective");
        assert_eq!(table.overdue("TUR", "2026-05-01"), []);
        assert_eq!(table.overdue("TUR", "2026-05-02"), [Ground::Retention]);
    }

    #[test]
    fn a_court_holds_what_was_recalled_too() {
        let mut table = Table::laid();
        assert_eq!(table.disclose("IRQ", &["a"], "tur.mofa"), "effective");
        let hold = Hold { court_number: "1".to_owned(), until: "2026-05-01".parse().unwrap() };
        assert_eq!(table.act("TUR", &[], Act::Hold(hold)), "effective");
        assert_eq!(table.recall("IRQ", 1), "effective");
        assert_eq!(table.overdue("TUR", "2026-02-01"), []);
        assert_eq!(table.awaited(), ["TUR erased"], "the giver still hears nothing");
        assert_eq!(table.overdue("TUR", "2026-05-02"), [Ground::Retention]);
    }

    fn file(number: usize) -> Act {
        Act::Attach(Attach {
            name: "a.pdf".to_owned(),
            sha256: ContentHash::of(&number),
            size: 1,
            media_type: "application/pdf".to_owned(),
            note: None,
        })
    }

    #[test]
    fn a_file_is_recalled_by_who_attached_it_and_destroyed_by_everybody_else() {
        let mut table = Table::laid();
        assert_eq!(table.act("IRQ", &[], file(1)), "effective");
        assert_eq!(table.recall("TUR", 1), "CUS06", "not Ankara's to recall");
        assert_eq!(table.recall("IRQ", 1), "effective");
        assert_eq!(table.recall("IRQ", 1), "CUS06");
        assert_eq!(table.awaited(), ["TUR erased"]);
        assert_eq!(table.overdue("TUR", "2026-01-10"), [Ground::Recall]);
        assert_eq!(table.overdue("IRQ", "2036-01-10"), [], "its own party keeps it");
        assert!(table.custody.attachments.values().all(|file| !file.may_go_to(&party("TUR"))));
        assert_eq!(table.erased("SYR", 1), "CUS07", "it does not have the dossier");
        assert_eq!(table.erased("TUR", 1), "effective");
        assert_eq!(table.erased("TUR", 1), "CUS07");
        assert_eq!(table.awaited(), Vec::<String>::new());
        assert_eq!(table.overdue("TUR", "2036-01-01"), []);
        assert_eq!(table.erased("IRQ", 1), "effective", "and its own party may destroy its own at any time");
    }

    #[test]
    fn a_label_ends_the_life_of_what_is_sealed_copied_or_attached() {
        let mut table = Table::laid();
        assert_eq!(table.disclose("IRQ", &["a"], "tur.mofa"), "effective");
        assert_eq!(table.act("IRQ", &[], file(1)), "effective");
        let due = |table: &Table, code: &str, day: &str| table.overdue_under(code, day, Some(30)).len();
        // All of it is of 2026-01-10.
        assert_eq!((due(&table, "IRQ", "2026-02-09"), due(&table, "TUR", "2026-02-09")), (0, 0));
        assert_eq!((due(&table, "IRQ", "2026-02-10"), due(&table, "TUR", "2026-02-10")), (2, 2));
        assert_eq!(table.overdue_under("TUR", "2026-04-11", Some(100)), [Ground::Retention], "a copy's own life is shorter");
        assert_eq!(table.overdue_under("TUR", "2999-01-01", Some(u32::MAX)).len(), 1, "no number of days is too large");
    }

    #[test]
    fn a_dossier_holds_so_many_files_and_no_more() {
        let mut table = Table::laid();
        for number in 0..=MAX_ATTACHMENTS {
            table.written = 1;
            let expected = if number < MAX_ATTACHMENTS { "effective" } else { "CUS09" };
            assert_eq!(table.act("IRQ", &[], file(number)), expected);
        }
    }
}
