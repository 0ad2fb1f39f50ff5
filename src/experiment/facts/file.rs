//! A facts file: read, resolved in its model, and every mistake told with its place.

use super::measure::{Look, Measure, Take};
use super::raw::{self, Raw};
use crate::experiment::switch::{Base, Names};
use crate::measure::kpi::{ALL, Scope};
use crate::measure::{self, DAY_KPIS, REGION_COLUMNS, SERVICE_COLUMNS, SeriesColumn};
use crate::scenario::model::{Level, PolicyId, RegionId, Scenario, ServiceId};
use crate::scenario::{Diagnostics, Document, Source, seconds};
use std::sync::Arc;

/// Share of replications in which a fact must hold when the file does not say.
const NEEDED: f64 = 0.9;

/// A facts file, ready to be judged.
#[derive(Clone, Debug)]
pub struct FactsFile {
    /// Share of replications in which a fact must hold to be reproduced.
    pub needed: f64,
    /// The worlds its tests look at.
    pub worlds: Vec<World>,
    /// The facts, in order.
    pub facts: Vec<Fact>,
}

/// The model, changed or not.
#[derive(Clone, Debug)]
pub struct World {
    /// Its key.
    pub name: String,
    /// The model with the overrides of this world.
    pub scenario: Arc<Scenario>,
    /// Policies that are on.
    pub policies: Vec<PolicyId>,
}

/// Something that is known, and how to see it in a run.
#[derive(Clone, Debug)]
pub struct Fact {
    /// Short name, `SF1`.
    pub id: String,
    /// What is known, for people.
    pub text: String,
    /// Who says so.
    pub sources: String,
    /// Why the model cannot say; then there are no tests.
    pub untestable: Option<String>,
    /// All of them must hold.
    pub tests: Vec<Test>,
}

/// A number and where it must lie.
#[derive(Clone, Debug)]
pub struct Test {
    /// What it says, for people.
    pub what: String,
    /// Position of its world.
    pub world: usize,
    /// The number.
    pub measure: Measure,
    /// A second number that the first is compared with.
    pub against: Option<Against>,
    /// Where it must lie.
    pub limits: Limits,
}

/// A second number.
#[derive(Clone, Debug)]
pub struct Against {
    /// Position of its world.
    pub world: usize,
    /// The number.
    pub measure: Measure,
    /// The first is divided by it; else it is taken off the first.
    pub quotient: bool,
}

/// A range, ends included.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limits {
    /// Least value.
    pub at_least: Option<f64>,
    /// Greatest value.
    pub at_most: Option<f64>,
}

impl Limits {
    /// Without limits the number is a report: it has to exist, with its interval.
    pub fn is_report(&self) -> bool {
        self.at_least.is_none() && self.at_most.is_none()
    }

    /// Whether a number lies in it.
    pub fn hold(&self, value: f64) -> bool {
        self.at_least.is_none_or(|low| value >= low) && self.at_most.is_none_or(|high| value <= high)
    }
}

impl Test {
    /// The number that the limits are for.
    pub fn number(&self, first: Option<f64>, second: Option<f64>) -> Option<f64> {
        let Some(against) = &self.against else { return first };
        let (first, second) = (first?, second?);
        if !against.quotient {
            return Some(first - second);
        }
        (second != 0.0).then(|| first / second)
    }
}

