//! Exact values: the rows of a CSV file that simulations are held against.
//!
//! A row that cannot be read is kept with what is wrong with it: it is listed, never skipped.

use serde_json::{Map, Value};

/// The rows that ship with the program, each with its formula and source.
pub const BUILT_IN: &str = include_str!("../../../models/theory/oracles.csv");

/// One exact value.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Line of the file on which the row begins, from 1.
    pub line: u64,
    /// Name of the system, `M/M/1 FIFO`.
    pub case: String,
    /// Its parameters.
    pub parameters: Map<String, Value>,
    /// What is stated of it, `Wq`.
    pub quantity: String,
    /// The exact value; not a number when the file gives none.
    pub exact: f64,
    /// Where it comes from: formula or method.
    pub formula: String,
    /// Book or paper.
    pub source: String,
    /// What is wrong with the row, if it cannot be used.
    pub defect: Option<String>,
}

/// Why a file holds no rows at all.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{name}, line {line}: {what}")]
pub struct OracleError {
    /// The file.
    pub name: String,
    /// Where, from 1.
    pub line: u64,
    /// What, and the remedy.
    pub what: String,
}

const NEEDED: [&str; 4] = ["case", "parameters", "quantity", "value"];
const OPTIONAL: [&str; 3] = ["formula_or_method", "formula", "source"];

/// Reads rows; `name` is the file's, for messages.
///
/// # Errors
/// When the header is not that of an oracle file or the text is no CSV. What is wrong with one row only is noted in
/// [`Row::defect`].
pub fn read(name: &str, text: &str) -> Result<Vec<Row>, OracleError> {
    let fail = |line: u64, what: String| OracleError {
        name: name.to_owned(),
        line,
        what,
    };
    let text = text.trim_start_matches('\u{feff}');
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(text.as_bytes());
    let headers = reader
        .headers()
        .map_err(|e| fail(1, format!("not a CSV header: {e}")))?
        .clone();
    let names: Vec<&str> = headers.iter().map(str::trim).collect();
    if let Some(needed) = NEEDED.iter().find(|n| !names.contains(n)) {
        return Err(fail(
            1,
            format!("column `{needed}` is missing; an oracle file has {}", NEEDED.join(", ")),
        ));
    }
    if let Some(unknown) = names.iter().find(|n| !NEEDED.contains(n) && !OPTIONAL.contains(n)) {
        let known: Vec<&str> = NEEDED.iter().chain(&OPTIONAL).copied().collect();
        return Err(fail(
            1,
            format!("unknown column `{unknown}`; known are {}", known.join(", ")),
        ));
    }
    if let Some(twice) = names.iter().enumerate().find(|(i, n)| names[..*i].contains(n)) {
        return Err(fail(1, format!("column `{}` stands there twice", twice.1)));
    }
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|e| {
            let line = e.position().map_or(0, csv::Position::line);
            fail(line, format!("not a CSV record: {e}"))
        })?;
        let line = record.position().map_or(0, |at| line_at(text, at.byte() as usize));
        let cell = |column: &str| {
            names
                .iter()
                .position(|n| *n == column)
                .and_then(|i| record.get(i))
                .unwrap_or("")
                .trim()
                .to_owned()
        };
        let mut defect = None;
        if record.len() != names.len() {
            defect = Some(format!("{} cells where the header has {}", record.len(), names.len()));
        }
        let parameters = match serde_json::from_str::<Value>(&cell("parameters")) {
            Ok(Value::Object(map)) => map,
            Ok(_) => {
                defect.get_or_insert_with(|| "the parameters are no JSON object; write {\"lam\": 0.8}".into());
                Map::new()
            }
            Err(e) => {
                defect.get_or_insert_with(|| format!("the parameters are no JSON: {e}"));
                Map::new()
            }
        };
        let written = cell("value");
        let exact = written.parse::<f64>().unwrap_or(f64::NAN);
        if !exact.is_finite() {
            defect.get_or_insert_with(|| format!("the value `{written}` is not a finite number"));
        }
        let (case, quantity) = (cell("case"), cell("quantity"));
        if case.is_empty() || quantity.is_empty() {
            defect.get_or_insert_with(|| "the case or the quantity is empty".into());
        }
        let formula = if names.contains(&"formula") {
            cell("formula")
        } else {
            cell("formula_or_method")
        };
        let defect = defect.map(|what| format!("line {line}: {what}"));
        rows.push(Row {
            line,
            case,
            parameters,
            quantity,
            exact,
            formula,
            source: cell("source"),
            defect,
        });
    }
    Ok(rows)
}

/// Line of a record. The reader's own count is one short where lines end in CR LF: it stands before the LF then.
fn line_at(text: &str, byte: usize) -> u64 {
    let bytes = text.as_bytes();
    let start = (byte..bytes.len())
        .find(|i| !matches!(bytes[*i], b'\r' | b'\n'))
        .unwrap_or(bytes.len());
    1 + bytes[..start].iter().filter(|b| **b == b'\n').count() as u64
}

/// The parameters of a row, asked for by name.
#[derive(Clone, Copy, Debug)]
pub struct Parameters<'a>(pub &'a Map<String, Value>);

