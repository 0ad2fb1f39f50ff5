//! The whole of an optimisation: search, more effort where the choice is close, confirmation on futures that nobody has seen.

use super::pool::{Keeping, Pool, Verdict, verdict};
use super::problem::{Answer, Ask, Problem, Stopped};
use super::search::{SearchOptions, search};
use crate::experiment::stats::{Interval, share_out};

/// What an optimisation may do.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Options {
    /// Runs in all.
    pub runs: usize,
    /// Futures in which each candidate is tried at first.
    pub first: usize,
    /// When constraints count as kept.
    pub keeping: Keeping,
    /// One-sided confidence of every verdict, in 0.5..1.
    pub confidence: f64,
    /// Seed of the search.
    pub seed: u64,
}

/// Share of the runs for the search, for the choice, for the front; the rest confirms.
const SEARCH: f64 = 0.5;
const CHOICE: f64 = 0.2;
const FRONT: f64 = 0.1;

impl Options {
    /// About how many runs are left for futures that nobody has met.
    pub fn to_confirm(&self) -> usize {
        self.runs - (self.runs as f64 * (SEARCH + CHOICE + FRONT)) as usize
    }
}

/// A candidate on fresh futures.
#[derive(Clone, Debug)]
pub struct Confirmation {
    /// Which candidate.
    pub candidate: usize,
    /// What came of it.
    pub answers: Vec<Answer>,
    /// What these answers say by themselves.
    pub verdict: Verdict,
    /// Why a run failed, if one did.
    pub failed: Option<String>,
}

/// The end of an optimisation.
#[derive(Debug)]
pub struct Optimum {
    /// All candidates.
    pub pool: Pool,
    /// Whether every combination of the levers was tried.
    pub exhaustive: bool,
    /// Candidates that keep the constraints by their means and that no other such candidate is better than in all objectives;
    /// cheapest first. When none keeps them, the front of all.
    pub front: Vec<usize>,
    /// Whether those of the front keep the constraints by their means.
    pub front_keeps: bool,
    /// Those that were tried on fresh futures, in that order; the last that [`Verdict::Keeps`] is chosen.
    pub confirmations: Vec<Confirmation>,
    /// Runs made.
    pub runs: usize,
}

impl Optimum {
    /// The cheapest candidate that keeps the constraints on fresh futures too; `None` when none was shown to.
    pub fn chosen(&self) -> Option<usize> {
        let kept = self.confirmations.iter().find(|c| c.verdict == Verdict::Keeps);
        kept.map(|c| c.candidate)
    }
}

/// Looks for the candidate with the least first objective among those that keep the constraints.
///
/// `told` is called after each batch with the runs made so far.
///
/// # Errors
/// When the caller stopped it.
pub fn optimize(problem: &mut dyn Problem, options: &Options, told: &mut dyn FnMut(usize)) -> Result<Optimum, Stopped> {
    let mut pool = Pool::default();
    // A first look may not take more than half of all.
    let options = &Options {
        first: options.first.clamp(1, (options.runs / 2).max(1)),
        ..*options
    };
    let part = |share: f64| (options.runs as f64 * share) as usize;
    let exhaustive = search(
        problem,
        &mut pool,
        &SearchOptions {
            runs: part(SEARCH),
            first: options.first,
            keeping: options.keeping,
            seed: options.seed,
        },
    )?;
    told(pool.runs);
    // What the search left goes to the choice.
    let end = part(SEARCH + CHOICE).max(pool.runs);
    while pool.runs < end {
        let made = pool.runs;
        let batch = options.first.max(4).min(end - pool.runs);
        if !decide(problem, &mut pool, options, batch)? || pool.runs == made {
            break;
        }
        told(pool.runs);
    }
    let end = part(SEARCH + CHOICE + FRONT);
    while pool.runs < end {
        let made = pool.runs;
        deepen(problem, &mut pool, options, end - made)?;
        if pool.runs == made {
            break;
        }
        told(pool.runs);
    }
    let (confirmations, more) = confirm(problem, &pool, options)?;
    let runs = pool.runs + more;
    told(runs);
    let (front, front_keeps) = front_of(&pool, options.keeping);
    Ok(Optimum {
        pool,
        exhaustive,
        front,
        front_keeps,
        confirmations,
        runs,
    })
}

