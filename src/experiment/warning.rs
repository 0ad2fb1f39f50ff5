//! Advice about results: what a reader might take for more than it is.

use super::analysis::{Indices, Sensitivity};
use super::sensitivity::{FEWEST_BASE_ROWS, FEWEST_TRAJECTORIES};
use super::stats::{CONFIDENCE, Interval, Modes, interval::FEWEST, t_factor, two_modes};
use super::{Arm, Replications, RunRow};
use crate::engine::{Span, Time};
use crate::scenario::model::Scenario;
use std::fmt;

/// Something to know before believing a number.
#[derive(Clone, Debug, PartialEq)]
pub enum Warning {
    /// Fewer replications than make a t-interval trustworthy.
    TooFewReplications {
        /// How many there were.
        replications: usize,
    },
    /// The interval of a difference is wider than the difference.
    WiderThanEffect {
        /// Whose.
        arm: String,
        /// How many replications would do, if the spread stays the same.
        needed: Option<u64>,
    },
    /// A policy was on and did nothing in any replication.
    NeverActed {
        /// In which arm.
        arm: String,
        /// Key of the policy.
        policy: String,
    },
    /// Something that was switched on left every run as it was without.
    NoEffect {
        /// Where.
        arm: String,
        /// The switch or policy.
        switch: String,
        /// Runs with and without it that were compared.
        pairs: usize,
    },
    /// Pairing made things worse instead of better.
    NegativeCorrelation {
        /// Of which arm with the base.
        arm: String,
        /// The correlation.
        correlation: f64,
    },
    /// Some runs collapse and others do not.
    TwoModes {
        /// In which arm, or at which point.
        arm: String,
        /// The KPI.
        kpi: String,
        /// Its groups.
        modes: Modes,
        /// Other arms or points where a KPI has two modes.
        others: usize,
    },
    /// The best setting of a lever is at an end of its range: the best of all may lie beyond.
    LeverAtEdge {
        /// The lever.
        lever: String,
        /// Its setting.
        setting: String,
        /// Whether that is the upper end.
        upper: bool,
    },
    /// Intervals of sensitivity indices are so wide that they do not rank the factors.
    UnrankedFactors {
        /// Of which KPI.
        kpi: String,
        /// The factor that comes first.
        first: String,
        /// How many others its interval cannot be told from.
        others: usize,
        /// Trajectories or base rows there were.
        groups: usize,
    },
    /// So few trajectories or base rows that intervals of indices are too narrow.
    FewGroups {
        /// How many there were of the KPI with the fewest.
        groups: usize,
        /// Whether they are trajectories of Morris; else base rows of Sobol indices.
        trajectories: bool,
    },
    /// Indices come from single runs, whose chance counts as the factors' effect.
    NoiseInIndices,
    /// The country is not of the size that is written.
    Resized {
        /// Against the written one.
        factor: f64,
        /// The quantity that rounding changed most: its path, times the size, and as simulated.
        coarsest: Option<(String, f64, f64)>,
        /// Stations left with less than one core.
        below_one_core: usize,
    },
    /// The model has a warm-up, which tables and files do not know.
    WarmUp {
        /// How long it is.
        length: Span,
    },
}

