//! Selection of the best of several systems with a stated probability: the fully sequential procedure of Kim
//! and Nelson.

use serde::Serialize;

/// Which outcome is the better one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Goal {
    /// The smallest mean is best (hours lost).
    Smallest,
    /// The largest mean is best (people connected).
    Largest,
}

/// Constants of the procedure for `systems` systems, `first` replications in the first stage and a
/// probability `confidence` of correct selection: `η = ½((2α/(k-1))^(-2/(n0-1)) - 1)` and `h² = 2cη(n0-1)`
/// with `c = 1` (Kim and Nelson 2001). `None` for fewer than two systems or replications, or a confidence
/// that chance alone would reach.
///
/// ```
/// use preau::experiment::stats::select::constants;
/// let (_, h2) = constants(4, 20, 0.95).unwrap();
/// assert!((h2 - 8.179_411_49).abs() < 1e-8);
/// ```
pub fn constants(systems: usize, first: usize, confidence: f64) -> Option<(f64, f64)> {
    let chance = 1.0 / systems as f64;
    if systems < 2 || first < 2 || !(chance..1.0).contains(&confidence) {
        return None;
    }
    let tail = 2.0 * (1.0 - confidence) / (systems - 1) as f64;
    let eta = 0.5 * (tail.powf(-2.0 / (first - 1) as f64) - 1.0);
    Some((eta, 2.0 * eta * (first - 1) as f64))
}

/// A race of systems. The caller asks which systems still run ([`KimNelson::racing`]), makes one more
/// replication of each (all with the same random numbers, if it likes: the procedure works with variances of
/// differences, so common random numbers make it shorter) and hands the outcomes to [`KimNelson::round`].
///
/// With at least the stated probability the last one is the best, provided that the best is better than all
/// others by the indifference `delta`; if others are closer than that, one of those is as welcome. Outcomes
/// are taken as normal: where runs collapse or not, let a value be the mean of ten replications.
///
/// ```
/// use preau::experiment::stats::{Goal, KimNelson};
/// let mut race = KimNelson::new(2, Goal::Smallest, 1.0, 0.95, 10).unwrap();
/// while race.selected().is_none() {
///     let noise = (race.rounds() * 7 % 10) as f64;
///     let outcomes: Vec<f64> = race.racing().iter().map(|i| [30.0, 10.0][*i] + noise).collect();
///     race.round(&outcomes);
/// }
/// assert_eq!(race.selected(), Some(1));
/// ```
#[derive(Clone, Debug)]
pub struct KimNelson {
    goal: Goal,
    delta: f64,
    first: usize,
    h2: f64,
    racing: Vec<usize>,
    /// Outcomes of the first stage, `[system][round]`; emptied when the variances are known.
    stage: Vec<Vec<f64>>,
    sums: Vec<f64>,
    counts: Vec<usize>,
    /// Variances of the differences in the first stage, `[i][l]`.
    variances: Vec<Vec<f64>>,
    rounds: usize,
    out: Vec<(usize, usize)>,
}

impl KimNelson {
    /// A race of `systems` with an indifference `delta` in the unit of the outcomes, a probability
    /// `confidence` of correct selection and `first` rounds (ten or more) before anyone may leave. `None` when
    /// no such race exists (see [`constants`]) or `delta` is not above zero.
    pub fn new(systems: usize, goal: Goal, delta: f64, confidence: f64, first: usize) -> Option<KimNelson> {
        let (_, h2) = constants(systems, first, confidence)?;
        (delta > 0.0 && delta.is_finite()).then(|| KimNelson {
            goal,
            delta,
            first,
            h2,
            racing: (0..systems).collect(),
            stage: vec![Vec::new(); systems],
            sums: vec![0.0; systems],
            counts: vec![0; systems],
            variances: vec![],
            rounds: 0,
            out: vec![],
        })
    }

    /// The systems that need one more replication, in ascending order.
    pub fn racing(&self) -> &[usize] {
        &self.racing
    }

    /// Rounds made so far.
    pub fn rounds(&self) -> usize {
        self.rounds
    }

