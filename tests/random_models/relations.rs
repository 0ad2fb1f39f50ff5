//! The same model, written otherwise, says the same: to the last count where nothing else is drawn, but for chance where it is.

use crate::at_first::*;
use crate::country::country;
use crate::forms::{Case, differences, made, take_cells};
use crate::renumbered::*;
use crate::reworded::*;
use crate::rewrites::*;
use crate::school::*;
use crate::{cases, with_all_levers};
use preau::engine::Span;
use preau::measure::SERVICE_COLUMNS;
use preau::scenario::model::{IncidentKind, PolicyId, Scenario};
use preau::world::{Mode, Orbit, RunOptions, Unwatched, run};
use std::collections::BTreeMap;

/// Numbers that the other way of writing does not change. Those of cohorts that got another size are not among them.
type Counts = fn(&Scenario, &str) -> bool;

fn all(_: &Scenario, _: &str) -> bool {
    true
}

fn totals(_: &Scenario, name: &str) -> bool {
    !name.contains("in bins")
}

/// Cores cost as long as the run lasts.
fn but_euros(_: &Scenario, name: &str) -> bool {
    !name.contains("euros")
}

fn totals_but_euros(s: &Scenario, name: &str) -> bool {
    totals(s, name) && but_euros(s, name)
}

/// A gate counts whoever is on the way in as seated.
fn but_seats(_: &Scenario, name: &str) -> bool {
    !name.contains("seats")
}

fn but_seats_and_caps(s: &Scenario, name: &str) -> bool {
    but_seats(s, name) && !name.contains(": cap in bins")
}

fn of_cohort(s: &Scenario, name: &str) -> bool {
    s.cohorts
        .iter()
        .any(|c| name.strip_prefix(&c.key).is_some_and(|rest| rest.starts_with(':')))
}

fn but_of_cohorts(s: &Scenario, name: &str) -> bool {
    !of_cohort(s, name)
}

fn but_doors_of_cohorts(s: &Scenario, name: &str) -> bool {
    !of_cohort(s, name) || !(name.ends_with("knocks") || name.ends_with("logins"))
}

/// What is drawn is the same in both, and nothing but the order of additions may differ: to the last count, knock by knock.
const EXACTLY: [(&str, Rewrite, Rewrite, Counts); 10] = [
    ("wider bins", no_matter, wider_bins, totals),
    ("a stranger", nobody_is_thrown_out, a_stranger, but_euros),
    (
        "limits out of reach",
        nothing_else_reaches,
        limits_out_of_reach,
        but_seats,
    ),
    ("services backwards", nobody_is_thrown_out, services_backwards, all),
    ("an empty service", no_matter, an_empty_service, but_euros),
    ("routes backwards", no_matter, routes_backwards, all),
    ("hosts backwards", grows_on_one_host, hosts_backwards, all),
    ("two policies", policies_of_one, two_policies, all),
    ("words for nothing", no_matter, words_for_nothing, all),
    ("incidents that are off", no_matter, incidents_that_are_off, all),
];

/// Of teachers and their absence.
fn but_learning(_: &Scenario, name: &str) -> bool {
    !name.contains("hours") && !name.contains("classes")
}

/// As [`EXACTLY`], of classes, devices and days.
const AT_SCHOOL: [(&str, Rewrite, Rewrite, Counts); 8] = [
    (
        "patient with empty classes",
        nobody_leaves_an_empty_class,
        patient_with_empty_classes,
        all,
    ),
    ("alone", nobody_leaves_an_empty_class, alone, but_learning),
    ("no classes", classes_unseen, no_classes, all),
    ("sisters who never come", no_devices, sisters_who_never_come, all),
    ("the other shares", all_share, the_other_shares, all),
    ("nobody learns", one_day, nobody_learns, all),
    ("staggers by nothing", nothing_staggers, staggers_by_nothing, all),
    ("lessons for nobody", no_matter, lessons_for_nobody, all),
];

