//! From a row to what is run: each family says which queue the row means and how a scenario says it.
//!
//! Nothing here looks at whole case names: notation, a few words and the parameters decide, so that cases not seen
//! before are understood, and one that is not says why.

mod finite;
mod gates;
mod link;
mod network;
mod priority;
mod retrial;
mod station;
mod surge;
mod usl;

use super::kendall::{Kendall, Letter};
use super::law;
use super::oracle::{Parameters, Row};
use super::plan::{Expressed, Unsupported};
use super::quantity::{Quantity, Variable};
use super::statistic::{Cmp, Gauge, Happening, Spell, Statistic, Sum};
use crate::engine::Distribution;

/// A row with what was understood of it.
pub(super) struct Case<'a> {
    row: &'a Row,
    p: Parameters<'a>,
    /// The case in small letters.
    words: String,
    quantity: Quantity,
    kendall: Option<Kendall>,
}

impl Case<'_> {
    fn says(&self, words: &[&str]) -> bool {
        words.iter().any(|w| self.words.contains(w))
    }

    /// A number that the case's own name gives: `theta=.5`.
    fn named(&self, name: &str) -> Option<f64> {
        let at = self
            .words
            .split([' ', ',', ':', '(', ')'])
            .find_map(|w| w.strip_prefix(name)?.strip_prefix('='))?;
        at.trim_end_matches(|c: char| !c.is_ascii_digit()).parse().ok()
    }

    fn unknown_quantity<T>(&self) -> Result<T, Unsupported> {
        Unsupported::because(format!(
            "the quantity `{}` is not one that can be collected here",
            self.row.quantity
        ))
    }
}

/// Says how a row is simulated, or why not.
///
/// # Errors
/// [`Unsupported`] with the reason.
pub fn express(row: &Row) -> Result<Expressed, Unsupported> {
    if let Some(defect) = &row.defect {
        return Unsupported::because(defect.clone());
    }
    let p = Parameters(&row.parameters);
    let case = Case {
        row,
        p,
        words: row.case.to_lowercase(),
        quantity: Quantity::read(&row.quantity, p),
        kendall: Kendall::find(&row.case),
    };
    if let Some(reason) = no_queue(&case) {
        return Unsupported::because(reason);
    }
    if case.says(&["jackson"]) {
        return network::jackson(&case);
    }
    if case.says(&["tandem"]) || case.row.case.contains("->") {
        return network::tandem(&case);
    }
    if case.says(&["closed network", "mva"]) {
        return network::closed(&case);
    }
    if case.says(&["kaufman"]) {
        return gates::shared_link(&case);
    }
    if case.says(&["token bucket"]) {
        return gates::token_bucket(&case);
    }
    if case.says(&["leaky", "shaper"]) {
        return gates::shaper(&case);
    }
    if case.says(&["fixed-window", "fixed window"]) {
        return gates::fixed_window(&case);
    }
    if case.says(&["polling", "poll"]) {
        return gates::polling(&case);
    }
    if case.says(&["retry amplification"]) {
        return link::amplification(&case);
    }
    if case.says(&["packets"]) {
        return link::exchange(&case);
    }
    if case.says(&["attack"]) {
        return link::attack(&case);
    }
    if case.says(&["engset"]) {
        return finite::engset(&case);
    }
    if case.says(&["usl"]) {
        return usl::usl(&case);
    }
    let Some(queue) = case.kendall.clone().or_else(|| by_name(&case)) else {
        if case.says(&["link"]) {
            return link::fluid(&case);
        }
        return Unsupported::because("the case names no queue that is known (Kendall's notation or a family's name)");
    };
    if case.says(&["retrial"]) {
        return retrial::retrial(&case, &queue);
    }
    if queue.population.is_some() || case.says(&["finite source", "machine repair"]) {
        return finite::finite(&case, &queue);
    }
    if case.says(&["priority", "preempt"]) && !queue.varying_servers {
        return priority::priority(&case, &queue);
    }
    if queue.varying_rate || queue.varying_servers || matches!(case.row.parameters.get("lam"), Some(v) if v.is_string())
    {
        return surge::varying(&case, &queue);
    }
    station::station(&case, &queue)
}

