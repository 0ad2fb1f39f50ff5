//! Classes of customers before one station: the better first, with or without interruption.

use super::super::kendall::Kendall;
use super::super::law;
use super::super::model::{Arrivals, Customers, Discipline, Door, Habit, Model, Station, Template};
use super::super::oracle::whole;
use super::super::plan::{Expressed, Pace, Unsupported};
use super::super::quantity::{Quantity, Variable};
use super::super::statistic::{Spell, Statistic, Sum};
use super::Case;
use crate::engine::Distribution;

pub(super) fn priority(case: &Case<'_>, queue: &Kendall) -> Result<Expressed, Unsupported> {
    let Some(rates) = case.p.numbers(&["lam", "lambda"]) else {
        return Unsupported::because("classes need a list of rates, lam");
    };
    if rates.is_empty() || rates.len() > 200 || rates.iter().any(|r| *r <= 0.0) {
        return Unsupported::because("the rates of the classes must be positive");
    }
    let servers = queue
        .servers
        .resolve(case.p)?
        .ok_or_else(|| Unsupported("priorities need a number of servers".into()))?;
    let gentle = case.says(&["non-preemptive", "nonpreemptive", "non preemptive", "head-of-line"]);
    let discipline = if gentle || !case.says(&["preempt"]) {
        Discipline::Priority
    } else {
        Discipline::PreemptiveResume
    };
    let works = works(case, rates.len(), queue)?;
    let total: f64 = rates.iter().sum();
    let mean = rates.iter().zip(&works).map(|(r, w)| r * w.mean()).sum::<f64>() / total;
    let square = rates
        .iter()
        .zip(&works)
        .map(|(r, w)| r * (w.variance() + w.mean() * w.mean()))
        .sum::<f64>()
        / total;
    if total * mean >= f64::from(servers) {
        return Unsupported::because("as many come as can be served: there is no steady state");
    }
    let customers: Vec<Customers> = rates
        .iter()
        .zip(&works)
        .enumerate()
        .map(|(i, (rate, work))| Customers {
            key: format!("class{}", i + 1),
            work: Some(work.clone()),
            priority: i as u8,
            ..Customers::new(Arrivals::Poisson(*rate))
        })
        .collect();
    let class = match case.p.number(&["cls", "class", "k"]) {
        None => None,
        Some(k) => match whole(k).filter(|k| (1..=rates.len() as u32).contains(k)) {
            Some(k) => Some((k - 1) as u16),
            None => return Unsupported::because(format!("there is no class {k}")),
        },
    };
    let (variable, sum) = match case.quantity {
        Quantity::Mean(v) => (v, Sum::Mean),
        Quantity::Variance(v) => (v, Sum::Variance),
        Quantity::Chance(v, cmp, x) => (v, Sum::Share(cmp, x)),
        Quantity::Quantile(v, p) => (v, Sum::Quantile(p)),
        _ => return case.unknown_quantity(),
    };
    let statistic = match variable {
        Variable::Wait if discipline == Discipline::Priority => Statistic::OverCustomers(Spell::Wait, sum, class),
        Variable::Sojourn => Statistic::OverCustomers(Spell::Sojourn, sum, class),
        Variable::Wait => return Unsupported::because("whoever is interrupted waits more than once; ask for T"),
        Variable::System if class.is_none() => Statistic::OverTime(super::super::statistic::Gauge::System, sum),
        _ => return case.unknown_quantity(),
    };
    let desk = Station {
        discipline,
        ..Station::fifo(servers, Distribution::Exponential { mean })
    };
    let mut pace = Pace::station(total, mean, f64::from(servers), 0.5 * square / (mean * mean), None);
    // The last class sees what the others leave, and that more slowly.
    pace.relaxation *= 2.0;
    let model = Model::one(
        Template::Classes,
        &desk,
        &Door::default(),
        &customers,
        &Habit::default(),
    );
    let how = match discipline {
        Discipline::PreemptiveResume => "cohorts of priority 0, 1, 2 …; a better class interrupts".to_owned(),
        _ => "cohorts of priority 0, 1, 2 …; who is in service stays".to_owned(),
    };
    Ok(Expressed::single(how, model, pace.horizon(), statistic))
}

/// One law of work a class: exponential of rate `mu`, or by mean `ES` and second moment `ES2`.
fn works(case: &Case<'_>, classes: usize, queue: &Kendall) -> Result<Vec<Distribution>, Unsupported> {
    let lists = |names: &[&str]| case.p.numbers(names).filter(|list| list.len() == classes);
    if let Some(serde_json::Value::Array(texts)) = case.row.parameters.get("service") {
        let laws: Result<Vec<Distribution>, String> = texts
            .iter()
            .map(|t| law::read(t.as_str().unwrap_or(""), case.p))
            .collect();
        let laws = laws?;
        if laws.len() == classes {
            return Ok(laws);
        }
        return Unsupported::because("one law of work a class is needed");
    }
    let means = lists(&["ES"]).or_else(|| lists(&["mu"]).map(|mu| mu.iter().map(|mu| 1.0 / mu).collect()));
    if let Some(squares) = lists(&["ES2"]) {
        let Some(means) = means else {
            return Unsupported::because("ES2 needs ES");
        };
        if !matches!(case.quantity, Quantity::Mean(_)) {
            return Unsupported::because("two moments of the work fix means only; name the laws");
        }
        return Ok(means
            .iter()
            .zip(&squares)
            .map(|(m, s)| law::two_moments(*m, (s / (m * m) - 1.0).max(0.0)))
            .collect());
    }
    match means {
        Some(means) if means.iter().all(|m| *m > 0.0) && queue.service == super::Letter::M => Ok(means
            .into_iter()
            .map(|mean| Distribution::Exponential { mean })
            .collect()),
        Some(_) => Unsupported::because("the laws of work are not given"),
        None => match super::work(case, queue.service)? {
            Some(law) => Ok(vec![law; classes]),
            None => Unsupported::because("the laws of work are not given"),
        },
    }
}
