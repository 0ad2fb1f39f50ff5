//! A calibration: as text, as CSV, as JSON.

use super::columns::{PARTICLES, Then, header};
use super::finished::{bits, from_bits};
use super::number::{percent, significant};
use super::table::{plain, width};
use crate::experiment::calibration::{
    CalibrationFile, Law, Parameter, Particle, Population, Range, Round, Seen, effective, least_contraction, ranges,
};
use crate::experiment::stats::wilson;
use crate::scenario::wrapped;
use serde_json::{Value, json};
use std::io::Write;

/// How often fresh runs at draws of the posterior show each fact.
#[derive(Clone, Debug, PartialEq)]
pub struct Check {
    /// How many runs.
    pub runs: u64,
    /// How many show each fact, in the order of [`CalibrationFile::facts`].
    pub shown: Vec<u64>,
}

/// Everything for the terminal: a paragraph or table each.
pub fn text(file: &CalibrationFile, found: &Population, check: Option<&Check>) -> Vec<String> {
    let mut parts = vec![rounds(found), posterior(file, found)];
    if let Some(check) = check {
        parts.push(facts(file, check));
    }
    parts.push(
        notes(file, found)
            .iter()
            .map(|n| wrapped(&format!("note: {n}"), width(), "      "))
            .collect::<Vec<_>>()
            .join("\n"),
    );
    parts
}

/// One line a round.
fn rounds(found: &Population) -> String {
    let row = |(i, round): (usize, &Round)| {
        vec![
            format!("{}", i + 1),
            round.runs.to_string(),
            significant(round.tolerance, 3),
            percent(round.accepted),
            significant(round.effective, 3),
        ]
    };
    let rows = found.rounds.iter().enumerate().map(row).collect();
    plain(
        &[
            "round",
            "runs so far",
            "distance kept",
            "came within the one before",
            "effective draws",
        ],
        rows,
    )
}

/// Parameters after the facts, beside what was believed before.
fn posterior(file: &CalibrationFile, found: &Population) -> String {
    let rows = file
        .parameters
        .iter()
        .zip(ranges(&file.parameters, &found.kept))
        .map(|(parameter, range)| {
            vec![
                named(parameter),
                parameter.law.describe(),
                significant(range.mean, 4),
                significant(range.low, 4),
                significant(range.median, 4),
                significant(range.high, 4),
                percent(range.contraction),
            ]
        });
    plain(
        &[
            "parameter",
            "believed before",
            "mean",
            "5 %",
            "50 %",
            "95 %",
            "contraction",
        ],
        rows.collect(),
    )
}

/// A parameter with what its numbers are in.
fn named(parameter: &Parameter) -> String {
    match parameter.unit.as_str() {
        "" => parameter.name.clone(),
        unit => format!("{} ({unit})", parameter.name),
    }
}

/// The posterior-predictive check.
fn facts(file: &CalibrationFile, check: &Check) -> String {
    let row = |(f, shown): (&usize, &u64)| {
        let (low, high) = wilson(*shown, check.runs, 0.95).unwrap_or((0.0, 1.0));
        vec![
            file.middle.facts[*f].id.clone(),
            format!("{shown} of {}", check.runs),
            format!("{} to {}", percent(low), percent(high)),
        ]
    };
    let rows = file.facts.iter().zip(&check.shown).map(row).collect();
    format!(
        "Fresh runs at {} draws of the posterior that show each fact, with Wilson's 95 % interval:\n{}",
        check.runs,
        plain(&["fact", "shown", "share"], rows)
    )
}

/// What a reader should know of these numbers.
fn notes(file: &CalibrationFile, found: &Population) -> Vec<String> {
    let mut said = vec![
        "a posterior of this model, these priors and these tolerances: it says which numbers show the facts, not that the model is right"
            .to_owned(),
    ];
    let n = effective(&found.kept);
    if n < 50.0 {
        said.push(format!(
            "the draws are worth {} independent ones: ranges are rough, more --particles or --rounds help",
            significant(n, 2)
        ));
    }
    if let Some(last) = found.rounds.last().filter(|r| r.tolerance > 0.0) {
        said.push(format!(
            "no more than the nearest draws were kept, up to {} tolerances off on average: smaller with more --rounds, unless the facts cannot all hold at once",
            significant(last.tolerance, 2)
        ));
    }
    let least = least_contraction(n);
    let both = file.parameters.iter().zip(ranges(&file.parameters, &found.kept));
    let idle = both.filter(|(_, range)| range.contraction < least);
    let idle: Vec<&str> = idle.map(|(parameter, _)| parameter.name.as_str()).collect();
    if !idle.is_empty() {
        said.push(format!(
            "nothing is shown to be learnt of {}: of draws worth {} a contraction below {} is not told from none",
            idle.join("; "),
            significant(n, 2),
            percent(least.min(1.0))
        ));
    }
    if let Some(world) = file.middle.worlds.first()
        && let Some(warning) = crate::experiment::Warning::of_model(&world.scenario)
    {
        said.push(warning.to_string());
        said.push(
            "near saturation the size matters: capacities found at another size are not those of the full one; and facts that count heads have limits for the full size: leave them out in `only`"
                .to_owned(),
        );
    }
    said
}

