//! Scenario discovery: the patient rule induction method finds a box of the uncertainties in which a policy fails
//! (Friedman and Fisher 1999; for policies Bryant and Lempert 2010).

use super::{Axis, SampleError};
use serde::Serialize;
use statrs::distribution::{Binomial, DiscreteCDF};

/// How to peel.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PrimOptions {
    /// Share of the points that one peel takes away, and one paste brings back.
    pub peel: f64,
    /// A box with a smaller share of all points is too small to speak of.
    pub least_mass: f64,
    /// A limit stays only if chance would explain it with less than this probability.
    pub significance: f64,
}

impl Default for PrimOptions {
    fn default() -> Self {
        PrimOptions {
            peel: 0.05,
            least_mass: 0.05,
            significance: 0.05,
        }
    }
}

/// What a box says of one axis.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Limit {
    /// Position of the axis.
    pub axis: usize,
    /// Values are above this; `None`: not limited from below.
    pub above: Option<f64>,
    /// Values are below this.
    pub below: Option<f64>,
    /// For choices: the ones that are in.
    pub among: Option<Vec<usize>>,
    /// Quasi-p-value: the probability that a box without this limit, whose points fail as often as they do,
    /// would show at least as many failures among those that the limit keeps. *Quasi*, for the same points chose the
    /// limit. `None` where points depend on one another, as those of Morris trajectories and of blocks for Sobol indices: the
    /// binomial law is of independent ones.
    pub quasi_p: Option<f64>,
}

/// A box and how good it is.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PrimBox {
    /// Its limits; axes that are not named are free.
    pub limits: Vec<Limit>,
    /// Share of all failures that lie inside.
    pub coverage: f64,
    /// Share of the points inside that fail.
    pub density: f64,
    /// Share of all points that lie inside.
    pub mass: f64,
    /// Points inside.
    pub points: usize,
    /// Failures inside.
    pub failures: usize,
}

impl PrimBox {
    /// Whether a point lies inside.
    pub fn holds(&self, point: &[f64]) -> bool {
        self.limits.iter().all(|limit| limit.holds(point[limit.axis]))
    }

    /// In words: `attack above 40 000 /s and turnout above 80 %`.
    pub fn words(&self, axes: &[Axis]) -> String {
        let words: Vec<String> = self.limits.iter().map(|limit| limit.words(&axes[limit.axis])).collect();
        words.join(" and ")
    }
}

impl Limit {
    fn free(axis: usize, choices: Option<usize>) -> Limit {
        Limit {
            axis,
            above: None,
            below: None,
            among: choices.map(|n| (0..n).collect()),
            quasi_p: None,
        }
    }

    fn holds(&self, value: f64) -> bool {
        self.above.is_none_or(|a| value > a)
            && self.below.is_none_or(|b| value < b)
            && self
                .among
                .as_ref()
                .is_none_or(|among| among.contains(&(value as usize)))
    }

    fn is_free(&self, choices: Option<usize>) -> bool {
        let all = self.among.as_ref().is_none_or(|among| Some(among.len()) == choices);
        self.above.is_none() && self.below.is_none() && all
    }

    fn words(&self, axis: &Axis) -> String {
        let name = &axis.name;
        match (&self.among, self.above, self.below) {
            (Some(among), ..) => {
                let names: Vec<String> = among.iter().map(|i| axis.value(*i as f64)).collect();
                format!("{name} {}", names.join(" or "))
            }
            (_, Some(a), Some(b)) => format!("{name} between {} and {}", axis.value(a), axis.value(b)),
            (_, Some(a), None) => format!("{name} above {}", axis.value(a)),
            (_, None, Some(b)) => format!("{name} below {}", axis.value(b)),
            _ => format!("any {name}"),
        }
    }
}

/// The sample while a box is cut out of it.
struct Cutting<'a> {
    axes: &'a [Axis],
    points: &'a [Vec<f64>],
    fails: &'a [bool],
    options: PrimOptions,
}

