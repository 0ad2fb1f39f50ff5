//! Each setting of a gate does what it should and nothing else, against exact values.

mod common;

use common::{Story, mean_error, model, options, play, policy, service, text, watch};
use preau::engine::Time;
use preau::measure::Refusal;
use preau::scenario::model::*;
use preau::scenario::{Source, load};
use std::collections::BTreeSet;

/// One service behind a gate. Its sessions load nothing, its logins take no time.
fn gate(quota: &str, rest: &str) -> String {
    format!(
        "(name: \"gate\", clock: (end: \"4000 s\", bin: \"10 s\"), services: {{\"s\": (station: (), quota: ({quota}), \
         session: ())}}, routes: {{\"r\": (steps: [\"s\"])}}, {rest})"
    )
}

/// People who come at these seconds, want this many seconds, and have this habit.
fn people_at(seconds: &[f64], wanted: &str, habit: &str) -> String {
    let share = 100.0 / seconds.len() as f64;
    let wave = |t: &f64| format!("(share: \"{share} %\", at: \"{t} s\", spread: Deterministic(\"0 s\"))");
    let waves: Vec<String> = seconds.iter().map(wave).collect();
    format!(
        "habits: {{\"h\": ({habit})}}, cohorts: {{\"c\": (people: {}, connects: \"100 %\", habit: \"h\", \
         routes: [(share: \"100 %\", route: \"r\")], arrivals: Crowd([{}]), duration: {wanted})}},",
        seconds.len(),
        waves.join(", ")
    )
}

fn stream(rate: f64, wanted: &str) -> String {
    format!(
        "habits: {{\"h\": ()}}, cohorts: {{\"c\": (habit: \"h\", routes: [(share: \"100 %\", route: \"r\")], \
         arrivals: Poisson(rate: \"{rate} /s\"), duration: {wanted})}},"
    )
}

/// Seconds at which logins begin.
fn starts(story: &Story) -> Vec<f64> {
    story.starts.iter().map(|(deed, _)| deed.at.as_secs()).collect()
}

/// Seats at the end of each bin.
fn seats(quota: &str, rest: &str) -> Vec<u64> {
    let outcome = play(&text(&gate(quota, rest)), &options(0, &[]));
    outcome.series.services[0].iter().map(|b| b.seats).collect()
}

const HOUR: &str = "Deterministic(\"1 h\")";

#[test]
fn a_room_before_c_seats_is_the_queue_mmc() {
    let quota = |more: &str| format!("max_sessions: 10, order: Fifo(){more}");
    let rest = stream(9.0, "Exponential(mean: \"1 s\")");
    let (plain, kept) = (
        text(&gate(&quota(""), &rest)),
        text(&gate(&quota(", grace: \"5 min\", no_show: Blocks"), &rest)),
    );
    let mut waits = Vec::new();
    for replication in 0..12 {
        let (a, b) = (
            play(&plain, &options(replication, &[])),
            play(&kept, &options(replication, &[])),
        );
        // Where nobody leaves, keeping places changes nothing.
        assert_eq!(a.fingerprint, b.fingerprint);
        waits.push(a.cohorts[0].waits.mean().expect("waits"));
    }
    let (mean, error) = mean_error(&waits);
    // Erlang's C for c = 10, λ = 9, μ = 1.
    assert!(((mean - 0.668_73) / error).abs() < 4.0, "{mean} ± {error}");
}

#[test]
fn a_counter_serves_by_the_minute() {
    let quota = "admissions: (count: 3, period: \"1 min\", window: Counter), order: Fifo()";
    let mut at = vec![1.0; 10];
    at.extend(vec![630.0; 15]);
    let outage = "incidents: {\"o\": (kind: ServiceOutage(service: \"s\"), waves: [(\"90 s\", \"150 s\")])},";
    let rest = people_at(&at, "Deterministic(\"1 s\")", "") + outage;
    let (_, story) = watch(&text(&gate(quota, &rest)), &options(0, &[]));
    // Not at 120 s: the service is down. From 300 s on nobody waits: two of its three positions and 15 more are kept.
    let mut expected = vec![60.0, 60.0, 60.0, 180.0, 180.0, 180.0, 240.0, 240.0, 240.0, 300.0];
    expected.extend(vec![630.0; 15]);
    assert_eq!(starts(&story), expected);
}