/// `posterior.csv`: one row a draw, a column a parameter and `weight`: what an experiment reads as `uncertainties_from`.
///
/// # Errors
/// When it cannot be written.
pub fn posterior_csv<W: Write>(out: W, file: &CalibrationFile, found: &Population) -> Result<(), csv::Error> {
    let mut writer = csv::Writer::from_writer(out);
    let keys = file.parameters.iter().map(|p| p.key.clone());
    writer.write_record(keys.chain([String::from("weight")]))?;
    let total: f64 = found.kept.iter().map(|p| p.weight).sum();
    for particle in &found.kept {
        let values = values(file, particle).into_iter();
        writer.write_record(values.chain([(particle.weight / total).to_string()]))?;
    }
    Ok(writer.flush()?)
}

fn values(file: &CalibrationFile, particle: &Particle) -> Vec<String> {
    let pairs = file.parameters.iter().zip(&particle.point);
    pairs.map(|(parameter, u)| parameter.at(*u).to_string()).collect()
}

/// `particles.csv`: one row a run, kept or not, with its distance, the facts it shows and its parameters.
///
/// # Errors
/// When it cannot be written.
pub fn particles_csv<W: Write>(out: W, file: &CalibrationFile, found: &Population) -> Result<(), csv::Error> {
    let mut writer = csv::Writer::from_writer(out);
    let fixed = header(PARTICLES, Then::Nothing).into_iter().map(str::to_owned);
    writer.write_record(fixed.chain(file.parameters.iter().map(|p| p.key.clone())))?;
    for particle in &found.all {
        let kept = found.kept.iter().any(|k| k.run == particle.run);
        let shown = file.facts.iter().zip(&particle.seen.holds).filter(|(_, holds)| **holds);
        let ids: Vec<&str> = shown.map(|(f, _)| file.middle.facts[*f].id.as_str()).collect();
        let cells = vec![
            particle.run.to_string(),
            particle.round.to_string(),
            u8::from(kept).to_string(),
            particle.weight.to_string(),
            particle.seen.distance.to_string(),
            ids.join(" "),
        ];
        writer.write_record(cells.into_iter().chain(values(file, particle)))?;
    }
    Ok(writer.flush()?)
}

/// The same as one object.
pub fn json(file: &CalibrationFile, found: &Population, check: Option<&Check>) -> Value {
    let parameter = |(p, range): (&Parameter, Range)| {
        json!({
            "key": p.key, "name": p.name, "unit": p.unit, "prior": p.law.describe(), "why": p.why, "mean": range.mean, "sd": range.sd,
            "p05": range.low, "p50": range.median, "p95": range.high, "contraction": range.contraction,
            // The law before the facts: its ends and the same quantiles.
            "before": ([0.0, 0.05, 0.5, 0.95, 1.0].map(|u| p.at(u))),
            "log": matches!(p.law, Law::LogUniform { .. }),
        })
    };
    let parameters = file
        .parameters
        .iter()
        .zip(ranges(&file.parameters, &found.kept))
        .map(parameter);
    let round =
        |r: &Round| json!({"runs": r.runs, "tolerance": r.tolerance, "accepted": r.accepted, "effective": r.effective});
    let facts = check.map(|check| {
        let fact = |(f, shown): (&usize, &u64)| {
            let share = *shown as f64 / check.runs as f64;
            let (low, high) = wilson(*shown, check.runs, 0.95).unwrap_or((0.0, 1.0));
            let fact = &file.middle.facts[*f];
            json!({
                "id": fact.id, "text": fact.text, "sources": fact.sources, "shown": shown, "of": check.runs, "share": share,
                "low": low, "high": high,
            })
        };
        file.facts.iter().zip(&check.shown).map(fact).collect::<Vec<_>>()
    });
    json!({
        "title": file.title,
        "size": file.middle.worlds.first().map(|w| w.scenario.size.factor),
        "parameters": parameters.collect::<Vec<_>>(),
        "rounds": found.rounds.iter().map(round).collect::<Vec<_>>(),
        "draws": found.kept.len(),
        "effective": effective(&found.kept),
        "facts": facts,
        "notes": notes(file, found),
    })
}

/// A finished run as a line of [`super::finished::Finished`]: its number and what was seen.
pub fn line(run: u64, seen: &Seen) -> String {
    let holds: String = seen.holds.iter().map(|h| if *h { '1' } else { '0' }).collect();
    format!("{run} {} {holds}", bits(std::iter::once(Some(seen.distance))))
}

