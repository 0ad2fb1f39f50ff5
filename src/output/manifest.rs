//! The manifest: everything needed to make a result again.

use crate::experiment::{Arm, Replications};
use crate::scenario::model::Scenario;
use crate::world::{Mode, Orbit};
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// Version of the manifest's own form.
pub const FORMAT: u32 = 1;
/// What a [`hash`] begins with.
pub(super) const HASH: &str = "fnv1a64:";

/// What makes a result what it is: two results of equal identities have equal numbers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// Version of the program.
    pub version: String,
    /// Hash of the model text.
    pub model_hash: String,
    /// Seed of the experiment.
    pub seed: u64,
    /// Which replications.
    pub replications: Range<u64>,
    /// How retries were simulated: `auto` or `events`.
    pub retries: String,
    /// What stood for pages and floods: `auto` or `events`.
    #[serde(default = "fluids")]
    pub mode: String,
    /// What was compared.
    pub arms: Vec<ArmEntry>,
    /// Of an attribution, which KPI was shared out and by which orders.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shared: Option<String>,
}

/// Results made before there was a referee.
fn fluids() -> String {
    name_of(Mode::Auto)
}

fn name_of(mode: Mode) -> String {
    if mode == Mode::Events { "events" } else { "auto" }.to_owned()
}

/// An arm by the keys of its policies.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArmEntry {
    /// Its name.
    pub name: String,
    /// Keys of what was on.
    pub policies: Vec<String>,
}

impl Identity {
    /// Of what is to be run.
    pub fn new(scenario: &Scenario, seed: u64, replications: Range<u64>, orbit: Orbit, arms: &[Arm]) -> Identity {
        let entry = |arm: &Arm| ArmEntry {
            name: arm.name.clone(),
            policies: arm
                .policies
                .iter()
                .map(|p| scenario.policies[p.index()].key.clone())
                .collect(),
        };
        Identity {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            model_hash: hash(&scenario.text),
            seed,
            replications,
            retries: if orbit == Orbit::Events { "events" } else { "auto" }.to_owned(),
            mode: fluids(),
            arms: arms.iter().map(entry).collect(),
            shared: None,
        }
    }

    /// The same in another mode.
    pub fn in_mode(mut self, mode: Mode) -> Identity {
        self.mode = name_of(mode);
        if mode == Mode::Events {
            // People then knock one by one, whatever was asked for.
            self.retries = name_of(mode);
        }
        self
    }

    /// Of what was run.
    pub fn of(scenario: &Scenario, runs: &Replications) -> Identity {
        Identity::new(scenario, runs.seed, runs.replications.clone(), runs.orbit, &runs.arms).in_mode(runs.mode)
    }

    /// Whether it is of runs, of a file (facts, causes) or of a choice: what tells one verb's result from another's.
    fn kind(&self) -> (bool, bool) {
        let mut policies = self.arms.iter().flat_map(|arm| &arm.policies);
        (self.shared.is_some(), policies.any(|p| p.starts_with(HASH)))
    }

    /// What other arms mean: causes and facts of a file stand among them as hashes of their text.
    fn other_arms(&self) -> &'static str {
        // Both are of one kind.
        if self.shared.is_some() {
            "of other causes"
        } else if self.kind() != (false, false) {
            "made from another file or with other settings"
        } else {
            "of other policies"
        }
    }

    /// What is not the same in another, in words; `None` when all is.
    pub fn difference(&self, other: &Identity) -> Option<&'static str> {
        let checks = [
            (self.kind() == other.kind(), "of another kind"),
            (self.version == other.version, "made by another version"),
            (self.model_hash == other.model_hash, "of another model"),
            (self.seed == other.seed, "of another seed"),
            (self.replications == other.replications, "of other replications"),
            (self.retries == other.retries, "made with another handling of retries"),
            (self.mode == other.mode, "made in another mode"),
            (self.shared == other.shared, "of another KPI or other orders of causes"),
            (self.arms == other.arms, self.other_arms()),
        ];
        checks.into_iter().find(|(same, _)| !same).map(|(_, what)| what)
    }
}

/// `manifest.json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// Always `preau`.
    pub program: String,
    /// [`FORMAT`].
    pub format: u32,
    /// What makes the result what it is.
    pub identity: Identity,
    /// Name of the model.
    pub name: String,
    /// Title of the model.
    pub title: String,
    /// Size of the country against the written one.
    #[serde(default = "as_written")]
    pub size: f64,
    /// The command as typed.
    pub command: Vec<String>,
    /// When the result was made.
    pub created: String,
    /// Threads used.
    pub threads: usize,
    /// Wall time of all runs, s.
    pub seconds: f64,
    /// The model: includes and overrides applied.
    pub model: String,
    /// Of a sweep, what it asked; none for all other results.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sweep: Option<SweepEntry>,
}

