//! The list of families for `docs/theory.md`: how each is said, and what is not simulated, with the reason.

use super::express::express;
use super::oracle::Row;
use std::collections::BTreeMap;
use std::fmt::Write;

/// A page of Markdown made of rows, so that the page cannot say other than the program does.
pub fn page(rows: &[Row]) -> String {
    // Rows that say the same of the same case are one line.
    let mut done: BTreeMap<(String, String), usize> = BTreeMap::new();
    let mut not: BTreeMap<(String, String), usize> = BTreeMap::new();

    for row in rows {
        match express(row) {
            Ok(expressed) => *done.entry((row.case.clone(), expressed.how)).or_default() += 1,
            Err(why) => *not.entry((row.case.clone(), why.0)).or_default() += 1,
        }
    }
    let mut page = String::from(
        "# Theory\n\n`preau verify` runs these textbook queues as scenarios and holds them against exact values. The list is \
         made by `preau verify --families`.\n\n## How each is said\n\n| case | rows | scenario |\n|---|---|---|\n",
    );
    for ((case, how), rows) in &done {
        let _ = writeln!(page, "| {} | {rows} | {} |", cell(case), cell(how));
    }
    page += "\n## What is not simulated, and why\n\n| case | rows | reason |\n|---|---|---|\n";
    for ((case, why), rows) in &not {
        let _ = writeln!(page, "| {} | {rows} | {} |", cell(case), cell(why));
    }
    page
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}
