//! Quotes that are missing, or are not those of a model.

use super::*;

#[test]
fn a_missing_quote() {
    let problems = broken("\"1 h\"", "\"1 h");
    let drawn = problems[0].render(false);
    assert!(
        drawn.contains("this text goes over several lines") && drawn.contains("is a `\"` missing at the end"),
        "{drawn}"
    );
}

#[test]
fn quotes_of_a_word_processor() {
    let problems = broken("\"1 h\"", "“1 h”");
    expect(&problems, 3, 18, "", &["found `“`", "straight double quotes"]);
}

#[test]
fn quotes_around_a_name_that_the_model_knows() {
    let problems = full_broken("bypass: [teacher]", "bypass: [\"teacher\"]");
    let words = [
        "expected one of",
        "found the text `\"teacher\"`",
        "write teacher, without quotes",
    ];
    expect_under(&problems, "\"teacher\"", "services.ent-idf.quota.bypass[0]", &words);
    let problems = full_broken("bypass: [teacher]", "bypass: [\"techer\"]");
    assert!(problems[0].render(false).contains("expected one of `primary`"));
}

#[test]
fn quotes_around_a_whole_group() {
    let problems = broken("(cores: 8)", "\"(cores: 8)\"");
    expect_under(
        &problems,
        "\"(cores: 8)\"",
        "hosts.rack",
        &["leave out the quotes around it"],
    );
}

#[test]
fn no_number_within_quotes() {
    let digits = "write its digits out, as in \"30 min\"";
    for (text, label, help) in [
        ("NaN %", "no number here", "write \"30 min\""),
        ("1e-20 s", "a number with a power of ten", digits),
        ("1E5 s", "a number with a power of ten", digits),
    ] {
        let text = format!("\"{text}\"");
        let problems = broken("\"1 s\"", &text);
        expect_under(&problems, &text, "services.web.station.work.mean", &[help]);
        let drawn = problems[0].render(false);
        assert!(drawn.contains(label), "{drawn}");
        assert!(!drawn.contains("unit") && !drawn.contains("decimal point"), "{drawn}");
    }
    let problems = broken("cores: 8", "cores: \"NaN %\"");
    expect_under(
        &problems,
        "\"NaN %\"",
        "hosts.rack.cores",
        &["bare numbers, without quotes or unit: write "],
    );
}