impl Warning {
    /// The name in JSON.
    pub fn name(&self) -> &'static str {
        match self {
            Warning::TooFewReplications { .. } => "too_few_replications",
            Warning::WiderThanEffect { .. } => "wider_than_effect",
            Warning::NeverActed { .. } => "never_acted",
            Warning::NoEffect { .. } => "no_effect",
            Warning::NegativeCorrelation { .. } => "negative_correlation",
            Warning::TwoModes { .. } => "two_modes",
            Warning::LeverAtEdge { .. } => "lever_at_edge",
            Warning::UnrankedFactors { .. } => "unranked_factors",
            Warning::FewGroups { .. } => "few_groups",
            Warning::NoiseInIndices => "noise_in_indices",
            Warning::Resized { .. } => "resized",
            Warning::WarmUp { .. } => "warm_up",
        }
    }

    /// What can be said of a model and a number of replications, before any run.
    pub fn of_plan(scenario: &Scenario, replications: usize) -> Vec<Warning> {
        let few = (replications < FEWEST).then_some(Warning::TooFewReplications { replications });
        let length = scenario.clock.warm_up - Time::ZERO;
        let warm_up = (length > Span::ZERO).then_some(Warning::WarmUp { length });
        let resized = Warning::of_model(scenario);
        few.into_iter().chain(warm_up).chain(resized).collect()
    }

    /// Of sensitivity indices: whether their intervals rank the factors at all.
    pub fn of_sensitivity(s: &Sensitivity) -> Option<Warning> {
        // Without an interval nothing is told from anything.
        let (least, most) = (f64::NEG_INFINITY, f64::INFINITY);
        let ends: Vec<(f64, f64, f64)> = match &s.indices {
            Indices::Morris(effects) => effects
                .iter()
                .map(|e| {
                    (
                        e.mu_star,
                        e.mu_star_low.unwrap_or(least),
                        e.mu_star_high.unwrap_or(most),
                    )
                })
                .collect(),
            Indices::Sobol(sobol) => sobol.total.iter().map(|t| (t.value, t.low, t.high)).collect(),
        };
        let first = (0..ends.len()).reduce(|a, b| if ends[b].0 > ends[a].0 { b } else { a })?;
        let meets = |i: &usize| *i != first && ends[*i].2 >= ends[first].1;
        let others = (0..ends.len()).filter(meets).count();
        // A near tie of two is a result; that half of the factors may come first is none.
        (others >= 2 && 2 * others >= ends.len() - 1).then(|| Warning::UnrankedFactors {
            kpi: s.column.name.clone(),
            first: s.dimensions[first].clone(),
            others,
            groups: s.groups,
        })
    }

    /// Of all sensitivity indices of a study: whether there are groups enough for their intervals.
    pub fn of_groups(all: &[Sensitivity]) -> Option<Warning> {
        let poorest = all.iter().min_by_key(|s| s.groups)?;
        let trajectories = matches!(poorest.indices, Indices::Morris(_));
        let groups = poorest.groups;
        (groups < fewest_groups(trajectories)).then_some(Warning::FewGroups { groups, trajectories })
    }

    /// What can be said of a model alone.
    pub fn of_model(scenario: &Scenario) -> Option<Warning> {
        let size = &scenario.size;
        (size.factor != 1.0).then(|| Warning::Resized {
            factor: size.factor,
            coarsest: size.coarsest().map(|part| (part.path.clone(), part.exact, part.used)),
            below_one_core: size.below_one_core(),
        })
    }

    /// All about the first arm of a plan that compares nothing.
    pub fn of_runs(scenario: &Scenario, runs: &Replications) -> Vec<Warning> {
        let rows = runs.rows.first().map_or(&[][..], Vec::as_slice);
        let arm = runs.arms.first().into_iter();
        let mut found = Warning::of_plan(scenario, rows.len());
        found.extend(arm.flat_map(|arm| Warning::of_arm(scenario, arm, rows)));
        found
    }

    /// Of a difference: whether its interval is wider than it is. None for one that is exactly nothing.
    pub fn wider(arm: &str, d: &Interval) -> Option<Warning> {
        let half = d.half_width.filter(|h| *h > d.mean.abs())?;
        Some(Warning::WiderThanEffect {
            arm: arm.to_owned(),
            needed: needed(d.mean, half, d.n),
        })
    }

    /// What can be said about the replications of one arm alone, whether compared or not.
    pub fn of_arm(scenario: &Scenario, arm: &Arm, rows: &[RunRow]) -> Vec<Warning> {
        let never = |key: &&String| {
            let acts = |row: &RunRow| row.first_act.iter().any(|(k, at)| k == *key && at.is_some());
            !rows.iter().any(acts)
        };
        let policies = arm.policies.iter().map(|p| &scenario.policies[p.index()].key);
        let mut found: Vec<Warning> = policies
            .filter(never)
            .map(|policy| Warning::NeverActed {
                arm: arm.name.clone(),
                policy: policy.clone(),
            })
            .collect();
        let lost: Vec<f64> = rows.iter().filter_map(|row| row.total("hours_lost")).collect();
        found.extend(two_modes(&lost).map(|modes| Warning::TwoModes {
            arm: arm.name.clone(),
            kpi: "hours_lost".to_owned(),
            modes,
            others: 0,
        }));
        found
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Warning::TooFewReplications { replications: 1 } => {
                write!(
                    f,
                    "1 replication shows no spread: no interval can be given. Make at least {FEWEST}."
                )
            }
            Warning::TooFewReplications { replications } => {
                write!(
                    f,
                    "{replications} replications are few: intervals may be too narrow. Make at least {FEWEST}."
                )
            }
            Warning::WiderThanEffect { arm, needed } => {
                write!(f, "{arm}: the interval is wider than the effect.")?;
                match needed {
                    Some(n) => write!(f, " About {n} replications would show an effect of this size."),
                    None => Ok(()),
                }
            }
            Warning::NeverActed { arm, policy } => write!(
                f,
                "{arm}: the policy '{policy}' never acted in any replication. Look at its start time and at what it is aimed at."
            ),
            Warning::NoEffect { arm, switch, pairs } => write!(
                f,
                "{arm}: '{switch}' changed nothing in any of {pairs} run{} that were also made without it. Look at its start time and at what it is aimed at.",
                if *pairs == 1 { "" } else { "s" }
            ),
            Warning::NegativeCorrelation { arm, correlation } => write!(
                f,
                "{arm}: outcomes go against the base's (correlation {correlation:.2}), so pairing does not help here. The interval holds all the same."
            ),
            Warning::TwoModes {
                arm,
                kpi,
                modes,
                others,
            } => {
                let words = kpi.replace('_', " ");
                write!(
                    f,
                    "{arm}: {words} has two modes, {} run{} about {} and {} about {}: some runs collapse. Read the runs and not only their mean.",
                    modes.low_count,
                    if modes.low_count == 1 { "" } else { "s" },
                    significant(modes.low),
                    modes.high_count,
                    significant(modes.high)
                )?;
                match others {
                    0 => Ok(()),
                    1 => write!(f, " So it is at one other point."),
                    n => write!(f, " So it is at {n} other points."),
                }
            }
            Warning::LeverAtEdge { lever, setting, upper } => write!(
                f,
                "The lever '{lever}' stands at the {} end of its range ({setting}): a better setting may lie beyond. Widen the range if that can be done.",
                if *upper { "upper" } else { "lower" }
            ),
            Warning::UnrankedFactors {
                kpi,
                first,
                others,
                groups,
            } => write!(
                f,
                "{kpi}: from {groups} trajectories or base rows '{first}' cannot be told from {others} other factors. Extend the design before ranking them."
            ),
            Warning::FewGroups {
                groups: 1,
                trajectories: true,
            } => write!(
                f,
                "One trajectory shows no spread: indices have no intervals, and there is no σ. Extend the design to {FEWEST_TRAJECTORIES}."
            ),
            Warning::FewGroups { groups, trajectories } => write!(
                f,
                "{groups} {} are few: intervals of indices are too narrow. Extend the design to {}.",
                if *trajectories { "trajectories" } else { "base rows" },
                fewest_groups(*trajectories)
            ),
            Warning::NoiseInIndices => write!(
                f,
                "Each point was run once: the chance of single runs counts as an effect of the factors. Small indices may be noise alone."
            ),
            Warning::Resized {
                factor,
                coarsest,
                below_one_core,
            } => {
                let (what, does) = match *factor < 1.0 {
                    true => ("smaller", "longer"),
                    false => ("larger", "less"),
                };
                write!(
                    f,
                    "This country is {factor} of the written one: near saturation a {what} country waits {does}. Compare it only with runs of the same size."
                )?;
                if let Some((path, exact, used)) = coarsest {
                    let exact = (exact * 1000.0).round() / 1000.0;
                    write!(f, " Rounding matters: `{path}` would be {exact} and is {used}.")?;
                }
                match below_one_core {
                    0 => Ok(()),
                    1 => write!(
                        f,
                        " One station has less than one core, so its requests are slower than written."
                    ),
                    n => write!(
                        f,
                        " {n} stations have less than one core, so their requests are slower than written."
                    ),
                }
            }
            Warning::WarmUp { length } => write!(
                f,
                "The model has a warm-up of {} s. Tables and files count from the start; the warm-up is applied by `preau verify`.",
                length.as_secs()
            ),
        }
    }
}

