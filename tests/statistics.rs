//! The engine's random numbers against their laws. Seeds are fixed, so a test never fails by bad luck: a |z| of 4 would come up once in
//! 16 000 for a right law, and the Kolmogorov–Smirnov bounds are those of level 10⁻⁴.

use preau::engine::{Distribution, Draw, KINDS, Permutation, Purpose, SortedUniforms, Streams, key_of};

const N: usize = 200_000;

fn draw(name: &str) -> Draw {
    Streams::new(20_210_406, 1).sequence(Purpose::Other, key_of(name))
}

/// (mean − expected) in standard errors.
fn z(sum: f64, n: usize, mean: f64, variance: f64) -> f64 {
    (sum / n as f64 - mean) / (variance / n as f64).sqrt()
}

/// Kolmogorov–Smirnov distance times √n of a sorted sample; the law may have atoms, where the bound only gets stricter than needed.
fn kolmogorov(mut sample: Vec<f64>, cdf: impl Fn(f64) -> f64) -> f64 {
    sample.sort_by(f64::total_cmp);
    let n = sample.len() as f64;
    let mut distance = 0.0_f64;
    let mut i = 0;
    while i < sample.len() {
        // Ties count together: compare at the value itself, after all of it.
        let mut j = i + 1;
        while j < sample.len() && sample[j] == sample[i] {
            j += 1;
        }
        let p = cdf(sample[i]);
        distance = distance.max((p - j as f64 / n).abs());
        if j == i + 1 {
            distance = distance.max((p - i as f64 / n).abs());
        }
        i = j;
    }
    distance * n.sqrt()
}

/// √(−½ ln(α/2)) at α = 10⁻⁴: the asymptotic quantile of Kolmogorov's law.
const KS: f64 = 2.226;

/// Chi-squared of counts against equal expectation, as a normal deviate (Wilson–Hilferty).
fn chi_squared_z(counts: &[u64]) -> f64 {
    let total: u64 = counts.iter().sum();
    let expected = total as f64 / counts.len() as f64;
    let chi: f64 = counts.iter().map(|&c| (c as f64 - expected).powi(2) / expected).sum();
    let k = counts.len() as f64 - 1.0;
    ((chi / k).cbrt() - (1.0 - 2.0 / (9.0 * k))) / (2.0 / (9.0 * k)).sqrt()
}

fn laws() -> Vec<Distribution> {
    use Distribution as D;
    vec![
        D::Deterministic { value: 3.0 },
        D::Exponential { mean: 20.0 },
        D::Uniform { low: 1.0, high: 4.0 },
        D::Normal { mean: -30.0, sd: 120.0 },
        D::lognormal_mean_cv(900.0, 0.6),
        D::lognormal_median_sigma(40.0, 0.5),
        D::Gamma { shape: 0.4, mean: 6.0 },
        D::Gamma { shape: 1.0, mean: 6.0 },
        D::Gamma { shape: 7.5, mean: 6.0 },
        D::Erlang { k: 1, mean: 9.0 },
        D::Erlang { k: 3, mean: 9.0 },
        D::Erlang { k: 16, mean: 9.0 },
        D::Erlang { k: 40, mean: 9.0 },
        D::Weibull {
            shape: 0.7,
            scale: 50.0,
        },
        D::Weibull {
            shape: 3.0,
            scale: 50.0,
        },
        D::Hyperexponential {
            p: vec![0.7, 0.2, 0.1],
            means: vec![1.0, 5.0, 30.0],
        },
        D::Triangular {
            low: 1.0,
            mode: 2.0,
            high: 5.0,
        },
        D::Triangular {
            low: 1.0,
            mode: 1.0,
            high: 5.0,
        },
        D::Triangular {
            low: 1.0,
            mode: 5.0,
            high: 5.0,
        },
        D::empirical(vec![(10.0, 0.5), (1.0, 2.0), (3.0, 0.5), (3.0, 0.5)]),
        D::Geometric { p: 0.3 },
        D::Geometric { p: 1.0 },
    ]
}

#[test]
fn every_kind_is_tested() {
    for kind in KINDS {
        assert!(laws().iter().any(|law| law.kind() == kind), "{}", kind.name);
    }
    for law in laws() {
        assert!(format!("{law:?}").starts_with(law.kind().name));
        law.validate().unwrap();
    }
}

