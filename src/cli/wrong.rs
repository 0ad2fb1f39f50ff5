//! What is wrong with a command line, in French: for `preau lesson`, the one verb whose every word for the terminal is in both languages.

use crate::web::Lang;
use clap::error::{ContextKind, ContextValue, Error, ErrorKind};

/// The verb that speaks French.
const SPEAKS: &str = "lesson";

/// The error in French, if that is the language of whoever typed these words. Kinds that this verb cannot meet stay in English.
pub(super) fn in_french(error: &Error, typed: &[String], environment: Lang) -> Option<String> {
    if typed.get(1).map(String::as_str) != Some(SPEAKS) || language(typed).unwrap_or(environment) != Lang::Fr {
        return None;
    }
    let get = |kind| error.get(kind).map(words);
    let asked = get(ContextKind::InvalidArg);
    let said = match error.kind() {
        ErrorKind::UnknownArgument => {
            let near =
                get(ContextKind::SuggestedArg).map_or(String::new(), |near| format!(" ; vouliez-vous dire `{near}` ?"));
            format!("il n'y a pas d'option `{}`{near}", asked?)
        }
        ErrorKind::InvalidValue if get(ContextKind::InvalidValue).is_none_or(|value| value.is_empty()) => {
            format!("`{}` veut une valeur", asked?)
        }
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => {
            let known = get(ContextKind::ValidValue).map_or(String::new(), |known| format!(" ; il y a {known}"));
            let value = get(ContextKind::InvalidValue)?;
            format!("`{value}` ne convient pas à `{}`{known}", asked?)
        }
        ErrorKind::ArgumentConflict => match error.get(ContextKind::PriorArg) {
            Some(ContextValue::String(prior)) if Some(prior) != asked.as_ref() => {
                format!("`{}` ne va pas avec `{prior}`", asked?)
            }
            Some(several @ ContextValue::Strings(_)) => format!("`{}` ne va pas avec {}", asked?, words(several)),
            _ => format!("`{}` est donné deux fois", asked?),
        },
        _ => return None,
    };
    Some(format!(
        "erreur : {said}\n\n`preau {SPEAKS} --help` donne les options (en anglais)"
    ))
}

/// What `--lang` says, wherever it stands: the command line could not be read.
fn language(typed: &[String]) -> Option<Lang> {
    let mut found = None;
    for (i, word) in typed.iter().enumerate() {
        let value = match word.split_once('=') {
            Some(("--lang", value)) => Some(value),
            _ if word == "--lang" => typed.get(i + 1).map(String::as_str),
            _ => None,
        };
        found = match value {
            Some("fr") => Some(Lang::Fr),
            Some("en") => Some(Lang::En),
            _ => found,
        };
    }
    found
}

fn words(value: &ContextValue) -> String {
    match value {
        ContextValue::String(word) => word.clone(),
        ContextValue::Strings(words) => words
            .iter()
            .map(|word| format!("`{word}`"))
            .collect::<Vec<_>>()
            .join(", "),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::Cli;
    use clap::Parser;

    fn said(typed: &str, environment: Lang) -> Option<String> {
        let typed: Vec<String> = typed.split(' ').map(str::to_owned).collect();
        let error = Cli::try_parse_from(&typed).err().expect("a mistake");
        in_french(&error, &typed, environment).map(|said| said.lines().next().unwrap_or_default().to_owned())
    }

    #[test]
    fn mistakes_at_a_lesson_are_told_in_its_language() {
        for (typed, told) in [
            (
                "preau lesson --lang fr --hnt 1",
                "erreur : il n'y a pas d'option `--hnt` ; vouliez-vous dire `--hint` ?",
            ),
            (
                "preau lesson quota --lang=fr --hint x",
                "erreur : `x` ne convient pas à `--hint <N>`",
            ),
            (
                "preau lesson quota --lang fr --hint",
                "erreur : `--hint <N>` veut une valeur",
            ),
            (
                "preau lesson quota --lang fr --prove --run",
                "erreur : `--prove` ne va pas avec `--run`",
            ),
            (
                "preau lesson quota --lang fr --hint 1 --hint 2",
                "erreur : `--hint <N>` est donné deux fois",
            ),
            (
                "preau lesson quota --json --wide",
                "erreur : il n'y a pas d'option `--wide`",
            ),
            (
                "preau lesson quota --lang es",
                "erreur : `es` ne convient pas à `--lang <LANG>` ; il y a `fr`, `en`",
            ),
        ] {
            assert_eq!(said(typed, Lang::Fr).as_deref(), Some(told), "{typed}");
        }
    }

    #[test]
    fn whoever_reads_english_is_told_in_english() {
        assert_eq!(said("preau lesson --lang en --hnt 1", Lang::Fr), None);
        assert_eq!(said("preau lesson --hnt 1", Lang::En), None);
        // Other verbs speak English on the terminal, whatever the language of their page.
        assert_eq!(said("preau run --lang fr --hnt 1", Lang::Fr), None);
    }
}
