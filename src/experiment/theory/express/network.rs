//! Several stations: tandem, Jackson networks, closed networks.

use super::super::kendall::Kendall;
use super::super::model::{Arrivals, Customers, Habit, Model, Station, Template, desk};
use super::super::oracle::whole;
use super::super::plan::{Expressed, Pace, Unsupported};
use super::super::quantity::{Quantity, Variable};
use super::super::statistic::{Cmp, Gauge, Happening, Spell, Statistic, Sum};
use super::super::text;
use super::Case;
use crate::engine::Distribution;

/// A route in words: where it begins, and from each desk the chances of the next.
fn route(start: usize, onward: &[Vec<(usize, f64)>]) -> String {
    let entries: Vec<(String, String)> = onward
        .iter()
        .enumerate()
        .filter(|(_, next)| !next.is_empty())
        .map(|(from, next)| {
            let list: Vec<String> = next
                .iter()
                .map(|(to, p)| format!("(\"{}\", {})", desk(*to), text::share(*p)))
                .collect();
            (desk(from), format!("[{}]", list.join(", ")))
        })
        .collect();
    format!("(start: \"{}\", onward: {})", desk(start), text::map(&entries))
}

fn chain(desks: usize) -> String {
    let onward: Vec<Vec<(usize, f64)>> = (0..desks)
        .map(|i| if i + 1 < desks { vec![(i + 1, 1.0)] } else { Vec::new() })
        .collect();
    route(0, &onward)
}

/// Servers of each desk: a list, one number for all, or one.
fn servers(case: &Case<'_>, desks: usize) -> Result<Vec<u32>, Unsupported> {
    let list = match (case.p.numbers(&["c", "servers"]), case.p.number(&["c", "servers"])) {
        (Some(list), _) => list,
        (None, Some(c)) => vec![c; desks],
        (None, None) => vec![1.0; desks],
    };
    let counts: Option<Vec<u32>> = list.iter().map(|c| whole(*c).filter(|n| *n > 0)).collect();
    match counts {
        Some(counts) if counts.len() == desks => Ok(counts),
        _ => Unsupported::because("one whole number of servers a station is needed"),
    }
}

fn per_visit(case: &Case<'_>) -> Result<Option<Statistic>, Unsupported> {
    let sum = match case.quantity {
        Quantity::Mean(Variable::Sojourn) => Sum::Mean,
        Quantity::Variance(Variable::Sojourn) => Sum::Variance,
        Quantity::Chance(Variable::Sojourn, cmp, x) => Sum::Share(cmp, x),
        Quantity::Quantile(Variable::Sojourn, p) => Sum::Quantile(p),
        _ => return Ok(None),
    };
    Ok(Some(Statistic::OverCustomers(Spell::Visit, sum, None)))
}

/// Of all stations, or of the one that `node` (from 1) names.
fn per_desk(case: &Case<'_>, desks: usize) -> Result<Option<Statistic>, Unsupported> {
    let node = match case.p.number(&["node", "station", "j"]) {
        None => None,
        Some(j) => match whole(j).filter(|j| (1..=desks as u32).contains(j)) {
            Some(j) => Some((j - 1) as u16),
            None => return Unsupported::because(format!("there is no station {j}")),
        },
    };
    let (gauge, sum) = match &case.quantity {
        Quantity::Other(name) if matches!(name.as_str(), "lambda_j" | "lam_j" | "lambda") => {
            return match node {
                Some(j) => Ok(Some(Statistic::Rate(Happening::Knock, Some(j), 1.0))),
                None => Unsupported::because("which station is not said: node"),
            };
        }
        Quantity::Other(name) if matches!(name.as_str(), "rho_j" | "U_j") => (Gauge::Service, Sum::Mean),
        Quantity::Other(name) if matches!(name.as_str(), "L_j" | "N_j") => (Gauge::System, Sum::Mean),
        Quantity::Other(name) if matches!(name.as_str(), "Lq_j" | "Q_j") => (Gauge::Queue, Sum::Mean),
        Quantity::Other(name) if name == "L_total" => return Ok(Some(Statistic::OverTime(Gauge::System, Sum::Mean))),
        Quantity::Mean(Variable::System) => (Gauge::System, Sum::Mean),
        Quantity::Mean(Variable::Queue) => (Gauge::Queue, Sum::Mean),
        Quantity::Chance(Variable::System, cmp, x) => (Gauge::System, Sum::Share(*cmp, *x)),
        Quantity::Utilisation => (Gauge::System, Sum::Share(Cmp::Above, 0.0)),
        _ => return Ok(None),
    };
    Ok(Some(match node {
        Some(j) => Statistic::AtDesk(j, gauge, sum),
        None => Statistic::OverTime(gauge, sum),
    }))
}

