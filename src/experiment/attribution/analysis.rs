//! From the runs of all worlds to shares with their intervals.

use super::Game;
use super::file::CausesFile;
use super::worlds::{Design, Played};
use crate::experiment::row::position;
use crate::experiment::stats::{Interval, Modes, two_modes};
use crate::measure::kpi::Scope;
use std::collections::BTreeMap;

/// Whose fault, by the conventions of the module.
#[derive(Clone, Debug)]
pub struct Attribution {
    /// Name of the KPI that was attributed.
    pub kpi: &'static str,
    /// How many replications.
    pub replications: u64,
    /// Whether all worlds were run; else orders were sampled.
    pub exact: bool,
    /// The day as it was; and, where causes are claimed, the day as it would have been if they were true.
    pub parts: Vec<Part>,
    /// Causes that changed nothing.
    pub same: Vec<Same>,
}

/// Which causes there are to share among.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Those of the day as it was.
    Day,
    /// All, the claimed ones too.
    Claims,
}

impl Kind {
    /// The word in files.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Day => "day",
            Kind::Claims => "claims",
        }
    }
}

/// One game in every scope.
#[derive(Clone, Debug)]
pub struct Part {
    /// Which.
    pub kind: Kind,
    /// Positions of its causes in the file.
    pub causes: Vec<usize>,
    /// One a scope in which the KPI exists in every world; the total comes first.
    pub scopes: Vec<ScopePart>,
}

/// One game in one scope.
#[derive(Clone, Debug)]
pub struct ScopePart {
    /// Whose numbers.
    pub scope: Scope,
    /// The KPI without any cause.
    pub none: Interval,
    /// The KPI with all of the game's causes.
    pub all: Interval,
    /// What there is to share out.
    pub total: Interval,
    /// One a cause, in the order of [`Part::causes`].
    pub causes: Vec<Shared>,
    /// One a pair of causes; none where orders were sampled.
    pub pairs: Vec<Pair>,
    /// What coalitions of two and more bring beyond all their parts, with the coalition as a bit mask of the file's causes;
    /// none where orders were sampled.
    pub dividends: Vec<(u64, Interval)>,
    /// Largest distance between the sum of Shapley values and what there is to share out, over replications, relative to the
    /// largest value: rounding and nothing else.
    pub gap: f64,
    /// The KPI with all causes in two groups, if some replications collapse and others do not.
    pub modes: Option<Modes>,
}

/// What one cause answers for.
#[derive(Clone, Debug)]
pub struct Shared {
    /// Its mean contribution over all orders.
    pub shapley: Interval,
    /// What it does where nothing else is on.
    pub alone: Interval,
    /// What would not have happened without it.
    pub but_for: Interval,
    /// The Shapley value in two groups, if it has two.
    pub modes: Option<Modes>,
}

/// How two causes act together.
#[derive(Clone, Debug)]
pub struct Pair {
    /// Positions of the two in the file.
    pub causes: (usize, usize),
    /// Their interaction averaged over the worlds of the others.
    pub interaction: Interval,
    /// What both bring beyond what each brings alone, nothing else on.
    pub dividend: Interval,
}

/// A cause that did not matter to the history of some worlds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Same {
    /// Its position in the file.
    pub cause: usize,
    /// In so many pairs of worlds that differ in this cause alone the two runs were the same in every event.
    pub same: usize,
    /// Of so many.
    pub of: usize,
}