/// Rows that are no equality about a queue.
fn no_queue(case: &Case<'_>) -> Option<String> {
    let by_word = [
        ("bound", "a bound: it says what the value does not pass, not what it is"),
        (
            "fixed point",
            "a limit or a fixed point of an approximation, which no finite system meets exactly",
        ),
        (
            "halfin-whitt limit",
            "a limit for infinitely many servers, which no finite system meets exactly",
        ),
        (
            "fluid waiting room",
            "a fluid limit: with single people the figures differ by the order of √n",
        ),
        (
            "metastability",
            "a fluid approximation; its own note gives discrete systems that differ by up to 14 %",
        ),
        (
            "brooker",
            "a fluid approximation of a system that is not a queue in steady state",
        ),
        (
            "mathis",
            "an approximation of TCP's throughput; packets are not simulated one by one",
        ),
        (
            "tcp",
            "an approximation of TCP's throughput; packets are not simulated one by one",
        ),
        ("layered", "arithmetic on attempts, not a queue"),
        (
            "throttling",
            "a rule of clients and not a queue: tests/smoothing.rs holds the lever `ClientThrottle` to it",
        ),
        (
            "admission control",
            "a proxy's rule, which with an aggression of 1 is the lever `ClientThrottle`",
        ),
        (
            "retry quota",
            "arithmetic on tokens, at prices of before 2026: tests/smoothing.rs holds the lever `RetryBudget` to those of today",
        ),
        (
            "order-statistic",
            "a property of a statistical procedure, not of a queue",
        ),
        ("asymptotic variance", "a property of an estimator, not of the queue"),
        (
            "procedure constant",
            "a constant of a statistical procedure, not of a queue",
        ),
        ("shapley", "arithmetic on a toy function, not a queue"),
        (
            "lcfs",
            "the model serves in order of arrival or of class, not the last first",
        ),
        (
            "siro",
            "the model serves in order of arrival or of class, not at random",
        ),
        (
            "random order",
            "the model serves in order of arrival or of class, not at random",
        ),
        ("srpt", "the model does not know how much work is left"),
        ("shortest", "the model does not know how much work there is"),
        (
            "polling server",
            "one server that walks between queues is not in the model",
        ),
        ("vacation", "servers do not take vacations in the model"),
        (
            "preemptive-repeat",
            "an interrupted customer resumes where it was; it does not start again",
        ),
        (
            "balking",
            "customers look at refusals only, not at the length of a queue",
        ),
        ("approximation", "an approximation, not an exact value"),
    ];
    let reason = by_word
        .iter()
        .find(|(word, _)| case.words.contains(word))
        .map(|(_, why)| (*why).to_owned());
    let quantity = case.row.quantity.trim_end();
    reason.or_else(|| {
        (quantity.ends_with("<=") || quantity.ends_with(">=")).then(|| "a bound: nothing has to be equal to it".into())
    })
}

/// Families that are called by a name instead of a notation.
fn by_name(case: &Case<'_>) -> Option<Kendall> {
    let notation = if case.says(&["erlang a"]) {
        "M/M/c+M"
    } else if case.says(&["erlang b"]) {
        "M/G/c/c"
    } else if case.says(&["erlang c", "qed"]) {
        "M/M/c"
    } else {
        return None;
    };
    Kendall::find(notation)
}

/// The law of work that letter and parameters give; `None` when only the mean is known.
fn work(case: &Case<'_>, letter: Letter) -> Result<Option<Distribution>, Unsupported> {
    if let Some(text) = case.p.text(&["service", "work", "S"]) {
        return Ok(Some(law::read(text, case.p)?));
    }
    let mean = mean_work(case)?;
    Ok(match letter {
        Letter::M => Some(Distribution::Exponential { mean }),
        Letter::D => Some(Distribution::Deterministic { value: mean }),
        Letter::E(stages) => Some(law::erlang(stages_of(case, stages)?, mean)?),
        Letter::H => Some(
            match (law::hyperexponential(case.p), case.p.number(&["scv", "cs2", "c2"])) {
                (Some(law), _) => law,
                (None, Some(scv)) if scv > 1.0 => law::balanced(mean, scv),
                _ => return Unsupported::because("the hyperexponential work needs p, rate1 and rate2, or scv above 1"),
            },
        ),
        Letter::G => None,
    })
}

