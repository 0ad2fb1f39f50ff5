//! Adaptive population Monte Carlo for approximate Bayesian computation.
//!
//! After Lenormand, Jabot and Deffuant (2013): of `N` particles the share that came nearest is kept; the others are replaced
//! by proposals around the kept ones, weighted by prior over proposal density; and so on, with a tolerance that
//! the population itself sets. Every run counts, so a budget of runs is kept exactly. The proposal is a normal law with twice
//! the weighted covariance of the kept particles (Filippi, Barnes, Cornebise and Stumpf 2013).
//!
//! Everything happens in the unit cube, where the prior is uniform: a law of a parameter is its inverse
//! distribution function ([`super::Parameter::at`]).

use crate::engine::{Draw, Purpose, Streams, key_of};
use rayon::prelude::*;

/// Something that can be run with unknown parameters and compared with what is known.
pub trait Simulator: Sync {
    /// Why a run failed.
    type Error: Send;

    /// One run at a point of the unit cube. `run` is the run's number: equal numbers and points give equal results.
    ///
    /// # Errors
    /// When the run fails.
    fn observe(&self, point: &[f64], run: u64) -> Result<Seen, Self::Error>;
}

/// What a run came to.
#[derive(Clone, Debug, PartialEq)]
pub struct Seen {
    /// How far it is from what is known; 0 when everything fits.
    pub distance: f64,
    /// Which facts it shows.
    pub holds: Vec<bool>,
}

/// How to look.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// How many parameters.
    pub dimensions: usize,
    /// Particles of a population.
    pub particles: usize,
    /// Rounds, the first from the prior.
    pub rounds: usize,
    /// Most runs in all.
    pub runs: u64,
    /// Share of a population that is kept, between 0 and 1.
    pub keep: f64,
    /// No further round when a smaller share of the proposals came within the tolerance before.
    pub least_accepted: f64,
    /// Seed.
    pub seed: u64,
}

/// A draw of the parameters and what came of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Particle {
    /// Its place in the unit cube.
    pub point: Vec<f64>,
    /// Prior density over proposal density.
    pub weight: f64,
    /// Number of its run.
    pub run: u64,
    /// In which round it was drawn, from 0.
    pub round: usize,
    /// What came of it.
    pub seen: Seen,
}

/// How a round went.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Round {
    /// Runs so far.
    pub runs: u64,
    /// Largest distance kept.
    pub tolerance: f64,
    /// Share of its runs that came within the tolerance of the round before; 1 in the first.
    pub accepted: f64,
    /// Effective number of particles kept, `(Σw)²/Σw²`.
    pub effective: f64,
}

/// What is left at the end.
#[derive(Clone, Debug, PartialEq)]
pub struct Population {
    /// The kept particles, in the order of their runs.
    pub kept: Vec<Particle>,
    /// Every particle that was run, in order.
    pub all: Vec<Particle>,
    /// How the rounds went.
    pub rounds: Vec<Round>,
}

/// Looks for the posterior. `told` hears of each round that is over.
///
/// # Errors
/// A run that failed, the first in the order of runs of its round.
pub fn calibrate<S: Simulator>(
    settings: &Settings,
    simulator: &S,
    told: &mut dyn FnMut(&Round),
) -> Result<Population, S::Error> {
    let mut population = Population {
        kept: Vec::new(),
        all: Vec::new(),
        rounds: Vec::new(),
    };
    for round in 0..settings.rounds.max(1) {
        let left = settings.runs.saturating_sub(population.all.len() as u64) as usize;
        let wanted = if round == 0 {
            settings.particles
        } else {
            settings.particles - kept_of(settings).min(settings.particles - 1)
        };
        let proposals = match round {
            0 => from_prior(settings, wanted.min(left)),
            _ => Kernel::around(&population.kept).propose(settings, round, wanted.min(left)),
        };
        if proposals.is_empty() {
            break;
        }
        let first = population.all.len() as u64;
        let drawn = observe(simulator, proposals, first, round)?;
        let before = population.rounds.last().map(|r| r.tolerance);
        let near = drawn
            .iter()
            .filter(|p| before.is_none_or(|t| p.seen.distance <= t))
            .count();
        let accepted = near as f64 / drawn.len() as f64;
        population.all.extend(drawn.iter().cloned());
        population.kept.extend(drawn);
        let tolerance = keep_nearest(&mut population.kept, kept_of(settings), before);
        let done = Round {
            runs: population.all.len() as u64,
            tolerance,
            accepted,
            effective: super::effective(&population.kept),
        };
        told(&done);
        population.rounds.push(done);
        if accepted < settings.least_accepted {
            break;
        }
    }
    Ok(population)
}

