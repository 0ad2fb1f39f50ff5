//! A calibration file: read, tried once in its model, and every mistake told with its place.

use super::raw::{self, Raw};
use crate::experiment::facts::FactsFile;
use crate::experiment::switch::meet;
use crate::scenario::{Diagnostic, Diagnostics, Document, Source, suggest};

/// Particles of a population when the file does not say.
const PARTICLES: usize = 100;
/// Rounds when the file does not say.
const ROUNDS: usize = 5;
/// A population of more is refused, in a file or by an option: each round compares all of them with each other.
pub const MOST_PARTICLES: usize = 100_000;
/// More rounds are refused: long before, no proposal comes nearer.
pub const MOST_ROUNDS: usize = 1000;

/// The unit of a parameter that is a multiple of what the model says.
const MULTIPLE: &str = "×";

/// Finds the facts file that a calibration names: its name and text, or why not.
pub type FindFacts<'a> = dyn Fn(&str) -> Result<(String, String), String> + 'a;

/// A calibration, ready to be run.
#[derive(Clone, Debug)]
pub struct CalibrationFile {
    /// One line for people; empty when there is none.
    pub title: String,
    /// What is unknown.
    pub parameters: Vec<Parameter>,
    /// Particles of a population.
    pub particles: usize,
    /// Rounds.
    pub rounds: usize,
    /// Positions of the facts that count.
    pub facts: Vec<usize>,
    /// The facts in the model with every parameter in the middle of its prior.
    pub middle: FactsFile,
    facts_name: String,
    facts_text: String,
    /// Overrides that every run shares.
    sets: Vec<String>,
}

/// An unknown number, and the fields of the model that it sets.
#[derive(Clone, Debug)]
pub struct Parameter {
    /// Its key, and the head of its column.
    pub key: String,
    /// Its name for people.
    pub name: String,
    /// What is believed of it before the facts.
    pub law: Law,
    /// Why, in words.
    pub why: String,
    /// What its numbers are in; empty for a bare number.
    pub unit: String,
    /// Settings are rounded to whole numbers.
    whole: bool,
    /// Paths, each with a number and the unit behind it: what the field is when the parameter is 1.
    fields: Vec<(String, f64, String)>,
}

/// What is believed of a parameter.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Law {
    /// All values alike.
    Uniform {
        /// Least.
        from: f64,
        /// Greatest.
        to: f64,
    },
    /// All magnitudes alike: the logarithm is uniform.
    LogUniform {
        /// Least, above 0.
        from: f64,
        /// Greatest.
        to: f64,
    },
    /// Linearly up to the mode and down again.
    Triangular {
        /// Least.
        from: f64,
        /// Most probable.
        mode: f64,
        /// Greatest.
        to: f64,
    },
}

impl Law {
    /// The value below which a share `u` of the probability lies.
    pub fn at(&self, u: f64) -> f64 {
        match *self {
            Law::Uniform { from, to } => from + u * (to - from),
            Law::LogUniform { from, to } => from * libm::pow(to / from, u),
            Law::Triangular { from, mode, to } => {
                let (below, above) = (mode - from, to - mode);
                if u * (to - from) < below {
                    from + (u * (to - from) * below).sqrt()
                } else {
                    to - ((1.0 - u) * (to - from) * above).sqrt()
                }
            }
        }
    }

    /// `0.3 to 3, LogUniform`.
    pub fn describe(&self) -> String {
        match self {
            Law::Uniform { from, to } => format!("{from} to {to}, uniform"),
            Law::LogUniform { from, to } => format!("{from} to {to}, log-uniform"),
            Law::Triangular { from, mode, to } => format!("{from} to {to}, triangular about {mode}"),
        }
    }

    /// What is wrong with it.
    fn wrong(&self) -> Option<&'static str> {
        let (from, to) = match *self {
            Law::Uniform { from, to } | Law::LogUniform { from, to } | Law::Triangular { from, to, .. } => (from, to),
        };
        match self {
            _ if !(from.is_finite() && to.is_finite() && from < to) => Some("`from` must be less than `to`"),
            Law::LogUniform { from, .. } if *from <= 0.0 => Some("`from` of a LogUniform must be above 0"),
            Law::Triangular { from, mode, to } if !(from..=to).contains(&mode) => {
                Some("`mode` must lie between `from` and `to`")
            }
            _ => None,
        }
    }
}

