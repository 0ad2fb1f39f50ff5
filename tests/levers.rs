//! The levers of capacity and defence: each changes what it should and nothing else, by how much where that is known.

mod common;

use common::{Story, cores, model, options, play, policy, text, watch};
use preau::engine::Time;
use preau::measure::{Outcome, Refusal};
use preau::scenario::model::*;

/// A service of ten cores that wants fifteen, for an hour, with one policy `p`.
fn busy(hosts: &str, service: &str, rate: f64, act: &str, more: &str) -> Scenario {
    text(&format!(
        r#"(
            clock: (end: "1 h", bin: "1 min"),
            prices: (core_hour: "1 EUR"),
            hosts: {{{hosts}}},
            services: {{"ent": (
                {service}
                station: (cores: 10, threads: 50, backlog: 20, work: Exponential(mean: "1 s")),
                exchange: (packets: 1, tries: 1),
                session: (think: "30 s", page_work: "0 s"),
            )}},
            habits: {{"once": ()}},
            cohorts: {{"pupils": (habit: "once", arrivals: Poisson(rate: "{rate} /s"), duration: Deterministic("5 min"))}},
            policies: {{"p": (acts: [{act}])}},
            {more}
        )"#
    ))
}

const SCALE: &str = r#"(at: "10 min", act: Autoscale(
    services: ["ent"], signal: Utilisation(above: "90 %", below: "20 %"), look: "1 min", step: Share("50 %"),
    delivery: (boot: Deterministic("2 min"), warm_up: "3 min", warm_speed: "40 %", drain: "4 min"),
    cooldown: "30 min", ceiling: 2.0,
))"#;

#[test]
fn autoscaling_takes_look_boot_and_warm_up() {
    let s = busy("", "", 14.0, SCALE, "");
    let (outcome, seen) = cores(&s, &[policy(&s, "p")]);
    // Begins to look at 10 min, sees the mean of a minute at 11, boots until 13, is warm at 16: look + boot + warm-up
    // = 6 min. The cooldown is over at 41 min; with 15 cores for 14 it is at 93 % and orders once more.
    assert_eq!(seen[..3], [(660.0, 10.0), (780.0, 12.0), (960.0, 15.0)]);
    // Paid from the order on: 10 cores for an hour, 5 from 11 min.
    let second = seen.get(3).map(|(at, _)| at - 120.0);
    let hours = 10.0 + 5.0 * 49.0 / 60.0 + second.map_or(0.0, |at| 5.0 * (3600.0 - at) / 3600.0);
    assert!(
        (outcome.money.cores - hours).abs() < 1e-9,
        "{} for {hours}",
        outcome.money.cores
    );
    assert_eq!(outcome.first_act[0].1, Some(Time::from_secs(660.0)));
    let alone = play(&s, &options(0, &[]));
    assert!(outcome.services[0].refused[Refusal::Full as usize] < alone.services[0].refused[Refusal::Full as usize]);
}

#[test]
fn autoscaling_gives_back_by_draining() {
    // The load is 3 of 10 cores: it gives five back, and nobody is thrown out.
    let act = SCALE
        .replace("below: \"20 %\"", "below: \"60 %\"")
        .replace("ceiling: 2.0", "ceiling: 2.0, floor: 0.5");
    let s = busy("", "", 3.0, &act, "");
    let (outcome, seen) = cores(&s, &[policy(&s, "p")]);
    assert_eq!(seen, [(660.0, 10.0), (900.0, 5.0)]);
    let hours = 10.0 - 5.0 * 45.0 / 60.0;
    assert!((outcome.money.cores - hours).abs() < 1e-9, "{}", outcome.money.cores);
    assert_eq!(outcome.services[0].refused[Refusal::Dropped as usize], 0);
}