/// The run of a [`line()`].
pub fn from_line(line: &str) -> Option<(u64, Seen)> {
    let mut words = line.split(' ');
    let run = words.next()?.parse().ok()?;
    let distance = (*from_bits(words.next()?)?.first()?)?;
    let holds = words.next()?.chars().map(|c| c == '1').collect();
    Some((run, Seen { distance, holds }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sweep_can_read_the_draws() {
        use crate::experiment::calibration::DEFAULT;
        use crate::experiment::facts::DEFAULT as FACTS;
        use crate::experiment::study::Posterior;
        use crate::scenario::Source;
        let facts = |_: &str| Ok((FACTS.0.to_owned(), FACTS.1.to_owned()));
        let model = |name: &str| Source::Builtin(name.to_owned());
        let file = CalibrationFile::read(DEFAULT.0, DEFAULT.1, &facts, &model, &["size=0.001".into()]);
        let file = file.unwrap_or_else(|e| panic!("{e}"));
        let particle = |run: u64, weight: f64| Particle {
            point: vec![0.5; file.parameters.len()],
            weight,
            run,
            round: 0,
            seen: Seen {
                distance: 1.0,
                holds: vec![true; file.facts.len()],
            },
        };
        let kept = vec![particle(0, 1.0), particle(2, 3.0)];
        let found = Population {
            all: kept.clone(),
            kept,
            rounds: vec![],
        };
        let mut out = Vec::new();
        posterior_csv(&mut out, &file, &found).unwrap();
        let draws = Posterior::read(std::str::from_utf8(&out).unwrap()).unwrap();
        let keys: Vec<&str> = file.parameters.iter().map(|p| p.key.as_str()).collect();
        assert_eq!(draws.columns, keys);
        assert_eq!(draws.rows().len(), 2);
        let mut out = Vec::new();
        particles_csv(&mut out, &file, &found).unwrap();
        assert_eq!(std::str::from_utf8(&out).unwrap().lines().count(), 3);
    }

    /// Draws in equal steps, drawn together or apart: contraction `1 - 12 s²` is as planted, but for 1/n².
    #[test]
    fn a_contraction_within_chance_is_called_none() {
        use crate::experiment::calibration::DEFAULT;
        use crate::experiment::facts::DEFAULT as FACTS;
        use crate::scenario::Source;
        let facts = |_: &str| Ok((FACTS.0.to_owned(), FACTS.1.to_owned()));
        let model = |name: &str| Source::Builtin(name.to_owned());
        let file = CalibrationFile::read(DEFAULT.0, DEFAULT.1, &facts, &model, &["size=0.001".into()]);
        let file = file.unwrap_or_else(|e| panic!("{e}"));
        let found = |n: u64, contraction: f64| {
            let one = |run: u64| Particle {
                point: vec![
                    0.5 + ((run as f64 + 0.5) / n as f64 - 0.5) * (1.0 - contraction).sqrt();
                    file.parameters.len()
                ],
                weight: 1.0,
                run,
                round: 0,
                seen: Seen {
                    distance: 0.0,
                    holds: vec![true; file.facts.len()],
                },
            };
            let kept: Vec<Particle> = (0..n).map(one).collect();
            Population {
                all: kept.clone(),
                kept,
                rounds: vec![],
            }
        };
        let said = |n, contraction| {
            let all = notes(&file, &found(n, contraction));
            let told = all
                .iter()
                .find(|note| note.starts_with("nothing is shown to be learnt of"));
            let named = |note: &String| file.parameters.iter().filter(|p| note.contains(&p.name)).count();
            told.map_or(0, named)
        };
        // Two standard deviations: 17.9 % of 100 draws, 8.9 % of 400.
        assert_eq!(said(100, 0.15), file.parameters.len());
        assert_eq!((said(100, 0.2), said(400, 0.15)), (0, 0));
        assert_eq!(said(400, 0.08), file.parameters.len());
        // What the numbers are in is said: all are multiples but for the quota.
        let table = posterior(&file, &found(100, 0.5));
        assert_eq!(table.matches(" (×)").count(), file.parameters.len() - 1, "{table}");
        // Farther apart than before the facts: 0 in the table and in JSON.
        let wide = found(100, -0.2);
        assert!(posterior(&file, &wide).contains("0.0 %"));
        let object = json(&file, &wide, None);
        assert_eq!(object["parameters"][0]["contraction"], 0.0);
    }

    #[test]
    fn finished_runs_come_back() {
        let seen = Seen {
            distance: 0.1 + 0.2,
            holds: vec![true, false],
        };
        assert_eq!(from_line(&line(7, &seen)), Some((7, seen)));
        assert_eq!(from_line("7 zz"), None);
    }
}
