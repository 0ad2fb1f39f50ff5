//! A causes file: read, resolved in its model, and every mistake told with its place.

use super::raw::{self, Raw};
use crate::experiment::jobs::MOST_REPLICATIONS;
use crate::experiment::switch::{Base, Change, Names, meet};
use crate::measure::kpi::{ALL, Kpi, Scope};
use crate::scenario::model::{PolicyId, Scenario};
use crate::scenario::{Diagnostics, Document, Source, suggest};
use std::sync::Arc;

/// Replications of each world when the file does not say.
const REPLICATIONS: u64 = 5;
/// Pairs of orders in a replication when the file does not say.
const ORDER_PAIRS: usize = 4;
/// What is attributed when nobody says what.
const KPI: &str = "hours_lost";
/// More causes than this are refused: nobody could read their table.
pub const MOST_CAUSES: usize = 30;
/// More pairs of orders than this are refused: their worlds, of which each order has one a cause, would fill the memory.
const MOST_ORDER_PAIRS: usize = 10_000;

/// A causes file, ready to be played.
#[derive(Clone, Debug)]
pub struct CausesFile {
    /// One line for people; empty when there is none.
    pub title: String,
    /// What the world without any cause is, in words.
    pub baseline: String,
    /// What is attributed, unless somebody asks for another.
    pub kpi: &'static str,
    /// How many replications of each world, unless somebody asks for others.
    pub replications: u64,
    /// Pairs of orders in a replication, where there are too many causes for all worlds.
    pub order_pairs: usize,
    /// The causes, in the order of the file; positions are bits of a coalition.
    pub causes: Vec<Cause>,
    /// The model with the overrides that all worlds share.
    pub plain: Arc<Scenario>,
    base: Base,
}

/// Something that may have done harm.
#[derive(Clone, Debug)]
pub struct Cause {
    /// Its key.
    pub key: String,
    /// Its name for people.
    pub name: String,
    /// What is instead where it is off, in words.
    pub baseline: String,
    /// Why it is switched like this, in words.
    pub why: String,
    /// Somebody claims that it was so; in the day as it was it is off.
    pub claimed: bool,
    /// What is laid over the model where it is on.
    pub on: Change,
    /// What is laid over the model where it is off.
    pub off: Change,
}

/// The model in which some causes are on.
#[derive(Clone, Debug)]
pub struct World {
    /// The model with the changes of this world.
    pub scenario: Arc<Scenario>,
    /// Policies that are on.
    pub policies: Vec<PolicyId>,
}

impl CausesFile {
    /// Reads a causes file; `model` finds the model that it names. `sets` are laid over every world, before the causes.
    ///
    /// # Errors
    /// Everything that is wrong with it, each with its place and advice; or what is wrong with its model.
    pub fn read(
        name: &str,
        text: &str,
        model: &dyn Fn(&str) -> Source,
        sets: &[String],
    ) -> Result<CausesFile, Diagnostics> {
        let document = Document::parse(name, text)?;
        let raw: Raw = document.typed("a causes file")?;
        let mut reader = Reader {
            names: Names::of(&document),
        };
        let Some(typed) = &raw.model else {
            let title = "`model` is missing: expected a model file, or the name of a model";
            let problem = reader.names.wrong("model", title);
            return Err(Diagnostics(vec![problem.help("add `model: \"2021-04-06\"`")]));
        };
        let sets: Vec<String> = raw.set.iter().chain(sets).cloned().collect();
        let base = Base::load(&model(typed), &sets)?;
        let causes = raw.causes.0.iter();
        let causes: Vec<Cause> = causes.map(|(key, cause)| reader.cause(key, cause, &base)).collect();
        reader.together(&causes);
        reader.numbers(&raw);
        let file = CausesFile {
            title: raw.title.clone().unwrap_or_default(),
            baseline: reader.words("baseline", &raw.baseline, "what the world without any cause is"),
            kpi: reader.kpi(raw.kpi.as_deref().unwrap_or(KPI)),
            replications: raw.replications.unwrap_or(REPLICATIONS),
            order_pairs: raw.order_pairs.unwrap_or(ORDER_PAIRS),
            causes,
            plain: base.plain().clone(),
            base,
        };
        if !reader.names.problems.is_empty() {
            return Err(Diagnostics(reader.names.problems));
        }
        // Each switch is tried once, so that a mistake in it is told before hours of runs.
        let parts = parts(&file.plain);
        for (i, cause) in file.causes.iter().enumerate() {
            let with = file.world(file.everything() & !file.claims() | 1 << i)?;
            let without = file.world(file.everything() & !(1 << i))?;
            if self::parts(&with.scenario) != parts || self::parts(&without.scenario) != parts {
                let title = format!(
                    "the cause `{}` adds or takes away a service, a region or a level",
                    cause.key
                );
                let help = "worlds are compared part by part, so all of them need the same parts";
                reader.note(&format!("causes.{}", cause.key), title, help);
            }
        }
        file.world(0)?;
        if !reader.names.problems.is_empty() {
            return Err(Diagnostics(reader.names.problems));
        }
        Ok(file)
    }

    /// All causes, the claimed ones too, as a bit mask.
    pub fn everything(&self) -> u64 {
        (1 << self.causes.len()) - 1
    }

    /// The causes of the day as it was: all but the claimed ones.
    pub fn day(&self) -> u64 {
        let was = self.causes.iter().enumerate().filter(|(_, cause)| !cause.claimed);
        was.map(|(i, _)| 1 << i).sum()
    }

    /// The claimed causes.
    fn claims(&self) -> u64 {
        self.everything() & !self.day()
    }