#[test]
fn a_service_that_is_down_gives_nothing_back() {
    // Eight of ten cores are at work but for five minutes of an outage, in which nothing is.
    let act = r#"(at: "5 min", act: Autoscale(
        services: ["ent"], signal: Utilisation(above: "100 %", below: "45 %"), look: "1 min", step: Cores(2),
        delivery: (drain: "0 s"), cooldown: "1 min", ceiling: 2.0, floor: 0.2,
    ))"#;
    let outage = r#"incidents: {"outage": (kind: ServiceOutage(service: "ent"), waves: [("20.5 min", "25.9 min")])},"#;
    let s = busy("", "", 8.0, act, outage);
    let (outcome, _) = cores(&s, &[policy(&s, "p")]);
    assert_eq!((outcome.first_act[0].1, outcome.money.cores), (None, 10.0));
}

#[test]
fn nothing_grows_beyond_its_host() {
    // The host has 13 cores, 10 of them given away.
    let s = busy("\"room\": (cores: 13)", "host: \"room\",", 14.0, SCALE, "");
    let (_, seen) = cores(&s, &[policy(&s, "p")]);
    assert_eq!(seen, [(660.0, 10.0), (780.0, 10.0 + 3.0 * 0.4), (960.0, 13.0)]);
}

#[test]
fn pre_warmed_cores_cost_from_the_order_on() {
    let act = r#"(at: "10 min", act: PreWarm(services: ["ent"], factor: 1.5, lasting: "20 min",
        delivery: (boot: Deterministic("2 min"), warm_up: "3 min", warm_speed: "40 %", drain: "4 min")))"#;
    let s = busy("", "", 14.0, act, "");
    let (outcome, seen) = cores(&s, &[policy(&s, "p")]);
    assert_eq!(seen, [(600.0, 10.0), (720.0, 12.0), (900.0, 15.0), (2040.0, 10.0)]);
    assert!((outcome.money.cores - (10.0 + 5.0 * 24.0 / 60.0)).abs() < 1e-9);
}

const TWO: &str = r#""a": (cores: 20), "b": (cores: 14)"#;
const ON_TWO: &str = r#"hosts: [(host: "a", share: "60 %"), (host: "b", share: "40 %")],"#;
const FIRE: &str = r#"incidents: {"fire": (kind: HostLoss(host: "a"), waves: [("20 min", "40 min")])},"#;

#[test]
fn a_lost_host_takes_its_share_of_cores_and_people() {
    let s = busy(TWO, ON_TWO, 3.0, "", FIRE);
    let (outcome, seen) = cores(&s, &[]);
    assert_eq!(seen, [(1200.0, 4.0), (2400.0, 10.0)]);
    // A stationary 900 sessions; 60 % of them are cut, and nobody else.
    let (_, story) = watch(&s, &options(0, &[]));
    let before = story.sessions.iter().filter(|(d, _)| d.at < Time::from_secs(1200.0));
    let inside: i64 = before.map(|(_, begins)| if *begins { 1 } else { -1 }).sum();
    let cut = outcome.services[0].cut as f64;
    let (mean, sd) = (0.6 * inside as f64, (0.24 * inside as f64).sqrt());
    println!("{cut} of {inside} thrown out, z = {:.2}", (cut - mean) / sd);
    assert!((cut - mean).abs() < 4.0 * sd, "{cut} of {inside}");
}

#[test]
fn links_are_shared_by_share() {
    let hosts = r#""a": (uplink: "10 Mbit/s"), "b": (uplink: "10 Mbit/s")"#;
    let flood =
        r#"incidents: {"f": (kind: NetworkFlood(host: "a", rate: "40 Mbit/s"), waves: [("20 min", "40 min")])},"#;
    let s = busy(hosts, ON_TWO, 3.0, "", flood);
    let bins = &play(&s, &options(0, &[])).series.services[0];
    // The link of a loses 3/4 of its packets, and 60 % of the people cross it.
    assert!(bins[21..39].iter().all(|b| (b.loss - 0.45).abs() < 1e-12));
    let (knocks, lost) = bins[21..39].iter().fold((0, 0), |(k, l), b| {
        (k + b.knocks, l + b.refused[Refusal::Lost as usize])
    });
    let z = (lost as f64 - 0.45 * knocks as f64) / (0.45 * 0.55 * knocks as f64).sqrt();
    println!("{lost} of {knocks} lost, z = {z:.2}");
    assert!(z.abs() < 4.0);
}

