//! What stands before a station: token buckets, shapers, windows, seats, waiting pages.

use super::super::model::{Arrivals, Customers, Door, Habit, Model, Station, Template};
use super::super::oracle::whole;
use super::super::plan::{Expressed, Horizon, Pace, Unsupported};
use super::super::quantity::Quantity;
use super::super::statistic::{Happening, Statistic};
use super::super::text;
use super::{Case, statistic};
use crate::engine::Distribution;

/// Work of a login that is only let through: a microsecond, so that nothing but the gate is measured.
const NEXT_TO_NOTHING: f64 = 1e-6;

fn through() -> Station {
    Station::free(Distribution::Deterministic { value: NEXT_TO_NOTHING })
}

pub(super) fn token_bucket(case: &Case<'_>) -> Result<Expressed, Unsupported> {
    let rate = case.p.positive(&["lam", "lambda"])?;
    // A bucket whose knocks cost k tokens is one of a k-th of the rate and of the burst.
    let cost = case.p.number(&["cost"]).filter(|c| *c > 0.0).unwrap_or(1.0);
    let (tokens, burst) = (
        case.p.positive(&["rate", "r"])? / cost,
        case.p.positive(&["burst", "b"])? / cost,
    );
    if burst < 1.0 {
        return Unsupported::because("the bucket does not hold one token");
    }
    let random = case.says(&["poisson tokens", "random", "exponential"]);
    if case.says(&["d arrivals", "deterministic arrivals"]) {
        return Unsupported::because("Poisson arrivals only");
    }
    let statistic = match case.quantity {
        Quantity::Blocked => Statistic::PerEach(Happening::Refused, Happening::Knock, None),
        Quantity::Throughput => Statistic::Rate(Happening::Done, None, 1.0),
        _ => return case.unknown_quantity(),
    };
    let pace = Pace::station(rate, 1.0 / tokens, 1.0, 1.0, Some(burst));
    let door = Door {
        bucket: Some((tokens, burst, random)),
        ..Door::default()
    };
    let customers = [Customers::new(Arrivals::Poisson(rate))];
    let model = Model::one(Template::Gate, &through(), &door, &customers, &Habit::default());
    Ok(Expressed::single(
        "a limiter before a station without limit",
        model,
        pace.horizon(),
        statistic,
    ))
}

pub(super) fn shaper(case: &Case<'_>) -> Result<Expressed, Unsupported> {
    let (rate, out) = (
        case.p.positive(&["lam", "lambda"])?,
        case.p.positive(&["rate", "r", "mu"])?,
    );
    let room = case.p.number(&["K", "queue"]).and_then(whole);
    if room.is_none() && rate >= out {
        return Unsupported::because("as many come as are let through: there is no steady state");
    }
    let length = room.map_or(String::new(), |n| format!(", max_length: {n}"));
    let quota = format!(
        "(admissions: (count: 1, period: {}, window: Paced), seat: OnExit, order: Fifo(bucket: \"0 s\"){length})",
        text::seconds(1.0 / out)
    );
    let pace = Pace::station(rate, 1.0 / out, 1.0, 1.0, room.map(f64::from));
    let door = Door {
        quota: Some(quota),
        ..Door::default()
    };
    let customers = [Customers::new(Arrivals::Poisson(rate))];
    let model = Model::one(Template::Gate, &through(), &door, &customers, &Habit::default());
    let statistic = statistic(case, Some(1), room, false)?;
    Ok(Expressed::single(
        "a quota whose admissions are paced, first come first served",
        model,
        pace.horizon(),
        statistic,
    ))
}

