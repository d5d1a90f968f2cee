//! The database as the rest of the node sees it. Nothing outside this module names a driver.

pub use rusqlite::types::Value;
pub use rusqlite::{Connection, Error, OptionalExtension, Row, params, params_from_iter};

/// What the database answered, or why it did not.
pub type Answered<T> = Result<T, Error>;