#[test]
fn moments() {
    for law in laws() {
        let mut draw = draw("moments");
        let sample: Vec<f64> = (0..N).map(|_| law.sample(&mut draw)).collect();
        let (mean, variance) = (law.mean(), law.variance());
        if variance == 0.0 {
            assert!(sample.iter().all(|&x| x == mean), "{law:?}");
            continue;
        }
        let z_mean = z(sample.iter().sum(), N, mean, variance);
        // The spread of the squared deviation is taken from the sample: enough where tails are not extreme.
        let squares: Vec<f64> = sample.iter().map(|x| (x - mean).powi(2)).collect();
        let seen = squares.iter().sum::<f64>() / N as f64;
        let spread = squares.iter().map(|s| (s - seen).powi(2)).sum::<f64>() / N as f64;
        let z_variance = z(squares.iter().sum(), N, variance, spread);
        assert!(z_mean.abs() < 4.0, "{law:?}: mean is {z_mean} errors off");
        assert!(z_variance.abs() < 4.0, "{law:?}: variance is {z_variance} errors off");
    }
}

#[test]
fn distribution_functions() {
    for law in laws() {
        let mut draw = draw("kolmogorov");
        let sample: Vec<f64> = (0..N).map(|_| law.sample(&mut draw)).collect();
        let distance = kolmogorov(sample, |x| law.cdf(x).unwrap());
        assert!(distance < KS, "{law:?}: {distance}");
    }
}

#[test]
fn quantile_is_the_inverse_of_cdf() {
    for law in laws() {
        for i in 1..200 {
            let p = f64::from(i) / 200.0;
            let x = law.quantile(p).unwrap();
            let width = 1e-9 * (1.0 + x.abs());
            assert!(law.cdf(x + width).unwrap() >= p - 1e-12, "{law:?} at {p}: {x}");
            assert!(law.cdf(x - width).unwrap() <= p + 1e-6, "{law:?} at {p}: {x}");
        }
        for p in [0.0, 1.0, -0.1, f64::NAN] {
            assert_eq!(law.quantile(p), None);
        }
    }
}

#[test]
fn a_stretched_law_keeps_its_shape() {
    for law in laws() {
        let long = law.clone().stretched(2.5);
        if matches!(law, Distribution::Geometric { .. }) {
            assert_eq!(long, law, "a count has no unit");
            continue;
        }
        let near = |a: f64, b: f64| (a - b).abs() <= 1e-9 * (1.0 + b.abs());
        assert!(near(long.mean(), 2.5 * law.mean()), "{long:?}");
        assert!(near(long.variance(), 6.25 * law.variance()), "{long:?}");
    }
}

/// Where one uniform makes the variate, more uniform means more variate: this is what keeps runs coupled.
#[test]
fn inversion_is_the_quantile_of_one_uniform() {
    for law in laws() {
        let several = matches!(
            law,
            Distribution::Gamma { .. } | Distribution::Hyperexponential { .. } | Distribution::Deterministic { .. }
        ) || matches!(law, Distribution::Erlang { k, .. } if k > 1);
        if several {
            continue;
        }
        let mut draw = draw("inversion");
        for _ in 0..1000 {
            let u = { draw }.uniform();
            let x = law.sample(&mut draw);
            let q = law.quantile(u).unwrap();
            assert!((x - q).abs() <= 1e-9 * (1.0 + q.abs()), "{law:?} at {u}: {x} and {q}");
        }
    }
}

#[test]
fn lognormal_constructors_keep_their_promise() {
    let law = Distribution::lognormal_mean_cv(900.0, 0.6);
    assert!((law.mean() - 900.0).abs() < 1e-9);
    assert!((law.variance().sqrt() / 900.0 - 0.6).abs() < 1e-12);
    let law = Distribution::lognormal_median_quantile(120.0, 0.95, 600.0);
    assert!((law.quantile(0.5).unwrap() - 120.0).abs() < 1e-9);
    assert!((law.quantile(0.95).unwrap() - 600.0).abs() < 1e-9);
    for wrong in [
        Distribution::lognormal_median_quantile(120.0, 0.95, 60.0),
        Distribution::lognormal_median_quantile(120.0, 0.5, 600.0),
        Distribution::lognormal_mean_cv(-1.0, 1.0),
    ] {
        assert!(wrong.validate().is_err(), "{wrong:?}");
    }
}

