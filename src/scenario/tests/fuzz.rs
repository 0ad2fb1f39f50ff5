//! Nothing that anybody may type makes the loader panic.

use proptest::prelude::*;

use super::*;

/// Pieces that are likely to land where they hurt.
const PIECES: [&str; 40] = [
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    "\"",
    ",",
    ":",
    "//",
    "/*",
    "*/",
    "\\",
    "é",
    "\u{1F600}",
    "\0",
    "None",
    "Some(",
    "NaN",
    "inf",
    "-",
    "1e999",
    "-0",
    "0x1F",
    "1e",
    "..",
    "r#\"",
    "#![enable(implicit_some)]",
    "\"24:00\"",
    "\"-1 min\"",
    "\"300 %\"",
    "\"99999999999 d\"",
    "\"2021-13-01T00:00\"",
    "\"0 s\"",
    "\"*\"",
    "true",
    "'a'",
    "\u{feff}",
    "Exponential(mean: \"1 s\")",
    "()",
];

fn boundary(text: &str, at: usize) -> usize {
    let mut at = at % (text.len() + 1);
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// Draws what is wrong, because drawing could fail too.
fn survives(model: &str, sets: &[String]) {
    if let Err(problems) = load(&text(model), sets) {
        assert!(!problems.0.is_empty());
        let _ = problems.render(true);
        for problem in &problems.0 {
            assert!(problem.line() >= 1 && problem.column() >= 1);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn damaged_models_are_refused_and_not_more(
        cuts in prop::collection::vec((any::<usize>(), 0_usize..30, 0_usize..PIECES.len()), 1..6),
        big in any::<bool>(),
    ) {
        let mut model = if big { FULL.to_owned() } else { SMALL.to_owned() };
        for (at, length, piece) in cuts {
            let start = boundary(&model, at);
            let end = boundary(&model, (start + length).min(model.len()));
            model.replace_range(start..end.max(start), PIECES[piece]);
        }
        survives(&model, &[]);
    }

    #[test]
    fn values_of_the_wrong_kind_are_refused_and_not_more(at in any::<usize>(), piece in 0_usize..PIECES.len()) {
        // A value of the model, replaced: it stays well-formed more often than a cut does.
        let starts: Vec<usize> = FULL.match_indices(": ").map(|(i, _)| i + 2).collect();
        let start = starts[at % starts.len()];
        let length = FULL[start..].find([',', ')', '}']).unwrap_or(0);
        let mut model = FULL.to_owned();
        model.replace_range(start..start + length, PIECES[piece]);
        survives(&model, &[]);
    }

    #[test]
    fn arguments_are_refused_and_not_more(argument in "[a-z.\\[\\]=0-9 \"(){}%:é-]{0,30}", piece in 0_usize..PIECES.len()) {
        survives(SMALL, &[argument]);
        survives(SMALL, &[format!("services.web.station.cores={}", PIECES[piece])]);
        survives(SMALL, &[format!("services.web.station{}=1", PIECES[piece])]);
    }

    #[test]
    fn any_text_is_refused_and_not_more(model in "\\PC{0,60}") {
        survives(&model, &[]);
    }
}

#[test]
fn deep_nesting_is_refused() {
    survives(&"(a:".repeat(5000), &[]);
    survives(&"[".repeat(100_000), &[]);
    survives("", &[]);
    survives("\n\n", &[]);
}