    /// The world in which exactly the causes of a bit mask are on.
    ///
    /// # Errors
    /// What is wrong with the model then.
    pub fn world(&self, coalition: u64) -> Result<World, Diagnostics> {
        let switch = |change: Change, (i, cause): (usize, &Cause)| {
            let on = coalition & (1 << i) != 0;
            change.and(if on { &cause.on } else { &cause.off })
        };
        let change = self.causes.iter().enumerate().fold(Change::default(), switch);
        let (scenario, policies) = self.base.with(&change)?;
        Ok(World { scenario, policies })
    }

    /// A coalition in words: `surge+attack`; `none` without any.
    pub fn name_of(&self, coalition: u64) -> String {
        let on = self
            .causes
            .iter()
            .enumerate()
            .filter(|(i, _)| coalition & (1 << i) != 0);
        let keys: Vec<&str> = on.map(|(_, cause)| cause.key.as_str()).collect();
        if keys.is_empty() {
            return "none".to_owned();
        }
        keys.join("+")
    }
}

/// Resolves names and notes what is wrong.
struct Reader<'d> {
    names: Names<'d>,
}

impl Reader<'_> {
    fn note(&mut self, path: &str, title: impl Into<String>, help: impl Into<String>) {
        self.names.note(path, title, help);
    }

    /// Words that must be there: an attribution without a stated baseline means nothing.
    fn words(&mut self, path: &str, words: &Option<String>, what: &str) -> String {
        match words {
            Some(words) if !words.trim().is_empty() => words.clone(),
            _ => {
                let help = format!("say in words {what}; the shares mean nothing without it");
                self.note(path, format!("`{path}` is missing"), help);
                String::new()
            }
        }
    }

    fn kpi(&mut self, name: &str) -> &'static str {
        if let Some(kpi) = Kpi::find(name) {
            return kpi.name;
        }
        let names: Vec<&str> = ALL.iter().map(|k| k.name).collect();
        self.note("kpi", format!("there is no KPI `{name}`"), suggest(name, "KPI", &names));
        KPI
    }

    fn numbers(&mut self, raw: &Raw) {
        if raw.replications == Some(0) {
            self.note("replications", "nothing is run in 0 replications", "leave it out for 5");
        }
        if raw.replications.is_some_and(|n| n > MOST_REPLICATIONS) {
            let help = format!("give {MOST_REPLICATIONS} at most");
            self.note("replications", "these are more replications than can be run", help);
        }
        if raw.order_pairs.is_some_and(|n| n > MOST_ORDER_PAIRS) {
            let help = format!("give {MOST_ORDER_PAIRS} at most");
            self.note("order_pairs", "these are more orders than can be run", help);
        }
        if raw.order_pairs == Some(0) {
            self.note(
                "order_pairs",
                "nothing is drawn in 0 pairs of orders",
                "leave it out for 4",
            );
        }
    }

    fn cause(&mut self, key: &str, raw: &raw::Cause, base: &Base) -> Cause {
        let at = format!("causes.{key}");
        let told = self.names.problems.len();
        let (on, ..) = self.names.switch(&format!("{at}.on"), &raw.on, base);
        let (off, ..) = self.names.switch(&format!("{at}.off"), &raw.off, base);
        // A name that there is not was told already, and says nothing about the rest.
        let sound = self.names.problems.len() == told;
        if raw.on.is_empty() && raw.off.is_empty() {
            let help = "say in `off` how it is taken out of the model, or in `on` how it is put in";
            self.note(&at, format!("the cause `{key}` switches nothing"), help);
        } else if sound && on == off {
            let help = "its worlds would all be the same";
            self.note(&at, format!("the cause `{key}` is the same on and off"), help);
        }
        if key.contains(['+', ',']) || key == "none" {
            let help = "names of worlds are made of keys joined by `+`; `none` is the world without any";
            self.note(&at, format!("`{key}` cannot name a cause"), help);
        }
        Cause {
            key: key.to_owned(),
            name: raw.name.clone().unwrap_or_else(|| key.to_owned()),
            baseline: self.words(
                &format!("{at}.baseline"),
                &raw.baseline,
                "what is instead where it is off",
            ),
            why: raw.why.clone().unwrap_or_default(),
            claimed: raw.claimed,
            on,
            off,
        }
    }

    /// What concerns several causes at once.
    fn together(&mut self, causes: &[Cause]) {
        let was = causes.iter().filter(|cause| !cause.claimed).count();
        if was == 0 {
            let help = "give one or more in `causes`, not all of them `claimed`";
            self.note("causes", "there is no cause of the day as it was", help);
        }
        if causes.len() > MOST_CAUSES {
            let title = format!("{} causes are more than {MOST_CAUSES}", causes.len());
            self.note("causes", title, "put some together");
        }
        // Two causes at one field: the world would depend on which is laid over the model last.
        for (i, cause) in causes.iter().enumerate() {
            for earlier in &causes[..i] {
                if let Some(path) = cause.paths().find(|p| earlier.paths().any(|q| meet(p, q))) {
                    let title = format!("the causes `{}` and `{}` both change `{path}`", earlier.key, cause.key);
                    let help = "each cause needs fields of its own, or the order in which they are laid over matters";
                    self.note(&format!("causes.{}", cause.key), title, help);
                }
            }
        }
    }
}

impl Cause {
    /// The fields that it changes, on or off.
    fn paths(&self) -> impl Iterator<Item = &str> {
        self.on.paths().chain(self.off.paths())
    }
}

/// Kinds and keys of everything that has numbers of its own.
fn parts(scenario: &Scenario) -> Vec<(&'static str, String)> {
    let scopes = Scope::all(scenario).into_iter();
    scopes.map(|scope| (scope.kind(), scope.key(scenario))).collect()
}
