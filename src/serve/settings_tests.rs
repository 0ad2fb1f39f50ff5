use super::*;
use crate::serve::Options;

fn catalogue() -> Catalogue {
    Catalogue::new(&Options::default().models).unwrap()
}

fn parsed(query: &str) -> Settings {
    Settings::parse(query, &catalogue()).unwrap().0
}

fn problems(query: &str) -> Vec<String> {
    Settings::parse(query, &catalogue()).unwrap_err().0
}

fn sets(query: &str) -> Vec<String> {
    let (settings, offered) = Settings::parse(query, &catalogue()).unwrap();
    settings.change(&offered).unwrap().sets
}

#[test]
fn an_address_is_the_same_after_a_round_trip() {
    let query = "model=2021-04-06&quota=1.5&quota.ent-idf=2&session=20&order=fifo&stagger=30&capacity=1.25&scrub=0.5\
                 &attack=0.5&policies=quota,capacity&incidents=fire,flood-cned-fr&size=0.02&seed=7&replications=3&lang=fr";
    let settings = parsed(query);
    assert_eq!(parsed(&settings.query()), settings);
    assert_eq!(
        (settings.seed, settings.replications, settings.values.len()),
        (7, 3, 11)
    );
    // Decoded and put in order: `%2C` is a comma, and the model's order counts.
    assert_eq!(
        parsed("policies=capacity%2Cquota").query(),
        parsed("policies=quota,capacity").query()
    );
}

#[test]
fn what_the_model_says_anyway_is_no_setting() {
    assert_eq!(parsed("quota=1&session=30&size=1&attack=1&stagger=0").values.len(), 0);
    assert_eq!(parsed("").query(), "model=2021-04-06&seed=1&replications=1");
}

#[test]
fn every_mistake_is_told_at_once() {
    let found =
        problems("quota=9&order=lifo&policies=magic&quota.nowhere=2&session.ent-idf=x&replications=1000&seed=-1&huh=1");
    let words = [
        "from 0.25 to 4",
        "expected one of reject, fifo",
        "no `magic`",
        "no part `nowhere`",
        "from 1 to 240",
        "from 1 to 20",
        "whole number",
        "no such lever",
    ];
    assert_eq!(found.len(), words.len(), "{found:?}");
    for (problem, word) in found.iter().zip(words) {
        assert!(problem.contains(word), "{problem:?} does not say {word:?}");
    }
    assert!(problems("model=../../secrets")[0].contains("no model of this name"));
    assert!(problems("quota=NaN")[0].contains("expected a number"));
    assert!(problems("seed=%zz")[0].contains("percent-encoded"));
    assert!(problems("seed=1%0a")[0].contains("percent-encoded"));
    assert!(problems(&"x".repeat(LONGEST + 1))[0].contains("are allowed"));
}

#[test]
fn levers_become_overrides() {
    assert_eq!(
        sets("quota=1.5&quota.ent-idf=2"),
        [
            "services.ent-idf.quota.max_sessions=400000",
            "services.ent-hdf.quota.max_sessions=120000",
            "services.ent-occ.quota.max_sessions=170840",
        ]
    );
    assert_eq!(
        sets("session.ent-occ=20"),
        ["services.ent-occ.quota.seat.idle=\"20 min\""]
    );
    assert_eq!(sets("attack=0")[0], "incidents.flood-ecole.on=false");
    assert_eq!(sets("attack=2")[0], "incidents.flood-ecole.kind.rate=\"66840 /s\"");
    assert_eq!(
        sets("scrub=0.25"),
        [
            "operators.cned.cell.playbook[0].takes.median=\"20 min\"",
            "incidents.flood-cned-fr.defence.detection.median=\"15 s\"",
        ]
    );
    assert_eq!(sets("incidents=fire"), ["incidents.fire.on=true"]);
    assert!(sets("stagger=30")[0].contains("Stagger(how: Spread(\"30 min\"))"));
    let capacity = sets("capacity=2&capacity.ent-idf=3");
    assert_eq!(capacity.len(), 2);
    assert!(
        capacity[0].contains("services: [\"ent-idf\"], factor: 3)"),
        "{}",
        capacity[0]
    );
}

#[test]
fn every_lever_of_every_model_changes_its_model() {
    let catalogue = catalogue();
    let models = catalogue.json();
    for model in models.as_array().unwrap() {
        let key = model["key"].as_str().unwrap();
        let offered = catalogue.offered(key).unwrap();
        let plain = offered.plain().text.clone();
        for lever in &offered.levers {
            let values: Vec<String> = match lever.form {
                Form::Number { from, to, now, .. } => [from, to, (from + to) / 2.0]
                    .into_iter()
                    .filter(|v| *v != now)
                    .map(|v| v.to_string())
                    .collect(),
                Form::Choice { words } => words.iter().map(|w| (*w).to_owned()).collect(),
                Form::Several => lever.parts.iter().map(|part| part.key.clone()).collect(),
            };
            for value in values {
                let query = format!("model={key}&{}={value}", lever.kind.key);
                let (settings, offered) = Settings::parse(&query, &catalogue).unwrap();
                let ready = settings
                    .ready(&offered)
                    .unwrap_or_else(|wrong| panic!("{query}: {wrong}"));
                let same_word = lever.parts.iter().all(|part| part.now == Now::Word(value.clone()));
                let changed = ready.scenario.text != plain || !ready.policies.is_empty();
                assert!(changed || same_word, "{query} changes nothing");
            }
        }
    }
}

#[test]
fn models_offer_the_levers_that_they_have() {
    let catalogue = catalogue();
    let keys = |model: &str| {
        let offered = catalogue.offered(model).unwrap();
        offered.levers.iter().map(|lever| lever.kind.key).collect::<Vec<_>>()
    };
    assert_eq!(keys("2021-04-06").len(), KINDS_OF_THE_DAY);
    // On 26 April there is no attack to scrub.
    assert!(!keys("2021-04-26").contains(&"attack"));
    assert_eq!(keys("theory/mm1"), ["capacity"]);
    assert_eq!(keys("theory/surge"), ["capacity", "incidents"]);
    assert!(problems("model=theory/gate&quota=2")[0].contains("no such lever"));
}

/// The day of 6 April has every lever.
const KINDS_OF_THE_DAY: usize = crate::serve::KINDS.len();

#[test]
fn too_much_is_refused() {
    let (settings, offered) = Settings::parse("replications=20", &catalogue()).unwrap();
    let wrong = settings.ready(&offered).unwrap_err();
    assert!(wrong.0[0].contains("fewer replications"), "{wrong}");
}

#[test]
fn a_saved_model_is_the_model_that_runs() {
    let query = "quota=1.5&order=lottery&stagger=20&capacity=1.5&attack=0.5&scrub=0.5&incidents=fire&size=0.01&policies=defence&seed=3";
    let (settings, offered) = Settings::parse(query, &catalogue()).unwrap();
    let ready = settings.ready(&offered).unwrap();
    let source = crate::scenario::Source::Text {
        name: "saved.ron".into(),
        text: ready.ron(),
    };
    let again = crate::scenario::load(&source, &[]).unwrap();
    assert_eq!(again.size.factor, 0.01);
    assert_eq!(
        format!("{:?}", again.services),
        format!("{:?}", ready.scenario.services)
    );
    assert_eq!(
        format!("{:?}", again.incidents),
        format!("{:?}", ready.scenario.incidents)
    );
    assert!(
        ready
            .ron()
            .contains("// The same run: preau run THIS-FILE --policy defence --seed 3 --replications 1")
    );
}