impl FactsFile {
    /// Reads a facts file; `model` finds the model that it names. `sets` are laid over every world.
    ///
    /// # Errors
    /// Everything that is wrong with it, each with its place and advice; or what is wrong with its model.
    pub fn read(
        name: &str,
        text: &str,
        model: &dyn Fn(&str) -> Source,
        sets: &[String],
    ) -> Result<FactsFile, Diagnostics> {
        let document = Document::parse(name, text)?;
        let raw: Raw = document.typed("a facts file")?;
        let mut reader = Reader {
            names: Names::of(&document),
        };
        let Some(typed) = &raw.model else {
            let problem = reader.names.wrong(
                "model",
                "`model` is missing: expected a model file, or the name of a model",
            );
            return Err(Diagnostics(vec![problem.help("add `model: \"2021-04-06\"`")]));
        };
        let base = Base::load(&model(typed), sets)?;
        let mut worlds = Vec::new();
        for (key, switch) in &raw.worlds.0 {
            let (_, scenario, policies) = reader.names.switch(&format!("worlds.{key}"), switch, &base);
            worlds.push(World {
                name: key.clone(),
                scenario,
                policies,
            });
        }
        if worlds.is_empty() {
            worlds.push(World {
                name: "day".to_owned(),
                scenario: base.plain().clone(),
                policies: Vec::new(),
            });
        }
        let facts = raw.facts.iter().enumerate();
        let facts = facts.map(|(i, fact)| reader.fact(i, fact, &worlds)).collect();
        let needed = raw.needed.as_ref().map_or(NEEDED, |text| reader.share("needed", text));
        if reader.names.problems.is_empty() {
            Ok(FactsFile { needed, worlds, facts })
        } else {
            Err(Diagnostics(reader.names.problems))
        }
    }
}

/// Resolves names and notes what is wrong.
struct Reader<'d> {
    names: Names<'d>,
}

