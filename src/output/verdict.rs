//! Verdicts in a sentence.

use super::number::{plus_minus, whole};
use crate::experiment::stats::Interval;
use crate::experiment::{Effect, Verdict};

/// What a policy did to the learning hours, in a plain sentence.
pub fn line(verdict: &Verdict) -> String {
    let d = verdict.hours.difference;
    let hours = plus_minus(&Interval {
        mean: d.mean.abs(),
        ..d
    });
    let does = if d.mean < 0.0 { "saves" } else { "costs" };
    let (arm, money) = (&verdict.arm, money(verdict.euros));
    let runs = d.n;
    match verdict.effect {
        Effect::Saves | Effect::Costs => format!("{arm} {does} {hours} learning hours{money}."),
        Effect::OneRun => format!("{arm} {does} {hours} learning hours{money} in the one replication made."),
        Effect::NotShown => {
            let signed = plus_minus(&Interval { mean: -d.mean, ..d });
            format!("{arm}: no difference that {runs} replications can show (saves {signed} learning hours{money}).")
        }
        Effect::Nothing if verdict.never_acted => format!("{arm}: no difference{money}: it never acted."),
        Effect::Nothing => format!("{arm}: no difference in hours lost in any of {runs} replications{money}."),
    }
}

fn money(euros: f64) -> String {
    match euros.round() {
        0.0 => String::new(),
        less if less < 0.0 => format!(", and {} EUR less", whole(-euros)),
        _ => format!(" for {} EUR", whole(euros)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::stats::Paired;

    fn verdict(effect: Effect, mean: f64, half_width: Option<f64>, euros: f64) -> Verdict {
        let difference = Interval { mean, half_width, n: 5 };
        let hours = Paired {
            difference,
            correlation: None,
            p_value: None,
        };
        Verdict {
            arm: "capacity".into(),
            effect,
            hours,
            euros,
            never_acted: effect == Effect::Nothing,
        }
    }

    #[test]
    fn sentences() {
        let says = |effect, mean, half, euros| line(&verdict(effect, mean, half, euros));
        assert_eq!(
            says(Effect::Saves, -312_345.0, Some(9_042.0), 40_000.0),
            "capacity saves 312 300 ± 9 000 learning hours for 40 000 EUR."
        );
        assert_eq!(
            says(Effect::Costs, 41_020.0, Some(5_000.0), -300.0),
            "capacity costs 41 000 ± 5 000 learning hours, and 300 EUR less."
        );
        assert_eq!(
            says(Effect::NotShown, 300.0, Some(900.0), 0.0),
            "capacity: no difference that 5 replications can show (saves -300 ± 900 learning hours)."
        );
        assert_eq!(
            says(Effect::Nothing, 0.0, Some(0.0), 40_000.0),
            "capacity: no difference for 40 000 EUR: it never acted."
        );
        assert_eq!(
            says(Effect::OneRun, -1234.0, None, 0.0),
            "capacity saves 1 234 learning hours in the one replication made."
        );
    }
}
