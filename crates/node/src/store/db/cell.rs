//! What goes into a statement and comes out of a row: nothing, a whole number, a text, or bytes.

use rusqlite::types::ValueRef;
use std::borrow::Cow;
use tansiq_dossier::channel::ChannelId;
use tansiq_dossier::party::PartyId;
use tansiq_dossier::record::DossierId;

/// A value that is borrowed from where it lies.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Cell<'a> {
    /// Nothing.
    Null,
    /// A whole number.
    Integer(i64),
    /// A text.
    Text(&'a str),
    /// Bytes.
    Blob(&'a [u8]),
}

impl<'a> Cell<'a> {
    /// What SQLite holds, unless it is something that no table of ours holds.
    pub(super) fn of_sqlite(value: ValueRef<'a>) -> Option<Cell<'a>> {
        Some(match value {
            ValueRef::Null => Cell::Null,
            ValueRef::Integer(number) => Cell::Integer(number),
            ValueRef::Text(text) => Cell::Text(std::str::from_utf8(text).ok()?),
            ValueRef::Blob(bytes) => Cell::Blob(bytes),
            ValueRef::Real(_) => return None,
        })
    }
}

/// A value that owns what it holds, for statements that are put together at run time.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Value {
    /// Nothing.
    Null,
    /// A whole number.
    Integer(i64),
    /// A text.
    Text(String),
    /// Bytes.
    Blob(Vec<u8>),
}

impl From<&Cell<'_>> for Value {
    fn from(cell: &Cell<'_>) -> Value {
        match *cell {
            Cell::Null => Value::Null,
            Cell::Integer(number) => Value::Integer(number),
            Cell::Text(text) => Value::Text(text.to_owned()),
            Cell::Blob(bytes) => Value::Blob(bytes.to_owned()),
        }
    }
}

/// What can stand for a parameter.
pub trait ToCell {
    /// It, as the database takes it.
    fn cell(&self) -> Cell<'_>;
}

impl ToCell for Value {
    fn cell(&self) -> Cell<'_> {
        match self {
            Value::Null => Cell::Null,
            Value::Integer(number) => Cell::Integer(*number),
            Value::Text(text) => Cell::Text(text),
            Value::Blob(bytes) => Cell::Blob(bytes),
        }
    }
}

impl<T: ToCell + ?Sized> ToCell for &T {
    fn cell(&self) -> Cell<'_> {
        (**self).cell()
    }
}

impl<T: ToCell> ToCell for Option<T> {
    fn cell(&self) -> Cell<'_> {
        self.as_ref().map_or(Cell::Null, ToCell::cell)
    }
}

impl ToCell for str {
    fn cell(&self) -> Cell<'_> {
        Cell::Text(self)
    }
}

impl ToCell for String {
    fn cell(&self) -> Cell<'_> {
        Cell::Text(self)
    }
}

impl ToCell for Cow<'_, str> {
    fn cell(&self) -> Cell<'_> {
        Cell::Text(self)
    }
}

impl ToCell for [u8] {
    fn cell(&self) -> Cell<'_> {
        Cell::Blob(self)
    }
}

impl ToCell for Vec<u8> {
    fn cell(&self) -> Cell<'_> {
        Cell::Blob(self)
    }
}

impl<const N: usize> ToCell for [u8; N] {
    fn cell(&self) -> Cell<'_> {
        Cell::Blob(self)
    }
}

impl ToCell for bool {
    fn cell(&self) -> Cell<'_> {
        Cell::Integer(i64::from(*self))
    }
}

/// Whole numbers that fit into what a database counts with.
macro_rules! numbers {
    ($($number:ty),*) => {$(
        impl ToCell for $number {
            fn cell(&self) -> Cell<'_> {
                Cell::Integer(i64::from(*self))
            }
        }

        impl FromCell for $number {
            const WANTED: &'static str = concat!("a number that fits into ", stringify!($number));

            fn from_cell(cell: Cell<'_>) -> Option<Self> {
                match cell {
                    Cell::Integer(number) => number.try_into().ok(),
                    _ => None,
                }
            }
        }
    )*};
}

/// What can be read out of a column.
pub trait FromCell: Sized {
    /// What it is called when a column holds something else.
    const WANTED: &'static str;

    /// It, unless the column holds something else.
    fn from_cell(cell: Cell<'_>) -> Option<Self>;
}

numbers!(i64, i32, u32, u16, u8);

/// Sizes of files; they stay far below what a database counts with, and one that does not is kept as the largest that does.
impl ToCell for u64 {
    fn cell(&self) -> Cell<'_> {
        Cell::Integer(i64::try_from(*self).unwrap_or(i64::MAX))
    }
}

