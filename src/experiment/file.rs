//! Experiment files: a question as a file. For now the question "what would each policy have changed?".

use serde::Deserialize;

/// The default experiment: name and text.
pub const DEFAULT: (&str, &str) = (
    "experiments/2021-04-06-policies.ron",
    include_str!(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/experiments/2021-04-06-policies.ron"
    )),
);

/// A comparison of policies with the model as it is.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ComparisonFile {
    /// One line for people.
    pub title: String,
    /// A model file, or the name of a model inside the program.
    pub model: String,
    /// How many replications of each arm.
    pub replications: u64,
    /// Names of arms, each with the policies that are on.
    pub arms: Vec<(String, Vec<String>)>,
}

impl ComparisonFile {
    /// Reads an experiment.
    ///
    /// # Errors
    /// What is wrong and where, in one line with the source line below it.
    ///
    /// ```
    /// use preau::experiment::file::{ComparisonFile, DEFAULT};
    /// let file = ComparisonFile::read(DEFAULT.0, DEFAULT.1).unwrap();
    /// assert_eq!(file.model, "2021-04-06");
    /// let wrong = ComparisonFile::read("mine.ron", "(title: 3)").unwrap_err();
    /// assert!(wrong.starts_with("error: mine.ron:1:"));
    /// ```
    pub fn read(name: &str, text: &str) -> Result<ComparisonFile, String> {
        ron::from_str(text).map_err(|error| {
            let at = error.span.start;
            let line = text.lines().nth(at.line.saturating_sub(1)).unwrap_or_default();
            let caret = format!("{}^", " ".repeat(at.col.saturating_sub(1)));
            format!(
                "error: {name}:{}:{}: {}\n  {line}\n  {caret}",
                at.line, at.col, error.code
            )
        })
    }
}