pub(super) fn fixed_window(case: &Case<'_>) -> Result<Expressed, Unsupported> {
    // A window of 100 s whatever the table's unit: only the number per window matters.
    const WINDOW: f64 = 100.0;
    let quota = case.p.count(&["quota", "Q"], 1)?;
    let load = match (
        case.p.number(&["lamT"]),
        case.p.number(&["lam"]),
        case.p.number(&["T", "window"]),
    ) {
        (Some(load), _, _) => load,
        (None, Some(lam), Some(t)) => lam * t,
        (None, Some(lam), None) => lam,
        _ => return Unsupported::because("arrivals per window are missing: lamT"),
    };
    if !(load > 0.0 && load < 1e7) {
        return Unsupported::because(format!("{load} arrivals a window"));
    }
    let statistic = match &case.quantity {
        Quantity::Blocked => Statistic::PerEach(Happening::Refused, Happening::Knock, None),
        Quantity::Throughput => Statistic::Rate(Happening::Started, None, WINDOW),
        Quantity::Other(name) if name.to_lowercase().starts_with("e[admitted") => {
            Statistic::Rate(Happening::Started, None, WINDOW)
        }
        _ => return case.unknown_quantity(),
    };
    let text = format!(
        "(admissions: (count: {quota}, period: {}, window: Fixed), seat: OnExit, order: Reject)",
        text::seconds(WINDOW)
    );
    let door = Door {
        quota: Some(text),
        ..Door::default()
    };
    let customers = [Customers::new(Arrivals::Poisson(load / WINDOW))];
    let model = Model::one(Template::Gate, &through(), &door, &customers, &Habit::default());
    // Windows are independent: one to begin with, then whole ones.
    let windows = libm::ceil(20_000.0 / load).clamp(2.0, 1000.0);
    let horizon = Horizon {
        warm_up: WINDOW,
        length: windows * WINDOW,
        customers: load * (windows + 1.0),
        stops: false,
    };
    Ok(Expressed::single(
        "a quota with a number of admissions a period, no queue",
        model,
        horizon,
        statistic,
    ))
}

pub(super) fn shared_link(case: &Case<'_>) -> Result<Expressed, Unsupported> {
    let seats = case.p.count(&["C", "capacity"], 1)?;
    let Some(classes) = case.p.matrix("classes") else {
        return Unsupported::because("the classes are missing: [[erlangs, units], …]");
    };
    let sound = |class: &Vec<f64>| class.len() == 2 && class[0] > 0.0 && whole(class[1]).is_some_and(|b| b > 0);
    if classes.is_empty() || classes.len() > 200 || !classes.iter().all(sound) {
        return Unsupported::because("each class is [erlangs, units], units a whole number");
    }
    let class = match case.p.number(&["cls", "class"]).map(whole) {
        None => None,
        Some(Some(k)) if (1..=classes.len() as u32).contains(&k) => Some((k - 1) as u16),
        Some(_) => return Unsupported::because("there is no such class"),
    };
    let statistic = match case.quantity {
        Quantity::Blocked => Statistic::PerEach(Happening::Refused, Happening::Knock, class),
        _ => return case.unknown_quantity(),
    };
    let customers: Vec<Customers> = classes
        .iter()
        .enumerate()
        .map(|(i, class)| Customers {
            key: format!("class{}", i + 1),
            stay: Some(Distribution::Exponential { mean: 1.0 }),
            seats: class[1] as u32,
            ..Customers::new(Arrivals::Poisson(class[0]))
        })
        .collect();
    let quota = format!("(max_sessions: {seats}, counted_from: Admission, seat: OnExit, order: Reject)");
    let door = Door {
        quota: Some(quota),
        session: true,
        ..Door::default()
    };
    let model = Model::one(Template::Gate, &through(), &door, &customers, &Habit::default());
    let rate: f64 = classes.iter().map(|c| c[0]).sum();
    let pace = Pace::turnover(rate, 1.0, 1.0);
    Ok(Expressed::single(
        "a quota of seats; a cohort takes several, holds them for a session",
        model,
        pace.horizon(),
        statistic,
    ))
}

pub(super) fn polling(case: &Case<'_>) -> Result<Expressed, Unsupported> {
    let poll = case.p.positive(&["poll", "P"])?;
    if !case.row.quantity.contains("delay") {
        return case.unknown_quantity();
    }
    // Two people and one seat: somebody always waits. A stay is uniform over ten whole polling intervals, so a seat
    // falls free at a uniform instant between two polls of the one who waits.
    let stay = Distribution::Uniform {
        low: 10.0 * poll,
        high: 20.0 * poll,
    };
    let pause = Distribution::Deterministic { value: 0.05 * poll };
    let customers = [Customers {
        stay: Some(stay),
        ..Customers::new(Arrivals::Closed(2, pause))
    }];
    let quota = format!(
        "(max_sessions: 1, counted_from: Admission, seat: OnExit, order: Fifo(bucket: \"0 s\"), poll: {})",
        text::seconds(poll)
    );
    let door = Door {
        quota: Some(quota),
        session: true,
        ..Door::default()
    };
    let model = Model::one(Template::Gate, &through(), &door, &customers, &Habit::default());
    let horizon = Horizon {
        warm_up: 100.0 * poll,
        length: 20_000.0 * poll,
        customers: 20_000.0 / 15.0,
        stops: false,
    };
    Ok(Expressed::single(
        "two people, one seat, a page that asks again at intervals",
        model,
        horizon,
        Statistic::Vacancy,
    ))
}
