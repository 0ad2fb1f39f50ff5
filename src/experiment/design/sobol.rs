//! Sobol sequences, and the blocks from which Sobol indices are estimated.

use crate::engine::Streams;

/// The sequence has so many dimensions; blocks for indices need two for each factor.
pub const MOST_DIMENSIONS: usize = sobol_burley::NUM_DIMENSIONS as usize;

/// The sequence has so many points.
pub const MOST_POINTS: u32 = 1 << 16;

/// Which block of a row a point belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Block {
    /// The first sample.
    A,
    /// The second sample.
    B,
    /// The first, with this column of the second.
    Ab(usize),
}

/// Point `i` of the sequence, scrambled by the seed (Owen's scrambling by hashes: Burley, 2020). Coordinates have 24 bits
/// and are moved to the middle of their cell, so that none is 0 or 1.
pub(super) fn point(dimensions: usize, i: u32, seed: u64) -> Vec<f64> {
    let seed = Streams::new(seed, 0).sequence(crate::engine::Purpose::Other, 0).bits() as u32;
    let coordinate = |d: usize| {
        let x = f64::from(sobol_burley::sample(i, d as u32, seed));
        x + 0.5 / f64::from(1_u32 << 24)
    };
    (0..dimensions).map(coordinate).collect()
}

/// The row and block of a point: row by row A, then A with one column of B after the other, then B (the order of SALib).
pub(super) fn block(dimensions: usize, i: usize) -> (u32, Block) {
    let width = dimensions + 2;
    let block = match i % width {
        0 => Block::A,
        b if b == width - 1 => Block::B,
        b => Block::Ab(b - 1),
    };
    ((i / width) as u32, block)
}

/// Coordinates of a point of the blocks: A is the first half of the dimensions of a sequence, B the second.
pub(super) fn block_point(dimensions: usize, i: usize, seed: u64) -> Vec<f64> {
    let (row, block) = block(dimensions, i);
    let both = point(2 * dimensions, row, seed);
    let (a, b) = both.split_at(dimensions);
    match block {
        Block::A => a.to_vec(),
        Block::B => b.to_vec(),
        Block::Ab(column) => {
            let mut mixed = a.to_vec();
            mixed[column] = b[column];
            mixed
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn powers_of_two_fill_every_dimension_evenly() {
        for n in [8_u32, 64] {
            let points: Vec<Vec<f64>> = (0..n).map(|i| point(6, i, 3)).collect();
            for d in 0..6 {
                let mut slices: Vec<u32> = points.iter().map(|p| (p[d] * f64::from(n)) as u32).collect();
                slices.sort_unstable();
                assert!(slices.into_iter().eq(0..n), "dimension {d} of {n}");
            }
        }
    }

    #[test]
    fn it_integrates_better_than_chance() {
        // The integral of x y over the unit square is 1/4; 1024 random points would miss by about 0.007.
        let sum: f64 = (0..1024).map(|i| point(2, i, 8).iter().product::<f64>()).sum();
        assert!((sum / 1024.0 - 0.25).abs() < 5e-4, "{}", sum / 1024.0);
    }

    #[test]
    fn blocks_differ_in_one_column() {
        let row = |b| block_point(3, 5 * 4 + b, 1);
        let (a, b) = (row(0), row(4));
        assert_eq!(block(3, 20), (4, Block::A));
        assert_eq!(block(3, 24), (4, Block::B));
        for column in 0..3 {
            assert_eq!(block(3, 21 + column), (4, Block::Ab(column)));
            let mixed = row(1 + column);
            for d in 0..3 {
                assert_eq!(mixed[d], if d == column { b[d] } else { a[d] });
            }
        }
    }
}