/// The mean of a cheap-or-dear comparison, by its spread: `|mean| / s`; infinite without spread.
fn clear(values: &[f64]) -> f64 {
    let Some(i) = Interval::of(values) else { return 0.0 };
    let n = values.len() as f64;
    let squares: f64 = values.iter().map(|v| (v - i.mean).powi(2)).sum();
    let deviation = (squares / (n - 1.0).max(1.0)).sqrt();
    match (i.mean == 0.0, deviation == 0.0) {
        (true, _) => 0.0,
        (false, true) => f64::INFINITY,
        _ => i.mean.abs() / deviation,
    }
}

/// How far the constraint in most doubt is from its limit, in deviations.
fn margin(answers: &[Answer], keeping: Keeping) -> f64 {
    if let Keeping::Share(share) = keeping {
        let kept: Vec<f64> = answers.iter().map(|a| f64::from(a.holds()) - share).collect();
        return clear(&kept);
    }
    let constraints = answers.first().map_or(0, |a| a.excess.len());
    (0..constraints)
        .map(|i| clear(&answers.iter().filter_map(|a| a.excess[i]).collect::<Vec<f64>>()))
        .fold(f64::INFINITY, f64::min)
}

/// Candidates that may still be the choice: not shown to break a constraint, nor shown dearer than one shown to keep them.
fn contenders(pool: &Pool, options: &Options) -> (Option<usize>, Vec<usize>) {
    let verdict = |i: &usize| pool.candidates[*i].verdict(options.keeping, options.confidence);
    let alive: Vec<usize> = pool
        .alive()
        .into_iter()
        .filter(|i| verdict(i) != Verdict::Breaks)
        .collect();
    let cheaper = |a: usize, b: usize| if pool.levelled(b) < pool.levelled(a) { b } else { a };
    let safe = alive
        .iter()
        .copied()
        .filter(|i| verdict(i) == Verdict::Keeps)
        .reduce(cheaper);
    let Some(safe) = safe else { return (None, alive) };
    let open = |i: &usize| {
        if *i == safe {
            return true;
        }
        let Some(pair) = pool.against(*i, safe, 0) else {
            return true;
        };
        // The choice is among the cheaper: one that costs as much in every future is no better.
        match pair.difference.ends() {
            Some((low, _)) => low < 0.0,
            None => pair.difference.mean < 0.0,
        }
    };
    (Some(safe), alive.into_iter().filter(open).collect())
}

/// One batch of runs for the contenders, after the allocation under constraints (Lee and others 2012): a candidate can be ruled
/// out by its cost or by its constraints, whichever shows sooner, and needs runs by the square of spread over distance. Says
/// whether there was anything to decide.
fn decide(problem: &mut dyn Problem, pool: &mut Pool, options: &Options, batch: usize) -> Result<bool, Stopped> {
    let (safe, contenders) = contenders(pool, options);
    let decided = contenders.is_empty() || (contenders.len() == 1 && safe.is_some());
    if decided {
        return Ok(false);
    }
    let reference = safe.or_else(|| promising(pool, options.keeping));
    let weight = |i: &usize| {
        let c = &pool.candidates[*i];
        let by_limits = margin(&c.answers, options.keeping);
        let by_cost = match reference {
            Some(r) if r != *i => {
                let theirs = &pool.candidates[r];
                let differences: Vec<f64> = c
                    .objective(0)
                    .iter()
                    .zip(theirs.objective(0))
                    .map(|(a, b)| a - b)
                    .collect();
                let dearer = differences.iter().sum::<f64>() > 0.0;
                if dearer { clear(&differences) } else { 0.0 }
            }
            _ => 0.0,
        };
        1.0 / by_limits.max(by_cost).clamp(0.05, 1e3).powi(2)
    };
    let mut weights: Vec<f64> = contenders.iter().map(weight).collect();
    // The one that all others are compared with needs the root of the sum of squares.
    if let Some(at) = reference.and_then(|r| contenders.iter().position(|i| *i == r)) {
        let others: f64 = weights
            .iter()
            .enumerate()
            .filter(|(i, _)| *i != at)
            .map(|(_, w)| w * w)
            .sum();
        weights[at] = weights[at].max(others.sqrt());
    }
    let made: Vec<usize> = contenders.iter().map(|i| pool.candidates[*i].answers.len()).collect();
    let more = share_out(&weights, &made, batch);
    let wanted: Vec<(usize, usize)> = (0..contenders.len())
        .map(|i| (contenders[i], made[i] + more[i]))
        .collect();
    pool.bring(problem, &wanted)?;
    Ok(true)
}

