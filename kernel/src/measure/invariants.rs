//! What must hold in every run, whatever the model: a broken one is a defect of the simulator.

use super::{Bin, ClassCounts, GroupBin, Outcome, Refusal, Tally};
use crate::engine::Time;
use crate::scenario::model::{RegionId, Scenario};

/// Rounding of sums of floats over a bin.
const SLACK: f64 = 1e-6;

/// Checks the books of a run.
///
/// # Errors
/// The first broken invariant, in words and with its figures.
pub fn check(scenario: &Scenario, outcome: &Outcome) -> Result<(), String> {
    equal(
        "number of cohort tallies",
        outcome.cohorts.len() as u64,
        scenario.cohorts.len() as u64,
    )?;
    equal(
        "number of service tallies",
        outcome.services.len() as u64,
        scenario.services.len() as u64,
    )?;
    for (cohort, tally) in scenario.cohorts.iter().zip(&outcome.cohorts) {
        let named = |e| format!("cohort {}: {e}", cohort.key);
        tally_balances(tally)
            .and_then(|()| visits_balance(tally))
            .map_err(named)?;
    }
    for (service, tally) in scenario.services.iter().zip(&outcome.services) {
        tally_balances(tally).map_err(|e| format!("service {}: {e}", service.key))?;
    }
    cohorts_and_services_agree(outcome)?;
    series_agree(scenario, outcome)?;
    money_is_sound(outcome)
}

fn equal<T: PartialEq + std::fmt::Display>(what: &str, left: T, right: T) -> Result<(), String> {
    if left == right {
        Ok(())
    } else {
        Err(format!("{what}: {left} is not {right}"))
    }
}

fn at_most(what: &str, left: u64, right: u64) -> Result<(), String> {
    if left <= right {
        Ok(())
    } else {
        Err(format!("{what}: {left} is more than {right}"))
    }
}

/// What holds for cohorts and for services. A knock ends as exactly one of a login, a refusal or underway;
/// a knock whose client left is a time-out, and the job that goes on for nobody is no knock of its own.
fn tally_balances(t: &Tally) -> Result<(), String> {
    let l = &t.learning;
    equal(
        "hours wanted = obtained + fallback + lost, in ns",
        l.wanted,
        l.obtained + l.fallback + l.lost,
    )?;
    equal(
        "knocks = logins + failed + underway",
        t.knocks,
        t.logins + t.refusals() + t.underway,
    )?;
    at_most("first knocks <= knocks", t.first_knocks, t.knocks)?;
    at_most("sessions <= logins", t.sessions, t.logins)?;
    at_most("sessions cut <= sessions", t.cut, t.sessions)?;
    let [one, five, fifteen] = t.connected_within;
    at_most("connected within 1 min <= within 5 min", one, five)?;
    at_most("connected within 5 min <= within 15 min", five, fifteen)?;
    at_most("connected within 15 min <= waits booked", fifteen, t.waits.count())?;
    classes_balance(&t.classes)
}

fn classes_balance(c: &ClassCounts) -> Result<(), String> {
    at_most("classes opened <= classes planned", c.opened, c.planned)?;
    at_most(
        "classes opened within 15 min <= classes opened",
        c.opened_15min,
        c.opened,
    )?;
    at_most("classes held <= classes opened", c.held, c.opened)?;
    at_most("classes held <= visits that attended", c.held, c.attended)?;
    at_most("visits that attended <= visits to classes", c.attended, c.visits)?;
    at_most("attended within 15 min <= attended", c.attended_15min, c.attended)
}

/// What holds for cohorts only.
fn visits_balance(t: &Tally) -> Result<(), String> {
    at_most("connected visits <= visits", t.visits_connected, t.visits)?;
    at_most("visits given up <= visits", t.gave_up, t.visits)?;
    at_most("unfinished visits <= visits", t.unfinished, t.visits)?;
    at_most(
        "visits <= connected + given up + unfinished",
        t.visits,
        t.visits_connected + t.gave_up + t.unfinished,
    )?;
    equal("waits booked = connected visits", t.waits.count(), t.visits_connected)?;
    at_most(
        "people connected <= people who tried",
        t.people_connected,
        t.people_tried,
    )?;
    at_most("people who tried <= visits", t.people_tried, t.visits)
}

