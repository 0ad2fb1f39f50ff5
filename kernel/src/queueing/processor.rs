//! The speed of a station's requests: processor sharing among logins, the pages of sessions and a flood.
//!
//! Sessions are a closed loop: of `s` sessions, `n_p = s·w_p/(z·r + w_p)` have a page in progress when every
//! request advances at speed `r`. A flood that asks for `φ` cores has `φ/r` requests in progress when it is all
//! served: in processor sharing with a constant capacity this gives the exact mean (multiclass product form).
//! `r` is what remains to be found: `r = min(1, C/D)·u(D)` with `D` the requests in progress.

use crate::scenario::model::Efficiency;

/// What asks for the processor.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Load {
    /// Logins in service.
    pub jobs: f64,
    /// Sessions.
    pub sessions: f64,
    /// Mean time between two pages, s.
    pub think: f64,
    /// Work of a page, core-seconds.
    pub page_work: f64,
    /// Cores that a flood and other requests counted as a fluid ask for.
    pub flood: f64,
    /// Most logins and flood requests in service.
    pub threads: f64,
    /// Requests wait for a thread, so the flood has all that logins leave.
    pub full: bool,
}

/// How fast things go.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Speed {
    /// Speed of each request, 0..=1 of a core.
    pub r: f64,
    /// Requests in progress: logins, pages and flood.
    pub in_progress: f64,
    /// Share of newcomers that find a place when a flood keeps all threads busy, 0..=1.
    pub passes: f64,
    /// Cores busy.
    pub busy: f64,
}

/// Slowest speed a request can have: keeps the virtual clock moving when a flood asks for everything.
const STILL: f64 = 1e-9;

fn efficiency(law: Efficiency, cores: f64, d: f64) -> f64 {
    match law {
        Efficiency::Perfect | Efficiency::AtStart { .. } => 1.0,
        Efficiency::Usl {
            sigma,
            kappa,
            per_capacity,
        } => {
            let x = if per_capacity { d / cores } else { d };
            if x <= 1.0 {
                1.0
            } else {
                1.0 / (1.0 + sigma * (x - 1.0) + kappa * x * (x - 1.0))
            }
        }
    }
}

impl Load {
    /// Pages in progress at speed `r`.
    fn pages(&self, r: f64) -> f64 {
        if self.page_work <= 0.0 {
            0.0
        } else {
            self.sessions * self.page_work / (self.think * r + self.page_work)
        }
    }

    /// Flood requests in progress at speed `r`, as far as threads allow.
    fn flooding(&self, r: f64) -> f64 {
        if self.flood <= 0.0 {
            0.0
        } else {
            let left = (self.threads - self.jobs).max(0.0);
            if self.full { left } else { (self.flood / r).min(left) }
        }
    }

    fn in_progress(&self, r: f64) -> f64 {
        self.jobs + self.pages(r) + self.flooding(r)
    }
}

/// Finds the speed at which a load and `cores` agree; `last` is the speed before, near which the answer is
/// sought when falling efficiency allows several.
pub fn solve(load: &Load, cores: f64, law: Efficiency, last: f64) -> Speed {
    let r = match law {
        // Also where no core is left: nobody is there to be slow.
        _ if load.in_progress(1.0) <= 0.0 => 1.0,
        Efficiency::Perfect | Efficiency::AtStart { .. } => solve_perfect(load, cores),
        Efficiency::Usl { .. } => solve_usl(load, cores, law, last),
    };
    let d = load.in_progress(r);
    let passes = if load.flood > 0.0 {
        (load.flooding(r) * r / load.flood).min(1.0)
    } else {
        1.0
    };
    Speed {
        r,
        in_progress: d,
        passes,
        busy: d.min(cores.max(0.0)),
    }
}

/// `u = 1`: a quadratic in `r`.
fn solve_perfect(load: &Load, cores: f64) -> f64 {
    if cores <= 0.0 {
        return STILL;
    }
    if load.in_progress(1.0) <= cores {
        return 1.0;
    }
    // r·n + r·s·w/(z·r + w) = C − φ, when the whole flood is served.
    let (n, s, z, w) = (load.jobs, load.sessions, load.think, load.page_work);
    let left = cores - load.flood;
    let mut r = if left <= 0.0 {
        0.0
    } else if w <= 0.0 || s <= 0.0 {
        left / n
    } else {
        positive_root(n * z, n * w + s * w - left * z, -left * w)
    };
    // All threads busy: the flood is cut to the places left, and everyone shares C over threads and pages.
    if load.flood > 0.0 && load.threads.is_finite() && (load.full || load.flood > r * (load.threads - n).max(0.0)) {
        let held = load.threads.max(n);
        r = if w <= 0.0 || s <= 0.0 {
            cores / held
        } else {
            positive_root(held * z, held * w + s * w - cores * z, -cores * w)
        };
    }
    r.clamp(STILL, 1.0)
}

