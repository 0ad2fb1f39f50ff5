//! The size of the country: what grows with it, what stays, and how it can be wrong.

use std::collections::BTreeSet;

use super::*;
use crate::scenario::reference::grown;

fn sized(model: &str, sets: &[&str]) -> Result<model::Scenario, Diagnostics> {
    let sets: Vec<String> = sets.iter().map(|s| (*s).to_owned()).collect();
    load(&text(model), &sets)
}

fn taken(model: &str, sets: &[&str]) -> model::Scenario {
    sized(model, sets).unwrap_or_else(|problems| panic!("{problems}"))
}

/// Everything that is simulated: not the text, and not the size that made it.
fn meaning(mut scenario: model::Scenario) -> String {
    scenario.text.clear();
    scenario.size = model::Size::default();
    format!("{scenario:#?}")
}

/// Every extensive field of the full model, twice as large. A new one gets its line here.
const DOUBLED: &[&str] = &[
    "hosts.strasbourg.cores=800",
    "hosts.strasbourg.uplink=40 Gbit/s",
    "services.portal.station.cores=128",
    "services.ent-idf.station.cores=240",
    "services.ent-idf.station.threads=4000",
    "services.ent-idf.station.backlog=10000",
    "services.ent-idf.station.initial=20",
    "services.ent-idf.quota.max_sessions=200000",
    "services.ent-idf.quota.admissions.count=60000",
    "services.ent-idf.quota.max_length=1000000",
    "services.ent-idf.quota.phantoms=10 /s",
    "services.cned.quota.max_sessions=100000",
    "services.cned.quota.capacity=40000 /s",
    "services.ent-idf.limiter.rate=60000 /min",
    "services.ent-idf.limiter.burst=2000",
    "services.ent-reunion.station.cores=120",
    "services.cned.station.cores=400",
    // A `max_share` grows with the people of its region, in policies too.
    "cohorts.idf-lycee.people=867178",
    "cohorts.reunion-lycee.people=120000",
    "cohorts.idf-teacher.people=80000",
    "cohorts.poisson.arrivals.rate=16 /s",
    "cohorts.rate.arrivals.points=[(\"0 s\", \"2 /s\"), (\"08:00\", \"16 /s\")]",
    "cohorts.renewal.arrivals.between=0.5 s",
    "cohorts.closed.arrivals.population=40",
    "incidents.flood.kind.rate=80 Gbit/s",
    "incidents.requests.kind.rate=4000 /s",
    "incidents.slow.kind.threads=1000",
    "policies.all.acts[8].act.bucket.rate=1000 /s",
    "policies.all.acts[8].act.bucket.burst=2000",
    "incidents.requests.kind.sources=40000",
    "policies.all.acts[14].act.step=Cores(20)",
    "policies.all.acts[15].act.signal=Backlog(above: 1000, below: 100)",
    "policies.all.acts[17].act.signal=Refused(above: \"120 /min\", below: \"12 /min\")",
    "policies.all.acts[18].act.signal=Waiting(above: 10000, below: 200)",
    "policies.all.acts[22].act.limit.law=Gradient2(initial: 40, min: 40, max: 400, queue: 80, tolerance: 1.5, smoothing: \"20 %\", long_window: 600)",
    "policies.all.acts[23].act.limit.law=Vegas(initial: 40, max: 2000)",
    "policies.all.acts[24].act.limit.law=Aimd(initial: 40, min: 40, max: 400)",
    "policies.all.acts[25].act.limit.law.min=60",
    "policies.all.acts[25].act.limit.law.max=2000",
    "policies.all.acts[30].act.budget.reserve=20 /s",
    "policies.all.acts[31].act.budget.tokens=1000",
    "operators.kosmos.cell.watches[0].signal=Refused(above: \"100 /s\", below: \"10 /s\")",
];

#[test]
fn a_country_of_size_two_is_one_written_twice_as_large() {
    let large = taken(FULL, &["size=2"]);
    assert_eq!(large.size.label().as_deref(), Some("size 2"));
    assert_eq!(meaning(large), meaning(taken(FULL, DOUBLED)));
}

