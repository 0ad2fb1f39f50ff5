//! The languages of the page and the one table of its words.

use serde_json::Value;
use std::collections::BTreeMap;

/// A language of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lang {
    /// French.
    Fr,
    /// English.
    En,
}

impl Lang {
    /// Every language, in the order of the page's switch.
    pub const ALL: [Lang; 2] = [Lang::Fr, Lang::En];

    /// Its code in the table and in HTML.
    pub fn code(self) -> &'static str {
        match self {
            Lang::Fr => "fr",
            Lang::En => "en",
        }
    }

    /// What the environment asks for, as POSIX reads it: the first of `LC_ALL`, `LC_MESSAGES`, `LANG` that is not empty
    /// decides. English where it is neither.
    ///
    /// ```
    /// use preau::web::Lang;
    /// let of = |pairs: &'static [(&str, &str)]| Lang::of_environment(|name| {
    ///     pairs.iter().find(|(n, _)| *n == name).map(|(_, value)| value.to_string())
    /// });
    /// assert_eq!(of(&[("LANG", "fr_FR.UTF-8")]), Lang::Fr);
    /// assert_eq!(of(&[("LC_ALL", "C"), ("LANG", "fr_FR.UTF-8")]), Lang::En);
    /// assert_eq!(of(&[("LC_ALL", ""), ("LC_MESSAGES", "fr_CA")]), Lang::Fr);
    /// ```
    pub fn of_environment(variable: impl Fn(&str) -> Option<String>) -> Lang {
        let names = ["LC_ALL", "LC_MESSAGES", "LANG"];
        let chosen = names.into_iter().filter_map(variable).find(|value| !value.is_empty());
        let language = chosen.unwrap_or_default();
        let language = language
            .split(['_', '.', '@'])
            .next()
            .unwrap_or_default()
            .to_lowercase();
        if language == "fr" { Lang::Fr } else { Lang::En }
    }
}

/// The table as it is in the page.
pub(super) const TABLE: &str = include_str!("page/words.json");

/// Every label: key, then language, then text.
pub fn words() -> BTreeMap<String, BTreeMap<String, String>> {
    // The table is part of the program, and a test reads it.
    serde_json::from_str(TABLE).unwrap_or_default()
}

/// The texts of the table as a value of the page.
pub(super) fn table() -> Value {
    serde_json::from_str(TABLE).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::kpi::ALL;

    #[test]
    fn every_label_is_in_both_languages() {
        let words = words();
        assert!(words.len() > 100, "{}", words.len());
        for (key, texts) in &words {
            let codes: Vec<&str> = texts.keys().map(String::as_str).collect();
            assert_eq!(codes, ["en", "fr"], "{key}");
            assert!(
                texts.values().all(|t| !t.trim().is_empty()),
                "{key} is empty in a language"
            );
            let holes = |text: &str| {
                let mut found: Vec<String> = text
                    .split('{')
                    .skip(1)
                    .filter_map(|p| Some(p.split_once('}')?.0.to_owned()))
                    .collect();
                found.sort();
                found.dedup();
                found
            };
            assert_eq!(
                holes(&texts["en"]),
                holes(&texts["fr"]),
                "{key} is filled in differently"
            );
        }
    }

    #[test]
    fn every_kpi_has_a_name() {
        let words = words();
        for kpi in ALL {
            assert!(words.contains_key(&format!("kpi.{}", kpi.name)), "{}", kpi.name);
        }
    }
}