/// Something else is drawn (for people in pools when bins end elsewhere), or stations are looked at at other instants, which moves the last
/// place of their sums.
const BUT_FOR_CHANCE: [(&str, Rewrite, Rewrite, Counts); 27] = [
    ("wider bins", no_matter, wider_bins, totals),
    ("on two hosts", no_matter, on_two_hosts, all),
    ("cohorts backwards", no_matter, cohorts_backwards, all),
    ("cohorts in two", no_matter, cohorts_in_two, but_of_cohorts),
    ("shares in two", no_matter, shares_in_two, all),
    ("incidents backwards", no_matter, incidents_backwards, all),
    ("incidents in two", no_defence, incidents_in_two, all),
    ("waves in two", no_defence, waves_in_two, all),
    (
        "one incident after the other",
        no_defence,
        one_incident_after_the_other,
        all,
    ),
    ("acts as incidents", no_matter, acts_as_incidents, all),
    ("acts that do nothing", no_defence, acts_that_do_nothing, all),
    ("later", no_clocks, later, totals_but_euros),
    ("by way of nothing", no_hops, by_way_of_nothing, but_doors_of_cohorts),
    ("habits and routes apart", no_matter, habits_and_routes_apart, all),
    ("by class", all_of_a_class, by_class, all),
    ("classes further apart", no_ageing, classes_further_apart, all),
    (
        "two seats for one",
        seats_are_whole,
        two_seats_for_one,
        but_seats_and_caps,
    ),
    ("no devices and no ways", no_matter, no_devices_and_no_ways, all),
    ("parts in two", no_matter, parts_in_two, all),
    ("laws by other names", no_matter, laws_by_other_names, all),
    ("losses as outages", each_on_one_host, losses_as_outages, all),
    ("gates from the start", gates_set, gates_written, all),
    ("limiters from the start", limiters_set, limiters_written, all),
    ("capacity from the start", capacity_doubled, capacity_written, all),
    ("told to come later", told_to_come_later, coming_later, all),
    ("lighter from the start", lighter, written_lighter, all),
    (
        "slots that are spread",
        spread_over_half_an_hour,
        slots_that_are_spread,
        all,
    ),
];

/// What a day changes in the time between two.
fn but_days(s: &Scenario, name: &str) -> bool {
    totals_but_euros(s, name) && !name.contains("by the end of day")
}

/// As [`BUT_FOR_CHANCE`], of classes, devices and days.
const AT_SCHOOL_BUT_FOR_CHANCE: [(&str, Rewrite, Rewrite, Counts); 4] = [
    ("lessons later", pupils_told_to_come_later, lessons_later, all),
    ("pupils in two", many_teachers, pupils_in_two, but_of_cohorts),
    ("a free day", the_day_after, a_free_day_between, but_days),
    ("cohorts backwards", not_at_once, cohorts_backwards, all),
];

/// A model and the same written otherwise, if both can be had from a seed.
fn pair((mut s, options): Case, base: Rewrite, rewrite: Rewrite) -> Option<[Case; 2]> {
    take_cells(&mut s);
    let mut other = s.clone();
    let both = base(&mut s) && base(&mut other) && rewrite(&mut other);
    // The last policy of the base, and what became of it.
    let first = s.policies.len() as u16 - 1;
    let with = |s: Scenario| {
        let policies = (first..s.policies.len() as u16).map(PolicyId).collect();
        let options = RunOptions {
            policies,
            ..options.clone()
        };
        (s, options)
    };
    both.then(|| [with(s), with(other)])
}

/// So many pairs of models, of seeds that are others for each relation.
fn pairs(
    relation: usize,
    n: u32,
    model: fn(u64) -> Case,
    base: Rewrite,
    rewrite: Rewrite,
) -> impl Iterator<Item = (u64, [Case; 2])> {
    let seeds = (0..).map(move |k| 10_000 * relation as u64 + k);
    let mut in_vain = 0;
    let pairs = seeds.filter_map(move |seed| {
        let pair = pair(model(seed), base, rewrite);
        in_vain = if pair.is_some() { 0 } else { in_vain + 1 };
        assert!(
            in_vain < 10_000,
            "no model of ten thousand can be had both ways: relation {relation}"
        );
        Some((seed, pair?))
    });
    pairs.take(n as usize)
}

/// The first number that two ways of writing a model do not agree on to the last count, knock by knock.
fn disagree(mut cases: [Case; 2], counts: Counts) -> Option<String> {
    cases.iter_mut().for_each(|(_, options)| options.orbit = Orbit::Events);
    let [one, other] = cases.each_ref().map(|case| made(case, 0));
    let other: BTreeMap<String, f64> = other.into_iter().collect();
    let differs = |(what, x): &&(String, f64)| counts(&cases[0].0, what) && (x - other[what]).abs() > 1e-9 * x.abs();
    let found: Vec<_> = one.iter().filter(differs).collect();
    let (what, x) = found.first()?;
    Some(format!("{what}: {x} and {}, one of {}", other[what], found.len()))
}

