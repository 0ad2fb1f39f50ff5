//! A station without queue whose customers come back: classical retrials, in both forms of the orbit.

use super::super::kendall::{Kendall, Letter};
use super::super::law;
use super::super::model::{Arrivals, Customers, Door, Habit, Model, Station, Template};
use super::super::plan::{Expressed, Pace, Plan, Unsupported};
use super::super::quantity::{Quantity, Variable};
use super::super::statistic::{Cmp, Gauge, Happening, Statistic, Sum};
use super::{Case, work};
use crate::engine::Distribution;
use crate::world::Orbit;

pub(super) fn retrial(case: &Case<'_>, queue: &Kendall) -> Result<Expressed, Unsupported> {
    if case.says(&["constant"]) {
        return Unsupported::because(
            "people come back each on their own: an orbit with one rate for all is not in the model",
        );
    }
    if queue.arrivals != Letter::M {
        return Unsupported::because("retrials with Poisson arrivals only");
    }
    let servers = queue
        .servers
        .resolve(case.p)?
        .ok_or_else(|| Unsupported("retrials need a number of servers".into()))?;
    let rate = case.p.positive(&["lam", "lambda"])?;
    let delay = Distribution::Exponential {
        mean: 1.0 / case.p.positive(&["nu", "theta", "retrial_rate"])?,
    };
    let Some(work) = work(case, queue.service)? else {
        return Unsupported::because("the law of the work is not given");
    };
    let (mean, c) = (work.mean(), f64::from(servers));
    let rho = rate * mean / c;
    if rho >= 1.0 {
        return Unsupported::because("as many come as can be served: there is no steady state");
    }
    let (statistic, scale) = match case.quantity {
        Quantity::Mean(Variable::Orbit) => (Statistic::OverTime(Gauge::Orbit, Sum::Mean), 1.0),
        Quantity::Variance(Variable::Orbit) => (Statistic::OverTime(Gauge::Orbit, Sum::Variance), 1.0),
        Quantity::Chance(Variable::Orbit, cmp, x) => (Statistic::OverTime(Gauge::Orbit, Sum::Share(cmp, x)), 1.0),
        // In a table of retrial queues the system is the servers and the orbit.
        Quantity::Mean(Variable::System) => (Statistic::OverTime(Gauge::SystemAndOrbit, Sum::Mean), 1.0),
        Quantity::Mean(Variable::Service) => (Statistic::OverTime(Gauge::Service, Sum::Mean), 1.0),
        Quantity::Utilisation => (Statistic::OverTime(Gauge::Service, Sum::Mean), 1.0 / c),
        Quantity::IdleAndEmpty => (
            Statistic::OverTime(Gauge::SystemAndOrbit, Sum::Share(Cmp::Equal, 0.0)),
            1.0,
        ),
        Quantity::FirstBlocked => (
            Statistic::PerEach(Happening::FirstRefused, Happening::FirstKnock, None),
            1.0,
        ),
        Quantity::Congestion => (Statistic::OverTime(Gauge::Service, Sum::Share(Cmp::AtLeast, c)), 1.0),
        Quantity::Throughput => (Statistic::Rate(Happening::Done, None, 1.0), 1.0),
        _ => return case.unknown_quantity(),
    };
    let habit = Habit {
        retry: Some(delay.clone()),
        ..Habit::default()
    };
    let mut pace = Pace::station(rate, mean, c, 0.5 * (1.0 + law::scv(&work)), None);
    pace.relaxation += delay.mean() / (1.0 - rho);
    let desk = Station::fifo(servers, work).with_room(Some(servers));
    let customers = [Customers::new(Arrivals::Poisson(rate))];
    let model = Model::one(Template::Retrial, &desk, &Door::default(), &customers, &habit);
    let plan = |orbit: Orbit, variant: &str| Plan {
        variant: variant.into(),
        model: model.clone(),
        orbit,
        horizon: pace.horizon(),
        statistic: statistic.clone(),
        scale,
    };
    let plans = vec![
        plan(Orbit::Auto, "orbit by superposition"),
        plan(Orbit::Events, "orbit knock by knock"),
    ];
    Ok(Expressed {
        how: format!("{servers} threads, no backlog, exponential retries for ever; both forms of the orbit"),
        plans,
    })
}
