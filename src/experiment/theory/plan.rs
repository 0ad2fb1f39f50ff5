//! What a row becomes: scenarios to run (a template and overrides) and a statistic to collect.

use super::model::Model;
use super::statistic::Statistic;
use crate::world::Orbit;

/// A row that can be simulated: how, and the runs that must all agree with it.
#[derive(Clone, Debug)]
pub struct Expressed {
    /// How the system is said in the simulator's terms.
    pub how: String,
    /// Usually one; several where different forms must have the same law (both orbits, insensitivity).
    pub plans: Vec<Plan>,
}

impl Expressed {
    /// One run of one model, said in `how`.
    pub fn single(how: impl Into<String>, model: Model, horizon: Horizon, statistic: Statistic) -> Expressed {
        let plan = Plan {
            variant: String::new(),
            model,
            orbit: Orbit::Auto,
            horizon,
            statistic,
            scale: 1.0,
        };
        Expressed {
            how: how.into(),
            plans: vec![plan],
        }
    }
}

/// Why a row cannot be simulated.
#[derive(Clone, Debug, PartialEq)]
pub struct Unsupported(pub String);

impl Unsupported {
    /// With a reason.
    pub fn because<T>(reason: impl Into<String>) -> Result<T, Unsupported> {
        Err(Unsupported(reason.into()))
    }
}

impl From<String> for Unsupported {
    fn from(reason: String) -> Self {
        Unsupported(reason)
    }
}

/// When and how long a run is watched, s.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Horizon {
    /// Nothing is counted before this.
    pub warm_up: f64,
    /// Then it is watched so long.
    pub length: f64,
    /// Customers of one run, roughly: what it costs.
    pub customers: f64,
    /// The run may be stopped once its statistic is known.
    pub stops: bool,
}

impl Horizon {
    /// When the run ends, s.
    pub fn end(&self) -> f64 {
        self.warm_up + self.length
    }
}

/// One scenario and one statistic.
#[derive(Clone, Debug)]
pub struct Plan {
    /// What distinguishes it from the row's other plans; empty if there is one.
    pub variant: String,
    /// The scenario.
    pub model: Model,
    /// How retries are simulated.
    pub orbit: Orbit,
    /// When it is watched.
    pub horizon: Horizon,
    /// What is collected.
    pub statistic: Statistic,
    /// The estimate is multiplied by this before it is compared.
    pub scale: f64,
}

/// How slowly a system forgets, and what it costs to watch it.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// Relaxation time, s: correlations fall as `exp(−t/relaxation)`.
    pub relaxation: f64,
    /// Arrivals per second.
    pub rate: f64,
    /// How long a system that gets more than it serves takes to fill, s: it must be full first.
    pub fill: f64,
}

impl Pace {
    /// Of a station: `work` s on each of `servers`, `rate` arrivals per second, variability of arrivals and work.
    ///
    /// Near saturation M/M/1 relaxes in `1/(μ(1−√ρ)²)` (Morse 1955); `c` servers work like one `c` times as fast, and
    /// never forget faster than one service; variability scales it (heavy traffic, Kingman 1962).
    pub fn station(rate: f64, work: f64, servers: f64, variability: f64, room: Option<f64>) -> Pace {
        let speed = servers / work;
        let rho = rate / speed;
        let gap = (1.0 - libm::sqrt(rho)).abs().max(1e-4);
        let mut queue = variability.max(1.0) / (speed * gap * gap);
        let mut fill = 0.0;
        if let Some(room) = room {
            fill = if rate > speed { 2.0 * room / (rate - speed) } else { 0.0 };
            fill = fill.min(variability.max(1.0) * (room + 1.0) * (room + 1.0) / speed);
            // A walk on so many places has forgotten when it has crossed them all.
            queue = queue.min(variability.max(1.0) * (room + 1.0) * (room + 1.0) / speed);
        }
        Pace {
            relaxation: queue + work * variability.max(1.0),
            rate,
            fill,
        }
    }

    /// Of a system without queue: services of a mean length, each forgotten when over.
    pub fn turnover(rate: f64, work: f64, variability: f64) -> Pace {
        Pace {
            relaxation: work * variability.max(1.0),
            rate,
            fill: 0.0,
        }
    }

    /// Twelve relaxation times leave 6e-6 of the start; sixty or more are watched, and 5000 customers at least, so
    /// that a run's start costs little.
    pub fn horizon(&self) -> Horizon {
        let warm_up = round(12.0 * self.relaxation + self.fill);
        let length = round((60.0 * self.relaxation).max(5_000.0 / self.rate));
        Horizon {
            warm_up,
            length,
            customers: (warm_up + length) * self.rate,
            stops: false,
        }
    }
}

/// Rounds up to three digits: so do overrides stay readable.
pub fn round(x: f64) -> f64 {
    if !(x > 0.0 && x.is_finite()) {
        return 0.0;
    }
    let unit = libm::pow(10.0, libm::floor(libm::log10(x)) - 2.0);
    let rounded = libm::ceil(x / unit - 1e-9) * unit;
    // The product of a whole number and a power of ten carries rounding that would show in a file.
    format!("{rounded:.9}").parse().unwrap_or(rounded)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn horizons_grow_towards_saturation() {
        let at = |rho: f64| Pace::station(rho, 1.0, 1.0, 1.0, None).horizon();
        assert!(at(0.98).length > 20.0 * at(0.8).length);
        assert!(at(0.8).warm_up > 12.0 * 80.0);
        assert!(Pace::station(5.0, 1.0, 1.0, 1.0, Some(100.0)).horizon().warm_up > 50.0);
        // A full house forgets although more come than can be served.
        assert!(Pace::station(4.0, 1.0, 3.0, 1.0, Some(10.0)).horizon().warm_up < 1000.0);
    }

    #[test]
    fn numbers_stay_readable() {
        assert_eq!(round(1076.3), 1080.0);
        assert_eq!(round(0.012_345), 0.0124);
        assert_eq!(round(5.0), 5.0);
        assert_eq!(round(f64::NAN), 0.0);
    }
}