#[test]
fn phantoms_take_their_share_of_the_admissions() {
    let quota = "admissions: (count: 60, period: \"1 min\", window: Paced), order: Fifo(bucket: \"1 min\"), \
                 grace: \"1 d\", phantoms: \"3 /s\"";
    let scenario = text(&gate(quota, &stream(1.0, HOUR)));
    let logins: Vec<f64> = (0..12)
        .map(|i| play(&scenario, &options(i, &[])).services[0].logins as f64)
        .collect();
    let (mean, error) = mean_error(&logins);
    // Of four members three are phantoms: a quarter of one admission a second for 4000 s.
    assert!(((mean - 1000.0) / error).abs() < 4.0, "{mean} ± {error}");
    // Of the first K members in order, phantoms even and people Poisson, R are people with variance 9 K / 64.
    assert!(error > 4.0 && error < 12.0, "{error}");
}

#[test]
fn phantoms_block_buckets_while_seats_are_free() {
    let quota =
        "max_sessions: 1000, order: Fifo(bucket: \"1 min\"), grace: \"5 min\", no_show: Blocks, phantoms: \"1 /s\"";
    let rest = people_at(&[30.5, 70.5, 130.5, 185.5], HOUR, "");
    let (_, story) = watch(&text(&gate(quota, &rest)), &options(0, &[]));
    // The first has absent people of its own minute before it; each other waits until the last phantom of the minute
    // before has not asked for five minutes.
    assert_eq!(starts(&story), [30.5, 359.0, 419.0, 479.0]);
    let outcome = play(&text(&gate(quota, &rest)), &options(0, &[]));
    assert!(outcome.series.services[0].iter().all(|b| b.seats <= 4));
}

#[test]
fn who_is_called_and_has_left_holds_the_seat_until_grace_ends() {
    let quota = |more: &str| format!("max_sessions: 1, order: Fifo(), poll: \"60 s\"{more}");
    let rest = people_at(
        &[0.0, 1.0],
        "Deterministic(\"95 s\")",
        "patience: Deterministic(\"100 s\")",
    );
    let (plain, story) = watch(&text(&gate(&quota(""), &rest)), &options(0, &[]));
    assert_eq!((starts(&story), plain.services[0].refusals()), (vec![0.0, 121.0], 0));
    // Called at 95 s, gone at 101 s, asked last at 61 s.
    for (no_show, freed) in [("Holds", 361.0), ("Returned", 401.0), ("Wasted", 4010.0)] {
        let quota = quota(&format!(", grace: \"300 s\", no_show: {no_show}"));
        let (outcome, story) = watch(&text(&gate(&quota, &rest)), &options(0, &[]));
        assert_eq!(starts(&story), [0.0]);
        assert_eq!(outcome.services[0].refused[Refusal::Reneged as usize], 1);
        let bins = &outcome.series.services[0];
        for (i, bin) in bins.iter().enumerate() {
            let end = 10.0 * (i + 1) as f64;
            assert_eq!(bin.seats, u64::from(end < freed), "{no_show}: {end}");
        }
    }
}

#[test]
fn a_cap_acts_when_it_is_read() {
    let policies = "policies: {\"p\": (acts: [(at: \"1005 s\", act: ScaleQuota(services: [\"s\"], factor: 2))])},";
    let rest = stream(0.1, HOUR) + policies;
    let caps = |more: &str| {
        let scenario = text(&gate(&format!("max_sessions: 50{more}"), &rest));
        let outcome = play(&scenario, &options(0, &[policy(&scenario, "p")]));
        let caps: Vec<u64> = outcome.series.services[0].iter().map(|b| b.cap).collect();
        caps.iter().position(|cap| *cap == 100)
    };
    // Bins end at 10 s times one more than their number; what is read at 1200 s acts at the end of that which ends then.
    assert_eq!(caps(""), Some(100));
    assert_eq!(caps(", reread: \"300 s\""), Some(119));
}

