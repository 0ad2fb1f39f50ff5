//! The page: one document of results and the components that draw it.
//!
//! This folder reads result folders and knows neither a queue nor a run in progress. [`document`] makes one JSON
//! document of what a folder holds; [`page`] puts it and the components of `page/` into a single HTML file that opens
//! from disk and asks no network for anything.
//!
//! The components are ES modules that read only the document. [`page`] joins them into one script; a server may
//! hand them out as the files they are.

mod calibration;
mod document;
mod findings;
mod lang;
mod model;
mod optimum;
mod page;
mod series;
mod sweep;
mod table;

pub use document::{ANALYSIS, ReportError, analysed, document};
pub use lang::{Lang, words};
pub use model::clock;
#[cfg(test)]
pub(crate) use page::labels;
pub use page::{MODULES, STYLE, bundle, page};

/// Name of the page in a result folder.
pub const REPORT: &str = "report.html";