/// Shares out a KPI from the runs of a design; `None` when runs are missing or the KPI does not exist in the total.
pub fn attribute(file: &CausesFile, design: &Design, kpi: &'static str, played: &[Played]) -> Option<Attribution> {
    let column = position(kpi)?;
    let scopes: Vec<Scope> = played.first()?.row.scopes.iter().map(|(scope, _)| *scope).collect();
    let by_replication = by_replication(design, played)?;
    let players = |mask: u64| {
        (0..file.causes.len())
            .filter(|i| mask & (1 << i) != 0)
            .collect::<Vec<usize>>()
    };
    let mut games = vec![(Kind::Day, players(file.day()))];
    if file.day() != file.everything() && design.exact {
        games.push((Kind::Claims, players(file.everything())));
    } else if !design.exact {
        // Orders are drawn of all causes; those of the day alone would be other worlds.
        games = vec![(Kind::Claims, players(file.everything()))];
        if file.day() == file.everything() {
            games[0].0 = Kind::Day;
        }
    }
    let part = |(kind, causes): (Kind, Vec<usize>)| -> Option<Part> {
        let of_scope = |s: usize| -> Option<ScopePart> {
            let values: Option<Vec<Values>> = by_replication
                .iter()
                .map(|worlds| {
                    worlds
                        .iter()
                        .map(|(c, p)| Some((*c, p.row.scopes.get(s)?.1[column]?)))
                        .collect()
                })
                .collect();
            let values = values?;
            if design.exact {
                exact(scopes[s], &causes, file.causes.len(), &values)
            } else {
                sampled(scopes[s], design, &causes, &values)
            }
        };
        let scopes: Vec<ScopePart> = (0..scopes.len()).filter_map(of_scope).collect();
        let has_total = scopes.first().is_some_and(|s| s.scope == Scope::Total);
        has_total.then_some(Part { kind, causes, scopes })
    };
    let parts: Option<Vec<Part>> = games.into_iter().map(part).collect();
    Some(Attribution {
        kpi,
        replications: design.replications,
        exact: design.exact,
        parts: parts?,
        same: same(file, &by_replication),
    })
}

/// Values of one replication by coalition.
type Values = BTreeMap<u64, f64>;

/// The runs of each replication by coalition; `None` when one is missing.
fn by_replication<'a>(design: &Design, played: &'a [Played]) -> Option<Vec<BTreeMap<u64, &'a Played>>> {
    let mut found: Vec<BTreeMap<u64, &Played>> = (0..design.replications).map(|_| BTreeMap::new()).collect();
    for one in played {
        found
            .get_mut(one.job.replication as usize)?
            .insert(one.job.coalition, one);
    }
    let whole = |(r, worlds): (usize, &BTreeMap<u64, &Played>)| {
        let wanted = design.coalitions(r as u64);
        wanted.iter().all(|coalition| worlds.contains_key(coalition))
    };
    found.iter().enumerate().all(whole).then_some(found)
}

/// Largest value of a replication, so that rounding can be told from a mistake.
fn largest(values: &Values) -> f64 {
    values.values().fold(f64::MIN_POSITIVE, |most, v| most.max(v.abs()))
}

fn interval(values: impl Iterator<Item = f64>) -> Option<Interval> {
    Interval::of(&values.collect::<Vec<f64>>())
}

/// A sum of differences of worlds; what is only rounding beside the worlds' own values is nothing.
fn rounded(sum: f64, worlds: &Values) -> f64 {
    const ROUNDING: f64 = 1e-12;
    if sum.abs() > ROUNDING * largest(worlds) {
        sum
    } else {
        0.0
    }
}

