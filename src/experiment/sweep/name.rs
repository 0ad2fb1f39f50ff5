//! Names of runs, made of their content: two runs of one name have the same numbers.

use crate::experiment::switch::Change;
use std::fmt;

/// FNV-1a in 128 bits: the same on every machine and for ever. It tells runs apart; it does not protect against forgery.
#[derive(Clone, Copy, Debug)]
struct Fnv(u128);

impl Fnv {
    const fn new() -> Fnv {
        Fnv(0x6c62_272e_07bb_0142_62b8_2175_6295_c58d)
    }

    /// Takes in a text and an end that no text contains, so that `ab`, `c` is not `a`, `bc`.
    fn text(self, text: &str) -> Fnv {
        self.bytes(text.as_bytes()).bytes(&[0xff])
    }

    fn bytes(self, bytes: &[u8]) -> Fnv {
        const PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013b;
        Fnv(bytes
            .iter()
            .fold(self.0, |h, byte| (h ^ u128::from(*byte)).wrapping_mul(PRIME)))
    }
}

/// The name of a run.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Name(pub u128);

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Name {
    /// Reads a name.
    pub fn parse(text: &str) -> Option<Name> {
        (text.len() == 32)
            .then(|| u128::from_str_radix(text, 16).ok().map(Name))
            .flatten()
    }
}

/// Names the runs of a study: (program, numbers, model, seed) are the same for all, (changes, replication) differ.
///
/// A run is a function of these, so the title of a study, the names of its factors and their ranges are no part of it.
#[derive(Clone, Copy, Debug)]
pub struct Names(Fnv);

impl Names {
    /// For runs of a model text with a seed, by this version of the program.
    pub fn new(model: &str, seed: u64) -> Names {
        let all = Fnv::new().text(env!("CARGO_PKG_VERSION")).text(&numbers_version());
        Names(all.text(model).text(&seed.to_string()))
    }

    /// Of a run.
    pub fn of(&self, change: &Change, replication: u64) -> Name {
        let sets = change.sets.iter().fold(self.0.text("sets"), |h, set| h.text(set));
        let mut policies = change.policies.clone();
        policies.sort();
        policies.dedup();
        let all = policies.iter().fold(sets.text("policies"), |h, policy| h.text(policy));
        Name(all.text("replication").text(&replication.to_string()).0)
    }
}

/// What tells whether two builds of one version draw the same numbers: a hash of the table of golden runs, which changes
/// whenever any of them does.
pub fn numbers_version() -> String {
    const GOLDEN: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fingerprints.csv"));
    let hash = Fnv::new().text(GOLDEN).0;
    format!("{:016x}", (hash >> 64) as u64 ^ hash as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_fnv() {
        // Test vectors of Fowler, Noll and Vo.
        assert_eq!(Fnv::new().bytes(b"a").0, 0xd228_cb69_6f1a_8caf_7891_2b70_4e4a_8964);
        assert_eq!(Fnv::new().bytes(b"foobar").0, 0x343e_1662_793c_64bf_6f0d_3597_ba44_6f18);
    }

    #[test]
    fn everything_that_makes_a_run_makes_its_name() {
        let change = |sets: &[&str], policies: &[&str]| Change {
            sets: sets.iter().map(|s| (*s).to_owned()).collect(),
            policies: policies.iter().map(|s| (*s).to_owned()).collect(),
        };
        let names = Names::new("(model)", 1);
        let base = names.of(&change(&["a=1"], &["x", "y"]), 0);
        assert_eq!(base, names.of(&change(&["a=1"], &["y", "x", "x"]), 0));
        assert_eq!(Name::parse(&base.to_string()), Some(base));
        for other in [
            names.of(&change(&["a=1"], &["x", "y"]), 1),
            names.of(&change(&["a=1", "x"], &["y"]), 0),
            names.of(&change(&["a=2"], &["x", "y"]), 0),
            Names::new("(model)", 2).of(&change(&["a=1"], &["x", "y"]), 0),
            Names::new("(modem)", 1).of(&change(&["a=1"], &["x", "y"]), 0),
        ] {
            assert_ne!(base, other);
        }
    }
}
