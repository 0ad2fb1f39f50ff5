//! The models that come with the program.

/// A model inside the program.
#[derive(Clone, Copy, Debug)]
pub struct Builtin {
    /// As in `builtin:theory/mm1`.
    pub name: &'static str,
    /// Its file in the repository.
    pub path: &'static str,
    /// Its text.
    pub text: &'static str,
}

macro_rules! models {
    ($($name:literal),* $(,)?) => {
        &[$(Builtin {
            name: $name,
            path: concat!("models/", $name, ".ron"),
            text: include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/models/", $name, ".ron")),
        }),*]
    };
}

/// One line a model: its path below `models/`, without `.ron`.
const MODELS: &[Builtin] = models![
    "2021-04-06",
    "2021-04-26",
    "region",
    "bench/w1",
    "bench/w2",
    "theory/classes",
    "theory/closed",
    "theory/flood",
    "theory/gate",
    "theory/link",
    "theory/metastable",
    "theory/metastable-backoff",
    "theory/mm1",
    "theory/network",
    "theory/queue",
    "theory/retrial",
    "theory/surge",
];

/// All models inside the program.
pub fn builtin() -> &'static [Builtin] {
    MODELS
}
