//! Lessons: what each claims is what the model says. The next test of lessons goes here.

use preau::lesson::{Lesson, Proof, taught};
use preau::web::Lang;
use std::time::Instant;

fn read(name: &str) -> Lesson {
    let taught = taught().iter().find(|taught| taught.name == name).unwrap();
    Lesson::read(taught.name, taught.path, taught.text).unwrap_or_else(|problems| panic!("{}", problems.render(false)))
}

/// The start misses the goals with the right answer given, the reference reaches them, plausible mistakes do not, and every
/// number in a text is the model's.
fn proves(name: &str) -> Proof {
    let began = Instant::now();
    let proof = read(name).prove().unwrap_or_else(|error| panic!("{name}: {error}"));
    for tried in &proof.tries {
        let goals: Vec<&str> = tried.judgement.goals.iter().map(|goal| goal.words(Lang::En)).collect();
        assert!(
            tried.holds(),
            "{name}, `{}`: expected {:?}\n{}",
            tried.name,
            tried.expected,
            goals.join("\n")
        );
        // A run of several replications counts each.
        assert!(
            tried.seconds < 30.0,
            "{name}, `{}` took {} s of processor time",
            tried.name,
            tried.seconds
        );
    }
    let wrong: Vec<String> = proof
        .numbers
        .iter()
        .filter(|number| !number.holds())
        .map(|number| {
            format!(
                "{} is {} and was found to be {:?}",
                number.name, number.stored, number.found
            )
        })
        .collect();
    assert!(
        wrong.is_empty(),
        "{name}: `preau lesson {name} --prove`\n{}",
        wrong.join("\n")
    );
    assert!(!proof.numbers.is_empty() && proof.holds());
    println!("{name}: {:.1} s", began.elapsed().as_secs_f64());
    proof
}

#[test]
fn bottleneck_proves() {
    let proof = proves("bottleneck");
    assert_eq!(proof.right.as_deref(), Some("ent"));
}

#[test]
fn attack_proves() {
    let proof = proves("attack");
    assert_eq!(proof.right.as_deref(), Some("ent"));
    // Without the attack the ENT's goal is missed and the CNED's is reached: each door has its own cause.
    let without = proof.tries.iter().find(|tried| tried.name == "no attack").unwrap();
    let states: Vec<Option<bool>> = without.judgement.goals.iter().map(|goal| goal.reached).collect();
    assert_eq!(states[1..3], [Some(false), Some(true)]);
}

#[test]
fn quota_proves() {
    proves("quota");
}

#[test]
fn stayed_down_proves() {
    proves("stayed-down");
}

#[test]
fn crisis_cell_proves() {
    proves("crisis-cell");
}

#[test]
fn defend_proves() {
    proves("defend");
}
