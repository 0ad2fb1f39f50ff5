//! An experiment file as something to be optimised: levers are chosen, uncertainties are drawn, the simulator answers.

use super::problem::{Answer, Ask, Problem, Stopped};
use crate::experiment::RunRow;
use crate::experiment::design::{Design, MOST_DIMENSIONS, MOST_POINTS};
use crate::experiment::jobs::{Halt, Job, each};
use crate::experiment::study::{Column, Constraint, Kind, Law, Point, Role, Study};
use crate::measure::kpi::{Better, Kpi, Scope};
use crate::world::{Mode, Orbit};
use std::ops::ControlFlow;
use std::sync::atomic::AtomicBool;

/// A KPI that is to be made small, or great where that is better.
#[derive(Clone, Debug)]
pub struct Objective {
    /// The KPI.
    pub column: Column,
}

impl Objective {
    /// Of a KPI by name: one that the study keeps (with its scope), or any of the total.
    ///
    /// # Errors
    /// In words, when there is no such KPI, or none of which less or more is better.
    pub fn find(study: &Study, name: &str) -> Result<Objective, String> {
        let kept = study.columns.iter().find(|c| c.name == name).cloned();
        let column = kept.or_else(|| Some(Column::new(study.base().plain(), Kpi::find(name)?, Scope::Total)));
        let column = column.ok_or_else(|| format!("there is no KPI `{name}`; `docs/kpis.md` lists all"))?;
        match column.kpi.better {
            Better::Neither => Err(format!("of `{name}` neither less nor more is better")),
            _ => Ok(Objective { column }),
        }
    }

    /// Its value from one that is better when smaller, and back.
    pub fn signed(&self, value: f64) -> f64 {
        if self.column.kpi.better == Better::Higher {
            -value
        } else {
            value
        }
    }
}

/// A study with its objectives.
pub struct StudyProblem<'a> {
    study: &'a Study,
    objectives: Vec<Objective>,
    threads: Option<usize>,
    stop: Option<&'a AtomicBool>,
    /// Called after each run.
    told: &'a (dyn Fn() + Sync),
    /// Dimensions of the study that levers set, and those that nobody does.
    levers: Vec<usize>,
    futures: Vec<usize>,
}

