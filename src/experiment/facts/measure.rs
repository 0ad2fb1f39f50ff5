//! A number taken from the outcome of a run.

use crate::measure::kpi::{Kpi, Scope, View};
use crate::measure::{self, Bin, DAY_KPIS, DayView, GroupBin, Outcome, Pooling, SeriesColumn};
use crate::scenario::model::Scenario;

/// What is done with the values of the series.
#[derive(Clone, Debug, PartialEq)]
pub enum Take {
    /// All places and bins as one.
    All,
    /// The highest value of a stretch.
    Highest,
    /// The lowest value of a stretch.
    Lowest,
    /// The civil hour of the day in the middle of the highest stretch.
    HourOfHighest,
    /// The value of the place where it is lowest.
    LowestPlace,
    /// How many places have a value below this.
    PlacesBelow(f64),
    /// How far each group of places lies above the group before: the smallest distance from its lowest place to the highest
    /// place of the group before. Positive: the groups are in order.
    GapBetweenGroups,
}

/// Columns of a series, and where and when they are looked at.
#[derive(Clone, Debug)]
pub struct Look<B: 'static> {
    /// What is counted.
    pub of: &'static SeriesColumn<B>,
    /// Over what it is divided, in the same places and bins.
    pub over: Option<&'static SeriesColumn<B>>,
    /// Positions of services or regions, in groups (one group where groups do not matter).
    pub places: Vec<Vec<usize>>,
    /// From when until when, s since the start of the run.
    pub window: (f64, f64),
    /// Length of a stretch, s; none: a bin.
    pub every: Option<f64>,
    /// What is done with the values.
    pub take: Take,
}

/// A number of a run.
#[derive(Clone, Debug)]
pub enum Measure {
    /// From the series of services.
    Services(Look<Bin>),
    /// From the series of regions.
    Regions(Look<GroupBin>),
    /// A KPI of one scope.
    Kpi(&'static str, Scope),
    /// A number of a day, added up over scopes.
    Day {
        /// Its name among [`DAY_KPIS`].
        kpi: &'static str,
        /// Over which scopes.
        scopes: Vec<Scope>,
        /// The day's position in the run.
        day: usize,
    },
}

impl Measure {
    /// The number; none where there is nothing to divide by, or no such day.
    pub fn of(&self, scenario: &Scenario, outcome: &Outcome) -> Option<f64> {
        let series = &outcome.series;
        match self {
            Measure::Services(look) => look.number(scenario, &series.services, series.width),
            Measure::Regions(look) => look.number(scenario, &series.regions, series.width),
            Measure::Kpi(name, scope) => Kpi::find(name)?.of(&View::new(scenario, outcome, *scope)),
            Measure::Day { kpi, scopes, day } => {
                let kpi = DAY_KPIS.iter().find(|k| k.name == *kpi)?;
                let days = measure::days(&scenario.clock);
                let of_scope = |scope: &Scope| {
                    let view = DayView::new(scenario, outcome, *scope, *day, days.get(*day)?);
                    kpi.of(&view)
                };
                scopes.iter().map(of_scope).sum()
            }
        }
    }
}

impl<B> Look<B> {
    fn number(&self, scenario: &Scenario, series: &[Vec<B>], width: f64) -> Option<f64> {
        let all: Vec<usize> = self.places.iter().flatten().copied().collect();
        let (from, until) = self.window;
        let whole = |places: &[usize]| self.value(series, width, places, from, until);
        let alone = |place: &usize| whole(&[*place]);
        match &self.take {
            Take::All => whole(&all),
            Take::Highest => self.stretches(series, width, &all).map(|(_, v)| v).reduce(f64::max),
            Take::Lowest => self.stretches(series, width, &all).map(|(_, v)| v).reduce(f64::min),
            Take::HourOfHighest => {
                let best = self.stretches(series, width, &all).max_by(|a, b| a.1.total_cmp(&b.1))?;
                let middle = best.0 + 0.5 * self.every.unwrap_or(width);
                let day = measure::days(&scenario.clock)
                    .into_iter()
                    .find(|day| (day.from..day.until).contains(&middle))?;
                Some((middle - day.hour(&scenario.clock, 0.0)?) / 3600.0)
            }
            Take::LowestPlace => all.iter().filter_map(alone).reduce(f64::min),
            Take::PlacesBelow(limit) => Some(all.iter().filter_map(alone).filter(|v| v < limit).count() as f64),
            Take::GapBetweenGroups => {
                let ends = |group: &Vec<usize>| {
                    let values = || group.iter().filter_map(alone);
                    Some((values().reduce(f64::min)?, values().reduce(f64::max)?))
                };
                let ends: Option<Vec<(f64, f64)>> = self.places.iter().map(ends).collect();
                let ends = ends?;
                let gaps = ends.windows(2).map(|pair| pair[1].0 - pair[0].1);
                gaps.reduce(f64::min)
            }
        }
    }