impl Parameter {
    /// Its value at a place of the unit interval: whole where fields take whole numbers and the value itself. (A multiple of what
    /// the model says is not rounded; the product is.)
    pub fn at(&self, u: f64) -> f64 {
        let value = short(self.law.at(u));
        let itself = self.fields.iter().all(|(_, number, _)| *number == 1.0);
        if self.whole && itself {
            libm::round(value)
        } else {
            value
        }
    }

    /// The overrides that set it.
    fn sets(&self, value: f64) -> impl Iterator<Item = String> + '_ {
        self.fields.iter().map(move |(path, number, unit)| {
            let setting = short(number * value);
            let setting = if self.whole { libm::round(setting) } else { setting };
            match unit.as_str() {
                "" => format!("{path}={setting}"),
                unit => format!("{path}=\"{setting} {unit}\""),
            }
        })
    }
}

/// To nine significant digits: no run differs for the tenth, and columns stay readable.
fn short(value: f64) -> f64 {
    format!("{value:.8e}").parse().unwrap_or(value)
}

impl CalibrationFile {
    /// Reads a calibration file. `facts` finds the facts file that it names: its name and text, or why not. `model` finds
    /// the model that the facts name. `sets` are laid over every run, before the parameters.
    ///
    /// # Errors
    /// Everything that is wrong with it, each with its place and advice; or what is wrong with the facts or their model.
    pub fn read(
        name: &str,
        text: &str,
        facts: &FindFacts<'_>,
        model: &dyn Fn(&str) -> Source,
        sets: &[String],
    ) -> Result<CalibrationFile, Diagnostics> {
        let document = Document::parse(name, text)?;
        let raw: Raw = document.typed("a calibration file")?;
        let mut reader = Reader {
            document: &document,
            problems: Vec::new(),
        };
        reader.whole(&raw);
        let typed = raw.facts.clone().unwrap_or_default();
        let (facts_name, facts_text) = facts(&typed).unwrap_or_else(|why| {
            reader.note(
                "facts",
                why,
                "give a facts file, for example `facts: \"models/2021-04-06.facts.ron\"`",
            );
            Default::default()
        });
        reader.end()?;
        let sets: Vec<String> = raw.set.iter().chain(sets).cloned().collect();
        let plain = FactsFile::read(&facts_name, &facts_text, model, &sets)?;
        let plain = &plain.worlds[0].scenario;
        let plain = Document::parse(&plain.name, &plain.text)?;
        let parameters = raw.parameters.0.iter();
        let parameters: Vec<Parameter> = parameters
            .filter_map(|(key, p)| reader.parameter(key, p, &plain))
            .collect();
        reader.apart(&parameters, &raw, &sets);
        reader.end()?;
        let middle = vec![0.5; parameters.len()];
        let all = sets
            .iter()
            .cloned()
            .chain(overrides(&parameters, &middle))
            .collect::<Vec<_>>();
        let middle = FactsFile::read(&facts_name, &facts_text, model, &all)?;
        let found = reader.only(&raw.only, &middle);
        reader.end()?;
        Ok(CalibrationFile {
            title: raw.title.unwrap_or_default(),
            parameters,
            particles: raw.particles.unwrap_or(PARTICLES),
            rounds: raw.rounds.unwrap_or(ROUNDS),
            facts: found,
            middle,
            facts_name,
            facts_text,
            sets,
        })
    }

    /// The facts with their worlds at a point of the unit cube.
    ///
    /// # Errors
    /// When the parameters make no valid model.
    pub fn at(&self, point: &[f64], model: &dyn Fn(&str) -> Source) -> Result<FactsFile, Diagnostics> {
        let sets: Vec<String> = self
            .sets
            .iter()
            .cloned()
            .chain(overrides(&self.parameters, point))
            .collect();
        FactsFile::read(&self.facts_name, &self.facts_text, model, &sets)
    }