fn kept_of(settings: &Settings) -> usize {
    (libm::ceil(settings.keep * settings.particles as f64) as usize).max(1)
}

/// A place in the cube with its weight.
type Proposal = (Vec<f64>, f64);

/// Runs proposals, on all threads; the results stand in the order of the proposals.
fn observe<S: Simulator>(
    simulator: &S,
    proposals: Vec<Proposal>,
    first: u64,
    round: usize,
) -> Result<Vec<Particle>, S::Error> {
    let one = |(i, (point, weight)): (usize, Proposal)| {
        let run = first + i as u64;
        let seen = simulator.observe(&point, run)?;
        Ok(Particle {
            point,
            weight,
            run,
            round,
            seen,
        })
    };
    let results: Vec<Result<Particle, S::Error>> =
        proposals.into_par_iter().enumerate().with_max_len(1).map(one).collect();
    results.into_iter().collect()
}

/// Where the tolerance would stay as it was because many distances are equal, it goes down all the same once this part of the
/// usual number of particles is nearer.
const FEWER: usize = 4;

/// Keeps the nearest particles, and those as near as the last of them; gives the largest distance kept.
fn keep_nearest(particles: &mut Vec<Particle>, count: usize, before: Option<f64>) -> f64 {
    let mut distances: Vec<f64> = particles.iter().map(|p| p.seen.distance).collect();
    distances.sort_by(f64::total_cmp);
    let mut tolerance = distances[count.min(distances.len()) - 1];
    let nearer = distances.partition_point(|d| *d < tolerance);
    if before.is_some_and(|before| tolerance >= before) && nearer > 0 && nearer >= count / FEWER {
        tolerance = distances[nearer - 1];
    }
    particles.retain(|p| p.seen.distance <= tolerance);
    tolerance
}

fn stream(settings: &Settings, round: usize) -> Draw {
    let key = key_of(&format!("calibration/{round}"));
    Streams::new(settings.seed, 0).sequence(Purpose::Other, key)
}

/// A Latin hypercube: in each dimension one point in each of `count` equal slices (McKay, Beckman and Conover 1979).
fn from_prior(settings: &Settings, count: usize) -> Vec<Proposal> {
    let mut draw = stream(settings, 0);
    let mut points = vec![vec![0.0; settings.dimensions]; count];
    for dimension in 0..settings.dimensions {
        let mut slices: Vec<usize> = (0..count).collect();
        for i in (1..count).rev() {
            slices.swap(i, draw.below(i as u32 + 1) as usize);
        }
        for (point, slice) in points.iter_mut().zip(slices) {
            point[dimension] = (slice as f64 + draw.uniform()) / count as f64;
        }
    }
    points.into_iter().map(|point| (point, 1.0)).collect()
}

/// Normal laws around weighted particles.
struct Kernel<'a> {
    particles: &'a [Particle],
    /// Weights added up, of a sum of 1.
    reached: Vec<f64>,
    /// Lower triangular root of the covariance.
    root: Vec<Vec<f64>>,
}

/// Added to the variances, so that a population that has come together in one dimension can still move: a spread of 0.1 %
/// of the prior's range.
const LEAST_VARIANCE: f64 = 1e-6;
/// Proposals outside the cube are drawn again; so many times at most for each that is wanted.
const TRIES: usize = 1000;

