//! Ways to be wrong about levers and hosts.

use super::*;

fn with_act(act: &str) -> Vec<Diagnostic> {
    wrong(&SMALL.replace(
        "name: \"small\",",
        &format!("name: \"small\", policies: {{\"p\": (acts: [(act: {act})])}},"),
    ))
}

fn said(problems: &[Diagnostic], path: &str, word: &str) {
    let [problem] = problems else {
        panic!("{} diagnostics instead of one", problems.len())
    };
    let text = format!("{}\n{}", problem.message(), problem.advice().join("\n"));
    assert_eq!(problem.path(), path, "{text}");
    assert!(text.contains(word), "{word:?} is not said in:\n{text}");
}

#[test]
fn thresholds_the_wrong_way_round() {
    let act = r#"Autoscale(services: ["web"], signal: Utilisation(above: "40 %", below: "80 %"), step: Cores(1), ceiling: 2)"#;
    said(&with_act(act), "policies.p.acts[0].act.signal.below", "above");
    let act =
        r#"ShedByLoad(services: ["web"], steps: [(above: "90 %", below: "50 %"), (above: "80 %", below: "50 %")])"#;
    said(&with_act(act), "policies.p.acts[0].act.steps[1].above", "go up");
}

#[test]
fn levers_that_lack_something() {
    let path = |field: &str| format!("policies.p.acts[0].act.{field}");
    let act = r#"Autoscale(services: ["web"], signal: Backlog(above: 9, below: 1), ceiling: 2)"#;
    said(&with_act(act), &path("step"), "Share");
    let act = r#"Autoscale(services: ["web"], signal: Backlog(above: 9, below: 1), step: Track("60 %"), ceiling: 2)"#;
    said(&with_act(act), &path("step"), "utilisation");
    let act = r#"Autoscale(services: ["web"], signal: Utilisation(above: "80 %", below: "70 %"), step: Track("60 %"), ceiling: 2)"#;
    said(&with_act(act), &path("step"), "between");
    let act = r#"Triggered(services: ["web"], signal: Backlog(above: 9, below: 1))"#;
    said(&with_act(act), &path("act"), "lever");
    said(
        &with_act(r#"ConcurrencyLimit(services: ["web"])"#),
        &path("limit"),
        "None",
    );
    said(
        &with_act(r#"ConcurrencyLimit(services: ["web"], limit: ())"#),
        &path("limit.law"),
        "Gradient2",
    );
    for (law, what) in [
        ("Vegas(initial: 30, max: 20)", "max"),
        ("Aimd(max: 10)", "lower `min`"),
        ("Aimd(initial: 30, max: 25)", "lower `initial`"),
        ("Gradient2(initial: 5)", "raise `initial`"),
        ("Gradient2(tolerance: 0.9)", "at least 1"),
    ] {
        let act = format!(r#"ConcurrencyLimit(services: ["web"], limit: (law: {law}))"#);
        let place = if what == "at least 1" {
            "limit.law.tolerance"
        } else {
            "limit.law"
        };
        said(&with_act(&act), &path(place), what);
    }
    let act =
        r#"Failover(services: ["web"], to: "rakc", detection: Deterministic("1 s"), takes: Deterministic("1 s"))"#;
    said(&with_act(act), &path("to"), "rack");
}

#[test]
fn a_field_that_was_renamed_says_so() {
    let act = r#"RetryBudget(services: ["web"], budget: Tokens(tokens: 500, timeout_cost: 10))"#;
    let path = "policies.p.acts[0].act.budget.timeout_cost";
    said(&with_act(act), path, "it is `error_cost` now");
}

#[test]
fn cores_without_end_do_not_grow() {
    let endless = SMALL.replace("station: (cores: 4, work: Exponential(mean: \"1 s\"))", "station: ()");
    let act = "policies: {\"p\": (acts: [(act: PreWarm(services: [\"web\"], factor: 2))])},";
    let model = endless.replace("name: \"small\",", &format!("name: \"small\", {act}"));
    said(&wrong(&model), "policies.p.acts[0].act.services", "cores");
}

#[test]
fn hosts_that_do_not_add_up() {
    let with = |hosts: &str| broken("host: \"rack\"", hosts);
    said(
        &with("hosts: [(host: \"rack\", share: \"60 %\")]"),
        "services.web.hosts",
        "40 % are missing",
    );
    said(
        &with("host: \"rack\", hosts: [(host: \"rack\", share: \"100 %\")]"),
        "services.web.hosts",
        "leave one of them out",
    );
    let two = SMALL.replace("\"rack\": (cores: 8)", "\"rack\": (cores: 8), \"other\": (cores: 1)");
    let hosts = "hosts: [(host: \"rack\", share: \"50 %\"), (host: \"other\", share: \"50 %\")]";
    let problems = wrong(&two.replace("host: \"rack\"", hosts));
    said(&problems, "hosts.other.cores", "has 1 cores, its tenants use 2");
}

/// An act inside a trigger that names no service is done where the signal is.
#[test]
fn a_triggered_act_is_done_where_the_signal_is() {
    let scenario = full();
    let policy = &scenario.policies[0];
    let triggered = policy.acts.iter().find_map(|(_, act)| match act {
        model::Act::Triggered(how) if how.on.len() == 2 => Some(how),
        _ => None,
    });
    for (service, act, undo) in &triggered.unwrap().on {
        assert!(matches!(act.as_slice(), [model::Act::Degrade { services, .. }] if services == &[*service]));
        assert!(matches!(undo.as_slice(), [model::Act::Restore { services }] if services == &[*service]));
    }
}

#[test]
fn policies_that_nobody_could_ask_for() {
    for key in ["base", "a+b", "a,b", ""] {
        let policy = format!("policies: {{\"{key}\": (acts: [])}},\n    cohorts:");
        let problems = broken("cohorts:", &policy);
        assert_eq!(problems.len(), 1, "{key}");
        let text = problems[0].render(false);
        assert!(
            text.contains("nobody could ask for it") && text.contains("another key"),
            "{text}"
        );
    }
}

#[test]
fn cores_that_cannot_be_are_told_once() {
    let policies = "policies: {\"more\": (acts: [(act: PreWarm(services: [\"web\"], factor: 2.0))])}";
    let broken = SMALL.replace("cores: 4", "cores: -4");
    let at = broken.rfind(')').expect("the end");
    let problems = wrong(&format!("{}    {policies},\n)", &broken[..at]));
    assert_eq!(problems.len(), 1, "{problems:?}");
}
