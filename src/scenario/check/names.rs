//! What can be referred to by name.

use super::raw;

/// Things with keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Noun {
    Region,
    Host,
    Operator,
    Service,
    Habit,
    Route,
    Timetable,
    Cohort,
    Incident,
}

impl Noun {
    /// All of them.
    pub const ALL: [Noun; 9] = [
        Noun::Region,
        Noun::Host,
        Noun::Operator,
        Noun::Service,
        Noun::Habit,
        Noun::Route,
        Noun::Timetable,
        Noun::Cohort,
        Noun::Incident,
    ];

    /// In the singular.
    pub fn word(self) -> &'static str {
        let words = [
            "region",
            "host",
            "operator",
            "service",
            "habit",
            "route",
            "timetable",
            "cohort",
            "incident",
        ];
        words[self as usize]
    }

    /// The field of the model that holds them.
    pub fn table(self) -> &'static str {
        let tables = [
            "regions",
            "hosts",
            "operators",
            "services",
            "habits",
            "routes",
            "timetables",
            "cohorts",
            "incidents",
        ];
        tables[self as usize]
    }
}

/// All keys of a model, by noun.
pub(super) struct Names([Vec<String>; 9]);

impl Names {
    pub fn new(raw: &raw::Scenario) -> Self {
        fn keys<T>(table: &raw::Table<T>) -> Vec<String> {
            table.0.iter().map(|(key, _)| key.clone()).collect()
        }
        Self([
            keys(&raw.regions),
            keys(&raw.hosts),
            keys(&raw.operators),
            keys(&raw.services),
            keys(&raw.habits),
            keys(&raw.routes),
            keys(&raw.timetables),
            keys(&raw.cohorts),
            keys(&raw.incidents),
        ])
    }

    pub fn of(&self, noun: Noun) -> Vec<&str> {
        self.0[noun as usize].iter().map(String::as_str).collect()
    }

    /// Adds a name that the model has without saying it, and gives its position.
    pub fn add(&mut self, noun: Noun, key: &str) -> u16 {
        self.0[noun as usize].push(key.to_owned());
        (self.0[noun as usize].len() - 1) as u16
    }

    pub fn position(&self, noun: Noun, word: &str) -> Option<u16> {
        self.0[noun as usize]
            .iter()
            .position(|key| key == word)
            .map(|i| i as u16)
    }

    /// Positions of the keys that a pattern with `*` takes.
    pub fn matching(&self, noun: Noun, pattern: &str) -> Vec<u16> {
        let all = self.0[noun as usize].iter().enumerate();
        all.filter(|(_, key)| glob(pattern, key))
            .map(|(i, _)| i as u16)
            .collect()
    }
}

/// Whether a word is of the form of a pattern, in which `*` stands for any characters.
fn glob(pattern: &str, word: &str) -> bool {
    let Some((head, tail)) = pattern.split_once('*') else {
        return pattern == word;
    };
    let Some(rest) = word.strip_prefix(head) else {
        return false;
    };
    rest.char_indices()
        .map(|(i, _)| &rest[i..])
        .chain([""])
        .any(|rest| glob(tail, rest))
}

#[test]
fn patterns_take_what_they_say() {
    assert!(glob("*", "ent-idf") && glob("ent-*", "ent-idf") && glob("*-idf", "ent-idf") && glob("e*-*f", "ent-idf"));
    assert!(!glob("ent-*", "cned") && !glob("*x", "ent-idf") && glob("ent-*", "ent-"));
}