#[test]
fn invalid_parameters_are_named() {
    use Distribution as D;
    for (law, word) in [
        (D::Deterministic { value: -1.0 }, "value"),
        (D::Exponential { mean: 0.0 }, "mean"),
        (D::Uniform { low: 2.0, high: 2.0 }, "high"),
        (
            D::Normal {
                mean: f64::NAN,
                sd: 1.0,
            },
            "mean",
        ),
        (D::Gamma { shape: -1.0, mean: 1.0 }, "shape"),
        (D::Erlang { k: 0, mean: 1.0 }, "k"),
        (
            D::Weibull {
                shape: 1.0,
                scale: f64::INFINITY,
            },
            "scale",
        ),
        (
            D::Hyperexponential {
                p: vec![0.5],
                means: vec![1.0],
            },
            "sum",
        ),
        (
            D::Hyperexponential {
                p: vec![0.5, 0.5],
                means: vec![1.0],
            },
            "means",
        ),
        (
            D::Triangular {
                low: 1.0,
                mode: 9.0,
                high: 5.0,
            },
            "mode",
        ),
        (
            D::Empirical {
                points: vec![(2.0, 1.0), (1.0, 1.0)],
            },
            "ascend",
        ),
        (D::Empirical { points: vec![] }, "points"),
        (D::Geometric { p: 1.5 }, "p is 1.5"),
    ] {
        let message = law.validate().unwrap_err();
        assert!(message.contains(word), "{law:?}: {message}");
        assert_eq!((law.cdf(1.0), law.quantile(0.5)), (None, None));
    }
}

#[test]
fn counts() {
    let mut draw = draw("counts");
    for mean in [0.01, 0.7, 5.0, 11.9, 12.1, 40.0, 1e4, 1e9] {
        let sample: Vec<f64> = (0..N).map(|_| draw.poisson(mean) as f64).collect();
        let off = z(sample.iter().sum(), N, mean, mean);
        assert!(off.abs() < 4.0, "Poisson({mean}): mean off by {off}");
        let squares: f64 = sample.iter().map(|x| (x - mean).powi(2)).sum();
        // Fourth central moment of a Poisson count: mean + 3 mean².
        let off = z(squares, N, mean, mean + 2.0 * mean * mean);
        assert!(off.abs() < 4.0, "Poisson({mean}): variance off by {off}");
    }
    for (n, p) in [
        (1, 0.3),
        (20, 0.3),
        (20, 0.9),
        (1000, 0.001),
        (1_000_000, 0.4),
        (12_000_000, 1e-7),
    ] {
        let (mean, variance) = (n as f64 * p, n as f64 * p * (1.0 - p));
        let sample: Vec<f64> = (0..N).map(|_| draw.binomial(n, p) as f64).collect();
        let off = z(sample.iter().sum(), N, mean, variance);
        assert!(off.abs() < 4.0, "Binomial({n}, {p}): mean off by {off}");
        let squares: f64 = sample.iter().map(|x| (x - mean).powi(2)).sum();
        let fourth = variance * (1.0 + 3.0 * (n as f64 - 2.0) * p * (1.0 - p));
        let off = z(squares, N, variance, fourth - variance * variance);
        assert!(off.abs() < 4.0, "Binomial({n}, {p}): variance off by {off}");
    }
    assert_eq!(
        (draw.poisson(0.0), draw.poisson(-1.0), draw.poisson(f64::NAN)),
        (0, 0, 0)
    );
    assert_eq!(
        (draw.binomial(9, 0.0), draw.binomial(9, 1.0), draw.binomial(0, 0.5)),
        (0, 9, 0)
    );
    assert_eq!((draw.binomial(9, f64::NAN), draw.binomial(9, 2.0)), (0, 9));
}

#[test]
fn primitives() {
    let mut draw = draw("primitives");
    let uniforms: Vec<f64> = (0..N).map(|_| draw.uniform()).collect();
    assert!(kolmogorov(uniforms, |u| u) < KS);
    let normals: Vec<f64> = (0..N).map(|_| draw.normal()).collect();
    assert!(kolmogorov(normals, preau::engine::distribution::normal_cdf) < KS);
    let exponentials: Vec<f64> = (0..N).map(|_| draw.exponential()).collect();
    assert!(kolmogorov(exponentials, |x| -(-x).exp_m1()) < KS);
    let mut counts = [0; 7];
    (0..N).for_each(|_| counts[draw.below(7) as usize] += 1);
    assert!(chi_squared_z(&counts) < 4.0);
    let hits = (0..N).filter(|_| draw.chance(0.3)).count();
    assert!(z(hits as f64, N, 0.3, 0.21).abs() < 4.0);
    assert!(!draw.chance(0.0) && draw.chance(1.0) && !draw.chance(f64::NAN));
    assert_eq!((draw.below(1), draw.below(0)), (0, 0));
}

