//! Rates and capacities that change with time: `Mt/G/∞`, surges, hosts that lose cores.

use super::super::kendall::{Kendall, Letter};
use super::super::law;
use super::super::model::{Arrivals, Customers, Door, Habit, Model, Station, Template};
use super::super::plan::{Expressed, Horizon, Pace, Unsupported};
use super::super::quantity::Quantity;
use super::super::rates::Profile;
use super::super::statistic::{Gauge, Statistic, Sum};
use super::super::text;
use super::{Case, work};
use crate::engine::Time;
use serde_json::Value;

/// Periods watched in one run of a periodic system.
const PERIODS: f64 = 10.0;

pub(super) fn varying(case: &Case<'_>, queue: &Kendall) -> Result<Expressed, Unsupported> {
    if queue.patience.is_some() || queue.batches {
        return Unsupported::because("time-varying queues with patience or batches are not built here");
    }
    let rate = profile(case, &["lam", "lambda"])?.ok_or_else(|| Unsupported("the rate is missing: lam".into()))?;
    let Some(work) = work(case, queue.service)? else {
        return Unsupported::because("the law of the work is not given");
    };
    let capacity = match queue.servers {
        super::super::kendall::Size::Infinite => None,
        super::super::kendall::Size::Of(n) => Some(Profile::Steps {
            base: f64::from(n),
            windows: Vec::new(),
        }),
        super::super::kendall::Size::Named(_) => profile(case, &["c", "servers"])?,
    };
    if capacity.is_none() && queue.servers != super::super::kendall::Size::Infinite {
        return Unsupported::because("the number of servers is missing: c");
    }
    let changes = matches!(&capacity, Some(Profile::Steps { windows, .. }) if !windows.is_empty());
    let most = capacity.as_ref().map(Profile::greatest);
    if most.is_some_and(|c| c.fract() != 0.0 || !(1.0..=1e7).contains(&c))
        || matches!(capacity, Some(Profile::Wave { .. }))
    {
        return Unsupported::because("the number of servers must be whole, with windows of other whole numbers");
    }
    let servers = most.map(|c| c as u32);
    let room = match &queue.room {
        // `c` stands for the servers also when their number is written as text.
        Some(super::super::kendall::Size::Named(name)) if name == "c" => servers,
        Some(size) => size.resolve(case.p)?,
        None => None,
    };
    let shares = changes || queue.sharing;
    if changes && (queue.service != Letter::M || room.is_some()) {
        return Unsupported::because(
            "interrupted servers have the law of shared cores for exponential work without limit only",
        );
    }
    let desk = match servers {
        None => Station::free(work.clone()),
        Some(c) if shares => Station::shared(f64::from(c), work.clone()),
        Some(c) => Station::fifo(c, work.clone()),
    }
    .with_room(room);
    let (horizon, statistic, mut how) = watch(case, &rate, &work, servers)?;
    let end = horizon.warm_up + horizon.length;
    let points = rate.points(end);
    let customers = [Customers::new(Arrivals::Rate(points, rate.period().is_some()))];
    let door = Door {
        hosted: changes,
        ..Door::default()
    };
    let template = if changes { Template::Surge } else { Template::Queue };
    let mut model = Model::one(template, &desk, &door, &customers, &Habit::default());
    if let (Some(Profile::Steps { base, windows }), Some(most)) = (&capacity, most.filter(|_| changes)) {
        model.set("hosts", text::map(&[("machine".into(), format!("(cores: {most})"))]));
        model.set("incidents", text::map(&losses(*base, windows, most)));
        how += "; the host loses cores, those in service share what is left (the same law as interrupted servers, \
                because exponential work has no memory)";
    }
    Ok(Expressed::single(how, model, horizon, statistic))
}