    /// The system selected, once there is one.
    pub fn selected(&self) -> Option<usize> {
        (self.racing.len() == 1).then(|| self.racing[0])
    }

    /// Who left after which round, in order.
    pub fn eliminated(&self) -> &[(usize, usize)] {
        &self.out
    }

    /// Replications made of a system.
    pub fn replications(&self, system: usize) -> usize {
        self.counts.get(system).copied().unwrap_or(0)
    }

    /// Mean outcome of a system so far.
    pub fn mean(&self, system: usize) -> Option<f64> {
        let n = self.replications(system);
        (n > 0).then(|| self.sums[system] / n as f64)
    }

    /// The round after which the race surely ends, or has ended; `None` before the first stage is over.
    pub fn longest(&self) -> Option<usize> {
        if self.racing.len() == 1 {
            return Some(self.rounds);
        }
        let largest = |i: &usize| self.racing.iter().map(|l| self.needed(*i, *l)).fold(0.0, f64::max);
        (!self.variances.is_empty())
            .then(|| self.racing.iter().map(largest).fold(0.0, f64::max) as usize + 1)
            .map(|n| n.max(self.first))
    }

    /// Takes one outcome for each system of [`KimNelson::racing`], in that order, and says who still runs.
    /// Outcomes of another number are not taken.
    pub fn round(&mut self, outcomes: &[f64]) -> &[usize] {
        if outcomes.len() != self.racing.len() || self.racing.len() == 1 {
            return &self.racing;
        }
        self.rounds += 1;
        for (i, value) in self.racing.iter().zip(outcomes) {
            self.sums[*i] += value;
            self.counts[*i] += 1;
            if self.rounds <= self.first {
                self.stage[*i].push(*value);
            }
        }
        if self.rounds == self.first {
            self.variances = variances(&self.stage);
            self.stage.clear();
        }
        if self.rounds >= self.first {
            self.screen();
        }
        &self.racing
    }

    /// `h² S²/δ²`: after so many rounds the pair's continuation region has closed.
    fn needed(&self, i: usize, l: usize) -> f64 {
        (self.h2 * self.variances[i][l] / (self.delta * self.delta)).floor()
    }

    fn screen(&mut self) {
        let r = self.rounds as f64;
        let sign = if self.goal == Goal::Largest { 1.0 } else { -1.0 };
        let mean = |i: usize| sign * self.sums[i] / self.counts[i] as f64;
        let width = |i: usize, l: usize| {
            let closes = self.h2 * self.variances[i][l] / (self.delta * self.delta);
            (self.delta / (2.0 * r) * (closes - r)).max(0.0)
        };
        let stays = |i: &usize| {
            self.racing
                .iter()
                .all(|l| l == i || mean(*i) >= mean(*l) - width(*i, *l))
        };
        let (stay, leave): (Vec<usize>, Vec<usize>) = self.racing.iter().partition(|i| stays(i));
        let best = stay
            .iter()
            .copied()
            .reduce(|a, b| if mean(b) > mean(a) { b } else { a });
        self.out.extend(leave.into_iter().map(|i| (i, self.rounds)));
        self.racing = stay;
        // Every continuation region has closed: the best mean wins, equal ones by their order.
        if self.racing.len() > 1 && self.longest().is_some_and(|n| self.rounds >= n) {
            let others = self.racing.iter().filter(|i| Some(**i) != best);
            self.out.extend(others.map(|i| (*i, self.rounds)));
            self.racing.retain(|i| Some(*i) == best);
        }
    }
}

