//! What a listener is told adds up to what the books say, in every model.

use crate::country::country;
use crate::{cases, with_all_levers};
use preau::engine::{Span, Time};
use preau::measure::{Bin, Learning, Outcome, Refusal};
use preau::scenario::model::{CohortId, Scenario, ServiceId};
use preau::world::{Deed, Instead, Observer, Unwatched, run};

/// What was told of a service or a cohort.
#[derive(Clone, Debug, Default, PartialEq)]
struct Told {
    visits: u64,
    knocks_in_vain: [u64; 9],
    logins: u64,
    wasted: u64,
    sessions: u64,
    ended: u64,
    gave_up: u64,
    learning: Learning,
}

/// Logins in service and waiting, people in the room, sessions, people who wait to knock again.
type Level = [u64; 5];

struct Listener {
    /// By service: what is learnt there is learnt elsewhere.
    elsewhere: Vec<bool>,
    services: Vec<Told>,
    cohorts: Vec<Told>,
    levels: Vec<Level>,
    at: Time,
    wrong: Vec<String>,
}

impl Listener {
    fn new(s: &Scenario) -> Listener {
        Listener {
            elsewhere: s.services.iter().map(|service| service.fallback).collect(),
            services: vec![Told::default(); s.services.len()],
            cohorts: vec![Told::default(); s.cohorts.len()],
            levels: vec![Level::default(); s.services.len()],
            at: Time::ZERO,
            wrong: Vec::new(),
        }
    }

    fn both(&mut self, service: ServiceId, cohort: CohortId, note: impl Fn(&mut Told)) {
        note(&mut self.services[service.index()]);
        note(&mut self.cohorts[cohort.index()]);
    }

    fn comes(&mut self, now: Time) {
        if now < self.at {
            self.wrong.push(format!("{now:?} told after {:?}", self.at));
        }
        self.at = now;
    }
}

impl Observer for Listener {
    fn level(&mut self, now: Time, service: ServiceId, in_service: u32, backlog: u32, room: u32, sessions: u32) {
        self.comes(now);
        let level = &mut self.levels[service.index()];
        *level = [
            in_service.into(),
            backlog.into(),
            room.into(),
            sessions.into(),
            level[4],
        ];
    }
    fn orbit(&mut self, now: Time, service: ServiceId, waiting: u64) {
        self.comes(now);
        self.levels[service.index()][4] = waiting;
    }
    fn refused(&mut self, now: Time, service: ServiceId, cohort: CohortId, _: u32, why: Refusal, count: u64) {
        self.comes(now);
        self.both(service, cohort, |told| told.knocks_in_vain[why as usize] += count);
    }
    fn done(
        &mut self,
        now: Time,
        service: ServiceId,
        cohort: CohortId,
        _: u32,
        waited: Span,
        sojourn: Span,
        wasted: bool,
    ) {
        self.comes(now);
        if waited > sojourn {
            self.wrong.push(format!("waited {waited:?} of {sojourn:?}"));
        }
        if wasted {
            self.services[service.index()].wasted += 1;
        } else {
            self.both(service, cohort, |told| told.logins += 1);
        }
    }
    fn session(&mut self, now: Time, service: ServiceId, cohort: CohortId, _: u32, begins: bool) {
        self.comes(now);
        self.both(service, cohort, |told| {
            *(if begins { &mut told.sessions } else { &mut told.ended }) += 1
        });
    }
    fn visit(&mut self, now: Time, cohort: CohortId, _: u32) {
        self.comes(now);
        self.cohorts[cohort.index()].visits += 1;
    }
    fn event(&mut self, now: Time, _: u8, _: u32) {
        self.comes(now);
    }
    fn deed(&mut self, now: Time, cohort: CohortId, _: u32, deed: &Deed<'_>) {
        self.comes(now);
        let told = &mut self.cohorts[cohort.index()];
        match deed {
            Deed::Begins { wanted, .. } => told.learning.wanted += u128::from(wanted.0),
            Deed::SessionEnds {
                service,
                obtained,
                lost,
            } => {
                let learning = &mut told.learning;
                let elsewhere = self.elsewhere[service.index()];
                *(if elsewhere {
                    &mut learning.fallback
                } else {
                    &mut learning.obtained
                }) += u128::from(obtained.0);
                told.learning.lost += u128::from(lost.0);
            }
            Deed::GivesUp { service, instead } => {
                if let Instead::Elsewhere { obtained, .. } = instead {
                    told.learning.fallback += u128::from(obtained.0);
                }
                self.services[service.index()].gave_up += 1;
            }
            Deed::Over { lost, .. } => told.learning.lost += u128::from(lost.0),
            _ => {}
        }
    }
    fn books<'b>(&mut self, now: Time, bins: &dyn Fn(usize) -> &'b [Bin]) {
        for (s, told) in self.levels.iter().enumerate() {
            let Some(bin) = bins(s).last() else { continue };
            let booked: Level = [bin.in_service, bin.backlog, bin.room, bin.sessions, bin.orbit];
            if *told != booked {
                self.wrong
                    .push(format!("service {s} at {now:?}: {told:?} told, {booked:?} booked"));
            }
        }
    }
}

/// What the books say differently from what was told.
fn differences(listener: Listener, o: &Outcome) -> Vec<String> {
    let mut wrong = listener.wrong;
    for (s, (told, books)) in listener.services.into_iter().zip(&o.services).enumerate() {
        let booked = Told {
            knocks_in_vain: books.refused,
            logins: books.logins,
            wasted: books.wasted,
            sessions: books.sessions,
            gave_up: books.gave_up,
            ..told.clone()
        };
        if told != booked {
            wrong.push(format!("service {s}: {told:?} told, {booked:?} booked"));
        }
    }
    for (c, (told, books)) in listener.cohorts.into_iter().zip(&o.cohorts).enumerate() {
        let mut booked = Told {
            visits: books.visits,
            knocks_in_vain: books.refused,
            logins: books.logins,
            sessions: books.sessions,
            learning: books.learning,
            ..told.clone()
        };
        if books.unfinished > 0 {
            // Nothing happens to whoever is there at the end; what is still wanted is lost.
            booked.learning.lost = booked.learning.lost.min(told.learning.lost);
        }
        if told != booked {
            wrong.push(format!("cohort {c}: {told:?} told, {booked:?} booked"));
        }
    }
    wrong
}

#[test]
fn what_is_told_adds_up_to_the_books() {
    let models = (0..u64::from(cases())).map(|seed| (seed, with_all_levers(seed)));
    let countries = (0..u64::from(cases()) / 8).map(|seed| (seed, country(seed)));
    for (seed, (s, options)) in models.chain(countries) {
        let mut listener = Listener::new(&s);
        let o = run(&s, &options, &mut listener).expect("runs");
        let wrong = differences(listener, &o);
        assert!(wrong.is_empty(), "dice {seed}: {}", wrong.join("\n"));
        let unwatched = run(&s, &options, &mut Unwatched).expect("runs");
        assert_eq!(o.fingerprint, unwatched.fingerprint, "dice {seed}");
        let books = |o: &Outcome| format!("{:?} {:?} {:?}", o.services, o.cohorts, o.series);
        assert!(
            books(&o) == books(&unwatched),
            "dice {seed}: whoever listens changes the books"
        );
    }
}
