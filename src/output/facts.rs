//! Facts and what came of them: as text and as JSON.

use super::number::{percent, plus_minus, significant};
use super::table::width;
use crate::experiment::facts::{Fact, FactsFile, Finding, Judgement, Limits, Test, TestFinding, Verdict};
use crate::scenario::wrapped;
use serde_json::{Value, json};
use std::fmt::Write as _;

/// The range in words: `at least 5`.
pub fn target(limits: &Limits) -> String {
    match (limits.at_least, limits.at_most) {
        (Some(low), Some(high)) => format!("{} to {}", significant(low, 6), significant(high, 6)),
        (Some(low), None) => format!("at least {}", significant(low, 6)),
        (None, Some(high)) => format!("at most {}", significant(high, 6)),
        (None, None) => "with its interval".to_owned(),
    }
}

/// How far outside the range a number lies; 0 inside.
fn off(limits: &Limits, value: f64) -> f64 {
    let low = limits.at_least.map_or(0.0, |low| (low - value).max(0.0));
    let high = limits.at_most.map_or(0.0, |high| (value - high).max(0.0));
    low.max(high)
}

/// The facts with their tests, a paragraph each, and a last line that counts.
pub fn text(file: &FactsFile, judgement: &Judgement) -> String {
    let mut text = String::new();
    for (fact, finding) in file.facts.iter().zip(&judgement.findings) {
        let verdict = match finding.verdict {
            Verdict::Reproduced => "reproduced",
            Verdict::Missed => "MISSED",
            Verdict::Untestable => "untestable",
        };
        let held = format!("{} of {}", times(finding.share, judgement), judgement.replications);
        let share = match finding.verdict {
            Verdict::Untestable => String::new(),
            Verdict::Reproduced => format!(" in {held}"),
            // Not how often it was missed: in how many it held, too few of them.
            Verdict::Missed => format!(", holds in {held}"),
        };
        let said = format!("{:<5} {verdict}{share}: {} [{}]", fact.id, fact.text, fact.sources);
        let _ = writeln!(text, "{}", wrapped(&said, width(), "      "));
        if let Some(why) = &fact.untestable {
            let _ = writeln!(text, "      {}", wrapped(why, width(), "      "));
        }
        if finding.verdict == Verdict::Untestable && !fact.tests.is_empty() {
            let _ = writeln!(text, "      an interval needs 2 replications or more");
        }
        for (test, found) in fact.tests.iter().zip(&finding.tests) {
            let _ = writeln!(text, "{}", test_line(file, test, found));
        }
    }
    let _ = write!(
        text,
        "\n{} of {} facts reproduced, {} missed, {} untestable (a fact is reproduced if it holds in {} of the replications)",
        judgement.count(Verdict::Reproduced),
        file.facts.len(),
        judgement.count(Verdict::Missed),
        judgement.count(Verdict::Untestable),
        percent(file.needed),
    );
    text
}

fn times(share: f64, judgement: &Judgement) -> u64 {
    libm::round(share * judgement.replications as f64) as u64
}

fn test_line(file: &FactsFile, test: &Test, found: &TestFinding) -> String {
    let value = found.value.as_ref().map_or_else(|| "none".to_owned(), plus_minus);
    let missed = match found.value {
        _ if found.share >= file.needed => String::new(),
        Some(interval) => match off(&test.limits, interval.mean) {
            0.0 => "  MISSED in some".to_owned(),
            by => format!("  MISSED by {}", significant(by, 3)),
        },
        None => "  MISSED".to_owned(),
    };
    let start = format!("{value:>18}  {:<22} ", target(&test.limits));
    // In a very narrow terminal lines are rather too long than of single letters.
    let said = wrapped(
        &format!("{}{missed}", test.what),
        width().saturating_sub(43).max(20),
        "",
    );
    let mut lines = said.lines();
    let mut text = start + lines.next().unwrap_or_default();
    for line in lines {
        let _ = write!(text, "\n{:43}{line}", "");
    }
    text
}

/// `{"facts": [{id, verdict, value, target, share, sources, …}]}`: value and target of the test that holds least often.
pub fn json(file: &FactsFile, judgement: &Judgement) -> Value {
    let facts = file.facts.iter().zip(&judgement.findings);
    json!({
        "replications": judgement.replications,
        "needed": file.needed,
        "reproduced": judgement.count(Verdict::Reproduced),
        "missed": judgement.count(Verdict::Missed),
        "untestable": judgement.count(Verdict::Untestable),
        "facts": facts.map(|(fact, finding)| fact_json(file, fact, finding)).collect::<Vec<_>>(),
    })
}

fn fact_json(file: &FactsFile, fact: &Fact, finding: &Finding) -> Value {
    let pairs = || fact.tests.iter().zip(&finding.tests);
    let weakest = pairs().min_by(|a, b| a.1.share.total_cmp(&b.1.share));
    json!({
        "id": fact.id,
        "text": fact.text,
        "verdict": finding.verdict,
        "value": weakest.and_then(|(_, found)| found.value.map(|v| v.mean)),
        "target": weakest.map(|(test, _)| target(&test.limits)),
        "share": (finding.verdict != Verdict::Untestable).then_some(finding.share),
        "sources": fact.sources,
        "why": fact.untestable,
        "tests": pairs().map(|(test, found)| test_json(file, test, found)).collect::<Vec<_>>(),
    })
}

fn test_json(file: &FactsFile, test: &Test, found: &TestFinding) -> Value {
    json!({
        "what": test.what,
        "world": file.worlds[test.world].name,
        "value": found.value.map(|v| v.mean),
        "half_width": found.value.and_then(|v| v.half_width),
        "least": found.range.map(|r| r.0),
        "greatest": found.range.map(|r| r.1),
        "at_least": test.limits.at_least,
        "at_most": test.limits.at_most,
        "share": found.share,
    })
}