fn variances(stage: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let variance = |a: &[f64], b: &[f64]| {
        let differences: Vec<f64> = a.iter().zip(b).map(|(x, y)| x - y).collect();
        super::interval::mean_and_deviation(&differences).map_or(0.0, |(_, s)| s * s)
    };
    stage
        .iter()
        .map(|a| stage.iter().map(|b| variance(a, b)).collect())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{Draw, Purpose, Streams};

    #[test]
    fn constants_are_those_of_the_paper() {
        // Computed from the formula of Kim and Nelson (2001) in another program.
        for (k, n0, h2) in [(4, 20, 8.179_411_49), (8, 20, 10.714_911_92), (16, 30, 11.970_688_02)] {
            let (eta, h) = constants(k, n0, 0.95).unwrap();
            assert!((h - h2).abs() < 5e-9, "{h}");
            assert!((2.0 * eta * (n0 - 1) as f64 - h).abs() < 1e-12);
        }
        assert_eq!(constants(1, 20, 0.95), None);
        assert_eq!(constants(4, 1, 0.95), None);
        assert_eq!(constants(4, 20, 0.2), None, "chance alone selects one in four");
    }

    /// One race of `k` systems in the least favourable configuration: all others are worse by exactly delta.
    /// `common` is the share of the variance that all systems have in common.
    fn race(k: usize, delta: f64, common: f64, draw: &mut Draw) -> (bool, usize) {
        let mut race = KimNelson::new(k, Goal::Smallest, delta, 0.95, 10).unwrap();
        let mut runs = 0;
        while race.selected().is_none() {
            let shared = common.sqrt() * draw.normal();
            let outcomes: Vec<f64> = race
                .racing()
                .iter()
                .map(|i| if *i == 2 { 0.0 } else { delta } + shared + (1.0 - common).sqrt() * draw.normal())
                .collect();
            runs += outcomes.len();
            race.round(&outcomes);
        }
        (race.selected() == Some(2), runs)
    }

    /// The promise is at least 95 %. Of 3000 races, fewer than 93.4 % would be right by chance once in 30 000
    /// (four standard deviations of a binomial share: 0.4 %).
    #[test]
    fn selects_the_best_as_often_as_it_says_with_and_without_common_random_numbers() {
        let mut means = vec![];
        for common in [0.0, 0.8] {
            let mut draw = Streams::new(4, 0).sequence(Purpose::Other, 1);
            let races: Vec<(bool, usize)> = (0..3000).map(|_| race(4, 0.4, common, &mut draw)).collect();
            let right = races.iter().filter(|r| r.0).count() as f64 / races.len() as f64;
            assert!(right >= 0.934, "{right} with {common} in common");
            means.push(races.iter().map(|r| r.1).sum::<usize>() as f64 / races.len() as f64);
        }
        // Eighty per cent in common cuts the variance of differences to a fifth.
        assert!(means[1] < 0.6 * means[0], "{means:?}");
    }

    #[test]
    fn clear_losers_leave_first_and_the_close_ones_get_the_effort() {
        let mut race = KimNelson::new(3, Goal::Largest, 0.2, 0.95, 10).unwrap();
        let mut draw = Streams::new(5, 0).sequence(Purpose::Other, 1);
        while race.selected().is_none() {
            let outcomes: Vec<f64> = race
                .racing()
                .iter()
                .map(|i| [10.0, 9.95, 1.0][*i] + 0.5 * draw.normal())
                .collect();
            race.round(&outcomes);
        }
        assert_eq!(race.eliminated()[0].0, 2);
        assert_eq!(race.replications(2), 10);
        assert!(race.replications(0) > 20 && race.replications(1) > 20);
    }

    #[test]
    fn equal_systems_end_and_wrong_rounds_are_not_taken() {
        let mut race = KimNelson::new(3, Goal::Smallest, 1.0, 0.9, 5).unwrap();
        race.round(&[1.0]);
        assert_eq!((race.rounds(), race.longest()), (0, None));
        for _ in 0..5 {
            race.round(&[1.0, 1.0, 1.0]);
        }
        assert_eq!(
            race.selected(),
            Some(0),
            "no spread and no difference: the first is as good as any"
        );
        let mut draw = Streams::new(6, 0).sequence(Purpose::Other, 1);
        let mut race = KimNelson::new(3, Goal::Smallest, 1.0, 0.9, 5).unwrap();
        while race.selected().is_none() {
            let outcomes: Vec<f64> = race.racing().iter().map(|_| draw.normal()).collect();
            race.round(&outcomes);
            assert!(race.longest().is_none_or(|n| race.rounds() <= n));
        }
        assert!(KimNelson::new(3, Goal::Smallest, 0.0, 0.9, 5).is_none());
    }
}