    /// Everything that a run's result depends on beside its point and number, as one text.
    pub fn fingerprint(&self) -> String {
        let plain = self
            .middle
            .worlds
            .iter()
            .map(|w| w.scenario.text.as_str())
            .collect::<Vec<_>>();
        format!("{}\n{:?}\n{}", plain.join("\n"), self.parameters, self.facts_text)
    }
}

fn overrides(parameters: &[Parameter], point: &[f64]) -> Vec<String> {
    let of = |(parameter, u): (&'_ Parameter, &f64)| parameter.sets(parameter.at(*u)).collect::<Vec<String>>();
    parameters.iter().zip(point).flat_map(of).collect()
}

struct Reader<'d> {
    document: &'d Document,
    problems: Vec<Diagnostic>,
}

impl Reader<'_> {
    fn note(&mut self, path: &str, title: impl Into<String>, help: impl Into<String>) {
        let problem = self.document.wrong(path, title).help(help.into());
        self.problems.push(problem);
    }

    fn end(&mut self) -> Result<(), Diagnostics> {
        match std::mem::take(&mut self.problems) {
            problems if problems.is_empty() => Ok(()),
            problems => Err(Diagnostics(problems)),
        }
    }

    fn whole(&mut self, raw: &Raw) {
        if raw.parameters.0.is_empty() {
            self.note(
                "parameters",
                "there is no parameter",
                "give what is unknown in `parameters`",
            );
        }
        if raw.particles.is_some_and(|n| n < 4) {
            self.note(
                "particles",
                "fewer than 4 particles say nothing",
                "leave it out for 100",
            );
        }
        for (field, asked, most) in [
            ("particles", raw.particles, MOST_PARTICLES),
            ("rounds", raw.rounds, MOST_ROUNDS),
        ] {
            if asked.is_some_and(|n| n > most) {
                let title = format!("these are more {field} than can be run");
                self.note(field, title, format!("give {most} at most"));
            }
        }
        if raw.rounds == Some(0) {
            self.note("rounds", "nothing is run in 0 rounds", "leave it out for 5");
        }
    }

    fn parameter(&mut self, key: &str, raw: &raw::Parameter, plain: &Document) -> Option<Parameter> {
        let at = format!("parameters.{key}");
        if ["weight", "distance", "round", "run"].contains(&key) || key.contains([',', '"']) {
            self.note(
                &at,
                format!("`{key}` cannot name a parameter"),
                "it is the head of another column",
            );
        }
        if raw.paths.is_empty() {
            let help = "give `paths: [\"services.ent-idf.station.cores\"]`";
            self.note(&at, format!("the parameter `{key}` sets no field"), help);
        }
        let fields = raw.paths.iter().enumerate();
        let fields = fields.flat_map(|(i, path)| self.fields(&format!("{at}.paths[{i}]"), path, raw, plain));
        let fields: Vec<(String, f64, String)> = fields.collect();
        let Some(law) = raw.law else {
            let help = "say what is believed of it, for example `law: Uniform(from: 0.5, to: 2.0)`";
            self.note(&at, format!("the parameter `{key}` has no `law`"), help);
            return None;
        };
        let law = match law {
            raw::Law::Uniform { from, to } => Law::Uniform { from, to },
            raw::Law::LogUniform { from, to } => Law::LogUniform { from, to },
            raw::Law::Triangular { from, mode, to } => Law::Triangular { from, mode, to },
        };
        if let Some(wrong) = law.wrong() {
            self.note(
                &format!("{at}.law"),
                format!("this is no law: {wrong}"),
                "change its numbers",
            );
        }
        Some(Parameter {
            key: key.to_owned(),
            name: raw.name.clone().unwrap_or_else(|| key.to_owned()),
            law,
            why: raw.why.clone().unwrap_or_default(),
            unit: match raw.times {
                true => MULTIPLE.to_owned(),
                false => raw.unit.clone().unwrap_or_default(),
            },
            whole: raw.whole,
            fields,
        })
    }

    /// No field is set twice: what is laid over the model first would do nothing.
    fn apart(&mut self, parameters: &[Parameter], raw: &Raw, sets: &[String]) {
        for (i, parameter) in parameters.iter().enumerate() {
            let at = format!("parameters.{}", parameter.key);
            let own = || parameter.fields.iter().map(|(path, ..)| path.as_str());
            for other in &parameters[..i] {
                let mut others = other.fields.iter().map(|(path, ..)| path.as_str());
                if let Some(path) = others.find(|path| own().any(|own| meet(own, path))) {
                    let title = format!(
                        "the parameters `{}` and `{}` both set `{path}`",
                        other.key, parameter.key
                    );
                    self.note(&at, title, "each parameter needs fields of its own");
                }
            }
            // A multiple is one of what an override says.
            let times = raw.parameters.0.iter().any(|(key, p)| *key == parameter.key && p.times);
            for set in sets.iter().filter(|_| !times) {
                let path = set.split('=').next().unwrap_or_default().trim();
                if own().any(|own| own == path) {
                    let title = format!(
                        "the override `{set}` would have no effect: `{}` sets this field",
                        parameter.key
                    );
                    self.note(&at, title, "leave it out, or take the parameter out of the file");
                }
            }
        }
    }

    /// The fields that a path means: path, number and unit where the parameter is 1.
    fn fields(&mut self, at: &str, path: &str, raw: &raw::Parameter, plain: &Document) -> Vec<(String, f64, String)> {
        let found = match plain.paths(path) {
            Ok(found) => found,
            Err(reason) => {
                self.note(
                    at,
                    format!("this is not a path: {reason}"),
                    "write such as `services.ent-*.station.cores`",
                );
                return Vec::new();
            }
        };
        if found.is_empty() && raw.times {
            self.note(
                at,
                format!("the model has no field `{path}`"),
                "a multiple needs something to be a multiple of",
            );
        }
        // A field that the model leaves out can still be set.
        if found.is_empty() && !raw.times {
            return vec![(path.to_owned(), 1.0, raw.unit.clone().unwrap_or_default())];
        }
        let mut fields = Vec::new();
        for path in found {
            let written = plain.written(&path).unwrap_or_default();
            match number_and_unit(written.trim_matches('"')) {
                _ if !raw.times => fields.push((path, 1.0, raw.unit.clone().unwrap_or_default())),
                Some((number, unit)) => fields.push((path, number, unit)),
                None => {
                    let title = format!("`{path}` is `{written}`, which is no number");
                    self.note(at, title, "leave `times` out, or name another field");
                }
            }
        }
        fields
    }

    /// Positions of the facts that count: those named, or all that have limits.
    fn only(&mut self, names: &[String], facts: &FactsFile) -> Vec<usize> {
        let ids: Vec<&str> = facts.facts.iter().map(|f| f.id.as_str()).collect();
        let with_limits = |i: &usize| facts.facts[*i].tests.iter().any(|test| !test.limits.is_report());
        if names.is_empty() {
            return (0..ids.len()).filter(with_limits).collect();
        }
        let mut found = Vec::new();
        for (i, name) in names.iter().enumerate() {
            match ids.iter().position(|id| id == name) {
                Some(position) if with_limits(&position) => found.push(position),
                Some(_) => {
                    let title = format!("the fact `{name}` has no limits to be near");
                    self.note(&format!("only[{i}]"), title, "leave it out");
                }
                None => {
                    let help = suggest(name, "fact", &ids);
                    self.note(&format!("only[{i}]"), format!("there is no fact `{name}`"), help);
                }
            }
        }
        found
    }
}