#[test]
fn seats_are_freed_by_the_grain_and_by_the_rule_of_the_hour() {
    let quota = |more: &str| format!("max_sessions: 5, seat: Sliding(idle: \"100 s\"){more}");
    let people = people_at(&[0.0], "Deterministic(\"50 s\")", "");
    let last = |seats: Vec<u64>| seats.iter().rposition(|n| *n > 0).map(|i| 10 * (i + 1));
    assert_eq!(last(seats(&quota(""), &people)), Some(140));
    assert_eq!(last(seats(&quota(", grain: \"180 s\""), &people)), Some(170));
    let act = |at: &str| {
        format!(
            "incidents: {{\"i\": (kind: PolicyChange(act: SetSession(services: [\"s\"], seat: Sliding(idle: \"20 s\"))), \
             waves: [(\"{at} s\", \"3000 s\")])}},"
        )
    };
    assert_eq!(last(seats(&quota(""), &(people.clone() + &act("30")))), Some(60));
    // Who has left already keeps the seat as it was promised.
    assert_eq!(last(seats(&quota(""), &(people + &act("60")))), Some(140));
}

#[test]
fn sites_pass_the_cap_by_what_they_do_not_know() {
    let quota = |more: &str| format!("max_sessions: 1000{more}");
    let rest = stream(20.0, HOUR);
    let exact = seats(&quota(", sites: (count: 1, lag: \"30 s\")"), &rest);
    assert_eq!(exact, seats(&quota(""), &rest));
    assert_eq!(exact.iter().max(), Some(&1000));
    let lagged = seats(&quota(", sites: (count: 4, lag: \"30 s\")"), &rest);
    let most = *lagged.iter().max().unwrap();
    // Arrivals at the other sites within a lag, 3/4 · 20 · 30, and four standard deviations.
    let bound = 450.0 + 4.0 * 450.0_f64.sqrt();
    assert!(most > 1000 && (most - 1000) as f64 <= bound, "{most}");
}

#[test]
fn the_same_people_pass_by() {
    let quota = |more: &str| format!("max_sessions: 0{more}");
    let at: Vec<f64> = (0..1000).map(|i| f64::from(i % 2) * 2000.0).collect();
    let once = people_at(&at[..1], "Deterministic(\"60 s\")", "");
    let waves = "Crowd([(share: \"100 %\", at: \"0 s\", spread: Deterministic(\"0 s\")), \
                 (share: \"100 %\", at: \"2000 s\", spread: Deterministic(\"0 s\"))])";
    let begin = once.find("Crowd(").unwrap();
    let end = once.find(", duration").unwrap();
    let rest = format!("{}{waves}{}", &once[..begin], &once[end..]).replace("people: 1,", "people: 4000,");
    let (none, _) = watch(&text(&gate(&quota(""), &rest)), &options(0, &[]));
    assert_eq!(none.services[0].logins, 0);
    let (outcome, story) = watch(
        &text(&gate(&quota(", bypass_share: \"30 %\""), &rest)),
        &options(0, &[]),
    );
    let of = |early: bool| -> BTreeSet<u32> {
        let deeds = story.starts.iter().map(|(deed, _)| deed);
        deeds
            .filter(|d| (d.at < Time::from_secs(1000.0)) == early)
            .map(|d| d.person)
            .collect()
    };
    assert_eq!(of(true), of(false));
    let z = (of(true).len() as f64 - 1200.0) / (4000.0_f64 * 0.3 * 0.7).sqrt();
    assert!(z.abs() < 4.0, "{z}");
    assert!(outcome.series.services[0].iter().all(|b| b.seats == 0));
}

#[test]
fn who_has_a_pass_does_not_queue_again() {
    let quota = |more: &str| {
        format!("max_sessions: 1, order: Fifo(), seat: Fixed(length: \"600 s\", logout_share: \"100 %\"){more}")
    };
    let rest = people_at(&[0.0, 1.0], "Deterministic(\"1500 s\")", "");
    let (_, story) = watch(&text(&gate(&quota(""), &rest)), &options(0, &[]));
    assert_eq!(starts(&story), [0.0, 600.0, 1200.0, 1800.0, 2400.0, 2700.0]);
    let (_, story) = watch(&text(&gate(&quota(", pass: \"45 min\""), &rest)), &options(0, &[]));
    assert_eq!(starts(&story), [0.0, 600.0, 1200.0, 1500.0, 2100.0, 2700.0]);
}

