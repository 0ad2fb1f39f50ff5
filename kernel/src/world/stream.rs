//! Arrival streams: one pending arrival each, never a list of people.

use super::memory::STREET;
use crate::engine::{Distribution, Draw, Permutation, Purpose, SortedUniforms, Span, Streams, Time, key_of};
use crate::scenario::model::{Cohort, Source, Wave};

/// What draws the next instant.
enum Law {
    /// The order statistics of a finite crowd through the spread's quantile.
    Crowd {
        left: SortedUniforms,
        at: Time,
        spread: Distribution,
        who: Dealer,
    },
    /// A Poisson process of changing rate, by inversion of its cumulative rate.
    Rate {
        points: Vec<(f64, f64)>,
        linear: bool,
        now: f64,
        piece: usize,
        draw: Draw,
    },
    /// Independent gaps.
    Renewal {
        between: Distribution,
        now: Time,
        draw: Draw,
    },
}

/// One stream of arrivals of a cohort.
pub struct Stream {
    /// Whose.
    pub cohort: u16,
    law: Law,
    batch: Option<(Distribution, Draw)>,
    next_person: u32,
}

/// Deals the people of a crowd out to its waves: everybody once, then everybody once again in another order.
///
/// Streets of 64 people stay together, so that memory is read in order; what people are and want is drawn for each
/// by itself, so neighbours have nothing in common but their place in the deal.
struct Dealer {
    people: u32,
    first: u64,
    key: u64,
    streams: Streams,
    /// Where the round begins in the deal, and its order of streets.
    round: Option<(u64, Permutation)>,
    /// The street dealt from, and the one that takes its place.
    street: (u32, u32),
}

impl Dealer {
    /// Who comes at a place of the wave, and when a street begins, somebody of the street after it.
    fn person(&mut self, rank: u32) -> (u32, Option<u32>) {
        let position = self.first + u64::from(rank);
        let people = u64::from(self.people);
        let round = match &self.round {
            Some((from, _)) if (*from..*from + people).contains(&position) => *from,
            _ => {
                let round = position / people;
                let shuffle = self.streams.person(Purpose::Person, self.key, round).bits();
                let from = round * people;
                self.round = Some((from, Permutation::new(self.people / STREET, shuffle)));
                self.street = (u32::MAX, 0);
                from
            }
        };
        let place = (position - round) as u32;
        let street = place / STREET;
        let mut ahead = None;
        if self.street.0 != street {
            self.street = (street, self.goes_to(street));
            let next = (street + 1).saturating_mul(STREET);
            ahead = (next < self.people).then(|| self.goes_to(street + 1) * STREET);
        }
        (self.street.1 * STREET + place % STREET, ahead)
    }

    /// The street that takes the place of another in this round. The last, incomplete one keeps its place.
    fn goes_to(&self, street: u32) -> u32 {
        match &self.round {
            Some((_, streets)) if street < streets.len() => streets.apply(street),
            _ => street,
        }
    }
}

/// Rounds from the deal of a day to that of the next: more than a day and its surges need.
const A_DAYS_DEAL: f64 = 1e6;

/// Who arrives.
pub struct Arrival {
    /// First person.
    pub person: u32,
    /// How many people from that number on.
    pub count: u32,
    /// How many came by this stream before.
    pub rank: u32,
    /// Somebody of the street that comes after this one's, when this one is the first of a street: marks of that street
    /// can be fetched from memory.
    pub ahead: Option<u32>,
}

impl Stream {
    /// The streams of a cohort whose `connecting` first people take part.
    pub fn of_cohort(index: u16, cohort: &Cohort, connecting: u32, streams: &Streams) -> Vec<Stream> {
        let key = key_of(&cohort.key);
        let sequence = |purpose| streams.sequence(purpose, key);
        let stream = |law, batch: &Option<Distribution>| Stream {
            cohort: index,
            law,
            batch: batch.clone().map(|b| (b, sequence(Purpose::Batch))),
            next_person: 0,
        };
        match &cohort.source {
            Source::Crowd(waves) => {
                let (mut day, mut dealt) = (0, 0.0);
                let mut deal = |(w, wave): (usize, &Wave)| {
                    if wave.day != day {
                        (day, dealt) = (wave.day, A_DAYS_DEAL * f64::from(wave.day));
                    }
                    let from = dealt;
                    dealt += wave.share;
                    Stream::crowd(
                        index,
                        key,
                        w as u64,
                        connecting,
                        (from, dealt),
                        wave.at,
                        wave.spread.clone(),
                        streams,
                    )
                };
                waves.iter().enumerate().map(&mut deal).collect()
            }
            Source::Rate { points, linear, batch } => {
                let draw = sequence(Purpose::Arrival);
                vec![stream(
                    Law::Rate {
                        points: points.iter().map(|(at, rate)| (at.as_secs(), *rate)).collect(),
                        linear: *linear,
                        now: 0.0,
                        piece: 0,
                        draw,
                    },
                    batch,
                )]
            }
            Source::Renewal { between, batch } => {
                let draw = sequence(Purpose::Arrival);
                vec![stream(
                    Law::Renewal {
                        between: between.clone(),
                        now: Time::ZERO,
                        draw,
                    },
                    batch,
                )]
            }
            Source::Closed { .. } => Vec::new(),
        }
    }