impl FromCell for u64 {
    const WANTED: &'static str = "a number that is not negative";

    fn from_cell(cell: Cell<'_>) -> Option<Self> {
        match cell {
            Cell::Integer(number) => number.try_into().ok(),
            _ => None,
        }
    }
}

impl FromCell for bool {
    const WANTED: &'static str = "a truth value";

    fn from_cell(cell: Cell<'_>) -> Option<Self> {
        match cell {
            Cell::Integer(number) => Some(number != 0),
            _ => None,
        }
    }
}

impl FromCell for String {
    const WANTED: &'static str = "a text";

    fn from_cell(cell: Cell<'_>) -> Option<Self> {
        match cell {
            Cell::Text(text) => Some(text.to_owned()),
            _ => None,
        }
    }
}

/// Names are read from where the text lies, and checked by it.
macro_rules! names {
    ($($name:ty: $wanted:literal),*) => {$(
        impl FromCell for $name {
            const WANTED: &'static str = $wanted;

            fn from_cell(cell: Cell<'_>) -> Option<Self> {
                match cell {
                    Cell::Text(text) => text.parse().ok(),
                    _ => None,
                }
            }
        }
    )*};
}

names!(PartyId: "a party's name", DossierId: "a dossier's name", ChannelId: "a channel's name");

impl FromCell for Vec<u8> {
    const WANTED: &'static str = "bytes";

    fn from_cell(cell: Cell<'_>) -> Option<Self> {
        match cell {
            Cell::Blob(bytes) => Some(bytes.to_vec()),
            _ => None,
        }
    }
}

impl<const N: usize> FromCell for [u8; N] {
    const WANTED: &'static str = "bytes of a fixed length";

    fn from_cell(cell: Cell<'_>) -> Option<Self> {
        match cell {
            Cell::Blob(bytes) => bytes.try_into().ok(),
            _ => None,
        }
    }
}

impl<T: FromCell> FromCell for Option<T> {
    const WANTED: &'static str = T::WANTED;

    fn from_cell(cell: Cell<'_>) -> Option<Self> {
        if cell == Cell::Null { Some(None) } else { T::from_cell(cell).map(Some) }
    }
}

impl FromCell for Value {
    const WANTED: &'static str = "a value";

    fn from_cell(cell: Cell<'_>) -> Option<Self> {
        Some(match cell {
            Cell::Null => Value::Null,
            Cell::Integer(number) => Value::Integer(number),
            Cell::Text(text) => Value::Text(text.to_owned()),
            Cell::Blob(bytes) => Value::Blob(bytes.to_vec()),
        })
    }
}

/// The parameters of one statement, in their order.
pub trait Params {
    /// They, as the database takes them.
    fn cells(&self) -> Vec<Cell<'_>>;
}

impl Params for () {
    fn cells(&self) -> Vec<Cell<'_>> {
        Vec::new()
    }
}

impl Params for Vec<Cell<'_>> {
    fn cells(&self) -> Vec<Cell<'_>> {
        self.clone()
    }
}

impl Params for [&dyn ToCell; 0] {
    fn cells(&self) -> Vec<Cell<'_>> {
        Vec::new()
    }
}

impl Params for &[&dyn ToCell] {
    fn cells(&self) -> Vec<Cell<'_>> {
        self.iter().map(|value| value.cell()).collect()
    }
}

/// One implementation for each length: a general one would leave open of which type the elements of `[]` are.
macro_rules! arrays {
    ($($length:literal),*) => {$(
        impl<T: ToCell> Params for [T; $length] {
            fn cells(&self) -> Vec<Cell<'_>> {
                self.iter().map(ToCell::cell).collect()
            }
        }
    )*};
}

arrays!(1, 2, 3, 4, 5, 6, 7, 8);

/// Parameters that were gathered at run time.
pub struct FromValues(Vec<Value>);

impl Params for FromValues {
    fn cells(&self) -> Vec<Cell<'_>> {
        self.0.iter().map(ToCell::cell).collect()
    }
}

/// Parameters that were gathered at run time.
#[must_use]
pub fn params_from_iter(values: impl IntoIterator<Item = Value>) -> FromValues {
    FromValues(values.into_iter().collect())
}

/// Parameters of different types.
macro_rules! params {
    ($($value:expr),* $(,)?) => {
        &[$(&$value as &dyn $crate::store::db::ToCell),*] as &[&dyn $crate::store::db::ToCell]
    };
}
pub(crate) use params;
