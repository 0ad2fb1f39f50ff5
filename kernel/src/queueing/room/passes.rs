//! Passes: who was admitted may come back for a while without queueing.

use crate::engine::{Span, Time};

/// Until when the pass of each person is good, ms, by group and number within the group. 0: none.
#[derive(Clone, Debug, Default)]
pub(super) struct Passes(Vec<Vec<u32>>);

impl Passes {
    /// A pass from now on.
    pub fn grant(&mut self, now: Time, valid: Span, group: u16, person: u32) {
        let (group, person) = (usize::from(group), person as usize);
        if self.0.len() <= group {
            self.0.resize(group + 1, Vec::new());
        }
        let all = &mut self.0[group];
        if all.len() <= person {
            all.resize(person + 1, 0);
        }
        all[person] = u32::try_from((now + valid).0 / 1_000_000).unwrap_or(u32::MAX);
    }

    /// Whether a person's pass is good now.
    pub fn holds(&self, now: Time, group: u16, person: u32) -> bool {
        let until = self.0.get(usize::from(group)).and_then(|all| all.get(person as usize));
        until.is_some_and(|until| u64::from(*until) * 1_000_000 > now.0)
    }
}
