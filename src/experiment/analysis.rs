//! What a finished sweep says of its factors: sensitivity indices where the design gives them, and the corner that fails.

use super::design::Design;
use super::sensitivity::{Axis, Cover, Effect, PrimOptions, SampleError, Sobol, cover, morris, sobol};
use super::stats::CONFIDENCE;
use super::study::{Column, Factor, Kind, Study};
use super::sweep::PointResult;
use std::collections::HashSet;

/// When a point fails, by the mean over its replications.
#[derive(Clone, Debug)]
pub struct Failing {
    /// In words.
    pub words: String,
    tests: Vec<Test>,
}

#[derive(Clone, Debug)]
struct Test {
    column: usize,
    /// Fails above this.
    above: Option<f64>,
    /// Fails below this.
    below: Option<f64>,
}

impl Failing {
    /// From `hours_lost_share > 0.02`, with a KPI that the study keeps; several with `or` between.
    ///
    /// # Errors
    /// In words, what is wrong with it.
    ///
    /// ```
    /// # use preau::experiment::study::{Study, Surroundings};
    /// # use preau::scenario::Source;
    /// use preau::experiment::analysis::Failing;
    /// # let text = r#"(model: "2021-04-06", set: ["size=0.001"], kpis: ["hours_lost_share"])"#;
    /// # let model = |name: &str| Source::Builtin(name.to_owned());
    /// # let around = Surroundings { model: &model, file: &|_| Ok(String::new()) };
    /// # let study = Study::read("mine.ron", text, &around, &[]).unwrap();
    /// assert!(Failing::parse(&study, "hours_lost_share > 0.02").is_ok());
    /// let error = Failing::parse(&study, "hours > 0.02").unwrap_err();
    /// assert!(error.contains("hours_lost_share"));
    /// ```
    pub fn parse(study: &Study, text: &str) -> Result<Failing, String> {
        let one = |part: &str| {
            let (name, sign, limit) = [">=", "<=", ">", "<"]
                .iter()
                .find_map(|sign| part.split_once(sign).map(|(a, b)| (a.trim(), *sign, b.trim())))
                .ok_or_else(|| format!("`{part}` is no condition: expected such as `hours_lost_share > 0.02`"))?;
            let column = column(study, name)?;
            let limit: f64 = limit
                .parse()
                .ok()
                .filter(|l: &f64| l.is_finite())
                .ok_or_else(|| format!("`{limit}` is no number in `{part}`"))?;
            // At the limit itself `>=` fails and `>` does not: the next number below stands in for it.
            Ok::<Test, String>(match sign {
                ">" => Test {
                    column,
                    above: Some(limit),
                    below: None,
                },
                ">=" => Test {
                    column,
                    above: Some(limit.next_down()),
                    below: None,
                },
                "<" => Test {
                    column,
                    above: None,
                    below: Some(limit),
                },
                _ => Test {
                    column,
                    above: None,
                    below: Some(limit.next_up()),
                },
            })
        };
        let tests: Result<Vec<Test>, String> = text.split(" or ").map(one).collect();
        Ok(Failing {
            words: text.trim().to_owned(),
            tests: tests?,
        })
    }

    /// A point fails when it breaks a constraint of the study; `None` when the study has none.
    pub fn of_constraints(study: &Study) -> Option<Failing> {
        let test = |constraint: &super::study::Constraint| {
            Some(Test {
                column: column(study, &constraint.column.name).ok()?,
                above: constraint.at_most,
                below: constraint.at_least,
            })
        };
        let tests: Vec<Test> = study.constraints.iter().filter_map(test).collect();
        let words: Vec<String> = study
            .constraints
            .iter()
            .map(|c| format!("not {}", c.describe()))
            .collect();
        (!tests.is_empty()).then(|| Failing {
            words: words.join(" or "),
            tests,
        })
    }

    /// What does not exist breaks nothing.
    fn is(&self, means: &[Option<f64>]) -> bool {
        self.tests.iter().any(|test| {
            means[test.column].is_some_and(|v| test.above.is_some_and(|a| v > a) || test.below.is_some_and(|b| v < b))
        })
    }
}

/// The position of a KPI among those that a study keeps.
///
/// # Errors
/// With those that there are, when it is none of them.
pub fn column(study: &Study, name: &str) -> Result<usize, String> {
    study.columns.iter().position(|c| c.name == name).ok_or_else(|| {
        let known: Vec<&str> = study.columns.iter().map(|c| c.name.as_str()).collect();
        format!("the sweep keeps no `{name}`; it keeps {}", known.join(", "))
    })
}

/// What is known of a point.
#[derive(Clone, Debug)]
struct Known {
    /// Its settings as numbers.
    settings: Vec<f64>,
    /// In the order of the study's columns.
    means: Vec<Option<f64>>,
}

/// Means of every KPI of every point.
#[derive(Clone, Debug)]
pub struct Means<'a> {
    study: &'a Study,
    /// `None` for points without a run that did not fail.
    points: Vec<Option<Known>>,
    /// Fewest replications behind a mean.
    pub fewest: usize,
}

