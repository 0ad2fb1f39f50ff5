//! Policies against the base, replication by replication.

use super::stats::{Interval, Paired, holm, paired};
use super::{Arm, Replications, RunRow, Summary, Warning};
use crate::measure::kpi::{ALL, Scope};
use crate::scenario::model::{PolicyId, RegionId, Scenario};

/// Chance of even one effect shown that is none, over all arms of a comparison.
const ALPHA: f64 = 0.05;

/// The base and each policy alone, in the order of the file.
pub fn default_arms(scenario: &Scenario) -> Vec<Arm> {
    let alone = |(i, policy): (usize, &crate::scenario::model::Policy)| Arm::new(&policy.key, [PolicyId(i as u16)]);
    std::iter::once(Arm::base())
        .chain(scenario.policies.iter().enumerate().map(alone))
        .collect()
}

/// Arms compared with the first of them.
#[derive(Clone, Debug)]
pub struct Comparison {
    /// Number of replications.
    pub replications: usize,
    /// Seed of the experiment.
    pub seed: u64,
    /// In the order of the plan; the first is the base.
    pub arms: Vec<ArmResult>,
    /// What each arm but the base did to the hours lost.
    pub verdicts: Vec<Verdict>,
    /// What to know before believing it.
    pub warnings: Vec<Warning>,
}

/// One arm.
#[derive(Clone, Debug)]
pub struct ArmResult {
    /// Its name.
    pub name: String,
    /// What was on.
    pub policies: Vec<PolicyId>,
    /// Every KPI in every scope.
    pub summary: Summary,
    /// Paired differences of the total to the base, in the order of [`ALL`]; empty for the base itself.
    pub differences: Vec<Option<Paired>>,
    /// Hours lost by region.
    pub regions: Vec<RegionResult>,
}

/// Hours lost in a region.
#[derive(Clone, Debug)]
pub struct RegionResult {
    /// Which.
    pub region: RegionId,
    /// Hours lost.
    pub hours_lost: Option<Interval>,
    /// Difference to the base; `None` for the base itself.
    pub difference: Option<Paired>,
}

impl ArmResult {
    fn of(scenario: &Scenario, arm: &Arm, rows: &[RunRow], base: Option<&[RunRow]>) -> ArmResult {
        let summary = Summary::of(rows);
        let differences = match base {
            Some(base) => ALL
                .iter()
                .map(|kpi| difference(base, rows, Scope::Total, kpi.name))
                .collect(),
            None => vec![],
        };
        let region = |i: usize| {
            let scope = Scope::Region(RegionId(i as u16));
            RegionResult {
                region: RegionId(i as u16),
                hours_lost: summary.get(scope, "hours_lost"),
                difference: base.and_then(|base| difference(base, rows, scope, "hours_lost")),
            }
        };
        let regions = (0..scenario.regions.len()).map(region).collect();
        ArmResult {
            name: arm.name.clone(),
            policies: arm.policies.clone(),
            summary,
            differences,
            regions,
        }
    }

    /// The paired difference of a KPI of the total to the base.
    pub fn difference(&self, kpi: &str) -> Option<Paired> {
        super::row::position(kpi).and_then(|i| self.differences.get(i).copied().flatten())
    }
}

/// Pairs the replications in which the KPI exists on both sides.
fn difference(base: &[RunRow], rows: &[RunRow], scope: Scope, kpi: &str) -> Option<Paired> {
    let pairs = base
        .iter()
        .zip(rows)
        .filter_map(|(b, r)| Some((b.value(scope, kpi)?, r.value(scope, kpi)?)));
    // Sums of the same numbers in another order differ in their last places: that is no difference.
    let same = |b: f64, r: f64| (b - r).abs() <= 1e-12 * b.abs();
    let pairs = pairs.map(|(b, r)| (b, if same(b, r) { b } else { r }));
    let (before, after): (Vec<f64>, Vec<f64>) = pairs.unzip();
    paired(&before, &after)
}

/// What an arm did to the hours lost.
#[derive(Clone, Debug)]
pub struct Verdict {
    /// Name of the arm.
    pub arm: String,
    /// In a word.
    pub effect: Effect,
    /// Hours lost, the arm's minus the base's.
    pub hours: Paired,
    /// Euros, the arm's minus the base's.
    pub euros: f64,
    /// No policy of the arm acted in any replication.
    pub never_acted: bool,
}

/// An effect in a word. Whether one is shown is judged over all arms at once (Holm), so that twenty useless
/// policies do not make one look useful by chance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Fewer hours lost.
    Saves,
    /// More hours lost.
    Costs,
    /// So few replications cannot tell.
    NotShown,
    /// Not a second's difference in any replication.
    Nothing,
    /// One replication: a difference, and no way to judge it.
    OneRun,
}

impl Effect {
    /// The name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Effect::Saves => "saves",
            Effect::Costs => "costs",
            Effect::NotShown => "not_shown",
            Effect::Nothing => "nothing",
            Effect::OneRun => "one_run",
        }
    }

    fn of(hours: &Paired, shown: bool) -> Effect {
        match hours.difference.mean {
            _ if hours.is_nothing() => Effect::Nothing,
            _ if hours.difference.n < 2 => Effect::OneRun,
            _ if !shown => Effect::NotShown,
            less if less < 0.0 => Effect::Saves,
            _ => Effect::Costs,
        }
    }
}

