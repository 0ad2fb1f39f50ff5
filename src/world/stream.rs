//! Arrival streams: one pending arrival each, never a list of people.

use crate::engine::{Distribution, Draw, Permutation, Purpose, SortedUniforms, Span, Streams, Time, key_of};
use crate::scenario::model::{Cohort, Source};

/// What draws the next instant.
enum Law {
    /// The order statistics of a finite crowd through the spread's quantile.
    Crowd {
        left: SortedUniforms,
        at: Time,
        spread: Distribution,
        who: Permutation,
    },
    /// A Poisson process of changing rate, by inversion of its cumulative rate.
    Rate {
        points: Vec<(Time, f64)>,
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

/// Who arrives.
pub struct Arrival {
    /// First person.
    pub person: u32,
    /// How many people from that number on.
    pub count: u32,
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
            Source::Crowd(waves) => waves
                .iter()
                .enumerate()
                .map(|(w, wave)| {
                    Stream::crowd(
                        index,
                        key,
                        w as u64,
                        connecting,
                        wave.share,
                        wave.at,
                        wave.spread.clone(),
                        streams,
                    )
                })
                .collect(),
            Source::Rate { points, linear, batch } => {
                let draw = sequence(Purpose::Arrival);
                vec![stream(
                    Law::Rate {
                        points: points.clone(),
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

    /// A wave: each of the `connecting` people takes part with probability `share`.
    #[allow(clippy::too_many_arguments)]
    pub fn crowd(
        index: u16,
        key: u64,
        wave: u64,
        connecting: u32,
        share: f64,
        at: Time,
        spread: Distribution,
        streams: &Streams,
    ) -> Stream {
        let mut draw = streams.person(Purpose::Arrival, key, wave);
        let n = draw.binomial(u64::from(connecting), share);
        let who = Permutation::new(connecting, key ^ (wave + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15));
        let law = Law::Crowd {
            left: SortedUniforms::new(n, draw),
            at,
            spread,
            who,
        };
        Stream {
            cohort: index,
            law,
            batch: None,
            next_person: 0,
        }
    }

    /// The next instant, or none when the stream has ended.
    pub fn next(&mut self) -> Option<Time> {
        match &mut self.law {
            Law::Crowd { left, at, spread, .. } => {
                let u = left.next()?;
                let offset = spread.quantile(u).unwrap_or(0.0);
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
                *now = *now + Span::from_secs(between.sample(draw));
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
        match &self.law {
            Law::Crowd { who, .. } => Arrival {
                person: who.apply(rank),
                count: 1,
            },
            _ => Arrival { person: rank, count },
        }
    }
}

/// Moves `now` on until the cumulative rate has grown by `x`.
fn next_of_rate(points: &[(Time, f64)], linear: bool, now: &mut f64, piece: &mut usize, mut x: f64) -> Option<f64> {
    loop {
        let (from, rate) = points.get(*piece).map(|(t, r)| (t.as_secs(), *r))?;
        *now = now.max(from);
        let until = points.get(*piece + 1).map(|(t, _)| t.as_secs());
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
    fn a_straight_line_is_inverted_exactly() {
        let points = [(Time::ZERO, 0.0), (Time::from_secs(10.0), 10.0)];
        let (mut now, mut piece) = (0.0, 0);
        // ∫ t dt = t²/2: the cumulative rate reaches 8 at t = 4, and 50 at 10; then 10 a second.
        assert!((next_of_rate(&points, true, &mut now, &mut piece, 8.0).unwrap() - 4.0).abs() < 1e-12);
        assert!((next_of_rate(&points, true, &mut now, &mut piece, 52.0).unwrap() - 11.0).abs() < 1e-9);
    }

    #[test]
    fn a_staircase_may_stop() {
        let points = [(Time::ZERO, 2.0), (Time::from_secs(1.0), 0.0)];
        let (mut now, mut piece) = (0.0, 0);
        assert_eq!(next_of_rate(&points, false, &mut now, &mut piece, 1.0), Some(0.5));
        assert_eq!(next_of_rate(&points, false, &mut now, &mut piece, 2.0), None);
    }
}
