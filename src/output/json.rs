//! Results as one JSON object, for programs.

use super::manifest::Identity;
use super::verdict;
use crate::experiment::stats::{Interval, Paired};
use crate::experiment::{ArmResult, Comparison, Summary, Verdict, Warning};
use crate::measure::kpi::{ALL, Scope};
use crate::scenario::model::Scenario;
use serde_json::{Map, Value, json};

/// A run of one arm: KPIs of the total, of regions, levels and services, by key. A KPI that does not exist in
/// a scope is left out.
pub fn run(scenario: &Scenario, identity: &Identity, summary: &Summary, warnings: &[Warning]) -> Value {
    json!({
        "name": scenario.name,
        "title": scenario.title,
        "size": scenario.size.factor,
        "identity": identity,
        "units": units(),
        "replications": summary.replications,
        "total": total(summary),
        "regions": parts(scenario, summary, "region"),
        "levels": parts(scenario, summary, "level"),
        "services": parts(scenario, summary, "service"),
        "warnings": warnings.iter().map(warning).collect::<Vec<_>>(),
    })
}

/// A comparison: arms, verdicts and warnings.
pub fn comparison(scenario: &Scenario, identity: &Identity, comparison: &Comparison) -> Value {
    json!({
        "name": scenario.name,
        "title": scenario.title,
        "size": scenario.size.factor,
        "identity": identity,
        "units": units(),
        "replications": comparison.replications,
        "arms": comparison.arms.iter().map(|arm| arm_value(scenario, arm)).collect::<Vec<_>>(),
        "verdicts": comparison.verdicts.iter().map(verdict_value).collect::<Vec<_>>(),
        "warnings": comparison.warnings.iter().map(warning).collect::<Vec<_>>(),
    })
}

fn units() -> Value {
    ALL.iter()
        .map(|kpi| (kpi.name.to_owned(), json!(kpi.unit.name())))
        .collect::<Map<_, _>>()
        .into()
}

fn total(summary: &Summary) -> Value {
    let values = summary.scopes.iter().find(|(s, _)| *s == Scope::Total);
    values.map_or(Value::Null, |(_, values)| intervals(values))
}

fn parts(scenario: &Scenario, summary: &Summary, kind: &str) -> Value {
    let of_kind = summary.scopes.iter().filter(|(scope, _)| scope.kind() == kind);
    of_kind
        .map(|(scope, values)| (scope.key(scenario), intervals(values)))
        .collect::<Map<_, _>>()
        .into()
}

fn intervals(values: &[Option<Interval>]) -> Value {
    let there = ALL
        .iter()
        .zip(values)
        .filter_map(|(kpi, value)| Some((kpi.name.to_owned(), json!((*value)?))));
    there.collect::<Map<_, _>>().into()
}

fn arm_value(scenario: &Scenario, arm: &ArmResult) -> Value {
    let policies: Vec<&str> = arm
        .policies
        .iter()
        .map(|p| scenario.policies[p.index()].key.as_str())
        .collect();
    let there = ALL
        .iter()
        .zip(&arm.differences)
        .filter_map(|(kpi, d)| Some((kpi.name.to_owned(), paired(&(*d)?))));
    let regions = arm.regions.iter().map(|r| {
        let key = scenario.regions[r.region.index()].key.clone();
        (
            key,
            json!({ "hours_lost": r.hours_lost, "difference": r.difference.as_ref().map(paired) }),
        )
    });
    json!({
        "name": arm.name,
        "policies": policies,
        "total": total(&arm.summary),
        "differences": there.collect::<Map<_, _>>(),
        "regions": regions.collect::<Map<_, _>>(),
    })
}

fn paired(p: &Paired) -> Value {
    json!({
        "mean": p.difference.mean,
        "half_width": p.difference.half_width,
        "n": p.difference.n,
        "correlation": p.correlation,
        "p_value": p.p_value,
        "speed_up": p.speed_up(),
    })
}

fn verdict_value(v: &Verdict) -> Value {
    json!({
        "arm": v.arm,
        "effect": v.effect.name(),
        "hours_lost": paired(&v.hours),
        "euros": v.euros,
        "never_acted": v.never_acted,
        "text": verdict::line(v),
    })
}

fn warning(w: &Warning) -> Value {
    json!({ "kind": w.name(), "text": w.to_string() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::replicate::{Plan, replicate_with};
    use crate::experiment::{compare, default_arms};
    use crate::made_up;
    use crate::world::RunOptions;

    #[test]
    fn values_are_found_by_name() {
        let scenario = made_up::scenario(2);
        let plan = Plan {
            arms: default_arms(&scenario),
            ..Plan::new(&scenario, 5, 4)
        };
        let runner = |s: &Scenario, o: &RunOptions<'_>| Ok(made_up::outcome(s, o.seed, o.replication, &o.policies));
        let runs = replicate_with(&plan, &|_| (), &runner).unwrap();
        let identity = Identity::of(&scenario, &runs);
        let one = run(&scenario, &identity, &Summary::of(&runs.rows[0]), &[]);
        assert!(one["total"]["hours_lost"]["mean"].as_f64().unwrap() > 0.0);
        assert!(one["regions"]["idf"]["connected_15min"]["half_width"].is_f64());
        assert!(one["regions"]["idf"].get("euros_total").is_none());
        assert_eq!(one["units"]["wait_p95"], "s");
        let all = comparison(&scenario, &identity, &compare(&scenario, &runs).unwrap());
        assert_eq!(all["arms"][1]["policies"][0], "capacity");
        assert_eq!(all["verdicts"][0]["effect"], "saves");
        assert!(all["arms"][1]["regions"]["cvl"]["difference"]["mean"].as_f64().unwrap() < 0.0);
        assert!(!all.to_string().contains("NaN"));
    }
}
