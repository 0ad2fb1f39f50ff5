//! Stations whose total speed rises and falls with the number in service: the universal scalability law.

use super::super::model::{Arrivals, Customers, Door, Habit, Model, Station, Template};
use super::super::plan::{Expressed, Horizon, Pace, Plan, Unsupported};
use super::super::quantity::Quantity;
use super::super::statistic::{Happening, Statistic};
use super::station::passage;
use super::{Case, statistic};
use crate::engine::Distribution;
use crate::world::Orbit;

pub(super) fn usl(case: &Case<'_>) -> Result<Expressed, Unsupported> {
    let (sigma, kappa) = (parameter(case, "sigma")?, parameter(case, "kappa")?);
    let mean = super::mean_work(case)?;
    if case.says(&["fluid"]) {
        return Unsupported::because("roots of a fluid balance, not a property of the queue with single customers");
    }
    if case.kendall.is_none() && !case.says(&["time"]) {
        return capacity(case, sigma, kappa);
    }
    let places = case.p.count(&["K"], 1)?;
    if places > 20_000 {
        return Unsupported::because("more than 20000 places: the law that says where to start is not computed so far");
    }
    let rate = case.p.positive(&["lam", "lambda"])?;
    let station = |work: Distribution| Station {
        usl: Some((sigma, kappa)),
        ..Station::free(work).with_room(Some(places))
    };
    let exponential = Distribution::Exponential { mean };
    let one = |variant: &str, desk: &Station, horizon: Horizon, statistic: Statistic| Plan {
        variant: variant.into(),
        model: Model::one(
            Template::Queue,
            desk,
            &Door::default(),
            &[Customers::new(Arrivals::Poisson(rate))],
            &Habit::default(),
        ),
        orbit: Orbit::Auto,
        horizon,
        statistic,
        scale: 1.0,
    };
    let how = format!("no limit on cores, {places} threads, no backlog, efficiency by the universal scalability law");
    if let Quantity::Passage { up } = case.quantity {
        let mut desk = station(exponential);
        let (horizon, statistic, _) = passage(case, &mut desk, up)?;
        return Ok(Expressed {
            how,
            plans: vec![one("", &desk, horizon, statistic)],
        });
    }
    let law = Stationary::new(rate * mean, sigma, kappa, places);
    let statistic = match case.quantity {
        Quantity::Throughput => Statistic::Rate(Happening::Done, None, 1.0),
        _ => statistic(case, None, Some(places), false)?,
    };
    // With two humps, start where the weight is. A hump that holds next to nothing is left to chance; otherwise runs
    // must see many passages.
    let initial = law.mode();
    let between = law.exchange();
    if between * mean * rate > 1e5 {
        return Unsupported::because(format!(
            "two humps that both matter, and {:.1e} s between passages: no run sees enough of them",
            between * mean
        ));
    }
    let works = match case.p.text(&["service"]) {
        Some(text) => vec![("", super::law::read(text, case.p)?)],
        None => vec![
            ("exponential work", exponential),
            ("hyperexponential work", super::law::balanced(mean, 4.0)),
        ],
    };
    let plans = works
        .into_iter()
        .map(|(variant, work)| {
            let scv = super::law::scv(&work);
            let desk = Station {
                initial,
                ..station(work)
            };
            // A customer stays n/X(n): that is what takes longest to forget, times a few for the drift between humps.
            let stay = mean * law.mean() / law.speed(law.mean());
            let relaxation = (3.0 * stay).max(between * mean) * scv.max(1.0);
            let pace = Pace {
                relaxation,
                rate,
                fill: 0.0,
            };
            one(variant, &desk, pace.horizon(), statistic.clone())
        })
        .collect();
    Ok(Expressed { how, plans })
}

fn parameter(case: &Case<'_>, name: &str) -> Result<f64, Unsupported> {
    match case.p.number(&[name]) {
        Some(x) if x >= 0.0 => Ok(x),
        _ => Unsupported::because(format!("the universal scalability law needs `{name}`, not negative")),
    }
}

