//! What preau's tables, series and histograms are made of.
//!
//! What is counted by bin is not counted in all: a total is the sum of its bins.

use preau::engine::{Span, Time};
use preau::measure::Waits;

/// One bin.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Cell {
    /// Knocks.
    pub knocks: u64,
    /// First ones.
    pub first_knocks: u64,
    /// Logins.
    pub logins: u64,
    /// Knocks in vain, by [`Reason`].
    pub refused: [u64; 3],
    /// Visits given up.
    pub gave_up: u64,
    /// Of the visits begun in the bin: in within five minutes.
    pub in_5min: u64,
    /// Within fifteen.
    pub in_15min: u64,
    /// After more than two hours.
    pub over_2h: u64,
    /// ∫ busy share dt over the bin, s.
    pub busy: f64,
    /// ∫ quality dt over the bin, s.
    pub quality: f64,
    /// Sessions at the end of the bin.
    pub sessions: u64,
    /// Logins in the line at the end of the bin.
    pub backlog: u64,
    /// People who wait to knock again at the end of the bin.
    pub orbit: u64,
}

/// Why a knock was in vain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// All sessions taken.
    Quota = 0,
    /// All servers busy and the line full.
    Full = 1,
    /// Patience in the line ended.
    Timeout = 2,
}

/// The books of a run.
#[derive(Clone, Debug)]
pub struct Books {
    /// By bin.
    pub cells: Vec<Cell>,
    /// Connected within a minute, of all.
    pub in_1min: u64,
    /// Waits of the cohort: from the beginning of a visit.
    pub cohort_waits: Waits,
    /// Waits of the service: from the first knock at its door.
    pub service_waits: Waits,
    /// Learning time wanted, ns.
    pub wanted: u128,
    /// Learning time obtained, ns.
    pub obtained: u128,
    /// Learning time lost, ns.
    pub lost: u128,
    /// Width of a bin, ns.
    width: u64,
    /// When the open bin began.
    began: Time,
    /// The open one.
    pub open: usize,
}

/// Limits of a wait, ns.
const MINUTE: u64 = 60_000_000_000;

impl Books {
    /// Empty books of `bins` bins; none are kept if there are none.
    pub fn new(bins: usize, width: u64) -> Self {
        Books {
            cells: vec![Cell::default(); bins],
            in_1min: 0,
            cohort_waits: Waits::default(),
            service_waits: Waits::default(),
            wanted: 0,
            obtained: 0,
            lost: 0,
            width,
            began: Time::ZERO,
            open: 0,
        }
    }

    /// The bin of an earlier instant.
    #[inline]
    fn bin_of(&self, at: Time) -> usize {
        if at > self.began {
            return self.open;
        }
        ((at.0.saturating_sub(1) / self.width) as usize).min(self.open)
    }

    /// A visit that began at `begun` and stood at the door since `mark` is in. (In these workloads it is the same instant;
    /// both are told.)
    #[inline]
    pub fn connected(&mut self, now: Time, begun: Time, mark: Time) {
        let wait = now - mark;
        self.service_waits.book(wait);
        self.cohort_waits.book(now - begun);
        self.in_1min += u64::from(wait.0 <= MINUTE);
        let bin = self.bin_of(mark);
        if let Some(cell) = self.cells.get_mut(bin) {
            cell.in_5min += u64::from(wait.0 <= 5 * MINUTE);
            cell.in_15min += u64::from(wait.0 <= 15 * MINUTE);
            cell.over_2h += u64::from(wait.0 > 120 * MINUTE);
        }
    }

    /// A bin ends.
    pub fn turn(&mut self, now: Time) {
        self.open += 1;
        self.began = now;
    }

    /// The sum of all bins.
    pub fn total(&self) -> Cell {
        let mut all = Cell::default();
        for cell in &self.cells {
            all.knocks += cell.knocks;
            all.first_knocks += cell.first_knocks;
            all.logins += cell.logins;
            all.gave_up += cell.gave_up;
            all.in_5min += cell.in_5min;
            all.in_15min += cell.in_15min;
            all.over_2h += cell.over_2h;
            all.busy += cell.busy;
            all.quality += cell.quality;
            for (a, b) in all.refused.iter_mut().zip(cell.refused) {
                *a += b;
            }
        }
        all
    }

    /// All that is in the books, by name: printed, so that nothing of it can be left out.
    pub fn named(&self) -> Vec<(&'static str, f64)> {
        let all = self.total();
        let hours = |time: u128| time as f64 / 3.6e12;
        let median = |waits: &Waits| waits.quantile(0.5).unwrap_or(0.0);
        let spread = |f: fn(&Cell) -> f64| self.cells.iter().enumerate().map(|(i, c)| i as f64 * f(c)).sum::<f64>();
        vec![
            ("in_1min", self.in_1min as f64),
            ("in_5min", all.in_5min as f64),
            ("in_15min", all.in_15min as f64),
            ("over_2h", all.over_2h as f64),
            ("connected", self.cohort_waits.count() as f64),
            ("mean_cohort_wait", self.cohort_waits.mean().unwrap_or(0.0)),
            ("median_cohort_wait", median(&self.cohort_waits)),
            ("median_service_wait", median(&self.service_waits)),
            ("hours_wanted", hours(self.wanted)),
            ("hours_obtained", hours(self.obtained)),
            ("hours_lost", hours(self.lost)),
            ("busy_s", all.busy),
            ("quality_s", all.quality),
            ("bins_of_knocks", spread(|c| c.knocks as f64)),
            ("bins_of_refusals", spread(|c| c.refused.iter().sum::<u64>() as f64)),
            ("bins_of_levels", spread(|c| (c.sessions + c.backlog + c.orbit) as f64)),
        ]
    }

    /// The mean wait of the service, s.
    pub fn mean_wait(&self) -> f64 {
        self.service_waits.mean().unwrap_or(0.0)
    }
}

/// The span of so many nanoseconds that are known to be whole.
#[inline]
pub fn span(ns: f64) -> Span {
    Span(ns as u64)
}
