//! The loader as a whole: a model with every field, and one test for each way to be wrong.

mod days;
mod fuzz;
mod levers;
mod mistakes;
mod overrides;
mod quotes;
mod reading;
mod size;
mod ties;

use super::{Diagnostic, Diagnostics, Source, load, model};

const FULL: &str = include_str!("full.ron");

const SMALL: &str = r#"(
    name: "small",
    clock: (end: "1 h"),
    hosts: {"rack": (cores: 8)},
    services: {
        "web": (host: "rack", station: (cores: 4, work: Exponential(mean: "1 s"))),
    },
    cohorts: {
        "all": (arrivals: Poisson(rate: "3 /s")),
    },
)
"#;

fn text(text: &str) -> Source {
    Source::Text {
        name: "model.ron".to_owned(),
        text: text.to_owned(),
    }
}

fn read(model: &str) -> Result<model::Scenario, Diagnostics> {
    load(&text(model), &[])
}

fn full() -> model::Scenario {
    read(FULL).unwrap_or_else(|problems| panic!("{problems}"))
}

/// The small model with a piece of it replaced must fail; hands over what is wrong.
fn broken(old: &str, new: &str) -> Vec<Diagnostic> {
    assert_eq!(
        SMALL.matches(old).count(),
        1,
        "{old} must stand in the small model once"
    );
    wrong(&SMALL.replace(old, new))
}

/// As [`broken`], of the full model.
fn full_broken(old: &str, new: &str) -> Vec<Diagnostic> {
    assert_eq!(FULL.matches(old).count(), 1, "{old} must stand in the full model once");
    wrong(&FULL.replace(old, new))
}

fn wrong(model: &str) -> Vec<Diagnostic> {
    match read(model) {
        Ok(_) => panic!("this model was accepted:\n{model}"),
        Err(problems) => {
            println!("{problems}");
            problems.0
        }
    }
}

/// Checks the only diagnostic: line, column, path, and words of its message and advice.
fn expect(problems: &[Diagnostic], line: usize, column: usize, path: &str, words: &[&str]) {
    let [problem] = problems else {
        panic!("{} diagnostics instead of one", problems.len())
    };
    let said = format!("{}\n{}", problem.message(), problem.advice().join("\n"));
    for word in words {
        assert!(said.contains(word), "{word:?} is not said in:\n{said}");
    }
    assert_eq!((problem.path(), problem.line(), problem.column()), (path, line, column));
    assert_eq!(problem.file(), "model.ron");
}

/// As [`expect`], for the full model, whose lines move: the text under the caret instead of its line.
fn expect_under(problems: &[Diagnostic], caret: &str, path: &str, words: &[&str]) {
    assert_eq!(problems.first().map(Diagnostic::found), Some(caret));
    expect(problems, problems[0].line(), problems[0].column(), path, words);
}
