//! Which candidates to try: all of them where there are few, else an evolutionary search (NSGA-II: Deb and others 2002).

use super::pareto::{crowding, fronts};
use super::pool::{Keeping, Pool};
use super::problem::{Problem, Stopped};
use crate::engine::{Draw, Purpose, Streams, key_of};

/// How the search is done.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SearchOptions {
    /// Runs that the search may make.
    pub runs: usize,
    /// Futures in which each candidate is tried at first.
    pub first: usize,
    /// When constraints count as kept.
    pub keeping: Keeping,
    /// Seed of the search.
    pub seed: u64,
}

/// How many different candidates there are; `None` when a lever takes any number of a range.
pub fn combinations(levels: &[Option<u32>]) -> Option<usize> {
    levels
        .iter()
        .try_fold(1_usize, |all, n| Some(all.saturating_mul((*n)? as usize)))
}

/// Tries candidates: every combination if the runs suffice, else generations of a population. Says whether all were tried.
///
/// # Errors
/// When the caller stopped it.
pub fn search(problem: &mut dyn Problem, pool: &mut Pool, options: &SearchOptions) -> Result<bool, Stopped> {
    let levels = problem.levels();
    let most = (options.runs / options.first.max(1)).max(1);
    if let Some(all) = combinations(&levels).filter(|all| *all <= most) {
        let places: Vec<usize> = (0..all)
            .map(|i| pool.place(problem, &combination(&levels, i)))
            .collect();
        begin(problem, pool, &places, options)?;
        return Ok(true);
    }
    evolve(problem, pool, &levels, options)?;
    Ok(false)
}

/// The `i`-th combination of levels, the last lever turning fastest.
fn combination(levels: &[Option<u32>], i: usize) -> Vec<f64> {
    let mut rest = i;
    let mut levers: Vec<f64> = levels
        .iter()
        .rev()
        .map(|n| {
            let n = n.unwrap_or(1).max(1) as usize;
            let level = rest % n;
            rest /= n;
            (level as f64 + 0.5) / n as f64
        })
        .collect();
    levers.reverse();
    levers
}

fn bring(problem: &mut dyn Problem, pool: &mut Pool, places: &[usize], options: &SearchOptions) -> Result<(), Stopped> {
    let wanted: Vec<(usize, usize)> = places.iter().map(|i| (*i, options.first)).collect();
    pool.bring(problem, &wanted)
}

/// Brings the first candidates up to one future each, and further where a run of any of them went well: what no run can
/// answer, such as a KPI that this model never has, is not asked of half of the budget.
fn begin(
    problem: &mut dyn Problem,
    pool: &mut Pool,
    places: &[usize],
    options: &SearchOptions,
) -> Result<bool, Stopped> {
    bring(problem, pool, places, &SearchOptions { first: 1, ..*options })?;
    let well = !pool.alive().is_empty();
    if well {
        bring(problem, pool, places, options)?;
    }
    Ok(well)
}

/// Half of the candidates that the budget allows may come at random; then selection has six or more generations' time.
fn population(most: usize) -> usize {
    (most / 7).clamp(6, 40).min(most)
}

fn evolve(
    problem: &mut dyn Problem,
    pool: &mut Pool,
    levels: &[Option<u32>],
    options: &SearchOptions,
) -> Result<(), Stopped> {
    let mut draw = Streams::new(options.seed, 0).sequence(Purpose::Other, key_of("optimize: search"));
    let size = population(options.runs / options.first.max(1));
    let start = pool.runs;
    let left = |pool: &Pool| options.runs.saturating_sub(pool.runs - start) / options.first.max(1);
    // A Latin hypercube: every lever's range is covered from the beginning.
    let mut parents = newcomers(problem, pool, hypercube(levels, size, &mut draw), size);
    if !begin(problem, pool, &parents, options)? {
        return Ok(());
    }
    let mut idle = 0;
    while left(pool) > 0 && idle < 20 {
        let children: Vec<Vec<f64>> = (0..size)
            .map(|_| child(pool, &parents, levels, options, &mut draw))
            .collect();
        let places = newcomers(problem, pool, children, left(pool));
        // Levers of few settings run out of new combinations near the parents; others are drawn then.
        idle = if places.is_empty() { idle + 1 } else { 0 };
        bring(problem, pool, &places, options)?;
        parents.extend(places);
        parents = best(pool, &parents, options.keeping, size);
    }
    Ok(())
}

/// Places of candidates that have not been tried, at most `most` of them.
fn newcomers(problem: &dyn Problem, pool: &mut Pool, levers: Vec<Vec<f64>>, most: usize) -> Vec<usize> {
    let mut places = vec![];
    for levers in levers {
        if places.len() == most {
            break;
        }
        let before = pool.candidates.len();
        let place = pool.place(problem, &levers);
        if place == before {
            places.push(place);
        }
    }
    places
}