#[test]
fn skipping_is_drawing() {
    let (mut a, mut b) = (draw("skip"), draw("skip"));
    (0..1000).for_each(|_| {
        a.bits();
    });
    b.skip(1000);
    assert_eq!(a, b);
    use rand::Rng;
    let (mut c, mut d) = (a, a);
    let mut bytes = [0; 13];
    c.fill_bytes(&mut bytes);
    assert_eq!(bytes[..8], d.next_u64().to_le_bytes());
}

/// Streams of neighbouring persons, cohorts, purposes, replications and seeds look independent: the first draw of each
/// is uniform, and uncorrelated with the next one's.
#[test]
fn neighbouring_streams_are_independent() {
    let cohort = key_of("idf/lycee");
    type First = Box<dyn Fn(u64) -> Draw>;
    let families: [(&str, First); 6] = [
        (
            "person",
            Box::new(move |i| Streams::new(1, 1).person(Purpose::Arrival, cohort, i)),
        ),
        (
            "cohort",
            Box::new(|i| Streams::new(1, 1).person(Purpose::Arrival, i, 0)),
        ),
        (
            "named",
            Box::new(|i| Streams::new(1, 1).person(Purpose::Arrival, key_of(&format!("c{i}")), 0)),
        ),
        (
            "replication",
            Box::new(move |i| Streams::new(1, i).person(Purpose::Arrival, cohort, 0)),
        ),
        (
            "seed",
            Box::new(move |i| Streams::new(i, 1).person(Purpose::Arrival, cohort, 0)),
        ),
        ("entity", Box::new(|i| Streams::new(1, 1).sequence(Purpose::Work, i))),
    ];
    for (name, stream) in families {
        for depth in 0..3 {
            let u: Vec<f64> = (0..N as u64)
                .map(|i| {
                    let mut draw = stream(i);
                    draw.skip(depth);
                    draw.uniform()
                })
                .collect();
            let lagged: f64 = u.windows(2).map(|w| (w[0] - 0.5) * (w[1] - 0.5) * 12.0).sum();
            let off = z(lagged, N - 1, 0.0, 1.0);
            assert!(off.abs() < 4.0, "{name}, draw {depth}: correlation {off}");
            let mut cells = vec![0_u64; 1024];
            for pair in u.chunks_exact(2) {
                cells[(pair[0] * 32.0) as usize * 32 + (pair[1] * 32.0) as usize] += 1;
            }
            let off = chi_squared_z(&cells);
            assert!(off.abs() < 4.0, "{name}, draw {depth}: pairs {off}");
            assert!(kolmogorov(u, |u| u) < KS, "{name}, draw {depth}");
        }
    }
    // First and second draw of the same person, and the same person for two purposes.
    let streams = Streams::new(5, 0);
    let (mut within, mut across) = (0.0, 0.0);
    for i in 0..N as u64 {
        let mut draw = streams.person(Purpose::Arrival, cohort, i);
        let first = draw.uniform() - 0.5;
        within += 12.0 * first * (draw.uniform() - 0.5);
        across += 12.0 * first * (streams.person(Purpose::Patience, cohort, i).uniform() - 0.5);
    }
    assert!(z(within, N, 0.0, 1.0).abs() < 4.0);
    assert!(z(across, N, 0.0, 1.0).abs() < 4.0);
}

/// No two streams of a small country are the same, and a person's is not the entity's of the same number.
#[test]
fn streams_are_distinct() {
    let mut first = std::collections::HashSet::new();
    let streams = Streams::new(1, 0);
    for purpose in Purpose::ALL {
        for cohort in ["a", "b", "c"] {
            for person in 0..1000 {
                assert!(first.insert(streams.person(purpose, key_of(cohort), person).bits()));
            }
        }
        for entity in 0..1000 {
            assert!(first.insert(streams.sequence(purpose, entity).bits()));
        }
    }
    assert!(first.insert(Streams::new(0, 1).sequence(Purpose::Other, 0).bits()));
}

