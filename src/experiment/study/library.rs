//! The experiments that come with the program.

/// An experiment inside the program.
#[derive(Clone, Copy, Debug)]
pub struct Shipped {
    /// Its name, `2021-04-06-policies`.
    pub name: &'static str,
    /// Its file in the repository.
    pub path: &'static str,
    /// Its text.
    pub text: &'static str,
}

macro_rules! experiments {
    ($($name:literal),* $(,)?) => {
        &[$(Shipped {
            name: $name,
            path: concat!("experiments/", $name, ".ron"),
            text: include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/experiments/", $name, ".ron")),
        }),*]
    };
}

/// One line an experiment; the first is that of `preau compare`.
const SHIPPED: &[Shipped] = experiments![
    "2021-04-06-policies",
    "2021-04-26-policies",
    "idf-gate",
    "robust",
    "screening",
    "crisis-cell",
];

/// All experiments inside the program.
pub fn shipped() -> &'static [Shipped] {
    SHIPPED
}
