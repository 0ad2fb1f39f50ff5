//! Adaptive limits in the running country: what they are told. Their laws have tests of their own in `queueing/limit`.

mod common;

use common::{options, play, policy, text};
use preau::measure::Refusal;

#[test]
fn a_login_that_is_done_was_in_service_itself() {
    // Two are in when the first is done: half of a limit of four, which therefore grows to five. One is in when the second is: it rests.
    let act = r#"(at: "0 s", act: ConcurrencyLimit(services: ["desk"], limit: (window: "0 s", law: Aimd(initial: 4, min: 1, max: 100))))"#;
    let s = text(&format!(
        r#"(
            clock: (end: "1 h"),
            services: {{"desk": (station: (cores: 100, threads: 100, backlog: 0, work: Deterministic("1 s")))}},
            cohorts: {{
                "a": (people: 1, arrivals: Crowd([(at: "10 s", spread: Deterministic("0 s"))])),
                "b": (people: 1, arrivals: Crowd([(at: "10.5 s", spread: Deterministic("0 s"))])),
                "all": (people: 20, arrivals: Crowd([(at: "20 s", spread: Deterministic("0 s"))])),
            }},
            policies: {{"p": (acts: [{act}])}},
        )"#
    ));
    let desk = &play(&s, &options(0, &[policy(&s, "p")])).services[0];
    assert_eq!((desk.logins, desk.refused[Refusal::Full as usize]), (2 + 5, 15));
}
