//! Keeps, exchanges and shows dossiers: the node of one party.
pub mod language;
pub mod web;