/// The box in which a policy fails: peeled by the largest gain of density for each point lost, chosen from the whole
/// peeling trajectory by the harmonic mean of coverage and density, rid of limits that chance explains, and
/// pasted back where that does not thin it out. `None` when no corner stands out, or when all points fail, or none.
///
/// # Errors
/// Points and answers that do not fit together.
pub fn prim(
    axes: &[Axis],
    points: &[Vec<f64>],
    fails: &[bool],
    options: PrimOptions,
) -> Result<Option<PrimBox>, SampleError> {
    if points.len() != fails.len() || points.iter().any(|p| p.len() != axes.len()) {
        return Err(SampleError::Shape {
            expected: format!("points of {} values, and an answer for each", axes.len()),
            found: format!("{} points and {} answers", points.len(), fails.len()),
        });
    }
    let failures = fails.iter().filter(|f| **f).count();
    if failures == 0 || failures == fails.len() {
        return Ok(None);
    }
    let cutting = Cutting {
        axes,
        points,
        fails,
        options,
    };
    let best = cutting
        .peel()
        .into_iter()
        .map(|limits| (cutting.harmonic(&limits), limits))
        .reduce(|a, b| if b.0 > a.0 { b } else { a });
    let Some((_, limits)) = best else { return Ok(None) };
    let limits = cutting.paste(cutting.prune(limits));
    let limits = cutting.prune(limits);
    let cut = cutting.measured(limits);
    Ok((!cut.limits.is_empty()).then_some(cut))
}