    /// A wave: of the `connecting` people, dealt out round after round, those between two points of the deal
    /// (`(0.25, 0.45)`: the fifth that comes after the first quarter; `(1.0, 1.2)`: a fifth of the second round).
    #[allow(clippy::too_many_arguments)]
    pub fn crowd(
        index: u16,
        key: u64,
        wave: u64,
        connecting: u32,
        (from, until): (f64, f64),
        at: Time,
        spread: Distribution,
        streams: &Streams,
    ) -> Stream {
        let point = |share: f64| libm::round(share * f64::from(connecting)) as u64;
        let n = point(until).saturating_sub(point(from));
        let left = SortedUniforms::new(n, streams.person(Purpose::Arrival, key, wave));
        let who = Dealer {
            people: connecting,
            first: point(from),
            key,
            streams: *streams,
            round: None,
            street: (u32::MAX, 0),
        };
        Stream {
            cohort: index,
            law: Law::Crowd { left, at, spread, who },
            batch: None,
            next_person: 0,
        }
    }

    /// How many are still to come by a wave; none by other streams.
    pub fn left(&self) -> u64 {
        match &self.law {
            Law::Crowd { left, .. } => left.left(),
            _ => 0,
        }
    }

    /// The next instant, or none when the stream has ended.
    pub fn next(&mut self) -> Option<Time> {
        match &mut self.law {
            Law::Crowd { left, at, spread, .. } => {
                let u = left.next()?;
                let offset = spread.inverse(u).unwrap_or(0.0);
                Some(Time::from_secs((at.as_secs() + offset).max(0.0)))
            }
            Law::Rate {
                points,
                linear,
                now,
                piece,
                draw,
            } => next_of_rate(points, *linear, now, piece, draw.exponential()).map(Time::from_secs),
            Law::Renewal { between, now, draw } => {
                *now += Span::from_secs(between.sample(draw));
                Some(*now)
            }
        }
    }

    /// Who comes at the instant just reached.
    pub fn arrive(&mut self) -> Arrival {
        let count = self
            .batch
            .as_mut()
            .map_or(1, |(law, draw)| law.sample(draw).max(1.0) as u32);
        let rank = self.next_person;
        self.next_person = rank.wrapping_add(count);
        match &mut self.law {
            Law::Crowd { who, .. } => {
                let (person, ahead) = who.person(rank);
                Arrival {
                    person,
                    count: 1,
                    rank,
                    ahead,
                }
            }
            _ => Arrival {
                person: rank,
                count,
                rank,
                ahead: None,
            },
        }
    }
}

/// Moves `now` on until the cumulative rate has grown by `x`.
fn next_of_rate(points: &[(f64, f64)], linear: bool, now: &mut f64, piece: &mut usize, mut x: f64) -> Option<f64> {
    loop {
        let (from, rate) = points.get(*piece).copied()?;
        *now = now.max(from);
        let until = points.get(*piece + 1).map(|(t, _)| *t);
        let slope = match (linear, until) {
            (true, Some(end)) if end > from => (points[*piece + 1].1 - rate) / (end - from),
            _ => 0.0,
        };
        let here = rate + slope * (*now - from);
        // ∫ from now: here·d + slope·d²/2 = x, in the form that does not cancel.
        let step = if slope == 0.0 {
            if here > 0.0 { x / here } else { f64::INFINITY }
        } else {
            let disc = here * here + 2.0 * slope * x;
            if disc < 0.0 {
                f64::INFINITY
            } else {
                2.0 * x / (here + libm::sqrt(disc))
            }
        };
        match until {
            Some(end) if *now + step >= end => {
                let d = end - *now;
                x -= here * d + 0.5 * slope * d * d;
                x = x.max(0.0);
                *now = end;
                *piece += 1;
            }
            None if !step.is_finite() => return None,
            _ => {
                *now += step;
                return Some(*now);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deal_brings_everybody_once_a_round() {
        let streams = Streams::new(5, 0);
        let mut seen = vec![0; 1000];
        for (from, until) in [(0.0, 0.25), (0.25, 0.8), (0.8, 1.5), (1.5, 2.0)] {
            let spread = Distribution::Uniform { low: 0.0, high: 10.0 };
            let mut wave = Stream::crowd(0, 1, 0, 1000, (from, until), Time::ZERO, spread, &streams);
            while wave.next().is_some() {
                seen[wave.arrive().person as usize] += 1;
            }
        }
        assert!(seen.iter().all(|n| *n == 2));
    }

    #[test]
    fn a_straight_line_is_inverted_exactly() {
        let points = [(0.0, 0.0), (10.0, 10.0)];
        let (mut now, mut piece) = (0.0, 0);
        // ∫ t dt = t²/2: the cumulative rate reaches 8 at t = 4, and 50 at 10; then 10 a second.
        assert!((next_of_rate(&points, true, &mut now, &mut piece, 8.0).unwrap() - 4.0).abs() < 1e-12);
        assert!((next_of_rate(&points, true, &mut now, &mut piece, 52.0).unwrap() - 11.0).abs() < 1e-9);
    }

    #[test]
    fn a_staircase_may_stop() {
        let points = [(0.0, 2.0), (1.0, 0.0)];
        let (mut now, mut piece) = (0.0, 0);
        assert_eq!(next_of_rate(&points, false, &mut now, &mut piece, 1.0), Some(0.5));
        assert_eq!(next_of_rate(&points, false, &mut now, &mut piece, 2.0), None);
    }
}
