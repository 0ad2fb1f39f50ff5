//! A file of weighted draws: what is known of several uncertainties together.
//!
//! A CSV with a column a factor and, if the draws are not all alike, a column `weight`; `preau calibrate` writes such
//! files. A draw is taken whole, so that what the draws say of one factor given another is kept.

/// Weighted draws of some factors.
#[derive(Clone, Debug, PartialEq)]
pub struct Posterior {
    /// Names of its columns but `weight`.
    pub columns: Vec<String>,
    /// Draws: one text a column.
    rows: Vec<Vec<String>>,
    /// Weights added up, of a sum of 1.
    reached: Vec<f64>,
}

/// The column of weights.
const WEIGHT: &str = "weight";

impl Posterior {
    /// Reads a file.
    ///
    /// # Errors
    /// In words, with the line.
    pub fn read(text: &str) -> Result<Posterior, String> {
        let mut reader = csv::ReaderBuilder::new()
            .comment(Some(b'#'))
            .trim(csv::Trim::All)
            .from_reader(text.as_bytes());
        let head = reader.headers().map_err(|e| e.to_string())?.clone();
        let weight = head.iter().position(|name| name == WEIGHT);
        let keep = |i: &usize| Some(*i) != weight;
        let columns: Vec<String> = (0..head.len()).filter(keep).map(|i| head[i].to_owned()).collect();
        let (mut rows, mut reached, mut sum) = (Vec::new(), Vec::new(), 0.0);
        for record in reader.records() {
            let record = record.map_err(|e| e.to_string())?;
            let line = record.position().map_or(0, csv::Position::line);
            let share = match weight.map(|w| record[w].parse::<f64>()) {
                None => 1.0,
                Some(Ok(share)) if share.is_finite() && share >= 0.0 => share,
                Some(_) => return Err(format!("line {line}: a weight is a number from 0")),
            };
            sum += share;
            reached.push(sum);
            rows.push((0..head.len()).filter(keep).map(|i| record[i].to_owned()).collect());
        }
        if sum.is_nan() || sum <= 0.0 {
            return Err("there is no draw of any weight".to_owned());
        }
        for r in &mut reached {
            *r /= sum;
        }
        Ok(Posterior { columns, rows, reached })
    }

    /// The draw at a place of the unit interval: heavier ones take more of it.
    pub fn at(&self, u: f64) -> &[String] {
        // At 1 that is the last draw that has a weight: those of none after it have no part of the interval.
        let last = self.reached.partition_point(|r| *r < 1.0);
        let i = self.reached.partition_point(|r| *r <= u);
        &self.rows[i.min(last)]
    }

    /// All draws.
    pub fn rows(&self) -> &[Vec<String>] {
        &self.rows
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heavier_draws_come_more_often_and_whole() {
        let draws = Posterior::read("weight,attack,turnout\n3,1.5,0.8\n0,9,9\n1,0.5,0.6\n").unwrap();
        assert_eq!(draws.columns, ["attack", "turnout"]);
        assert_eq!(draws.at(0.0), ["1.5", "0.8"]);
        assert_eq!(draws.at(0.749), ["1.5", "0.8"]);
        assert_eq!(draws.at(0.75), ["0.5", "0.6"]);
        assert_eq!(draws.at(1.0), ["0.5", "0.6"]);
        let alike = Posterior::read("a\n1\n2\n").unwrap();
        assert_eq!(
            (alike.at(0.49), alike.at(0.5)),
            (&["1".to_owned()][..], &["2".to_owned()][..])
        );
    }

    #[test]
    fn draws_of_no_weight_are_never_taken() {
        let draws = Posterior::read("weight,a\n0,first\n1,x\n0,between\n2,y\n0,last\n0,last\n").unwrap();
        for i in 0..=100 {
            let [taken] = draws.at(f64::from(i) / 100.0) else {
                panic!("one column")
            };
            assert!(taken == "x" || taken == "y", "{taken} at {i} %");
        }
    }

    #[test]
    fn bad_files_say_where() {
        assert!(
            Posterior::read("weight,a\n1,2\n-1,3\n")
                .unwrap_err()
                .starts_with("line 3")
        );
        assert!(Posterior::read("weight,a\n1\n").unwrap_err().contains("line: 2"));
        assert!(Posterior::read("a\n").unwrap_err().contains("no draw"));
    }
}
