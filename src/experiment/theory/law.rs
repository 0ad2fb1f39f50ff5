//! Laws of times as tables of exact values write them: `D(1)`, `Erlang2(mean1)`, `H2(scv=4,balanced)`, `U(0,2)`.

use super::oracle::Parameters;
use crate::engine::Distribution;

/// Squared coefficient of variation.
pub fn scv(law: &Distribution) -> f64 {
    law.variance() / (law.mean() * law.mean())
}

/// The law of least surprise with a mean and a squared coefficient of variation: constant, gamma, exponential or two
/// balanced exponential branches. For results that depend on these two moments only.
pub fn two_moments(mean: f64, scv: f64) -> Distribution {
    if scv < 1e-9 {
        Distribution::Deterministic { value: mean }
    } else if (scv - 1.0).abs() < 1e-9 {
        Distribution::Exponential { mean }
    } else if scv < 1.0 {
        Distribution::Gamma { shape: 1.0 / scv, mean }
    } else {
        balanced(mean, scv)
    }
}

/// Hyperexponential of two branches with balanced means (each carries half of the work). Tijms 2003, app. B.
pub fn balanced(mean: f64, scv: f64) -> Distribution {
    let p = 0.5 * (1.0 + libm::sqrt((scv - 1.0) / (scv + 1.0)));
    Distribution::Hyperexponential {
        p: vec![p, 1.0 - p],
        means: vec![mean / (2.0 * p), mean / (2.0 * (1.0 - p))],
    }
}

/// Reads a law written as text; `p`, `rate1` and `rate2` of a hyperexponential may stand beside it.
///
/// # Errors
/// Says what cannot be read, with what can.
pub fn read(text: &str, parameters: Parameters<'_>) -> Result<Distribution, String> {
    let compact: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let (name, inside) = match compact.split_once('(') {
        Some((name, rest)) => (name, rest.strip_suffix(')').unwrap_or(rest)),
        None => (compact.as_str(), ""),
    };
    let name = name.to_ascii_lowercase();
    let stem = name.trim_end_matches(|c: char| c.is_ascii_digit());
    let stages: Option<f64> = name[stem.len()..].parse().ok();
    let arguments = Arguments::read(inside)?;
    let law = match stem {
        "d" | "det" | "deterministic" | "const" | "constant" => Distribution::Deterministic {
            value: arguments.mean_or_first()?,
        },
        "m" | "exp" | "exponential" => Distribution::Exponential {
            mean: arguments.mean_or_first()?,
        },
        "e" | "er" | "erl" | "erlang" => {
            let (k, mean) = match (stages, arguments.named(&["k", "stages", "shape"])) {
                (Some(k), _) => (k, arguments.mean_or_first()),
                (None, Some(k)) => (k, arguments.mean_or_first()),
                (None, None) => (
                    arguments.at(0)?,
                    arguments.named(&["mean"]).map_or_else(|| arguments.at(1), Ok),
                ),
            };
            erlang(k, mean?)?
        }
        "h" | "hyper" | "hyperexp" | "hyperexponential" => match hyperexponential(parameters) {
            Some(law) => law,
            None => match (arguments.named(&["scv", "c2", "cv2"]), arguments.named(&["p"])) {
                (Some(scv), _) if scv > 1.0 => balanced(arguments.named(&["mean"]).unwrap_or(1.0), scv),
                (None, Some(p)) => branches(
                    p,
                    arguments
                        .named(&["rate1", "mu1"])
                        .ok_or("the hyperexponential needs rate1")?,
                    arguments
                        .named(&["rate2", "mu2"])
                        .ok_or("the hyperexponential needs rate2")?,
                ),
                (None, None) if arguments.list.len() == 3 => {
                    branches(arguments.list[0], arguments.list[1], arguments.list[2])
                }
                _ => return Err(format!("`{text}` needs p, rate1 and rate2, or scv above 1")),
            },
        },
        "u" | "uniform" | "unif" => Distribution::Uniform {
            low: arguments.at(0)?,
            high: arguments.at(1)?,
        },
        "weibull" | "w" => Distribution::Weibull {
            shape: arguments.named_or(&["k", "shape"], 0)?,
            scale: arguments.named_or(&["scale", "lambda"], 1)?,
        },
        "gamma" => Distribution::Gamma {
            shape: arguments.named_or(&["shape", "k"], 0)?,
            mean: arguments.named_or(&["mean"], 1)?,
        },
        "lognormal" | "ln" | "lognorm" => {
            let cv = match arguments.named(&["scv", "cv2"]) {
                Some(scv) => libm::sqrt(scv),
                None => arguments.named_or(&["cv"], 1)?,
            };
            Distribution::lognormal_mean_cv(arguments.named_or(&["mean"], 0)?, cv)
        }
        "triangular" | "tri" => Distribution::Triangular {
            low: arguments.at(0)?,
            mode: arguments.at(1)?,
            high: arguments.at(2)?,
        },
        _ => {
            return Err(format!(
                "the law `{text}` is not known; known are D(v), Exp(mean), E3(mean), H2(p, rate1, rate2), U(a,b), \
                 Weibull(k,scale), Gamma(shape,mean), Lognormal(mean,cv), Triangular(a,m,b)"
            ));
        }
    };
    law.validate()
        .map_err(|e| format!("the law `{text}` is not valid: {e}"))?;
    Ok(law)
}

