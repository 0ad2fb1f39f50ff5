//! One station in steady state (or from a start): A/S/c, finite rooms, patience, processor sharing, batches, failures.

use super::super::kendall::{Kendall, Letter};
use super::super::law;
use super::super::model::{Arrivals, Batch, Customers, Door, Habit, Model, Station, Template};
use super::super::oracle::whole;
use super::super::plan::{Expressed, Horizon, Pace, Plan, Unsupported};
use super::super::quantity::{Quantity, Variable};
use super::super::statistic::{Gauge, Spell, Statistic, Sum};
use super::{Case, stages_of, statistic, work};
use crate::engine::{Distribution, Time};
use crate::world::Orbit;

pub(super) fn station(case: &Case<'_>, queue: &Kendall) -> Result<Expressed, Unsupported> {
    let servers = queue.servers.resolve(case.p)?;
    let room = queue.room.as_ref().map_or(Ok(None), |k| k.resolve(case.p))?;
    if let (Some(servers), Some(room)) = (servers, room)
        && room < servers
    {
        return Unsupported::because(format!("{room} places for {servers} servers"));
    }
    let failing = case.says(&["fail", "breakdown", "repair"]);
    let patience = patience(case, queue)?;
    let loss = room.is_some() && room == servers;
    let works = works(case, queue, queue.sharing || loss || servers.is_none())?;
    let mut plans = Vec::new();
    let mut how = String::new();
    for (variant, work) in works {
        let (arrivals, rate, variability) = arrivals(case, queue, servers, &work)?;
        let mean = work.mean();
        let mut desk = match servers {
            None => Station::free(work.clone()),
            Some(c) if queue.sharing => Station::shared(f64::from(c), work.clone()),
            Some(c) if failing => {
                if queue.service != Letter::M || patience.is_some() {
                    return Unsupported::because(
                        "with servers that fail, sharing their capacity has the same law for exponential work only",
                    );
                }
                Station::shared(f64::from(c), work.clone())
            }
            Some(c) => Station::fifo(c, work.clone()),
        }
        .with_room(room);
        let variability = 0.5 * (variability + law::scv(&work));
        let mut pace = match servers {
            None => Pace::turnover(rate, mean, variability),
            Some(_) if loss => Pace::turnover(rate, mean, variability),
            Some(c) => {
                let speed = f64::from(c) / mean;
                if room.is_none() && patience.is_none() && rate >= speed {
                    return Unsupported::because("as many come as can be served: there is no steady state");
                }
                Pace::station(rate, mean, f64::from(c), variability, room.map(f64::from))
            }
        };
        if let Some(patience) = &patience {
            // People who leave empty the queue at least as fast as their patience ends.
            pace.relaxation = pace.relaxation.min(mean + 4.0 * patience.mean());
        }
        if failing {
            let (fail, repair) = (
                case.p.positive(&["fail", "failure_rate"])?,
                case.p.positive(&["repair", "repair_rate"])?,
            );
            desk.breakdown = Some((1.0 / fail, 1.0 / repair));
            // The capacity forgets in 1/(f+r), and queues built while many were down drain more slowly.
            pace.relaxation = 4.0 * pace.relaxation.max(1.0 / (fail + repair));
        }
        let (horizon, what, scale) = if let Some(instant) = start(case, &mut desk)? {
            instant
        } else {
            let (what, scale) = steady(case, queue, servers, room, patience.is_some())?;
            (pace.horizon(), what, scale)
        };
        let mut customers = vec![Customers::new(arrivals)];
        if case.quantity == Quantity::SojournOfSize {
            customers = of_size(case, rate, &work)?;
        }
        let what = match what {
            Statistic::OverCustomers(spell, sum, _) if customers.len() > 1 => {
                Statistic::OverCustomers(spell, sum, Some(0))
            }
            other => other,
        };
        let habit = Habit {
            timeout: patience.clone(),
            ..Habit::default()
        };
        how = describe(&desk, servers, room, queue.sharing, failing, patience.is_some());
        let model = Model::one(Template::Queue, &desk, &Door::default(), &customers, &habit);
        plans.push(Plan {
            variant,
            model,
            orbit: Orbit::Auto,
            horizon,
            statistic: what,
            scale,
        });
    }
    Ok(Expressed { how, plans })
}