impl<'a> Kernel<'a> {
    fn around(particles: &'a [Particle]) -> Kernel<'a> {
        let total: f64 = particles.iter().map(|p| p.weight).sum();
        let mut sum = 0.0;
        let reached = particles.iter().map(|p| {
            sum += p.weight / total;
            sum
        });
        Kernel {
            reached: reached.collect(),
            root: cholesky(covariance(particles, total)),
            particles,
        }
    }

    /// Points within the cube, each with its weight: the prior's density, 1, over that of the proposals.
    ///
    /// Proposals beyond the cube are drawn again, so the density of those within is the mixture's over the share `Z` of it that
    /// lies in the cube, and a weight is `Z` over the mixture's density: its mean is 1 in every round. Any constant of a round
    /// would leave the pooled sample consistent, as each round by itself is; without `Z` those rounds would count `1/Z` times
    /// whose proposals lie about a corner, whose weights differ most. `Z` is estimated from the tries (Haldane 1945:
    /// `(m - 1)/(n - 1)` is unbiased where `n` tries were needed for `m`).
    fn propose(&self, settings: &Settings, round: usize, count: usize) -> Vec<Proposal> {
        let mut draw = stream(settings, round);
        let mut found = Vec::with_capacity(count);
        let mut tried = 0;
        while found.len() < count && tried < count * TRIES {
            tried += 1;
            let point = self.one(&mut draw);
            if point.iter().all(|x| (0.0..=1.0).contains(x)) {
                let weight = 1.0 / self.density(&point);
                found.push((point, weight));
            }
        }
        let share = match found.len() == count && count > 1 {
            true => (count - 1) as f64 / (tried - 1) as f64,
            false => found.len() as f64 / tried.max(1) as f64,
        };
        found.iter_mut().for_each(|(_, weight)| *weight *= share);
        found
    }

    fn one(&self, draw: &mut Draw) -> Vec<f64> {
        let u = draw.uniform();
        let chosen = self.reached.partition_point(|r| *r <= u).min(self.particles.len() - 1);
        let z: Vec<f64> = self.root.iter().map(|_| draw.normal()).collect();
        let step = |row: &Vec<f64>| row.iter().zip(&z).map(|(l, z)| l * z).sum::<f64>();
        let steps = self.root.iter().map(step);
        self.particles[chosen]
            .point
            .iter()
            .zip(steps)
            .map(|(x, s)| x + s)
            .collect()
    }

    fn density(&self, point: &[f64]) -> f64 {
        let mut before = 0.0;
        let parts = self.particles.iter().zip(&self.reached).map(|(particle, reached)| {
            let share = reached - before;
            before = *reached;
            share * self.normal(point, &particle.point)
        });
        parts.sum()
    }

    /// Density at a point of the normal law around another.
    fn normal(&self, point: &[f64], centre: &[f64]) -> f64 {
        let n = self.root.len();
        let mut solved = vec![0.0; n];
        let mut log = 0.0;
        for i in 0..n {
            let known: f64 = (0..i).map(|j| self.root[i][j] * solved[j]).sum();
            solved[i] = (point[i] - centre[i] - known) / self.root[i][i];
            log -= 0.5 * solved[i] * solved[i] + libm::log(self.root[i][i]);
        }
        libm::exp(log - 0.5 * n as f64 * libm::log(2.0 * std::f64::consts::PI))
    }
}

/// Twice the weighted covariance.
fn covariance(particles: &[Particle], total: f64) -> Vec<Vec<f64>> {
    let n = particles.first().map_or(0, |p| p.point.len());
    let mean = |i: usize| particles.iter().map(|p| p.weight * p.point[i]).sum::<f64>() / total;
    let means: Vec<f64> = (0..n).map(mean).collect();
    let product = |i: usize, j: usize| {
        let each = particles
            .iter()
            .map(|p| p.weight * (p.point[i] - means[i]) * (p.point[j] - means[j]));
        2.0 * each.sum::<f64>() / total + if i == j { LEAST_VARIANCE } else { 0.0 }
    };
    (0..n).map(|i| (0..n).map(|j| product(i, j)).collect()).collect()
}

/// The lower triangular `L` with `L Lᵀ` the matrix. Where rounding leaves no positive pivot, the least variance stands.
fn cholesky(matrix: Vec<Vec<f64>>) -> Vec<Vec<f64>> {
    let n = matrix.len();
    let mut root = vec![vec![0.0; n]; n];
    for i in 0..n {
        for j in 0..=i {
            let known: f64 = (0..j).map(|k| root[i][k] * root[j][k]).sum();
            let rest = matrix[i][j] - known;
            root[i][j] = if i == j {
                rest.max(LEAST_VARIANCE).sqrt()
            } else {
                rest / root[j][j]
            };
        }
    }
    root
}

#[cfg(test)]
mod tests {
    use super::super::{effective, ranges_of};
    use super::*;

