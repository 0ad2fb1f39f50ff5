//! Cores that follow a target. Steps with a cooldown are in `levers.rs`; the next law of an autoscaler goes here.

mod common;

use common::{cores, policy, text};
use preau::engine::Time;
use preau::scenario::model::*;

/// A service of ten cores of which exactly nine are busy, and from 30 min on four and a half.
fn steady(act: &str) -> Scenario {
    text(&format!(
        r#"(
            clock: (end: "1 h", bin: "1 min"),
            prices: (core_hour: "1 EUR"),
            services: {{"ent": (station: (cores: 10, work: Deterministic("0.9 s")))}},
            cohorts: {{"pupils": (arrivals: Renewal(between: Deterministic("0.1 s")))}},
            policies: {{"p": (acts: [{act}, (at: "30 min", act: Degrade(services: ["ent"], work: "50 %"))])}},
        )"#
    ))
}

/// To a millionth of a core: what was busy is a sum over thousands of logins.
fn rounded(seen: &[(f64, f64)]) -> Vec<(f64, f64)> {
    seen.iter()
        .map(|(at, cores)| (*at, (cores * 1e6).round() / 1e6))
        .collect()
}

#[test]
fn a_target_is_followed_up_at_once_and_down_when_it_lasts() {
    let act = r#"(at: "10 min", act: Autoscale(
        services: ["ent"], signal: Utilisation(above: "66 %", below: "54 %"), look: "1 min", step: Track("60 %"),
        delivery: (boot: Deterministic("3 min"), warm_up: "0 s", drain: "4 min"), cooldown: "5 min", ceiling: 4.0,
    ))"#;
    let s = steady(act);
    let (outcome, seen) = cores(&s, &[policy(&s, "p")]);
    // At 11 min 90 % of ten are busy: 15 would be at 60 %. The looks at 12 and 13 see the same and know that five are on
    // their way. From 31 min on 7.5 would be enough, and the model's ten are the floor; the look at 30 min still wanted 15, so five
    // go at 35 min, after a drain.
    assert_eq!(rounded(&seen), [(660.0, 10.0), (840.0, 15.0), (2340.0, 10.0)]);
    assert!(
        (outcome.money.cores - (10.0 + 5.0 * 28.0 / 60.0)).abs() < 1e-9,
        "{}",
        outcome.money.cores
    );
    // A ceiling holds; and what is between the thresholds is left alone: the first act is the lighter pages.
    let s = steady(&act.replace("ceiling: 4.0", "ceiling: 1.2"));
    assert_eq!(rounded(&cores(&s, &[policy(&s, "p")]).1)[1], (840.0, 12.0));
    let wide = act.replace("66 %", "95 %").replace("54 %", "30 %");
    let s = steady(&wide);
    let (outcome, _) = cores(&s, &[policy(&s, "p")]);
    assert_eq!(
        (outcome.first_act[0].1, outcome.money.cores),
        (Some(Time::from_secs(1800.0)), 10.0)
    );
}
