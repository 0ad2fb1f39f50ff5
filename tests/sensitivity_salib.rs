//! Indices of the same samples by SALib: `tests/sensitivity_salib/make.py` wrote the files and says how.

use preau::experiment::sensitivity::{morris, saltelli_points, sobol};
use std::collections::HashMap;

const FACTORS: usize = 4;

/// Points and outputs.
fn sample(text: &str) -> (Vec<Vec<f64>>, Vec<f64>) {
    let rows = text.lines().skip(1).map(|line| {
        let values: Vec<f64> = line.split(',').map(|v| v.parse().unwrap()).collect();
        (values[..FACTORS].to_vec(), values[FACTORS])
    });
    rows.unzip()
}

/// Values by index, factor and other factor.
fn theirs() -> HashMap<(String, usize, usize), f64> {
    let place = |name: &str| "abcd".find(name).filter(|_| !name.is_empty()).unwrap_or(FACTORS);
    let read = |line: &str| {
        let f: Vec<&str> = line.split(',').collect();
        ((f[0].to_owned(), place(f[1]), place(f[2])), f[3].parse().unwrap())
    };
    include_str!("sensitivity_salib/indices.csv")
        .lines()
        .skip(1)
        .map(read)
        .collect()
}

fn same(name: &str, ours: f64, theirs: f64) {
    assert!((ours - theirs).abs() < 1e-10, "{name}: {ours} and SALib {theirs}");
}

#[test]
fn sobol_indices_are_those_of_salib() {
    let (points, outputs) = sample(include_str!("sensitivity_salib/sobol.csv"));
    let theirs = theirs();
    let ours = sobol(&outputs, FACTORS, true, 0.95, 1).unwrap();
    assert_eq!(ours.base, 64);
    for i in 0..FACTORS {
        same("S1", ours.first[i].value, theirs[&("S1".into(), i, FACTORS)]);
        same("ST", ours.total[i].value, theirs[&("ST".into(), i, FACTORS)]);
    }
    assert_eq!(ours.second.len(), 6);
    for (i, j, index) in &ours.second {
        same("S2", index.value, theirs[&("S2".into(), *i, *j)]);
    }
    // And the sample is laid out as SALib lays it out: A and B of each group give all its rows.
    let group = 2 * FACTORS + 2;
    let base: Vec<Vec<f64>> = points
        .chunks(group)
        .map(|g| [&g[0][..], &g[group - 1]].concat())
        .collect();
    assert_eq!(saltelli_points(&base, true), points);
}

#[test]
fn morris_effects_are_those_of_salib() {
    let (points, outputs) = sample(include_str!("sensitivity_salib/morris.csv"));
    let theirs = theirs();
    let ours = morris(&points, &outputs, 0.95).unwrap();
    for (i, effect) in ours.iter().enumerate() {
        same("mu", effect.mu.mean, theirs[&("mu".into(), i, FACTORS)]);
        same("mu*", effect.mu_star, theirs[&("mu_star".into(), i, FACTORS)]);
        same("sigma", effect.sigma.unwrap(), theirs[&("sigma".into(), i, FACTORS)]);
    }
}