#[test]
fn failover_takes_over_and_leaves() {
    let act = r#"(at: "5 min", act: Failover(services: ["ent"], to: "b", detection: Deterministic("2 min"),
        takes: Deterministic("5 min"), factor: 1.0, standby: "20 %", back: "3 min"))"#;
    let s = busy(TWO, "host: \"a\",", 3.0, act, FIRE);
    let (outcome, seen) = cores(&s, &[policy(&s, "p")]);
    // Two of ten are kept ready on b and serve after detection, the other eight after five minutes more; all leave three
    // minutes after the host is back.
    let expected = [
        (1200.0, 0.0),
        (1320.0, 2.0),
        (1620.0, 10.0),
        (2400.0, 20.0),
        (2580.0, 10.0),
    ];
    assert_eq!(seen, expected);
    assert_eq!(outcome.first_act[0].1, Some(Time::from_secs(1320.0)));
    // Ten for the hour, two from 5 min on, eight from 27 to 43 min.
    let hours = 10.0 + 2.0 * 55.0 / 60.0 + 8.0 * 16.0 / 60.0;
    assert!(
        (outcome.money.cores - hours).abs() < 1e-9,
        "{} for {hours}",
        outcome.money.cores
    );
    // Nobody gets in between the loss and the takeover.
    let (_, story) = watch(&s, &options(0, &[policy(&s, "p")]));
    let done = |from: f64, until: f64| {
        let inside = |d: &Time| *d > Time::from_secs(from) && *d <= Time::from_secs(until);
        story.done.iter().filter(|d| inside(&d.0.at) && !d.3).count()
    };
    assert_eq!(done(1200.0, 1320.0), 0);
    assert!(done(1320.0, 1620.0) > 100);
}

#[test]
fn a_failover_that_takes_the_place_of_another_keeps_its_own_cores_ready() {
    let to_b = |at: &str, standby: &str| {
        format!(
            r#"(at: "{at}", act: Failover(services: ["ent"], to: "b", detection: Deterministic("2 min"), takes: Deterministic("1 h"),
            standby: "{standby}")),"#
        )
    };
    // b has 14 cores: eight of them twice would not fit, nor do two more before the host is back.
    let made = |acts: &str| {
        let s = busy(TWO, "host: \"a\",", 3.0, acts, FIRE);
        let (outcome, seen) = cores(&s, &[policy(&s, "p")]);
        (outcome.money.cores, seen)
    };
    let [once, twice, none] = ["", "80 %", "0 %"].map(|then| {
        let then = if then.is_empty() {
            String::new()
        } else {
            to_b("10 min", then)
        };
        made(&(to_b("5 min", "80 %") + &then))
    });
    let costs = |(euros, _): &(f64, Vec<(f64, f64)>), hours: f64| (euros - hours).abs() < 1e-9;
    assert_eq!(once.1, [(1200.0, 0.0), (1320.0, 8.0), (2400.0, 10.0)]);
    assert!(
        costs(&once, 10.0 + 8.0 * 55.0 / 60.0) && costs(&twice, once.0) && twice.1 == once.1,
        "{twice:?}"
    );
    assert!(
        costs(&none, 10.0 + 8.0 * 5.0 / 60.0) && none.1 == [(1200.0, 0.0), (2400.0, 10.0)],
        "{none:?}"
    );
}

/// Four of ten cores are given back at 6 min.
const SHRINK: &str = r#"(at: "5 min", act: Autoscale(
    services: ["ent"], signal: Utilisation(above: "99 %", below: "98 %"), look: "1 min", step: Cores(4),
    delivery: (drain: "0 s"), cooldown: "1 h", ceiling: 1.0, floor: 0.6,
)),"#;

#[test]
fn what_was_given_back_is_not_lost_with_its_host() {
    let takeover = r#"(act: Failover(services: ["ent"], to: "b", detection: Deterministic("2 min"), takes: Deterministic("5 min"))),"#;
    let s = busy(TWO, "host: \"a\",", 3.0, &format!("{SHRINK}{takeover}"), FIRE);
    let (outcome, seen) = cores(&s, &[policy(&s, "p")]);
    assert_eq!(seen[..3], [(360.0, 6.0), (1200.0, 0.0), (1620.0, 6.0)]);
    // Ten until 6 min, then six, and six more from 27 to 40 min.
    let hours = 10.0 * 0.1 + 6.0 * 0.9 + 6.0 * 13.0 / 60.0;
    assert!((outcome.money.cores - hours).abs() < 1e-9, "{}", outcome.money.cores);
}

