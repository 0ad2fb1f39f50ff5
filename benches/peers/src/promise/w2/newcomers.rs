//! People to come to W2, drawn together.

use crate::promise::chance::Chance;
use crate::promise::logs::exponentials;
use crate::promise::w1::whole;
use crate::promise::{ORDER, RECORD, STREAMS};
use crate::storm::{MEAN_SESSION, STEPS};
use preau::engine::Purpose;

/// So many people are drawn together.
const TOGETHER: usize = 64;

/// People to come, drawn together.
pub(super) struct Ahead {
    /// When they come, ns; infinite when nobody comes any more.
    pub(super) at: [f64; TOGETHER],
    /// How long they want to stay, ns.
    pub(super) wanted: [f64; TOGETHER],
    pub(super) next: usize,
    step: usize,
    /// The last arrival, s.
    came: f64,
    drawn: u32,
}

impl Ahead {
    /// Nobody is drawn yet.
    pub(super) fn new() -> Self {
        Ahead {
            at: [0.0; TOGETHER],
            wanted: [0.0; TOGETHER],
            next: TOGETHER,
            step: 0,
            came: 0.0,
            drawn: 0,
        }
    }

    /// Draws the next ones.
    #[inline(never)]
    pub(super) fn draw<const KEEP: u8>(&mut self, size: f64, chance: &mut Chance) {
        if KEEP >= STREAMS {
            self.at.fill_with(|| chance.gap_uniform());
            exponentials(&mut self.at);
        } else {
            self.at.fill_with(|| chance.exponential());
        }
        for at in &mut self.at {
            let mut left = *at;
            *at = f64::INFINITY;
            while let Some(&(end, rate)) = STEPS.get(self.step) {
                let rate = rate * size;
                let room = (end - self.came) * rate;
                if left < room {
                    self.came += left / rate;
                    *at = self.came * 1e9;
                    break;
                }
                left -= room;
                self.came = end;
                self.step += 1;
            }
            if KEEP >= ORDER && at.is_finite() {
                *at = whole(*at);
            }
        }
        if KEEP >= RECORD {
            for wanted in &mut self.wanted {
                *wanted = chance.first(Purpose::Duration, u64::from(self.drawn));
                self.drawn = self.drawn.wrapping_add(1);
            }
            exponentials(&mut self.wanted);
            for wanted in &mut self.wanted {
                *wanted = whole(MEAN_SESSION * 1e9 * *wanted);
            }
        }
        self.next = 0;
    }
}