    /// So many successes in trials of an unknown chance, whose prior is uniform: the posterior after `seen` successes is
    /// Beta(seen + 1, trials - seen + 1) exactly, at a tolerance below one success.
    struct Coin {
        trials: u32,
        seen: u32,
    }

    impl Simulator for Coin {
        type Error = ();

        fn observe(&self, point: &[f64], run: u64) -> Result<Seen, ()> {
            let mut draw = Streams::new(77, run).sequence(Purpose::Other, 1);
            let successes = (0..self.trials).filter(|_| draw.uniform() < point[0]).count() as f64;
            Ok(Seen {
                distance: (successes - f64::from(self.seen)).abs(),
                holds: vec![],
            })
        }
    }

    fn settings(seed: u64) -> Settings {
        Settings {
            dimensions: 1,
            particles: 1000,
            rounds: 10,
            runs: 100_000,
            keep: 0.5,
            least_accepted: 0.0,
            seed,
        }
    }

    #[test]
    fn the_posterior_of_a_coin_is_the_exact_beta_law() {
        let coin = Coin { trials: 20, seen: 14 };
        for seed in 1..=5 {
            let population = calibrate(&settings(seed), &coin, &mut |_| ()).unwrap();
            let last = population.rounds.last().unwrap();
            assert_eq!(last.tolerance, 0.0, "{:?}", population.rounds);
            // Beta(15, 7).
            let (a, b) = (15.0, 7.0);
            let mean = a / (a + b);
            let sd = (a * b / ((a + b) * (a + b) * (a + b + 1.0f64))).sqrt();
            let range = ranges_of(&population.kept, 0);
            let n = effective(&population.kept);
            assert!(n > 300.0, "{n}");
            let z = (range.mean - mean) / (sd / n.sqrt());
            assert!(z.abs() < 4.0, "mean {} is {z} standard errors from {mean}", range.mean);
            // The standard error of a standard deviation is about sd / sqrt(2 n).
            let z = (range.sd - sd) / (sd / (2.0 * n).sqrt());
            assert!(z.abs() < 4.0, "deviation {} is {z} standard errors from {sd}", range.sd);
        }
    }

    /// Two chances of which only one success count each is seen, and the second coin is thrown with the product of both.
    struct TwoCoins {
        truth: [f64; 2],
        world: u64,
    }

    fn throws(point: &[f64], draw: &mut Draw) -> [f64; 2] {
        let chances = [point[0], point[0] * point[1]];
        chances.map(|p| (0..40).filter(|_| draw.uniform() < p).count() as f64)
    }

    impl Simulator for TwoCoins {
        type Error = ();

        fn observe(&self, point: &[f64], run: u64) -> Result<Seen, ()> {
            let seen = throws(
                &self.truth,
                &mut Streams::new(self.world, 0).sequence(Purpose::Other, 2),
            );
            let made = throws(
                point,
                &mut Streams::new(self.world, run + 1).sequence(Purpose::Other, 2),
            );
            Ok(Seen {
                distance: (seen[0] - made[0]).abs() + (seen[1] - made[1]).abs(),
                holds: vec![],
            })
        }
    }