/// Mean work: `D`, `ES`, `1/mu`, or one.
fn mean_work(case: &Case<'_>) -> Result<f64, Unsupported> {
    let mean = match (
        case.p.number(&["D", "ES", "E[S]", "mean_service"]),
        case.p.number(&["mu", "service_rate"]),
    ) {
        (Some(mean), _) => mean,
        (None, Some(mu)) => 1.0 / mu,
        // The unit of time is then a service, as in most tables.
        (None, None) => 1.0,
    };
    if mean > 0.0 && mean.is_finite() {
        Ok(mean)
    } else {
        Unsupported::because("the mean work is not positive")
    }
}

fn stages_of(case: &Case<'_>, written: Option<u32>) -> Result<f64, Unsupported> {
    match written {
        Some(k) => Ok(f64::from(k)),
        None => Ok(f64::from(case.p.count(&["k", "stages"], 1)?)),
    }
}

/// The statistic of a plain queue; `patience`: customers may leave before service.
fn statistic(
    case: &Case<'_>,
    servers: Option<u32>,
    places: Option<u32>,
    patience: bool,
) -> Result<Statistic, Unsupported> {
    let wait = if patience && !case.row.quantity.contains("serv") {
        Spell::WaitOfAll
    } else {
        Spell::Wait
    };
    let needs = |holds: bool, why: &str| if holds { Ok(()) } else { Unsupported::because(why) };
    Ok(match case.quantity {
        Quantity::Mean(v) => of_variable(case, v, Sum::Mean, wait)?,
        Quantity::Variance(v) => of_variable(case, v, Sum::Variance, wait)?,
        Quantity::Chance(v, cmp, x) => of_variable(case, v, Sum::Share(cmp, x), wait)?,
        Quantity::Quantile(v, p) => match v {
            Variable::Wait | Variable::Sojourn => of_variable(case, v, Sum::Quantile(p), wait)?,
            _ => return Unsupported::because("quantiles of times only: those of counts are steps"),
        },
        Quantity::Waits => Statistic::OverCustomers(wait, Sum::Share(Cmp::Above, 0.0), None),
        Quantity::Blocked => {
            needs(places.is_some(), "nobody is refused in a system without limit")?;
            Statistic::PerEach(Happening::Refused, Happening::Knock, None)
        }
        Quantity::Congestion => match places.or(servers) {
            Some(n) => Statistic::OverTime(Gauge::System, Sum::Share(Cmp::AtLeast, f64::from(n))),
            None => return Unsupported::because("a system without limit is never full"),
        },
        Quantity::Abandons => {
            needs(patience, "nobody leaves before service here")?;
            Statistic::PerEach(Happening::Reneged, Happening::Knock, None)
        }
        Quantity::Throughput => Statistic::Rate(Happening::Done, None, 1.0),
        _ => return case.unknown_quantity(),
    })
}

fn of_variable(case: &Case<'_>, variable: Variable, sum: Sum, wait: Spell) -> Result<Statistic, Unsupported> {
    Ok(match variable {
        Variable::System => Statistic::OverTime(Gauge::System, sum),
        Variable::Queue => Statistic::OverTime(Gauge::Queue, sum),
        Variable::Service => Statistic::OverTime(Gauge::Service, sum),
        Variable::Orbit => Statistic::OverTime(Gauge::Orbit, sum),
        Variable::Servers => Statistic::OverTime(Gauge::Cores, sum),
        Variable::Wait => Statistic::OverCustomers(wait, sum, None),
        Variable::Sojourn if wait == Spell::WaitOfAll => {
            return Unsupported::because(
                "the time in the system of those who leave is not collected; ask for the wait",
            );
        }
        Variable::Sojourn => Statistic::OverCustomers(Spell::Sojourn, sum, None),
        Variable::Busy => Statistic::BusyPeriod(sum),
        Variable::Tries => return case.unknown_quantity(),
    })
}