#[test]
fn what_hosts_do_not_bound_makes_no_room_on_them() {
    let more = r#"(at: "10 min", act: ScaleCapacity(services: ["ent"], factor: 3)),"#;
    let order = r#"(at: "20 min", act: PreWarm(services: ["ent"], factor: 2, delivery: (boot: Deterministic("2 min"), warm_up: "0 s")))"#;
    let s = busy(
        "\"a\": (cores: 11)",
        "host: \"a\",",
        3.0,
        &format!("{SHRINK}{more}{order}"),
        "",
    );
    let (_, seen) = cores(&s, &[policy(&s, "p")]);
    // Of eleven cores ten were given and four of them came back, so that five are free, before and after.
    assert_eq!(seen, [(360.0, 6.0), (600.0, 18.0), (1320.0, 23.0)]);
}

#[test]
fn an_order_that_is_over_at_once_costs_nothing() {
    let act = r#"(at: "10 min", act: PreWarm(services: ["ent"], factor: 1.5, lasting: "0 s",
        delivery: (boot: Deterministic("2 min"), warm_up: "3 min", drain: "0 s")))"#;
    let s = busy("", "", 14.0, act, "");
    let (outcome, seen) = cores(&s, &[policy(&s, "p")]);
    assert_eq!(seen, [(600.0, 10.0)]);
    assert!((outcome.money.cores - 10.0).abs() < 1e-9, "{}", outcome.money.cores);
}

#[test]
fn failover_takes_no_more_than_is_free() {
    let act = r#"(act: Failover(services: ["ent"], to: "b", detection: Deterministic("2 min"), takes: Deterministic("5 min")))"#;
    let s = busy(TWO, ON_TWO, 3.0, act, FIRE);
    let (_, seen) = cores(&s, &[policy(&s, "p")]);
    // Six are lost; b has 14, 4 of them its own share: all six fit. With 7 only three do.
    assert_eq!(seen[1], (1620.0, 10.0));
    let small = busy(&TWO.replace("14", "7"), ON_TWO, 3.0, act, FIRE);
    assert_eq!(cores(&small, &[policy(&small, "p")]).1[1], (1620.0, 7.0));
}

#[test]
fn a_triggered_act_comes_and_goes() {
    // 14 wanted of 10 cores from the start; a flood of arrivals ends when the rate is scaled down by shedding nobody.
    let act = r#"(act: Triggered(services: ["ent"], signal: Utilisation(above: "90 %", below: "50 %"), lasting: "2 min",
        look: "1 min", act: ScaleCapacity(factor: 4.0), undo: ScaleCapacity(factor: 0.25)))"#;
    let s = busy("", "", 14.0, act, "");
    let (_, seen) = cores(&s, &[policy(&s, "p")]);
    // High at 1, 2 and 3 min; then 14 of 40 is low at 4, 5 and 6, and so on every three minutes.
    let expected: Vec<(f64, f64)> = (1..=20)
        .map(|k| (180.0 * f64::from(k), if k % 2 == 1 { 40.0 } else { 10.0 }))
        .collect();
    // The fluid's noise may delay a look now and then, so only the first swings are exact.
    assert_eq!(seen[..4], expected[..4]);
}

#[test]
fn a_triggered_act_that_is_pulled_again_is_still_undone() {
    let twice = r#"incidents: {"twice": (waves: [("0 s", "1 s"), ("4 min", "5 min")], kind: PolicyChange(act:
        Triggered(services: ["ent"], signal: Utilisation(above: "90 %", below: "50 %"), lasting: "2 min",
            look: "1 min", act: ScaleCapacity(factor: 4.0), undo: ScaleCapacity(factor: 0.25)))),
    },"#;
    let (_, seen) = cores(&busy("", "", 14.0, "", twice), &[]);
    // High at 1, 2 and 3 min, low at 5, 6 and 7, high at 8, 9 and 10.
    assert_eq!(seen[..3], [(180.0, 40.0), (420.0, 10.0), (600.0, 40.0)]);
}

