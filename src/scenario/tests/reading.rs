//! What a right model means.

use super::*;
use crate::engine::{Distribution, Span, Time};
use crate::scenario::model::{Act, CountedFrom, Level, Order, SeatRule, Source as Arrivals, Window};

#[test]
fn a_textbook_queue_is_a_dozen_lines() {
    let source = crate::scenario::Source::Builtin("theory/mm1".to_owned());
    let scenario = load(&source, &[]).unwrap();
    assert_eq!(scenario.services[0].station.cores, 1.0);
    assert_eq!(scenario.cohorts[0].routes.len(), 1);
    assert_eq!(scenario.clock.warm_up, Time::from_secs(2000.0));
    assert!(matches!(&scenario.cohorts[0].source, Arrivals::Rate { points, .. } if points == &[(Time::ZERO, 0.8)]));
}

#[test]
fn every_builtin_model_loads() {
    for model in crate::scenario::builtin() {
        let source = crate::scenario::Source::Builtin(model.name.to_owned());
        load(&source, &[]).unwrap_or_else(|problems| panic!("{}: {problems}", model.path));
    }
}

#[test]
fn quantities_come_in_base_units() {
    let scenario = full();
    let ent = &scenario.services[1];
    assert_eq!(scenario.hosts[0].uplink, 20e9);
    assert_eq!(ent.exchange.page_bits, 480_000.0);
    assert_eq!(ent.limiter.unwrap().rate, 500.0);
    assert_eq!(ent.station.breakdown.unwrap().mean_up, 30.0 * 86400.0);
    let quota = ent.quota.as_ref().unwrap();
    assert_eq!(quota.max_sessions, Some(100_000));
    assert_eq!(quota.counted_from, CountedFrom::Login);
    assert_eq!(quota.admissions.unwrap().window, Window::Sliding);
    assert_eq!(
        quota.seat,
        SeatRule::Sliding {
            idle: Span::from_secs(1200.0),
            logout_share: 0.3
        }
    );
    assert_eq!(
        quota.order,
        Order::Fifo {
            bucket: Span::from_secs(60.0)
        }
    );
    assert_eq!(quota.bypass, [Level::Teacher]);
    assert_eq!(scenario.prices.core_hour, 0.05);
    assert_eq!(scenario.policies[0].fixed_cost, 10_000.0);
    assert_eq!(scenario.clock.end, Time::from_secs(86400.0));
}

#[test]
fn waves_are_in_the_time_of_the_region() {
    let scenario = full();
    let first = |i: usize| match &scenario.cohorts[i].source {
        Arrivals::Crowd(waves) => waves[0].at,
        _ => panic!("a crowd"),
    };
    assert_eq!(first(0), Time::from_secs(8.0 * 3600.0));
    assert_eq!(
        first(1),
        Time::from_secs(6.0 * 3600.0),
        "eight in Saint-Denis is six in Paris"
    );
    let west = FULL.replace("insee: \"11\", zone: \"Europe/Paris\"", "zone: \"America/Guadeloupe\"");
    let scenario = read(&west).unwrap();
    let Arrivals::Crowd(waves) = &scenario.cohorts[0].source else {
        panic!("a crowd")
    };
    assert_eq!(
        waves[0].at,
        Time::from_secs(14.0 * 3600.0),
        "eight in Pointe-à-Pitre is two in Paris"
    );
    assert_eq!(
        waves[0].spread,
        Distribution::Normal {
            mean: -300.0,
            sd: 480.0
        }
    );
}

#[test]
fn a_share_of_the_accounts_is_a_cap_of_each_service() {
    let scenario = full();
    let quota = scenario.services[2].quota.as_ref().unwrap();
    assert_eq!(quota.max_sessions, Some(15_000));
    let caps: Vec<_> = scenario.policies[0]
        .acts
        .iter()
        .filter_map(|(_, act)| match act {
            Act::SetQuota {
                services,
                quota: Some(quota),
            } => Some((services[0].index(), quota.max_sessions)),
            _ => None,
        })
        .collect();
    assert_eq!(caps, [(1, Some(94_718)), (2, Some(12_000))]);
}

#[test]
fn acts_are_in_order_of_time() {
    let scenario = full();
    let times: Vec<Time> = scenario.policies[0].acts.iter().map(|(when, _)| *when).collect();
    assert!(times.is_sorted());
    let [first, ..] = times.as_slice() else { panic!("acts") };
    assert_eq!(*first, Time::ZERO, "an act without a time is pulled at the start");
}

