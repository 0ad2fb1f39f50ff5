//! Morris trajectories: from a random point of a grid, one dimension after another is moved by the same step.

use crate::engine::{Permutation, Purpose, Streams, key_of};

/// Levels of the grid in each dimension: 0, 1/3, 2/3, 1.
pub const LEVELS: u32 = 4;
/// Two of three steps of the grid: then all levels are equally probable (Morris, 1991, for an even number of levels).
const DELTA: f64 = (LEVELS / 2) as f64 / (LEVELS - 1) as f64;
const FAMILY: u64 = key_of("a design of an experiment: morris");

/// Where a point stands in its trajectory.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Step {
    /// Which trajectory.
    pub trajectory: u32,
    /// The dimension in which it differs from the point before it, and by how much of the unit interval; none for the
    /// first.
    pub moved: Option<(usize, f64)>,
}

impl Eq for Step {}

/// A trajectory: where it starts, in which order dimensions move, and whether down.
struct Trajectory {
    start: Vec<f64>,
    down: Vec<bool>,
    order: Permutation,
}

impl Trajectory {
    fn of(dimensions: usize, trajectory: u32, seed: u64) -> Trajectory {
        let mut draw = Streams::new(seed, 0).person(Purpose::Other, FAMILY, u64::from(trajectory));
        let order = Permutation::new(dimensions as u32, draw.bits());
        let (mut start, mut down) = (Vec::new(), Vec::new());
        for _ in 0..dimensions {
            let low = f64::from(draw.below(LEVELS / 2)) / f64::from(LEVELS - 1);
            let falls = draw.chance(0.5);
            start.push(if falls { low + DELTA } else { low });
            down.push(falls);
        }
        Trajectory { start, down, order }
    }

    fn moved(&self, step: usize) -> (usize, f64) {
        let d = self.order.apply(step as u32) as usize;
        (d, if self.down[d] { -DELTA } else { DELTA })
    }
}

pub(super) fn step(dimensions: usize, i: usize, seed: u64) -> Step {
    let (trajectory, step) = ((i / (dimensions + 1)) as u32, i % (dimensions + 1));
    let moved = step
        .checked_sub(1)
        .map(|last| Trajectory::of(dimensions, trajectory, seed).moved(last));
    Step { trajectory, moved }
}

pub(super) fn point(dimensions: usize, i: usize, seed: u64) -> Vec<f64> {
    let (trajectory, steps) = ((i / (dimensions + 1)) as u32, i % (dimensions + 1));
    let trajectory = Trajectory::of(dimensions, trajectory, seed);
    let mut unit = trajectory.start.clone();
    for step in 0..steps {
        let (d, by) = trajectory.moved(step);
        // On the grid exactly, whatever the rounding of the sum.
        let level = libm::round((unit[d] + by) * f64::from(LEVELS - 1));
        unit[d] = level / f64::from(LEVELS - 1);
    }
    unit
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_dimension_moves_once_by_the_step() {
        let k = 5;
        for t in 0..20 {
            let mut moved = Vec::new();
            for s in 1..=k {
                let (before, after) = (point(k, t * (k + 1) + s - 1, 2), point(k, t * (k + 1) + s, 2));
                let (d, by) = step(k, t * (k + 1) + s, 2).moved.unwrap();
                assert!((after[d] - before[d] - by).abs() < 1e-12 && by.abs() == DELTA);
                assert!((0..k).all(|other| other == d || before[other] == after[other]));
                moved.push(d);
            }
            moved.sort_unstable();
            assert!(moved.into_iter().eq(0..k));
            assert_eq!(step(k, t * (k + 1), 2).moved, None);
        }
    }

    #[test]
    fn all_levels_are_equally_probable() {
        let mut counts = [0_u32; LEVELS as usize];
        let k = 10;
        for i in 0..400 * (k + 1) {
            for u in point(k, i, 7) {
                counts[(u * f64::from(LEVELS - 1)).round() as usize] += 1;
            }
        }
        let expected = f64::from(counts.iter().sum::<u32>()) / f64::from(LEVELS);
        assert!(
            counts.iter().all(|c| (f64::from(*c) / expected - 1.0).abs() < 0.1),
            "{counts:?}"
        );
    }
}