#[test]
fn load_sheds_levels_in_order() {
    let mut s = model("small");
    s.incidents.clear();
    let acts = text_acts(
        r#"ShedByLoad(services: ["ent-idf"], look: "1 min", steps: [
            (who: (levels: [primary]), above: "60 %", below: "30 %"), (who: (levels: [college]), above: "80 %", below: "50 %")])"#,
    );
    s.policies.push(Policy {
        key: "p".into(),
        name: String::new(),
        acts,
        fixed_cost: 0.0,
    });
    let (outcome, story) = watch(&s, &options(0, &[policy(&s, "p")]));
    let first = |key: &str| {
        let c = common::cohort(&s, key);
        let blocked = story
            .refused
            .iter()
            .filter(|r| r.why == Refusal::Blocked && r.cohort == c);
        blocked.map(|r| r.at).min()
    };
    let (primary, college) = (first("idf-primary"), first("idf-college"));
    assert!(
        primary.is_some() && primary < college.or(Some(Time::MAX)),
        "{primary:?} {college:?}"
    );
    assert_eq!(first("idf-teacher"), None);
    assert_eq!(first("idf-lycee"), None);
    assert_eq!(
        outcome.services[common::service(&s, "cned").index()].refused[Refusal::Blocked as usize],
        0
    );
    // Whoever was shed is let in again by the same lever pulled anew, whenever that is: one look is missed then.
    for minutes in [205.0, 215.0, 225.0, 300.0] {
        let mut twice = s.clone();
        let acts = &mut twice.policies.last_mut().expect("it was added").acts;
        acts.push((Time::from_secs(60.0 * minutes), acts[0].1.clone()));
        let again = play(&twice, &options(0, &[policy(&s, "p")]));
        let [blocked, once] = [&again, &outcome].map(|o| o.services[0].refused[Refusal::Blocked as usize]);
        assert!(10 * blocked < 13 * once, "{minutes} min: {blocked} and {once}");
    }
}

/// An act of the small country, from its text.
fn text_acts(act: &str) -> Vec<(Time, Act)> {
    let with = common::model_with("small", &[&format!("policies.capacity.acts=[(act: {act})]")]);
    with.policies[policy(&with, "capacity").index()].acts.clone()
}

/// What never acts changes nothing, to the last bit.
#[test]
fn a_lever_that_never_acts_leaves_the_run_as_it_was() {
    let s = model("small");
    let before = play(&s, &options(0, &[]));
    for act in [
        r#"Autoscale(services: ["*"], signal: Utilisation(above: "100 %", below: "0 %"), look: "17 s", step: Cores(4), ceiling: 3.0)"#,
        r#"Autoscale(services: ["*"], signal: Utilisation(above: "1 %", below: "0 %"), look: "17 s", step: Cores(4), ceiling: 1.0)"#,
        r#"Triggered(services: ["*"], signal: Backlog(above: 100000, below: 0), look: "13 s", act: Degrade(work: "50 %"))"#,
        r#"Triggered(services: ["*"], signal: Waiting(above: 100000, below: 0), look: "13 s", act: Degrade(work: "50 %"))"#,
        r#"Triggered(services: ["*"], signal: Refused(above: "100000 /s", below: "0 /s"), look: "13 s", act: Degrade(work: "50 %"))"#,
        r#"Triggered(services: ["*"], signal: PageLatency(above: "1 h", below: "0 s"), look: "13 s", act: Degrade(work: "50 %"))"#,
        r#"Triggered(services: ["*"], signal: LinkLoss(above: "100 %", below: "0 %"), look: "13 s", act: Degrade(work: "50 %"))"#,
        r#"ShedByLoad(services: ["*"], look: "11 s", steps: [(who: (levels: [parent]), above: "100 %", below: "10 %")])"#,
        r#"Failover(services: ["*"], to: "paris", detection: Deterministic("1 min"), takes: Deterministic("1 min"))"#,
    ] {
        let mut with = s.clone();
        let acts = text_acts(act);
        let id = common::add_policy(&mut with, acts);
        let after = play(&with, &options(0, &[id]));
        assert_eq!(before.fingerprint, after.fingerprint, "{act}");
        assert_eq!(common::books(&before), common::books(&after), "{act}");
        assert_eq!(after.first_act[0].1, None, "{act}");
    }
    // Those that act at an instant: not before it.
    for act in [
        r#"PreWarm(services: ["*"], factor: 2.0)"#,
        r#"ConcurrencyLimit(services: ["*"], limit: (law: Aimd()))"#,
        r#"PerClientLimit(services: ["*"], each: (rate: "1 /min"))"#,
        r#"Restore(services: ["*"])"#,
    ] {
        let mut with = s.clone();
        let late = s.clock.end + preau::engine::Span::from_secs(1.0);
        let acts = text_acts(act).into_iter().map(|(_, act)| (late, act)).collect();
        let id = common::add_policy(&mut with, acts);
        assert_eq!(before.fingerprint, play(&with, &options(0, &[id])).fingerprint, "{act}");
    }
}