/// Order statistics: the k-th of n is Beta(k, n + 1 − k), and the whole crowd together is a uniform sample.
#[test]
fn a_crowd_arrives_as_sorted_uniforms() {
    let streams = Streams::new(11, 0);
    let n = 9_usize;
    let mut sums = vec![0.0; n];
    let mut products = 0.0;
    let runs = 50_000;
    for run in 0..runs {
        let crowd: Vec<f64> = SortedUniforms::new(n as u64, streams.sequence(Purpose::Arrival, run)).collect();
        assert!(crowd.len() == n && crowd.is_sorted());
        for (sum, u) in sums.iter_mut().zip(&crowd) {
            *sum += u;
        }
        products += crowd[1] * crowd[6];
    }
    for (i, &sum) in sums.iter().enumerate() {
        let (k, m) = (i as f64 + 1.0, n as f64 + 1.0);
        let off = z(sum, runs as usize, k / m, k * (m - k) / (m * m * (m + 1.0)));
        assert!(off.abs() < 4.0, "order statistic {k}: {off}");
    }
    // E[U(2) U(7)] of 9 = 2·8/(10·11); its variance is below 0.04.
    assert!(z(products, runs as usize, 16.0 / 110.0, 0.04).abs() < 4.0);

    let crowd: Vec<f64> = SortedUniforms::new(1_000_000, streams.sequence(Purpose::Arrival, 0)).collect();
    assert!(crowd.is_sorted() && crowd[0] > 0.0 && crowd[999_999] < 1.0);
    // Greenwood's spacings: with n uniforms E[Σ gaps²] = 2/(n + 2).
    let mut last = 0.0;
    let mut squares = 0.0;
    for &u in crowd.iter().chain([&1.0]) {
        squares += (u - last) * (u - last);
        last = u;
    }
    let n = crowd.len() as f64;
    // The variance of Σ gaps² tends to 4/n³.
    let off = (squares - 2.0 / (n + 2.0)) / (4.0 / n.powi(3)).sqrt();
    assert!(off.abs() < 4.0, "spacings: {off}");
    assert!(kolmogorov(crowd, |u| u) < KS);
    assert_eq!(
        SortedUniforms::new(0, streams.sequence(Purpose::Arrival, 0)).next(),
        None
    );
}

#[test]
fn permutations_are_bijections() {
    for n in [1_u32, 2, 3, 5, 16, 17, 100, 1000, 65_536, 65_537, 200_000] {
        for key in 0..3 {
            let order = Permutation::new(n, key);
            let mut seen = vec![false; n as usize];
            for k in 0..n {
                let image = order.apply(k);
                assert!(!std::mem::replace(&mut seen[image as usize], true));
                assert_eq!(order.inverse(image), k);
            }
        }
    }
    let largest = Permutation::new(u32::MAX, 9);
    for k in [0, 1, 77, u32::MAX - 1] {
        assert_eq!(largest.inverse(largest.apply(k)), k);
    }
}

/// Over keys every place is equally likely for every member; within a key, images of neighbours look independent.
#[test]
fn permutations_look_random() {
    for n in [2_u32, 3, 7, 50] {
        for k in [0, n / 2, n - 1] {
            let mut counts = vec![0; n as usize];
            (0..50_000).for_each(|key| counts[Permutation::new(n, key).apply(k) as usize] += 1);
            let off = chi_squared_z(&counts);
            assert!(off.abs() < 4.0, "{k} of {n}: {off}, {counts:?}");
        }
    }
    // Pairs of neighbours, over keys: all ordered pairs alike.
    let n = 6_u32;
    let mut pairs = vec![0; 30];
    for key in 0..60_000 {
        let order = Permutation::new(n, key);
        let (a, b) = (order.apply(2), order.apply(3));
        pairs[(a * 5 + if b > a { b - 1 } else { b }) as usize] += 1;
    }
    assert!(chi_squared_z(&pairs).abs() < 4.0, "pairs {}", chi_squared_z(&pairs));
    for n in [1000_u32, 65_536, 200_000] {
        for key in 0..5 {
            let order = Permutation::new(n, key);
            let image: Vec<f64> = (0..n)
                .map(|k| (f64::from(order.apply(k)) + 0.5) / f64::from(n))
                .collect();
            for lag in [1, 2, 16, 256] {
                let products: f64 = image
                    .windows(lag + 1)
                    .map(|w| (w[0] - 0.5) * (w[lag] - 0.5) * 12.0)
                    .sum();
                let off = z(products, n as usize - lag, 0.0, 1.0);
                assert!(off.abs() < 4.5, "n = {n}, key {key}, lag {lag}: {off}");
            }
            // The first tenth to arrive is a fair sample of all.
            let early: f64 = image[..n as usize / 10].iter().sum();
            let off = z(early, n as usize / 10, 0.5, 0.9 / 12.0);
            assert!(off.abs() < 4.0, "n = {n}, key {key}: early {off}");
        }
    }
}
