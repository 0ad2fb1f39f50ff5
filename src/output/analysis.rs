//! Sensitivity and scenario discovery, for the terminal and as files.

use super::number::{NONE, percent, significant};
use super::table::{plain, width};
use crate::experiment::analysis::{Corner, Indices, Sensitivity};
use crate::experiment::sensitivity::{Effect, Index, PrimBox};
use crate::scenario::wrapped;
use std::io::Write;

/// Indices of a KPI, the greatest first.
pub fn sensitivity(s: &Sensitivity) -> String {
    let (head, mut rows, what) = match &s.indices {
        Indices::Morris(effects) => {
            let row = |(name, e): (&String, &Effect)| {
                let interval = match (e.mu_star_low, e.mu_star_high) {
                    (Some(low), Some(high)) => format!("{} to {}", short(low), short(high)),
                    _ => NONE.to_owned(),
                };
                let cells = [
                    short(e.mu_star),
                    interval,
                    super::number::plus_minus(&e.mu),
                    e.sigma.map_or_else(|| NONE.to_owned(), short),
                ];
                (
                    e.mu_star,
                    std::iter::once(name.clone()).chain(cells).collect::<Vec<_>>(),
                )
            };
            let rows: Vec<_> = s.dimensions.iter().zip(effects).map(row).collect();
            (vec!["factor", "μ*", "95 %", "μ", "σ"], rows, "Morris trajectories")
        }
        Indices::Sobol(sobol) => {
            let row = |(i, name): (usize, &String)| {
                let (first, total) = (sobol.first[i], sobol.total[i]);
                let range = |x: Index| format!("{:.2} to {:.2}", x.low, x.high);
                let cells = [
                    format!("{:.3}", total.value),
                    range(total),
                    format!("{:.3}", first.value),
                    range(first),
                ];
                (
                    total.value,
                    std::iter::once(name.clone()).chain(cells).collect::<Vec<_>>(),
                )
            };
            let rows: Vec<_> = s.dimensions.iter().enumerate().map(row).collect();
            (
                vec!["factor", "total", "95 %", "first", "95 %"],
                rows,
                "base rows of Sobol indices",
            )
        }
    };
    rows.sort_by(|a, b| b.0.total_cmp(&a.0));
    let mut text = format!("{}: {} {what}", s.column.name, s.groups);
    if s.left_out > 0 {
        text.push_str(&format!(
            " ({} left out: a run failed, is missing or has no value)",
            s.left_out
        ));
    }
    format!("{text}\n\n{}", plain(&head, rows.into_iter().map(|r| r.1).collect()))
}

fn short(value: f64) -> String {
    significant(value, 3)
}

/// Boxes in words.
pub fn corner(c: &Corner) -> String {
    let cover = &c.cover;
    let of = format!("{} of {} points", cover.failures, cover.points);
    let mut lines = vec![match cover.failures {
        0 => format!("No point fails ({}).", c.failing),
        all if all == cover.points => format!("Every point fails ({}).", c.failing),
        _ => format!("{of} fail ({}).", c.failing),
    }];
    if cover.boxes.is_empty() && cover.failures > 0 && cover.failures < cover.points {
        lines.push("No corner of the factors stands out: failures lie all over.".to_owned());
    }
    for (i, b) in cover.boxes.iter().enumerate() {
        let start = if i == 0 { "It fails when" } else { "Else when" };
        let line = format!(
            "{start} {}: {} of the {} points there fail (density {}), which are {} of all failures (coverage); the box \
             holds {} of the points.",
            b.words(&c.axes),
            b.failures,
            b.points,
            percent(b.density),
            percent(b.coverage),
            percent(b.mass)
        );
        lines.push(wrapped(&line, width(), "    "));
        let p: Option<Vec<String>> = b
            .limits
            .iter()
            .map(|l| Some(format!("{} {}", c.axes[l.axis].name, p_value(l.quasi_p?))))
            .collect();
        let said = p.map_or_else(
            || {
                "none: points of this design share settings in groups, and the test takes them as independent"
                    .to_owned()
            },
            |p| p.join(", "),
        );
        lines.push(wrapped(&format!("    quasi-p-values: {said}"), width(), "    "));
    }
    lines.join("\n")
}

fn p_value(p: f64) -> String {
    if p < 0.001 {
        "below 0.001".to_owned()
    } else {
        format!("{p:.3}")
    }
}

/// `sensitivity.csv`: one row a KPI, factor and measure.
///
/// # Errors
/// When it cannot be written.
pub fn sensitivity_csv<W: Write>(out: W, all: &[Sensitivity]) -> csv::Result<()> {
    let mut writer = csv::Writer::from_writer(out);
    writer.write_record(["kpi", "factor", "measure", "value", "low", "high", "groups"])?;
    // Zero has no sign.
    let text = |value: f64| (value + 0.0).to_string();
    for s in all {
        for (i, name) in s.dimensions.iter().enumerate() {
            let rows = match &s.indices {
                Indices::Morris(effects) => {
                    let e = &effects[i];
                    let (low, high) = e.mu.ends().map_or((None, None), |(l, h)| (Some(l), Some(h)));
                    vec![
                        ("mu_star", Some(e.mu_star), e.mu_star_low, e.mu_star_high),
                        ("mu", Some(e.mu.mean), low, high),
                        ("sigma", e.sigma, None, None),
                    ]
                }
                Indices::Sobol(sobol) => {
                    let of = |measure, x: Index| (measure, Some(x.value), Some(x.low), Some(x.high));
                    vec![of("first", sobol.first[i]), of("total", sobol.total[i])]
                }
            };
            for (measure, value, low, high) in rows {
                let [value, low, high] = &[value, low, high].map(|x| x.map_or_else(String::new, text));
                writer.write_record([&s.column.name, name, measure, value, low, high, &s.groups.to_string()])?;
            }
        }
    }
    writer.flush().map_err(Into::into)
}

/// `boxes.csv`: one row a box and limit.
///
/// # Errors
/// When it cannot be written.
pub fn boxes_csv<W: Write>(out: W, c: &Corner) -> csv::Result<()> {
    let mut writer = csv::Writer::from_writer(out);
    let head = "fails,box,factor,above,below,among,quasi_p,coverage,density,mass,points,failures,words";
    writer.write_record(head.split(','))?;
    let text = |x: Option<f64>| x.map_or_else(String::new, |x| x.to_string());
    for (i, b) in c.cover.boxes.iter().enumerate() {
        for limit in &b.limits {
            let axis = &c.axes[limit.axis];
            let among = limit
                .among
                .iter()
                .flatten()
                .map(|k| axis.value(*k as f64))
                .collect::<Vec<_>>();
            let PrimBox {
                coverage,
                density,
                mass,
                points,
                failures,
                ..
            } = b;
            writer.write_record([
                &c.failing,
                &(i + 1).to_string(),
                &axis.name,
                &text(limit.above),
                &text(limit.below),
                &among.join("|"),
                &text(limit.quasi_p),
                &coverage.to_string(),
                &density.to_string(),
                &mass.to_string(),
                &points.to_string(),
                &failures.to_string(),
                &b.words(&c.axes),
            ])?;
        }
    }
    writer.flush().map_err(Into::into)
}
