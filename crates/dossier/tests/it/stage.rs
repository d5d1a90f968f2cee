//! A channel of two or three states on one table: a log and a node for each, and a clock that moves when somebody acts.

use crate::node::Node;
use data_encoding::{BASE64, HEXLOWER};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tansiq_dossier::act::Shape;
use tansiq_dossier::channel::{Body, ChannelClass, Charter, CharterParty, Within};
use tansiq_dossier::fold::{self, Dossier, Standing};
use tansiq_dossier::kinds::Kind;
use tansiq_dossier::party::{InstitutionId, PartyId, Role};
use tansiq_dossier::record::{DossierId, Entry, LEVEL, Record, RecordId, Salt, Stamp};
use tansiq_dossier::reference::{self, Reference};
use tansiq_dossier::refusal::Refusal;
use tansiq_dossier::sealed::{SD, Sealed};
use tansiq_dossier::time::{Date, Moment};
use tansiq_dossier::words::{Tongue, Words};

/// Who acts, for which institution, in what capacity.
#[derive(Debug, Clone)]
pub struct Actor {
    pub party: PartyId,
    pub institution: InstitutionId,
    pub role: Role,
}

impl Actor {
    /// An officer of the party's foreign ministry, the first institution of every party here.
    pub fn of(party: &str, role: Role) -> Actor {
        Actor::at(&format!("{}.mofa", party.to_lowercase()), role)
    }

    /// An officer of this institution.
    pub fn at(institution: &str, role: Role) -> Actor {
        let institution: InstitutionId = institution.parse().unwrap();
        Actor { party: institution.party(), institution, role }
    }
}

/// A record as it stands in a log, with its exact bytes and salt.
#[derive(Debug, Clone)]
pub struct Logged {
    pub entry: Arc<Entry>,
    pub salt: Salt,
    pub bytes: Vec<u8>,
    /// What it sealed or disclosed, as the officer's own node keeps it.
    pub sealed: Vec<Sealed<Value>>,
}

/// The table and everything on it.
#[derive(Debug, Clone)]
pub struct Stage {
    pub charter: Charter,
    pub nodes: BTreeMap<PartyId, Node>,
    /// Every record in the order in which it was written.
    pub written: Vec<Logged>,
    /// The parties that the next dossiers are for, when it is not everybody.
    pub audience: Option<BTreeSet<PartyId>>,
    apart: bool,
    now: i64,
    seed: u64,
    drawn: u64,
}

impl Stage {
    /// Iraq and Türkiye.
    pub fn of_two(seed: u64) -> Stage {
        Stage::new(ChannelClass::Exchange, &["IRQ", "TUR"], seed)
    }

    /// Iraq, Syria and Türkiye.
    pub fn of_three(seed: u64) -> Stage {
        Stage::new(ChannelClass::Exchange, &["IRQ", "SYR", "TUR"], seed)
    }

    /// The institutions of Iraq among themselves.
    pub fn domestic(seed: u64) -> Stage {
        Stage::new(ChannelClass::Domestic, &["IRQ"], seed)
    }

    /// Iraq and Syria, in a channel of returns.
    pub fn returns(seed: u64) -> Stage {
        Stage::new(ChannelClass::Return, &["IRQ", "SYR"], seed)
    }

    fn new(class: ChannelClass, codes: &[&str], seed: u64) -> Stage {
        Stage::with(charter(class, codes), seed)
    }

    /// A stage under this charter.
    pub fn with(charter: Charter, seed: u64) -> Stage {
        charter.check().unwrap();
        let nodes = charter.parties.keys().map(|party| (party.clone(), Node::new(&charter))).collect();
        let start: Moment = "2026-01-04T06:00:00Z".parse().unwrap();
        Stage { charter, nodes, written: Vec::new(), audience: None, apart: false, now: start.unix(), seed, drawn: 0 }
    }

    /// The day on the clock.
    pub fn today(&self) -> Date {
        Moment::from_unix(self.now).unwrap().civil_date()
    }

    /// Moves the clock to nine in the morning, in Baghdad and in Ankara, of this day.
    pub fn turn_to(&mut self, day: Date) {
        let morning: Moment = format!("{day}T06:00:00Z").parse().unwrap();
        self.now = morning.unix();
    }

    /// From here on nobody receives what another writes.
    pub fn part(&mut self) {
        self.apart = true;
    }

    /// Everybody receives all that was written.
    pub fn meet(&mut self) {
        self.apart = false;
        let parties: Vec<PartyId> = self.nodes.keys().cloned().collect();
        for party in &parties {
            self.catch_up(party);
        }
    }

    /// This party receives all that was written.
    pub fn catch_up(&mut self, party: &PartyId) {
        let node = self.nodes.get_mut(party).unwrap();
        node.receive(self.written.iter().map(|logged| &logged.entry));
        assert!(node.is_complete(), "a record saw what was never written");
    }