fn agree_exactly(relations: &[(&str, Rewrite, Rewrite, Counts)], model: fn(u64) -> Case, n: u32) {
    let mut wrong = Vec::new();
    for (relation, &(name, base, rewrite, counts)) in relations.iter().enumerate() {
        for (seed, cases) in pairs(relation, n, model, base, rewrite) {
            wrong.extend(disagree(cases, counts).map(|what| format!("dice {seed}, {name}: {what}")));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_should_not_matter_does_not() {
    agree_exactly(&EXACTLY, with_all_levers, cases() / 8);
}

#[test]
fn what_should_not_matter_in_a_country_does_not() {
    agree_exactly(&EXACTLY, country, cases() / 50);
}

#[test]
fn what_should_not_matter_at_school_does_not() {
    agree_exactly(&AT_SCHOOL, school, cases() / 8);
    for (of, seed) in DIFFERED_AT_SCHOOL {
        let (name, base, rewrite, counts) = AT_SCHOOL.into_iter().find(|r| r.0 == of).expect("it is there");
        let cases = pair(school(seed), base, rewrite).expect("it could be had");
        assert_eq!(disagree(cases, counts), None, "dice {seed}, {name}");
    }
}

/// A rule of seats that changed made pupils leave a class before they had waited long enough.
const DIFFERED_AT_SCHOOL: [(&str, u64); 2] = [("patient with empty classes", 76), ("patient with empty classes", 92)];

#[test]
fn what_should_not_matter_does_not_at_school() {
    agree_exactly(&EXACTLY, school, cases() / 50);
}

/// With 20 waves that touch let people in between them; with 13 the draws of the first door came again at the seventeenth.
/// With 770036 a host that was lost answered pages after years; with 770146 phantoms went before all others where they are called by class.
const DIFFERED: [(&str, u64); 5] = [
    ("waves in two", 20),
    ("one incident after the other", 20),
    ("by way of nothing", 13),
    ("losses as outages", 770_036),
    ("by class", 770_146),
];

#[test]
fn the_same_written_otherwise_says_the_same() {
    for (relation, (name, base, rewrite, counts)) in BUT_FOR_CHANCE.into_iter().enumerate() {
        let differed = DIFFERED.into_iter().filter(|(of, _)| *of == name);
        let had = |seed| pair(with_all_levers(seed), base, rewrite).expect("it could be had");
        let again = differed.map(|(_, seed)| (seed, had(seed)));
        let models = pairs(relation, cases() / 50, with_all_levers, base, rewrite);
        for (seed, cases) in again.chain(models) {
            let found = differences(cases.each_ref(), |number| counts(&cases[0].0, number));
            assert!(found.is_empty(), "dice {seed}, {name}:\n{}", found.join("\n"));
        }
    }
}

#[test]
fn the_same_written_otherwise_says_the_same_at_school() {
    for (relation, (name, base, rewrite, counts)) in AT_SCHOOL_BUT_FOR_CHANCE.into_iter().enumerate() {
        for (seed, cases) in pairs(relation, cases() / 70, school, base, rewrite) {
            let found = differences(cases.each_ref(), |number| counts(&cases[0].0, number));
            assert!(found.is_empty(), "dice {seed}, {name}:\n{}", found.join("\n"));
        }
    }
}

#[test]
fn what_comes_after_the_end_changes_nothing_before_it() {
    let known_later = ["in_5min", "in_15min", "over_2h", "people"];
    for seed in 0..u64::from(cases()) / 8 {
        let (s, mut options) = with_all_levers(seed);
        // Knocks in vain of people in pools are drawn when they are looked at, at the end too.
        options.orbit = Orbit::Events;
        let mut longer = s.clone();
        longer.clock.end += Span::from_secs(3600.0);
        let [one, other] = [&s, &longer].map(|s| run(s, &options, &mut Unwatched).expect("runs").series);
        for (k, bins) in one.services.iter().enumerate() {
            let whole = bins.len() - 1;
            for column in SERVICE_COLUMNS.iter().filter(|c| !known_later.contains(&c.name)) {
                let [x, y] = [bins, &other.services[k]].map(|b| b[..whole].iter().map(column.of).collect::<Vec<_>>());
                assert_eq!(x, y, "dice {seed}: {} of {}", column.name, s.services[k].key);
            }
        }
    }
}

#[test]
fn the_books_balance_request_by_request() {
    for seed in 0..u64::from(cases()) / 4 {
        let (mut s, options) = with_all_levers(seed);
        for i in &mut s.incidents {
            // Fewer and heavier: each request is an event.
            if let IncidentKind::ApplicationFlood { rate, work, .. } = &mut i.kind {
                *rate /= 20.0;
                *work *= 20.0;
            }
        }
        let mode = Mode::Events;
        let options = RunOptions { mode, ..options };
        run(&s, &options, &mut Unwatched).unwrap_or_else(|e| panic!("dice {seed}: {e}"));
    }
}

/// What a page was like in a bin is the mean of those asked for.
fn but_pages(_: &Scenario, name: &str) -> bool {
    !name.contains("latency") && !name.contains("quality")
}

#[test]
fn page_by_page_and_in_a_stream_classes_teach_the_same() {
    for (seed, mut cases) in pairs(200, cases() / 8, school, light_pages, no_matter) {
        cases[1].1.mode = Mode::Events;
        assert_eq!(disagree(cases, but_pages), None, "dice {seed}");
    }
}