fn cohorts_and_services_agree(outcome: &Outcome) -> Result<(), String> {
    let sum = |tallies: &[Tally], count: fn(&Tally) -> u64| tallies.iter().map(count).sum::<u64>();
    let both = |what: &str, count| {
        let (cohorts, services) = (sum(&outcome.cohorts, count), sum(&outcome.services, count));
        equal(
            &format!("{what} of all cohorts = {what} of all services"),
            cohorts,
            services,
        )
    };
    both("knocks", |t| t.knocks)?;
    both("logins", |t| t.logins)?;
    both("classes planned", |t| t.classes.planned)?;
    both("classes opened", |t| t.classes.opened)?;
    both("classes opened within 15 min", |t| t.classes.opened_15min)?;
    both("classes held", |t| t.classes.held)?;
    both("visits to classes", |t| t.classes.visits)?;
    both("visits that attended a class", |t| t.classes.attended)?;
    both("visits that attended within 15 min", |t| t.classes.attended_15min)?;
    for why in Refusal::ALL {
        let of = |tallies: &[Tally]| tallies.iter().map(|t| t.refused[why as usize]).sum::<u64>();
        let what = format!("knocks that failed ({}): cohorts = services", why.name());
        equal(&what, of(&outcome.cohorts), of(&outcome.services))?;
    }
    Ok(())
}

/// Sums over bins are the totals. Series count the warm-up too, so with one they may only be more.
fn series_agree(scenario: &Scenario, outcome: &Outcome) -> Result<(), String> {
    let warm_up = scenario.clock.warm_up > Time::ZERO;
    let agree = |what: String, total: u64, bins: u64| {
        if warm_up {
            at_most(&what, total, bins)
        } else {
            equal(&what, total, bins)
        }
    };
    for ((service, bins), tally) in scenario
        .services
        .iter()
        .zip(&outcome.series.services)
        .zip(&outcome.services)
    {
        let key = &service.key;
        agree(
            format!("knocks of {key} = sum over bins"),
            tally.knocks,
            bins.iter().map(|b| b.knocks).sum(),
        )?;
        agree(
            format!("logins of {key} = sum over bins"),
            tally.logins,
            bins.iter().map(|b| b.logins).sum(),
        )?;
        agree(
            format!("classes opened at {key} = sum over bins"),
            tally.classes.opened,
            bins.iter().map(|b| b.classes).sum(),
        )?;
        for why in Refusal::ALL {
            let i = why as usize;
            let what = format!("failed knocks ({}) of {key} = sum over bins", why.name());
            agree(what, tally.refused[i], bins.iter().map(|b| b.refused[i]).sum())?;
        }
        for (i, bin) in bins.iter().enumerate() {
            bin_is_sound(bin).map_err(|e| format!("service {key}, bin {i}: {e}"))?;
        }
    }
    let regions = scenario.regions.iter().zip(&outcome.series.regions).enumerate();
    let regions = regions.map(|(i, (region, bins))| (Some(RegionId(i as u16)), region.key.as_str(), bins));
    let nowhere = (!scenario.regions.is_empty()).then_some((None, "no region", &outcome.series.nowhere));
    for (here, key, bins) in regions.chain(nowhere) {
        let of_region = scenario
            .cohorts
            .iter()
            .zip(&outcome.cohorts)
            .filter(|(c, _)| c.region == here);
        let (mut visits, mut classes) = (0, 0);
        for (_, tally) in of_region {
            visits += tally.visits;
            classes += tally.classes.opened;
        }
        let what = |counted| format!("{counted} of {key} = sum over bins");
        agree(what("visits"), visits, bins.iter().map(|b| b.visits).sum())?;
        agree(what("classes opened"), classes, bins.iter().map(|b| b.classes).sum())?;
        for (i, bin) in bins.iter().enumerate() {
            group_is_sound(bin).map_err(|e| format!("region {key}, bin {i}: {e}"))?;
        }
    }
    Ok(())
}

