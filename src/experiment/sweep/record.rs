//! Records of a journal: one line each, with a checksum before it.

use super::{Name, numbers_version};
use crate::experiment::study::{Study, Surroundings};
use crate::scenario::{Diagnostics, Source};
use serde::{Deserialize, Serialize};

/// Version of the form of journals.
pub const FORMAT: u32 = 1;

/// One line of a journal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Record {
    /// What is asked from here on.
    Start(Box<Start>),
    /// A run that was made.
    Run(Made),
    /// A run that failed.
    Failed(Failed),
}

/// What a sweep is about: enough to read its study again wherever its files have gone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Start {
    /// `FORMAT`.
    pub format: u32,
    /// Version of the program.
    pub version: String,
    /// Whether two builds draw the same numbers: [`super::numbers_version`].
    pub numbers: String,
    /// Name of the experiment.
    pub name: String,
    /// Its text.
    pub study: String,
    /// The text of the draws that it names.
    pub draws: Option<String>,
    /// The model that it names, before anything is laid over it.
    pub model: String,
    /// Overrides from the command line.
    pub sets: Vec<String>,
    /// Hash of the model with everything laid over it that is laid over it everywhere.
    pub base: String,
    /// Seed of all runs.
    pub seed: u64,
    /// Replications from the command line.
    pub replications: Option<u64>,
    /// Which share of the runs is made here: (i, n).
    pub shard: Option<(u32, u32)>,
    /// Names of the values of the runs that follow.
    pub columns: Vec<String>,
}

impl Start {
    /// Of a study that was just read, from its texts; [`super::Plan::new`] fills in what follows from it.
    pub fn new(study: &Study, name: &str, text: &str, draws: Option<String>, sets: &[String]) -> Start {
        Start {
            format: FORMAT,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            numbers: numbers_version(),
            name: name.to_owned(),
            study: text.to_owned(),
            draws,
            model: study.model_text.clone(),
            sets: sets.to_vec(),
            base: String::new(),
            seed: study.seed,
            replications: None,
            shard: None,
            columns: Vec::new(),
        }
    }

    /// Reads the study again.
    ///
    /// # Errors
    /// When this version of the program no longer understands it.
    pub fn read(&self) -> Result<Study, Diagnostics> {
        let model = |name: &str| Source::Text {
            name: name.to_owned(),
            text: self.model.clone(),
        };
        let file = |_: &str| Ok(self.draws.clone().unwrap_or_default());
        let around = Surroundings {
            model: &model,
            file: &file,
        };
        Study::read(&self.name, &self.study, &around, &self.sets)
    }

    /// Why runs of another start cannot stand beside those of this one; none when they can.
    pub fn difference(&self, other: &Start) -> Option<&'static str> {
        let checks = [
            (self.format == other.format, "written in another form"),
            (self.version == other.version, "made by another version of the program"),
            (
                self.numbers == other.numbers,
                "made by a build that draws other numbers",
            ),
            // The hash of the model is one with its seed.
            (self.seed == other.seed, "of another seed"),
            (self.base == other.base, "of another model"),
        ];
        checks.into_iter().find(|(same, _)| !same).map(|(_, what)| what)
    }

    /// Why it is another question, or other settings of it, than another start's; none when they only differ in the share.
    pub fn other_question(&self, other: &Start) -> Option<&'static str> {
        let checks = [
            (
                self.study == other.study && self.draws == other.draws,
                "of another experiment file",
            ),
            (self.sets == other.sets, "with other overrides"),
            (self.replications == other.replications, "with other replications"),
            (self.columns == other.columns, "with other KPIs"),
        ];
        let differs = checks.into_iter().find(|(same, _)| !same).map(|(_, what)| what);
        self.difference(other).or(differs)
    }
}

/// A run that was made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Made {
    /// Its name.
    pub name: String,
    /// The point in words, for people who look into the file.
    pub point: String,
    /// Its replication.
    pub replication: u64,
    /// Hash of its history.
    pub fingerprint: String,
    /// Its values in the order of the columns, apart by spaces; `-` where there is none. As texts, because their shortest
    /// form is read back to the same bits.
    pub values: String,
}

/// A run that failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failed {
    /// Its name.
    pub name: String,
    /// The point in words.
    pub point: String,
    /// Its replication.
    pub replication: u64,
    /// Why.
    pub reason: String,
}

impl Made {
    /// Its values as a text.
    pub fn join(values: impl Iterator<Item = Option<f64>>) -> String {
        let one = |value: Option<f64>| value.map_or_else(|| "-".to_owned(), |v| v.to_string());
        values.map(one).collect::<Vec<_>>().join(" ")
    }

    /// Its values.
    pub fn numbers(&self) -> Vec<Option<f64>> {
        self.values.split_whitespace().map(|word| word.parse().ok()).collect()
    }
}

impl Record {
    /// The line, with its checksum (CRC-32) and its end.
    pub fn line(&self) -> String {
        // A record is made of texts and numbers only: there is nothing in it that could not be written.
        let json = serde_json::to_string(self).unwrap_or_default();
        format!("{:08x} {json}\n", crc32fast::hash(json.as_bytes()))
    }

    /// Reads a line without its end; none when it is not whole.
    pub fn parse(line: &[u8]) -> Option<Record> {
        let line = std::str::from_utf8(line).ok()?;
        let (sum, json) = line.split_once(' ')?;
        let right = sum.len() == 8 && u32::from_str_radix(sum, 16).ok()? == crc32fast::hash(json.as_bytes());
        right.then(|| serde_json::from_str(json).ok()).flatten()
    }

    /// The name of the run that it is about.
    pub fn name(&self) -> Option<Name> {
        match self {
            Record::Start(_) => None,
            Record::Run(made) => Name::parse(&made.name),
            Record::Failed(failed) => Name::parse(&failed.name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_read_back_to_the_last_bit_and_no_other_is() {
        let values = [Some(0.1 + 0.2), None, Some(-0.0), Some(1e300), Some(f64::MIN_POSITIVE)];
        let made = Made {
            name: format!("{:032x}", 7),
            point: "a=\"ü\"\n".into(),
            replication: 3,
            fingerprint: "00".into(),
            values: Made::join(values.into_iter()),
        };
        let record = Record::Run(made.clone());
        let line = record.line();
        assert!(line.ends_with('\n') && line.matches('\n').count() == 1);
        let bytes = line.trim_end().as_bytes();
        assert_eq!(Record::parse(bytes), Some(record));
        let bits = |values: &[Option<f64>]| values.iter().map(|v| v.map(f64::to_bits)).collect::<Vec<_>>();
        assert_eq!(bits(&made.numbers()), bits(&values));
        for i in 0..bytes.len() {
            let mut flipped = bytes.to_vec();
            flipped[i] ^= 1;
            assert_eq!(Record::parse(&flipped), None, "byte {i}");
            assert_eq!(Record::parse(&bytes[..i]), None, "cut at {i}");
        }
    }
}