/// `33420 /s` as 33420 and `/s`.
fn number_and_unit(text: &str) -> Option<(f64, String)> {
    let text = text.trim();
    let end = text
        .find(|c: char| !(c.is_ascii_digit() || ".-+".contains(c)))
        .unwrap_or(text.len());
    let number: f64 = text[..end].parse().ok()?;
    number.is_finite().then(|| (number, text[end..].trim().to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn laws_are_inverse_distribution_functions() {
        let log = Law::LogUniform { from: 0.1, to: 10.0 };
        assert!((log.at(0.5) - 1.0).abs() < 1e-12);
        let triangle = Law::Triangular {
            from: 0.0,
            mode: 1.0,
            to: 4.0,
        };
        // A quarter of the area lies left of the mode.
        assert!((triangle.at(0.25) - 1.0).abs() < 1e-12);
        for law in [log, triangle, Law::Uniform { from: -1.0, to: 2.0 }] {
            assert!((0..=10).map(|i| law.at(f64::from(i) / 10.0)).is_sorted());
            assert_eq!(law.wrong(), None);
        }
        assert!(Law::Uniform { from: 1.0, to: 1.0 }.wrong().is_some());
        assert!(Law::LogUniform { from: 0.0, to: 1.0 }.wrong().is_some());
    }

    #[test]
    fn what_is_whole_is_told_as_it_is_simulated() {
        let parameter = |number| Parameter {
            key: "quota".into(),
            name: String::new(),
            law: Law::Uniform { from: 0.0, to: 3.0 },
            why: String::new(),
            unit: String::new(),
            whole: true,
            fields: vec![("x".into(), number, String::new())],
        };
        assert_eq!(parameter(1.0).at(0.5), 2.0);
        // A multiple of what the model says: the product is whole.
        assert_eq!(parameter(101.0).at(0.5), 1.5);
        assert_eq!(parameter(101.0).sets(1.5).collect::<Vec<_>>(), ["x=152"]);
    }

    #[test]
    fn numbers_keep_their_units() {
        assert_eq!(number_and_unit("33420 /s"), Some((33_420.0, "/s".to_owned())));
        assert_eq!(number_and_unit("75 %"), Some((75.0, "%".to_owned())));
        assert_eq!(number_and_unit("1"), Some((1.0, String::new())));
        assert_eq!(number_and_unit("many"), None);
    }

    #[test]
    fn mistakes_have_their_place() {
        let facts = |_: &str| {
            Ok((
                String::from("f.ron"),
                String::from("(model: \"theory/mm1\", facts: [])"),
            ))
        };
        let model = |typed: &str| Source::Builtin(typed.to_owned());
        let read = |text: &str| match CalibrationFile::read("mine.ron", text, &facts, &model, &[]) {
            Ok(_) => panic!("{text} is read"),
            Err(problems) => problems.to_string(),
        };
        assert!(read("(parameters: {})").contains("there is no parameter"));
        let all = read(
            "(parameters: {\"a\": (law: Uniform(from: 2, to: 1), times: true, paths: [\"x\", \"clock.zone\"]), \"weight\": ()})",
        );
        for words in [
            "`from` must be less",
            "the model has no field `x`",
            "cannot name a parameter",
            "sets no field",
            "has no `law`",
        ] {
            assert!(all.contains(words), "{words} in\n{all}");
        }
        let twice = "(parameters: {\"a\": (law: Uniform(from: 1, to: 2), paths: [\"services.queue.station.cores\"]), \"b\": (law: Uniform(from: 1, to: 2), paths: [\"services.*.station.cores\"])})";
        assert!(read(twice).contains("`a` and `b` both set `services.queue.station.cores`"));
        let sets = ["services.queue.station.cores=3".to_owned()];
        let one = "(parameters: {\"a\": (law: Uniform(from: 1, to: 2), paths: [\"services.queue.station.cores\"])})";
        let problems = CalibrationFile::read("mine.ron", one, &facts, &model, &sets).err();
        let problems = problems.map(|problems| problems.to_string()).unwrap_or_default();
        assert!(problems.contains("would have no effect"), "{problems}");
        let only = "(only: [\"SF1\"], parameters: {\"a\": (law: Uniform(from: 1, to: 2), unit: \"min\", paths: [\"clock.bin\"])})";
        assert!(read(only).contains("there is no fact `SF1`"));
    }
}
