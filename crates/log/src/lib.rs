#![doc = include_str!("../README.md")]

pub mod checkpoint;
pub mod cosignature;
mod encoding;
pub mod fork;
pub mod merkle;
pub mod note;
pub mod policy;
pub mod proof;
pub mod tile;
