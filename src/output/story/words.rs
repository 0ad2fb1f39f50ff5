//! Words for what doors say.

use crate::engine::Span;
use crate::measure::Refusal;
use crate::output::number;
use crate::scenario::model::Level;

/// Why a knock failed, as the end of a sentence; `after`: how long the servers were waited for.
pub(super) fn refused(why: Refusal, shed: bool, after: Span) -> String {
    match why {
        Refusal::Quota => "refused, as many people are in as the quota allows".to_owned(),
        Refusal::Full => "turned away, the servers are overloaded".to_owned(),
        Refusal::Limited => "turned away, too many people knock at once".to_owned(),
        Refusal::Outage => "in vain, the service is down".to_owned(),
        Refusal::Blocked if shed => "turned away, this level is not let in for now".to_owned(),
        Refusal::Blocked => "blocked, taken for an attacker".to_owned(),
        Refusal::Lost => "in vain, the request is lost on a jammed line".to_owned(),
        Refusal::Timeout => format!("let in, but no answer within {}", long(after)),
        Refusal::Reneged => "patience ends in the waiting room".to_owned(),
        Refusal::Dropped => "let in, but the service goes down before the login is done".to_owned(),
    }
}

/// The same for many knocks: after "always" or "3 times".
pub(super) fn refused_often(why: Refusal) -> &'static str {
    match why {
        Refusal::Quota => "refused by the quota",
        Refusal::Full => "turned away by overloaded servers",
        Refusal::Limited => "turned away because too many knock at once",
        Refusal::Outage => "in vain because the service is down",
        Refusal::Blocked => "blocked",
        Refusal::Lost => "lost on a jammed line",
        Refusal::Timeout => "let in without an answer in time",
        Refusal::Reneged => "out of patience in the waiting room",
        Refusal::Dropped => "let in just before the service went down",
    }
}

/// Stands in lines for the spaces at which they are not broken.
const FIRM: char = '\u{a0}';

/// A length of time, which is not broken over two lines.
pub(super) fn long(span: Span) -> String {
    number::duration(span.as_secs()).replace(' ', &FIRM.to_string())
}

/// A text whose lines are broken: all spaces are alike from now on.
pub(super) fn broken(text: &str) -> String {
    text.replace(FIRM, " ")
}

/// `once`, `3 times`.
pub(super) fn times(n: u64) -> String {
    match n {
        1 => "once".to_owned(),
        n => format!("{} times", number::whole(n as f64)),
    }
}

/// `2 visits`.
pub(super) fn count(n: u64, noun: &str) -> String {
    let plural = if n == 1 { "" } else { "s" };
    format!("{} {noun}{plural}", number::whole(n as f64))
}

/// `1st`, `2nd`, `11th`.
pub(super) fn ordinal(n: u32) -> String {
    let end = match (n % 10, n % 100) {
        (1, rest) if rest != 11 => "st",
        (2, rest) if rest != 12 => "nd",
        (3, rest) if rest != 13 => "rd",
        _ => "th",
    };
    format!("{n}{end}")
}

/// Somebody of a level.
pub(super) fn somebody(level: Level) -> &'static str {
    match level {
        Level::Primary => "a primary school pupil",
        Level::College => "a collège pupil",
        Level::Lycee => "a lycée pupil",
        Level::Teacher => "a teacher",
        Level::Parent => "a parent",
        Level::Other => "a customer",
    }
}

#[test]
fn ordinals_end_as_they_should() {
    let told: Vec<String> = [1, 2, 3, 4, 11, 12, 13, 21, 102, 111].map(ordinal).into();
    assert_eq!(
        told,
        [
            "1st", "2nd", "3rd", "4th", "11th", "12th", "13th", "21st", "102nd", "111th"
        ]
    );
}
