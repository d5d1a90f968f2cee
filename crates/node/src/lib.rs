//! Keeps, exchanges and shows dossiers: the node of one party.
//!
//! Whoever wants to know how an officer's act becomes a proved record reads [`submit`]; how a counterparty's record becomes
//! a cosigned one, [`receive`]. Everything else serves those two.

pub mod access;
pub mod api;
pub mod approval;
pub mod attachments;
pub mod auth;
pub mod backup;
pub mod bench;
pub mod cli;
pub mod clock;
pub mod demo;
pub mod doctor;
pub mod erasing;
pub mod evidence;
pub mod exchange;
pub mod export;
pub mod fault;
pub mod feeds;
pub mod fork;
pub mod guarded;
pub mod key_change;
pub mod keyring;
pub mod keys;
pub mod language;
pub mod likeness;
mod metrics;
pub mod node;
pub mod reader;
pub mod receive;
pub mod recovery;
mod sealing;
pub mod search;
pub mod serve;
pub mod simulate;
pub mod store;
pub mod submit;
pub mod tiles;
pub mod verify;
pub mod views;
pub mod web;
