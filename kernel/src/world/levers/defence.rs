//! Scrubbing against an attacker that changes its tool: an alternating renewal of "not detected yet" and "scrubbed".

use super::super::agenda::Agenda;
use super::super::observer::Ear;
use super::super::state::World;
use crate::engine::{Purpose, Span, key_of};

impl<O: Ear> World<'_, O> {
    /// Scrubbing begins to act, unless the wave is over or the attacker has changed its tool since.
    pub(in crate::world) fn detected(&mut self, incident: usize, wave: usize, round: u64) {
        let state = &mut self.incidents[incident];
        if state.wave != Some(wave) || state.round != round {
            return;
        }
        state.scrubbed = true;
        let Some(law) = state.defence.as_ref().and_then(|d| d.retool.as_ref()) else {
            return;
        };
        let key = key_of(&self.scenario.incidents[incident].key);
        let mut draw = self.streams.person(Purpose::Retool, key, wave as u64);
        draw.skip(round * 64);
        let at = self.now + Span::from_secs(law.sample(&mut draw));
        if at <= self.scenario.clock.end {
            self.plan(at, Agenda::Retooled { incident, wave, round });
        }
    }

    /// The attacker has changed its tool: nothing is scrubbed until it is detected anew.
    pub(in crate::world) fn retooled(&mut self, incident: usize, wave: usize, round: u64) {
        let state = &mut self.incidents[incident];
        if state.wave != Some(wave) || state.round != round {
            return;
        }
        state.scrubbed = false;
        state.round += 1;
        self.await_detection(incident, wave);
    }
}