/// What a sweep asked and how far it got.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SweepEntry {
    /// The experiment file.
    pub study: String,
    /// The draws that it names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub draws: Option<String>,
    /// Overrides from the command line.
    pub sets: Vec<String>,
    /// Its design.
    pub design: String,
    /// Points of the design.
    pub points: usize,
    /// Runs in these files, failed ones included.
    pub runs: usize,
    /// Failed ones among them.
    pub failed: usize,
    /// Runs that are wanted and not there: those of other shards, for instance.
    pub missing: u64,
    /// Points that have their most replications, and whose mean is not as precise as was asked.
    #[serde(default)]
    pub imprecise: usize,
    /// Tells builds apart that draw other numbers.
    pub numbers: String,
}

/// Results made before countries had a size.
fn as_written() -> f64 {
    1.0
}

impl Manifest {
    /// Of runs just made by a command.
    pub fn of(scenario: &Scenario, runs: &Replications, command: Vec<String>) -> Manifest {
        Manifest {
            program: "preau".to_owned(),
            format: FORMAT,
            identity: Identity::of(scenario, runs),
            name: scenario.name.clone(),
            title: scenario.title.clone(),
            size: scenario.size.factor,
            command,
            created: jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
            threads: runs.threads,
            seconds: runs.elapsed.as_secs_f64(),
            model: scenario.text.clone(),
            sweep: None,
        }
    }
}

/// FNV-1a in 64 bits, with its name before it: the same on every machine and for ever, which `std`'s hasher
/// does not promise. It tells models apart; it does not protect against forgery.
///
/// ```
/// assert_eq!(preau::output::manifest::hash("foobar"), "fnv1a64:85944171f73967e8");
/// ```
pub fn hash(text: &str) -> String {
    const OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
    const PRIME: u64 = 0x0000_0100_0000_01b3;
    let hash = text
        .bytes()
        .fold(OFFSET, |h, byte| (h ^ u64::from(byte)).wrapping_mul(PRIME));
    format!("{HASH}{hash:016x}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::made_up;

    #[test]
    fn the_hash_is_fnv() {
        // Test vectors of Fowler, Noll and Vo.
        assert_eq!(hash(""), "fnv1a64:cbf29ce484222325");
        assert_eq!(hash("a"), "fnv1a64:af63dc4c8601ec8c");
    }

    #[test]
    fn identities_say_what_differs() {
        let scenario = made_up::scenario(1);
        let of = |seed, n, policies: Vec<_>| {
            Identity::new(
                &scenario,
                seed,
                0..n,
                Orbit::Auto,
                &[Arm::base(), Arm::new("x", policies)],
            )
        };
        let a = of(1, 5, vec![made_up::QUOTA]);
        assert_eq!(a.difference(&of(1, 5, vec![made_up::QUOTA])), None);
        assert_eq!(a.difference(&of(2, 5, vec![made_up::QUOTA])), Some("of another seed"));
        assert_eq!(
            a.difference(&of(1, 6, vec![made_up::QUOTA])),
            Some("of other replications")
        );
        assert_eq!(a.difference(&of(1, 5, vec![made_up::IDLE])), Some("of other policies"));
        let of_file = |text: &str| Identity {
            arms: vec![ArmEntry {
                name: "facts".to_owned(),
                policies: vec![hash(text)],
            }],
            ..a.clone()
        };
        let (one, other) = (of_file("one"), of_file("other"));
        let said = Some("made from another file or with other settings");
        assert_eq!(one.difference(&other), said);
        let causes = |identity: Identity| Identity {
            shared: Some("hours_lost, 0 orders".to_owned()),
            ..identity
        };
        assert_eq!(causes(one).difference(&causes(other)), Some("of other causes"));
        let mut shared = causes(of_file("one"));
        shared.shared = Some("wait_p95, 0 orders".to_owned());
        let said = Some("of another KPI or other orders of causes");
        assert_eq!(causes(of_file("one")).difference(&shared), said);
        // Runs, facts and causes are no settings of each other.
        let kinds = [a.clone(), of_file("one"), causes(of_file("one"))];
        for (i, one) in kinds.iter().enumerate() {
            for other in kinds.iter().skip(i + 1) {
                assert_eq!(one.difference(other), Some("of another kind"));
            }
        }
        let events = of(1, 5, vec![made_up::QUOTA]).in_mode(Mode::Events);
        assert_eq!(a.difference(&events), Some("made with another handling of retries"));
        assert_eq!((events.mode.as_str(), events.retries.as_str()), ("events", "events"));
    }
}