impl Reader<'_> {
    fn share(&mut self, path: &str, text: &str) -> f64 {
        let number = text.trim().strip_suffix('%').and_then(|n| n.trim().parse::<f64>().ok());
        match number.filter(|n| (0.0..=100.0).contains(n)) {
            Some(percent) => percent / 100.0,
            None => {
                self.names
                    .note(path, format!("`{text}` is not a share"), "write such as \"90 %\"");
                1.0
            }
        }
    }

    fn fact(&mut self, i: usize, raw: &raw::Fact, worlds: &[World]) -> Fact {
        let at = format!("facts[{i}]");
        if raw.tests.is_empty() && raw.untestable.is_none() {
            let help = "add `tests: […]`, or say in `untestable` why the model cannot tell";
            self.names.note(&at, format!("the fact `{}` has no test", raw.id), help);
        }
        let tests = raw.tests.iter().enumerate();
        let tests = tests.filter_map(|(j, test)| self.test(&format!("{at}.tests[{j}]"), test, worlds));
        Fact {
            tests: tests.collect(),
            id: raw.id.clone(),
            text: raw.text.clone(),
            sources: raw.sources.clone(),
            untestable: raw.untestable.clone(),
        }
    }

    fn test(&mut self, at: &str, raw: &raw::Test, worlds: &[World]) -> Option<Test> {
        let (world, measure) = self.measure(&format!("{at}.measure"), &raw.measure, worlds)?;
        let second = raw
            .per
            .as_ref()
            .map(|m| (m, "per"))
            .or(raw.minus.as_ref().map(|m| (m, "minus")));
        if raw.per.is_some() && raw.minus.is_some() {
            self.names
                .note(at, "a test has `per` or `minus`, not both", "leave one out");
        }
        let against = match second {
            None => None,
            Some((m, word)) => {
                let (world, measure) = self.measure(&format!("{at}.{word}"), m, worlds)?;
                Some(Against {
                    world,
                    measure,
                    quotient: word == "per",
                })
            }
        };
        if raw.at_least.is_none() && raw.at_most.is_none() && !raw.report {
            let help = "give `at_least` or `at_most`; `report: true` if the number only has to exist";
            self.names.note(at, "this test cannot fail", help);
        }
        Some(Test {
            what: raw.what.clone(),
            world,
            measure,
            against,
            limits: Limits {
                at_least: raw.at_least,
                at_most: raw.at_most,
            },
        })
    }

    fn measure(&mut self, at: &str, raw: &raw::Measure, worlds: &[World]) -> Option<(usize, Measure)> {
        let keys: Vec<&str> = worlds.iter().map(|w| w.name.as_str()).collect();
        let world = match &raw.world {
            Some(word) => *self
                .names
                .places(&format!("{at}.world"), word, "world", &keys)
                .first()?,
            None => 0,
        };
        let scenario = &worlds[world].scenario;
        let first = |reader: &mut Self, names: Vec<&str>| {
            reader
                .names
                .places(&format!("{at}.of"), &raw.of, "number", &names)
                .first()
                .copied()
        };
        if raw.take == raw::Take::Kpi {
            let kpi = first(self, ALL.iter().map(|k| k.name).collect())?;
            let scope = self.scopes(at, raw, scenario).first().copied();
            return Some((world, Measure::Kpi(ALL[kpi].name, scope.unwrap_or(Scope::Total))));
        }
        if raw.take == raw::Take::Day {
            let kpi = first(self, DAY_KPIS.iter().map(|k| k.name).collect())?;
            let day = self.day(at, raw, scenario)?;
            let mut scopes = self.scopes(at, raw, scenario);
            if scopes.is_empty() {
                scopes.push(Scope::Total);
            }
            let kpi = DAY_KPIS[kpi].name;
            return Some((world, Measure::Day { kpi, scopes, day }));
        }
        let regional = !raw.regions.is_empty() || raw.groups.iter().flatten().any(|w| is_region(w, scenario));
        let measure = if regional {
            Measure::Regions(self.look(at, raw, scenario, REGION_COLUMNS, true)?)
        } else {
            Measure::Services(self.look(at, raw, scenario, SERVICE_COLUMNS, false)?)
        };
        Some((world, measure))
    }

    fn look<B>(
        &mut self,
        at: &str,
        raw: &raw::Measure,
        scenario: &Scenario,
        columns: &'static [SeriesColumn<B>],
        regional: bool,
    ) -> Option<Look<B>> {
        let names: Vec<&str> = columns.iter().map(|c| c.name).collect();
        let of = *self
            .names
            .places(&format!("{at}.of"), &raw.of, "column", &names)
            .first()?;
        let over = match &raw.over {
            Some(word) => Some(
                *self
                    .names
                    .places(&format!("{at}.over"), word, "column", &names)
                    .first()?,
            ),
            None => None,
        };
        let keys: Vec<&str> = if regional {
            scenario.regions.iter().map(|r| r.key.as_str()).collect()
        } else {
            scenario.services.iter().map(|s| s.key.as_str()).collect()
        };
        let noun = if regional { "region" } else { "service" };
        let plain = if regional { &raw.regions } else { &raw.services };
        let groups: Vec<&Vec<String>> = if raw.groups.is_empty() {
            vec![plain]
        } else {
            raw.groups.iter().collect()
        };
        let mut places: Vec<Vec<usize>> = Vec::new();
        for words in groups {
            let mut group = Vec::new();
            for word in words {
                group.extend(self.names.places(at, word, noun, &keys));
            }
            // `*` in a later group means those that no earlier group has.
            group.retain(|p| !places.iter().flatten().any(|earlier| earlier == p));
            places.push(group);
        }
        if places.iter().any(Vec::is_empty) {
            self.names.note(
                at,
                format!("a measure needs at least one {noun}"),
                "give `services: […]` or `regions: […]`",
            );
            return None;
        }
        Some(Look {
            of: &columns[of],
            over: over.map(|c| &columns[c]),
            places,
            window: self.window(at, raw, scenario)?,
            every: match &raw.every {
                Some(text) => Some(self.duration(&format!("{at}.every"), text)?),
                None => None,
            },
            take: match raw.take {
                raw::Take::Highest => Take::Highest,
                raw::Take::Lowest => Take::Lowest,
                raw::Take::HourOfHighest => Take::HourOfHighest,
                raw::Take::LowestPlace => Take::LowestPlace,
                raw::Take::PlacesBelow(limit) => Take::PlacesBelow(limit),
                raw::Take::GapBetweenGroups => Take::GapBetweenGroups,
                raw::Take::All | raw::Take::Kpi | raw::Take::Day => Take::All,
            },
        })
    }

    fn scopes(&mut self, at: &str, raw: &raw::Measure, scenario: &Scenario) -> Vec<Scope> {
        let mut scopes = Vec::new();
        let services: Vec<&str> = scenario.services.iter().map(|s| s.key.as_str()).collect();
        for word in &raw.services {
            let found = self.names.places(&format!("{at}.services"), word, "service", &services);
            scopes.extend(found.into_iter().map(|s| Scope::Service(ServiceId(s as u16))));
        }
        let regions: Vec<&str> = scenario.regions.iter().map(|r| r.key.as_str()).collect();
        for word in &raw.regions {
            let found = self.names.places(&format!("{at}.regions"), word, "region", &regions);
            scopes.extend(found.into_iter().map(|r| Scope::Region(RegionId(r as u16))));
        }
        let levels = Level::ALL.map(Level::name);
        for word in &raw.levels {
            let found = self.names.places(&format!("{at}.levels"), word, "level", &levels);
            scopes.extend(found.into_iter().map(|l| Scope::Level(Level::ALL[l])));
        }
        scopes
    }

    fn day(&mut self, at: &str, raw: &raw::Measure, scenario: &Scenario) -> Option<usize> {
        let days = measure::days(&scenario.clock);
        let Some(date) = &raw.on else { return Some(0) };
        let found = days.iter().position(|day| day.date.to_string() == *date);
        if found.is_none() {
            let seen: Vec<String> = days.iter().map(|day| day.date.to_string()).collect();
            let help = format!("its days are {}", seen.join(", "));
            self.names
                .note(&format!("{at}.on"), format!("`{date}` is no day of this world"), help);
        }
        found
    }

    /// From when until when, s since the start; whole days where no hours are given.
    fn window(&mut self, at: &str, raw: &raw::Measure, scenario: &Scenario) -> Option<(f64, f64)> {
        let days = measure::days(&scenario.clock);
        let from = days.get(self.day(at, raw, scenario)?)?;
        let until = match &raw.on_until {
            None => from,
            Some(date) => match days.iter().find(|day| day.date.to_string() == *date) {
                Some(day) => day,
                None => {
                    self.names.note(
                        &format!("{at}.on_until"),
                        format!("`{date}` is no day of this world"),
                        "give a later date",
                    );
                    return None;
                }
            },
        };
        let clock = &scenario.clock;
        let from = match &raw.from {
            Some(text) => from.hour(clock, self.hour(&format!("{at}.from"), text)?)?,
            None => from.from,
        };
        let until = match &raw.until {
            Some(text) => until.hour(clock, self.hour(&format!("{at}.until"), text)?)?,
            None => until.until,
        };
        if until <= from {
            self.names
                .note(at, "this measure ends when it begins", "give a later `until`");
            return None;
        }
        Some((from, until))
    }

    /// `08:30` as 8.5.
    fn hour(&mut self, path: &str, text: &str) -> Option<f64> {
        let parts = text.split_once(':');
        let read = parts.and_then(|(h, m)| Some((h.parse::<u8>().ok()?, m.parse::<u8>().ok()?)));
        match read.filter(|(h, m)| *h <= 28 && *m < 60) {
            Some((h, m)) => Some(f64::from(h) + f64::from(m) / 60.0),
            None => {
                self.names.note(
                    path,
                    format!("`{text}` is not a time of day"),
                    "write such as \"08:30\"",
                );
                None
            }
        }
    }

    fn duration(&mut self, path: &str, text: &str) -> Option<f64> {
        let found = seconds(text).filter(|s| *s > 0.0);
        if found.is_none() {
            self.names
                .note(path, format!("`{text}` is not a duration"), "write such as \"15 min\"");
        }
        found
    }
}

fn is_region(word: &str, scenario: &Scenario) -> bool {
    scenario.regions.iter().any(|r| r.key == *word)
}