impl Cutting<'_> {
    fn inside(&self, limits: &[Limit]) -> Vec<usize> {
        let holds = |i: &usize| limits.iter().all(|l| l.holds(self.points[*i][l.axis]));
        (0..self.points.len()).filter(holds).collect()
    }

    fn failures(&self, inside: &[usize]) -> usize {
        inside.iter().filter(|i| self.fails[**i]).count()
    }

    fn density(&self, inside: &[usize]) -> f64 {
        self.failures(inside) as f64 / inside.len().max(1) as f64
    }

    fn harmonic(&self, limits: &[Limit]) -> f64 {
        let inside = self.inside(limits);
        let all = self.fails.iter().filter(|f| **f).count();
        // 2 / (1/coverage + 1/density).
        2.0 * self.failures(&inside) as f64 / (all + inside.len()) as f64
    }

    /// Every box on the way from all points to the smallest.
    fn peel(&self) -> Vec<Vec<Limit>> {
        let free = |(i, axis): (usize, &Axis)| Limit::free(i, axis.choices());
        let mut limits: Vec<Limit> = self.axes.iter().enumerate().map(free).collect();
        let mut trajectory = vec![limits.clone()];
        let least = (self.options.least_mass * self.points.len() as f64).ceil() as usize;
        loop {
            let inside = self.inside(&limits);
            let density = self.density(&inside);
            if density == 1.0 {
                break;
            }
            let gain = |next: &Limit| {
                let kept: Vec<usize> = inside
                    .iter()
                    .copied()
                    .filter(|i| next.holds(self.points[*i][next.axis]))
                    .collect();
                let enough = kept.len() >= least.max(1) && kept.len() < inside.len();
                enough.then(|| (self.density(&kept) - density) / (inside.len() - kept.len()) as f64)
            };
            let best = (0..self.axes.len())
                .flat_map(|axis| self.cuts(&limits[axis], &inside))
                .filter_map(|next| Some((gain(&next)?, next)))
                .reduce(|a, b| if b.0 > a.0 { b } else { a });
            let Some((_, next)) = best else { break };
            let axis = next.axis;
            limits[axis] = next;
            trajectory.push(limits.clone());
        }
        trajectory
    }

    /// A limit made tighter in each way that one peel can.
    fn cuts(&self, limit: &Limit, inside: &[usize]) -> Vec<Limit> {
        if let Some(among) = &limit.among {
            let without = |gone: &usize| Limit {
                among: Some(among.iter().copied().filter(|c| c != gone).collect()),
                ..limit.clone()
            };
            return if among.len() > 1 {
                among.iter().map(without).collect()
            } else {
                vec![]
            };
        }
        let mut values: Vec<f64> = inside.iter().map(|i| self.points[*i][limit.axis]).collect();
        values.sort_by(f64::total_cmp);
        let n = values.len();
        let take = ((self.options.peel * n as f64) as usize).max(1);
        let mut cuts = vec![];
        // Equal values go together; the limit lies in the middle between those that go and those that stay.
        if let Some(stays) = values.iter().position(|v| *v > values[take.min(n) - 1]) {
            let above = Some((values[stays - 1] + values[stays]) / 2.0);
            cuts.push(Limit { above, ..limit.clone() });
        }
        if let Some(stays) = values.iter().rposition(|v| *v < values[n - take.min(n)]) {
            let below = Some((values[stays] + values[stays + 1]) / 2.0);
            cuts.push(Limit { below, ..limit.clone() });
        }
        cuts
    }

    /// Gives ground back at a limit as long as the box does not get thinner by it.
    fn paste(&self, mut limits: Vec<Limit>) -> Vec<Limit> {
        loop {
            let inside = self.inside(&limits);
            let density = self.density(&inside);
            let wider = limits
                .iter()
                .flat_map(|limit| self.pastes(limit, &limits, inside.len()))
                .filter_map(|next| {
                    let with: Vec<Limit> = limits
                        .iter()
                        .map(|l| if l.axis == next.axis { next.clone() } else { l.clone() })
                        .collect();
                    let held = self.inside(&with);
                    let thicker = held.len() > inside.len() && self.density(&held) >= density;
                    thicker.then(|| (self.failures(&held), with))
                })
                .reduce(|a, b| if b.0 > a.0 { b } else { a });
            match wider {
                Some((_, with)) => limits = with,
                None => return limits,
            }
        }
    }

    /// A limit made wider in each way.
    fn pastes(&self, limit: &Limit, limits: &[Limit], size: usize) -> Vec<Limit> {
        if let Some(among) = &limit.among {
            let choices = self.axes[limit.axis].choices().unwrap_or(0);
            let with = |more: usize| Limit {
                among: Some((0..choices).filter(|c| among.contains(c) || *c == more).collect()),
                ..limit.clone()
            };
            return (0..choices).filter(|c| !among.contains(c)).map(with).collect();
        }
        // Points that would be in but for one side of this limit.
        let beyond = |free: Limit| -> Vec<f64> {
            let with: Vec<Limit> = limits
                .iter()
                .map(|l| if l.axis == free.axis { free.clone() } else { l.clone() })
                .collect();
            let mut values: Vec<f64> = self
                .inside(&with)
                .into_iter()
                .map(|i| self.points[i][limit.axis])
                .filter(|v| !limit.holds(*v))
                .collect();
            values.sort_by(f64::total_cmp);
            values
        };
        let take = ((self.options.peel * size as f64) as usize).max(1);
        let mut wider = vec![];
        if limit.above.is_some() {
            let mut values = beyond(Limit {
                above: None,
                ..limit.clone()
            });
            values.reverse();
            let above = next_edge(&values, take);
            wider.push(Limit { above, ..limit.clone() });
        }
        if limit.below.is_some() {
            let values = beyond(Limit {
                below: None,
                ..limit.clone()
            });
            let below = next_edge(&values, take);
            wider.push(Limit { below, ..limit.clone() });
        }
        wider
    }

    /// Frees limits that chance explains, the weakest first.
    fn prune(&self, mut limits: Vec<Limit>) -> Vec<Limit> {
        loop {
            limits.retain(|l| !l.is_free(self.axes[l.axis].choices()));
            let weakest = limits
                .iter()
                .map(|l| (self.quasi_p(&limits, l.axis), l.axis))
                .reduce(|a, b| if b.0 > a.0 { b } else { a });
            match weakest {
                Some((p, axis)) if p > self.options.significance => limits.retain(|l| l.axis != axis),
                _ => return limits,
            }
        }
    }

    /// `P(Bin(T, H'/T') >= H)` with H of T failures inside and H' of T' without the limit of this axis.
    fn quasi_p(&self, limits: &[Limit], axis: usize) -> f64 {
        let inside = self.inside(limits);
        let others: Vec<Limit> = limits.iter().filter(|l| l.axis != axis).cloned().collect();
        let rate = self.density(&self.inside(&others));
        let failures = self.failures(&inside) as u64;
        match Binomial::new(rate, inside.len() as u64) {
            Ok(law) if failures > 0 => 1.0 - law.cdf(failures - 1),
            _ => 1.0,
        }
    }

    fn measured(&self, mut limits: Vec<Limit>) -> PrimBox {
        let p: Vec<f64> = limits.iter().map(|l| self.quasi_p(&limits, l.axis)).collect();
        limits
            .iter_mut()
            .zip(p)
            .for_each(|(limit, p)| limit.quasi_p = Some(p.max(0.0)));
        let inside = self.inside(&limits);
        let failures = self.failures(&inside);
        let all = self.fails.iter().filter(|f| **f).count();
        PrimBox {
            coverage: failures as f64 / all as f64,
            density: self.density(&inside),
            mass: inside.len() as f64 / self.points.len() as f64,
            points: inside.len(),
            failures,
            limits,
        }
    }
}