/// The least number of values whose 95 % interval is narrower than their mean, where `n` values of this mean have one of this
/// half-width: the least `m` with `t(0.975; m-1) s/√m ≤ |mean|`, for `s` as it was. Not only the root grows, Student's `t` shrinks as
/// well: 12.7 for two values, 2.4 for seven. None from a hundred thousand on.
fn needed(mean: f64, half: f64, n: usize) -> Option<u64> {
    const MOST: usize = 100_000;
    // Half-widths of so many values of deviation 1.
    let width = |m: usize| Some(t_factor(m, CONFIDENCE)? / (m as f64).sqrt());
    let wanted = mean.abs() / half * width(n)?;
    let narrow = |m: usize| width(m).is_some_and(|w| w <= wanted);
    if !narrow(MOST) {
        return None;
    }
    // Widths fall with the number of values: between one that is too wide and one that is not.
    let (mut wide, mut enough) = (1, MOST);
    while enough - wide > 1 {
        let middle = usize::midpoint(wide, enough);
        if narrow(middle) {
            enough = middle;
        } else {
            wide = middle;
        }
    }
    Some(enough as u64)
}

fn fewest_groups(trajectories: bool) -> usize {
    if trajectories {
        FEWEST_TRAJECTORIES
    } else {
        FEWEST_BASE_ROWS
    }
}

