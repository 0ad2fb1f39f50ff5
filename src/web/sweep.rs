//! What the page shows of a sweep: its factors, its points, their numbers, from the files beside the manifest alone.

use super::ReportError;
use super::table::{At, Table};
use crate::output::Files;
use crate::output::manifest::SweepEntry;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// Most points that the page holds; of more it holds every second, third, … and says so.
const MOST_POINTS: usize = 4000;
/// About so many numbers of KPIs fit into a light page; KPIs beyond are left to the files, and the page says so.
const MOST_NUMBERS: usize = 240_000;

/// A column of `points.csv`, as `columns.csv` explains it.
struct Column {
    name: String,
    unit: String,
    meaning: String,
}

/// A setting that is varied, and its texts by point.
struct Factor {
    column: Column,
    role: &'static str,
    at: At,
    settings: Vec<String>,
}

/// Where the numbers of a KPI stand: mean, half-width, share in the upper of two modes.
struct Measure {
    name: String,
    at: [At; 3],
    mean: Vec<Option<f64>>,
    half: Vec<Option<f64>>,
    upper: BTreeMap<usize, f64>,
}

/// Where a constraint's share of runs and its interval stand.
struct Keeps {
    words: String,
    at: [At; 3],
    shares: Vec<[Option<f64>; 3]>,
}

/// The part of the document that a sweep has.
pub(super) fn of(folder: &dyn Files, entry: &SweepEntry) -> Result<Value, ReportError> {
    let described = described(folder)?;
    let table = Table::open(folder, "points.csv")?;
    let layout = Layout::of(&described, &table, folder)?;
    let every = entry.points.div_ceil(MOST_POINTS).max(1);
    let kept = layout.kept(entry.points.div_ceil(every));
    let (mut factors, mut measures, mut keeps) = (layout.factors, layout.measures, layout.keeps);
    let left_out = measures.len() - kept.len();
    measures.retain(|measure| kept.contains(&measure.name));
    let (mut points, mut runs, mut failed) = (Vec::new(), Vec::new(), Vec::new());
    let (mut row_number, mut split) = (0, Vec::new());
    table.each(|row| {
        let shown = row_number % every == 0;
        row_number += 1;
        // Runs in two modes are rare and never left out of the count.
        let two = measures.iter().any(|m| row.number(m.at[2]).is_some());
        if two {
            split.push(row.number(layout.point));
        }
        if !shown {
            return;
        }
        for factor in &mut factors {
            factor.settings.push(row.text(factor.at).to_owned());
        }
        for measure in &mut measures {
            let half = row.number(measure.at[1]);
            measure
                .mean
                .push(row.number(measure.at[0]).map(|mean| beside(mean, half)));
            measure.half.push(half.map(short));
            if let Some(upper) = row.number(measure.at[2]) {
                measure.upper.insert(points.len(), short(upper));
            }
        }
        for one in &mut keeps {
            one.shares.push(one.at.map(|at| row.number(at).map(short)));
        }
        points.push(row.number(layout.point));
        runs.push(row.number(layout.runs));
        failed.push(row.number(layout.failed));
    })?;
    Ok(json!({
        "design": entry.design, "points": entry.points, "runs": entry.runs, "failed": entry.failed, "missing": entry.missing, "imprecise": entry.imprecise,
        "every": every, "left_out": left_out, "split": split.len(), "reasons": reasons(folder, entry)?,
        "study": entry.study, "sets": entry.sets,
        "point": points, "n": runs, "n_failed": failed,
        "factors": factors.iter().map(Factor::json).collect::<Vec<_>>(),
        "measures": measures.iter().map(Measure::json).collect::<Vec<_>>(),
        "keeps": keeps.iter().map(|k| json!({ "words": k.words, "shares": k.shares })).collect::<Vec<_>>(),
    }))
}

