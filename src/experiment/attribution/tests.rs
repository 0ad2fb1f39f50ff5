//! Causes files: what is wrong with them is said, and what is right is shared out.

use super::{Attribution, CausesFile, DEFAULT, Design, Kind, MOST_EXACT, ScopePart, attribute, play};
use crate::measure::kpi::Scope;
use crate::scenario::Source;

/// A desk for one visit at a time and a visitor every 20 s from 08:00 to 09:00; a break in the first half when it is on, a
/// slow clerk (who serves every other visitor) when that policy is on, and desks to which nobody comes.
const DESK: &str = r#"(
    clock: (start: "2021-04-06T08:00", end: "2021-04-06T09:00", bin: "5 min"),
    services: {
        "desk": (station: (cores: 1, threads: 1, backlog: 0, work: Deterministic("10 s"))),
        SPARES
    },
    cohorts: {"all": (arrivals: Renewal(between: Deterministic("20 s")))},
    routes: {"desk": (steps: ["desk"])},
    incidents: {"break": (on: false, kind: ServiceOutage(service: "desk"), waves: [("08:00", "08:30")])},
    policies: {"slow": (acts: [(at: "08:00", act: ScaleCapacity(services: ["desk"], factor: 0.4))])},
)"#;

fn read(causes: &str) -> Result<CausesFile, String> {
    let spare = |i: usize| {
        format!(r#""spare-{i}": (station: (cores: 1, threads: 1, backlog: 0, work: Deterministic("10 s"))),"#)
    };
    let spares: String = (0..MOST_EXACT).map(spare).collect();
    let desk = |_: &str| Source::Text {
        name: "desk.ron".into(),
        text: DESK.replace("SPARES", &spares),
    };
    let text = format!(r#"(model: "desk", kpi: "refusals", baseline: "a desk that works", causes: {{{causes}}})"#);
    CausesFile::read("desk.causes.ron", &text, &desk, &[]).map_err(|problems| problems.to_string())
}

fn shared_out(file: &CausesFile, replications: u64) -> Attribution {
    let design = Design::new(file, 1, replications);
    let (played, _) = play(file, &design.jobs(), 1, Some(1), &mut |_| ()).unwrap();
    assert_eq!(played.len(), design.jobs().len());
    attribute(file, &design, file.kpi, &played).unwrap()
}

const BREAK: &str = r#""break": (baseline: "no break", on: (with: ["break"])),"#;
const SLOW: &str = r#""slow": (baseline: "a quick clerk", on: (policies: ["slow"])),"#;
const IDLE: &str = r#""idle": (baseline: "one core", on: (set: ["services.spare-0.station.cores=2"])),"#;
const CLAIMED: &str = r#""slow": (baseline: "a quick clerk", claimed: true, on: (policies: ["slow"])),"#;

fn means(scope: &ScopePart) -> Vec<[f64; 3]> {
    let of = |s: &super::Shared| [s.shapley.mean, s.alone.mean, s.but_for.mean];
    scope.causes.iter().map(of).collect()
}

#[test]
fn a_desk_by_hand() {
    // Of some 180 visitors the break turns away 90; the slow clerk every other, 90 of a whole hour and 45 of half of it. So
    // both together 135, of which the order that comes first has 90 and the second 45: 67.5 each.
    let file = read(&format!("{BREAK}{SLOW}{IDLE}")).unwrap();
    let found = shared_out(&file, 2);
    assert!(found.exact && found.parts.len() == 1);
    let total = &found.parts[0].scopes[0];
    assert_eq!(
        (found.parts[0].kind, total.scope, total.none.mean),
        (Kind::Day, Scope::Total, 0.0)
    );
    let exact = [[67.5, 90.0, 45.0], [67.5, 90.0, 45.0], [0.0; 3]];
    for (found, exact) in means(total).iter().flatten().zip(exact.iter().flatten()) {
        assert!((found - exact).abs() <= 1.5, "{:?} is not {exact:?}", means(total));
    }
    // Nothing is drawn, so replications are alike and intervals have no width.
    assert_eq!(total.causes[0].shapley.half_width, Some(0.0));
    assert!((total.pairs[0].interaction.mean + 45.0).abs() <= 1.5);
    assert!(total.gap < 1e-12);
    // The service has the same numbers; the spare one has none to share.
    let desk = found.parts[0]
        .scopes
        .iter()
        .find(|s| s.scope.kind() == "service")
        .unwrap();
    assert_eq!(means(desk), means(total));
    // The idle cause left each pair of its worlds the same in every event.
    let same: Vec<_> = found.same.iter().map(|s| (s.cause, s.same, s.of)).collect();
    assert_eq!(same, [(2, 8, 8)]);
}

#[test]
fn a_claimed_cause_is_no_part_of_the_day() {
    let file = read(&format!("{BREAK}{CLAIMED}")).unwrap();
    let found = shared_out(&file, 1);
    let kinds: Vec<Kind> = found.parts.iter().map(|p| p.kind).collect();
    assert_eq!(kinds, [Kind::Day, Kind::Claims]);
    let day = &found.parts[0].scopes[0];
    assert_eq!((found.parts[0].causes.as_slice(), day.causes.len()), (&[0][..], 1));
    assert!((day.causes[0].shapley.mean - 90.0).abs() <= 1.5);
    assert!((found.parts[1].scopes[0].total.mean - 135.0).abs() <= 1.5);
}

#[test]
fn many_causes_are_sampled() {
    let idle =
        |i: usize| format!(r#""idle-{i}": (baseline: "as it is", on: (set: ["services.spare-{i}.station.cores=2"])),"#);
    let many: String = (0..MOST_EXACT).map(idle).collect();
    let file = read(&format!("{BREAK}{many}")).unwrap();
    let design = Design::new(&file, 1, 2);
    assert!(!design.exact && design.coalitions(0).len() < 100);
    let found = shared_out(&file, 2);
    let total = &found.parts[0].scopes[0];
    // One cause that matters comes out the same in every order.
    assert!((total.causes[0].shapley.mean - 90.0).abs() <= 1.5);
    assert_eq!(total.causes[0].shapley.mean, total.causes[0].but_for.mean);
    assert!(total.pairs.is_empty() && total.gap < 1e-12);
}

#[test]
fn results_do_not_depend_on_threads() {
    let file = read(&format!("{BREAK}{SLOW}")).unwrap();
    let design = Design::new(&file, 1, 3);
    let on = |threads| {
        let (played, _) = play(&file, &design.jobs(), 1, Some(threads), &mut |_| ()).unwrap();
        played.iter().map(|p| (p.job, p.row.fingerprint)).collect::<Vec<_>>()
    };
    assert_eq!(on(1), on(3));
}

#[test]
fn mistakes_have_their_place() {
    for (causes, said) in [
        ("", "there is no cause of the day"),
        (
            r#""a": (baseline: "x", on: (with: ["braek"]))"#,
            "did you mean `break`?",
        ),
        (r#""a": (baseline: "x")"#, "the cause `a` switches nothing"),
        (r#""a": (on: (with: ["break"]))"#, "`causes.a.baseline` is missing"),
        (
            r#""a+b": (baseline: "x", on: (with: ["break"]))"#,
            "cannot name a cause",
        ),
        (
            r#""a": (baseline: "x", claimed: true, on: (with: ["break"]))"#,
            "there is no cause of the day",
        ),
        (
            r#""a": (baseline: "x", on: (with: ["break"])), "b": (baseline: "x", on: (set: ["incidents.\"break\".on=true"]))"#,
            "both change",
        ),
        (
            r#""a": (baseline: "x", on: (set: ["services.desk.station=(cores: 2)"])), "b": (baseline: "x", on: (set: ["services.desk.station.cores=2"]))"#,
            "both change",
        ),
        (r#""a": (baseline: "x", on: (set: ["services.desk.coers=2"]))"#, "coers"),
        (
            r#""a": (baseline: "x", on: (set: ["services.new=(station: (cores: 1, work: Deterministic(\"1 s\")))"]))"#,
            "adds or takes away",
        ),
    ] {
        let problems = read(causes).expect_err(said);
        assert!(problems.contains(said), "{said}: {problems}");
    }
    // One mistake is told once.
    let problems = read(r#""a": (baseline: "x", off: (without: ["braek"]))"#).unwrap_err();
    assert!(problems.contains("did you mean `break`?"), "{problems}");
    assert!(
        !problems.contains("switches nothing") && !problems.contains("same on and off"),
        "{problems}"
    );
    let read = |text: &str| {
        let desk = |_: &str| Source::Builtin("theory/mm1".into());
        CausesFile::read("mine.ron", text, &desk, &[])
            .err()
            .map(|e| e.to_string())
            .unwrap()
    };
    assert!(read("(causes: {})").contains("`model` is missing"));
    let all = read(r#"(model: "x", kpi: "hours_lsot", replications: 0)"#);
    for words in ["did you mean `hours_lost`?", "0 replications", "`baseline` is missing"] {
        assert!(all.contains(words), "{words} in\n{all}");
    }
}

#[test]
fn the_causes_that_come_with_the_program_can_be_read() {
    let model = |name: &str| Source::Builtin(name.to_owned());
    let file = CausesFile::read(DEFAULT.0, DEFAULT.1, &model, &["size=0.001".into()]).unwrap_or_else(|e| panic!("{e}"));
    let keys: Vec<&str> = file.causes.iter().map(|c| c.key.as_str()).collect();
    assert_eq!(keys, ["surge", "attack", "host", "quota", "response"]);
    assert_eq!(file.name_of(file.day()), "surge+attack+quota+response");
    // The day as it was is the model itself.
    assert_eq!(file.world(file.day()).unwrap().scenario.text, file.plain.text);
    assert!(file.causes.iter().all(|cause| !cause.why.is_empty()));
}