    #[test]
    fn planted_parameters_lie_in_their_intervals_as_often_as_these_say() {
        // Truths from the prior, data from the truths: then a 90 % interval holds the truth in 90 % of worlds (simulation-based
        // calibration, Talts and others 2018). 200 worlds, two parameters: 400 trials, standard error 1.5 %. Where the
        // tolerance is above 0 at the end intervals are wider than the exact ones, never narrower.
        let settings = Settings {
            dimensions: 2,
            particles: 200,
            rounds: 10,
            ..settings(3)
        };
        let (mut held, mut worlds) = (0, 0);
        for world in 0..200 {
            let mut draw = Streams::new(5, world).sequence(Purpose::Other, 9);
            let truth = [draw.uniform(), draw.uniform()];
            let coins = TwoCoins { truth, world };
            let population = calibrate(&settings, &coins, &mut |_| ()).unwrap();
            for (dimension, truth) in truth.iter().enumerate() {
                let range = ranges_of(&population.kept, dimension);
                held += usize::from((range.low..=range.high).contains(truth));
                worlds += 1;
            }
        }
        let share = held as f64 / f64::from(worlds);
        assert!((0.86..=0.97).contains(&share), "{share}");
    }

    #[test]
    fn a_calibration_is_the_same_again_and_on_any_number_of_threads() {
        let coin = Coin { trials: 20, seen: 4 };
        let small = Settings {
            particles: 40,
            rounds: 3,
            ..settings(1)
        };
        let on = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| calibrate(&small, &coin, &mut |_| ()).unwrap())
        };
        assert_eq!(on(1), on(3));
        assert_ne!(
            on(1),
            calibrate(&Settings { seed: 2, ..small }, &coin, &mut |_| ()).unwrap()
        );
    }

    #[test]
    fn the_budget_of_runs_is_kept() {
        let coin = Coin { trials: 20, seen: 4 };
        let small = Settings {
            particles: 40,
            runs: 55,
            ..settings(1)
        };
        let mut told = 0;
        let population = calibrate(&small, &coin, &mut |_| told += 1).unwrap();
        assert_eq!(population.all.len(), 55);
        assert_eq!((told, population.rounds.len()), (2, 2));
        assert!(population.all.iter().enumerate().all(|(i, p)| p.run == i as u64));
    }

    /// Of proposals with weight prior/proposal density the mean is the prior's mass, 1, whatever share of the law lies in the
    /// cube. Around a corner of three dimensions about an eighth does. 40 rounds of 500 proposals: the mean of their mean
    /// weights against its own standard error.
    #[test]
    fn proposals_around_a_corner_weigh_as_much_as_draws_of_the_prior() {
        let mut draw = Streams::new(9, 0).sequence(Purpose::Other, 3);
        let particles: Vec<Particle> = (0..200)
            .map(|run| Particle {
                point: (0..3).map(|_| 1.0 - draw.uniform() * draw.uniform()).collect(),
                weight: 0.5 + draw.uniform(),
                run,
                round: 0,
                seen: Seen {
                    distance: 0.0,
                    holds: vec![],
                },
            })
            .collect();
        let kernel = Kernel::around(&particles);
        let means: Vec<f64> = (1..=40)
            .map(|round| {
                let proposals = kernel.propose(&settings(1), round, 500);
                proposals.iter().map(|(_, weight)| weight).sum::<f64>() / proposals.len() as f64
            })
            .collect();
        let found = crate::experiment::stats::Interval::with_confidence(&means, 0.9999).unwrap();
        assert!(found.holds(1.0), "{found:?}");
    }

    #[test]
    fn a_root_times_itself_is_the_matrix() {
        let matrix = vec![vec![4.0, 2.0, 0.6], vec![2.0, 5.0, 1.0], vec![0.6, 1.0, 3.0]];
        let root = cholesky(matrix.clone());
        for i in 0..3 {
            for j in 0..3 {
                let product: f64 = (0..3).map(|k| root[i][k] * root[j][k]).sum();
                assert!((product - matrix[i][j]).abs() < 1e-12);
            }
        }
    }
}
