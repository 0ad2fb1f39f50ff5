//! A story on the terminal: one day down the page, or two days beside each other.

use super::words::{broken, count, long, somebody};
use super::{Day, LocalTime, Who};
use crate::engine::{Span, Time};
use crate::scenario::model::Scenario;
use crate::scenario::wrapped;

/// `08:31:05` and two spaces.
const TIME: usize = 10;
/// Between two columns.
const GAP: usize = 3;

/// Who this is, where and when.
pub fn heading(scenario: &Scenario, who: Who) -> String {
    let cohort = &scenario.cohorts[who.cohort.index()];
    let region = cohort.region.map(|r| &scenario.regions[r.index()]);
    let place = region.map_or(String::new(), |r| format!(" in {}, civil time there", r.name));
    format!(
        "{}\n{}: {}{place}",
        scenario.heading(),
        who.name(scenario),
        somebody(cohort.level)
    )
}

/// One day, in lines of at most `width` columns.
pub fn page(local: &LocalTime, day: &Day, width: usize) -> String {
    let mut out = Vec::new();
    let mut today = None;
    for line in &day.lines {
        new_day(local, line.at, &mut today, &mut out);
        let text = wrapped(&line.text, width.saturating_sub(TIME).max(20), "");
        for (i, part) in text.lines().enumerate() {
            let time = if i == 0 { local.clock(line.at) } else { String::new() };
            out.push(format!("{time:<TIME$}{part}"));
        }
    }
    if day.lines.is_empty() {
        out.push("No visit.".to_owned());
    }
    out.push(String::new());
    out.push(wrapped(&closing(day), width, ""));
    broken(&out.join("\n"))
}

/// Two days beside each other, each line at its time, in lines of at most `width` columns.
pub fn beside(local: &LocalTime, names: [&str; 2], days: [&Day; 2], width: usize) -> String {
    let column = (width.saturating_sub(TIME + GAP) / 2).max(20);
    let row = |time: &str, left: &str, right: &str| {
        let pad = column.saturating_sub(left.chars().count()) + GAP;
        let whole = format!("{time:<TIME$}{left}{:pad$}{right}", "");
        whole.trim_end().to_owned()
    };
    let rule = "─".repeat(column);
    let mut out = vec![row("", names[0], names[1]), row("", &rule, &rule)];
    let mut today = None;
    let (mut left, mut right) = (days[0].lines.as_slice(), days[1].lines.as_slice());
    while let Some(at) = [left.first(), right.first()].into_iter().flatten().map(|l| l.at).min() {
        new_day(local, at, &mut today, &mut out);
        let next = |lines: &mut &[super::Line]| match lines.split_first() {
            // To the second, as times are told.
            Some((line, rest)) if local.clock(line.at) == local.clock(at) => {
                *lines = rest;
                wrapped(&line.text, column, "")
            }
            _ => String::new(),
        };
        let (a, b) = (next(&mut left), next(&mut right));
        let (mut a, mut b) = (a.lines(), b.lines());
        let mut time = local.clock(at);
        loop {
            let (x, y) = (a.next(), b.next());
            if x.is_none() && y.is_none() {
                break;
            }
            out.push(row(&time, x.unwrap_or(""), y.unwrap_or("")));
            time.clear();
        }
    }
    out.push(row("", &rule, &rule));
    let ends = days.map(|day| wrapped(&closing(day), column, ""));
    let (mut a, mut b) = (ends[0].lines(), ends[1].lines());
    loop {
        let (x, y) = (a.next(), b.next());
        if x.is_none() && y.is_none() {
            break;
        }
        out.push(row("", x.unwrap_or(""), y.unwrap_or("")));
    }
    broken(&out.join("\n"))
}

/// The date, where it changes.
fn new_day(local: &LocalTime, at: Time, today: &mut Option<String>, out: &mut Vec<String>) {
    let day = local.day(at);
    if today.as_ref() != Some(&day) {
        out.push(day.clone());
        *today = Some(day);
    }
}

/// What the day came to.
fn closing(day: &Day) -> String {
    let s = &day.sums;
    let spent = |ns: u64| long(Span(ns));
    let mut text = format!("In all {} and {}", count(s.visits, "visit"), count(s.knocks, "knock"));
    if s.wanted > 0 {
        text.push_str(&format!(
            ": wanted {}, obtained {}, elsewhere {}, lost {}",
            spent(s.wanted),
            spent(s.obtained),
            spent(s.elsewhere),
            spent(s.lost)
        ));
    }
    text + "."
}
