//! Random numbers: from one generator, or a stream of its own for each visit and purpose.

use super::STREAMS;
use super::logs::uniform;
use preau::engine::{Draw, Families, Purpose, Streams, key_of};
use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};
use rand_distr::Exp1;

/// Both sources; which one is asked is a constant of the compilation.
pub struct Chance {
    one: SmallRng,
    families: Families,
    arrivals: Draw,
    pool: Draw,
    orbit: Draw,
}

/// A visit's number at its one door, at a knock: what preau tells its draws apart by.
#[inline]
pub fn number_at_door(visit: u32, tries: u8) -> u64 {
    u64::from(visit) | 1 << 40 | u64::from(tries) << 44
}

impl Chance {
    /// The numbers of a seed; `cohort` and `service` name the streams.
    pub fn new(seed: u64, cohort: &str, service: &str) -> Self {
        let streams = Streams::new(seed, 0);
        Chance {
            one: SmallRng::seed_from_u64(seed),
            families: streams.families(key_of(cohort)),
            arrivals: streams.sequence(Purpose::Arrival, key_of(cohort)),
            pool: streams.sequence(Purpose::Pool, key_of(service)),
            orbit: streams.sequence(Purpose::Retry, key_of(service)),
        }
    }

    /// A uniform variate for the next arrival.
    #[inline]
    pub fn gap_uniform(&mut self) -> f64 {
        uniform(self.arrivals.bits())
    }

    /// A unit exponential of the one generator.
    #[inline]
    pub fn exponential(&mut self) -> f64 {
        self.one.sample::<f64, _>(Exp1)
    }

    /// A uniform variate of the one generator.
    #[inline]
    pub fn uniform(&mut self) -> f64 {
        self.one.random::<f64>()
    }

    /// The first uniform variate of the stream of a visit or knock, by its number.
    #[inline]
    pub fn first(&self, purpose: Purpose, number: u64) -> f64 {
        uniform(self.families.person(purpose, number).bits())
    }

    /// The stream of a visit or knock, by its number.
    #[inline]
    pub fn stream(&self, purpose: Purpose, number: u64) -> Draw {
        self.families.person(purpose, number)
    }

    /// A unit exponential for the next knock of a pool.
    #[inline]
    pub fn next_knock<const KEEP: u8>(&mut self) -> f64 {
        if KEEP >= STREAMS {
            self.orbit.exponential()
        } else {
            self.exponential()
        }
    }

    /// Which of `n` members of a pool.
    #[inline]
    pub fn member<const KEEP: u8>(&mut self, n: u32) -> u32 {
        if KEEP >= STREAMS {
            self.pool.below(n)
        } else {
            self.one.random_range(0..n)
        }
    }

    /// A uniform variate for what a member of a pool did in vain.
    #[inline]
    pub fn in_vain<const KEEP: u8>(&mut self) -> f64 {
        if KEEP >= STREAMS {
            uniform(self.pool.bits())
        } else {
            self.uniform()
        }
    }
}