pub(super) fn jackson(case: &Case<'_>) -> Result<Expressed, Unsupported> {
    let need = |what: &str| Unsupported(format!("the network needs `{what}`"));
    let matrix = case
        .p
        .matrix("R")
        .or_else(|| case.p.matrix("P"))
        .ok_or_else(|| need("R"))?;
    let gamma = case.p.numbers(&["gamma", "lam"]).ok_or_else(|| need("gamma"))?;
    let mu = case.p.numbers(&["mu"]).ok_or_else(|| need("mu"))?;
    let n = mu.len();
    let square = matrix.len() == n && matrix.iter().all(|row| row.len() == n) && gamma.len() == n;
    let chances = matrix
        .iter()
        .all(|row| row.iter().all(|p| *p >= 0.0) && row.iter().sum::<f64>() <= 1.0 + 1e-9);
    if n == 0 || n > 100 || !square || !chances || mu.iter().any(|m| *m <= 0.0) || gamma.iter().any(|g| *g < 0.0) {
        return Unsupported::because("R, gamma and mu do not fit together");
    }
    let servers = servers(case, n)?;
    // λ = γ + λR, by iteration: it converges because everybody leaves at last.
    let mut rates = gamma.clone();
    for _ in 0..10_000 {
        let next: Vec<f64> = (0..n)
            .map(|j| gamma[j] + (0..n).map(|i| rates[i] * matrix[i][j]).sum::<f64>())
            .collect();
        rates = next;
    }
    let mut relaxation: f64 = 0.0;
    for j in 0..n {
        if rates[j] >= mu[j] * f64::from(servers[j]) {
            return Unsupported::because(format!(
                "station {} gets as many as it can serve: no steady state",
                j + 1
            ));
        }
        relaxation += Pace::station(rates[j], 1.0 / mu[j], f64::from(servers[j]), 1.0, None).relaxation;
    }
    let visit = Quantity::Other("W_external".into());
    let statistic = if case.quantity == visit {
        Some(Statistic::OverCustomers(Spell::Visit, Sum::Mean, None))
    } else {
        per_desk(case, n)?.or(per_visit(case)?)
    };
    let Some(statistic) = statistic else {
        return case.unknown_quantity();
    };
    let stations: Vec<Station> = mu
        .iter()
        .zip(&servers)
        .map(|(mu, c)| Station::fifo(*c, Distribution::Exponential { mean: 1.0 / mu }))
        .collect();
    let onward: Vec<Vec<(usize, f64)>> = matrix
        .iter()
        .map(|row| row.iter().copied().enumerate().filter(|(_, p)| *p > 0.0).collect())
        .collect();
    let starts: Vec<usize> = (0..n).filter(|j| gamma[*j] > 0.0).collect();
    let routes: Vec<(String, String)> = starts
        .iter()
        .map(|j| (format!("from{}", j + 1), route(*j, &onward)))
        .collect();
    let customers: Vec<Customers> = starts
        .iter()
        .map(|j| Customers {
            key: format!("customers{}", j + 1),
            route: format!("from{}", j + 1),
            ..Customers::new(Arrivals::Poisson(gamma[*j]))
        })
        .collect();
    let pace = Pace {
        relaxation,
        rate: rates.iter().sum(),
        fill: 0.0,
    };
    let model = Model::network(&stations, &customers, &routes);
    Ok(Expressed::single(
        "a service a node, a route with chances from each node to the next",
        model,
        pace.horizon(),
        statistic,
    ))
}

