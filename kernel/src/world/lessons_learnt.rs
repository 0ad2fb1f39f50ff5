//! What teachers learn of the doors of their classes, and what it does to where classes meet the day after.
//!
//! A class has no memory and its teacher of tomorrow is another visit, so this is learnt together: of the classes of a door
//! at which its teachers failed on one day (gave up, or were in late), a share (`learns` of the teachers' habit) meets elsewhere on the next.

use super::observer::Ear;
use super::state::World;
use super::visit::other_route;
use crate::engine::{Families, Purpose};
use crate::scenario::model::{Cohort, RouteId};

/// Streams of this choice are apart from those of the usual route.
const CHOICE: u64 = 1 << 62;

/// What is known of the doors of a cohort's classes, by position of the route among the cohort's.
#[derive(Clone, Debug, Default)]
pub(super) struct Doors {
    /// Teachers' tries of this day: how many, and how many were given up.
    today: Vec<(u64, u64)>,
    /// After each day that is over: chance that a class of each usual route meets elsewhere on the next.
    moves: Vec<Vec<f64>>,
}

impl Doors {
    /// A teacher was served at the usual route of its class, or gave it up.
    pub fn book(&mut self, routes: &[(f64, RouteId)], usual: u16, served: bool) {
        self.today.resize(routes.len(), (0, 0));
        if let Some(at) = routes.iter().position(|(_, r)| r.0 == usual) {
            self.today[at].0 += 1;
            self.today[at].1 += u64::from(!served);
        }
    }

    /// How many days are over.
    pub fn days(&self) -> u16 {
        self.moves.len() as u16
    }

    /// A day ends: what was learnt counts from now on. A door that no teacher tried is known as before.
    fn sleep(&mut self, learns: f64) {
        let mut known = self.moves.last().cloned().unwrap_or_default();
        known.resize(known.len().max(self.today.len()), 0.0);
        for (chance, (tries, given_up)) in known.iter_mut().zip(self.today.drain(..)) {
            if tries > 0 {
                *chance = learns * given_up as f64 / tries as f64;
            }
        }
        self.moves.push(known);
    }

    /// Where a class meets that usually meets at `usual`, by what was known when so many days were over.
    pub fn route(&self, days: u16, cohort: &Cohort, families: &Families, member: u64, usual: u16) -> u16 {
        let place = cohort.routes.iter().position(|(_, r)| r.0 == usual);
        let known = days.checked_sub(1).and_then(|day| self.moves.get(usize::from(day)));
        let chance = known.and_then(|known| known.get(place?)).copied().unwrap_or(0.0);
        if chance <= 0.0 {
            return usual;
        }
        let mut draw = families.person(Purpose::Route, member ^ CHOICE);
        other_route(&cohort.routes, usual, chance, &mut draw)
    }
}

impl<O: Ear> World<'_, O> {
    /// A day ends for the classes of all cohorts.
    pub(super) fn sleep_on_it(&mut self) {
        for c in 0..self.cohorts.len() {
            if let Some(teachers) = self.cohorts[c].spec.teachers {
                let learns = self.habits[self.cohorts[teachers.index()].habit].learns;
                self.cohorts[c].doors.sleep(learns);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Streams;
    use crate::measure::made_up;

    #[test]
    fn the_share_that_gave_up_moves_the_share_that_learns() {
        let cohort = &mut made_up::scenario(1).cohorts[0];
        cohort.routes = vec![(0.7, RouteId(0)), (0.3, RouteId(1))];
        let (usual, other) = (cohort.routes[0].1.0, cohort.routes[1].1.0);
        let families = Streams::new(1, 0).families(7);
        let mut doors = Doors::default();
        for n in 0..100 {
            doors.book(&cohort.routes, usual, n % 4 != 0);
        }
        // Nothing is learnt before the night.
        assert_eq!(doors.route(doors.days(), cohort, &families, 1, usual), usual);
        doors.sleep(0.4);
        // Nor by a class that somebody set out for before.
        assert!((0..100).all(|m| doors.route(0, cohort, &families, m, usual) == usual));
        let n = 20_000;
        let moved = (0..n)
            .filter(|m| doors.route(1, cohort, &families, *m, usual) == other)
            .count() as f64;
        let (n, p) = (n as f64, 0.25 * 0.4);
        assert!(((moved - n * p) / libm::sqrt(n * p * (1.0 - p))).abs() < 4.0, "{moved}");
        // The other door was not given up.
        assert_eq!(doors.route(1, cohort, &families, 1, other), other);
    }
}