/// The positive root of `a·x² + b·x + c` with `c < 0`, in the form that does not cancel.
fn positive_root(a: f64, b: f64, c: f64) -> f64 {
    if a <= 0.0 {
        return -c / b;
    }
    let root = libm::sqrt(b * b - 4.0 * a * c);
    if b >= 0.0 {
        -2.0 * c / (b + root)
    } else {
        (root - b) / (2.0 * a)
    }
}

/// Falling efficiency: without background the number in progress is known and one evaluation is exact; with it,
/// bisection on the side of the root nearest to the last speed.
fn solve_usl(load: &Load, cores: f64, law: Efficiency, last: f64) -> f64 {
    let speed = |d: f64| (cores / d.max(1e-12)).min(1.0) * efficiency(law, cores, d);
    if (load.sessions <= 0.0 || load.page_work <= 0.0) && load.flood <= 0.0 {
        return speed(load.jobs).max(STILL);
    }
    // h(r) > 0: requests would go faster than r; the system drifts towards the next zero in that direction.
    let h = |r: f64| speed(load.in_progress(r)) - r;
    let at = last.clamp(STILL, 1.0);
    let (mut low, mut high) = (at, at);
    if h(at) >= 0.0 {
        while high < 1.0 && h(high) > 0.0 {
            low = high;
            high = (high * 1.25).min(1.0);
        }
    } else {
        while low > STILL && h(low) < 0.0 {
            high = low;
            low = (low * 0.8).max(STILL);
        }
    }
    for _ in 0..40 {
        let mid = 0.5 * (low + high);
        if h(mid) > 0.0 { low = mid } else { high = mid }
    }
    0.5 * (low + high)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load() -> Load {
        Load {
            jobs: 0.0,
            sessions: 0.0,
            think: 30.0,
            page_work: 0.1,
            flood: 0.0,
            threads: f64::INFINITY,
            full: false,
        }
    }

    #[test]
    fn nobody_waits_below_capacity() {
        let s = solve(&Load { jobs: 4.0, ..load() }, 10.0, Efficiency::Perfect, 1.0);
        assert_eq!((s.r, s.in_progress, s.passes), (1.0, 4.0, 1.0));
    }

    #[test]
    fn logins_share_what_is_there() {
        let s = solve(&Load { jobs: 40.0, ..load() }, 10.0, Efficiency::Perfect, 1.0);
        assert!((s.r - 0.25).abs() < 1e-12 && (s.busy - 10.0).abs() < 1e-9);
    }

    #[test]
    fn sessions_are_a_closed_loop() {
        let l = Load {
            jobs: 50.0,
            sessions: 10_000.0,
            ..load()
        };
        let s = solve(&l, 20.0, Efficiency::Perfect, 1.0);
        // Work is conserved: everything in progress at speed r uses exactly the capacity.
        assert!((s.in_progress * s.r - 20.0).abs() < 1e-6);
        let pages = 10_000.0 * 0.1 / (30.0 * s.r + 0.1);
        assert!((s.in_progress - 50.0 - pages).abs() < 1e-6);
    }

    #[test]
    fn a_flood_takes_its_share_of_a_processor() {
        // M/M/1-PS with users and flood: C − φ is left for the users.
        let l = Load {
            jobs: 3.0,
            flood: 0.5,
            ..load()
        };
        assert!((solve(&l, 1.0, Efficiency::Perfect, 1.0).r - 0.5 / 3.0).abs() < 1e-12);
    }

    #[test]
    fn a_flood_beyond_capacity_fills_the_threads_and_turns_newcomers_away() {
        let l = Load {
            jobs: 0.0,
            flood: 500.0,
            threads: 1000.0,
            ..load()
        };
        let s = solve(&l, 100.0, Efficiency::Perfect, 1.0);
        assert!((s.r - 0.1).abs() < 1e-12);
        assert!((s.passes - 0.2).abs() < 1e-12);
    }

    #[test]
    fn falling_efficiency_is_exact_without_background() {
        let law = Efficiency::Usl {
            sigma: 0.02,
            kappa: 0.0005,
            per_capacity: false,
        };
        let s = solve(&Load { jobs: 100.0, ..load() }, f64::INFINITY, law, 1.0);
        // Universal scalability law: X(100)/X(1) = 12.61034048 (Gunther 2007).
        assert!((s.in_progress * s.r - 12.610_340_48).abs() < 1e-7);
        // Whoever waits for the others keeps its core.
        let s = solve(&Load { jobs: 100.0, ..load() }, 40.0, law, 1.0);
        assert_eq!(s.busy, 40.0);
    }
}