fn hypercube(levels: &[Option<u32>], size: usize, draw: &mut Draw) -> Vec<Vec<f64>> {
    let mut points = vec![vec![]; size];
    for n in levels {
        let mut slices: Vec<usize> = (0..size).collect();
        (1..size).for_each(|i| slices.swap(i, draw.below(i as u32 + 1) as usize));
        for (point, slice) in points.iter_mut().zip(slices) {
            point.push(snapped((slice as f64 + draw.uniform()) / size as f64, *n));
        }
    }
    points
}

/// The middle of the level in which a number lies.
fn snapped(u: f64, levels: Option<u32>) -> f64 {
    match levels {
        None => u.clamp(0.0, 1.0),
        Some(n) => ((u * f64::from(n)).floor().clamp(0.0, f64::from(n.max(1) - 1)) + 0.5) / f64::from(n.max(1)),
    }
}

/// Rank of each candidate: those that keep all constraints (by their means so far) front by front and by room; then the
/// others by how much they break; failed ones last. Smaller is better.
fn order(pool: &Pool, places: &[usize], keeping: Keeping) -> Vec<(usize, f64)> {
    let tried = |i: &usize| pool.candidates[*i].failed.is_none() && !pool.candidates[*i].answers.is_empty();
    let scales = pool.scales();
    let violation = |i: usize| pool.candidates[i].violation(keeping, &scales);
    let good: Vec<usize> = places
        .iter()
        .copied()
        .filter(|i| tried(i) && violation(*i) == 0.0)
        .collect();
    let means: Vec<Vec<f64>> = good.iter().map(|i| pool.candidates[*i].means()).collect();
    let mut rank = vec![(usize::MAX, 0.0); pool.candidates.len()];
    for (level, front) in fronts(&means).into_iter().enumerate() {
        let points: Vec<&[f64]> = front.iter().map(|i| &means[*i][..]).collect();
        for (i, room) in front.iter().zip(crowding(&points)) {
            rank[good[*i]] = (level, -room);
        }
    }
    for i in places.iter().filter(|i| tried(i) && violation(**i) > 0.0) {
        rank[*i] = (usize::MAX - 1, violation(*i));
    }
    places.iter().map(|i| rank[*i]).collect()
}

fn best(pool: &Pool, places: &[usize], keeping: Keeping, size: usize) -> Vec<usize> {
    let ranks = order(pool, places, keeping);
    let mut sorted: Vec<usize> = (0..places.len()).collect();
    sorted.sort_by(|a, b| ranks[*a].0.cmp(&ranks[*b].0).then(ranks[*a].1.total_cmp(&ranks[*b].1)));
    sorted.into_iter().take(size).map(|i| places[i]).collect()
}

/// Distribution index of the crossover and of the mutation (Deb and Agrawal 1995): larger keeps children nearer.
const NEAR: f64 = 12.0;

/// A child of two parents, each the better of two drawn.
fn child(pool: &Pool, parents: &[usize], levels: &[Option<u32>], options: &SearchOptions, draw: &mut Draw) -> Vec<f64> {
    let ranks = order(pool, parents, options.keeping);
    let mut pick = || {
        let mut one = || draw.below(parents.len() as u32) as usize;
        let (a, b) = (one(), one());
        let better = ranks[a]
            .0
            .cmp(&ranks[b].0)
            .then(ranks[a].1.total_cmp(&ranks[b].1))
            .is_le();
        &pool.candidates[parents[if better { a } else { b }]].levers
    };
    let (mother, father) = (pick(), pick());
    let mutation = 1.0 / levels.len().max(1) as f64;
    let mut levers: Vec<f64> = Vec::with_capacity(levels.len());
    for (j, n) in levels.iter().enumerate() {
        let (a, b) = (mother[j], father[j]);
        let crossed = match n {
            Some(_) => [a, b][draw.below(2) as usize],
            None => {
                // Simulated binary crossover.
                let u = draw.uniform();
                let spread = if u < 0.5 {
                    (2.0 * u).powf(1.0 / (NEAR + 1.0))
                } else {
                    (0.5 / (1.0 - u)).powf(1.0 / (NEAR + 1.0))
                };
                let sign = if draw.chance(0.5) { 1.0 } else { -1.0 };
                0.5 * (a + b) + sign * 0.5 * spread * (a - b)
            }
        };
        let moved = match n {
            _ if !draw.chance(mutation) => crossed,
            // A list is redrawn; a long one is as often moved by a step.
            Some(n) if *n > 4 && draw.chance(0.5) => crossed + [-1.0, 1.0][draw.below(2) as usize] / f64::from(*n),
            Some(_) => draw.uniform(),
            None => {
                // Polynomial mutation.
                let u = draw.uniform();
                let step = if u < 0.5 {
                    (2.0 * u).powf(1.0 / (NEAR + 1.0)) - 1.0
                } else {
                    1.0 - (2.0 * (1.0 - u)).powf(1.0 / (NEAR + 1.0))
                };
                crossed + step
            }
        };
        levers.push(snapped(moved, *n));
    }
    levers
}

#[cfg(test)]
mod tests {
    use super::super::pareto::hypervolume;
    use super::super::problem::{Answer, Ask};
    use super::*;

