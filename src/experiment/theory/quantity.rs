//! What is stated of a queue: `L`, `Wq`, `P(N>=10)`, `T_p95`, `Var(Wq)`, `E[N(t)]`.

use super::oracle::Parameters;
use super::statistic::Cmp;

/// What varies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Variable {
    /// Customers in the system.
    System,
    /// Customers who wait for a server.
    Queue,
    /// Customers in service.
    Service,
    /// Customers who wait to try again.
    Orbit,
    /// Servers that work.
    Servers,
    /// Time from arrival to service.
    Wait,
    /// Time from arrival to departure.
    Sojourn,
    /// Length of a busy period.
    Busy,
    /// Tries a customer makes.
    Tries,
}

/// A quantity, as far as its name says.
#[derive(Clone, Debug, PartialEq)]
pub enum Quantity {
    /// Its mean.
    Mean(Variable),
    /// Its variance.
    Variance(Variable),
    /// Chance to find it so.
    Chance(Variable, Cmp, f64),
    /// The value that a share `p` does not pass.
    Quantile(Variable, f64),
    /// Mean number in the system at the instant `t`.
    MeanAt,
    /// Chance to find the number in the system so at the instant `t`.
    ChanceAt(Cmp, f64),
    /// Share of customers who wait.
    Waits,
    /// Share of knocks that are refused.
    Blocked,
    /// Share of first knocks that are refused.
    FirstBlocked,
    /// Share of time in which nobody else would get in.
    Congestion,
    /// Share of customers who leave before service.
    Abandons,
    /// Customers served per unit of time.
    Throughput,
    /// Busy share of the servers.
    Utilisation,
    /// Nobody in service and nobody in orbit.
    IdleAndEmpty,
    /// Mean of the sojourn of customers whose work is `x`.
    SojournOfSize,
    /// Greatest mean over a period.
    Peak,
    /// When that is.
    PeakTime,
    /// Mean of the time from a start to a target: upwards or downwards.
    Passage {
        /// Upwards.
        up: bool,
    },
    /// Something else; its name, tidied.
    Other(String),
}

impl Quantity {
    /// Reads the name of a quantity; the parameters give the numbers that the name only names.
    pub fn read(name: &str, parameters: Parameters<'_>) -> Quantity {
        // A remark such as ` (all incl. abandoners)` follows a blank; `P(N>=k)` has none.
        let bare = name.split(" (").next().unwrap_or(name);
        let tidy: String = bare.chars().filter(|c| !c.is_whitespace()).collect();
        let tidy = match tidy.split_once('=') {
            // `sigma=P(wait)`.
            Some((left, right)) if !left.contains(['(', '[']) && right.contains('(') => right.to_owned(),
            _ => tidy,
        };
        let lower = tidy.to_lowercase().replace(['{', '}'], "");
        if let Some(known) = by_name(&lower) {
            return known;
        }
        if let Some((left, p)) = lower.split_once("_p")
            && let (Some(variable), Ok(p)) = (variable(left), p.parse::<f64>())
            && (0.0..100.0).contains(&p)
        {
            return Quantity::Quantile(variable, if p > 1.0 { p / 100.0 } else { p });
        }
        if let Some(inside) = inside(&lower, &["e[", "e("]) {
            if inside == "n(t)" || inside == "l(t)" {
                return Quantity::MeanAt;
            }
            if inside.starts_with("t|") || inside.starts_with("w|") {
                return Quantity::SojournOfSize;
            }
            if inside.starts_with("time") && inside.contains("->") {
                return Quantity::Passage {
                    up: !inside.contains("k->"),
                };
            }
            if let Some(variable) = variable(inside) {
                return Quantity::Mean(variable);
            }
        }
        let varies = inside(&lower, &["var(", "var["]).or_else(|| lower.strip_prefix("var"));
        if let Some(variable) = varies.and_then(variable) {
            return Quantity::Variance(variable);
        }
        let compared = inside(&lower, &["p(", "p["]).and_then(comparison);
        if let Some((left, cmp, right)) = compared {
            // The name's own case matters for `c` and `K`, which are parameters.
            let written = tidy.trim_end_matches([')', ']']);
            let from = written.len().saturating_sub(right.len());
            let named = written.get(from..).unwrap_or(right);
            if let Some(x) = right.parse().ok().or_else(|| parameters.number(&[named, right])) {
                if left == "n(t)" || left == "l(t)" {
                    return Quantity::ChanceAt(cmp, x);
                }
                if let Some(variable) = variable(left) {
                    return Quantity::Chance(variable, cmp, x);
                }
            }
        }
        Quantity::Other(tidy)
    }
}

