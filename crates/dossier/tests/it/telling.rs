//! How a session of parties is told in Markdown, and checked.
//!
//! A fenced block whose first word is `story` or `table` is executed; all other text is for people. The word may be followed
//! by the setting: nothing for Iraq and Türkiye, `three` for Syria as well, `domestic` for Iraq alone, `returns` for Iraq and
//! Syria in a channel of returns. Consecutive `story`
//! blocks go on where the last one stopped, unless a setting is named; every `table` block begins anew. A block
//! ` ```given NAME ` is a beginning that others share.
//!
//! One statement stands on a line; it goes on over lines that are indented or within open braces. `#` begins a comment.
//!
//! ```text
//! given held                             does what the block of that name says
//! on 2026-01-20                          nine in the morning of that day
//! apart / together                       from here on no side receives what another writes / receives everything
//!
//! IRQ secretary meeting m1 propose {…} => effective
//! TUR focal-point@tur.interior action a1 accept => refused ACT05
//! IRQ secretary meeting m1 add-item as water {…} => effective        names the record: "$water" in a later body
//! TUR secretary meeting m1 agree-date offered => effective           does what the sheet offers, with the members given
//!                                                                    here laid over it; of several the one nearest to them
//! IRQ secretary agreement a draft for IRQ {…} => refused AGR01       opens it for these parties only: `for IRQ,TUR`
//! IRQ co-chair agreement a sign {"content": "$a.content", …} => refused AGR06        "$a.content" is the hash that its sheet shows
//! IRQ return-officer return c add-person as ali {…, "sealed": {"given": "…"}} => effective    seals these values
//! IRQ return-officer return c disclose {"of": "$ali", "claims": ["given"], …} => effective     finds what the record sealed
//! IRQ assessor assessment a reveal {"of": "$mine"} => effective      shows in the open what the record sealed
//!
//! IRQ co-chair charter c adopt {"charter": "$charter"} => effective      the hash of the channel's charter
//!
//! state m1: held                         the word of its state; `state m1 at TUR: held` asks Türkiye's node
//! awaiting m1: TUR agree-date, IRQ sign-minutes      or `nobody`
//! late m1: yes                           `late m1 on 2026-02-01: no` asks for another day
//! fact m1 date: 2026-01-20               `-` when the sheet does not have it
//! settled m1 date: 2026-01-20            what the parties have agreed on a matter, or `-`
//! said m1 date TUR: 2026-01-21           what one party said on it, or `-`
//! row m1 clauses 2.1: agreed             the state of a row; `row m1 clauses 2.1 ar: bracketed` of one of its texts
//! offers m1 IRQ co-chair: sign-minutes   the acts that this role may do now, or `nothing`
//! standing water: refused MTG05          what became of a named record in the common order
//! ```

use crate::stage::{Actor, Stage};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};
use tansiq_dossier::content::ContentHash;
use tansiq_dossier::fold::{Dossier, Standing};
use tansiq_dossier::kinds::Kind;
use tansiq_dossier::party::{PartyId, Role};
use tansiq_dossier::record::{DossierId, RecordId};
use tansiq_dossier::sheet::{Datum, Sheet};
use tansiq_dossier::time::Date;

/// A fenced block of a telling.
#[derive(Debug, Clone)]
pub struct Block {
    pub word: String,
    pub rest: String,
    pub statements: Vec<Statement>,
}

/// One statement, with the line on which it begins.
#[derive(Debug, Clone)]
pub struct Statement {
    pub line: usize,
    pub text: String,
}

/// Reads the blocks of a Markdown text.
pub fn blocks(text: &str) -> Vec<Block> {
    let mut found: Vec<Block> = Vec::new();
    let mut inside = false;
    let mut depth = 0;
    for (number, line) in text.lines().enumerate() {
        if let Some(fence) = line.strip_prefix("```") {
            inside = !inside;
            depth = 0;
            if inside {
                let (word, rest) = fence.trim().split_once(' ').unwrap_or((fence.trim(), ""));
                found.push(Block { word: word.to_owned(), rest: rest.trim().to_owned(), statements: Vec::new() });
            }
            continue;
        }
        let Some(block) = found.last_mut().filter(|_| inside) else { continue };
        if depth == 0 && (line.trim().is_empty() || line.trim_start().starts_with('#')) {
            continue;
        }
        let goes_on = depth > 0 || line.starts_with(' ');
        depth += depth_of(line);
        match block.statements.last_mut().filter(|_| goes_on) {
            Some(statement) => {
                statement.text.push('\n');
                statement.text.push_str(line);
            }
            None => block.statements.push(Statement { line: number + 1, text: line.to_owned() }),
        }
    }
    found
}