/// `X(n)/X(1)`: `n` people who never pause, so that always `n` are in service.
fn capacity(case: &Case<'_>, sigma: f64, kappa: f64) -> Result<Expressed, Unsupported> {
    let ratio = matches!(&case.quantity, Quantity::Other(name) if name == "X(n)/X(1)" || name == "C(n)");
    if !ratio {
        return Unsupported::because("where a formula is greatest: arithmetic, not a queue");
    }
    let n = case.p.count(&["n", "N"], 1)?;
    // One customer alone is served one second: X(1) = 1 by definition of the work.
    let work = Distribution::Exponential { mean: 1.0 };
    let desk = Station {
        usl: Some((sigma, kappa)),
        ..Station::free(work)
    };
    let never = Distribution::Deterministic { value: 0.0 };
    let customers = [Customers::new(Arrivals::Closed(n, never))];
    let model = Model::one(Template::Closed, &desk, &Door::default(), &customers, &Habit::default());
    let n = f64::from(n);
    let speed = n / (1.0 + sigma * (n - 1.0) + kappa * n * (n - 1.0));
    let pace = Pace {
        relaxation: n / speed,
        rate: speed,
        fill: 0.0,
    };
    let statistic = Statistic::Rate(Happening::Done, None, 1.0);
    Ok(Expressed::single(
        "people who never pause, work of 1 s, efficiency by the law; X(1) = 1",
        model,
        pace.horizon(),
        statistic,
    ))
}

/// The stationary law, to know where a run should start: `π(n) ∝ a^n / Π φ(i)`, Cohen 1979.
struct Stationary {
    chances: Vec<f64>,
    load: f64,
    sigma: f64,
    kappa: f64,
}

impl Stationary {
    fn new(load: f64, sigma: f64, kappa: f64, places: u32) -> Stationary {
        let mut law = Stationary {
            chances: Vec::new(),
            load,
            sigma,
            kappa,
        };
        let mut logs = vec![0.0];
        for n in 1..=places {
            let last = logs[n as usize - 1];
            logs.push(last + libm::log(load / law.speed(f64::from(n))));
        }
        let top = logs.iter().fold(f64::NEG_INFINITY, |a, b| a.max(*b));
        let weights: Vec<f64> = logs.iter().map(|l| libm::exp(l - top)).collect();
        let sum: f64 = weights.iter().sum();
        law.chances = weights.iter().map(|w| w / sum).collect();
        law
    }

    fn speed(&self, n: f64) -> f64 {
        if n <= 1.0 {
            n.max(1e-3)
        } else {
            n / (1.0 + self.sigma * (n - 1.0) + self.kappa * n * (n - 1.0))
        }
    }

    fn mean(&self) -> f64 {
        self.chances.iter().enumerate().map(|(n, p)| n as f64 * p).sum()
    }

    /// Relaxation time of the exchange between two humps, in mean works: `1/(1/T↑ + 1/T↓)` with the mean first passages
    /// of a birth and death process. Zero with one hump, or when the lesser one holds less than 1e-4.
    fn exchange(&self) -> f64 {
        let pi = &self.chances;
        let top = pi.len() - 1;
        let peak = |n: usize| (n == 0 || pi[n] > pi[n - 1]) && (n == top || pi[n] >= pi[n + 1]);
        let humps: Vec<usize> = (0..=top).filter(|n| peak(*n)).collect();
        let (Some(low), Some(high)) = (humps.first(), humps.last()) else {
            return 0.0;
        };
        if low == high {
            return 0.0;
        }
        let below = |n: usize| pi[..=n].iter().sum::<f64>();
        let above = |n: usize| pi[n..].iter().sum::<f64>();
        let up: f64 = (*low..*high).map(|n| below(n) / (self.load * pi[n])).sum();
        let down: f64 = (*low + 1..=*high)
            .map(|n| above(n) / (self.speed(n as f64) * pi[n]))
            .sum();
        let lesser = up.min(down) / (up + down);
        if lesser < 1e-4 {
            0.0
        } else {
            1.0 / (1.0 / up + 1.0 / down)
        }
    }

    fn mode(&self) -> u32 {
        let best = self.chances.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1));
        best.map_or(0, |(n, _)| n as u32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stationary_law_is_the_one_of_the_tables() {
        // Rows of the file: K = 300, λ = 12: E[N] = 299.058405; K = 120: 19.1329781.
        assert!((Stationary::new(12.0, 0.02, 0.0005, 300).mean() - 299.058_405).abs() < 1e-5);
        let low = Stationary::new(12.0, 0.02, 0.0005, 120);
        assert!((low.mean() - 19.132_978_1).abs() < 1e-6);
        assert!((15..=20).contains(&low.mode()));
        // Collapse takes 1e8 s and recovery 67 s: the upper hump holds next to nothing.
        assert_eq!(low.exchange(), 0.0);
        assert!(Stationary::new(10.0, 0.03, 0.001, 80).exchange() > 10.0);
    }
}
