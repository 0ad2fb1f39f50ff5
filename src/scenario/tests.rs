//! tests
use super::*;
#[test]
fn mm1() {
    let s = load(&Source::Builtin("theory/mm1".into()), &[]).unwrap();
    println!("{s:#?}\n{}", s.text);
    println!(
        "{}",
        load(
            &Source::Builtin("theory/mm1".into()),
            &[
                "services.queue.station.corse=3".into(),
                "cohorts.customers.level=lycé".into(),
                "cohorts.customers.connects=140 %".into()
            ]
        )
        .unwrap_err()
    );
}
