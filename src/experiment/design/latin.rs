//! Latin hypercubes.

use crate::engine::{Permutation, Purpose, Streams, key_of};

const FAMILY: u64 = key_of("a design of an experiment: latin hypercube");

/// Point `i` of `n`: in dimension `d` somewhere in slice π_d(i), the π_d being independent shuffles.
pub(super) fn point(n: u32, dimensions: usize, i: usize, seed: u64) -> Vec<f64> {
    let streams = Streams::new(seed, 0);
    let coordinate = |d: usize| {
        let shuffle = streams.person(Purpose::Other, FAMILY, 2 * d as u64).bits();
        let mut within = streams.person(Purpose::Other, FAMILY, 2 * d as u64 + 1);
        within.skip(i as u64);
        let slice = Permutation::new(n, shuffle).apply(i as u32);
        (f64::from(slice) + within.uniform()) / f64::from(n)
    };
    (0..dimensions).map(coordinate).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_slice_of_every_dimension_holds_one_point() {
        for n in [1, 7, 100] {
            let points: Vec<Vec<f64>> = (0..n).map(|i| point(n, 3, i as usize, 5)).collect();
            for d in 0..3 {
                let mut slices: Vec<u32> = points.iter().map(|p| (p[d] * f64::from(n)) as u32).collect();
                slices.sort_unstable();
                assert!(slices.into_iter().eq(0..n));
            }
        }
    }

    #[test]
    fn dimensions_are_shuffled_apart() {
        let n = 400;
        let points: Vec<Vec<f64>> = (0..n).map(|i| point(n, 2, i as usize, 5)).collect();
        let product: f64 = points.iter().map(|p| (p[0] - 0.5) * (p[1] - 0.5)).sum::<f64>() / f64::from(n);
        // The correlation of independent dimensions has a standard deviation of 1/20.
        assert!((12.0 * product).abs() < 0.2, "{product}");
    }
}
