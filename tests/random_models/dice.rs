//! Dice: numbers thrown for a model.

use preau::engine::{Distribution, Draw, Purpose, Streams};

/// Throws so many numbers between 0 and 1, then zeros: a failure shrinks to a model that is random for a short while.
pub struct Dice {
    draw: Draw,
    throws: usize,
}

impl Dice {
    pub fn new(seed: u64, throws: usize) -> Dice {
        let draw = Streams::new(seed, 0).sequence(Purpose::Other, 0);
        Dice { draw, throws }
    }
    pub fn next(&mut self) -> f64 {
        if self.throws == 0 {
            return 0.0;
        }
        self.throws -= 1;
        self.draw.uniform()
    }
    pub fn chance(&mut self, share: f64) -> bool {
        self.next() > 1.0 - share
    }
    pub fn below(&mut self, n: usize) -> usize {
        ((self.next() * n as f64) as usize).min(n - 1)
    }
    pub fn between(&mut self, low: f64, high: f64) -> f64 {
        low + self.next() * (high - low)
    }
    pub fn maybe<T>(&mut self, share: f64, make: impl FnOnce(&mut Self) -> T) -> Option<T> {
        self.chance(share).then(|| make(self))
    }
    /// A law of positive values around a mean.
    pub fn law(&mut self, mean: f64) -> Distribution {
        match self.below(5) {
            0 => Distribution::Exponential { mean },
            1 => Distribution::Deterministic { value: mean },
            2 => Distribution::lognormal_mean_cv(mean, 1.5),
            3 => Distribution::Uniform {
                low: 0.0,
                high: 2.0 * mean,
            },
            _ => Distribution::Gamma { shape: 0.7, mean },
        }
    }
}