/// By how many braces and brackets a line opens more than it closes, outside strings.
fn depth_of(line: &str) -> i32 {
    let (mut depth, mut quoted, mut escaped) = (0, false, false);
    for c in line.chars() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            '{' | '[' if !quoted => depth += 1,
            '}' | ']' if !quoted => depth -= 1,
            _ => {}
        }
    }
    depth
}

/// Carries out the statements of a telling on a stage.
pub struct Teller<'a> {
    blocks: &'a [Block],
    pub stage: Stage,
    pub dossiers: BTreeMap<String, (Kind, DossierId)>,
    records: BTreeMap<String, RecordId>,
    /// Whether the telling lost its thread.
    lost: bool,
    /// Every act that was effective and every code that refused one.
    pub seen: BTreeSet<String>,
}

impl<'a> Teller<'a> {
    /// An empty stage in this setting.
    pub fn new(blocks: &'a [Block], setting: &str) -> Teller<'a> {
        let stage = match setting {
            "" => Stage::of_two(1),
            "three" => Stage::of_three(1),
            "domestic" => Stage::domestic(1),
            "returns" => Stage::returns(1),
            other => panic!("there is no setting `{other}`"),
        };
        Teller { blocks, stage, dossiers: BTreeMap::new(), records: BTreeMap::new(), lost: false, seen: BTreeSet::new() }
    }

    /// Carries out a block; the problems of its statements, each with its line. When what should be done could not be, the
    /// rest is not told, for it would only be problems that follow from this one.
    pub fn tell(&mut self, block: &Block) -> Vec<String> {
        let mut problems = Vec::new();
        for statement in &block.statements {
            if self.lost {
                break;
            }
            if let Err(problem) = self.carry_out(&statement.text) {
                self.lost = statement.text.ends_with("=> effective") || statement.text.starts_with("given");
                problems.push(format!("line {}: {problem}\n    {}", statement.line, statement.text));
            }
        }
        problems
    }

    fn carry_out(&mut self, text: &str) -> Result<(), String> {
        let text = text.trim();
        let (first, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
        match first {
            "given" => self.given(rest.trim()),
            "on" => rest.trim().parse().map(|day| self.stage.turn_to(day)).map_err(|error| error.to_string()),
            "apart" => {
                self.stage.part();
                Ok(())
            }
            "together" => {
                self.stage.meet();
                Ok(())
            }
            _ if first.bytes().all(|b| b.is_ascii_uppercase()) => self.act(text),
            _ => self.ask(text),
        }
    }

    fn given(&mut self, name: &str) -> Result<(), String> {
        let blocks = self.blocks;
        let block = blocks.iter().find(|block| block.word == "given" && block.rest == name);
        let problems = self.tell(block.ok_or("there is no such beginning")?);
        if problems.is_empty() { Ok(()) } else { Err(problems.join("\n")) }
    }

    fn act(&mut self, text: &str) -> Result<(), String> {
        let (head, expected) = text.rsplit_once("=>").ok_or("an act ends in `=> effective` or `=> refused CODE`")?;
        let (head, body) = match head.find('{') {
            Some(at) => head.split_at(at),
            None => (head, "{}"),
        };
        let body: Value = serde_json::from_str(body).map_err(|error| format!("the body is not JSON: {error}"))?;
        let body = self.named(body)?;
        let mut words = head.split_whitespace();
        let mut next = || words.next().ok_or("an act is PARTY role kind dossier act");
        let actor = actor(next()?, next()?)?;
        if !self.stage.nodes.contains_key(&actor.party) {
            return Err(format!("{} takes no part in this setting", actor.party));
        }
        let kind = Kind::named(next()?).ok_or("there is no such kind")?;
        let (name, act) = (next()?.to_owned(), next()?.to_owned());
        let further: Vec<&str> = words.collect();
        let id = match self.dossiers.get(&name) {
            Some((_, id)) => id.clone(),
            None if kind == Kind::Charter => DossierId::charter(),
            None => self.stage.new_dossier(&actor.party),
        };
        let audience = further.iter().position(|word| *word == "for").and_then(|at| further.get(at + 1));
        self.stage.audience = audience.map(|codes| codes.split(',').map(|code| code.parse().unwrap()).collect());
        let body = if further.contains(&"offered") { self.offered(&actor, &id, &act, body)? } else { body };
        let outcome = match self.stage.act(&actor, &id, kind, &act, body) {
            Ok(record) => {
                if let Some(at) = further.iter().position(|word| *word == "as") {
                    let label = further.get(at + 1).ok_or("`as` asks for a name")?;
                    self.records.insert((*label).to_owned(), record);
                }
                self.dossiers.insert(name, (kind, id));
                self.seen.insert(act);
                "effective".to_owned()
            }
            Err(refusal) => {
                self.seen.insert(refusal.code.to_string());
                if refusal.code == expected.trim().trim_start_matches("refused ") {
                    format!("refused {}", refusal.code)
                } else {
                    format!("refused {refusal}")
                }
            }
        };
        same(expected.trim(), &outcome)
    }

    /// The offer of this act that differs least from what `body` says, with `body` laid over it.
    fn offered(&self, actor: &Actor, id: &DossierId, act: &str, body: Value) -> Result<Value, String> {
        let dossier = self.stage.dossier(&actor.party, id).ok_or("the dossier is not open")?;
        let said = body.as_object().cloned().unwrap_or_default();
        let differs = |offer: &Map<String, Value>| {
            offer.iter().filter(|(name, value)| said.get(*name).is_some_and(|own| own != *value)).count()
        };
        let offers = dossier.offers(self.stage.today(), &actor.party, &[actor.role].into());
        let offers = offers.into_iter().filter(|offer| offer.act == act).filter_map(|offer| offer.prefill.as_object().cloned());
        let mut offer = offers.min_by_key(differs).ok_or("nothing of this kind is offered")?;
        offer.extend(said);
        Ok(Value::Object(offer))
    }

    /// The body with every `"$name"` replaced by the identifier of that record or dossier.
    fn named(&self, body: Value) -> Result<Value, String> {
        Ok(match body {
            Value::String(text) => match text.strip_prefix('$') {
                Some(name) => Value::String(self.identifier(name)?),
                None => Value::String(text),
            },
            Value::Array(items) => items.into_iter().map(|item| self.named(item)).collect::<Result<_, _>>()?,
            Value::Object(members) => Value::Object(
                members.into_iter().map(|(name, value)| Ok((name, self.named(value)?))).collect::<Result<_, String>>()?,
            ),
            other => other,
        })
    }

    fn identifier(&self, name: &str) -> Result<String, String> {
        if name == "charter" {
            return Ok(ContentHash::of(&self.stage.charter).to_string());
        }
        if let Some(name) = name.strip_suffix(".content") {
            let sheet = self.sheet(name, None, None)?;
            let content = sheet.facts.iter().find(|fact| fact.name == "content").map(|fact| &fact.datum);
            return match content {
                Some(Datum::Content(content)) => Ok(content.to_string()),
                _ => Err(format!("{name} shows no content")),
            };
        }
        let record = self.records.get(name).map(ToString::to_string);
        record.or_else(|| self.dossiers.get(name).map(|(_, id)| id.to_string())).ok_or(format!("nothing is called `{name}`"))
    }

    fn ask(&mut self, text: &str) -> Result<(), String> {
        let (question, expected) = text.split_once(": ").ok_or("this is neither an act nor a question")?;
        let words: Vec<&str> = question.split_whitespace().collect();
        let expected = expected.split_whitespace().collect::<Vec<_>>().join(" ");
        let answer = match words.as_slice() {
            ["standing", name] => self.standing(name)?,
            ["offers", name, party, role] => self.offers(name, party, role)?,
            ["state", name] => self.sheet(name, None, None)?.state,
            ["state", name, "at", party] => self.sheet(name, Some(party), None)?.state,
            ["awaiting", name] => awaiting(&self.sheet(name, None, None)?),
            ["late", name] => yes(self.sheet(name, None, None)?.late),
            ["late", name, "on", day] => yes(self.sheet(name, None, Some(day))?.late),
            ["fact", name, field] => {
                let sheet = self.sheet(name, None, None)?;
                self.shown(sheet.facts.iter().find(|fact| fact.name == *field).map(|fact| &fact.datum))
            }
            ["settled", name, matter] => {
                let sheet = self.sheet(name, None, None)?;
                self.shown(sheet.positions.iter().find(|m| m.name == *matter).and_then(|m| m.settled.as_ref()))
            }
            ["said", name, matter, party] => {
                let sheet = self.sheet(name, None, None)?;
                let matter = sheet.positions.iter().find(|m| m.name == *matter);
                let said = matter.and_then(|m| m.said.iter().find(|said| said.party.as_str() == *party));
                self.shown(said.map(|said| &said.datum))
            }
            ["row", name, section, reference] => row(&self.sheet(name, None, None)?, section, reference, None)?,
            ["row", name, section, reference, tongue] => row(&self.sheet(name, None, None)?, section, reference, Some(tongue))?,
            _ => return Err("there is no such question".to_owned()),
        };
        same(&expected, &answer)
    }

    fn dossier(&self, name: &str, party: Option<&str>) -> Result<&Dossier, String> {
        let (_, id) = self.dossiers.get(name).ok_or_else(|| format!("no dossier is called `{name}`"))?;
        let party: PartyId = party.unwrap_or("IRQ").parse().map_err(|error| format!("{error}"))?;
        self.stage.dossier(&party, id).ok_or_else(|| format!("{party} does not hold {name}"))
    }

    fn sheet(&self, name: &str, party: Option<&str>, day: Option<&str>) -> Result<Sheet, String> {
        let day: Date = match day {
            Some(day) => day.parse().map_err(|error| format!("{error}"))?,
            None => self.stage.today(),
        };
        self.dossier(name, party).map(|dossier| dossier.sheet(day))
    }

    fn offers(&self, name: &str, party: &str, role: &str) -> Result<String, String> {
        let role: Role = role.parse().map_err(|error| format!("{error}"))?;
        let party: PartyId = party.parse().map_err(|error| format!("{error}"))?;
        let mut acts: Vec<&str> = Vec::new();
        for offer in self.dossier(name, Some(party.as_str()))?.offers(self.stage.today(), &party, &[role].into()) {
            if !acts.contains(&offer.act) {
                acts.push(offer.act);
            }
        }
        Ok(if acts.is_empty() { "nothing".to_owned() } else { acts.join(", ") })
    }

    fn standing(&self, name: &str) -> Result<String, String> {
        let record = self.records.get(name).ok_or_else(|| format!("no record is called `{name}`"))?;
        let node = self.stage.nodes.values().next().ok_or("nobody is here")?;
        Ok(match node.standing(*record) {
            Some(Standing::Effective) => "effective".to_owned(),
            Some(Standing::Refused(code)) => format!("refused {code}"),
            Some(Standing::Unknown) => "unknown".to_owned(),
            None => "not received".to_owned(),
        })
    }

    /// A value as a telling writes it; records and dossiers by the names that they have in it.
    fn shown(&self, datum: Option<&Datum>) -> String {
        let Some(datum) = datum else { return "-".to_owned() };
        match datum {
            Datum::Term(text) | Datum::Text(text) | Datum::Claim(text) => text.clone(),
            Datum::Words(words) => words.best(tansiq_dossier::words::Tongue::En).map_or("-", |(_, text)| text).to_owned(),
            Datum::Date(date) => date.to_string(),
            Datum::Due(due) => due.date().map_or("none".to_owned(), |date| date.to_string()),
            Datum::Moment(moment) => moment.to_string(),
            Datum::Number(number) => number.to_string(),
            Datum::Party(party) => party.to_string(),
            Datum::Institution(institution) => institution.to_string(),
            Datum::Content(content) => content.short(),
            Datum::Record(record) => {
                let named = self.records.iter().find(|(_, id)| *id == record);
                named.map_or_else(|| record.short(), |(name, _)| format!("${name}"))
            }
            Datum::Dossier(dossier) => {
                let named = self.dossiers.iter().find(|(_, (_, id))| id == dossier);
                named.map_or_else(|| dossier.to_string(), |(name, _)| format!("${name}"))
            }
            Datum::List(items) => items.iter().map(|item| self.shown(Some(item))).collect::<Vec<_>>().join(", "),
        }
    }
}

/// `TUR focal-point` acts for the foreign ministry, `TUR focal-point@tur.interior` for another institution.
fn actor(party: &str, role: &str) -> Result<Actor, String> {
    let (role, institution) = role.split_once('@').unwrap_or((role, ""));
    let parsed: Role = role.parse().map_err(|error| format!("{error}"))?;
    Ok(if institution.is_empty() { Actor::of(party, parsed) } else { Actor::at(institution, parsed) })
}

fn awaiting(sheet: &Sheet) -> String {
    let mut steps: Vec<String> = Vec::new();
    for step in &sheet.awaiting {
        let step = format!("{} {}", step.party, step.act);
        if !steps.contains(&step) {
            steps.push(step);
        }
    }
    if steps.is_empty() { "nobody".to_owned() } else { steps.join(", ") }
}

fn row(sheet: &Sheet, section: &str, reference: &str, tongue: Option<&str>) -> Result<String, String> {
    let section = sheet.sections.iter().find(|s| s.name == section).ok_or("there is no such section")?;
    let Some(row) = section.rows.iter().find(|row| row.reference == reference) else { return Ok("-".to_owned()) };
    let state = match tongue {
        None => row.state.clone(),
        Some(tongue) => {
            let text = row.texts.iter().find(|text| text.tongue.is_some_and(|t| t.code() == tongue));
            text.and_then(|text| text.state.clone())
        }
    };
    Ok(state.unwrap_or("-".to_owned()))
}

fn yes(yes: bool) -> String {
    if yes { "yes" } else { "no" }.to_owned()
}

fn same(expected: &str, found: &str) -> Result<(), String> {
    if expected == found { Ok(()) } else { Err(format!("expected `{expected}`, found `{found}`")) }
}