#[test]
fn restoring_takes_a_degradation_back() {
    let act = r#"(at: "10 min", act: Degrade(services: ["ent"], work: "50 %")), (at: "30 min", act: Restore(services: ["ent"]))"#;
    let s = busy("", "", 9.0, act, "");
    let bins = &play(&s, &options(0, &[policy(&s, "p")])).series.services[0];
    let mean = |range: std::ops::Range<usize>| {
        let n = range.len() as f64;
        bins[range].iter().map(|b| b.utilisation).sum::<f64>() / n
    };
    let (half, whole) = (mean(12..30), mean(32..60));
    assert!(
        (half - 0.45).abs() < 0.05 && (whole - 0.9).abs() < 0.09,
        "{half} {whole}"
    );
}

fn story(s: &Scenario, id: PolicyId) -> (Outcome, Story) {
    watch(s, &options(0, &[id]))
}

#[test]
fn a_limit_on_logins_holds() {
    let act =
        r#"(at: "10 min", act: ConcurrencyLimit(services: ["ent"], limit: (law: Aimd(initial: 12, min: 1, max: 12))))"#;
    let s = busy("", "", 14.0, act, "");
    let alone = play(&s, &options(0, &[]));
    let (outcome, _) = story(&s, policy(&s, "p"));
    let most = |o: &Outcome| o.series.services[0][12..].iter().map(|b| b.in_service).max();
    assert_eq!((most(&alone), most(&outcome)), (Some(50), Some(12)));
    // Before it, the same; after it, logins are as many (the cores are busy either way) and done sooner.
    for (a, b) in alone.series.services[0][..10].iter().zip(&outcome.series.services[0]) {
        assert_eq!((a.knocks, a.logins, a.in_service), (b.knocks, b.logins, b.in_service));
    }
    let (a, b) = (alone.services[0].logins as f64, outcome.services[0].logins as f64);
    assert!((a - b).abs() < 4.0 * (2.0 * a).sqrt(), "{a} logins became {b}");
}