impl Factor {
    /// Numbers are sorted, words stand as they come.
    fn json(&self) -> Value {
        let mut levels: Vec<&str> = Vec::new();
        let mut known: BTreeMap<&str, usize> = BTreeMap::new();
        for setting in &self.settings {
            known.entry(setting).or_insert_with(|| {
                levels.push(setting);
                levels.len() - 1
            });
        }
        let numbers: Option<Vec<f64>> = levels.iter().map(|text| text.parse().ok()).collect();
        if let Some(numbers) = &numbers {
            let mut order: Vec<usize> = (0..levels.len()).collect();
            order.sort_by(|a, b| numbers[*a].total_cmp(&numbers[*b]));
            levels = order.iter().map(|i| levels[*i]).collect();
            known = levels.iter().enumerate().map(|(i, text)| (*text, i)).collect();
        }
        let at: Vec<Option<&usize>> = self.settings.iter().map(|text| known.get(text.as_str())).collect();
        json!({
            "name": self.column.name, "role": self.role, "unit": self.column.unit, "what": self.column.meaning,
            "number": numbers.is_some(), "levels": levels, "at": at,
        })
    }
}

impl Measure {
    fn json(&self) -> Value {
        let upper: Map<String, Value> = self
            .upper
            .iter()
            .map(|(i, share)| (i.to_string(), json!(share)))
            .collect();
        let half = self.half.iter().any(Option::is_some).then_some(&self.half);
        json!({ "name": self.name, "mean": self.mean, "half": half, "upper": upper })
    }
}

/// What stands where in `points.csv`: the number of the point, a column a factor, runs that went well, runs that failed, four
/// columns a KPI, three a constraint.
struct Layout {
    point: At,
    runs: At,
    failed: At,
    factors: Vec<Factor>,
    measures: Vec<Measure>,
    keeps: Vec<Keeps>,
}

impl Layout {
    fn of(described: &[Column], table: &Table, folder: &dyn Files) -> Result<Layout, ReportError> {
        let places = table.places();
        let broken = |column: &str| ReportError::NoColumn {
            path: folder.shown("points.csv"),
            column: column.to_owned(),
        };
        let mut left = described.iter().zip(places.iter().copied());
        let (_, point) = left.next().ok_or_else(|| broken("point"))?;
        let mut left = left.peekable();
        let mut factors = Vec::new();
        while let Some((column, at)) = left.next_if(|(column, _)| role(&column.meaning).is_some()) {
            let (role, meaning) = role(&column.meaning).unwrap_or_default();
            let column = Column {
                name: column.name.clone(),
                unit: column.unit.clone(),
                meaning: meaning.to_owned(),
            };
            let settings = Vec::new();
            factors.push(Factor {
                column,
                role,
                at,
                settings,
            });
        }
        let (_, runs) = left.next().ok_or_else(|| broken("n"))?;
        let (_, failed) = left.next().ok_or_else(|| broken("failed"))?;
        let (mut measures, mut keeps) = (Vec::new(), Vec::new());
        let rest: Vec<(&Column, At)> = left.collect();
        let mut rest = &rest[..];
        while let Some(((first, at), others)) = rest.split_first() {
            let name = first.name.clone();
            if let Some(words) = name.strip_prefix("keeps ") {
                let [(_, low), (_, high), ..] = others else {
                    return Err(broken(&format!("{name}:low")));
                };
                let (words, at) = (words.to_owned(), [*at, *low, *high]);
                keeps.push(Keeps {
                    words,
                    at,
                    shares: Vec::new(),
                });
                rest = &others[2..];
            } else {
                let [(_, half), _, (_, upper), ..] = others else {
                    return Err(broken(&format!("{name}:half_width")));
                };
                let at = [*at, *half, *upper];
                let (mean, half, upper) = (Vec::new(), Vec::new(), BTreeMap::new());
                measures.push(Measure {
                    name,
                    at,
                    mean,
                    half,
                    upper,
                });
                rest = &others[3..];
            }
        }
        Ok(Layout {
            point,
            runs,
            failed,
            factors,
            measures,
            keeps,
        })
    }

    /// Names of the KPIs that a light page has room for: those of constraints first, then as they come.
    fn kept(&self, points: usize) -> Vec<String> {
        let room = (MOST_NUMBERS / (2 * points.max(1))).max(1);
        let is_limited = |m: &&Measure| self.keeps.iter().any(|k| k.words.split(' ').any(|word| word == m.name));
        let limited = self.measures.iter().filter(is_limited);
        let others = self.measures.iter().filter(|m| !is_limited(m));
        limited.chain(others).take(room).map(|m| m.name.clone()).collect()
    }
}