/// Three digits, or all of a whole part that has more.
fn significant(value: f64) -> String {
    let digits = libm::floor(libm::log10(value.abs().max(1e-300)));
    match digits {
        d if d >= 2.0 || value == 0.0 => format!("{value:.0}"),
        d => format!("{value:.*}", (2.0 - d).min(9.0) as usize),
    }
}

/// Whether a correlation of so many pairs is below zero beyond chance: the one-sided 95 % bound of Fisher's transformation is.
/// Where many pairs of arms are looked at, half of those without any correlation would show a negative one.
///
/// ```
/// use preau::experiment::warning::clearly_negative;
/// assert!(clearly_negative(-0.8, 10) && !clearly_negative(-0.3, 10) && clearly_negative(-0.3, 40));
/// ```
pub fn clearly_negative(correlation: f64, pairs: usize) -> bool {
    const ONE_SIDED: f64 = 1.644_853_626_951_472_7;
    pairs > 3 && libm::atanh(correlation) * libm::sqrt((pairs - 3) as f64) < -ONE_SIDED
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::made_up;

    #[test]
    fn another_size_is_told() {
        use crate::scenario::model::Resized;
        let mut scenario = made_up::scenario(1);
        scenario.size.factor = 0.1;
        let of = |scenario: &Scenario| Warning::of_model(scenario).map(|warning| warning.to_string());
        let told = "This country is 0.1 of the written one: near saturation a smaller country waits longer. \
                    Compare it only with runs of the same size.";
        assert_eq!(of(&scenario).as_deref(), Some(told));
        scenario.size.parts = [("a.burst", 2.0, 0.2, 1.0), ("services.x.station.cores", 4.0, 0.4, 0.4)]
            .map(|(path, written, exact, used)| Resized {
                path: path.into(),
                written,
                exact,
                used,
            })
            .to_vec();
        let told = of(&scenario).unwrap();
        assert!(told.contains("`a.burst` would be 0.2 and is 1."), "{told}");
        assert!(told.contains("One station has less than one core"), "{told}");
    }

    /// By hand from tables of t: 2.447/√7 = 0.92 and 2.571/√6 = 1.05; 3 x 2.026/√38 = 0.986 and 3 x 2.028/√37 = 1.0002. With
    /// many degrees of freedom ν, t² is z² (1 + (z² + 1)/2ν) for z = 1.96 and m is 2500 z² + 2.42 = 9606.07.
    #[test]
    fn what_would_show_an_effect_knows_that_student_s_factor_shrinks() {
        for (s, n, enough) in [(1.0, 2, 7), (3.0, 10, 38), (50.0, 20, 9607)] {
            let values: Vec<f64> = (0..n)
                .map(|i| 1.0 + if i % 2 == 0 { s } else { -s } * f64::sqrt((n - 1) as f64 / n as f64))
                .collect();
            let warning = Warning::wider("a", &Interval::of(&values).unwrap());
            let Some(Warning::WiderThanEffect { needed, .. }) = warning else {
                panic!("{warning:?}")
            };
            assert_eq!(needed, Some(enough), "n {n}, s {s}");
        }
        // Nothing can be said of no effect, and a hopeless number is no advice.
        for values in [[1.0, -1.0, 1.0, -1.0], [1.001, -0.999, 1.001, -0.999]] {
            let warning = Warning::wider("a", &Interval::of(&values).unwrap());
            assert!(
                matches!(warning, Some(Warning::WiderThanEffect { needed: None, .. })),
                "{warning:?}"
            );
        }
    }

    #[test]
    fn a_warm_up_is_told() {
        let mut scenario = made_up::scenario(1);
        assert!(Warning::of_plan(&scenario, 10).is_empty());
        scenario.clock.warm_up = Time::from_secs(2000.0);
        let told = Warning::of_plan(&scenario, 10);
        assert_eq!(told.len(), 1);
        assert!(told[0].to_string().starts_with("The model has a warm-up of 2000 s."));
    }
}
