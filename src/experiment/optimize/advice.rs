//! What to know before believing a choice of levers.

use super::pool::{Candidate, Verdict};
use super::race::{Optimum, Options};
use super::study::{Objective, StudyProblem};
use crate::experiment::Warning;
use crate::experiment::stats::{interval::FEWEST, paired, two_modes};
use crate::experiment::study::Kind;
use crate::experiment::warning::clearly_negative;

/// So many others are compared with the choice: the cheapest that may be as good.
const COMPARED: usize = 3;

/// All about the choice of an optimisation; nothing when nothing was chosen, for then nothing is to be believed.
pub fn advice(
    problem: &StudyProblem<'_>,
    objectives: &[Objective],
    options: &Options,
    optimum: &Optimum,
) -> Vec<Warning> {
    let Some(chosen) = optimum.chosen() else { return vec![] };
    let candidate = &optimum.pool.candidates[chosen];
    let confirmed = optimum.confirmations.iter().find(|c| c.candidate == chosen);
    let fresh = confirmed.map_or(&[][..], |c| &c.answers);
    let mut found = vec![];
    if fresh.len() < FEWEST {
        found.push(Warning::TooFewReplications {
            replications: fresh.len(),
        });
    }
    let (names, settings) = (problem.lever_names(), problem.settings(&candidate.levers));
    for (lever, upper) in problem.at_edges(&candidate.levers) {
        found.push(Warning::LeverAtEdge {
            lever: names[lever].to_owned(),
            setting: settings[lever].clone(),
            upper,
        });
    }
    found.extend(idle(problem, optimum, candidate));
    found.extend(near(objectives, options, optimum, chosen));
    for (k, objective) in objectives.iter().enumerate() {
        let signed = candidate.answers.iter().chain(fresh).map(|a| a.objectives[k]);
        let values: Vec<f64> = signed.map(|v| objective.signed(v)).collect();
        found.extend(two_modes(&values).map(|modes| Warning::TwoModes {
            arm: candidate.key.clone(),
            kpi: objective.column.name.clone(),
            modes,
            others: 0,
        }));
    }
    found
}

/// Switches that are on in the choice, and that changed nothing in any future that was also tried without them.
fn idle(problem: &StudyProblem<'_>, optimum: &Optimum, chosen: &Candidate) -> Vec<Warning> {
    let ours = problem.settings(&chosen.levers);
    let without = |lever: usize| {
        let is_switch = problem.factor(lever).is_some_and(|f| matches!(f.kind, Kind::Switch(_)));
        let same_but_for_it = |other: &&Candidate| {
            let theirs = problem.settings(&other.levers);
            let differ = (0..ours.len()).filter(|i| ours[*i] != theirs[*i]);
            differ.eq([lever])
        };
        let on = is_switch && ours[lever] == "on";
        on.then(|| optimum.pool.candidates.iter().find(same_but_for_it))
            .flatten()
    };
    let changed = |other: &Candidate| chosen.answers.iter().zip(&other.answers).any(|(a, b)| a != b);
    let names = problem.lever_names();
    let lever = |lever: usize| {
        let other = without(lever).filter(|other| !other.answers.is_empty() && !changed(other))?;
        Some(Warning::NoEffect {
            arm: chosen.key.clone(),
            switch: names[lever].to_owned(),
            pairs: chosen.answers.len().min(other.answers.len()),
        })
    };
    (0..names.len()).filter_map(lever).collect()
}

/// Settings that keep the constraints and whose cost these futures cannot tell from the choice's, and those that meet the same
/// futures the other way round.
fn near(objectives: &[Objective], options: &Options, optimum: &Optimum, chosen: usize) -> Vec<Warning> {
    let candidates = &optimum.pool.candidates;
    let keeps =
        |i: &usize| *i != chosen && candidates[*i].verdict(options.keeping, options.confidence) == Verdict::Keeps;
    let mut others: Vec<usize> = optimum.pool.alive().into_iter().filter(keeps).collect();
    others.sort_by(|a, b| candidates[*a].means()[0].total_cmp(&candidates[*b].means()[0]));
    let mut found = vec![];
    for other in others.into_iter().take(COMPARED).map(|i| &candidates[i]) {
        let (ours, theirs) = (candidates[chosen].objective(0), other.objective(0));
        let n = ours.len().min(theirs.len());
        let Some(pair) = paired(&ours[..n], &theirs[..n]) else {
            continue;
        };
        let arm = format!("{} of '{}' against the choice", objectives[0].column.name, other.key);
        found.extend(Warning::wider(&arm, &pair.difference));
        if let Some(correlation) = pair.correlation.filter(|r| clearly_negative(*r, n)) {
            found.push(Warning::NegativeCorrelation { arm, correlation });
        }
    }
    found
}
