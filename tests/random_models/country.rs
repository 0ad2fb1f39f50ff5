//! The country of 6 April, very small, with classes, households and crisis cells, and with habits, incidents and levers nobody would choose.

use crate::common::model_with;
use crate::dice::Dice;
use crate::gates::furnish_all;
use crate::levers::more_levers;
use crate::{add_trouble, change_habit};
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
    let policy = add_trouble(d, &mut s);
    furnish_all(d, &mut s);
    more_levers(&mut Dice::new(!seed, throws), &mut s);
    let options = RunOptions {
        seed,
        policies: vec![policy],
        ..RunOptions::default()
    };
    (s, options)
}