pub(super) fn tandem(case: &Case<'_>) -> Result<Expressed, Unsupported> {
    let nodes: Vec<Kendall> = case.row.case.split("->").filter_map(Kendall::find).collect();
    let mu = case
        .p
        .numbers(&["mu"])
        .ok_or_else(|| Unsupported("a tandem needs a list of rates, mu".into()))?;
    if nodes
        .iter()
        .any(|k| k.service != super::Letter::M || k.room.is_some() || k.sharing)
        || mu.iter().any(|m| *m <= 0.0)
    {
        return Unsupported::because("tandems of exponential stations without limit only");
    }
    let mut counts = servers(case, mu.len())?;
    if case.p.number(&["c", "servers"]).is_none()
        && case.p.numbers(&["c", "servers"]).is_none()
        && nodes.len() == mu.len()
    {
        for (count, node) in counts.iter_mut().zip(&nodes) {
            *count = node.servers.resolve(case.p)?.unwrap_or(1);
        }
    }
    let rate = case.p.positive(&["lam", "lambda"])?;
    let mut relaxation = 0.0;
    for (mu, c) in mu.iter().zip(&counts) {
        if rate >= mu * f64::from(*c) {
            return Unsupported::because("as many come as can be served: there is no steady state");
        }
        relaxation += Pace::station(rate, 1.0 / mu, f64::from(*c), 1.0, None).relaxation;
    }
    let Some(statistic) = per_visit(case)?.or(per_desk(case, mu.len())?) else {
        return case.unknown_quantity();
    };
    let stations: Vec<Station> = mu
        .iter()
        .zip(&counts)
        .map(|(mu, c)| Station::fifo(*c, Distribution::Exponential { mean: 1.0 / mu }))
        .collect();
    let customers = [Customers::new(Arrivals::Poisson(rate))];
    let model = Model::network(&stations, &customers, &[("visit".into(), chain(mu.len()))]);
    let pace = Pace {
        relaxation,
        rate: rate * mu.len() as f64,
        fill: 0.0,
    };
    Ok(Expressed::single(
        "services in a row on one route",
        model,
        pace.horizon(),
        statistic,
    ))
}

pub(super) fn closed(case: &Case<'_>) -> Result<Expressed, Unsupported> {
    let demands = case
        .p
        .numbers(&["D", "demands"])
        .ok_or_else(|| Unsupported("the network needs a list of demands, D".into()))?;
    if demands.is_empty() || demands.len() > 100 || demands.iter().any(|d| *d <= 0.0) {
        return Unsupported::because("the demands must be positive");
    }
    let people = case.p.count(&["N", "population"], 1)?;
    let think = case.p.positive(&["Z", "think"])?;
    let greatest = demands.iter().fold(0.0_f64, |a, b| a.max(*b));
    let all: f64 = demands.iter().sum();
    let n = f64::from(people);
    let throughput = (n / (think + all)).min(1.0 / greatest);
    let statistic = match case.quantity {
        Quantity::Throughput => Statistic::Rate(Happening::VisitOver, None, 1.0),
        Quantity::Mean(Variable::System) => Statistic::OverTime(Gauge::System, Sum::Mean),
        _ => match per_visit(case)?.or(per_desk(case, demands.len())?) {
            Some(statistic) => statistic,
            None => return case.unknown_quantity(),
        },
    };
    let stations: Vec<Station> = demands
        .iter()
        .map(|d| Station::fifo(1, Distribution::Exponential { mean: *d }))
        .collect();
    let customers = [Customers::new(Arrivals::Closed(
        people,
        Distribution::Exponential { mean: think },
    ))];
    let mut model = Model::network(&stations, &customers, &[("visit".into(), chain(demands.len()))]);
    model.template = Template::Network;
    model.set("habits", text::map(&[("plain".into(), text::habit(&Habit::default()))]));
    let pace = Pace {
        relaxation: 2.0 * (think + n * greatest),
        rate: throughput * demands.len() as f64,
        fill: 0.0,
    };
    Ok(Expressed::single(
        format!("{people} people who think {think} s, then pass the services in a row"),
        model,
        pace.horizon(),
        statistic,
    ))
}