#[test]
fn an_address_gets_its_rate_and_no_more() {
    let knocking = |act: &str, incidents: &str| {
        text(&format!(
            r#"(
                clock: (end: "4 h", bin: "1 min"),
                services: {{"ent": (station: (cores: 1, threads: 1, backlog: 0, work: Exponential(mean: "1000 h")))}},
                habits: {{"keen": (retries: [(share: "100 %", delay: Deterministic("10 s"))], max_tries: 60)}},
                cohorts: {{"pupils": (habit: "keen", arrivals: Poisson(rate: "0.02 /s"), duration: Deterministic("5 min"))}},
                incidents: {{{incidents}}},
                policies: {{"p": (acts: [{act}])}},
            )"#
        ))
    };
    // A station that is always full: everybody knocks sixty times, every ten seconds. One a minute is let through to it.
    let act = r#"(act: PerClientLimit(services: ["ent"], each: (rate: "1 /min")))"#;
    let s = knocking(act, "");
    let (outcome, _) = story(&s, policy(&s, "p"));
    let refused = &outcome.services[0].refused;
    let (full, limited) = (refused[Refusal::Full as usize], refused[Refusal::Limited as usize]);
    let ratio = limited as f64 / full as f64;
    println!("{limited} limited, {full} full");
    assert!((ratio - 5.0).abs() < 0.05, "{ratio}: five of six are too early");
    // A flood of 300 addresses is 5 /s instead of 100.
    let flood = r#""f": (kind: ApplicationFlood(service: "ent", rate: "100 /s", work: "1 ms", sources: 300), waves: [("1 h", "2 h")])"#;
    let s = knocking(act, flood);
    let (outcome, _) = story(&s, policy(&s, "p"));
    let bins = &outcome.series.services[0];
    assert!(
        bins[61..119].iter().all(|b| (b.flood - 5.0).abs() < 1e-9),
        "{}",
        bins[80].flood
    );
    let alone = play(&s, &options(0, &[]));
    assert!(alone.series.services[0][61..119].iter().all(|b| b.flood == 100.0));
    assert_eq!(alone.services[0].refused[Refusal::Limited as usize], 0);
    // Refused at 10 s, an address is shut out for 100 s: one knock of eleven is let through.
    let act = r#"(act: PerClientLimit(services: ["ent"], each: (rate: "1 /min", penalty: "99 s")))"#;
    let s = knocking(act, flood);
    let (outcome, _) = story(&s, policy(&s, "p"));
    let refused = &outcome.services[0].refused;
    let (full, limited) = (refused[Refusal::Full as usize], refused[Refusal::Limited as usize]);
    let ratio = limited as f64 / full as f64;
    // Sixty knocks are five rounds of eleven and five more, of which one passes: 54 to 6.
    assert!((ratio - 9.0).abs() < 0.05, "{ratio}");
    // Each of 300 addresses sends one in 3 s. It spends the one token it finds in 1/(1/3 - 1/60) s and is shut out for 99 s.
    let spent = 1.0 / (1.0 / 3.0 - 1.0 / 60.0);
    let passes = 100.0 * spent / (spent + 99.0);
    let bins = &outcome.series.services[0];
    assert!(
        bins[61..119].iter().all(|b| (b.flood - passes).abs() < 1e-9),
        "{} for {passes}",
        bins[80].flood
    );
}

fn attacked(defence: &str, waves: &str, end: &str) -> Scenario {
    text(&format!(
        r#"(
            clock: (end: "{end}", bin: "1 min"),
            services: {{"ent": (station: (cores: 100, work: Exponential(mean: "1 s")))}},
            habits: {{"once": ()}},
            cohorts: {{"pupils": (habit: "once", arrivals: Poisson(rate: "1 /min"), duration: Deterministic("5 min"))}},
            incidents: {{"f": (kind: ApplicationFlood(service: "ent", rate: "100 /s", work: "1 ms"), waves: [{waves}], defence: ({defence}))}},
        )"#
    ))
}

/// Alternating renewal: scrubbed for E[retool] of every E[retool] + E[detection].
#[test]
fn an_attacker_that_changes_its_tool_escapes_part_of_the_time() {
    let s = attacked(
        r#"detection: Exponential(mean: "6 min"), efficacy: "100 %", retool: Exponential(mean: "10 min")"#,
        r#"("0 s", "40 h")"#,
        "40 h",
    );
    let shares: Vec<f64> = (0..20)
        .map(|r| {
            let bins = &play(&s, &options(r, &[])).series.services[0];
            // The first ten hours are thrown away: it begins unscrubbed.
            let seen = &bins[600..];
            seen.iter().filter(|b| b.flood == 0.0).count() as f64 / seen.len() as f64
        })
        .collect();
    let (mean, error) = common::mean_error(&shares);
    println!("scrubbed share {mean:.4} ± {error:.4}, exact 0.625");
    assert!((mean - 0.625).abs() < 4.0 * error, "{mean} ± {error}");
    // With fixed times the cycle is exact: six minutes on, ten off.
    let fixed = s.clone();
    let mut fixed = fixed;
    let defence = fixed.incidents[0].defence.as_mut().unwrap();
    defence.detection = preau::engine::Distribution::Deterministic { value: 360.0 };
    defence.retool = Some(preau::engine::Distribution::Deterministic { value: 600.0 });
    let bins = &play(&fixed, &options(0, &[])).series.services[0];
    for (i, b) in bins[..960].iter().enumerate() {
        // A bin shows what was at its end.
        let scrubbed = (i + 1) % 16 >= 6;
        if (i + 1) % 16 != 6 && (i + 1) % 16 != 0 {
            assert_eq!(b.flood == 0.0, scrubbed, "minute {i}");
        }
    }
}