fn describe(
    desk: &Station,
    servers: Option<u32>,
    room: Option<u32>,
    sharing: bool,
    failing: bool,
    patience: bool,
) -> String {
    let mut how = match servers {
        None => "no limit on cores or threads".to_owned(),
        Some(1) if sharing => "one core shared by all, no limit on threads".to_owned(),
        Some(c) if sharing => format!("{c} cores shared by all, no limit on threads"),
        Some(c) if failing => format!("{c} cores that fail, shared by all (same law as servers for exponential work)"),
        Some(1) => "one core, one thread, first come first served".to_owned(),
        Some(c) => format!("{c} cores, {c} threads, first come first served"),
    };
    if let Some(room) = room {
        how += &format!(", {room} places (backlog {})", desk.backlog.unwrap_or(0));
    }
    if patience {
        how += ", time-out in the queue, no retries";
    }
    how
}

/// The laws of work to try: the one that is meant, or two very different ones where only the mean may matter.
fn works(case: &Case<'_>, queue: &Kendall, insensitive: bool) -> Result<Vec<(String, Distribution)>, Unsupported> {
    if let Some(law) = work(case, queue.service)? {
        return Ok(vec![(String::new(), law)]);
    }
    let mean = super::mean_work(case)?;
    if insensitive && case.quantity != Quantity::SojournOfSize {
        return Ok(vec![
            ("constant work".into(), Distribution::Deterministic { value: mean }),
            ("hyperexponential work".into(), law::balanced(mean, 4.0)),
        ]);
    }
    if case.quantity == Quantity::SojournOfSize {
        return Ok(vec![(String::new(), Distribution::Exponential { mean })]);
    }
    let scv = match (
        case.p.number(&["ES2", "E[S^2]"]),
        case.p.number(&["scv", "cs2", "c2", "SCV"]),
        case.p.number(&["cv", "cs"]),
    ) {
        (Some(square), _, _) => square / (mean * mean) - 1.0,
        (None, Some(scv), _) => scv,
        (None, None, Some(cv)) => cv * cv,
        (None, None, None) => return Unsupported::because("the law of the work is not given (service, or ES and ES2)"),
    };
    if scv < -1e-9 {
        return Unsupported::because("the second moment of the work is below the square of its mean");
    }
    let means = matches!(
        case.quantity,
        Quantity::Mean(Variable::Wait | Variable::Sojourn | Variable::System | Variable::Queue)
    );
    if !means || queue.servers.resolve(case.p)? != Some(1) || queue.arrivals != Letter::M {
        return Unsupported::because("two moments of the work fix the means of M/G/1 only; name the law");
    }
    Ok(vec![(String::new(), law::two_moments(mean, scv.max(0.0)))])
}

/// The stream of customers, their rate, and the squared coefficient of variation of their arrivals.
fn arrivals(
    case: &Case<'_>,
    queue: &Kendall,
    servers: Option<u32>,
    work: &Distribution,
) -> Result<(Arrivals, f64, f64), Unsupported> {
    let sizes = if queue.batches { Some(batch(case)?) } else { None };
    let mean_batch = sizes.map_or(1.0, |(_, mean, _)| mean);
    let rate = match (
        case.p.number(&["lam", "lambda", "arrival_rate"]),
        case.p.number(&["a", "A", "offered"]),
        case.p.number(&["rho"]),
    ) {
        (Some(lam), _, _) => lam * mean_batch,
        (None, Some(a), _) => a / work.mean(),
        (None, None, Some(rho)) => rho * f64::from(servers.unwrap_or(1)) / work.mean(),
        (None, None, None) => return Unsupported::because("the arrival rate is missing: lam, a or rho"),
    };
    if rate <= 0.0 {
        return Unsupported::because(format!("the arrival rate is {rate}, not positive"));
    }
    if let Some((size, mean, spread)) = sizes {
        if queue.arrivals != Letter::M {
            return Unsupported::because("batches come at Poisson instants here");
        }
        return Ok((Arrivals::Batches(rate / mean, size), rate, spread));
    }
    let between = 1.0 / rate;
    let law = match (case.p.text(&["arrival", "arrivals", "interarrival"]), queue.arrivals) {
        (Some(text), _) => law::read(text, case.p)?,
        (None, Letter::M) => return Ok((Arrivals::Poisson(rate), rate, 1.0)),
        (None, Letter::D) => Distribution::Deterministic { value: between },
        (None, Letter::E(stages)) => law::erlang(stages_of(case, stages)?, between)?,
        (None, Letter::H) => match (law::hyperexponential(case.p), case.p.number(&["ca2", "scv", "c2"])) {
            (Some(law), _) if (law.mean() * rate - 1.0).abs() < 0.01 => law,
            (Some(law), _) => {
                return Unsupported::because(format!(
                    "p, rate1 and rate2 give a mean of {}, lam says {between}",
                    law.mean()
                ));
            }
            (None, Some(scv)) if scv > 1.0 => law::balanced(between, scv),
            _ => return Unsupported::because("hyperexponential arrivals need p, rate1 and rate2, or scv above 1"),
        },
        (None, Letter::G) => return Unsupported::because("the law of the arrivals is not given"),
    };
    let scv = law::scv(&law);
    Ok((Arrivals::Renewal(law), rate, scv))
}