/// The cheapest that keeps the constraints by its means; else the one that breaks them least.
fn promising(pool: &Pool, keeping: Keeping) -> Option<usize> {
    let scales = pool.scales();
    let rank = |i: usize| (pool.candidates[i].violation(keeping, &scales), pool.levelled(i));
    pool.alive()
        .into_iter()
        .reduce(|a, b| if rank(b) < rank(a) { b } else { a })
}

fn front_of(pool: &Pool, keeping: Keeping) -> (Vec<usize>, bool) {
    let (alive, scales) = (pool.alive(), pool.scales());
    let keeps: Vec<usize> = alive
        .iter()
        .copied()
        .filter(|i| pool.candidates[*i].violation(keeping, &scales) == 0.0)
        .collect();
    let (of, any) = if keeps.is_empty() {
        (alive, false)
    } else {
        (keeps, true)
    };
    (pool.front_among(&of), any)
}

/// Brings the members of the front with the fewest futures up by a step.
fn deepen(problem: &mut dyn Problem, pool: &mut Pool, options: &Options, budget: usize) -> Result<(), Stopped> {
    let (front, _) = front_of(pool, options.keeping);
    let made = |i: usize| pool.candidates[i].answers.len();
    let fewest = front.iter().map(|i| made(*i)).min().unwrap_or(0);
    let step = options.first.max(1);
    let mut left = budget;
    let mut wanted = vec![];
    for i in front.into_iter().filter(|i| made(*i) == fewest) {
        let more = step.min(left);
        left -= more;
        wanted.push((i, made(i) + more));
    }
    pool.bring(problem, &wanted)
}

/// How many candidates may be tried on fresh futures.
const CONFIRMED: usize = 3;

/// Candidates that were not shown to break a constraint, in the order in which they are to be confirmed: those shown to keep all first,
/// then those that break least; of these the cheapest, and of those that cost does not tell from it the best in the other
/// objectives.
fn in_order(pool: &Pool, options: &Options) -> Vec<usize> {
    let scales = pool.scales();
    let verdict = |i: &usize| pool.candidates[*i].verdict(options.keeping, options.confidence);
    let standing = |i: &usize| {
        let violation = pool.candidates[*i].violation(options.keeping, &scales);
        (verdict(i) != Verdict::Keeps, violation)
    };
    let alive = pool.alive().into_iter().filter(|i| verdict(i) != Verdict::Breaks);
    let mut ranked: Vec<_> = alive.map(|i| (standing(&i), pool.levelled(i), i)).collect();
    ranked.sort_by(|a, b| a.partial_cmp(b).unwrap_or(std::cmp::Ordering::Equal));
    let Some((best, _, cheapest)) = ranked.first().cloned() else {
        return Vec::new();
    };
    let (mut alike, rest): (Vec<_>, Vec<_>) = ranked
        .into_iter()
        .partition(|(standing, _, i)| *standing == best && (*i == cheapest || !pool.told_apart(*i, cheapest)));
    alike.sort_by(|(_, a, _), (_, b, _)| a[1..].partial_cmp(&b[1..]).unwrap_or(std::cmp::Ordering::Equal));
    alike.into_iter().chain(rest).map(|(_, _, i)| i).collect()
}

