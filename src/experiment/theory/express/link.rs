//! Links under flood, exchanges that lose packets, attempts, and a flood at a processor.

use super::super::model::{Arrivals, Customers, Door, Habit, Model, Station, Template};
use super::super::oracle::whole;
use super::super::plan::{Expressed, Horizon, Pace, Plan, Unsupported};
use super::super::quantity::{Quantity, Variable};
use super::super::statistic::{Gauge, Happening, Spell, Statistic, Sum};
use super::super::text;
use super::Case;
use crate::engine::Distribution;
use crate::world::Orbit;

/// Bit/s of the links here; only the ratio to what is offered matters.
const UPLINK: f64 = 1e10;
/// Far beyond the end of any run.
const LATE: f64 = 1e9;

/// A desk behind a link that loses a share of the packets.
fn behind_link(offered: f64, packets: f64, tries: u32, habit: &Habit) -> Model {
    let desk = Station::free(Distribution::Deterministic { value: 1e-6 });
    let door = Door {
        exchange: Some((packets, tries, 0.0)),
        hosted: true,
        ..Door::default()
    };
    let customers = [Customers::new(Arrivals::Poisson(1.0))];
    let mut model = Model::one(Template::Link, &desk, &door, &customers, habit);
    model.set(
        "hosts",
        text::map(&[("machine".into(), format!("(cores: 1, uplink: \"{UPLINK} bit/s\")"))]),
    );
    if offered > 0.0 {
        let flood = format!(
            "(kind: NetworkFlood(host: \"machine\", rate: \"{offered} bit/s\"), waves: [({}, {})])",
            text::seconds(0.0),
            text::seconds(LATE)
        );
        model.set("incidents", text::map(&[("flood".into(), flood)]));
    } else {
        model.set("incidents", text::map(&[]));
    }
    model
}

fn loss(case: &Case<'_>, names: &[&str]) -> Result<f64, Unsupported> {
    match case.p.number(names) {
        Some(p) if (0.0..1.0).contains(&p) => Ok(p),
        Some(p) => Unsupported::because(format!("a loss of {p} is not in 0..1")),
        None => Unsupported::because(format!("the parameter `{}` is missing", names[0])),
    }
}

/// What must be offered to a link so that it loses this share: `max(0, 1 − C/a) = p`.
fn offered(loss: f64) -> f64 {
    if loss > 0.0 { UPLINK / (1.0 - loss) } else { 0.0 }
}

fn knocks() -> Horizon {
    Horizon {
        warm_up: 10.0,
        length: 5_000.0,
        customers: 5_010.0,
        stops: false,
    }
}

pub(super) fn fluid(case: &Case<'_>) -> Result<Expressed, Unsupported> {
    let capacity = case.p.positive(&["C_gbps", "C", "capacity"])?;
    let load = case.p.number(&["attack"]).unwrap_or(0.0) + case.p.number(&["user", "users"]).unwrap_or(0.0);
    if case.quantity != Quantity::Blocked || load < 0.0 {
        return case.unknown_quantity();
    }
    let model = behind_link(UPLINK * load / capacity, 1.0, 1, &Habit::default());
    let statistic = Statistic::PerEach(Happening::Refused, Happening::Knock, None);
    let how = "the model's own law of a link; what users send is added to the flood, one packet a login, one try";
    Ok(Expressed::single(how, model, knocks(), statistic))
}

pub(super) fn exchange(case: &Case<'_>) -> Result<Expressed, Unsupported> {
    let loss = loss(case, &["loss", "p"])?;
    let tries = case.p.count(&["tries", "r", "n"], 1)?;
    let packets = match (case.p.number(&["packets"]), case.p.number(&["m"])) {
        (Some(packets), _) => packets,
        (None, Some(m)) => 2.0 * m,
        // The row's formula has one packet an exchange.
        (None, None) => 1.0,
    };
    if !case.row.quantity.starts_with("P(one exchange ok)") && !case.row.quantity.starts_with("P(ok)") {
        return case.unknown_quantity();
    }
    let model = behind_link(offered(loss), packets, tries, &Habit::default());
    let statistic = Statistic::PerEach(Happening::Started, Happening::Knock, None);
    Ok(Expressed::single(
        format!("a flooded uplink that loses {loss} of the packets, {tries} tries"),
        model,
        knocks(),
        statistic,
    ))
}

pub(super) fn amplification(case: &Case<'_>) -> Result<Expressed, Unsupported> {
    let loss = loss(case, &["p_fail", "p", "loss"])?;
    let most = case.p.count(&["max_attempts", "attempts", "n"], 1)?;
    let sum = match case.quantity {
        Quantity::Mean(Variable::Tries) => Sum::Mean,
        Quantity::Variance(Variable::Tries) => Sum::Variance,
        _ => return case.unknown_quantity(),
    };
    let retry = (most > 1).then_some(Distribution::Exponential { mean: 1.0 });
    let habit = Habit {
        retry,
        max_tries: Some(most),
        timeout: None,
    };
    let model = behind_link(offered(loss), 1.0, 1, &habit);
    let plan = |orbit: Orbit, variant: &str| Plan {
        variant: variant.into(),
        model: model.clone(),
        orbit,
        horizon: Horizon {
            warm_up: 20.0 * f64::from(most),
            ..knocks()
        },
        statistic: Statistic::OverCustomers(Spell::Tries, sum, None),
        scale: 1.0,
    };
    let plans = vec![
        plan(Orbit::Auto, "orbit by superposition"),
        plan(Orbit::Events, "orbit knock by knock"),
    ];
    Ok(Expressed {
        how: format!("a link that loses {loss} of the knocks, {most} tries at most"),
        plans,
    })
}

pub(super) fn attack(case: &Case<'_>) -> Result<Expressed, Unsupported> {
    let (users, flood) = match (case.p.number(&["rho_u"]), case.p.number(&["rho_a"])) {
        (Some(u), Some(a)) if u > 0.0 && a >= 0.0 => (u, a),
        _ => return Unsupported::because("the loads are missing: rho_u and rho_a"),
    };
    let cores = match case.p.number(&["C"]).or_else(|| case.named("c")).map(whole) {
        None | Some(Some(1)) => 1.0,
        Some(_) => return Unsupported::because("one processor only"),
    };
    if users + flood >= cores {
        return Unsupported::because("users and attack together ask for more than there is");
    }
    if !case.row.quantity.starts_with("E[N_u]") {
        return case.unknown_quantity();
    }
    let work = Distribution::Exponential { mean: 1.0 };
    let desk = Station::shared(cores, work);
    let customers = [Customers::new(Arrivals::Poisson(users))];
    let mut model = Model::one(Template::Flood, &desk, &Door::default(), &customers, &Habit::default());
    let incident = format!(
        "(kind: ApplicationFlood(service: \"desk\", rate: {}, work: \"1 s\"), waves: [({}, {})])",
        text::per_second(flood),
        text::seconds(0.0),
        text::seconds(LATE)
    );
    model.set("incidents", text::map(&[("flood".into(), incident)]));
    let pace = Pace::station(users + flood, 1.0, 1.0, 1.0, None);
    let statistic = Statistic::OverTime(Gauge::System, Sum::Mean);
    let horizon = Pace { rate: users, ..pace }.horizon();
    Ok(Expressed::single(
        "one core shared by users and an application flood",
        model,
        horizon,
        statistic,
    ))
}
