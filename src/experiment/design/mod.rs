//! Designs: which points of the unit cube are looked at, and in which order.
//!
//! A design knows numbers of dimensions and of levels only: no factor, no model. Point `i` of a design is a function of
//! (design, dimensions, seed, `i`); no list of points is kept.
//!
//! | design | points | extends |
//! |---|---|---|
//! | full factorial | the product of the levels | yes: levels that are added add points |
//! | Latin hypercube | n | no: each of the n slices of a dimension holds one point, and slices move with n |
//! | Sobol sequence | n | yes: the first n of 2 n points are the n points |
//! | blocks for Sobol indices | n (k + 2) | yes, by rows |
//! | Morris trajectories | r (k + 1) | yes, by trajectories |
//! | list | as listed | yes |

mod latin;
mod morris;
mod sobol;

pub use morris::{LEVELS as MORRIS_LEVELS, Step};
pub use sobol::{Block, MOST_DIMENSIONS, MOST_POINTS};

/// Which points are looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Design {
    /// Every combination of the levels; the last dimension turns fastest. One number of levels a dimension.
    Full(Vec<u32>),
    /// `n` points, one in each of `n` slices of every dimension (McKay, Beckman, Conover, 1979).
    LatinHypercube(u32),
    /// The first `n` points of a Sobol sequence, with Owen's scrambling: for covering the cube evenly.
    Sobol(u32),
    /// Two independent samples of `n` rows, and for each dimension the first with that column of the second: for first
    /// and total Sobol indices (Saltelli, 2002; Jansen, 1999).
    SobolIndices(u32),
    /// `r` trajectories that change one dimension after another (Morris, 1991): for screening many factors.
    Morris(u32),
    /// As many points as were listed; the cube has no part in it.
    List(u32),
}

/// What a point is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// A point by itself.
    Alone,
    /// A point of a trajectory.
    Trajectory(Step),
    /// A point of a row of blocks.
    Block {
        /// Which row.
        row: u32,
        /// Which of its blocks.
        block: Block,
    },
}

impl Design {
    /// How many points there are.
    pub fn len(&self, dimensions: usize) -> usize {
        match self {
            Design::Full(levels) => levels.iter().map(|n| *n as usize).fold(1, usize::saturating_mul),
            Design::LatinHypercube(n) | Design::Sobol(n) | Design::List(n) => *n as usize,
            Design::SobolIndices(n) => *n as usize * (dimensions + 2),
            Design::Morris(r) => *r as usize * (dimensions + 1),
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self, dimensions: usize) -> bool {
        self.len(dimensions) == 0
    }

    /// Coordinates of a point in the unit cube. Those of a full design are the middles of its levels; a list has none.
    ///
    /// ```
    /// use preau::experiment::design::Design;
    /// let four = Design::Full(vec![2, 2]);
    /// assert_eq!(four.unit(2, 1, 0), [0.25, 0.75]);
    /// assert_eq!(Design::Sobol(8).unit(3, 5, 1), Design::Sobol(64).unit(3, 5, 1));
    /// ```
    pub fn unit(&self, dimensions: usize, i: usize, seed: u64) -> Vec<f64> {
        match self {
            Design::Full(levels) => {
                let middle = |(level, n): (u32, &u32)| (f64::from(level) + 0.5) / f64::from(*n);
                self.levels(i).into_iter().zip(levels).map(middle).collect()
            }
            Design::LatinHypercube(n) => latin::point(*n, dimensions, i, seed),
            Design::Sobol(_) => sobol::point(dimensions, i as u32, seed),
            Design::SobolIndices(_) => sobol::block_point(dimensions, i, seed),
            Design::Morris(_) => morris::point(dimensions, i, seed),
            Design::List(_) => Vec::new(),
        }
    }

    /// The level of each dimension of a full design; empty for all others.
    pub fn levels(&self, i: usize) -> Vec<u32> {
        let Design::Full(levels) = self else { return Vec::new() };
        let mut rest = i;
        let mut found: Vec<u32> = levels
            .iter()
            .rev()
            .map(|n| {
                let level = rest % (*n).max(1) as usize;
                rest /= (*n).max(1) as usize;
                level as u32
            })
            .collect();
        found.reverse();
        found
    }

    /// What a point is for.
    pub fn part(&self, dimensions: usize, i: usize, seed: u64) -> Part {
        match self {
            Design::Morris(_) => Part::Trajectory(morris::step(dimensions, i, seed)),
            Design::SobolIndices(_) => {
                let (row, block) = sobol::block(dimensions, i);
                Part::Block { row, block }
            }
            _ => Part::Alone,
        }
    }

    /// Its name in files.
    pub fn name(&self) -> &'static str {
        match self {
            Design::Full(_) => "Full",
            Design::LatinHypercube(_) => "LatinHypercube",
            Design::Sobol(_) => "Sobol",
            Design::SobolIndices(_) => "SobolIndices",
            Design::Morris(_) => "Morris",
            Design::List(_) => "List",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_design_has_every_combination_once() {
        let design = Design::Full(vec![2, 3, 4]);
        let mut all: Vec<Vec<u32>> = (0..design.len(3)).map(|i| design.levels(i)).collect();
        assert_eq!(
            (all.len(), all[0].clone(), all[23].clone()),
            (24, vec![0, 0, 0], vec![1, 2, 3])
        );
        assert_eq!(all[1], [0, 0, 1]);
        all.sort();
        all.dedup();
        assert_eq!(all.len(), 24);
        assert_eq!(
            Design::Full(vec![]).len(0),
            1,
            "without factors there is the model itself"
        );
    }

    #[test]
    fn designs_that_extend_keep_their_points() {
        for (small, large) in [
            (Design::Sobol(16), Design::Sobol(100)),
            (Design::SobolIndices(8), Design::SobolIndices(32)),
            (Design::Morris(3), Design::Morris(10)),
        ] {
            for i in 0..small.len(5) {
                assert_eq!(small.unit(5, i, 9), large.unit(5, i, 9));
                assert_eq!(small.part(5, i, 9), large.part(5, i, 9));
            }
            assert_ne!(small.unit(5, 0, 9), small.unit(5, 0, 10), "{small:?} has a seed");
        }
    }

    #[test]
    fn all_coordinates_lie_in_the_unit_interval() {
        for design in [
            Design::LatinHypercube(50),
            Design::Sobol(50),
            Design::SobolIndices(9),
            Design::Morris(9),
        ] {
            for i in 0..design.len(4) {
                let unit = design.unit(4, i, 3);
                assert!(
                    unit.len() == 4 && unit.iter().all(|u| (0.0..=1.0).contains(u)),
                    "{design:?} {unit:?}"
                );
            }
        }
    }
}
