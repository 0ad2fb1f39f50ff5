//! Morris screening: which of many uncertainties matter at all, from few runs.

use super::{SampleError, finite};
use crate::experiment::stats::Interval;
use serde::Serialize;

/// The elementary effects of one factor.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Effect {
    /// `μ`: mean effect of moving the factor across its whole range, with its t-interval.
    pub mu: Interval,
    /// `μ*`: mean of the absolute effects (Campolongo and others 2007): effects of both signs do not cancel.
    pub mu_star: f64,
    /// Lower end of the interval of `μ*` (see [`morris`]); `None` for one trajectory, which shows no spread.
    pub mu_star_low: Option<f64>,
    /// Upper end.
    pub mu_star_high: Option<f64>,
    /// `σ`: standard deviation of the effects: how much the effect depends on where one stands, by curvature or
    /// by other factors. `None` for one trajectory. It has no interval: the usual one (chi-squared) holds for normal effects
    /// only, and that of the bootstrap holds the true value of four trajectories in 41 to 63 % of samples.
    pub sigma: Option<f64>,
}

/// Effects of each factor from `r` trajectories, one after another, of `k + 1` points in the unit cube, in
/// which each step moves one factor (Morris 1991). An effect is the difference of outputs divided by the step
/// with its sign, so `points` must be in units of the whole range.
///
/// `μ` has Student's interval. That of `μ*` is Student's on the scale of logarithms, `μ* exp(±t s/(μ* √r))` with the standard deviation
/// `s` of the sizes (delta method; Meeker and Escobar 1998 for positive quantities): sizes are positive and skewed, so it
/// reaches further up than down and not below 0. How often it holds the true `μ*` in samples of 4 and of 10 effects of several kinds is
/// in docs/statistics.md; percentiles of a bootstrap are too narrow for so few. Where few trajectories meet an effect at all (a
/// factor that acts in one place of three) any interval of them is.
///
/// ```
/// use preau::experiment::sensitivity::morris;
/// // y = 3 a - b: two trajectories.
/// let points = [[0.0, 0.0], [0.5, 0.0], [0.5, 0.5], [1.0, 1.0], [1.0, 0.5], [0.5, 0.5]];
/// let y: Vec<f64> = points.iter().map(|p| 3.0 * p[0] - p[1]).collect();
/// let points: Vec<Vec<f64>> = points.iter().map(|p| p.to_vec()).collect();
/// let effects = morris(&points, &y, 0.95).unwrap();
/// assert_eq!((effects[0].mu.mean, effects[1].mu_star, effects[1].sigma), (3.0, 1.0, Some(0.0)));
/// ```
///
/// # Errors
/// Points that are no trajectories, outputs that are not finite.
pub fn morris(points: &[Vec<f64>], outputs: &[f64], confidence: f64) -> Result<Vec<Effect>, SampleError> {
    let elementary = elementary(points, outputs)?;
    Ok(elementary.iter().map(|effects| effect(effects, confidence)).collect())
}

/// `[factor][trajectory]`.
fn elementary(points: &[Vec<f64>], outputs: &[f64]) -> Result<Vec<Vec<f64>>, SampleError> {
    let k = points.first().map_or(0, Vec::len);
    let whole = k > 0 && points.len() == outputs.len() && points.len().is_multiple_of(k + 1);
    if !whole || points.is_empty() || points.iter().any(|p| p.len() != k) {
        return Err(SampleError::Shape {
            expected: format!("trajectories of {} points each, and an output for each point", k + 1),
            found: format!("{} points and {} outputs", points.len(), outputs.len()),
        });
    }
    finite(outputs)?;
    let mut effects = vec![vec![]; k];
    for start in (0..points.len()).step_by(k + 1) {
        for row in start + 1..=start + k {
            let moved: Vec<usize> = (0..k).filter(|j| points[row][*j] != points[row - 1][*j]).collect();
            let [j] = moved[..] else {
                return Err(SampleError::NotOneStep {
                    row,
                    factors: moved.len(),
                });
            };
            let step = points[row][j] - points[row - 1][j];
            effects[j].push((outputs[row] - outputs[row - 1]) / step);
        }
    }
    let trajectories = points.len() / (k + 1);
    match effects.iter().position(|e| e.len() != trajectories) {
        None => Ok(effects),
        Some(j) => Err(SampleError::Shape {
            expected: format!("{trajectories} steps of each factor"),
            found: format!("{} of factor {}", effects[j].len(), j + 1),
        }),
    }
}

