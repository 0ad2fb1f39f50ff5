//! An experiment file as something to be optimised: levers are chosen, uncertainties are drawn, the simulator answers.

use super::ledger::{Ended, Ledger, Values};
use super::problem::{Answer, Ask, Problem, Stopped};
use crate::experiment::RunRow;
use crate::experiment::design::{Design, MOST_DIMENSIONS, MOST_POINTS};
use crate::experiment::jobs::{Halt, Job, each};
use crate::experiment::study::{Column, Constraint, Factor, Kind, Law, Point, Role, Study};
use crate::experiment::sweep::Name;
use crate::measure::kpi::{Better, Kpi, Scope};
use crate::world::{Mode, Orbit};
use std::collections::HashSet;
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
        let column = column.ok_or_else(|| match name.split_once('@') {
            Some((kpi, _)) if Kpi::find(kpi).is_some() => {
                format!("the experiment does not keep `{name}`; add it to its `kpis`")
            }
            _ => format!("there is no KPI `{name}`; `docs/kpis.md` lists all"),
        })?;
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
    /// Where runs are written down.
    ledger: Option<Ledger<'a>>,
    /// What is kept of a run.
    kept: Vec<Column>,
    /// Dimensions of the study that levers set, and those that nobody does.
    levers: Vec<usize>,
    futures: Vec<usize>,
}

impl<'a> StudyProblem<'a> {
    /// Of a study. `told` is called after each run that was made or found in the ledger.
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
        let limits = study.constraints.iter().map(|c| &c.column);
        let kept = objectives.iter().map(|o| &o.column).chain(limits).cloned().collect();
        Ok(StudyProblem {
            study,
            objectives,
            threads,
            stop,
            told,
            ledger: None,
            kept,
            levers,
            futures,
        })
    }

    /// Writes each run down when it ends, and takes those that are there already instead of making them again.
    pub fn with_ledger(mut self, ledger: Ledger<'a>) -> StudyProblem<'a> {
        self.kept = ledger.columns().to_vec();
        self.ledger = Some(ledger);
        self
    }

    /// Where runs are written down, if they are.
    pub fn ledger(&self) -> Option<&Ledger<'a>> {
        self.ledger.as_ref()
    }

    /// The factor of a lever; of several that are set together, the first.
    pub(super) fn factor(&self, lever: usize) -> Option<&'a Factor> {
        let study = self.study;
        let dimension = self.levers.get(lever)?;
        study.factors_of(*dimension).first().map(|f| &study.factors[*f])
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
        let edge = |i: usize| Some((i, self.factor(i)?.edge(settings.get(i)?)?));
        (0..self.levers.len()).filter_map(edge).collect()
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

    /// What the ledger holds of a run.
    fn found(&mut self, name: Option<Name>) -> Option<Values> {
        self.ledger.as_mut()?.find(name?)
    }

    /// Makes a run; none when it was stopped.
    fn run(&self, task: &Task<'_>, halt: &Halt<'_>) -> Option<Ended> {
        let replication = task.ask.future as u64;
        let made = self.study.scenario(&task.point).and_then(|(scenario, policies)| {
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
        Ended::of(made, &self.kept)
    }

    /// The answer of a run, or in words why it has none. It is made of what is kept, whether that was read or has just been
    /// made, so both give the same bits.
    fn answer(&self, values: &Values) -> Result<Answer, String> {
        let values = values.as_ref().map_err(Clone::clone)?;
        let of = |column: &Column| {
            let place = self.kept.iter().position(|kept| kept.name == column.name)?;
            values.get(place).copied().flatten()
        };
        let value = |o: &Objective| {
            let value = of(&o.column);
            let value = value.ok_or_else(|| {
                format!(
                    "`{}` has no value in a run; name others with --objectives",
                    o.column.name
                )
            });
            value.map(|v| o.signed(v))
        };
        let objectives: Result<Vec<f64>, String> = self.objectives.iter().map(value).collect();
        let excess = self
            .study
            .constraints
            .iter()
            .map(|c| excess(c, of(&c.column)))
            .collect();
        Ok(Answer {
            objectives: objectives?,
            excess,
        })
    }

    /// Makes the runs of some tasks, writes each down, and says what came of it in the order in which they end.
    ///
    /// # Errors
    /// When the caller stopped it, the ledger could not be written, or threads could not be started.
    fn make(
        &mut self,
        tasks: &[Task<'_>],
        mut ended: impl FnMut(usize, Result<Answer, String>) + Send,
    ) -> Result<(), Halted> {
        // Only the thread that is told of a run may have it; what makes runs needs none.
        let mut ledger = self.ledger.take();
        let this = &*self;
        let mut written = true;
        let halt = Halt::with(this.stop);
        let work = |task, halt: &Halt<'_>| (task, this.run(task, halt));
        let done = |(task, run): (&Task<'_>, Option<Ended>)| {
            // Stopped: it is as if it had never begun.
            let Some(run) = run else {
                return ControlFlow::Continue(());
            };
            if let (Some(ledger), Some(name)) = (&mut ledger, task.name) {
                written = ledger.add(name, &task.point, task.ask, &run.fingerprint, &run.values);
            }
            if !written {
                return ControlFlow::Break(());
            }
            (this.told)();
            ended(task.place, this.answer(&run.values));
            ControlFlow::Continue(())
        };
        let threads = each(this.threads, &halt, tasks, work, done);
        let stopped = halt.is_set();
        self.ledger = ledger;
        match threads {
            Err(error) => Err(Halted::Threads(error.to_string())),
            Ok(_) if stopped => Err(Halted::Stopped),
            Ok(_) => Ok(()),
        }
    }
}

/// A run that is to be made.
struct Task<'t> {
    /// Its place among those that were asked for.
    place: usize,
    ask: &'t Ask,
    point: Point,
    /// Its name in the ledger.
    name: Option<Name>,
}

/// Why runs were not made.
enum Halted {
    Stopped,
    Threads(String),
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
        let mut answers: Vec<Option<Result<Answer, String>>> = asks.iter().map(|_| None).collect();
        let (mut tasks, mut names, mut under_way) = (vec![], vec![], HashSet::new());
        for (place, ask) in asks.iter().enumerate() {
            let point = self.point(&ask.levers, ask.future);
            let name = self.ledger.as_ref().map(|ledger| ledger.name(&point, ask));
            names.push(name);
            if let Some(values) = self.found(name) {
                answers[place] = Some(self.answer(&values));
                (self.told)();
            } else if name.is_none_or(|name| under_way.insert(name)) {
                tasks.push(Task {
                    place,
                    ask,
                    point,
                    name,
                });
            }
        }
        match self.make(&tasks, |place, answer| answers[place] = Some(answer)) {
            Ok(()) => {}
            Err(Halted::Stopped) => return Err(Stopped),
            Err(Halted::Threads(why)) => return Ok(asks.iter().map(|_| Err(why.clone())).collect()),
        }
        // Two settings of the levers may be the same model: what was asked twice in one go was made once.
        for (place, name) in names.into_iter().enumerate() {
            if answers[place].is_none() {
                let values = self.found(name).ok_or(Stopped)?;
                answers[place] = Some(self.answer(&values));
            }
        }
        answers.into_iter().map(|a| a.ok_or(Stopped)).collect()
    }
}
