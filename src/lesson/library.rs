//! The lessons that come with the program.

/// A lesson inside the program.
#[derive(Clone, Copy, Debug)]
pub struct Taught {
    /// Its name, `bottleneck`.
    pub name: &'static str,
    /// Its file in the repository.
    pub path: &'static str,
    /// Its text.
    pub text: &'static str,
}

macro_rules! lessons {
    ($($name:literal),* $(,)?) => {
        &[$(Taught {
            name: $name,
            path: concat!("lessons/", $name, ".ron"),
            text: include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/lessons/", $name, ".ron")),
        }),*]
    };
}

/// One line a lesson, in the order in which they are taught.
const TAUGHT: &[Taught] = lessons!["bottleneck", "attack", "quota", "stayed-down", "crisis-cell", "defend",];

/// All lessons inside the program.
pub fn taught() -> &'static [Taught] {
    TAUGHT
}
