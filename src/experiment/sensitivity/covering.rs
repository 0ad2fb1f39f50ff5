//! Several boxes, one after another, until most failures are told.

use super::{Axis, PrimBox, PrimOptions, SampleError, prim};
use serde::Serialize;

/// Boxes of one sample.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Cover {
    /// The boxes in the order found; each was found among the points outside the ones before. Coverage and mass are
    /// shares of all failures and of all points; density counts the points of the box that no box before holds.
    pub boxes: Vec<PrimBox>,
    /// Share of all failures that lie in some box.
    pub coverage: f64,
    /// Points.
    pub points: usize,
    /// Failures.
    pub failures: usize,
}

/// Finds up to `most` boxes.
///
/// # Errors
/// As [`prim()`](super::prim()).
pub fn cover(
    axes: &[Axis],
    points: &[Vec<f64>],
    fails: &[bool],
    options: PrimOptions,
    most: usize,
) -> Result<Cover, SampleError> {
    let failures = fails.iter().filter(|f| **f).count();
    let mut cover = Cover {
        boxes: vec![],
        coverage: 0.0,
        points: points.len(),
        failures,
    };
    let mut left: Vec<usize> = (0..points.len()).collect();
    let mut part_points = points.to_vec();
    let mut part_fails = fails.to_vec();
    while cover.boxes.len() < most {
        let Some(mut found) = prim(axes, &part_points, &part_fails, options)? else {
            break;
        };
        // What is left may have its corners too; one that fails no more often than all points do is no news.
        if found.density * points.len() as f64 <= failures as f64 {
            break;
        }
        found.coverage = found.failures as f64 / failures as f64;
        found.mass = found.points as f64 / points.len() as f64;
        left.retain(|i| !found.holds(&points[*i]));
        part_points = left.iter().map(|i| points[*i].clone()).collect();
        part_fails = left.iter().map(|i| fails[*i]).collect();
        cover.coverage += found.coverage;
        cover.boxes.push(found);
    }
    Ok(cover)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{Purpose, Streams};

    #[test]
    fn two_planted_boxes_are_told_apart() {
        let mut draw = Streams::new(4, 0).sequence(Purpose::Other, 1);
        let axes = ["a", "b", "c"].map(|n| Axis::number(n, ""));
        let points: Vec<Vec<f64>> = (0..1500).map(|_| (0..3).map(|_| draw.uniform()).collect()).collect();
        let first = |p: &[f64]| p[0] < 0.4 && p[1] < 0.4;
        let second = |p: &[f64]| p[1] > 0.7 && p[2] > 0.7;
        let fails: Vec<bool> = points.iter().map(|p| first(p) || second(p)).collect();
        let found = cover(&axes, &points, &fails, PrimOptions::default(), 4).unwrap();
        assert_eq!(found.boxes.len(), 2, "{found:?}");
        assert!(
            found.coverage > 0.95 && found.boxes.iter().all(|b| b.density > 0.95),
            "{found:?}"
        );
        let sum: f64 = found.boxes.iter().map(|b| b.coverage).sum();
        assert!((sum - found.coverage).abs() < 1e-12);
    }
}