#[test]
fn a_token_of_fixed_life_is_not_prolonged_by_use() {
    // One wants 300 s and the other, ten seconds later, 50; a session lasts 100 s at most, and a pass as long.
    let one = |key: &str, at: u32, wanted: u32| {
        format!(
            r#""{key}": (people: 1, routes: [(route: "r")], duration: Deterministic("{wanted} s"),
                arrivals: Crowd([(at: "{at} s", spread: Deterministic("0 s"))])),"#
        )
    };
    let quota = |pass: &str| {
        format!(
            r#"max_sessions: 1, order: Fifo(), seat: Fixed(length: "100 s", logout_share: "100 %"), pass: "{pass}""#
        )
    };
    let rest = format!("cohorts: {{{}{}}},", one("long", 0, 300), one("short", 10, 50));
    let begun = |pass: &str| starts(&watch(&text(&gate(&quota(pass), &rest)), &options(0, &[])).1);
    // Put out at 100 s, the first stands behind the second; at 250 s there is nobody to stand behind.
    assert_eq!(begun("100 s"), [0.0, 100.0, 150.0, 250.0]);
    // A pass that outlives the session brings it straight back, once: it was given at the admission.
    assert_eq!(begun("101 s"), [0.0, 100.0, 200.0, 250.0]);
}

#[test]
fn a_prequeue_admits_nobody_before_its_end() {
    let quota = "max_sessions: 100, order: Fifo(), prequeue: (from: \"10 s\", until: \"100 s\", shuffle: true)";
    let rest = people_at(&[5.0, 10.0, 50.0, 99.0, 100.0, 150.0], HOUR, "");
    let (_, story) = watch(&text(&gate(quota, &rest)), &options(0, &[]));
    assert_eq!(starts(&story), [5.0, 100.0, 100.0, 100.0, 100.0, 150.0]);
}

#[test]
fn a_room_answers_as_many_pages_as_it_can() {
    let model = |more: &str| gate(&format!("max_sessions: 0{more}"), &stream(50.0, HOUR)).replace("10 s", "300 s");
    let plain = play(&text(&model("")), &options(0, &[]));
    let (mut full, mut shares) = (0.0, Vec::new());
    for replication in 0..12 {
        let outcome = play(&text(&model(", capacity: \"20 /s\"")), &options(replication, &[]));
        let t = &outcome.services[0];
        full += t.refused[Refusal::Full as usize] as f64;
        shares.push(t.refused[Refusal::Full as usize] as f64 / t.knocks as f64);
        assert_eq!(t.refusals(), t.knocks);
    }
    assert_eq!(plain.services[0].refused[Refusal::Full as usize], 0);
    assert!(full > 0.0);
    let (mean, error) = mean_error(&shares);
    // A tick of 10 s counts N knocks, Poisson of mean m = 500, and in the next 200/N are answered: E[1/N] is
    // 1/m + 1/m² + 2/m³ but for less than 1e-10. Nothing is lost in the first of 400 ticks.
    let m = 500.0_f64;
    let expected = (1.0 - 200.0 * (1.0 / m + 1.0 / m.powi(2) + 2.0 / m.powi(3))) * 399.0 / 400.0;
    assert!(
        ((mean - expected) / error).abs() < 4.0,
        "{mean} ± {error}, {expected} expected"
    );
}

/// A column of a service's bins.
type Count = fn(&preau::measure::Bin) -> u64;

/// People in pools meet the room's own servers as those do who knock one by one. (Which of two reasons a knock in vain
/// of a pool had is known by the bin only, so reasons are compared where their mix is steady; and who leaves a pool is
/// found at ticks, so that a few are unfinished at the end who had given up.)
#[test]
fn both_forms_of_the_orbit_meet_the_same_room() {
    let habit = "retries: [(share: \"100 %\", delay: Exponential(mean: \"20 s\"))], max_tries: 8";
    let rest = stream(5.0, "Deterministic(\"30 s\")").replace("\"h\": ()", &format!("\"h\": ({habit})"));
    let quota = "max_sessions: 60, capacity: \"8 /s\"";
    let scenario = text(&gate(quota, &rest).replace("10 s", "1000 s"));
    let runs: Vec<_> = (0..12)
        .map(|i| {
            let mut by_events = options(i, &[]);
            by_events.orbit = preau::world::Orbit::Events;
            [play(&scenario, &options(i, &[])), play(&scenario, &by_events)]
        })
        .collect();
    let of_bins = |run: &preau::measure::Outcome, count: Count| {
        let bins = run.series.services[0][1..].iter();
        bins.map(count).sum::<u64>() as f64
    };
    let counts: [(&str, Count); 4] = [
        ("knocks", |b| b.knocks),
        ("logins", |b| b.logins),
        ("full", |b| b.refused[Refusal::Full as usize]),
        ("quota", |b| b.refused[Refusal::Quota as usize]),
    ];
    for (what, count) in counts {
        let differences: Vec<f64> = runs
            .iter()
            .map(|[a, b]| of_bins(a, count) - of_bins(b, count))
            .collect();
        let (mean, error) = mean_error(&differences);
        let each = of_bins(&runs[0][0], count);
        assert!((mean / error).abs() < 4.0, "{what}: {mean} ± {error} of {each}");
        assert!(each > 1000.0, "{what}: {each}");
    }
}