/// Size of batches, its mean, and E[X²]/E[X], which plays the part of the arrivals' variability.
fn batch(case: &Case<'_>) -> Result<(Batch, f64, f64), Unsupported> {
    if case.says(&["geometric"]) {
        let mean = match case.p.number(&["p"]) {
            Some(p) if p > 0.0 && p <= 1.0 => 1.0 / p,
            Some(p) => return Unsupported::because(format!("a geometric batch with p = {p}")),
            None => case.p.positive(&["mean_batch", "batch", "EX"])?,
        };
        return Ok((Batch::Geometric(mean), mean, 2.0 * mean - 1.0));
    }
    let size = case.p.number(&["batch", "X", "b"]).and_then(whole).filter(|n| *n > 0);
    match size {
        Some(n) => Ok((Batch::Fixed(n), f64::from(n), f64::from(n))),
        None => Unsupported::because("the size of the batches is not given as a whole number"),
    }
}

fn patience(case: &Case<'_>, queue: &Kendall) -> Result<Option<Distribution>, Unsupported> {
    let Some(letter) = queue.patience else { return Ok(None) };
    if queue.sharing {
        return Unsupported::because("in processor sharing nobody waits for a server");
    }
    if let Some(text) = case.p.text(&["patience"]) {
        return Ok(Some(law::read(text, case.p)?));
    }
    let mean = match (
        case.p.number(&["theta"]).or_else(|| case.named("theta")),
        case.p.number(&["patience", "tau"]),
    ) {
        (Some(theta), _) if theta > 0.0 => 1.0 / theta,
        (None, Some(mean)) if mean > 0.0 => mean,
        _ => return Unsupported::because("the patience is not given: theta or patience"),
    };
    Ok(Some(match letter {
        Letter::M => Distribution::Exponential { mean },
        Letter::D => Distribution::Deterministic { value: mean },
        Letter::E(stages) => law::erlang(stages_of(case, stages)?, mean)?,
        Letter::H | Letter::G => return Unsupported::because("the law of the patience is not given"),
    }))
}

/// A row about the way from a start: the state at an instant, or the time to a state.
fn start(case: &Case<'_>, desk: &mut Station) -> Result<Option<(Horizon, Statistic, f64)>, Unsupported> {
    if let Some(n) = case.p.number(&["n0", "N0", "initial"]).and_then(whole) {
        desk.initial = n;
    }
    let statistic = match case.quantity {
        Quantity::MeanAt => Sum::Mean,
        Quantity::ChanceAt(cmp, x) => Sum::Share(cmp, x),
        Quantity::Passage { up } => return passage(case, desk, up).map(Some),
        _ if case.says(&["transient"]) => return case.unknown_quantity(),
        _ => return Ok(None),
    };
    let t = case.p.positive(&["t"])?;
    Ok(Some((
        at(t, rate_of(case)),
        Statistic::AtInstants(vec![Time::from_secs(t)], Gauge::System, statistic),
        1.0,
    )))
}

