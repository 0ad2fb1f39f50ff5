//! The first draws of everything, to the last bit: what a change of version, compiler or feature must not move.

use std::fmt::Write;

use super::{Distribution, Draw, Purpose, Streams, key_of};

/// Draws pinned for each row.
const DRAWS: usize = 5;

/// A table of the first five draws of every purpose, primitive and distribution, as hexadecimal bits.
///
/// A test compares it with a committed copy, in the test build; the same must be done on the release binary, because
/// a feature that a test dependency turns on can change the last bit of `rand_distr`'s numbers.
///
/// ```
/// assert!(preau::engine::golden_table().contains("purpose arrival "));
/// ```
pub fn golden_table() -> String {
    let streams = Streams::new(2021, 4);
    let mut table = String::new();
    let mut row = |label: &str, next: &mut dyn FnMut() -> f64| {
        table.push_str(label);
        for _ in 0..DRAWS {
            write!(table, " {:016x}", next().to_bits()).expect("writing to a string cannot fail");
        }
        table.push('\n');
    };
    for purpose in Purpose::ALL {
        let mut person = streams.person(purpose, key_of("idf/lycee"), 26);
        row(&format!("purpose {}", purpose.name()), &mut || person.uniform());
        let mut entity = streams.sequence(purpose, key_of("ent-idf"));
        row(&format!("sequence {}", purpose.name()), &mut || entity.uniform());
    }
    for (name, primitive) in PRIMITIVES {
        let mut draw = streams.sequence(Purpose::Other, key_of(name));
        row(&format!("draw {name}"), &mut || primitive(&mut draw));
    }
    for law in laws() {
        let mut draw = streams.sequence(Purpose::Other, key_of(law.kind().name));
        row(&format!("law {law:?}"), &mut || law.sample(&mut draw));
    }
    table
}

type Primitive = fn(&mut Draw) -> f64;

const PRIMITIVES: [(&str, Primitive); 9] = [
    ("exponential", Draw::exponential),
    ("normal", Draw::normal),
    ("below(1000)", |draw| f64::from(draw.below(1000))),
    ("chance(0.3)", |draw| f64::from(u8::from(draw.chance(0.3)))),
    ("poisson(3.5)", |draw| draw.poisson(3.5) as f64),
    ("poisson(1e6)", |draw| draw.poisson(1e6) as f64),
    ("binomial(20, 0.3)", |draw| draw.binomial(20, 0.3) as f64),
    ("binomial(1000000, 0.4)", |draw| draw.binomial(1_000_000, 0.4) as f64),
    ("bits", |draw| f64::from_bits(draw.bits())),
];

/// One law of every kind, two where the method of drawing has two branches.
fn laws() -> Vec<Distribution> {
    use Distribution as D;
    vec![
        D::Deterministic { value: 3.0 },
        D::Exponential { mean: 20.0 },
        D::Uniform { low: 1.0, high: 4.0 },
        D::Normal { mean: -30.0, sd: 120.0 },
        D::Lognormal { mu: 2.0, sigma: 0.8 },
        D::Gamma { shape: 0.4, mean: 6.0 },
        D::Gamma { shape: 7.5, mean: 6.0 },
        D::Erlang { k: 3, mean: 9.0 },
        D::Erlang { k: 40, mean: 9.0 },
        D::Weibull {
            shape: 0.7,
            scale: 50.0,
        },
        D::Hyperexponential {
            p: vec![0.9, 0.1],
            means: vec![1.0, 30.0],
        },
        D::Triangular {
            low: 1.0,
            mode: 2.0,
            high: 5.0,
        },
        D::Empirical {
            points: vec![(1.0, 2.0), (3.0, 1.0), (10.0, 0.5)],
        },
        D::Geometric { p: 0.3 },
    ]
}
