//! Who is turned away before the gate of a service: taken for attackers, or shed.
//!
//! People in pools knock unseen, and what a knock in vain met is drawn later. So what the filter did is kept: every set of
//! rules that was ever in force has a number, and the clock of knocks in vain notes when which one was.

use crate::engine::Time;
use crate::scenario::model::{Cohort, Who};

/// Rules by which people are turned away.
#[derive(Clone, Debug, Default, PartialEq)]
struct Rules {
    /// Share of people taken for attackers; always the same people.
    false_positives: f64,
    shed: Vec<Who>,
}

impl Rules {
    /// `mistrust`: a person's own number between 0 and 1, asked if it is needed; the least are taken for attackers first.
    fn turn_away(&self, cohort: &Cohort, mistrust: impl FnOnce() -> f64) -> bool {
        self.false_positives > 0.0 && mistrust() < self.false_positives || self.shed.iter().any(|who| who.takes(cohort))
    }
}

/// The filter of a service.
#[derive(Clone, Debug)]
pub(super) struct Filter {
    /// All rules that were ever in force, by number; those of number 0 turn nobody away.
    rules: Vec<Rules>,
    /// The number of those in force.
    number: u32,
    /// Who is shed, and until when.
    shed: Vec<(Who, Time)>,
}

impl Default for Filter {
    /// Nobody is turned away.
    fn default() -> Self {
        Filter {
            rules: vec![Rules::default()],
            number: 0,
            shed: Vec::new(),
        }
    }
}

impl Filter {
    /// The number of the rules in force; 0: nobody is turned away.
    #[inline]
    pub fn number(&self) -> u32 {
        self.number
    }

    /// Share of people taken for attackers now.
    pub fn false_positives(&self) -> f64 {
        self.rules[self.number as usize].false_positives
    }

    /// Whether somebody of a cohort is turned away by the rules of a number; `mistrust` as the person's own.
    pub fn turns_away(&self, number: u32, cohort: &Cohort, mistrust: impl FnOnce() -> f64) -> bool {
        self.rules[number as usize].turn_away(cohort, mistrust)
    }

    /// Whether a whole cohort is shed now.
    pub fn sheds(&self, cohort: &Cohort) -> bool {
        let mut shed = self.rules[self.number as usize].shed.iter();
        shed.any(|who| who.takes(cohort))
    }

    /// Another share of people is taken for attackers.
    pub fn mistake(&mut self, false_positives: f64) {
        if false_positives != self.false_positives() {
            self.put_in_force(false_positives);
        }
    }

    /// Some people are shed until an instant; [`Time::MAX`]: until they are told otherwise.
    pub fn shed(&mut self, who: Who, until: Time) {
        self.shed.push((who, until));
        self.put_in_force(self.false_positives());
    }

    /// Those shed without an end are not any more.
    pub fn relent(&mut self) {
        self.shed.retain(|(_, until)| *until != Time::MAX);
        self.put_in_force(self.false_positives());
    }

    /// Those whose time has come are shed no more.
    pub fn expire(&mut self, now: Time) {
        self.shed.retain(|(_, until)| *until > now);
        self.put_in_force(self.false_positives());
    }

    /// The rules change. Ever the same few come back, so they are few.
    fn put_in_force(&mut self, false_positives: f64) {
        let mut shed: Vec<Who> = Vec::new();
        for (who, _) in &self.shed {
            if !shed.contains(who) {
                shed.push(who.clone());
            }
        }
        let rules = Rules { false_positives, shed };
        let known = self.rules.iter().position(|r| *r == rules);
        let number = known.unwrap_or_else(|| {
            self.rules.push(rules);
            self.rules.len() - 1
        });
        self.number = number as u32;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::made_up;
    use crate::scenario::model::Level;

    #[test]
    fn rules_keep_their_numbers() {
        let scenario = made_up::scenario(1);
        let cohort = &scenario.cohorts[0];
        let everybody = Who::default;
        let nobody = Who {
            levels: [Level::Teacher, Level::Primary]
                .into_iter()
                .filter(|level| *level != cohort.level)
                .collect(),
            ..Who::default()
        };
        let mut filter = Filter::default();
        let away = |filter: &Filter, number| filter.turns_away(number, cohort, || 0.1);
        assert!(filter.number() == 0 && !away(&filter, 0));
        filter.mistake(0.05);
        assert!(filter.number() == 1 && !away(&filter, 1));
        filter.mistake(0.2);
        filter.shed(nobody, Time(9));
        assert!(filter.number() == 3 && away(&filter, 3) && !filter.sheds(cohort));
        filter.mistake(0.0);
        filter.shed(everybody(), Time::MAX);
        assert!(filter.sheds(cohort) && away(&filter, filter.number()));
        filter.relent();
        assert!(!filter.sheds(cohort));
        filter.expire(Time(9));
        assert_eq!(filter.number(), 0);
        filter.mistake(0.05);
        // What was in force before has its number still.
        assert!(filter.number() == 1 && away(&filter, 2));
    }
}