/// Compares the arms of a plan with its first; `None` for a plan without arms.
pub fn compare(scenario: &Scenario, runs: &Replications) -> Option<Comparison> {
    let base = runs.rows.first()?;
    let both = || runs.arms.iter().zip(&runs.rows).enumerate();
    let arms: Vec<ArmResult> = both()
        .map(|(i, (arm, rows))| ArmResult::of(scenario, arm, rows, (i > 0).then_some(base)))
        .collect();
    let verdicts = verdicts(&arms, &runs.rows);
    let mut warnings = Warning::of_plan(scenario, base.len());
    for (_, (arm, rows)) in both() {
        warnings.extend(Warning::of_arm(scenario, arm, rows));
    }
    warnings.extend(verdicts.iter().flat_map(warnings_of));
    Some(Comparison {
        replications: base.len(),
        seed: runs.seed,
        arms,
        verdicts,
        warnings,
    })
}

fn verdicts(arms: &[ArmResult], rows: &[Vec<RunRow>]) -> Vec<Verdict> {
    let judged: Vec<(usize, Paired)> = (1..arms.len())
        .filter_map(|i| Some((i, arms[i].difference("hours_lost")?)))
        .collect();
    // Without a p-value (one replication) nothing can be shown.
    let p_values: Vec<f64> = judged.iter().map(|(_, hours)| hours.p_value.unwrap_or(1.0)).collect();
    let verdict = |((i, hours), shown): ((usize, Paired), bool)| Verdict {
        arm: arms[i].name.clone(),
        effect: Effect::of(&hours, shown),
        hours,
        euros: arms[i].difference("euros_total").map_or(0.0, |d| d.difference.mean),
        never_acted: !rows[i]
            .iter()
            .any(|row| row.first_act.iter().any(|(_, at)| at.is_some())),
    };
    judged.into_iter().zip(holm(&p_values, ALPHA)).map(verdict).collect()
}

fn warnings_of(verdict: &Verdict) -> Vec<Warning> {
    let d = verdict.hours.difference;
    let mut found: Vec<Warning> = Warning::wider(&verdict.arm, &d).into_iter().collect();
    // One that never acted is told as such already.
    if verdict.effect == Effect::Nothing && !verdict.never_acted {
        found.push(Warning::NoEffect {
            arm: "hours lost".to_owned(),
            switch: verdict.arm.clone(),
            pairs: d.n,
        });
    }
    // A handful of pairs shows a negative correlation by chance.
    if let Some(correlation) = verdict.hours.correlation.filter(|r| *r < 0.0 && d.n >= 5) {
        found.push(Warning::NegativeCorrelation {
            arm: verdict.arm.clone(),
            correlation,
        });
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::replicate::{Plan, replicate_with};
    use crate::made_up;
    use crate::world::RunOptions;

    fn comparison(replications: u64) -> Comparison {
        let scenario = made_up::scenario(3);
        let plan = Plan {
            arms: default_arms(&scenario),
            ..Plan::new(&scenario, 11, replications)
        };
        let runner = |s: &Scenario, o: &RunOptions<'_>| Ok(made_up::outcome(s, o.seed, o.replication, &o.policies));
        compare(&scenario, &replicate_with(&plan, &|_| (), &runner).unwrap()).unwrap()
    }

    #[test]
    fn good_bad_weak_and_idle_policies_are_told_apart() {
        let c = comparison(12);
        let names: Vec<_> = c.arms.iter().map(|a| a.name.as_str()).collect();
        assert_eq!(names, ["base", "capacity", "quota", "smoothing", "idle"]);
        let effects: Vec<_> = c.verdicts.iter().map(|v| v.effect).collect();
        assert_eq!(
            effects,
            [Effect::Saves, Effect::Costs, Effect::NotShown, Effect::Nothing]
        );
        assert_eq!((c.verdicts[0].euros, c.verdicts[1].euros), (40_000.0, 0.0));
        assert!(
            c.verdicts[0].hours.correlation.unwrap() > 0.3,
            "{:?}",
            c.verdicts[0].hours
        );
        assert!(c.verdicts[3].never_acted && !c.verdicts[0].never_acted);
    }

    #[test]
    fn regions_add_up() {
        let c = comparison(4);
        let arm = &c.arms[1];
        let sum: f64 = arm.regions.iter().map(|r| r.difference.unwrap().difference.mean).sum();
        assert!((sum - arm.difference("hours_lost").unwrap().difference.mean).abs() < 1e-9);
        assert!(c.arms[0].differences.is_empty() && c.arms[0].regions[0].difference.is_none());
    }

    #[test]
    fn warns_of_what_there_is_to_warn_of() {
        let few = comparison(4);
        let names: Vec<_> = few.warnings.iter().map(Warning::name).collect();
        assert!(
            names.contains(&"too_few_replications") && names.contains(&"never_acted"),
            "{names:?}"
        );
        assert!(names.contains(&"wider_than_effect"), "{names:?}");
        let enough = comparison(10);
        assert!(!enough.warnings.iter().any(|w| w.name() == "too_few_replications"));
    }

    #[test]
    fn one_replication_shows_nothing_either_way() {
        let c = comparison(1);
        assert_eq!(c.verdicts[0].effect, Effect::OneRun);
        assert_eq!(c.verdicts[3].effect, Effect::Nothing);
        assert!(c.warnings[0].to_string().starts_with("1 replication shows no spread"));
    }
}
