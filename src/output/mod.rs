//! Results for people and for programs: terminal tables, CSV, JSON, the manifest, the result folder.
//!
//! This folder reads results only: it starts no run and knows no queue.

pub mod analysis;
pub mod attribution;
pub mod calibration;
pub mod civil;
pub mod columnar;
pub mod columns;
pub mod csv;
pub mod down;
pub mod facts;
pub mod files;
pub mod finished;
pub mod folder;
pub mod json;
pub mod manifest;
pub mod number;
pub mod optimum;
pub mod people;
pub mod selection;
mod shelf;
pub mod story;
pub mod sweep;
pub mod table;
pub mod tickets;
pub mod trace;
pub mod verdict;
pub mod whole;

pub use files::write;
pub use folder::{FolderError, ResultFolder};
pub use manifest::Manifest;
pub use shelf::{Files, Memory, Shelf};
