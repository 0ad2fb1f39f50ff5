//! The choice of levers, for the terminal and as files.

use super::number::{count, kpi_plus_minus, percent, significant, unit_of_column};
use super::table::{plain, width};
use crate::experiment::optimize::{
    Candidate, Keeping, Objective, Optimum, Options, Regret, StudyProblem, Verdict, regret, satisficing,
};
use crate::experiment::stats::Interval;
use crate::measure::kpi::Unit;
use crate::scenario::wrapped;
use serde_json::{Value, json};
use std::io::Write;

/// An optimum with what it was the optimum of.
pub struct Chosen<'a> {
    /// The experiment's levers.
    pub problem: &'a StudyProblem<'a>,
    /// What was made small, the first of them first.
    pub objectives: &'a [Objective],
    /// The constraints in words; empty when there are none.
    pub constraints: Vec<String>,
    /// What was asked.
    pub options: &'a Options,
    /// What came of it.
    pub optimum: &'a Optimum,
}

/// A candidate by its place.
fn name(i: usize) -> String {
    format!("c{}", i + 1)
}

fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Keeps => "keeps",
        Verdict::Breaks => "breaks",
        Verdict::Open => "open",
    }
}

impl Chosen<'_> {
    fn candidate(&self, i: usize) -> &Candidate {
        &self.optimum.pool.candidates[i]
    }

    fn front(&self) -> Vec<&Candidate> {
        self.optimum.front.iter().map(|i| self.candidate(*i)).collect()
    }

    /// An objective's interval in its own direction.
    fn interval(&self, candidate: &Candidate, objective: usize) -> Option<Interval> {
        let values = candidate.objective(objective);
        let own: Vec<f64> = values.iter().map(|v| self.objectives[objective].signed(*v)).collect();
        Interval::of(&own)
    }

    fn shown(&self, objective: usize, interval: &Interval) -> String {
        kpi_plus_minus(self.objectives[objective].column.kpi.unit, interval)
    }

    fn verdict(&self, candidate: &Candidate) -> Verdict {
        candidate.verdict(self.options.keeping, self.options.confidence)
    }

    /// What is promised, in words.
    fn promise(&self) -> String {
        let confidence = percent(self.options.confidence);
        let limits = self.constraints.join(" and ");
        match self.options.keeping {
            Keeping::Mean => format!("{limits} on average over the futures, with {confidence} confidence"),
            Keeping::Share(share) => format!(
                "{limits} in {} of futures or more, with {confidence} confidence",
                percent(share)
            ),
        }
    }

    /// Everything for the terminal: the choice, the front, regrets, what was not looked at.
    pub fn text(&self) -> Vec<String> {
        vec![self.choice(), self.front_table(), self.regret_table(), self.limits()]
    }

    fn choice(&self) -> String {
        let o = self.optimum;
        let first = &self.objectives[0].column.name;
        let promise = if self.constraints.is_empty() {
            "no constraint".to_owned()
        } else {
            self.promise()
        };
        let mut lines = vec![];
        match o.chosen() {
            Some(chosen) => {
                let candidate = self.candidate(chosen);
                lines.push(format!("Least {first} ({promise}):"));
                lines.push(format!("  {} ({})", candidate.key, name(chosen)));
                let close = self.close(chosen);
                if !close.is_empty() {
                    let names: Vec<String> = close.iter().map(|i| name(*i)).collect();
                    let better = |i: &usize| o.pool.against(*i, chosen, 1).is_some_and(|d| d.difference.mean < 0.0);
                    let next = match self.objectives.get(1) {
                        Some(next) if !close.iter().any(better) => {
                            format!("; none of them did better in {}", next.column.name)
                        }
                        _ => String::new(),
                    };
                    lines.push(format!(
                        "Not told apart from it in {first} by these runs: {}{next}",
                        names.join(", ")
                    ));
                }
            }
            None => lines.push(format!("No setting was shown to keep {promise}.")),
        }
        for c in &o.confirmations {
            let kept = c.answers.iter().filter(|a| a.holds()).count();
            let n = c.answers.len();
            let what = match &c.failed {
                Some(why) => format!("a run failed: {why}"),
                None => format!("constraints held in {kept} of {n}: {}", word(c.verdict)),
            };
            lines.push(format!("On {n} fresh futures, {}: {what}", name(c.candidate)));
        }
        lines
            .into_iter()
            .map(|l| wrapped(&l, width(), "  "))
            .collect::<Vec<_>>()
            .join("\n")
    }

    /// Candidates that keep the constraints and whose first objective cannot be told from the chosen one's, pair by pair.
    fn close(&self, chosen: usize) -> Vec<usize> {
        let pool = &self.optimum.pool;
        let near = |i: &usize| {
            *i != chosen && self.verdict(self.candidate(*i)) == Verdict::Keeps && !pool.told_apart(*i, chosen)
        };
        self.optimum.pool.alive().into_iter().filter(near).collect()
    }

    fn front_table(&self) -> String {
        let mut head: Vec<&str> = vec!["settings", "futures"];
        let with_unit = |o: &Objective| format!("{}\n{}", o.column.name, unit_of_column(o.column.kpi.unit));
        let objectives: Vec<String> = self.objectives.iter().map(with_unit).collect();
        head.extend(objectives.iter().map(String::as_str));
        head.extend(["all held in", "limits"]);
        let row = |i: &usize| {
            let candidate = self.candidate(*i);
            let mut cells = vec![name(*i), candidate.answers.len().to_string()];
            for k in 0..self.objectives.len() {
                cells.push(
                    self.interval(candidate, k)
                        .map_or("-".to_owned(), |i| self.shown(k, &i)),
                );
            }
            let held = satisficing(candidate);
            cells.push(held.map_or("-".to_owned(), |s| percent(s.share)));
            cells.push(word(self.verdict(candidate)).to_owned());
            cells
        };
        let title = match self.optimum.front_keeps {
            true => "Pareto front among settings that keep the constraints by their means:",
            false => "No setting keeps the constraints by its means. Pareto front of all:",
        };
        let settings = self.optimum.front.iter().map(|i| {
            let line = format!("{}: {}", name(*i), self.candidate(*i).key);
            wrapped(&line, width(), "    ")
        });
        let settings: Vec<String> = settings.collect();
        let rows = self.optimum.front.iter().map(row).collect();
        format!("{title}\n\n{}\n\n{}", plain(&head, rows), settings.join("\n"))
    }

    fn regret_table(&self) -> String {
        let front = self.front();
        let table = regret(&front);
        let futures = front.iter().map(|c| c.answers.len()).min().unwrap_or(0);
        if front.len() < 2 || table.is_empty() {
            return String::new();
        }
        let mut head = vec!["settings".to_owned()];
        for o in self.objectives {
            head.push(format!(
                "{}, mean\n{}",
                o.column.name,
                unit_of_column(o.column.kpi.unit)
            ));
            head.push("worst".to_owned());
        }
        let cell = |o: &Objective, value: f64| match o.column.kpi.unit {
            Unit::Share => format!("{} %", significant(100.0 * value, 3)),
            _ => significant(value, 3),
        };
        let cells = |(r, o): (&Regret, &Objective)| [cell(o, r.mean.mean), cell(o, r.worst)];
        let row = |(i, row): (&usize, &Vec<Regret>)| {
            let of_objectives = row.iter().zip(self.objectives).flat_map(cells);
            std::iter::once(name(*i)).chain(of_objectives).collect()
        };
        let rows: Vec<Vec<String>> = self.optimum.front.iter().zip(&table).map(row).collect();
        let head: Vec<&str> = head.iter().map(String::as_str).collect();
        format!(
            "Regret against the best of the front in the same future ({futures} futures):\n\n{}",
            plain(&head, rows)
        )
    }

    /// What was looked at and what was not.
    pub fn limits(&self) -> String {
        let o = self.optimum;
        let tried = o.pool.candidates.len();
        let levels: Vec<Option<u32>> = crate::experiment::optimize::Problem::levels(self.problem);
        let names = self.problem.lever_names();
        let searched = match (o.exhaustive, crate::experiment::optimize::combinations(&levels)) {
            (true, _) => format!("All {tried} settings of the levers were tried."),
            (false, Some(all)) => {
                format!("{tried} of {all} settings of the levers were tried; a better one may be among the others.")
            }
            (false, None) => {
                let real: Vec<&str> = names
                    .iter()
                    .zip(&levels)
                    .filter(|(_, n)| n.is_none())
                    .map(|(n, _)| *n)
                    .collect();
                format!(
                    "{tried} settings were tried; {} may take any number of its range, so that a better one may lie between.",
                    real.join(", ")
                )
            }
        };
        let futures = o.pool.candidates.iter().map(|c| c.answers.len()).max().unwrap_or(0);
        let drawn = format!(
            "Futures: up to {futures} draws of {} and of all chance; most settings met {}. What is rarer than one in \
             {futures} was not seen, nor anything beyond the ranges of the file.",
            count(self.problem.uncertainties(), "uncertainty", "uncertainties"),
            self.options.first
        );
        let failed = o.pool.candidates.iter().filter(|c| c.failed.is_some()).count();
        let failures = match o.pool.candidates.iter().find_map(|c| c.failed.as_deref()) {
            Some(why) => format!(" {failed} settings were set aside because a run failed, the first with: {why}"),
            None => String::new(),
        };
        wrapped(&format!("Not explored: {searched} {drawn}{failures}"), width(), "  ")
    }

    /// `pareto.csv`: one row a candidate that was tried, those of the front marked.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn pareto_csv<W: Write>(&self, out: W) -> csv::Result<()> {
        let mut writer = csv::Writer::from_writer(out);
        let mut head: Vec<String> = ["candidate", "front", "chosen"].map(str::to_owned).to_vec();
        head.extend(self.problem.lever_names().into_iter().map(str::to_owned));
        head.push("futures".to_owned());
        for o in self.objectives {
            let name = &o.column.name;
            head.extend([name.clone(), format!("{name}_half_width")]);
        }
        head.extend(["held_share", "held_low", "held_high", "verdict", "failed"].map(str::to_owned));
        writer.write_record(&head)?;
        for (i, candidate) in self.optimum.pool.candidates.iter().enumerate() {
            let yes = |b: bool| if b { "1" } else { "0" }.to_owned();
            let mut row = vec![
                name(i),
                yes(self.optimum.front.contains(&i)),
                yes(self.optimum.chosen() == Some(i)),
            ];
            row.extend(self.problem.settings(&candidate.levers));
            row.push(candidate.answers.len().to_string());
            for k in 0..self.objectives.len() {
                let interval = self.interval(candidate, k);
                row.push(interval.map_or_else(String::new, |i| i.mean.to_string()));
                row.push(
                    interval
                        .and_then(|i| i.half_width)
                        .map_or_else(String::new, |h| h.to_string()),
                );
            }
            let held = satisficing(candidate);
            row.extend([held.map(|h| h.share), held.map(|h| h.low), held.map(|h| h.high)].map(text));
            row.push(word(self.verdict(candidate)).to_owned());
            row.push(candidate.failed.clone().unwrap_or_default());
            writer.write_record(&row)?;
        }
        writer.flush().map_err(Into::into)
    }

    /// `regret.csv`: one row a candidate of the front and objective.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn regret_csv<W: Write>(&self, out: W) -> csv::Result<()> {
        let mut writer = csv::Writer::from_writer(out);
        writer.write_record([
            "candidate",
            "objective",
            "futures",
            "mean",
            "half_width",
            "p90",
            "worst",
        ])?;
        for (i, row) in self.optimum.front.iter().zip(regret(&self.front())) {
            for (o, r) in self.objectives.iter().zip(row) {
                let n = r.mean.n.to_string();
                let numbers = [Some(r.mean.mean), r.mean.half_width, Some(r.p90), Some(r.worst)].map(text);
                let start = [name(*i), o.column.name.clone(), n];
                writer.write_record(start.iter().chain(&numbers))?;
            }
        }
        writer.flush().map_err(Into::into)
    }

    /// `satisficing.csv`: one row a candidate of the front, and one a candidate on fresh futures.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn satisficing_csv<W: Write>(&self, out: W) -> csv::Result<()> {
        let mut writer = csv::Writer::from_writer(out);
        writer.write_record([
            "candidate",
            "fresh",
            "futures",
            "held_share",
            "held_low",
            "held_high",
            "verdict",
        ])?;
        let fresh = |c: &crate::experiment::optimize::Confirmation| {
            let mut candidate = self.candidate(c.candidate).clone();
            candidate.answers = c.answers.clone();
            (c.candidate, "1", candidate, c.verdict)
        };
        let front = self
            .optimum
            .front
            .iter()
            .map(|i| (*i, "0", self.candidate(*i).clone(), self.verdict(self.candidate(*i))));
        for (i, fresh, candidate, verdict) in front.chain(self.optimum.confirmations.iter().map(fresh)) {
            let Some(s) = satisficing(&candidate) else { continue };
            let start = [name(i), fresh.to_owned(), s.futures.to_string()];
            let numbers = [Some(s.share), Some(s.low), Some(s.high)].map(text);
            writer.write_record(start.iter().chain(&numbers).chain([&word(verdict).to_owned()]))?;
        }
        writer.flush().map_err(Into::into)
    }

    /// One JSON object.
    pub fn json(&self, notes: &[String]) -> Value {
        let one = |i: &usize| {
            let candidate = self.candidate(*i);
            let values: Vec<Value> = (0..self.objectives.len())
                .map(|k| json!({"kpi": self.objectives[k].column.name, "interval": self.interval(candidate, k)}))
                .collect();
            json!({"candidate": name(*i), "settings": candidate.key, "futures": candidate.answers.len(), "objectives": values,
                "held": satisficing(candidate), "verdict": word(self.verdict(candidate))})
        };
        let fresh = self.optimum.confirmations.iter().map(|c| {
            let kept = c.answers.iter().filter(|a| a.holds()).count();
            json!({"candidate": name(c.candidate), "futures": c.answers.len(), "held": kept, "verdict": word(c.verdict), "failed": c.failed})
        });
        let close = self.optimum.chosen().map_or(vec![], |i| self.close(i));
        json!({
            "levers": self.problem.lever_names(),
            "objectives": self.objectives.iter().map(|o| o.column.name.as_str()).collect::<Vec<_>>(),
            "close": close.into_iter().map(name).collect::<Vec<_>>(),
            "in_share": match self.options.keeping { Keeping::Mean => None, Keeping::Share(share) => Some(share) },
            "confidence": self.options.confidence,
            "chosen": self.optimum.chosen().map(|i| one(&i)), "front_keeps": self.optimum.front_keeps,
            "front": self.optimum.front.iter().map(one).collect::<Vec<_>>(), "fresh": fresh.collect::<Vec<_>>(),
            "runs": self.optimum.runs, "tried": self.optimum.pool.candidates.len(), "exhaustive": self.optimum.exhaustive,
            "constraints": self.constraints, "not_explored": self.limits(), "notes": notes,
        })
    }
}

fn text(value: Option<f64>) -> String {
    value.map_or_else(String::new, |v| v.to_string())
}