    /// This party receives another's log up to this size, and what those records had seen.
    pub fn catch_up_with(&mut self, party: &PartyId, other: &PartyId, size: u64) {
        let mut sizes = self.nodes[party].seen().0;
        sizes.insert(other.clone(), size.max(sizes[other]));
        for logged in self.written.iter().rev() {
            let entry = &logged.entry;
            if entry.index < sizes[&entry.log] {
                for (seen, size) in &entry.record.seen.0 {
                    let known = sizes.get_mut(seen).unwrap();
                    *known = (*known).max(*size);
                }
            }
        }
        let node = self.nodes.get_mut(party).unwrap();
        let known = self.written.iter().map(|logged| &logged.entry).filter(|entry| entry.index < sizes[&entry.log]);
        node.receive(known);
    }

    /// How many records this party has written.
    pub fn size_of(&self, party: &PartyId) -> u64 {
        self.nodes[party].seen().of(party)
    }

    /// The dossier as this party holds it.
    pub fn dossier(&self, party: &PartyId, id: &DossierId) -> Option<&Dossier> {
        self.nodes[party].dossier(id)
    }

    /// An identifier for a dossier that this party is about to open.
    pub fn new_dossier(&mut self, party: &PartyId) -> DossierId {
        let drawn = self.draw();
        DossierId::new(party, &drawn[..16].try_into().unwrap())
    }

    /// Does what an officer's act does: judged by what the party has seen, and written only when the rules allow it.
    pub fn act(&mut self, actor: &Actor, dossier: &DossierId, kind: Kind, act: &str, body: Value) -> Result<RecordId, Refusal> {
        let (logged, verdict) = self.judged(actor, dossier, kind, act, body);
        match verdict? {
            Standing::Effective => Ok(self.write(logged)),
            other => panic!("{act}: {other:?}"),
        }
    }

    /// As [`Stage::act`], without writing anything.
    pub fn judge(&mut self, actor: &Actor, dossier: &DossierId, kind: Kind, act: &str, body: Value) -> Result<Standing, Refusal> {
        self.judged(actor, dossier, kind, act, body).1
    }

    /// Writes the record whatever the rules say, as a party with other software might.
    pub fn insist(&mut self, actor: &Actor, dossier: &DossierId, kind: Kind, act: &str, body: Value) -> RecordId {
        let (logged, _) = self.judged(actor, dossier, kind, act, body);
        self.write(logged)
    }

    fn judged(
        &mut self,
        actor: &Actor,
        dossier: &DossierId,
        kind: Kind,
        act: &str,
        body: Value,
    ) -> (Logged, Result<Standing, Refusal>) {
        let (body, sealed) = self.sealing(kind, act, body);
        let node = &self.nodes[&actor.party];
        let held = node.dossier(dossier).cloned();
        let seen = node.seen();
        let everybody: BTreeSet<PartyId> = self.charter.parties.keys().cloned().collect();
        let record = Record {
            kind: kind.name().to_owned(),
            act: act.to_owned(),
            dossier: dossier.clone(),
            stamp: Stamp {
                party: actor.party.clone(),
                institution: actor.institution.clone(),
                officer: format!("{}.{}", actor.institution, actor.role).parse().unwrap(),
                role: actor.role,
                at: Moment::from_unix(self.now).unwrap(),
                level: LEVEL,
            },
            label: held.as_ref().map(|dossier| dossier.label.clone()).unwrap_or_default(),
            reference: held.is_none().then(|| self.reference(actor, kind)).flatten(),
            audience: held.is_none().then(|| self.audience.clone().unwrap_or(everybody)),
            body: body.into(),
            seen,
        };
        let salt = self.draw();
        let bytes = record.to_bytes();
        let id = RecordId::commit(&salt, &bytes);
        let entry = Arc::new(Entry { id, log: actor.party.clone(), index: record.seen.of(&actor.party), record });
        let barred = self.nodes[&actor.party].barred();
        let (_, verdict) = fold::step(held, &entry, Within { charter: &self.charter, barred: barred.as_ref() });
        (Logged { entry, salt, bytes, sealed }, verdict)
    }

    /// The next number of the party's own series.
    fn reference(&self, actor: &Actor, kind: Kind) -> Option<Reference> {
        let audience = self.audience.clone().unwrap_or_else(|| self.charter.parties.keys().cloned().collect());
        let series = reference::series(&actor.party, &audience, kind, self.today())?;
        let given = self.written.iter().filter_map(|logged| logged.entry.record.reference.as_ref());
        let last = given.filter(|reference| reference.series() == series).count();
        Reference::new(&series, u32::try_from(last + 1).unwrap())
    }