fn exact(scope: Scope, causes: &[usize], of_file: usize, values: &[Values]) -> Option<ScopePart> {
    let game = |worlds: &Values| Game::new(of_file, worlds.values().copied().collect())?.among(causes);
    let games: Vec<Game> = values.iter().map(game).collect::<Option<_>>()?;
    let over = |f: &dyn Fn(&Game) -> f64| interval(games.iter().map(f));
    let each = |f: &dyn Fn(&Game) -> f64| -> Vec<f64> {
        games
            .iter()
            .zip(values)
            .map(|(game, worlds)| rounded(f(game), worlds))
            .collect()
    };
    let n = causes.len();
    let everybody = (1usize << n) - 1;
    let shared = |i: usize| {
        let shares = each(&|g| g.shapley(i));
        Some(Shared {
            shapley: Interval::of(&shares)?,
            alone: Interval::of(&each(&|g| g.alone(i)))?,
            but_for: Interval::of(&each(&|g| g.but_for(i)))?,
            modes: two_modes(&shares),
        })
    };
    let dividends: Vec<Vec<f64>> = games.iter().map(Game::dividends).collect();
    let dividend = |mask: usize| interval(dividends.iter().zip(values).map(|(d, worlds)| rounded(d[mask], worlds)));
    let pair = |(i, j): (usize, usize)| {
        Some(Pair {
            causes: (causes[i], causes[j]),
            interaction: Interval::of(&each(&|g| g.interaction(i, j)))?,
            dividend: dividend(1 << i | 1 << j)?,
        })
    };
    let in_file = |small: usize| -> u64 {
        (0..n)
            .filter(|i| small & (1 << i) != 0)
            .map(|i| 1u64 << causes[i])
            .sum()
    };
    let pairs = (0..n).flat_map(|i| (i + 1..n).map(move |j| (i, j)));
    let larger = (0..=everybody).filter(|mask| mask.count_ones() > 1);
    let gap = |(game, worlds): (&Game, &Values)| {
        let sum: f64 = (0..n).map(|i| game.shapley(i)).sum();
        (sum - game.total()).abs() / largest(worlds)
    };
    Some(ScopePart {
        scope,
        none: over(&|g| g.value(0))?,
        all: over(&|g| g.value(everybody))?,
        total: over(&Game::total)?,
        causes: (0..n).map(shared).collect::<Option<_>>()?,
        pairs: pairs.map(pair).collect::<Option<_>>()?,
        dividends: larger
            .map(|m| Some((in_file(m), dividend(m)?)))
            .collect::<Option<_>>()?,
        gap: games.iter().zip(values).map(gap).fold(0.0, f64::max),
        modes: two_modes(&games.iter().map(|g| g.value(everybody)).collect::<Vec<f64>>()),
    })
}

fn sampled(scope: Scope, design: &Design, causes: &[usize], values: &[Values]) -> Option<ScopePart> {
    let all = (1u64 << causes.len()) - 1;
    let over = |f: &dyn Fn(&Values) -> f64| interval(values.iter().map(f));
    let shares: Vec<Vec<f64>> = values
        .iter()
        .enumerate()
        .map(|(r, worlds)| {
            let shares = design.orders(r as u64).shapley(&|coalition| worlds[&coalition]);
            shares.into_iter().map(|share| rounded(share, worlds)).collect()
        })
        .collect();
    let shared = |i: usize| {
        let of_cause: Vec<f64> = shares.iter().map(|s| s[i]).collect();
        Some(Shared {
            shapley: Interval::of(&of_cause)?,
            alone: over(&|w| rounded(w[&(1 << i)] - w[&0], w))?,
            but_for: over(&|w| rounded(w[&all] - w[&(all & !(1 << i))], w))?,
            modes: two_modes(&of_cause),
        })
    };
    let gap = |(shares, worlds): (&Vec<f64>, &Values)| {
        let total = worlds[&all] - worlds[&0];
        (shares.iter().sum::<f64>() - total).abs() / largest(worlds)
    };
    Some(ScopePart {
        scope,
        none: over(&|w| w[&0])?,
        all: over(&|w| w[&all])?,
        total: over(&|w| w[&all] - w[&0])?,
        causes: (0..causes.len()).map(shared).collect::<Option<_>>()?,
        pairs: Vec::new(),
        dividends: Vec::new(),
        gap: shares.iter().zip(values).map(gap).fold(0.0, f64::max),
        modes: two_modes(&values.iter().map(|w| w[&all]).collect::<Vec<f64>>()),
    })
}

/// Causes that left at least one pair of worlds the same in every event.
fn same(file: &CausesFile, by_replication: &[BTreeMap<u64, &Played>]) -> Vec<Same> {
    let count = |cause: usize| {
        let pairs = by_replication.iter().flat_map(|worlds| {
            worlds.iter().filter_map(move |(coalition, with)| {
                let without = worlds.get(&(coalition & !(1 << cause)))?;
                (coalition & (1 << cause) != 0).then_some(with.row.fingerprint == without.row.fingerprint)
            })
        });
        let equal: Vec<bool> = pairs.collect();
        Same {
            cause,
            same: equal.iter().filter(|same| **same).count(),
            of: equal.len(),
        }
    };
    (0..file.causes.len()).map(count).filter(|s| s.same > 0).collect()
}