/// A pulse of length w is scrubbed for E[(w − D)+] of it; a fixed delay longer than the pulse never acts.
#[test]
fn pulses_shorter_than_the_detection_are_never_scrubbed() {
    let pulses: Vec<String> = (0..150)
        .map(|k| format!("(\"{} min\", \"{} min\")", 20 * k, 20 * k + 10))
        .collect();
    let waves = pulses.join(", ");
    let never = attacked(
        r#"detection: Deterministic("11 min"), efficacy: "100 %""#,
        &waves,
        "50 h",
    );
    let on = |s: &Scenario, r: u64| {
        let bins = play(s, &options(r, &[])).series.services.remove(0);
        let ends: Vec<f64> = bins
            .iter()
            .enumerate()
            .filter(|(i, _)| (i + 1) % 20 == 9)
            .map(|(_, b)| b.flood)
            .collect();
        assert_eq!(ends.len(), 150);
        ends.iter().filter(|f| **f > 0.0).count()
    };
    assert_eq!(on(&never, 0), 150);
    // Exponential with mean 9 min: at nine minutes into the pulse exp(−1) are not detected yet.
    let some = attacked(
        r#"detection: Exponential(mean: "9 min"), efficacy: "100 %""#,
        &waves,
        "50 h",
    );
    let alive: usize = (0..10).map(|r| on(&some, r)).sum();
    let (n, p) = (1500.0, (-1.0_f64).exp());
    let z = (alive as f64 - n * p) / (n * p * (1.0 - p)).sqrt();
    println!("{alive} of 1500 pulses still on, z = {z:.2}");
    assert!(z.abs() < 4.0);
}

/// Wrongly blocked people are the same under every wave.
#[test]
fn the_same_people_are_blocked_in_every_wave() {
    let s = text(
        r#"(
            clock: (end: "3 h"),
            services: {"ent": (station: (cores: 100, work: Exponential(mean: "1 s")))},
            habits: {"once": ()},
            timetables: {"twice": [(share: "100 %", at: "30 min", spread: Uniform(low: "0 s", high: "10 min")), (share: "100 %", at: "2 h", spread: Uniform(low: "0 s", high: "10 min"))]},
            cohorts: {"pupils": (people: 2000, habit: "once", arrivals: Timetable("twice"), duration: Deterministic("1 min"))},
            incidents: {"f": (kind: ApplicationFlood(service: "ent", rate: "100 /s", work: "1 ms"), waves: [("20 min", "1 h"), ("110 min", "170 min")],
                defence: (detection: Deterministic("1 min"), efficacy: "100 %", false_positives: "20 %"))},
        )"#,
    );
    let (_, story) = watch(&s, &options(0, &[]));
    let wave = |from: f64, until: f64| {
        let inside = |t: Time| t > Time::from_secs(from) && t < Time::from_secs(until);
        let blocked = story
            .refused
            .iter()
            .filter(|r| r.why == Refusal::Blocked && inside(r.at));
        let mut who: Vec<u32> = blocked.map(|r| r.person).collect();
        who.sort_unstable();
        who.dedup();
        who
    };
    let (first, second) = (wave(1260.0, 3600.0), wave(6660.0, 10200.0));
    assert_eq!(first, second);
    let z = (first.len() as f64 - 400.0) / (2000.0_f64 * 0.16).sqrt();
    assert!(z.abs() < 4.0, "{} of 2000", first.len());
}