fn effect(effects: &[f64], confidence: f64) -> Effect {
    let of = |values: &[f64]| {
        Interval::with_confidence(values, confidence).unwrap_or(Interval {
            mean: 0.0,
            half_width: None,
            n: 0,
        })
    };
    let sizes: Vec<f64> = effects.iter().map(|e| e.abs()).collect();
    let mu_star = of(&sizes);
    let stretch = mu_star.half_width.map(|half| match mu_star.mean {
        // Nothing moved in any trajectory: all that there is to see is 0.
        0.0 => 0.0,
        mean => half / mean,
    });
    Effect {
        mu: of(effects),
        mu_star: mu_star.mean,
        mu_star_low: stretch.map(|q| mu_star.mean * libm::exp(-q)),
        mu_star_high: stretch.map(|q| mu_star.mean * libm::exp(q)),
        sigma: spread(effects),
    }
}

/// The standard deviation; none of one number.
fn spread(of: &[f64]) -> Option<f64> {
    let n = of.len() as f64;
    let mean = of.iter().sum::<f64>() / n;
    let squares = of.iter().map(|e| (e - mean).powi(2)).sum::<f64>();
    (n > 1.0).then(|| (squares / (n - 1.0)).sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{Draw, Purpose, Streams};

    /// Trajectories on the four-level grid with steps of two thirds, factors in random order.
    fn trajectories(r: usize, k: usize, draw: &mut Draw) -> Vec<Vec<f64>> {
        let mut points = vec![];
        for _ in 0..r {
            let mut x: Vec<f64> = (0..k).map(|_| draw.below(4) as f64 / 3.0).collect();
            let mut order: Vec<usize> = (0..k).collect();
            (1..k).for_each(|i| order.swap(i, draw.below(i as u32 + 1) as usize));
            points.push(x.clone());
            for j in order {
                x[j] += if x[j] < 0.5 { 2.0 / 3.0 } else { -2.0 / 3.0 };
                points.push(x.clone());
            }
        }
        points
    }

    /// y = 4 a + 10 (b - 1/2)² + 6 a c: on the grid the steps of b are from 0 to 2/3 and from 1/3 to 1, whose
    /// effects are -+10/3; a moves by 4 + 6 c with c on four levels.
    #[test]
    fn linear_curved_joint_and_idle_factors_are_told_apart() {
        let mut draw = Streams::new(2, 0).sequence(Purpose::Other, 1);
        let points = trajectories(400, 4, &mut draw);
        let y: Vec<f64> = points
            .iter()
            .map(|p| 4.0 * p[0] + 10.0 * (p[1] - 0.5).powi(2) + 6.0 * p[0] * p[2])
            .collect();
        let e = morris(&points, &y, 0.9999).unwrap();
        assert!(
            e[0].mu.holds(7.0) && (e[0].mu_star - e[0].mu.mean).abs() < 1e-12,
            "{:?}",
            e[0]
        );
        assert!(
            e[1].mu.holds(0.0) && (e[1].mu_star - 10.0 / 3.0).abs() < 1e-9,
            "{:?}",
            e[1]
        );
        // 10/3 with a random sign: σ = 10/3.
        assert!((e[1].sigma.unwrap() - 10.0 / 3.0).abs() < 0.02);
        assert!(
            e.iter()
                .all(|e| e.mu_star_low <= Some(e.mu_star) && Some(e.mu_star) <= e.mu_star_high)
        );
        assert!(e[2].mu.holds(3.0) && e[2].sigma > Some(1.0), "{:?}", e[2]);
        assert_eq!(
            (e[3].mu_star, e[3].sigma, e[3].mu_star_high),
            (0.0, Some(0.0), Some(0.0))
        );
    }

    /// μ* of a factor whose effects are 4 + 6c, c on {0, 1/3, 2/3, 1}: 7. Of 600 screenings the share that
    /// covers has a standard deviation of 0.9 %: 570 and four of them either side.
    #[test]
    fn intervals_cover() {
        let mut draw = Streams::new(3, 0).sequence(Purpose::Other, 1);
        let (mut mu, mut star) = (0, 0);
        for _ in 0..600 {
            let points = trajectories(30, 2, &mut draw);
            let y: Vec<f64> = points.iter().map(|p| 4.0 * p[0] + 6.0 * p[0] * p[1]).collect();
            let e = morris(&points, &y, 0.95).unwrap()[0];
            mu += usize::from(e.mu.holds(7.0));
            star += usize::from(e.mu_star_low <= Some(7.0) && Some(7.0) <= e.mu_star_high);
        }
        assert!((548..=592).contains(&mu), "{mu} of 600");
        assert!((548..=592).contains(&star), "{star} of 600");
    }

    #[test]
    fn one_trajectory_has_no_interval_and_no_sigma() {
        let points = [[0.0, 0.0], [0.5, 0.0], [0.5, 0.5]].map(|p: [f64; 2]| p.to_vec());
        let e = morris(&points, &[0.0, 0.83, 0.83], 0.95).unwrap();
        assert_eq!((e[0].mu_star, e[0].mu.half_width), (1.66, None));
        assert_eq!((e[0].mu_star_low, e[0].mu_star_high, e[0].sigma), (None, None, None));
    }

    /// 4000 samples each of effects far from 0, about 0, and of exponential sizes, as they come with threshold effects. Held against
    /// 90 % of 4 and 93 % of 10 with four standard deviations of that share: 1.9 and 1.6 %.
    #[test]
    fn intervals_of_few_trajectories_cover() {
        let mut draw = Streams::new(4, 0).sequence(Purpose::Other, 1);
        let half_normal = libm::sqrt(2.0 / std::f64::consts::PI);
        for (r, least) in [(4, 0.90), (10, 0.93)] {
            for (law, truth) in [("normal", 10.0), ("about 0", half_normal), ("exponential", 1.0)] {
                let covered = (0..4000)
                    .filter(|_| {
                        let mut one = || match law {
                            "normal" => 10.0 + draw.normal(),
                            "about 0" => draw.normal(),
                            _ => -libm::log1p(-draw.uniform()),
                        };
                        let effects: Vec<f64> = (0..r).map(|_| one()).collect();
                        let e = effect(&effects, 0.95);
                        e.mu_star_low <= Some(truth) && Some(truth) <= e.mu_star_high
                    })
                    .count() as f64
                    / 4000.0;
                // docs/statistics.md quotes these.
                println!("{r} trajectories, {law}: {covered:.3}");
                let chance = 4.0 * f64::sqrt(least * (1.0 - least) / 4000.0);
                assert!(covered >= least - chance, "{law}, {r} effects: {covered}");
                assert!(covered <= 0.98, "{law}, {r} effects: {covered}");
            }
        }
    }

    #[test]
    fn points_that_are_no_trajectories_are_refused() {
        let two = |a: [f64; 2], b: [f64; 2], c: [f64; 2]| vec![a.to_vec(), b.to_vec(), c.to_vec()];
        let both = two([0.0, 0.0], [0.5, 0.5], [0.5, 1.0]);
        assert_eq!(
            morris(&both, &[1.0; 3], 0.95),
            Err(SampleError::NotOneStep { row: 1, factors: 2 })
        );
        let twice = two([0.0, 0.0], [0.5, 0.0], [1.0, 0.0]);
        assert!(matches!(
            morris(&twice, &[1.0; 3], 0.95),
            Err(SampleError::Shape { .. })
        ));
        assert!(matches!(
            morris(&twice, &[1.0; 2], 0.95),
            Err(SampleError::Shape { .. })
        ));
        assert!(matches!(morris(&[], &[], 0.95), Err(SampleError::Shape { .. })));
    }
}
