//! Experiment files: a question as a file. For now the question "what would each policy have changed?".

use super::{Arm, default_arms};
use crate::scenario::model::{PolicyId, Scenario};
use crate::scenario::{Diagnostics, Document, suggest};
use serde::Deserialize;

/// The default experiment: name and text.
pub const DEFAULT: (&str, &str) = (
    "experiments/2021-04-06-policies.ron",
    include_str!(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/experiments/2021-04-06-policies.ron"
    )),
);

/// Replications of each arm when nobody says how many.
pub const REPLICATIONS: u64 = 5;

/// A comparison of policies with the model as it is.
#[derive(Clone, Debug)]
pub struct ComparisonFile {
    /// One line for people; empty when there is none.
    pub title: String,
    /// A model file, or the name of a model inside the program.
    pub model: String,
    /// How many replications of each arm.
    pub replications: u64,
    /// Names of arms, each with the policies that are on; none: each policy of the model alone.
    pub arms: Option<Vec<(String, Vec<String>)>>,
    document: Document,
}

/// The file as it is written.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Raw {
    title: Option<String>,
    model: Option<String>,
    replications: Option<u64>,
    arms: Option<Vec<(String, Vec<String>)>>,
}

impl ComparisonFile {
    /// Reads an experiment.
    ///
    /// # Errors
    /// Everything that is wrong with it, each with its place and advice.
    ///
    /// ```
    /// use preau::experiment::file::{ComparisonFile, DEFAULT};
    /// let file = ComparisonFile::read(DEFAULT.0, DEFAULT.1).unwrap();
    /// assert_eq!(file.model, "2021-04-06");
    /// let wrong = ComparisonFile::read("mine.ron", "(modle: \"2021-04-06\")").unwrap_err();
    /// assert_eq!(wrong.0[0].message(), "an experiment has no field `modle`");
    /// assert_eq!(wrong.0[0].advice(), ["did you mean `model`?"]);
    /// ```
    pub fn read(name: &str, text: &str) -> Result<ComparisonFile, Diagnostics> {
        let document = Document::parse(name, text)?;
        let raw: Raw = document.typed("an experiment")?;
        let mut problems = Vec::new();
        if raw.model.is_none() {
            let problem = document.wrong(
                "model",
                "`model` is missing: expected a model file, or the name of a model",
            );
            problems.push(
                problem
                    .label("needs a field `model`")
                    .help("add `model: \"2021-04-06\"`"),
            );
        }
        if raw.replications == Some(0) {
            let problem = document.wrong("replications", "nothing is compared in 0 replications");
            problems.push(problem.label("expected 1 or more").help("leave it out for 5"));
        }
        let arms = raw.arms.iter().flatten();
        for (i, (name, _)) in arms.clone().enumerate() {
            let at = format!("arms[{i}][0]");
            if name == "base" {
                let problem = document.wrong(&at, "the base is always compared with; no arm has its name");
                problems.push(problem.label("not needed").help("leave this arm out"));
            } else if arms.clone().take(i).any(|(earlier, _)| earlier == name) {
                let problem = document.wrong(&at, format!("two arms are called `{name}`"));
                problems.push(problem.label("the second").help("every arm has a name of its own"));
            }
        }
        if raw.arms.as_ref().is_some_and(Vec::is_empty) {
            let problem = document.wrong("arms", "`arms` is empty: there is nothing to compare");
            problems.push(
                problem
                    .label("nothing in it")
                    .help("leave it out to compare each policy of the model"),
            );
        }
        if !problems.is_empty() {
            return Err(Diagnostics(problems));
        }
        Ok(ComparisonFile {
            title: raw.title.unwrap_or_default(),
            model: raw.model.unwrap_or_default(),
            replications: raw.replications.unwrap_or(REPLICATIONS),
            arms: raw.arms,
            document,
        })
    }

    /// The base and the arms of the file in its model.
    ///
    /// # Errors
    /// Policies that the model does not have.
    pub fn arms(&self, scenario: &Scenario) -> Result<Vec<Arm>, Diagnostics> {
        let Some(arms) = &self.arms else {
            return Ok(default_arms(scenario));
        };
        let keys: Vec<&str> = scenario.policies.iter().map(|policy| policy.key.as_str()).collect();
        let mut found = vec![Arm::base()];
        let mut problems = Vec::new();
        for (i, (name, policies)) in arms.iter().enumerate() {
            let mut ids = Vec::new();
            for (j, policy) in policies.iter().enumerate() {
                match keys.iter().position(|key| key == policy) {
                    Some(position) => ids.push(PolicyId(position as u16)),
                    None => {
                        let title = format!("the model `{}` has no policy `{policy}`", scenario.name);
                        let problem = self.document.wrong(&format!("arms[{i}][1][{j}]"), title);
                        problems.push(problem.label("unknown policy").help(suggest(policy, "policy", &keys)));
                    }
                }
            }
            found.push(Arm::new(name, ids));
        }
        if problems.is_empty() {
            Ok(found)
        } else {
            Err(Diagnostics(problems))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::made_up;

    fn wrong(text: &str) -> String {
        ComparisonFile::read("mine.ron", text).unwrap_err().to_string()
    }

    #[test]
    fn arms_are_found_in_the_model() {
        let scenario = made_up::scenario(2);
        let text = "(model: \"made-up\", arms: [(\"both\", [\"capacity\", \"quota\"]), (\"lost\", [\"qouta\"])])";
        let file = ComparisonFile::read("mine.ron", text).unwrap();
        assert_eq!(file.replications, REPLICATIONS);
        let problems = file.arms(&scenario).unwrap_err();
        assert_eq!(problems.0.len(), 1);
        assert_eq!(
            (problems.0[0].path(), problems.0[0].found()),
            ("arms[1][1][0]", "\"qouta\"")
        );
        assert_eq!(problems.0[0].advice(), ["did you mean `quota`?"]);
        let file = ComparisonFile::read("mine.ron", &text.replace("qouta", "quota")).unwrap();
        let arms = file.arms(&scenario).unwrap();
        assert_eq!(arms.iter().map(|arm| arm.policies.len()).collect::<Vec<_>>(), [0, 2, 1]);
        let file = ComparisonFile::read("mine.ron", "(model: \"made-up\")").unwrap();
        assert_eq!(file.arms(&scenario).unwrap(), default_arms(&scenario));
    }

    #[test]
    fn mistakes_are_drawn_as_those_of_models() {
        assert_eq!(
            wrong("(model: \"x\", replications: many)"),
            "\
error: expected integer, found the word `many`
 --> mine.ron:1:28
  |
1 | (model: \"x\", replications: many)
  |                            ^^^^ expected integer
  |
  = path: replications"
        );
        let all = wrong("(arms: [(\"base\", []), (\"a\", []), (\"a\", [])], replications: 0)");
        for words in [
            "`model` is missing",
            "0 replications",
            "the base is always",
            "two arms are called `a`",
        ] {
            assert!(all.contains(words), "{words} in\n{all}");
        }
        assert!(wrong("(model: \"x\", arms: [])").contains("`arms` is empty"));
        assert!(wrong("(model: \"x\"").contains("mine.ron:1:1"));
    }
}