#[test]
fn the_text_of_a_model_is_the_model() {
    let sets = ["services.ent-idf.quota.max_sessions=5".to_owned()];
    let scenario = load(&text(FULL), &sets).unwrap();
    let again = read(&scenario.text).unwrap();
    assert_eq!(format!("{scenario:?}"), format!("{again:?}"));
    assert!(
        scenario.text.contains("// midnight at the end of the day"),
        "comments stay"
    );
}

#[test]
fn strange_keys_and_texts_survive() {
    let model = SMALL
        .replace("\"web\"", "\"w é\u{200b}\\\"\\u{e9}\"")
        .replace("\"small\"", "r#\"small\"#");
    let scenario = read(&model).unwrap_or_else(|problems| panic!("{problems}"));
    assert_eq!(scenario.services[0].key, "w é\u{200b}\"é");
    let again = read(&scenario.text).unwrap_or_else(|problems| panic!("{problems}"));
    assert_eq!(again.services[0].key, scenario.services[0].key);
    assert_eq!(read(&model.replace('\n', "\r\n")).unwrap().text, scenario.text);
}

#[test]
fn a_nameless_model_is_called_after_its_file() {
    let scenario = read(&SMALL.replace("name: \"small\",", "")).unwrap();
    assert_eq!(scenario.name, "model");
    assert_eq!(read(&scenario.text).unwrap().name, "model");
}

#[test]
fn bases_lie_under_the_file_that_names_them() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    std::fs::write(path("country.ron"), SMALL).unwrap();
    let day = r#"(
        base: "country.ron",
        name: "day",
        services: {"web": (station: (cores: 6)), "mail": (station: (cores: 1, work: Deterministic("1 s")))},
        routes: {"web": (steps: ["web"])},
        cohorts: {"all": (arrivals: Closed(population: 3, think: Deterministic("1 s")))},
    )"#;
    std::fs::write(path("day.ron"), day).unwrap();
    let scenario = load(&crate::scenario::Source::File(path("day.ron")), &[]).unwrap();
    assert_eq!(scenario.name, "day");
    assert_eq!(scenario.services.len(), 2);
    assert_eq!(scenario.services[0].station.cores, 6.0);
    assert_eq!(
        scenario.services[0].station.work,
        Distribution::Exponential { mean: 1.0 }
    );
    assert!(matches!(
        scenario.cohorts[0].source,
        Arrivals::Closed { population: 3, .. }
    ));
    assert_eq!(format!("{:?}", read(&scenario.text).unwrap()), format!("{scenario:?}"));

    // An error in the base names the base.
    std::fs::write(path("country.ron"), SMALL.replace("\"3 /s\"", "3")).unwrap();
    std::fs::write(path("day.ron"), "(base: \"country.ron\")").unwrap();
    let problems = load(&crate::scenario::Source::File(path("day.ron")), &[]).unwrap_err();
    assert!(problems.0[0].file().ends_with("country.ron"));
    assert_eq!(problems.0[0].line(), 9);

    // A circle is an error where it closes.
    std::fs::write(path("a.ron"), "(base: \"b.ron\")").unwrap();
    std::fs::write(path("b.ron"), "(base: \"./a.ron\")").unwrap();
    let problems = load(&crate::scenario::Source::File(path("a.ron")), &[]).unwrap_err();
    assert!(problems.0[0].file().ends_with("b.ron"));
    assert_eq!(problems.0[0].message(), "this model stands on itself");

    // So is a base that is not there.
    std::fs::write(path("a.ron"), "(\n  base: \"builtin:theory/mm2\")").unwrap();
    let problems = load(&crate::scenario::Source::File(path("a.ron")), &[]).unwrap_err();
    assert_eq!(
        (problems.0[0].line(), problems.0[0].advice()[0].as_str()),
        (2, "did you mean `theory/mm1`?")
    );
    let problems = load(&crate::scenario::Source::File(path("none.ron")), &[]).unwrap_err();
    assert!(problems.to_string().contains("there is no file"), "{problems}");
}

#[test]
fn an_entry_of_the_base_can_be_taken_away() {
    let model =
        r#"(base: "builtin:theory/mm1", cohorts: {"customers": None, "others": (arrivals: Poisson(rate: "1 /s"))})"#;
    let scenario = read(model).unwrap();
    assert_eq!(scenario.cohorts.len(), 1);
    assert_eq!(scenario.cohorts[0].key, "others");
}
