//! Numbers as people read them.

use super::civil::Civil;
use crate::experiment::stats::Interval;
use crate::measure::kpi::Unit;
use crate::scenario::model::Clock;

/// Shown where there is no value.
pub const NONE: &str = "–";

/// A whole number with a space between thousands.
///
/// ```
/// use preau::output::number::whole;
/// assert_eq!(whole(312_000.4), "312 000");
/// assert_eq!(whole(-1_234_567.0), "-1 234 567");
/// ```
pub fn whole(value: f64) -> String {
    if !value.is_finite() {
        return NONE.to_owned();
    }
    let digits = format!("{:.0}", value.abs());
    let mut out = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(' ');
        }
        out.push(digit);
    }
    // What rounds to zero has no sign.
    if value < 0.0 && digits != "0" {
        format!("-{out}")
    } else {
        out
    }
}

/// A number with so many decimals, thousands apart.
pub fn decimal(value: f64, decimals: usize) -> String {
    let rounded = format!("{:.decimals$}", value.abs());
    match rounded.split_once('.') {
        Some((before, after)) if value.is_finite() => {
            let sign = if value < 0.0 && rounded.contains(|c| ('1'..='9').contains(&c)) {
                "-"
            } else {
                ""
            };
            format!("{sign}{}.{after}", whole(before.parse().unwrap_or(0.0)))
        }
        _ => whole(value),
    }
}

/// A share as percent: one decimal, two between 0 and 1 %.
///
/// ```
/// use preau::output::number::percent;
/// assert_eq!((percent(0.843), percent(0.0042), percent(1.0)), ("84.3 %".into(), "0.42 %".into(), "100.0 %".into()));
/// ```
pub fn percent(share: f64) -> String {
    let value = share * 100.0;
    let decimals = if value != 0.0 && value.abs() < 0.995 { 2 } else { 1 };
    format!("{} %", decimal(value, decimals))
}

/// A duration in full, from seconds.
///
/// ```
/// use preau::output::number::duration;
/// assert_eq!(duration(750.0), "12 min 30 s");
/// assert_eq!(duration(7384.0), "2 h 03 min");
/// assert_eq!((duration(45.4), duration(0.25)), ("45 s".into(), "0.25 s".into()));
/// ```
pub fn duration(seconds: f64) -> String {
    if !seconds.is_finite() {
        return NONE.to_owned();
    }
    let sign = if seconds < 0.0 { "-" } else { "" };
    let exact = seconds.abs();
    let s = exact.round() as u64;
    let text = match s {
        0..10 if exact < 9.95 => format!("{} s", significant(exact, 2)),
        0..60 => format!("{s} s"),
        60..3600 if s.is_multiple_of(60) => format!("{} min", s / 60),
        60..3600 => format!("{} min {:02} s", s / 60, s % 60),
        _ => format!("{} h {:02} min", (s + 30) / 3600, (s + 30) % 3600 / 60),
    };
    format!("{sign}{text}")
}

/// How many of something.
///
/// ```
/// use preau::output::number::count;
/// assert_eq!([0, 1, 7200].map(|n| count(n, "run", "runs")), ["no runs", "1 run", "7 200 runs"]);
/// ```
pub fn count(n: usize, one: &str, many: &str) -> String {
    match n {
        0 => format!("no {many}"),
        1 => format!("1 {one}"),
        n => format!("{} {many}", whole(n as f64)),
    }
}

/// A duration in at most eight characters, for tables: two digits below a minute, so that a column has one form.
///
/// ```
/// use preau::output::number::short_duration;
/// assert_eq!((short_duration(45.2), short_duration(750.0), short_duration(7384.0)), ("45 s".into(), "12.5 min".into(), "2 h 03".into()));
/// assert_eq!((short_duration(1.0), short_duration(0.25)), ("1.0 s".into(), "0.25 s".into()));
/// ```
pub fn short_duration(seconds: f64) -> String {
    match seconds {
        s if !s.is_finite() => NONE.to_owned(),
        s if (0.001..0.995).contains(&s) => format!("{s:.2} s"),
        s if (0.995..9.95).contains(&s) => format!("{s:.1} s"),
        s if s.round() < 60.0 => duration(s),
        s if s < 59.95 * 60.0 => format!("{:.1} min", s / 60.0),
        s => format!(
            "{} h {:02}",
            (s.round() as u64 + 30) / 3600,
            (s.round() as u64 + 30) % 3600 / 60
        ),
    }
}

/// The civil time so many seconds after the run's start, as [`Civil::clock_time`] writes it.
pub fn clock_time(clock: &Clock, seconds: f64) -> String {
    Civil::of(clock).clock_time(seconds)
}

/// Rounded to so many significant digits, without trailing zeros after the point.
pub fn significant(value: f64, digits: i32) -> String {
    if value == 0.0 || !value.is_finite() {
        return whole(value);
    }
    let decimals = digits - 1 - magnitude(value, digits);
    let text = decimal(round_at(value, decimals), decimals.max(0) as usize);
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}

/// The power of ten of a value once it is rounded to so many digits (9.96 is 10 to two digits).
fn magnitude(value: f64, digits: i32) -> i32 {
    let first = value.abs().log10().floor() as i32;
    round_at(value, digits - 1 - first).abs().log10().floor() as i32
}