#[test]
fn size_one_is_the_country_as_written() {
    let written = full();
    assert_eq!(written.size, model::Size::default());
    assert_eq!(written.size.label(), None);
    let one = taken(FULL, &["size=1"]);
    assert!(one.size.parts.is_empty());
    assert_eq!(meaning(one), meaning(written));
}

/// Numbers that stay whatever the size: they belong to one person, one request, one law or one lever.
const STAYS: &[&str] = &[
    "services.*.quota.sites.count",
    "services.*.exchange.packets",
    "services.*.exchange.tries",
    "habits.*.max_tries",
    "operators.*.cell.crew",
    "operators.*.cell.playbook[].most",
    "habits.*.retries[].backoff.factor",
    "act.RetryBudget.budget.Tokens.cost",
    "act.RetryBudget.budget.Tokens.error_cost",
    "act.RetryBudget.budget.Tokens.earn",
    "act.ClientThrottle.throttle.factor",
    "habits.*.tabs",
    "cohorts.*.priority",
    "cohorts.*.seats",
    "services.*.station.efficiency.AtStart.sigma",
    "services.*.station.efficiency.Usl.sigma",
    "services.*.station.efficiency.Usl.kappa",
    "distribution.Lognormal.sigma",
    "distribution.Lognormal.cv",
    "distribution.Gamma.shape",
    "distribution.Erlang.k",
    "distribution.Weibull.shape",
    "batch.Fixed",
    "batch.Geometric.mean",
    "incidents.*.kind.Slowdown.factor",
    "act.ScaleQuota.factor",
    "act.ScaleCapacity.factor",
    "act.Stagger.how.Slots.slots",
    "act.PreWarm.factor",
    "act.Autoscale.ceiling",
    "act.Autoscale.floor",
    "act.Failover.factor",
    "act.ConcurrencyLimit.limit.law.Gradient2.long_window",
    "act.ConcurrencyLimit.limit.law.Gradient2.tolerance",
    "act.ConcurrencyLimit.limit.law.Vegas.probe",
    "act.ConcurrencyLimit.limit.law.Envoy.requests",
    "act.PerClientLimit.each.rate",
    "act.PerClientLimit.each.burst",
    "size",
];

#[test]
fn the_registry_knows_what_grows() {
    let large = taken(FULL, &["size=2"]);
    let multiplied: BTreeSet<&str> = large
        .size
        .parts
        .iter()
        .flat_map(|part| grown::fields_of(&part.path))
        .collect();
    let registered: BTreeSet<&str> = grown::registered().collect();
    assert_eq!(
        multiplied, registered,
        "left: what the check multiplied in the full model"
    );
}

#[test]
fn every_count_and_rate_is_decided() {
    let of_heads = |unit: &str| {
        ["a whole number", "a number", "a rate", "a bit rate"]
            .iter()
            .any(|u| unit.starts_with(u))
    };
    let stays: BTreeSet<&str> = STAYS.iter().copied().collect();
    let registered: BTreeSet<&str> = grown::registered().collect();
    for (path, unit) in grown::units() {
        let decided = stays.contains(path) != registered.contains(path);
        assert!(
            decided || !of_heads(unit),
            "`{path}`: does it grow with the country? Then give it an extensive dimension and name it in \
             reference/size.rs; else name it in STAYS"
        );
    }
}