fn bin_is_sound(b: &Bin) -> Result<(), String> {
    at_most("first knocks <= knocks", b.first_knocks, b.knocks)?;
    at_most("in within 5 min <= within 15 min", b.in_5min, b.in_15min)?;
    at_most("in within 15 min <= first knocks", b.in_15min, b.first_knocks)?;
    for (what, value, most) in [
        ("utilisation", b.utilisation, 1.0),
        ("quality", b.quality, 1.0),
        ("packet loss", b.loss, 1.0),
        ("page latency", b.latency, f64::MAX),
        ("flood", b.flood, f64::MAX),
    ] {
        // Written so that NaN fails too.
        if !(value >= -SLACK && value <= most + SLACK) {
            return Err(format!("{what} is {value}"));
        }
    }
    Ok(())
}

fn group_is_sound(b: &GroupBin) -> Result<(), String> {
    at_most("in within 5 min <= within 15 min", b.in_5min, b.in_15min)?;
    at_most("in within 15 min <= in at last", b.in_15min, b.in_ever)?;
    at_most("in at last <= visits", b.in_ever, b.visits)?;
    at_most("given up <= visits", b.gave_up, b.visits)
}

fn money_is_sound(outcome: &Outcome) -> Result<(), String> {
    let m = outcome.money;
    for (what, euros) in [("cores", m.cores), ("scrubbing", m.scrubbing), ("fixed costs", m.fixed)] {
        if !(euros >= 0.0 && euros.is_finite()) {
            return Err(format!("euros of {what}: {euros}"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::made_up;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn sound_books_pass_and_one_wrong_count_is_found(seed in 0u64..1000, victim in 0usize..12, spoil in 0usize..15) {
            let scenario = made_up::scenario(3);
            let mut outcome = made_up::outcome(&scenario, seed, 0, &[]);
            prop_assert_eq!(check(&scenario, &outcome), Ok(()));
            let cohort = victim % outcome.cohorts.len();
            let service = victim % outcome.services.len();
            let t = &mut outcome.cohorts[cohort];
            match spoil {
                0 => t.learning.lost += 1,
                1 => t.knocks += 1,
                2 => t.logins += 1,
                3 => t.refused[victim % 9] += 1,
                4 => t.visits_connected = t.visits + 1,
                5 => t.people_connected = t.people_tried + 1,
                6 => outcome.services[service].learning.wanted += 1,
                7 => outcome.services[service].underway += 1,
                8 => outcome.series.services[service][0].knocks += 1,
                9 => outcome.series.services[service][0].utilisation = f64::NAN,
                11 => t.classes.held += 1,
                12 => outcome.services[service].classes.planned += 1,
                13 => outcome.series.services[service][0].classes += 1,
                10 => outcome.series.services[service][0].utilisation = 1.01,
                _ => outcome.money.cores = f64::NAN,
            }
            prop_assert!(check(&scenario, &outcome).is_err());
        }
    }

    #[test]
    fn the_message_names_the_place_and_the_figures() {
        let scenario = made_up::scenario(2);
        let mut outcome = made_up::outcome(&scenario, 1, 0, &[]);
        outcome.cohorts[1].learning.wanted = 7;
        let message = check(&scenario, &outcome).unwrap_err();
        assert!(
            message.starts_with("cohort idf-lycee: hours wanted") && message.contains("7 is not"),
            "{message}"
        );
    }

    #[test]
    fn series_may_count_a_warm_up_more() {
        let mut scenario = made_up::scenario(2);
        let mut outcome = made_up::outcome(&scenario, 1, 0, &[]);
        outcome.series.services[0][0].logins += 5;
        assert!(check(&scenario, &outcome).is_err());
        scenario.clock.warm_up = Time::from_secs(60.0);
        assert_eq!(check(&scenario, &outcome), Ok(()));
    }
}
