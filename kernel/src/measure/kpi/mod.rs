//! The registry of KPIs: what each is called, how it is computed and what it means.
//!
//! Code, CSV headers, terminal tables and `docs/kpis.md` all come from [`ALL`].

mod degraded;
mod fresh;
mod metastable;
mod page;
mod registry;
mod view;

pub use degraded::{Degradation, FEWEST_VISITS, GOOD_SHARE};
pub use metastable::{Ended, StayedDown};
pub use page::page;
pub use registry::ALL;
pub use view::{Scope, View};

/// A key performance indicator: a number of a run and of a scope of it.
pub struct Kpi {
    /// Name in code, CSV columns, JSON and experiments.
    pub name: &'static str,
    /// What it is counted in.
    pub unit: Unit,
    /// How it is computed from what a run leaves.
    pub formula: &'static str,
    /// A few words, for table heads.
    pub short: &'static str,
    /// A sentence or two for readers.
    pub long: &'static str,
    /// Which way is good.
    pub better: Better,
    /// The number; `None` where it does not exist (a share of nothing, euros of one region).
    of: fn(&View<'_>) -> Option<f64>,
}

impl std::fmt::Debug for Kpi {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

impl Kpi {
    /// The KPI of that name.
    pub fn find(name: &str) -> Option<&'static Kpi> {
        ALL.iter().find(|k| k.name == name)
    }

    /// Its value in a scope; never NaN nor infinite, nor a zero with a sign: a sum of nothing has one.
    pub fn of(&self, view: &View<'_>) -> Option<f64> {
        (self.of)(view).filter(|v| v.is_finite()).map(|v| v + 0.0)
    }
}

/// What a KPI is counted in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// People, visits, knocks.
    Count,
    /// A share in 0..=1.
    Share,
    /// A ratio of two counts.
    Ratio,
    /// Seconds.
    Seconds,
    /// Minutes.
    Minutes,
    /// Hours of learning.
    Hours,
    /// Euros.
    Euros,
    /// An instant, as seconds since the start of the run; tables show it as civil time.
    Instant,
}

impl Unit {
    /// The name in files.
    pub fn name(self) -> &'static str {
        match self {
            Unit::Count => "count",
            Unit::Share => "share (0 to 1)",
            Unit::Ratio => "ratio",
            Unit::Seconds => "s",
            Unit::Minutes => "min",
            Unit::Hours => "h",
            Unit::Euros => "EUR",
            Unit::Instant => "s since the start",
        }
    }
}

/// Which way a KPI is good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Better {
    /// Less is better.
    Lower,
    /// More is better.
    Higher,
    /// Says what happened, not how well.
    Neither,
}

impl Better {
    /// The word in files.
    pub fn name(self) -> &'static str {
        match self {
            Better::Lower => "lower",
            Better::Higher => "higher",
            Better::Neither => "neither",
        }
    }
}
