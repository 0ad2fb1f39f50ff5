//! What is kept of a run when its outcome is dropped.

use crate::engine::Time;
use crate::measure::kpi::{ALL, Kpi, Scope, StayedDown, View};
use crate::measure::{Outcome, RunStats};
use crate::scenario::model::Scenario;

/// All KPIs of one run, for the total and for each region, level and service: some kilobytes, whatever the
/// size of the country.
#[derive(Clone, Debug)]
pub struct RunRow {
    /// Position of its arm.
    pub arm: usize,
    /// Its replication.
    pub replication: u64,
    /// Hash of its history.
    pub fingerprint: u64,
    /// What it took.
    pub stats: RunStats,
    /// When each policy that was on first acted.
    pub first_act: Vec<(String, Option<Time>)>,
    /// Services that stayed down after a trigger had ended, by service and time.
    pub stayed_down: Vec<StayedDown>,
    /// For each scope the values in the order of [`ALL`].
    pub scopes: Vec<(Scope, Vec<Option<f64>>)>,
}

impl RunRow {
    /// Computes every KPI of every scope.
    pub fn of(scenario: &Scenario, outcome: &Outcome, arm: usize, replication: u64) -> RunRow {
        let country = View::new(scenario, outcome, Scope::Total);
        let values = |scope| {
            let view = country.beside(scope);
            (scope, ALL.iter().map(|kpi| kpi.of(&view)).collect())
        };
        RunRow {
            arm,
            replication,
            fingerprint: outcome.fingerprint,
            stats: outcome.stats,
            first_act: outcome.first_act.clone(),
            stayed_down: country.stayed_down().unwrap_or_default(),
            scopes: Scope::all(scenario).into_iter().map(values).collect(),
        }
    }

    /// A value by the KPI's name; `None` when there is no such scope, KPI or value.
    pub fn value(&self, scope: Scope, kpi: &str) -> Option<f64> {
        let position = position(kpi)?;
        self.scopes.iter().find(|(s, _)| *s == scope)?.1[position]
    }

    /// A value of the total.
    pub fn total(&self, kpi: &str) -> Option<f64> {
        self.value(Scope::Total, kpi)
    }
}

/// A KPI's position in [`ALL`].
pub(crate) fn position(kpi: &str) -> Option<usize> {
    ALL.iter().position(|k: &Kpi| k.name == kpi)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::made_up;
    use crate::measure::kpi::Unit;
    use crate::scenario::model::{PolicyId, RegionId, ServiceId};
    use proptest::prelude::*;

    #[test]
    fn parts_add_up_to_the_total() {
        let scenario = made_up::scenario(4);
        let row = RunRow::of(&scenario, &made_up::outcome(&scenario, 3, 0, &[]), 0, 0);
        for kpi in [
            "people",
            "visits",
            "knocks",
            "logins",
            "refusals",
            "hours_wanted",
            "hours_lost",
        ] {
            let total = row.total(kpi).unwrap();
            let of = |wanted: &str| {
                let parts = row.scopes.iter().filter(|(s, _)| s.kind() == wanted);
                parts.filter_map(|(s, _)| row.value(*s, kpi)).sum::<f64>()
            };
            assert!(
                (of("region") - total).abs() < 1e-6 && (of("level") - total).abs() < 1e-6,
                "{kpi}"
            );
            assert!(kpi == "people" || (of("service") - total).abs() < 1e-6, "{kpi}");
        }
        let reasons: f64 = ALL[10..19].iter().filter_map(|k| row.total(k.name)).sum();
        assert_eq!(
            Some(reasons),
            row.total("refusals"),
            "the nine reasons are the failed knocks"
        );
    }

    #[test]
    fn nothing_is_ever_nan() {
        let scenario = made_up::scenario(2);
        let empty = Outcome {
            cohorts: vec![Default::default(); scenario.cohorts.len()],
            services: vec![Default::default(); scenario.services.len()],
            ..Outcome::default()
        };
        let row = RunRow::of(&scenario, &empty, 0, 0);
        assert!(row.scopes.iter().flat_map(|(_, v)| v).flatten().all(|v| v.is_finite()));
        assert_eq!(row.total("knocks_per_login"), None);
        assert_eq!(row.total("first_degradation"), None);
        assert_eq!(row.value(Scope::Region(RegionId(0)), "euros_total"), None);
        assert_eq!(row.value(Scope::Service(ServiceId(0)), "people"), None);
    }

    #[test]
    fn gaps_are_between_shares_of_the_parts() {
        let scenario = made_up::scenario(3);
        let row = RunRow::of(&scenario, &made_up::outcome(&scenario, 3, 0, &[]), 0, 0);
        let share = |r| row.value(Scope::Region(RegionId(r)), "hours_lost_share").unwrap();
        let shares = [share(0), share(1), share(2)];
        let gap = shares.iter().copied().fold(0.0, f64::max) - shares.iter().copied().fold(1.0, f64::min);
        assert!((row.total("equity_gap_regions").unwrap() - gap).abs() < 1e-12);
        assert!(row.total("equity_gap_levels").is_some());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]
        #[test]
        fn kpis_keep_their_promises(seed in any::<u64>(), regions in 1usize..5, policy in 0u16..4) {
            let scenario = made_up::scenario(regions);
            let outcome = made_up::outcome(&scenario, seed, 3, &[PolicyId(policy)]);
            let row = RunRow::of(&scenario, &outcome, 0, 3);
            for (scope, values) in &row.scopes {
                for (kpi, value) in ALL.iter().zip(values) {
                    let Some(v) = value else { continue };
                    prop_assert!(v.is_finite() && *v >= 0.0, "{} of {scope:?} is {v}", kpi.name);
                    prop_assert!(kpi.unit != Unit::Share || *v <= 1.0, "{} of {scope:?} is {v}", kpi.name);
                }
                let ascending = |names: [&str; 3]| {
                    let values: Vec<f64> = names.iter().filter_map(|n| row.value(*scope, n)).collect();
                    values.is_sorted()
                };
                prop_assert!(ascending(["connected_1min", "connected_5min", "connected_15min"]));
                prop_assert!(ascending(["wait_p50", "wait_p95", "wait_p99"]));
                prop_assert!(ascending(["first_degradation", "recovered_at", "hours_of_no_such_kpi"]));
                let of = |kpi| row.value(*scope, kpi).unwrap();
                let sum = of("hours_obtained") + of("hours_fallback") + of("hours_lost");
                prop_assert!((of("hours_wanted") - sum).abs() < 1e-6);
            }
        }
    }
}