impl Parameters<'_> {
    /// The first of these that is there, as a number (numbers in quotes count).
    pub fn number(&self, names: &[&str]) -> Option<f64> {
        names
            .iter()
            .find_map(|n| self.0.get(*n))
            .and_then(number)
            .filter(|x| x.is_finite())
    }

    /// The first of these that is there, as text.
    pub fn text(&self, names: &[&str]) -> Option<&str> {
        names.iter().find_map(|n| self.0.get(*n)).and_then(Value::as_str)
    }

    /// A number that must be there and positive.
    ///
    /// # Errors
    /// Says which parameter is missing or wrong.
    pub fn positive(&self, names: &[&str]) -> Result<f64, String> {
        match self.number(names) {
            Some(x) if x > 0.0 => Ok(x),
            Some(x) => Err(format!("the parameter `{}` is {x}, not positive", names[0])),
            None => Err(format!("the parameter `{}` is missing", names[0])),
        }
    }

    /// A whole number of at least `least` that fits a count of people or servers.
    ///
    /// # Errors
    /// Says which parameter is missing or wrong.
    pub fn count(&self, names: &[&str], least: u32) -> Result<u32, String> {
        let x = self
            .number(names)
            .ok_or_else(|| format!("the parameter `{}` is missing", names[0]))?;
        whole(x).filter(|n| *n >= least).ok_or_else(|| {
            format!(
                "the parameter `{}` is {x}; it must be a whole number from {least} to 10 million",
                names[0]
            )
        })
    }

    /// A list of numbers.
    pub fn numbers(&self, names: &[&str]) -> Option<Vec<f64>> {
        match names.iter().find_map(|n| self.0.get(*n))? {
            Value::Array(list) => list.iter().map(number).collect(),
            _ => None,
        }
    }

    /// A list of lists of numbers.
    pub fn matrix(&self, name: &str) -> Option<Vec<Vec<f64>>> {
        self.0
            .get(name)?
            .as_array()?
            .iter()
            .map(|row| row.as_array()?.iter().map(number).collect())
            .collect()
    }
}

/// A whole number of a size that a model may hold.
pub fn whole(x: f64) -> Option<u32> {
    ((0.0..=1e7).contains(&x) && x.fract() == 0.0).then_some(x as u32)
}

fn number(value: &Value) -> Option<f64> {
    let x = match value {
        Value::Number(n) => n.as_f64(),
        Value::String(s) => s.trim().parse().ok(),
        _ => None,
    };
    x.filter(|x| x.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "case,parameters,quantity,value,formula_or_method,source\n";

    #[test]
    fn the_rows_that_ship_are_all_sound() {
        let rows = read("oracles.csv", BUILT_IN).unwrap();
        assert_eq!(rows.len(), 264);
        assert!(rows.iter().all(|r| r.defect.is_none()));
        assert_eq!(rows[0].line, 2);
        assert_eq!(rows[0].exact, 4.0);
        assert!(
            rows.iter()
                .all(|r| !r.source.is_empty() || r.quantity == "v(all)-v(none)")
        );
    }

    #[test]
    fn dirty_rows_are_kept_with_what_is_wrong() {
        let text = format!(
            "{HEAD}M/M/1,\"{{\"\"lam\"\": 0.5}}\",L,inf,,\nM/M/1,{{lam,L,1,,\nM/M/1,[1],L,1,,\nM/M/1,{{}},L,abc,,\nx\n"
        );
        let rows = read("x.csv", &text).unwrap();
        assert_eq!(rows.len(), 5);
        let why: Vec<String> = rows.into_iter().filter_map(|r| r.defect).collect();
        assert_eq!(why.len(), 5);
        assert!(why[0].starts_with("line 2: the value `inf`"), "{}", why[0]);
        assert!(why[1].contains("line 3") && why[1].contains("JSON"), "{}", why[1]);
        assert!(why[2].contains("object"), "{}", why[2]);
        assert!(why[3].contains("`abc`"), "{}", why[3]);
        assert!(why[4].contains("1 cells"), "{}", why[4]);
    }

    #[test]
    fn lines_are_counted_whatever_ends_them() {
        for end in ["\n", "\r\n"] {
            let text = format!("{HEAD}M/M/1,{{}},L,1,,\nM/M/1,{{}},L,2,,\n").replace('\n', end);
            let lines: Vec<u64> = read("x.csv", &text).unwrap().iter().map(|r| r.line).collect();
            assert_eq!(lines, vec![2, 3]);
        }
    }

    #[test]
    fn a_wrong_header_is_an_error_with_its_remedy() {
        let e = read("x.csv", "case,parameters,quantity\n").unwrap_err();
        assert!(e.to_string().contains("`value` is missing"));
        let e = read("x.csv", "case,parameters,quantity,value,colour\n").unwrap_err();
        assert!(e.to_string().contains("unknown column `colour`"));
        assert!(read("x.csv", "").is_err());
        assert!(read("x.csv", HEAD).unwrap().is_empty());
    }

    #[test]
    fn parameters_speak_when_they_are_missing() {
        let map: Map<String, Value> =
            serde_json::from_str(r#"{"lam": "0.5", "c": 2.5, "mu": -1, "R": [[0, 1]]}"#).unwrap();
        let p = Parameters(&map);
        assert_eq!(p.number(&["lam"]), Some(0.5));
        assert!(p.count(&["c"], 1).unwrap_err().contains("whole number"));
        assert!(p.positive(&["mu"]).unwrap_err().contains("not positive"));
        assert!(p.positive(&["x"]).unwrap_err().contains("missing"));
        assert_eq!(p.matrix("R"), Some(vec![vec![0.0, 1.0]]));
    }
}