/// `lever: …` and `uncertainty: …` as role and the rest.
fn role(meaning: &str) -> Option<(&'static str, &str)> {
    let roles = ["lever", "uncertainty"];
    roles.into_iter().find_map(|role| {
        let rest = meaning.strip_prefix(role)?.strip_prefix(": ")?;
        Some((role, rest))
    })
}

/// What `columns.csv` says of `points.csv`.
fn described(folder: &dyn Files) -> Result<Vec<Column>, ReportError> {
    let table = Table::open(folder, "columns.csv")?;
    let [file, column, unit, meaning] = table.columns(["file", "column", "unit", "meaning"])?;
    let mut all = Vec::new();
    table.each(|row| {
        if row.text(file) == "points.csv" {
            all.push(Column {
                name: row.text(column).to_owned(),
                unit: row.text(unit).to_owned(),
                meaning: row.text(meaning).to_owned(),
            });
        }
    })?;
    Ok(all)
}

/// Why runs failed: reason and how many, in the order met.
fn reasons(folder: &dyn Files, entry: &SweepEntry) -> Result<Vec<(String, usize)>, ReportError> {
    let mut found: Vec<(String, usize)> = Vec::new();
    if entry.failed == 0 {
        return Ok(found);
    }
    let table = Table::open(folder, "runs.csv")?;
    // A factor may be called so too; the column of the program is the one behind the fingerprint.
    let fingerprint = table.column("fingerprint")?;
    let failed = table.places().into_iter().find(|at| at.is_after(fingerprint));
    let Some(failed) = failed else { return Ok(found) };
    table.each(|row| {
        let reason = row.text(failed);
        if reason.is_empty() {
            return;
        }
        match found.iter_mut().find(|(known, _)| known == reason) {
            Some((_, count)) => *count += 1,
            None => found.push((reason.to_owned(), 1)),
        }
    })?;
    Ok(found)
}

/// A mean in the digits that its half-width says are known, and two more; six significant ones at least.
pub(super) fn beside(mean: f64, half: Option<f64>) -> f64 {
    let Some(half) = half.filter(|half| *half > 0.0 && mean != 0.0) else {
        return short(mean);
    };
    let power = |value: f64| libm::floor(libm::log10(value.abs())) as i32;
    let digits = (power(mean) - power(half) + 3).clamp(5, 15) as usize;
    format!("{mean:.digits$e}").parse().unwrap_or(mean)
}

/// Six significant digits: more would only make the page heavy.
pub(super) fn short(value: f64) -> f64 {
    format!("{value:.5e}").parse().unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_sorted_and_words_are_not() {
        let factor = |settings: &[&str]| Factor {
            column: Column {
                name: "f".into(),
                unit: String::new(),
                meaning: String::new(),
            },
            role: "lever",
            at: At::first(),
            settings: settings.iter().map(|s| (*s).to_owned()).collect(),
        };
        let numbers = factor(&["10", "2", "10", "2.5"]).json();
        assert_eq!(numbers["levels"], json!(["2", "2.5", "10"]));
        assert_eq!(numbers["at"], json!([2, 0, 2, 1]));
        let words = factor(&["on", "off", "on"]).json();
        assert_eq!(
            (&words["levels"], &words["at"]),
            (&json!(["on", "off"]), &json!([0, 1, 0]))
        );
        assert_eq!(words["number"], json!(false));
    }

    #[test]
    fn roles_are_read_from_the_dictionary() {
        assert_eq!(role("lever: a path: 1, 2"), Some(("lever", "a path: 1, 2")));
        assert_eq!(role("uncertainty: x"), Some(("uncertainty", "x")));
        assert_eq!(role("Runs that did not fail"), None);
        assert_eq!(short(1234567.89), 1_234_570.0);
    }

    #[test]
    fn a_mean_that_is_known_well_keeps_its_digits() {
        // As six digits it would be shown as 44 610.3000 ± 0.0030.
        assert_eq!(beside(44_610.320_463_79, Some(0.003_04)), 44_610.320_464);
        assert_eq!(beside(1_234_567.89, Some(200_000.0)), 1_234_570.0);
        assert_eq!((beside(0.0, Some(1.0)), beside(1_234_567.89, None)), (0.0, 1_234_570.0));
    }
}
