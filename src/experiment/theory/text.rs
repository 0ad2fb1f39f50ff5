//! Pieces of a scenario file.

use super::model::{Arrivals, Batch, Customers, Discipline, Door, Habit, Station};
use crate::engine::Distribution;

/// `{"a": …, "b": …}`.
pub fn map(entries: &[(String, String)]) -> String {
    let inside: Vec<String> = entries
        .iter()
        .map(|(key, value)| format!("\"{key}\": {value}"))
        .collect();
    format!("{{{}}}", inside.join(", "))
}

/// A length of time.
pub fn seconds(x: f64) -> String {
    format!("\"{x} s\"")
}

/// So many per second.
pub fn per_second(x: f64) -> String {
    format!("\"{x}/s\"")
}

/// A share, as files write it.
pub fn share(x: f64) -> String {
    format!("\"{} %\"", x * 100.0)
}

/// A law of times.
pub fn law(law: &Distribution) -> String {
    match law {
        Distribution::Deterministic { value } => format!("Deterministic({})", seconds(*value)),
        Distribution::Exponential { mean } => format!("Exponential(mean: {})", seconds(*mean)),
        Distribution::Uniform { low, high } => format!("Uniform(low: {}, high: {})", seconds(*low), seconds(*high)),
        Distribution::Normal { mean, sd } => format!("Normal(mean: {}, sd: {})", seconds(*mean), seconds(*sd)),
        Distribution::Lognormal { mu, sigma } => {
            format!("Lognormal(median: {}, sigma: {sigma})", seconds(libm::exp(*mu)))
        }
        Distribution::Gamma { shape, mean } => format!("Gamma(shape: {shape}, mean: {})", seconds(*mean)),
        Distribution::Erlang { k, mean } => format!("Erlang(k: {k}, mean: {})", seconds(*mean)),
        Distribution::Weibull { shape, scale } => format!("Weibull(shape: {shape}, scale: {})", seconds(*scale)),
        Distribution::Hyperexponential { p, means } => {
            let branches: Vec<String> = p
                .iter()
                .zip(means)
                .map(|(p, mean)| format!("(p: {}, mean: {})", share(*p), seconds(*mean)))
                .collect();
            format!("Hyperexponential(branches: [{}])", branches.join(", "))
        }
        Distribution::Triangular { low, mode, high } => {
            format!(
                "Triangular(low: {}, mode: {}, high: {})",
                seconds(*low),
                seconds(*mode),
                seconds(*high)
            )
        }
        Distribution::Empirical { points } => {
            let points: Vec<String> = points
                .iter()
                .map(|(x, weight)| format!("({}, {weight})", seconds(*x)))
                .collect();
            format!("Empirical([{}])", points.join(", "))
        }
        // Counts have their own words, see `batch`.
        Distribution::Geometric { p } => format!("Geometric(mean: {})", 1.0 / p),
    }
}

fn batch(batch: Batch) -> String {
    match batch {
        Batch::Fixed(n) => format!("Fixed({n})"),
        Batch::Geometric(mean) => format!("Geometric(mean: {mean})"),
    }
}

/// A desk.
pub fn service(station: &Station, door: &Door) -> String {
    let mut fields = vec![format!("station: {}", workers(station))];
    if door.hosted {
        fields.push("host: \"machine\"".into());
    }
    if let Some(quota) = &door.quota {
        fields.push(format!("quota: {quota}"));
    }
    if let Some((rate, burst, random)) = door.bucket {
        fields.push(format!(
            "limiter: (rate: {}, burst: {burst}, random_refill: {random})",
            per_second(rate)
        ));
    }
    if let Some((packets, tries, bits)) = door.exchange {
        fields.push(format!(
            "exchange: (packets: {packets}, tries: {tries}, page_size: \"{} B\")",
            bits / 8.0
        ));
    }
    if door.session {
        fields.push("session: (think: \"1 s\", page_work: \"0 s\")".into());
    }
    format!("({})", fields.join(", "))
}

fn workers(station: &Station) -> String {
    let mut fields = Vec::new();
    // A limit that is not there is left out.
    if station.cores.is_finite() {
        fields.push(format!("cores: {}", station.cores));
    }
    if let Some(threads) = station.threads {
        fields.push(format!("threads: {threads}"));
    }
    if let Some(backlog) = station.backlog {
        fields.push(format!("backlog: {backlog}"));
    }
    fields.push(format!("work: {}", law(&station.work)));
    if let Some((sigma, kappa)) = station.usl {
        fields.push(format!(
            "efficiency: Usl(sigma: {sigma}, kappa: {kappa}, per_capacity: false)"
        ));
    }
    match station.discipline {
        Discipline::Fifo => {}
        Discipline::Priority => fields.push("discipline: Priority".into()),
        Discipline::PreemptiveResume => fields.push("discipline: PreemptiveResume".into()),
    }
    if station.initial > 0 {
        fields.push(format!("initial: {}", station.initial));
    }
    // Textbook customers take their work with them when they leave.
    fields.push("wasted_work: false".into());
    if let Some((up, repair)) = station.breakdown {
        fields.push(format!(
            "breakdown: (mean_up: {}, mean_repair: {})",
            seconds(up),
            seconds(repair)
        ));
    }
    format!("({})", fields.join(", "))
}

/// One kind of customer.
pub fn cohort(customers: &Customers) -> String {
    let arrivals = match &customers.arrivals {
        Arrivals::Poisson(rate) => format!("Poisson(rate: {})", per_second(*rate)),
        Arrivals::Batches(rate, size) => format!("Poisson(rate: {}, batch: {})", per_second(*rate), batch(*size)),
        Arrivals::Rate(points, linear) => {
            let points: Vec<String> = points
                .iter()
                .map(|(at, rate)| format!("({}, {})", seconds(*at), per_second(*rate)))
                .collect();
            format!("Rate(points: [{}], linear: {linear})", points.join(", "))
        }
        Arrivals::Renewal(between) => format!("Renewal(between: {})", law(between)),
        Arrivals::Closed(people, think) => format!("Closed(population: {people}, think: {})", law(think)),
    };
    let mut fields = vec![
        "level: other".to_owned(),
        "habit: \"plain\"".into(),
        format!("routes: [(share: \"100 %\", route: \"{}\")]", customers.route),
        format!("arrivals: {arrivals}"),
    ];
    if let Some(work) = &customers.work {
        fields.push(format!("work: {}", law(work)));
    }
    if let Some(stay) = &customers.stay {
        fields.push(format!("duration: {}", law(stay)));
    }
    if customers.priority > 0 {
        fields.push(format!("priority: {}", customers.priority));
    }
    if customers.seats > 1 {
        fields.push(format!("seats: {}", customers.seats));
    }
    format!("({})", fields.join(", "))
}

/// How customers retry.
pub fn habit(habit: &Habit) -> String {
    let mut fields = Vec::new();
    if let Some(delay) = &habit.retry {
        fields.push(format!("retries: [(share: \"100 %\", delay: {})]", law(delay)));
    }
    if let Some(tries) = habit.max_tries {
        fields.push(format!("max_tries: {tries}"));
    }
    if let Some(after) = &habit.timeout {
        fields.push(format!("timeout: (after: {}, scope: Queue)", law(after)));
    }
    fields.push("giving_up: [(share: \"100 %\", then: Nothing)]".into());
    format!("({})", fields.join(", "))
}
