//! Resampling of groups of rows.

use crate::engine::{Draw, Purpose, Streams, key_of};
use crate::experiment::stats::quantile;

/// Resamples: enough for ends of 95 % intervals that are stable to a few per cent of the width.
pub(super) const RESAMPLES: usize = 1000;

fn draw(seed: u64) -> Draw {
    Streams::new(seed, 0).sequence(Purpose::Other, key_of("bootstrap"))
}

/// Percentile intervals of several statistics of `groups` groups (Efron and Tibshirani 1993): each resample
/// draws groups with replacement and gives all statistics at once.
pub(super) fn intervals(
    groups: usize,
    seed: u64,
    confidence: f64,
    statistics: &mut dyn FnMut(&[usize]) -> Vec<f64>,
) -> Vec<(f64, f64)> {
    let mut draw = draw(seed);
    let mut columns: Vec<Vec<f64>> = vec![];
    let mut picked = vec![0; groups];
    for _ in 0..RESAMPLES {
        picked.iter_mut().for_each(|p| *p = draw.below(groups as u32) as usize);
        let values = statistics(&picked);
        columns.resize(values.len(), Vec::with_capacity(RESAMPLES));
        columns.iter_mut().zip(values).for_each(|(column, v)| column.push(v));
    }
    let tail = (1.0 - confidence) / 2.0;
    let ends = |column: &Vec<f64>| {
        let finite: Vec<f64> = column.iter().copied().filter(|v| v.is_finite()).collect();
        let end = |p| quantile(&finite, p).unwrap_or(f64::NAN);
        (end(tail), end(1.0 - tail))
    };
    columns.iter().map(ends).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The mean of 50 normal values: 500 intervals, one standard deviation of the share is 1 %; the percentile
    /// interval of 50 values is a little narrow (about 94 %).
    #[test]
    fn covers_a_mean() {
        let mut source = Streams::new(3, 0).sequence(Purpose::Other, 1);
        let covered = (0..500)
            .filter(|seed| {
                let values: Vec<f64> = (0..50).map(|_| source.normal()).collect();
                let mut mean = |picked: &[usize]| vec![picked.iter().map(|i| values[*i]).sum::<f64>() / 50.0];
                let (low, high) = intervals(50, *seed, 0.95, &mut mean)[0];
                (low..=high).contains(&0.0)
            })
            .count() as f64
            / 500.0;
        assert!((0.90..=0.98).contains(&covered), "{covered}");
    }
}
