//! Which fields the size of the country multiplies.

/// What `size` does to a field that grows with the country. All others stay as written: times, shares, chances, factors,
/// prices, and what one person or one request does. `scenario/tests/size.rs` holds the list against what the check
/// multiplies, and asks about every count and rate that is not in it.
pub(super) const GROWS: &[(&str, &str)] = &[
    ("hosts.*.cores", TIMES),
    ("hosts.*.uplink", TIMES),
    ("services.*.station.cores", TIMES),
    ("services.*.station.threads", TIMES),
    ("services.*.station.backlog", TIMES),
    ("services.*.station.initial", TIMES),
    ("services.*.quota.max_sessions", TIMES),
    ("services.*.quota.max_share", "of the accounts, × `size`"),
    ("services.*.quota.admissions.count", TIMES),
    ("services.*.quota.max_length", TIMES),
    ("services.*.quota.phantoms", TIMES),
    ("services.*.quota.capacity", TIMES),
    ("services.*.limiter.rate", TIMES),
    ("services.*.limiter.burst", TIMES),
    ("cohorts.*.people", TIMES),
    ("cohorts.*.arrivals.Poisson.rate", TIMES),
    ("cohorts.*.arrivals.Rate.points", "rates × `size`"),
    ("cohorts.*.arrivals.Renewal.between", "÷ `size`"),
    ("cohorts.*.arrivals.Closed.population", TIMES),
    ("act.RetryBudget.budget.Ratio.reserve", TIMES),
    ("act.RetryBudget.budget.Tokens.tokens", TIMES),
    ("incidents.*.kind.NetworkFlood.rate", TIMES),
    ("incidents.*.kind.ApplicationFlood.rate", TIMES),
    ("incidents.*.kind.SlowConnections.threads", TIMES),
    ("incidents.*.kind.ApplicationFlood.sources", TIMES),
    ("act.Autoscale.signal.Backlog.above", TIMES),
    ("act.Autoscale.signal.Backlog.below", TIMES),
    ("act.Autoscale.signal.Waiting.above", TIMES),
    ("act.Autoscale.signal.Waiting.below", TIMES),
    ("act.Autoscale.signal.Refused.above", TIMES),
    ("act.Autoscale.signal.Refused.below", TIMES),
    ("act.Autoscale.step", "cores × `size`"),
    ("act.ConcurrencyLimit.limit.law.Gradient2.initial", TIMES),
    ("act.ConcurrencyLimit.limit.law.Gradient2.min", TIMES),
    ("act.ConcurrencyLimit.limit.law.Gradient2.max", TIMES),
    ("act.ConcurrencyLimit.limit.law.Gradient2.queue", TIMES),
    ("act.ConcurrencyLimit.limit.law.Vegas.initial", TIMES),
    ("act.ConcurrencyLimit.limit.law.Vegas.max", TIMES),
    ("act.ConcurrencyLimit.limit.law.Aimd.initial", TIMES),
    ("act.ConcurrencyLimit.limit.law.Aimd.min", TIMES),
    ("act.ConcurrencyLimit.limit.law.Aimd.max", TIMES),
    ("act.ConcurrencyLimit.limit.law.Envoy.min", TIMES),
    ("act.ConcurrencyLimit.limit.law.Envoy.max", TIMES),
];

const TIMES: &str = "× `size`";

/// For the tests of the loader: the registry against what the check did.
#[cfg(test)]
pub(crate) mod grown {
    use super::super::{fields, meant, segments};

    /// All fields that grow.
    pub(crate) fn registered() -> impl Iterator<Item = &'static str> {
        super::GROWS.iter().map(|(path, _)| *path)
    }

    /// All fields with their kind.
    pub(crate) fn units() -> impl Iterator<Item = (&'static str, &'static str)> {
        fields().map(|field| (field.path, field.unit))
    }

    /// The registered fields that the path of a value may mean, or all of its name where none is registered.
    pub(crate) fn fields_of(path: &str) -> Vec<&'static str> {
        let mut words = segments(path);
        let mut found = meant(&words, 4);
        while found.is_empty() && words.len() > 1 && words.last() == Some(&"[]") {
            words.pop();
            found = meant(&words, 4);
        }
        let paths: Vec<&str> = found.iter().map(|field| field.path).collect();
        let growing: Vec<&str> = paths
            .iter()
            .copied()
            .filter(|path| registered().any(|r| r == *path))
            .collect();
        if growing.is_empty() { paths } else { growing }
    }
}
