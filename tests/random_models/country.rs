//! The country of 6 April, very small, with classes, households and crisis cells, and with habits, incidents and levers nobody would choose.

use crate::common::{add_policy, model_with};
use crate::dice::Dice;
use crate::gates::furnish_all;
use crate::levers::more_levers;
use crate::{act, change_habit, incident};
use preau::engine::Time;
use preau::scenario::model::*;
use preau::world::RunOptions;

/// A morning of 13 000 people.
pub fn country(seed: u64) -> (Scenario, RunOptions<'static>) {
    let mut s = model_with("../../models/2021-04-06", &["size=0.001", "clock.end=2021-04-06T11:00"]);
    let throws = 100 + (seed * 53 % 500) as usize;
    let d = &mut Dice::new(seed, throws);
    s.policies.clear();
    if d.chance(0.5) {
        s.incidents.clear();
    }
    let routes = s.routes.len();
    for habit in &mut s.habits {
        if d.chance(0.5) {
            let learns = habit.learns;
            change_habit(d, habit, routes);
            habit.learns = learns;
        }
    }
    for _ in 0..d.below(5) {
        let incident = incident(d, &s);
        s.incidents.push(incident);
    }
    let mut acts: Vec<_> = (0..d.below(7))
        .map(|_| (Time::from_secs(d.between(0.0, 20_000.0)), act(d, &s)))
        .collect();
    acts.sort_by_key(|a| a.0);
    let policy = add_policy(&mut s, acts);
    furnish_all(d, &mut s);
    more_levers(&mut Dice::new(!seed, throws), &mut s);
    let options = RunOptions {
        seed,
        policies: vec![policy],
        ..RunOptions::default()
    };
    (s, options)
}