/// An Erlang law of a whole number of stages.
///
/// # Errors
/// When the number of stages is not a small whole number.
pub fn erlang(k: f64, mean: f64) -> Result<Distribution, String> {
    if (1.0..=1e4).contains(&k) && k.fract() == 0.0 {
        Ok(Distribution::Erlang { k: k as u32, mean })
    } else {
        Err(format!("an Erlang law has a whole number of stages, not {k}"))
    }
}

/// The hyperexponential that stands in the parameters as `p`, `rate1`, `rate2`.
pub fn hyperexponential(p: Parameters<'_>) -> Option<Distribution> {
    Some(branches(
        p.number(&["p", "p1"])?,
        p.number(&["rate1", "mu1", "lam1"])?,
        p.number(&["rate2", "mu2", "lam2"])?,
    ))
}

fn branches(p: f64, rate1: f64, rate2: f64) -> Distribution {
    Distribution::Hyperexponential {
        p: vec![p, 1.0 - p],
        means: vec![1.0 / rate1, 1.0 / rate2],
    }
}

/// What stands in the brackets of a law: `1`, `mean1`, `scv=4`, `balanced`.
struct Arguments {
    list: Vec<f64>,
    named: Vec<(String, f64)>,
}

impl Arguments {
    fn read(inside: &str) -> Result<Arguments, String> {
        let mut arguments = Arguments {
            list: Vec::new(),
            named: Vec::new(),
        };
        for part in inside.split([',', ';']).filter(|p| !p.is_empty()) {
            if let Ok(x) = part.parse::<f64>() {
                arguments.list.push(x);
                continue;
            }
            let value_at = match part.split_once(['=', ':']) {
                Some((name, _)) => name.len() + 1,
                None => part
                    .find(|c: char| c.is_ascii_digit() || c == '.' || c == '-')
                    .unwrap_or(part.len()),
            };
            let name = part[..value_at].trim_end_matches(['=', ':']).to_ascii_lowercase();
            match part[value_at..].parse::<f64>() {
                Ok(x) => arguments.named.push((name, x)),
                Err(_) if value_at == part.len() => {} // A remark such as `balanced`.
                Err(_) => return Err(format!("`{part}` is no argument of a law")),
            }
        }
        Ok(arguments)
    }

    fn named(&self, names: &[&str]) -> Option<f64> {
        self.named
            .iter()
            .find(|(n, _)| names.contains(&n.as_str()))
            .map(|(_, x)| *x)
    }

    fn at(&self, index: usize) -> Result<f64, String> {
        self.list
            .get(index)
            .copied()
            .ok_or_else(|| format!("the law needs {} numbers", index + 1))
    }

    fn named_or(&self, names: &[&str], index: usize) -> Result<f64, String> {
        self.named(names).map_or_else(|| self.at(index), Ok)
    }

    fn mean_or_first(&self) -> Result<f64, String> {
        match (self.named(&["mean", "value"]), self.named(&["rate", "mu"])) {
            (Some(mean), _) => Ok(mean),
            (None, Some(rate)) if rate > 0.0 => Ok(1.0 / rate),
            _ => self.at(0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Map, Value};

    fn law(text: &str) -> Result<Distribution, String> {
        read(text, Parameters(&Map::new()))
    }

    #[test]
    fn laws_are_read_with_their_moments() {
        for (text, mean, scv_expected) in [
            ("D(1)", 1.0, 0.0),
            ("Det(2)", 2.0, 0.0),
            ("Exp(1)", 1.0, 1.0),
            ("Exp(rate=2)", 0.5, 1.0),
            ("Erlang2(mean1)", 1.0, 0.5),
            ("E3(1.5)", 1.5, 1.0 / 3.0),
            ("Erlang(4, 2)", 2.0, 0.25),
            ("H2(scv=4,balanced)", 1.0, 4.0),
            ("H2(0.5, 1, 0.5)", 1.5, 2.0 * (0.5 + 0.5 * 4.0) / 2.25 - 1.0),
            ("U(0,2)", 1.0, 1.0 / 3.0),
            ("Gamma(0.5,1)", 1.0, 2.0),
            ("Lognormal(1,2)", 1.0, 4.0),
            ("Weibull(1,3)", 3.0, 1.0),
        ] {
            let read = law(text).unwrap();
            assert!((read.mean() - mean).abs() < 1e-9, "{text}: mean {}", read.mean());
            assert!((scv(&read) - scv_expected).abs() < 1e-9, "{text}: scv {}", scv(&read));
        }
    }

    #[test]
    fn what_is_not_known_says_what_is() {
        assert!(law("Zeta(2)").unwrap_err().contains("known are"));
        assert!(law("D(-1)").unwrap_err().contains("not valid"));
        assert!(law("U(2)").is_err());
        assert!(law("E2.5(1)").is_err());
        assert!(law("").is_err());
        assert!(law("D(").is_err());
    }

    #[test]
    fn branches_may_stand_beside_the_name() {
        let map: Map<String, Value> = serde_json::from_str(r#"{"p": 0.5, "rate1": 2.0, "rate2": 1.0}"#).unwrap();
        let read = read("H2(scv=9)", Parameters(&map)).unwrap();
        assert!((read.mean() - 0.75).abs() < 1e-12);
    }

    #[test]
    fn two_moments_are_met() {
        for target in [0.0, 0.3, 1.0, 2.0, 9.0] {
            let fitted = two_moments(2.0, target);
            assert!((fitted.mean() - 2.0).abs() < 1e-9 && (scv(&fitted) - target).abs() < 1e-9);
        }
    }
}