/// Settings that have nothing to act on leave a whole morning as it was, event for event.
#[test]
fn settings_without_effect_change_nothing() {
    let base = model("small");
    let ent = service(&base, "ent-idf").index();
    let before = play(&base, &options(0, &[])).fingerprint;
    let mut s = base.clone();
    let quota = s.services[ent].quota.as_mut().unwrap();
    quota.reread = Some(preau::engine::Span::from_secs(300.0));
    quota.grain = Some(preau::engine::Span(1));
    quota.capacity = Some(1e12);
    quota.pass = None;
    quota.prequeue = Some(Prequeue {
        from: s.clock.end + preau::engine::Span(1),
        until: s.clock.end + preau::engine::Span(2),
        shuffle: true,
    });
    // The clock of the room rings for the prequeue alone, which is after the end.
    assert_eq!(play(&s, &options(0, &[])).fingerprint, before);
}

#[test]
fn presets_are_settings_with_a_name() {
    let quota = |q: &str| text(&gate(q, &stream(1.0, HOUR))).services[0].quota.clone().unwrap();
    let full = |q: &str| format!("{:?}", quota(q));
    assert_eq!(
        full("preset: \"cloudflare\", max_sessions: 9, admissions: (count: 7), poll: \"30 s\""),
        full(
            "max_sessions: 9, admissions: (count: 7, period: \"1 min\", window: Sliding), seat: Sliding(idle: \"5 min\"), \
             order: Fifo(bucket: \"1 min\"), poll: \"30 s\", pass: \"5 min\", grace: \"5 min\", no_show: Blocks"
        )
    );
    assert_eq!(
        full("preset: \"ode-2021\", max_sessions: 9"),
        full(
            "max_sessions: 9, counted_from: Login, order: Reject, seat: Sliding(idle: \"30 min\"), grain: \"3 min\", \
             reread: \"300 s\""
        )
    );
    let periodic = quota("preset: \"aws-periodic\", admissions: (count: 7), no_show: Returned");
    assert_eq!(periodic.admissions.map(|a| a.window), Some(Window::Counter));
    assert_eq!(periodic.no_show, NoShow::Returned);
    let wrong = |q: &str| {
        let source = Source::Text {
            name: "text".into(),
            text: gate(q, &stream(1.0, HOUR)),
        };
        load(&source, &[]).unwrap_err().to_string()
    };
    assert!(wrong("preset: \"queue-it\"").contains("no number of its own for `admissions`"));
    assert!(wrong("preset: \"cloudflair\", max_sessions: 1").contains("did you mean `cloudflare`"));
    assert!(wrong("max_sessions: 1, grace: \"1 min\"").contains("where nobody waits"));
    assert!(wrong("max_sessions: 1, order: Fifo(), phantoms: \"1 /s\"").contains("where no place is kept"));
    assert!(wrong("max_sessions: 1, capacity: \"1 /s\", page_work: \"1 ms\"").contains("not of both"));
    let shuffle = "max_sessions: 1, order: Lottery, prequeue: (from: \"2 s\", until: \"1 s\", shuffle: true)";
    assert!(wrong(shuffle).contains("not first come first served"));
    assert!(wrong(shuffle).contains("ends before it begins"));
}