    /// The second of Zitzler, Deb and Thiele's family starts here: ZDT1 has the front f2 = 1 - √f1.
    struct Zdt1;

    impl Problem for Zdt1 {
        fn levels(&self) -> Vec<Option<u32>> {
            vec![None; 6]
        }
        fn key(&self, levers: &[f64]) -> String {
            format!("{levers:?}")
        }
        fn answers(&mut self, asks: &[Ask]) -> Result<Vec<Result<Answer, String>>, Stopped> {
            let answer = |x: &[f64]| {
                let g = 1.0 + 9.0 * x[1..].iter().sum::<f64>() / 5.0;
                Answer {
                    objectives: vec![x[0], g * (1.0 - (x[0] / g).sqrt())],
                    excess: vec![],
                }
            };
            Ok(asks.iter().map(|a| Ok(answer(&a.levers))).collect())
        }
    }

    fn options(runs: usize) -> SearchOptions {
        SearchOptions {
            runs,
            first: 1,
            keeping: Keeping::Mean,
            seed: 3,
        }
    }

    #[test]
    fn comes_near_the_known_front_of_zdt1() {
        let mut pool = Pool::default();
        let all = search(&mut Zdt1, &mut pool, &options(4000)).unwrap();
        assert!(!all && pool.runs == 4000);
        let points: Vec<Vec<f64>> = pool.candidates.iter().map(|c| c.means()).collect();
        // Below (1.1, 1.1): 0.1·1 + ∫√x dx + 0.1·1.1 = 0.8767.
        let exact = 0.1 + 2.0 / 3.0 + 0.11;
        let found = hypervolume(&points, &[1.1, 1.1]);
        assert!(found > 0.97 * exact && found < exact, "{found} of {exact}");
        let mut again = Pool::default();
        search(&mut Zdt1, &mut again, &options(4000)).unwrap();
        assert_eq!(
            again.candidates.last().unwrap().levers,
            pool.candidates.last().unwrap().levers
        );
    }

    /// Every run fails, as where an objective has no value in any.
    struct Hopeless;

    impl Problem for Hopeless {
        fn levels(&self) -> Vec<Option<u32>> {
            vec![Some(4), Some(5)]
        }
        fn key(&self, levers: &[f64]) -> String {
            format!("{levers:?}")
        }
        fn answers(&mut self, asks: &[Ask]) -> Result<Vec<Result<Answer, String>>, Stopped> {
            Ok(asks.iter().map(|_| Err("no value".to_owned())).collect())
        }
    }

    #[test]
    fn where_every_first_run_fails_no_more_are_made() {
        for (runs, made) in [(200, 20), (60, 6)] {
            let mut pool = Pool::default();
            let options = SearchOptions {
                first: 10,
                ..options(runs)
            };
            search(&mut Hopeless, &mut pool, &options).unwrap();
            assert_eq!((pool.runs, pool.alive()), (made, vec![]));
        }
    }

    /// Onemax with a price: the best of 2^10 switches and a list is known.
    struct Switches;

    impl Problem for Switches {
        fn levels(&self) -> Vec<Option<u32>> {
            [vec![Some(2); 10], vec![Some(7)]].concat()
        }
        fn key(&self, levers: &[f64]) -> String {
            format!("{levers:?}")
        }
        fn answers(&mut self, asks: &[Ask]) -> Result<Vec<Result<Answer, String>>, Stopped> {
            let answer = |x: &[f64]| {
                let on = x[..10].iter().filter(|u| **u > 0.5).count() as f64;
                let level = (x[10] * 7.0).floor();
                Answer {
                    objectives: vec![on + (level - 3.0).abs()],
                    // The first three must be on.
                    excess: vec![Some(3.0 - x[..3].iter().filter(|u| **u > 0.5).count() as f64)],
                }
            };
            Ok(asks.iter().map(|a| Ok(answer(&a.levers))).collect())
        }
    }

    #[test]
    fn switches_and_lists_under_a_constraint_find_the_optimum() {
        let mut pool = Pool::default();
        assert!(!search(&mut Switches, &mut pool, &options(900)).unwrap());
        assert!(pool.runs <= 900);
        let best = best(&pool, &pool.alive(), Keeping::Mean, 1)[0];
        assert_eq!(pool.candidates[best].means(), [3.0], "{}", pool.candidates[best].key);
        // No candidate twice.
        let mut keys: Vec<&String> = pool.candidates.iter().map(|c| &c.key).collect();
        keys.sort();
        keys.dedup();
        assert_eq!(keys.len(), pool.candidates.len());
    }

    #[test]
    fn few_combinations_are_all_tried() {
        let mut pool = Pool::default();
        assert!(search(&mut Switches, &mut pool, &options(7 * 1024)).unwrap());
        assert_eq!(pool.runs, 7 * 1024);
        assert_eq!(combinations(&[Some(3), None]), None);
        assert_eq!(combination(&[Some(2), Some(3)], 4), [0.75, 0.5]);
    }
}
