//! Lists of dossiers as files: JSON Lines, or comma-separated values. No sealed value stands in one.

use crate::approval::Format;
use crate::fault::Fault;
use crate::store::db::Connection;
use crate::store::dossiers::{self, Filter};
use crate::views::Looking;
use serde::Serialize;
use std::io::Write;
use tansiq_dossier::channel::ChannelId;
use tansiq_dossier::label::Label;
use tansiq_dossier::party::{InstitutionId, PartyId};
use tansiq_dossier::record::DossierId;
use tansiq_dossier::reference::Reference;
use tansiq_dossier::sheet::Sheet;
use tansiq_dossier::time::Due;
use tansiq_dossier::words::Tongue;

/// How many dossiers are read at a time.
const AT_A_TIME: u64 = 500;

/// The columns of comma-separated values.
const COLUMNS: [&str; 13] = [
    "channel",
    "dossier",
    "reference",
    "kind",
    "title",
    "state",
    "due",
    "late",
    "owner",
    "awaiting",
    "audience",
    "classification",
    "records",
];

/// Leave to export one list, for the officer who asked. Only [`crate::guarded::export`] gives one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leave {
    looking: Looking,
    filter: Filter,
    format: Format,
}

impl Leave {
    pub(crate) fn new(looking: Looking, filter: Filter, format: Format) -> Leave {
        Leave { looking, filter, format }
    }
}

/// What was written.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Exported {
    /// How many dossiers.
    pub dossiers: u64,
    /// The label of the whole, as strict as the strictest of them; none when there is nothing.
    pub label: Option<Label>,
}

#[derive(Serialize)]
struct Line<'a> {
    channel: &'a ChannelId,
    dossier: &'a DossierId,
    #[serde(skip_serializing_if = "Option::is_none")]
    reference: Option<&'a Reference>,
    kind: &'a str,
    label: &'a Label,
    audience: Vec<&'a PartyId>,
    records: u64,
    sheet: Sheet,
}

/// Writes every dossier of the list that the officer may read, the latest changed first. Titles in comma-separated values are
/// those in `tongue`, or the nearest to it.
///
/// # Errors
/// When the store fails, or `out` does.
pub fn write(connection: &Connection, leave: &Leave, tongue: Tongue, out: &mut dyn Write) -> Result<Exported, Fault> {
    let mut exported = Exported::default();
    let failed = || Fault::file("cannot write the export");
    if leave.format == Format::Csv {
        let heads: Vec<String> = COLUMNS.iter().map(|&name| name.to_owned()).collect();
        row(out, &heads).map_err(failed())?;
    }
    let Some(mut filter) = leave.looking.narrow(Filter { limit: AT_A_TIME, ..leave.filter.clone() }) else {
        return Ok(exported);
    };
    loop {
        let lines = dossiers::find(connection, &filter)?;
        let last = (lines.len() as u64) < AT_A_TIME;
        for found in lines {
            let (channel, class) = (found.channel, found.class);
            let Some(dossier) = leave.looking.may_read(found.dossier, class) else { continue };
            let dossier = dossier.value();
            let line = Line {
                channel: &channel,
                dossier: &dossier.id,
                reference: dossier.reference.as_ref(),
                kind: dossier.kind.name(),
                label: &dossier.label,
                audience: dossier.audience.iter().collect(),
                records: dossier.records,
                sheet: dossier.sheet(leave.looking.today),
            };
            exported.dossiers += 1;
            exported.label = Some(exported.label.map_or_else(|| dossier.label.clone(), |label| label.join(&dossier.label)));
            match leave.format {
                Format::JsonLines => {
                    serde_json::to_writer(&mut *out, &line).map_err(|error| failed()(error.into()))?;
                    writeln!(out).map_err(failed())?;
                }
                Format::Csv => row(out, &line.fields(tongue)).map_err(failed())?,
            }
        }
        if last {
            return Ok(exported);
        }
        filter.skip += AT_A_TIME;
    }
}

impl Line<'_> {
    fn fields(&self, tongue: Tongue) -> Vec<String> {
        let sheet = &self.sheet;
        let parties = |parties: &mut dyn Iterator<Item = &PartyId>| parties.map(PartyId::as_str).collect::<Vec<_>>().join(" ");
        vec![
            self.channel.to_string(),
            self.dossier.to_string(),
            self.reference.map(Reference::to_string).unwrap_or_default(),
            self.kind.to_owned(),
            sheet.title.best(tongue).map(|(_, title)| title.to_owned()).unwrap_or_default(),
            sheet.state.clone(),
            sheet.due.and_then(Due::date).map(|date| date.to_string()).unwrap_or_default(),
            if sheet.late { "yes" } else { "no" }.to_owned(),
            sheet.owner.as_ref().map(InstitutionId::to_string).unwrap_or_default(),
            parties(&mut sheet.awaiting.iter().map(|step| &step.party)),
            parties(&mut self.audience.iter().copied()),
            self.label.class.name().to_owned(),
            self.records.to_string(),
        ]
    }
}

/// A line of comma-separated values (RFC 4180).
fn row(out: &mut dyn Write, fields: &[String]) -> std::io::Result<()> {
    let fields: Vec<String> = fields.iter().map(|field| quoted(field)).collect();
    write!(out, "{}\r\n", fields.join(","))
}

/// A field in quotes where it needs them. What a spreadsheet would take for a formula is made text.
fn quoted(field: &str) -> String {
    let formula = field.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let field = if formula { format!("'{field}") } else { field.to_owned() };
    if field.contains([',', '"', '\n', '\r']) { format!("\"{}\"", field.replace('"', "\"\"")) } else { field }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_stays_one_field_and_becomes_no_formula() {
        assert_eq!(quoted("اجتماع"), "اجتماع");
        assert_eq!(quoted("a,b"), "\"a,b\"");
        assert_eq!(quoted("a \"b\"\nc"), "\"a \"\"b\"\"\nc\"");
        assert_eq!(quoted("=HYPERLINK(1)"), "'=HYPERLINK(1)");
        assert_eq!(quoted("-1,2"), "\"'-1,2\"");
    }
}