#[test]
fn whole_numbers_are_rounded_but_not_away() {
    let small = taken(FULL, &["size=0.001", "cohorts.poisson.people=0"]);
    let ent = &small.services[1];
    assert_eq!(
        (ent.station.threads, ent.station.backlog, ent.station.initial),
        (Some(2), Some(5), 1)
    );
    // Cores that break down are whole.
    assert_eq!(ent.station.cores, 1.0);
    assert_eq!(small.services[0].station.cores, 0.064);
    assert_eq!(small.cohorts[0].people, 434);
    assert_eq!(small.cohorts[2].people, 0);
    let model::Source::Closed { population, .. } = small.cohorts[5].source else {
        panic!("closed")
    };
    assert_eq!(population, 1);
    assert_eq!(ent.limiter.unwrap().burst, 1.0);
    // One login for 0.01 of one.
    let coarsest = small.size.coarsest().unwrap();
    assert_eq!(
        (coarsest.path.as_str(), coarsest.used),
        ("services.ent-idf.station.initial", 1.0)
    );
    assert_eq!(small.size.below_one_core(), 3);
    // What is left out is what its default would be: one token of burst.
    let sets = ["services.web.limiter.rate=3 /s", "size=4"];
    assert_eq!(taken(SMALL, &sets).services[0].limiter.unwrap().burst, 4.0);
}

#[test]
fn size_is_set_whether_the_file_says_it_or_not() {
    let cores = |model: &str, sets: &[&str]| taken(model, sets).services[0].station.cores;
    let half = SMALL.replace("name: \"small\",", "name: \"small\", size: 0.5,");
    assert_eq!(cores(SMALL, &[]), 4.0);
    assert_eq!(cores(SMALL, &["size=0.1"]), 0.4);
    assert_eq!(cores(&half, &[]), 2.0);
    assert_eq!(cores(&half, &["size=0.1"]), 0.4);
    assert_eq!(cores(&half, &["size=None"]), 4.0);
    // What is set is as written, too.
    assert_eq!(cores(&half, &["services.web.station.cores=8"]), 4.0);
    // The text that is kept makes the same model again.
    let again = taken(&taken(SMALL, &["size=0.1"]).text, &[]);
    assert_eq!((again.size.factor, again.services[0].station.cores), (0.1, 0.4));
}

#[test]
fn a_size_that_is_none() {
    let with = |size: &str| broken("name: \"small\",", &format!("name: \"small\", size: {size},"));
    let column = 26;
    expect(&with("0"), 2, column, "size", &["must be above zero", "0.1"]);
    expect(&with("-0.5"), 2, column, "size", &["must be above zero"]);
    expect(&with("101"), 2, column, "size", &["surely a slip", "at most 100"]);
    expect(
        &with("\"half\""),
        2,
        column,
        "size",
        &["expected a number such as 0.1", "bare numbers"],
    );
    expect(&with("\"0.5\""), 2, column, "size", &["write 0.5 without quotes"]);
    expect(
        &with("\"10 %\""),
        2,
        column,
        "size",
        &["bare numbers, without quotes or unit"],
    );
    expect(&with("true"), 2, column, "size", &["expected a number such as 0.1"]);
    expect(&with("inf"), 2, column, "size", &["infinite"]);
    let problems = sized(SMALL, &["size=0"]).unwrap_err().0;
    assert_eq!(
        (problems.len(), problems[0].file(), problems[0].column()),
        (1, "--set", 6)
    );
    expect(
        &broken("name: \"small\",", "siez: 0.1,"),
        2,
        5,
        "siez",
        &["did you mean `size`?"],
    );
}

#[test]
fn a_country_too_large_to_count() {
    let problems = sized(SMALL, &["cohorts.all.people=3000000000", "size=2"])
        .unwrap_err()
        .0;
    assert_eq!((problems.len(), problems[0].path()), (1, "cohorts.all.people"));
    assert!(
        problems[0]
            .message()
            .contains("3000000000 times the `size` 2 is too large")
    );
}

#[test]
fn a_law_that_counts_requests_has_one_size() {
    let law = "per_capacity: true";
    assert!(
        taken(&FULL.replace(law, "per_capacity: false"), &[])
            .size
            .parts
            .is_empty()
    );
    let problems = sized(&FULL.replace(law, "per_capacity: false"), &["size=0.5"])
        .unwrap_err()
        .0;
    let said = problems[0].message();
    assert_eq!(
        (problems.len(), problems[0].path()),
        (1, "services.ent-idf.station.efficiency")
    );
    assert!(said.contains("cannot be told for a country of size 0.5"), "{said}");
    assert!(problems[0].advice()[0].contains("per_capacity: true"));
}