/// Tries the cheapest promising candidates on futures that no candidate has met, so that the verdict is free of the luck by which
/// one was chosen among many; half of what is left for each, as long as the other half can show anything.
fn confirm(problem: &mut dyn Problem, pool: &Pool, options: &Options) -> Result<(Vec<Confirmation>, usize), Stopped> {
    let order = in_order(pool, options);
    let fresh = pool.candidates.iter().map(|c| c.answers.len()).max().unwrap_or(0);
    let mut left = options.runs.saturating_sub(pool.runs);
    let (mut made, mut runs) = (vec![], 0);
    for (k, candidate) in order.into_iter().take(CONFIRMED).enumerate() {
        // What is left after this one may be too little to show anything; then this one takes it all.
        let half = left.div_ceil(2);
        let too_few = |futures: usize| futures < options.keeping.fewest(options.confidence);
        let last = k + 1 == CONFIRMED || too_few(left - half);
        let futures = if last { left } else { half };
        // Two futures are the fewest with a spread.
        if futures < 2 {
            break;
        }
        let ask = |future| Ask {
            levers: pool.candidates[candidate].levers.clone(),
            future,
        };
        let asks: Vec<Ask> = (fresh..fresh + futures).map(ask).collect();
        left -= futures;
        runs += futures;
        let answers: Result<Vec<Answer>, String> = problem.answers(&asks)?.into_iter().collect();
        let failed = answers.as_ref().err().cloned();
        let answers = answers.unwrap_or_default();
        let verdict = match failed {
            None => verdict(&answers, options.keeping, options.confidence),
            Some(_) => Verdict::Open,
        };
        made.push(Confirmation {
            candidate,
            answers,
            verdict,
            failed,
        });
        if verdict == Verdict::Keeps {
            break;
        }
    }
    Ok((made, runs))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{Purpose, Streams, key_of};

    /// Cost 10 a unit of capacity (a list of 20); hours lost 1/capacity with a future that multiplies them, and noise of each
    /// run. The limit is 0.1 on the mean of `hours`: E[future] = 1, so capacity 10 is the edge, and 11 the first that keeps it.
    pub(super) struct Town {
        runs: usize,
        broken: bool,
    }

    impl Problem for Town {
        fn levels(&self) -> Vec<Option<u32>> {
            vec![Some(20), Some(2)]
        }
        fn key(&self, levers: &[f64]) -> String {
            format!("{} {}", (levers[0] * 20.0).ceil(), levers[1] > 0.5)
        }
        fn answers(&mut self, asks: &[Ask]) -> Result<Vec<Result<Answer, String>>, Stopped> {
            self.runs += asks.len();
            let one = |ask: &Ask| {
                let capacity = (ask.levers[0] * 20.0).ceil();
                let smoothing = ask.levers[1] > 0.5;
                // Smoothing costs 300 and does nothing.
                let cost = 10.0 * capacity + if smoothing { 300.0 } else { 0.0 };
                if self.broken && capacity == 11.0 {
                    return Err("the eleventh core burns".to_owned());
                }
                let mut future = Streams::new(7, ask.future as u64).sequence(Purpose::Other, 1);
                let mut own =
                    Streams::new(7, ask.future as u64).sequence(Purpose::Other, key_of(&format!("{capacity}")));
                let hours = (1.0 + 0.2 * future.normal() + 0.1 * own.normal()) / capacity;
                Ok(Answer {
                    objectives: vec![cost, hours],
                    excess: vec![Some(hours - 0.1)],
                })
            };
            Ok(asks.iter().map(one).collect())
        }
    }

    fn town() -> Town {
        Town { runs: 0, broken: false }
    }

    const OPTIONS: Options = Options {
        runs: 1200,
        first: 10,
        keeping: Keeping::Mean,
        confidence: 0.95,
        seed: 1,
    };

    fn key(o: &Optimum) -> Option<&str> {
        o.chosen().map(|i| o.pool.candidates[i].key.as_str())
    }

    #[test]
    fn finds_the_cheapest_that_keeps_the_limit_within_its_budget() {
        let mut problem = town();
        let mut last = 0;
        let o = optimize(&mut problem, &OPTIONS, &mut |runs| last = runs).unwrap();
        assert!(
            o.exhaustive && problem.runs == o.runs && last == o.runs && o.runs <= 1200,
            "{}",
            o.runs
        );
        assert_eq!(key(&o), Some("11 false"));
        // The front: every capacity from the limit on, without smoothing.
        assert!(o.front_keeps && o.front.iter().all(|i| o.pool.candidates[*i].key.ends_with("false")));
        // Effort went where the choice is close.
        let made = |k: &str| o.pool.candidates.iter().find(|c| c.key == k).unwrap().answers.len();
        assert!(made("11 false") > 20, "{}", made("11 false"));
        assert_eq!((made("2 false"), made("20 true")), (10, 10));
        // Fresh futures are fresh.
        assert_eq!(o.confirmations.len(), 1);
        assert!(o.confirmations[0].answers.len() >= 100);
    }

    #[test]
    fn where_all_cost_the_same_the_next_objective_chooses() {
        /// Five settings without a price; hours lost fall from the first to the last.
        struct Free;
        impl Problem for Free {
            fn levels(&self) -> Vec<Option<u32>> {
                vec![Some(5)]
            }
            fn key(&self, levers: &[f64]) -> String {
                format!("{}", (levers[0] * 5.0).ceil())
            }
            fn answers(&mut self, asks: &[Ask]) -> Result<Vec<Result<Answer, String>>, Stopped> {
                let one = |ask: &Ask| {
                    let mut future = Streams::new(7, ask.future as u64).sequence(Purpose::Other, 1);
                    Ok(Answer {
                        objectives: vec![0.0, 10.0 - (ask.levers[0] * 5.0).ceil() + future.normal()],
                        excess: vec![Some(-1.0)],
                    })
                };
                Ok(asks.iter().map(one).collect())
            }
        }
        for seed in 0..5 {
            let options = Options {
                seed,
                runs: 200,
                ..OPTIONS
            };
            let o = optimize(&mut Free, &options, &mut |_| ()).unwrap();
            assert_eq!(key(&o), Some("5"));
            assert_eq!(o.front, [o.chosen().unwrap()], "the others are beaten in every future");
        }
    }

    #[test]
    fn a_share_of_futures_is_a_harder_promise() {
        // hours = (1 + 0.2236 z)/c <= 0.1 in 90 % of futures: c >= 10 (1 + 0.2866) = 12.9.
        let options = Options {
            keeping: Keeping::Share(0.9),
            runs: 2400,
            ..OPTIONS
        };
        let o = optimize(&mut town(), &options, &mut |_| ()).unwrap();
        let capacity: f64 = key(&o).unwrap().split(' ').next().unwrap().parse().unwrap();
        assert!((13.0..=16.0).contains(&capacity), "{capacity}");
    }

    #[test]
    fn what_cannot_be_kept_is_not_promised_and_what_fails_is_set_aside() {
        let o = optimize(&mut Town { runs: 0, broken: true }, &OPTIONS, &mut |_| ()).unwrap();
        assert_eq!(key(&o), Some("12 false"));
        let burnt: Vec<&str> = o.pool.candidates.iter().filter_map(|c| c.failed.as_deref()).collect();
        assert_eq!(burnt, ["the eleventh core burns"; 2]);
        struct Never(Town);
        impl Problem for Never {
            fn levels(&self) -> Vec<Option<u32>> {
                self.0.levels()
            }
            fn key(&self, levers: &[f64]) -> String {
                self.0.key(levers)
            }
            fn answers(&mut self, asks: &[Ask]) -> Result<Vec<Result<Answer, String>>, Stopped> {
                let mut all = self.0.answers(asks)?;
                all.iter_mut()
                    .flatten()
                    .for_each(|a| a.excess[0] = a.excess[0].map(|e| e + 1.0));
                Ok(all)
            }
        }
        let o = optimize(&mut Never(town()), &OPTIONS, &mut |_| ()).unwrap();
        assert!(o.chosen().is_none() && !o.front_keeps && !o.front.is_empty());
        assert!(o.confirmations.is_empty(), "all were shown to break it");
    }

    #[test]
    fn a_small_budget_promises_nothing_and_breaks_nothing() {
        for runs in [1, 2, 7, 23] {
            let o = optimize(&mut town(), &Options { runs, ..OPTIONS }, &mut |_| ()).unwrap();
            assert!(!o.exhaustive && o.runs <= runs, "{} of {runs}", o.runs);
        }
        let twice = [0, 1].map(|_| optimize(&mut town(), &OPTIONS, &mut |_| ()).unwrap());
        assert_eq!(key(&twice[0]), key(&twice[1]));
        assert_eq!(twice[0].front, twice[1].front);
    }
}