impl<'a> StudyProblem<'a> {
    /// Of a study. `told` is called after each run, from the thread that made it.
    ///
    /// # Errors
    /// In words, when the study has no levers, or more uncertainties than can be drawn evenly.
    pub fn new(
        study: &'a Study,
        objectives: Vec<Objective>,
        threads: Option<usize>,
        stop: Option<&'a AtomicBool>,
        told: &'a (dyn Fn() + Sync),
    ) -> Result<StudyProblem<'a>, String> {
        let is_lever = |d: &usize| {
            study
                .factors_of(*d)
                .iter()
                .any(|f| study.factors[*f].role == Role::Lever)
        };
        let (levers, futures): (Vec<usize>, Vec<usize>) = (0..study.dimensions()).partition(is_lever);
        if levers.is_empty() {
            return Err("the experiment has no levers: there is nothing to choose".to_owned());
        }
        if futures.len() > MOST_DIMENSIONS {
            return Err(format!(
                "the experiment has {} uncertainties; at most {MOST_DIMENSIONS} can be drawn",
                futures.len()
            ));
        }
        Ok(StudyProblem {
            study,
            objectives,
            threads,
            stop,
            told,
            levers,
            futures,
        })
    }

    /// Names of the levers, in the order of candidates' numbers.
    pub fn lever_names(&self) -> Vec<&str> {
        let name = |d: &usize| {
            self.study
                .factors_of(*d)
                .first()
                .map(|f| self.study.factors[*f].name.as_str())
        };
        self.levers.iter().filter_map(name).collect()
    }

    /// Uncertainties, as many as are drawn.
    pub fn uncertainties(&self) -> usize {
        self.futures.len()
    }

    /// The settings of a candidate's levers, in their order.
    pub fn settings(&self, levers: &[f64]) -> Vec<String> {
        let point = self.point(levers, 0);
        let of = |d: &usize| {
            self.study
                .factors_of(*d)
                .into_iter()
                .map(|f| point.settings[f].clone())
                .collect::<Vec<_>>()
        };
        self.levers.iter().flat_map(of).collect()
    }

    /// Levers of numbers that stand at an end of their range: position and whether it is the upper one.
    pub fn at_edges(&self, levers: &[f64]) -> Vec<(usize, bool)> {
        let settings = self.settings(levers);
        let edge = |(i, d): (usize, &usize)| {
            let factor = &self.study.factors[*self.study.factors_of(*d).first()?];
            let Kind::Range { range, .. } = &factor.kind else {
                return None;
            };
            let value: f64 = settings.get(i)?.parse().ok()?;
            let near = 0.02 * (range.to - range.from);
            match value {
                v if v <= range.from + near => Some((i, false)),
                v if v >= range.to - near => Some((i, true)),
                _ => None,
            }
        };
        self.levers.iter().enumerate().filter_map(edge).collect()
    }

    /// A point of the study: levers as they are asked for, uncertainties as the future has them. Futures are the points of a
    /// scrambled Sobol sequence, so that few of them cover the uncertainties evenly and more add to those before.
    fn point(&self, levers: &[f64], future: usize) -> Point {
        let drawn = Design::Sobol(MOST_POINTS).unit(self.futures.len(), future, self.study.seed);
        let mut unit = vec![0.5; self.study.dimensions()];
        for (d, u) in self.futures.iter().zip(drawn) {
            unit[*d] = u;
        }
        for (d, u) in self.levers.iter().zip(levers) {
            unit[*d] = self.place(*d, *u);
        }
        self.study.point_at(&unit)
    }

    /// Where on its own range a lever stands. A range with `levels` has them at equal steps, ends included, as in full designs.
    fn place(&self, dimension: usize, u: f64) -> f64 {
        match self.steps(dimension) {
            Some(n) if n > 1 && self.is_range(dimension) => {
                (u * f64::from(n)).floor().min(f64::from(n - 1)) / f64::from(n - 1)
            }
            _ => u,
        }
    }

    fn is_range(&self, dimension: usize) -> bool {
        let range = |f: &usize| match &self.study.factors[*f].kind {
            // Whole numbers of a uniform law are found at the middles of equal parts.
            Kind::Range { range, .. } => range.levels.is_some(),
            _ => false,
        };
        self.study.factors_of(dimension).first().is_some_and(range)
    }

    fn steps(&self, dimension: usize) -> Option<u32> {
        let factor = &self.study.factors[*self.study.factors_of(dimension).first()?];
        match &factor.kind {
            Kind::Range { range, .. } if range.levels.is_none() && range.integer && range.law == Law::Uniform => {
                let n = range.to.floor() - range.from.ceil() + 1.0;
                (1.0..=1e6).contains(&n).then_some(n as u32)
            }
            _ => factor.levels(),
        }
    }

    /// The answer, or in words why this run has none.
    fn run(&self, ask: &Ask, halt: &Halt<'_>) -> Result<Result<Answer, String>, Stopped> {
        let replication = ask.future as u64;
        let made = self
            .study
            .scenario(&self.point(&ask.levers, ask.future))
            .and_then(|(scenario, policies)| {
                let job = Job {
                    scenario,
                    policies,
                    seed: self.study.seed,
                    replication,
                    orbit: Orbit::Auto,
                    mode: Mode::Auto,
                };
                let outcome = job.run(halt)?;
                Ok((RunRow::of(&job.scenario, &outcome, 0, replication), job.scenario))
            });
        let (row, scenario) = match made {
            Ok(made) => made,
            Err(error) if error.is_stopped() => return Err(Stopped),
            Err(error) => return Ok(Err(error.to_string())),
        };
        let value = |o: &Objective| {
            let value = o.column.of(&scenario, &row);
            let value = value.ok_or_else(|| format!("`{}` has no value in a run", o.column.name));
            value.map(|v| o.signed(v))
        };
        let objectives: Result<Vec<f64>, String> = self.objectives.iter().map(value).collect();
        let constraints = self.study.constraints.iter();
        let excess = constraints.map(|c| excess(c, c.column.of(&scenario, &row))).collect();
        Ok(objectives.map(|objectives| Answer { objectives, excess }))
    }
}

/// By how much a value is beyond a limit; below 0 it keeps it.
fn excess(constraint: &Constraint, value: Option<f64>) -> Option<f64> {
    let value = value?;
    let above = constraint.at_most.map(|high| value - high);
    let below = constraint.at_least.map(|low| low - value);
    above.into_iter().chain(below).reduce(f64::max)
}

impl Problem for StudyProblem<'_> {
    fn levels(&self) -> Vec<Option<u32>> {
        self.levers.iter().map(|d| self.steps(*d)).collect()
    }

    fn key(&self, levers: &[f64]) -> String {
        let settings = self.settings(levers);
        let named = self
            .lever_names()
            .into_iter()
            .zip(&settings)
            .map(|(name, setting)| format!("{name} {setting}"));
        named.collect::<Vec<_>>().join(", ")
    }

    fn answers(&mut self, asks: &[Ask]) -> Result<Vec<Result<Answer, String>>, Stopped> {
        let this = &*self;
        let mut answers: Vec<Option<Result<Answer, String>>> = asks.iter().map(|_| None).collect();
        let mut stopped = false;
        let halt = Halt::with(this.stop);
        let work = |(i, ask): (usize, &Ask), halt: &Halt<'_>| (i, this.run(ask, halt));
        let done = |(i, result): (usize, Result<Result<Answer, String>, Stopped>)| {
            match result {
                Err(Stopped) => stopped = true,
                Ok(answer) => {
                    (this.told)();
                    answers[i] = Some(answer);
                }
            }
            ControlFlow::Continue(())
        };
        if let Err(error) = each(this.threads, &halt, asks.iter().enumerate(), work, done) {
            return Ok(asks.iter().map(|_| Err(error.to_string())).collect());
        }
        if stopped || halt.is_set() {
            return Err(Stopped);
        }
        answers.into_iter().map(|a| a.ok_or(Stopped)).collect()
    }
}