/// A loss of cores for each stretch below the greatest number of servers.
fn losses(base: f64, windows: &[(f64, f64, f64)], most: f64) -> Vec<(String, String)> {
    // Far beyond any instant that a row asks for.
    const LATE: f64 = 1e7;
    let mut stretches: Vec<(f64, f64, f64)> = Vec::new();
    let mut at = 0.0;
    for (from, to, value) in windows {
        if *from > at {
            stretches.push((at, *from, base));
        }
        stretches.push((*from, *to, *value));
        at = *to;
    }
    stretches.push((at, LATE, base));
    stretches
        .iter()
        .filter(|(_, _, value)| *value < most)
        .enumerate()
        .map(|(i, (from, to, value))| {
            let share = text::share(1.0 - value / most);
            let waves = format!("[({}, {})]", text::seconds(*from), text::seconds(*to));
            (
                format!("loss{}", i + 1),
                format!("(kind: HostLoss(host: \"machine\", share: {share}), waves: {waves})"),
            )
        })
        .collect()
}

fn profile(case: &Case<'_>, names: &[&str]) -> Result<Option<Profile>, Unsupported> {
    Ok(match names.iter().find_map(|n| case.row.parameters.get(*n)) {
        Some(Value::String(text)) => Some(Profile::read(text)?),
        Some(Value::Number(_)) => case.p.number(names).map(|base| Profile::Steps {
            base,
            windows: Vec::new(),
        }),
        _ => None,
    })
}

fn watch(
    case: &Case<'_>,
    rate: &Profile,
    work: &crate::engine::Distribution,
    servers: Option<u32>,
) -> Result<(Horizon, Statistic, String), Unsupported> {
    let sum = match case.quantity {
        Quantity::MeanAt => Sum::Mean,
        Quantity::ChanceAt(cmp, x) => Sum::Share(cmp, x),
        Quantity::Peak | Quantity::PeakTime => Sum::Mean,
        _ => return case.unknown_quantity(),
    };
    let Some(period) = rate.period() else {
        let t = case.p.positive(&["t"])?;
        let customers = (rate.greatest() * t).max(1.0);
        let horizon = Horizon {
            warm_up: 0.0,
            length: t,
            customers,
            stops: false,
        };
        let at = Statistic::AtInstants(vec![Time::from_secs(t)], Gauge::System, sum);
        return Ok((horizon, at, "a staircase of rates from an empty start".into()));
    };
    if !case.says(&["periodic"]) && !matches!(case.quantity, Quantity::Peak | Quantity::PeakTime) && servers.is_some() {
        return Unsupported::because(
            "a wave of rates before a finite number of servers: say `periodic` to mean its steady state",
        );
    }
    let relaxation = match servers {
        None => Pace::turnover(rate.base(), work.mean(), law::scv(work)).relaxation,
        Some(c) if rate.base() * work.mean() < f64::from(c) => {
            Pace::station(rate.base(), work.mean(), f64::from(c), 1.0, None).relaxation
        }
        Some(_) => return Unsupported::because("more come over a period than can be served"),
    };
    let before = libm::ceil(12.0 * relaxation / period).max(1.0);
    if before > 200.0 {
        return Unsupported::because("the rate changes too fast for a polygon of its periods to be written down");
    }
    let warm_up = before * period;
    let length = PERIODS * period;
    let horizon = Horizon {
        warm_up,
        length,
        customers: rate.base() * (warm_up + length),
        stops: false,
    };
    let statistic = match case.quantity {
        Quantity::Peak | Quantity::PeakTime => {
            if servers.is_some() {
                return Unsupported::because(
                    "only without limit is the answer to a wave a wave, whose peak can be fitted",
                );
            }
            let near = (case.quantity == Quantity::PeakTime).then_some(0.5 * period);
            Statistic::Harmonic { period, near }
        }
        _ => {
            let t = case
                .p
                .number(&["t"])
                .filter(|t| *t >= 0.0)
                .ok_or_else(|| Unsupported("the instant is missing: t".into()))?;
            let phase = t % period;
            let instants = (0..PERIODS as u32)
                .map(|k| Time::from_secs(warm_up + f64::from(k) * period + phase))
                .collect();
            Statistic::AtInstants(instants, Gauge::System, sum)
        }
    };
    Ok((
        horizon,
        statistic,
        "a polygon of 240 pieces a period (off by 0.00009 of the amplitude at most)".into(),
    ))
}
