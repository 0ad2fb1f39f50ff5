//! A finite number of customers who think, come, and think again: machine repair, interactive users, Engset.

use super::super::kendall::Kendall;
use super::super::law;
use super::super::model::{Arrivals, Customers, Door, Habit, Model, Station, Template};
use super::super::plan::{Expressed, Pace, Plan, Unsupported};
use super::super::quantity::Quantity;
use super::super::statistic::{Gauge, Happening, Statistic, Sum};
use super::{Case, statistic, work};
use crate::engine::Distribution;
use crate::world::Orbit;

pub(super) fn engset(case: &Case<'_>) -> Result<Expressed, Unsupported> {
    let people = case.p.count(&["N", "population", "sources"], 1)?;
    let servers = case.p.count(&["c", "servers", "R"], 1)?;
    let mean = super::mean_work(case)?;
    let laws = match case.p.text(&["service"]) {
        Some(text) => vec![(String::new(), law::read(text, case.p)?)],
        None => vec![(String::new(), Distribution::Exponential { mean })],
    };
    run(
        case,
        people,
        servers,
        Some(servers),
        laws,
        "those who find no server think again",
    )
}

pub(super) fn finite(case: &Case<'_>, queue: &Kendall) -> Result<Expressed, Unsupported> {
    let people = match &queue.population {
        Some(size) => size
            .resolve(case.p)?
            .ok_or_else(|| Unsupported("the population is infinite".into()))?,
        None => case.p.count(&["N", "population", "sources"], 1)?,
    };
    let servers = queue
        .servers
        .resolve(case.p)?
        .ok_or_else(|| Unsupported("the number of servers is infinite".into()))?;
    let room = queue.room.as_ref().map_or(Ok(None), |k| k.resolve(case.p))?;
    if room.is_some_and(|room| room < servers) {
        return Unsupported::because("fewer places than servers");
    }
    let Some(work) = work(case, queue.service)? else {
        return Unsupported::because("the law of the work is not given");
    };
    run(
        case,
        people,
        servers,
        room,
        vec![(String::new(), work)],
        "a closed population",
    )
}

fn run(
    case: &Case<'_>,
    people: u32,
    servers: u32,
    room: Option<u32>,
    laws: Vec<(String, Distribution)>,
    how: &str,
) -> Result<Expressed, Unsupported> {
    let think = match (
        case.p.number(&["alpha", "think_rate", "lam"]),
        case.p.number(&["Z", "think"]),
    ) {
        (Some(alpha), _) if alpha > 0.0 => 1.0 / alpha,
        (None, Some(think)) if think > 0.0 => think,
        _ => return Unsupported::because("the rate at which each of the population comes is missing: alpha"),
    };
    let (what, scale) = match case.quantity {
        Quantity::Utilisation => (Statistic::OverTime(Gauge::Service, Sum::Mean), 1.0 / f64::from(servers)),
        Quantity::Throughput => (Statistic::Rate(Happening::Done, None, 1.0), 1.0),
        _ => (statistic(case, Some(servers), room, false)?, 1.0),
    };
    let arrivals = Arrivals::Closed(people, Distribution::Exponential { mean: think });
    let plans = laws
        .into_iter()
        .map(|(variant, work)| {
            let mean = work.mean();
            let rate = (f64::from(people) / (think + mean)).min(f64::from(servers) / mean);
            // What is forgotten is where everybody is: a few rounds of thinking and being served.
            let pace = Pace {
                relaxation: 2.0 * (think + mean),
                rate,
                fill: 0.0,
            };
            let desk = Station::fifo(servers, work).with_room(room);
            let customers = [Customers::new(arrivals.clone())];
            let model = Model::one(Template::Closed, &desk, &Door::default(), &customers, &Habit::default());
            Plan {
                variant,
                model,
                orbit: Orbit::Auto,
                horizon: pace.horizon(),
                statistic: what.clone(),
                scale,
            }
        })
        .collect();
    Ok(Expressed {
        how: format!("{people} people who think {think} s; {how}"),
        plans,
    })
}
