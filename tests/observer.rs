//! Who watches a run: told of everything, without changing anything.

use preau::engine::{Span, Time};
use preau::measure::{Bin, Refusal};
use preau::scenario::model::{CohortId, PolicyId, ServiceId};
use preau::scenario::{Source, load};
use preau::world::{Deed, Observer, RunOptions, Unwatched, Whereabouts, run};

/// Counts what it is told, by method.
#[derive(Default)]
struct Told(std::collections::BTreeMap<&'static str, u64>);

impl Told {
    fn note(&mut self, what: &'static str) {
        *self.0.entry(what).or_default() += 1;
    }
}

impl Observer for Told {
    fn level(&mut self, _: Time, _: ServiceId, _: u32, _: u32, _: u32, _: u32) {
        self.note("level");
    }
    fn knock(&mut self, _: Time, _: ServiceId, _: CohortId, _: u32, _: u32) {
        self.note("knock");
    }
    fn refused(&mut self, _: Time, _: ServiceId, _: CohortId, _: u32, _: Refusal, _: u64) {
        self.note("refused");
    }
    fn start(&mut self, _: Time, _: ServiceId, _: CohortId, _: u32, _: Span) {
        self.note("start");
    }
    fn done(&mut self, _: Time, _: ServiceId, _: CohortId, _: u32, _: Span, _: Span, _: bool) {
        self.note("done");
    }
    fn reneged(&mut self, _: Time, _: ServiceId, _: CohortId, _: u32, _: Span) {
        self.note("reneged");
    }
    fn session(&mut self, _: Time, _: ServiceId, _: CohortId, _: u32, _: bool) {
        self.note("session");
    }
    fn orbit(&mut self, _: Time, _: ServiceId, _: u64) {
        self.note("orbit");
    }
    fn capacity(&mut self, _: Time, _: ServiceId, _: f64) {
        self.note("capacity");
    }
    fn visit(&mut self, _: Time, _: CohortId, _: u32) {
        self.note("visit");
    }
    fn visit_over(&mut self, _: Time, _: CohortId, _: u32, _: Time, _: u32, _: bool) {
        self.note("visit_over");
    }
    fn event(&mut self, _: Time, _: u8, _: u32) {
        self.note("event");
    }
    fn meets(&mut self, _: &Whereabouts) {
        self.note("meets");
    }
    fn deed(&mut self, _: Time, _: CohortId, _: u32, _: &Deed<'_>) {
        self.note("deed");
    }
    fn books<'b>(&mut self, _: Time, bins: &dyn Fn(usize) -> &'b [Bin]) {
        assert!(!bins(0).is_empty());
        self.note("books");
    }
}

#[test]
fn an_observer_is_told_of_everything() {
    // A method that the wrapper does not pass on is never called.
    let source = Source::Builtin("2021-04-06".to_owned());
    let country = load(&source, &["size=0.0005".to_owned()]).expect("a model of the program");
    let mut told = Told::default();
    let policies = (0..country.policies.len()).map(|p| PolicyId(p as u16)).collect();
    let options = RunOptions {
        seed: 1,
        policies,
        ..Default::default()
    };
    let watched = run(&country, &options, &mut told).expect("runs");
    let methods: Vec<_> = told.0.keys().copied().collect();
    assert_eq!(
        methods,
        [
            "books",
            "capacity",
            "deed",
            "done",
            "event",
            "knock",
            "level",
            "meets",
            "orbit",
            "refused",
            "reneged",
            "session",
            "start",
            "visit",
            "visit_over"
        ]
    );
    // Whoever watches changes nothing.
    let unwatched = run(&country, &options, &mut Unwatched).expect("runs");
    assert_eq!(watched.fingerprint, unwatched.fingerprint);
}