fn by_name(lower: &str) -> Option<Quantity> {
    use Variable as V;
    Some(match lower {
        "p(wait)" | "p(delay)" | "p(w)" | "erlangc" | "pw" => Quantity::Waits,
        "p(block)" | "p(blocked)" | "p(blocking)" | "p(loss)" | "p(reject)" | "lossprob" | "lossprobability"
        | "blocking" | "callcongestion" | "erlangb" => Quantity::Blocked,
        "p(blockedfirstattempt)" | "p(firstblocked)" | "p(blockedfirst)" => Quantity::FirstBlocked,
        "timecongestion" | "p(full)" => Quantity::Congestion,
        "p(abandon)" | "p(ab)" | "p(renege)" | "p(abandonment)" => Quantity::Abandons,
        "throughput" | "x" | "throughput_x" => Quantity::Throughput,
        "utilisation" | "utilization" | "rho" | "u" => Quantity::Utilisation,
        "carried" | "e[busy]" | "carriedload" | "e[busyservers]" => Quantity::Mean(V::Service),
        "p(idle,orbit=0)" => Quantity::IdleAndEmpty,
        "p0" | "p(0)" | "p(empty)" | "p(idle)" => Quantity::Chance(V::System, Cmp::Equal, 0.0),
        "busy_period_mean" | "busyperiod" | "e[busyperiod]" | "e[b]" | "e[bp]" => Quantity::Mean(V::Busy),
        "busy_period_var" | "var(busyperiod)" | "var(b)" => Quantity::Variance(V::Busy),
        "peake[n]" | "peake[n(t)]" | "maxe[n(t)]" => Quantity::Peak,
        "timeofpeake[n]" | "timeofpeake[n(t)]" => Quantity::PeakTime,
        "responsetime" | "r" => Quantity::Mean(V::Sojourn),
        "wq_accepted" | "wq_served" => Quantity::Mean(V::Wait),
        "w_accepted" | "w_served" => Quantity::Mean(V::Sojourn),
        "e[attempts]" | "e[tries]" => Quantity::Mean(V::Tries),
        other => Quantity::Mean(variable(other)?),
    })
}

fn variable(lower: &str) -> Option<Variable> {
    Some(match lower {
        "l" | "n" | "ls" => Variable::System,
        "lq" | "nq" | "q" | "queue" => Variable::Queue,
        "busyservers" | "nservice" => Variable::Service,
        "orbit" => Variable::Orbit,
        "upservers" | "servers" => Variable::Servers,
        "wq" | "tq" | "v" | "min(v,tau)" | "delay" => Variable::Wait,
        "w" | "t" | "sojourn" | "response" => Variable::Sojourn,
        _ => return None,
    })
}

fn inside<'a>(text: &'a str, opens: &[&str]) -> Option<&'a str> {
    opens
        .iter()
        .find_map(|open| text.strip_prefix(open))
        .and_then(|rest| rest.strip_suffix([')', ']']))
}

fn comparison(text: &str) -> Option<(&str, Cmp, &str)> {
    for (sign, cmp) in [
        (">=", Cmp::AtLeast),
        ("≥", Cmp::AtLeast),
        ("<=", Cmp::AtMost),
        ("≤", Cmp::AtMost),
        (">", Cmp::Above),
        ("<", Cmp::Below),
        ("=", Cmp::Equal),
    ] {
        if let Some((left, right)) = text.split_once(sign) {
            return Some((left, cmp, right));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Map, Value};

    fn read(name: &str) -> Quantity {
        let map: Map<String, Value> = serde_json::from_str(r#"{"t": 0.1, "c": 10, "K": 300}"#).unwrap();
        Quantity::read(name, Parameters(&map))
    }

    #[test]
    fn names_are_read() {
        use Variable as V;
        for (name, expected) in [
            ("L", Quantity::Mean(V::System)),
            ("E[N]", Quantity::Mean(V::System)),
            ("E[Q]", Quantity::Mean(V::Queue)),
            ("VarN", Quantity::Variance(V::System)),
            ("Var(Wq)", Quantity::Variance(V::Wait)),
            ("Var(T)", Quantity::Variance(V::Sojourn)),
            ("P(N>=10)", Quantity::Chance(V::System, Cmp::AtLeast, 10.0)),
            ("P(T>10)", Quantity::Chance(V::Sojourn, Cmp::Above, 10.0)),
            ("P(Wq>t)", Quantity::Chance(V::Wait, Cmp::Above, 0.1)),
            ("P(Wq<=t)", Quantity::Chance(V::Wait, Cmp::AtMost, 0.1)),
            ("P(N=c)", Quantity::Chance(V::System, Cmp::Equal, 10.0)),
            ("P(N(t)>=10)", Quantity::ChanceAt(Cmp::AtLeast, 10.0)),
            ("P(N(t)=c)", Quantity::ChanceAt(Cmp::Equal, 10.0)),
            ("P(N(t)=K)", Quantity::ChanceAt(Cmp::Equal, 300.0)),
            ("E[N(t)]", Quantity::MeanAt),
            ("T_p95", Quantity::Quantile(V::Sojourn, 0.95)),
            ("Wq_p99.9", Quantity::Quantile(V::Wait, 0.9990000000000001)),
            ("sigma=P(wait)", Quantity::Waits),
            ("E[Wq] (all incl. abandoners)", Quantity::Mean(V::Wait)),
            ("E[min(V,tau)]", Quantity::Mean(V::Wait)),
            ("E[T|size x]", Quantity::SojournOfSize),
            ("E[time 0->target]", Quantity::Passage { up: true }),
            ("E[time K->target]", Quantity::Passage { up: false }),
            ("P(idle,orbit=0)", Quantity::IdleAndEmpty),
            ("P(blocked first attempt)", Quantity::FirstBlocked),
            ("peak E[N]", Quantity::Peak),
            ("time of peak E[N]", Quantity::PeakTime),
            ("busy_period_var", Quantity::Variance(V::Busy)),
            ("E[up servers]", Quantity::Mean(V::Servers)),
            ("call congestion", Quantity::Blocked),
            ("E[attempts]", Quantity::Mean(V::Tries)),
            ("n*", Quantity::Other("n*".into())),
        ] {
            assert_eq!(read(name), expected, "{name}");
        }
    }

    #[test]
    fn nonsense_is_something_else() {
        for name in ["", "P(", "P()", "P(N>=)", "E[]", "Var()", "_p", "T_p", "P(é>=ü)", "é=("] {
            assert!(matches!(read(name), Quantity::Other(_)), "{name}");
        }
    }
}