/// The limit after `take` more values (sorted outwards), in the middle before the next one; `None`: no more.
fn next_edge(values: &[f64], take: usize) -> Option<f64> {
    let last = values.get(take - 1)?;
    let next = values[take..].iter().find(|v| *v != last)?;
    Some((last + next) / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{Draw, Purpose, Streams};

    fn axes() -> Vec<Axis> {
        vec![
            Axis::number("attack", "requests/s"),
            Axis::share("turnout"),
            Axis::number("delay", "min"),
            Axis::switch("host loss"),
            Axis::number("spread", "min"),
        ]
    }

    fn sample(n: usize, draw: &mut Draw) -> Vec<Vec<f64>> {
        let point = |draw: &mut Draw| {
            let mut u = || draw.uniform();
            vec![
                60_000.0 * u(),
                0.4 + 0.6 * u(),
                30.0 * u(),
                f64::from(u() < 0.5),
                20.0 * u(),
            ]
        };
        (0..n).map(|_| point(draw)).collect()
    }

    #[test]
    fn finds_a_planted_corner_and_says_it_in_words() {
        let mut draw = Streams::new(1, 0).sequence(Purpose::Other, 1);
        let points = sample(1000, &mut draw);
        let fails: Vec<bool> = points.iter().map(|p| p[0] > 40_000.0 && p[1] > 0.8).collect();
        let b = prim(&axes(), &points, &fails, PrimOptions::default()).unwrap().unwrap();
        assert!(b.coverage > 0.95 && b.density > 0.95, "{b:?}");
        assert_eq!(b.limits.iter().map(|l| l.axis).collect::<Vec<_>>(), [0, 1]);
        assert!((b.limits[0].above.unwrap() - 40_000.0).abs() < 800.0, "{b:?}");
        assert!((b.limits[1].above.unwrap() - 0.8).abs() < 0.01, "{b:?}");
        assert!(
            b.limits
                .iter()
                .all(|l| l.below.is_none() && l.quasi_p.is_some_and(|p| p < 1e-6))
        );
        let words = b.words(&axes());
        assert!(
            words.starts_with("attack above ") && words.contains(" requests/s and turnout above "),
            "{words}"
        );
        assert!(words.ends_with('%'), "{words}");
        let held = points.iter().filter(|p| b.holds(p)).count();
        assert_eq!(held, b.points);
    }

    #[test]
    fn finds_a_switch_and_a_band_among_noisy_answers() {
        let mut draw = Streams::new(2, 0).sequence(Purpose::Other, 1);
        let points = sample(2000, &mut draw);
        let planted = |p: &[f64]| p[3] == 1.0 && (10.0..20.0).contains(&p[2]);
        // Ninety per cent fail inside and five outside.
        let fails: Vec<bool> = points
            .iter()
            .map(|p| draw.chance(if planted(p) { 0.9 } else { 0.05 }))
            .collect();
        let b = prim(&axes(), &points, &fails, PrimOptions::default()).unwrap().unwrap();
        assert!(b.density > 0.8 && b.coverage > 0.65, "{b:?}");
        let of = |axis: usize| b.limits.iter().find(|l| l.axis == axis);
        assert_eq!(of(3).unwrap().among, Some(vec![1]));
        let band = of(2).unwrap();
        assert!(
            (band.above.unwrap() - 10.0).abs() < 1.0 && (band.below.unwrap() - 20.0).abs() < 1.0,
            "{b:?}"
        );
        assert!(b.words(&axes()).contains("host loss on"), "{}", b.words(&axes()));
        assert!(of(0).is_none() && of(1).is_none(), "{b:?}");
    }

    /// Answers that have nothing to do with the points: a box in at most a few of forty samples.
    #[test]
    fn seldom_sees_a_corner_in_noise() {
        let mut draw = Streams::new(3, 0).sequence(Purpose::Other, 1);
        let mut seen = 0;
        for _ in 0..40 {
            let points = sample(200, &mut draw);
            let fails: Vec<bool> = points.iter().map(|_| draw.chance(0.5)).collect();
            seen += usize::from(
                prim(&axes(), &points, &fails, PrimOptions::default())
                    .unwrap()
                    .is_some(),
            );
        }
        assert!(seen <= 6, "{seen} of 40");
    }

    #[test]
    fn nothing_to_find_and_wrong_samples() {
        let points = vec![vec![1.0; 5]; 4];
        assert_eq!(prim(&axes(), &points, &[false; 4], PrimOptions::default()), Ok(None));
        assert_eq!(prim(&axes(), &points, &[true; 4], PrimOptions::default()), Ok(None));
        let mixed = [true, false, true, false];
        assert_eq!(
            prim(&axes(), &points, &mixed, PrimOptions::default()),
            Ok(None),
            "all points are equal"
        );
        assert!(prim(&axes(), &points, &[true], PrimOptions::default()).is_err());
    }
}