/// A run that ends with the instant that is asked for.
pub(super) fn at(t: f64, rate: f64) -> Horizon {
    Horizon {
        warm_up: 0.0,
        length: t,
        customers: (rate * t).max(1.0),
        stops: false,
    }
}

fn rate_of(case: &Case<'_>) -> f64 {
    case.p.number(&["lam", "lambda", "a"]).unwrap_or(1.0)
}

/// The time from the start to a number in the system.
pub(super) fn passage(case: &Case<'_>, desk: &mut Station, up: bool) -> Result<(Horizon, Statistic, f64), Unsupported> {
    let inside: String = case
        .row
        .quantity
        .chars()
        .filter(|c| c.is_ascii_digit() || *c == '>' || *c == '.')
        .collect();
    let mut ends = inside.split('>');
    let (from, to) = (
        ends.next().and_then(|x| x.parse().ok()),
        ends.next().and_then(|x| x.parse().ok()),
    );
    let Some(target) = case.p.number(&["target"]).or(to) else {
        return Unsupported::because("the target of the passage is not given");
    };
    let from = case.p.number(&["start"]).or(from).unwrap_or(0.0);
    let up = if from == target { up } else { from < target };
    desk.initial = whole(from).ok_or_else(|| Unsupported(format!("a start of {from} customers")))?;
    if case.row.exact > 1e5 {
        return Unsupported::because(format!(
            "a first passage of {:.3e} s on average is left out: it would take more events than all other rows together",
            case.row.exact
        ));
    }
    // Two hundred means: no run is cut off (the tail of a first passage is exponential).
    let horizon = Horizon {
        warm_up: 0.0,
        length: 200.0 * case.row.exact,
        customers: rate_of(case) * case.row.exact,
        stops: true,
    };
    Ok((horizon, Statistic::Passage { target, up }, 1.0))
}

fn steady(
    case: &Case<'_>,
    queue: &Kendall,
    servers: Option<u32>,
    room: Option<u32>,
    patience: bool,
) -> Result<(Statistic, f64), Unsupported> {
    let c = servers.map_or(f64::INFINITY, f64::from);
    if queue.sharing || servers.is_none() {
        match case.quantity {
            Quantity::SojournOfSize => return Ok((Statistic::OverCustomers(Spell::Sojourn, Sum::Mean, Some(0)), 1.0)),
            Quantity::Utilisation if servers == Some(1) => {
                let busy = Sum::Share(super::super::statistic::Cmp::Above, 0.0);
                return Ok((Statistic::OverTime(Gauge::System, busy), 1.0));
            }
            Quantity::Mean(Variable::Wait | Variable::Queue)
            | Quantity::Variance(Variable::Wait | Variable::Queue)
            | Quantity::Chance(Variable::Wait | Variable::Queue, ..)
            | Quantity::Quantile(Variable::Wait, _)
            | Quantity::Waits
            | Quantity::Utilisation => return Unsupported::because("nobody waits for a server of their own here"),
            _ => {}
        }
    }
    if case.quantity == Quantity::Utilisation {
        return Ok((Statistic::OverTime(Gauge::Service, Sum::Mean), 1.0 / c));
    }
    Ok((statistic(case, servers, room, patience)?, 1.0))
}

/// Customers whose work is exactly `x` beside others, so that all together have the mean asked for: processor sharing
/// gives each size its `x/(1−ρ)` whatever the law.
fn of_size(case: &Case<'_>, rate: f64, work: &Distribution) -> Result<Vec<Customers>, Unsupported> {
    let x = case.p.positive(&["x"])?;
    let mean = work.mean();
    let share = (0.5 * mean / x).min(0.2);
    let others = (mean - share * x) / (1.0 - share);
    let sized = Customers {
        key: "sized".into(),
        work: Some(Distribution::Deterministic { value: x }),
        ..Customers::new(Arrivals::Poisson(rate * share))
    };
    let rest = Customers {
        work: Some(Distribution::Exponential { mean: others }),
        ..Customers::new(Arrivals::Poisson(rate * (1.0 - share)))
    };
    Ok(vec![sized, rest])
}