    /// The stretches of the window with their values.
    fn stretches<'a>(
        &'a self,
        series: &'a [Vec<B>],
        width: f64,
        places: &'a [usize],
    ) -> impl Iterator<Item = (f64, f64)> + 'a {
        let (from, until) = self.window;
        let every = self.every.unwrap_or(width).max(width);
        let count = libm::floor((until - from) / every + 1e-9) as usize;
        (0..count).filter_map(move |i| {
            let start = from + i as f64 * every;
            Some((start, self.value(series, width, places, start, start + every)?))
        })
    }

    /// One column, or the quotient of two, of some places and a time.
    fn value(&self, series: &[Vec<B>], width: f64, places: &[usize], from: f64, until: f64) -> Option<f64> {
        let of = pooled(self.of, series, width, places, from, until)?;
        let Some(over) = self.over else { return Some(of) };
        let over = pooled(over, series, width, places, from, until)?;
        (over > 0.0).then(|| of / over)
    }
}

/// The value of a column over places and the bins that begin in a time; none without a bin.
fn pooled<B>(
    column: &SeriesColumn<B>,
    series: &[Vec<B>],
    width: f64,
    places: &[usize],
    from: f64,
    until: f64,
) -> Option<f64> {
    let first = libm::ceil(from / width - 1e-6).max(0.0) as usize;
    let last = libm::ceil(until / width - 1e-6).max(0.0) as usize;
    let (mut sum, mut bins) = (0.0, 0);
    for place in places {
        let of_place = series.get(*place)?;
        for bin in &of_place[first.min(of_place.len())..last.min(of_place.len())] {
            sum += (column.of)(bin);
            bins += 1;
        }
    }
    let per_place = bins as f64 / places.len().max(1) as f64;
    match column.pooling {
        _ if bins == 0 => None,
        Pooling::Sum => Some(sum),
        Pooling::Level => Some(sum / per_place),
        Pooling::Mean => Some(sum / bins as f64),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{made_up, measure::REGION_COLUMNS};

    fn column(name: &str) -> &'static SeriesColumn<GroupBin> {
        REGION_COLUMNS.iter().find(|c| c.name == name).unwrap()
    }

    fn look(take: Take, places: Vec<Vec<usize>>) -> Look<GroupBin> {
        Look {
            of: column("in_15min"),
            over: Some(column("visits")),
            places,
            window: (0.0, 1800.0),
            every: None,
            take,
        }
    }

    #[test]
    fn numbers_by_hand() {
        let scenario = made_up::scenario(2);
        let bin = |visits, in_15min| GroupBin {
            visits,
            in_15min,
            ..GroupBin::default()
        };
        let series = vec![
            vec![bin(10, 1), bin(10, 9), bin(20, 20), bin(99, 0)],
            vec![bin(10, 10), bin(0, 0), bin(10, 5), bin(99, 0)],
        ];
        let of = |take, places| look(take, places).number(&scenario, &series, 600.0);
        assert_eq!(of(Take::All, vec![vec![0]]), Some(0.75));
        assert_eq!(of(Take::All, vec![vec![0, 1]]), Some(0.75));
        assert_eq!(of(Take::Highest, vec![vec![0]]), Some(1.0));
        assert_eq!(of(Take::Lowest, vec![vec![0]]), Some(0.1));
        assert_eq!(of(Take::LowestPlace, vec![vec![0, 1]]), Some(0.75));
        assert_eq!(of(Take::PlacesBelow(0.8), vec![vec![0, 1]]), Some(2.0));
        assert_eq!(of(Take::GapBetweenGroups, vec![vec![0], vec![1]]), Some(0.0));
        // The third bin of the first region, 07:20 to 07:30.
        let hour = of(Take::HourOfHighest, vec![vec![0]]).unwrap();
        assert!((hour - (7.0 + 25.0 / 60.0)).abs() < 1e-9);
        // Nothing was begun in that bin: there is no share.
        let mut empty = look(Take::All, vec![vec![1]]);
        empty.window = (600.0, 1200.0);
        assert_eq!(empty.number(&scenario, &series, 600.0), None);
    }
}