/// Every preset runs through a morning with people who wait and leave; the books balance (checked by every run).
#[test]
fn every_preset_runs() {
    let base = model("small");
    let ent = service(&base, "ent-idf").index();
    for (preset, numbers) in [
        ("ode-2021", "max_sessions: 300"),
        ("cloudflare", "max_sessions: 300, admissions: (count: 40)"),
        ("queue-it", "admissions: (count: 40)"),
        ("aws-max-size", "max_sessions: 300"),
        ("aws-periodic", "admissions: (count: 40)"),
    ] {
        let mut s = base.clone();
        let given = text(&gate(&format!("preset: \"{preset}\", {numbers}"), &stream(1.0, HOUR)));
        s.services[ent].quota = given.services[0].quota.clone();
        let outcome = play(&s, &options(0, &[]));
        let t = &outcome.services[ent];
        assert!(t.logins > 100 && t.refusals() > 0, "{preset}: {} logins", t.logins);
    }
}

#[test]
fn a_gate_that_comes_late_seats_whoever_is_past_it_and_has_to_pass_it() {
    let refused = |work: &str, gate: &str, at: &str| {
        let scenario = text(&format!(
            r#"(
    name: "late", clock: (end: "3 h"),
    services: {{"s": (station: (cores: 100, work: Deterministic("{work}")), session: ())}},
    cohorts: {{
        "in": (level: teacher, people: 10, duration: Deterministic("2 h"), arrivals: Crowd([(share: "100 %", at: "15 min")])),
        "late": (level: college, people: 5, duration: Deterministic("10 min"), arrivals: Crowd([(share: "100 %", at: "40 min")])),
    }},
    policies: {{"q": (acts: [(at: "{at}", act: SetQuota(services: ["s"], quota: (max_sessions: 5, {gate})))])}},
)"#
        ));
        let outcome = play(&scenario, &options(0, &[policy(&scenario, "q")]));
        outcome.services[0].refused[Refusal::Quota as usize]
    };
    for at in ["0 s", "20 min"] {
        assert_eq!(
            refused("1 s", "bypass: [teacher]", at),
            0,
            "teachers take no seat, gate at {at}"
        );
    }
    assert_eq!(refused("1 s", "", "20 min"), 5, "those in session sit");
    // Their logins last from 15 to 25 min.
    assert_eq!(refused("10 min", "counted_from: Admission", "20 min"), 5);
    assert_eq!(
        refused("10 min", "counted_from: Login", "20 min"),
        5,
        "they sit once they are in"
    );
}

#[test]
fn sessions_of_those_who_pass_by_the_gate_do_not_expire() {
    let cut = |bypass: &str| {
        let gate = format!("max_sessions: 5, seat: Fixed(length: \"15 min\"), bypass: [{bypass}]");
        let scenario = text(&format!(
            r#"(
    name: "fixed", clock: (end: "3 h"),
    services: {{"s": (station: (), quota: ({gate}), session: ())}},
    cohorts: {{"t": (level: teacher, people: 5, duration: Deterministic("2 h"), arrivals: Crowd([(share: "100 %", at: "10 min")]))}},
)"#
        ));
        play(&scenario, &options(0, &[])).services[0].cut
    };
    assert_eq!((cut(""), cut("teacher")), (5 * 7, 0));
}

#[test]
fn pages_that_wait_load_the_uplink_as_they_do_one_by_one() {
    // 1000 people ask for 1 MB each second, over a link of an eighth of that; others come every 10 s.
    let scenario = text(
        r#"(
    name: "polls", clock: (end: "1 h", bin: "5 min"),
    hosts: {"h": (uplink: "1 Gbit/s")},
    services: {"s": (
        host: "h", station: (cores: 1000, work: Deterministic("1 ms")), quota: (max_sessions: 1, order: Fifo(), poll: "1 s"),
        session: (think: "1000 s", page_work: "0 s"), exchange: (packets: 1, tries: 1, page_size: "1 MB"),
    )},
    cohorts: {
        "t": (people: 1000, duration: Deterministic("1 h"), arrivals: Crowd([(share: "100 %", at: "10 min")])),
        "u": (arrivals: Renewal(between: Deterministic("10 s")), duration: Deterministic("1 s")),
    },
)"#,
    );
    // 300 knocks in the 50 minutes, of which seven eighths are lost: mean 262.5, standard deviation 5.7.
    let outcome = play(&scenario, &options(0, &[]));
    let lost = outcome.services[0].refused[Refusal::Lost as usize] as f64;
    assert!((lost - 262.5).abs() < 4.0 * 5.7, "{lost}");
}
