//! The list of families for `docs/theory.md`: how each is said, and what is not simulated, with the reason.

use super::express::express;
use super::oracle::Row;
use std::collections::BTreeMap;
use std::fmt::Write;

/// What stands above the lists.
const INTRODUCTION: &str = "\
# Theory

`preau verify` runs textbook queues as ordinary scenarios (`models/theory/` and overrides) through the very code that runs
the country, and holds what comes out against exact values (`models/theory/oracles.csv`, each row with its formula and
source). `preau verify --oracles FILE.csv` takes other rows of the same columns; cases are understood by their notation
and parameters, not by their names. This page is written by `preau verify --families`.

## How a row is decided

- **Runs.** Each system draws from its own streams. The warm-up is twelve relaxation times, the time watched sixty or
  more, by a formula from load, servers and room (Morse 1955; Kingman 1962), never by hand for a row. Rows about an instant
  or a passage start as they say and are repeated many times.
- **Estimate.** One triple of sums a replication; ratios and variances by the jackknife over replications (Miller 1974),
  which takes out their bias of order 1/n. The interval is Student's at 95 %.
- **When to stop.** At a half-width of 1 % of the exact value (5 % with `--quick`), or at 6 million customers a system; a
  system that says nothing by then may go on to 40 million.
- **Verdict.** `pass`: within 4 standard errors, and a half-width of at most 10 % (25 % with `--quick`). `fail`: more than 4
  standard errors off. `unsupported`: not an equality about a queue, or not in the model, or too rare or too imprecise to
  decide; the reason says which. Where two forms must have the same law (both forms of the orbit, laws of work that must not
  matter) both are run, and one that fails fails the row.

## How each is said

| case | rows | scenario |
|---|---|---|
";

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
    let mut page = String::from(INTRODUCTION);
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

#[cfg(test)]
mod tests {
    use super::super::oracle::{BUILT_IN, read};
    use super::*;

    #[test]
    fn the_page_in_docs_is_this_one() {
        let rows = read("built in", BUILT_IN).unwrap();
        let written = include_str!("../../../docs/theory.md");
        assert!(
            written == page(&rows),
            "write it anew: preau verify --families > docs/theory.md"
        );
    }
}