/// Rounds to so many decimals; negative ones round tens, hundreds and so on.
fn round_at(value: f64, decimals: i32) -> f64 {
    if decimals >= 0 {
        let scale = 10f64.powi(decimals);
        (value * scale).round() / scale
    } else {
        let scale = 10f64.powi(-decimals);
        (value / scale).round() * scale
    }
}

/// A mean and its half-width: the half-width to two digits, the mean to the same place.
///
/// ```
/// use preau::experiment::stats::Interval;
/// use preau::output::number::plus_minus;
/// let i = |mean, half_width| plus_minus(&Interval { mean, half_width, n: 5 });
/// assert_eq!(i(312_345.6, Some(9_042.0)), "312 300 ± 9 000");
/// assert_eq!(i(1.23456, Some(0.0456)), "1.235 ± 0.046");
/// assert_eq!(i(312_345.6, None), "312 346");
/// ```
pub fn plus_minus(interval: &Interval) -> String {
    match interval.half_width {
        Some(half) if half > 0.0 && half.is_finite() => {
            let decimals = 1 - magnitude(half, 2);
            let places = decimals.max(0) as usize;
            let mean = decimal(round_at(interval.mean, decimals), places);
            format!("{mean} ± {}", decimal(round_at(half, decimals), places))
        }
        _ => significant_or_whole(interval.mean),
    }
}

/// The interval of a share as one of a percentage.
pub fn in_percent(share: &Interval) -> Interval {
    Interval {
        mean: 100.0 * share.mean,
        half_width: share.half_width.map(|h| 100.0 * h),
        n: share.n,
    }
}

/// A KPI's mean and half-width as [`plus_minus`], shares in percent with the sign behind: as everywhere where people read.
pub fn kpi_plus_minus(unit: Unit, interval: &Interval) -> String {
    match unit {
        Unit::Share => format!("{} %", plus_minus(&in_percent(interval))),
        _ => plus_minus(interval),
    }
}

/// The unit of a column of [`kpi_plus_minus`], for its head; a share says it in every cell.
pub fn unit_of_column(unit: Unit) -> &'static str {
    match unit {
        Unit::Share => "share",
        other => other.name(),
    }
}

/// Whole from a thousand on, four digits below.
fn significant_or_whole(value: f64) -> String {
    if value.abs() >= 1000.0 {
        whole(value)
    } else {
        significant(value, 4)
    }
}

/// A KPI's value in its unit.
pub fn kpi(unit: Unit, clock: &Clock, value: Option<f64>) -> String {
    let Some(value) = value.filter(|v| v.is_finite()) else {
        return NONE.to_owned();
    };
    match unit {
        Unit::Count => significant_or_whole(value),
        Unit::Share => percent(value),
        Unit::Ratio => decimal(value, 2),
        Unit::Seconds => duration(value),
        Unit::Minutes => duration(value * 60.0),
        Unit::Hours => format!("{} h", significant_or_whole(value)),
        Unit::Euros => format!("{} EUR", whole(value)),
        Unit::Instant => clock_time(clock, value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::made_up;

    #[test]
    fn thousands_stand_apart_and_zero_has_no_sign() {
        for (value, text) in [
            (0.0, "0"),
            (-0.3, "0"),
            (999.5, "1 000"),
            (1000.0, "1 000"),
            (12e6, "12 000 000"),
        ] {
            assert_eq!(whole(value), text);
        }
        assert_eq!(whole(f64::NAN), NONE);
        assert_eq!(decimal(-1234.567, 1), "-1 234.6");
        assert_eq!(decimal(-0.001, 1), "0.0");
        assert_eq!(
            (percent(-0.0), percent(0.0), percent(0.996)),
            ("0.0 %".into(), "0.0 %".into(), "99.6 %".into())
        );
        assert_eq!(
            (percent(0.009_96), percent(0.000_01)),
            ("1.0 %".into(), "0.00 %".into())
        );
    }

    #[test]
    fn durations_round_into_the_next_unit() {
        assert_eq!(duration(59.6), "1 min");
        assert_eq!(duration(3599.7), "1 h 00 min");
        assert_eq!(duration(7199.0), "2 h 00 min");
        assert_eq!(duration(9.97), "10 s");
        assert_eq!(duration(0.0), "0 s");
        assert_eq!(short_duration(3599.0), "1 h 00");
        assert_eq!(short_duration(59.7), "1.0 min");
    }

    #[test]
    fn civil_times_know_the_day() {
        let clock = made_up::scenario(1).clock;
        assert_eq!(clock_time(&clock, 6000.0), "08:40");
        assert_eq!(clock_time(&clock, 6000.0 + 86_400.0), "Wed 08:40");
        assert_eq!(clock_time(&clock, 6000.0 + 20.0 * 86_400.0), "26/04 08:40");
    }

    #[test]
    fn half_widths_say_how_far_the_mean_is_known() {
        let i = |mean, half| {
            plus_minus(&Interval {
                mean,
                half_width: Some(half),
                n: 9,
            })
        };
        assert_eq!(i(-41_234.0, 5_120.0), "-41 200 ± 5 100");
        assert_eq!(
            i(4.0, 99.6),
            "0 ± 100",
            "99.6 to two digits is 100, so the mean is known to tens"
        );
        assert_eq!(i(0.5, 0.0), "0.5");
    }
}