    /// The body with digests in place of what it seals, discloses or reveals, as the officer's own node makes it.
    fn sealing(&mut self, kind: Kind, act: &str, mut body: Value) -> (Value, Vec<Sealed<Value>>) {
        let Some(members) = body.as_object_mut() else { return (body, Vec::new()) };
        let of: Option<RecordId> = members.get("of").and_then(Value::as_str).and_then(|id| id.parse().ok());
        let earlier = of.and_then(|of| self.written.iter().find(|logged| logged.entry.id == of));
        let earlier = earlier.map(|logged| logged.sealed.clone()).unwrap_or_default();
        let mut sealed = match members.remove("sealed") {
            Some(Value::Object(values)) => self.seal(&values),
            _ => Vec::new(),
        };
        if act == "disclose" {
            let claims: Vec<&str> =
                members.get("claims").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
            sealed = earlier.iter().filter(|field| claims.contains(&field.claim())).cloned().collect();
        }
        let shows =
            kind.act(act).into_iter().flat_map(|spec| spec.fields).filter(|field| matches!(field.shape, Shape::Disclosure));
        for (field, shown) in shows.zip(&earlier) {
            members.entry(field.name).or_insert_with(|| shown.text().into());
        }
        if !sealed.is_empty() {
            let digests: BTreeSet<String> = sealed.iter().map(Sealed::digest).collect();
            members.insert(SD.to_owned(), digests.into_iter().collect());
        }
        (body, sealed)
    }

    /// Seals values under their names, as an officer's node does: what stands in the body are their digests.
    fn seal(&mut self, values: &Map<String, Value>) -> Vec<Sealed<Value>> {
        values.iter().map(|(name, value)| Sealed::seal(&self.draw()[..16].try_into().unwrap(), name, value.clone())).collect()
    }

    fn write(&mut self, logged: Logged) -> RecordId {
        let id = logged.entry.id;
        let party = logged.entry.log.clone();
        self.now += 3600;
        self.nodes.get_mut(&party).unwrap().receive([&logged.entry]);
        self.written.push(logged);
        if !self.apart {
            self.meet();
        }
        id
    }

    /// Asserts that a node which receives everything in another order, in two parts, comes to the same dossiers and standings
    /// as every party. `shuffle` gives the order of arrival.
    pub fn assert_same_in_any_order(&self, mut shuffle: impl FnMut(usize) -> usize) {
        let mut left: Vec<&Arc<Entry>> = self.written.iter().map(|logged| &logged.entry).collect();
        let mut arriving = Vec::with_capacity(left.len());
        while !left.is_empty() {
            let next = shuffle(left.len()) % left.len();
            arriving.push(left.swap_remove(next));
        }
        let mut node = Node::new(&self.charter);
        let (first, second) = arriving.split_at(arriving.len() / 2);
        node.receive(first.iter().copied());
        node.receive(second.iter().copied());
        assert!(node.is_complete());
        for (party, other) in &self.nodes {
            assert_eq!(node.folders, other.folders, "{party} came to another state");
        }
    }

    /// Asserts that every dossier is the same after a night on the disk; what lay there.
    pub fn assert_kept(&self) -> Vec<String> {
        let folders = self.nodes.values().next().unwrap().folders.values();
        let keep = |dossier: &Dossier| {
            let kept = serde_json::to_string(dossier).unwrap();
            assert_eq!(&serde_json::from_str::<Dossier>(&kept).unwrap(), dossier);
            kept
        };
        folders.filter_map(|folder| folder.dossier.as_ref()).map(keep).collect()
    }

    /// 32 bytes that follow from the seed and from how much was drawn before.
    fn draw(&mut self) -> [u8; 32] {
        self.drawn += 1;
        Sha256::new().chain_update(self.seed.to_be_bytes()).chain_update(self.drawn.to_be_bytes()).finalize().into()
    }
}

fn charter(class: ChannelClass, codes: &[&str]) -> Charter {
    let parties: BTreeMap<PartyId, CharterParty> =
        codes.iter().map(|code| (code.parse().unwrap(), charter_party(code))).collect();
    let committee = Body {
        name: words("اللجنة الأمنية المشتركة", "Joint Security Committee"),
        parties: parties.keys().cloned().collect(),
    };
    Charter {
        name: words("قناة تجريبية", "Exercise channel"),
        class,
        opened_on: "2026-01-01".parse().unwrap(),
        tongues: [Tongue::Ar, Tongue::Tr].into(),
        parties,
        bodies: [("joint-security-committee".to_owned(), committee)].into(),
        demo: true,
    }
}

fn charter_party(code: &str) -> CharterParty {
    let small = code.to_lowercase();
    let key = |what: &str| Sha256::digest(format!("{what} {code}").as_bytes());
    let institution = |id: &str, name: &str| (format!("{small}.{id}").parse().unwrap(), Words::one(Tongue::En, name));
    CharterParty {
        name: Words::one(Tongue::En, code),
        node: format!("{small}.example"),
        log_key: BASE64.encode(&key("log")),
        cosigner_key: BASE64.encode(&key("cosigner")),
        tls_pin: HEXLOWER.encode(&key("tls")),
        institutions: [
            institution("mofa", "Ministry of Foreign Affairs"),
            institution("interior", "Ministry of the Interior"),
            institution("defence", "Ministry of Defence"),
        ]
        .into(),
    }
}

fn words(arabic: &str, english: &str) -> Words {
    Words([(Tongue::Ar, arabic.to_owned()), (Tongue::En, english.to_owned())].into())
}