impl<'a> Means<'a> {
    /// An empty table of a study's points.
    pub fn new(study: &'a Study) -> Means<'a> {
        Means {
            study,
            points: vec![None; study.points()],
            fewest: usize::MAX,
        }
    }

    /// Takes the runs of a point. Points come in any order.
    pub fn take(&mut self, result: &PointResult) {
        if result.made() == 0 || result.index >= self.points.len() {
            return;
        }
        let number = |(factor, setting): (&Factor, &String)| factor.number(setting).unwrap_or(f64::NAN);
        let settings = self
            .study
            .factors
            .iter()
            .zip(&result.point.settings)
            .map(number)
            .collect();
        let means = (0..self.study.columns.len())
            .map(|c| result.interval(c).map(|i| i.mean))
            .collect();
        self.points[result.index] = Some(Known { settings, means });
        self.fewest = self.fewest.min(result.made());
    }

    /// Points without a run.
    pub fn missing(&self) -> usize {
        self.points.iter().filter(|p| p.is_none()).count()
    }

    fn value(&self, point: usize, column: usize) -> Option<f64> {
        self.points[point].as_ref().and_then(|known| known.means[column])
    }

    /// The sensitivity of a KPI to the dimensions of the design; `None` for designs that give none.
    ///
    /// # Errors
    /// When all that is there cannot be analysed.
    pub fn sensitivity(&self, column: usize) -> Option<Result<Sensitivity, SampleError>> {
        let k = self.study.dimensions();
        let group = match self.study.design {
            Design::Morris(_) => k + 1,
            Design::SobolIndices(_) => k + 2,
            _ => return None,
        };
        // A trajectory or a row of blocks is whole or is left out.
        let (mut points, mut outputs, mut left_out) = (vec![], vec![], 0);
        for start in (0..self.points.len()).step_by(group) {
            let values: Option<Vec<f64>> = (start..start + group).map(|i| self.value(i, column)).collect();
            match values {
                None => left_out += 1,
                Some(values) => {
                    outputs.extend(values);
                    points.extend((start..start + group).map(|i| self.study.design.unit(k, i, self.study.seed)));
                }
            }
        }
        let seed = self.study.seed;
        let found = match self.study.design {
            Design::Morris(_) => morris(&points, &outputs, CONFIDENCE).map(Indices::Morris),
            _ => sobol(&outputs, k, false, CONFIDENCE, seed).map(Indices::Sobol),
        };
        Some(found.map(|indices| Sensitivity {
            column: self.study.columns[column].clone(),
            dimensions: (0..k).map(|d| self.dimension(d)).collect(),
            indices,
            groups: outputs.len() / group,
            left_out,
        }))
    }

    fn dimension(&self, d: usize) -> String {
        let factors = self.study.factors_of(d);
        let names: Vec<&str> = factors.iter().map(|f| self.study.factors[*f].name.as_str()).collect();
        names.join(", ")
    }

    /// Boxes in which points fail. Points of equal settings are one: they have the same runs, and would count twice for chance.
    /// The search itself frees limits by quasi-p-values all the same; where points depend on one another (designs of
    /// trajectories and blocks) those are a rule of thumb, and are not reported.
    ///
    /// # Errors
    /// When the sample cannot be analysed.
    pub fn boxes(&self, failing: &Failing, most: usize) -> Result<Corner, SampleError> {
        let axes: Vec<Axis> = self.study.factors.iter().map(axis).collect();
        let mut seen = HashSet::new();
        let settings = |k: &Known| k.settings.iter().map(|x| x.to_bits()).collect::<Vec<_>>();
        let known: Vec<&Known> = self
            .points
            .iter()
            .flatten()
            .filter(|k| seen.insert(settings(k)))
            .collect();
        let points: Vec<Vec<f64>> = known.iter().map(|k| k.settings.clone()).collect();
        let fails: Vec<bool> = known.iter().map(|k| failing.is(&k.means)).collect();
        let mut cover = cover(&axes, &points, &fails, PrimOptions::default(), most)?;
        if matches!(self.study.design, Design::Morris(_) | Design::SobolIndices(_)) {
            let limits = cover.boxes.iter_mut().flat_map(|b| &mut b.limits);
            limits.for_each(|limit| limit.quasi_p = None);
        }
        let is_failing = |i: &usize| self.points[*i].as_ref().is_some_and(|k| failing.is(&k.means));
        Ok(Corner {
            failing: failing.words.clone(),
            fails: (0..self.points.len()).filter(is_failing).collect(),
            axes,
            cover,
        })
    }
}

/// How a factor is called and measured. Multiples of what the model says are `times` that.
fn axis(factor: &Factor) -> Axis {
    let name = &factor.name;
    let times = factor.targets().first().is_some_and(|t| t.written.is_some());
    match &factor.kind {
        Kind::Switch(_) => Axis::switch(name),
        Kind::Values { values, .. } => Axis::choice(name, values.clone()),
        Kind::Choice(choices) => {
            let names: Vec<String> = choices.iter().map(|(name, _)| name.clone()).collect();
            Axis::choice(name, names)
        }
        Kind::Range { .. } if times => Axis::number(name, "times the model's"),
        Kind::Range { range, .. } => Axis::number(name, &range.unit),
    }
}

/// How much a KPI depends on each dimension of a design.
#[derive(Clone, Debug)]
pub struct Sensitivity {
    /// Of which KPI.
    pub column: Column,
    /// Names of the dimensions.
    pub dimensions: Vec<String>,
    /// The indices, in the order of the dimensions.
    pub indices: Indices,
    /// Trajectories or base rows.
    pub groups: usize,
    /// Those left out, for a run of them failed or is missing or has no value.
    pub left_out: usize,
}

/// Indices of a design.
#[derive(Clone, Debug)]
pub enum Indices {
    /// Elementary effects.
    Morris(Vec<Effect>),
    /// Shares of variance.
    Sobol(Sobol),
}

/// Where a study fails.
#[derive(Clone, Debug)]
pub struct Corner {
    /// When a point fails, in words.
    pub failing: String,
    /// Positions of the points that fail, in the order of the design.
    pub fails: Vec<usize>,
    /// The factors.
    pub axes: Vec<Axis>,
    /// The boxes.
    pub cover: Cover,
}
