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
