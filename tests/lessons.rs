//! Lessons: what each claims is what the model says. The next test of lessons goes here.

use preau::lesson::{Lesson, Proof, catalogue, taught};
use preau::web::Lang;
use serde_json::Value;
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

#[test]
fn pages_are_whole_in_both_languages() {
    for taught in taught() {
        let lesson = read(taught.name);
        for lang in Lang::ALL {
            let page = lesson.page(lang);
            let text = page.to_string();
            assert!(
                !text.contains("|X]") && !text.contains("|date]"),
                "{}: {text}",
                taught.name
            );
            for list in ["brief", "levers", "goals", "hints"] {
                assert!(!page[list].as_array().unwrap().is_empty(), "{}: {list}", taught.name);
            }
            assert!(page["debrief"]["causes"].as_array().unwrap().len() >= 3);
            let strings = strings(&page);
            assert!(
                strings.iter().all(|text| !text.contains(['{', '}'])),
                "{}: a hole is left",
                taught.name
            );
        }
        assert_eq!(
            lesson.page(Lang::Fr)["levers"][0]["paths"],
            lesson.page(Lang::En)["levers"][0]["paths"]
        );
    }
    assert_eq!(catalogue(Lang::Fr).as_array().unwrap().len(), taught().len());
}

/// Every text of a page but settings, which may be written in RON.
fn strings(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.clone()],
        Value::Array(all) => all.iter().flat_map(strings).collect(),
        Value::Object(all) => all.values().flat_map(strings).collect(),
        _ => Vec::new(),
    }
}

#[test]
fn what_is_no_lever_is_refused_with_the_reason() {
    let lesson = read("bottleneck");
    let refused = |set: &str| {
        let refusals = lesson.attempt(&[set.to_owned()], &[]).expect_err(set);
        (
            refusals[0].words(Lang::En).to_owned(),
            refusals[0].words(Lang::Fr).to_owned(),
        )
    };
    let (en, fr) = refused("habits.pupil.tabs=1");
    assert!(
        en.contains("do not change in a morning") && fr.contains("habitudes"),
        "{en} {fr}"
    );
    for (set, said) in [
        ("cores=5000", "from 250 to 1400"),
        ("services.ent-occ.station.cores=many", "from 250 to 1400"),
        ("quota=200000.5", "a whole number"),
        ("cores", "PATH=VALUE"),
        ("services.ent-idf.station.cores=9000", "no lever of the lesson"),
        ("services.*.station.cores=500", "no lever of the lesson"),
        ("nonsense.at.all=1", "The levers are: portal, cores"),
        ("=", "no lever"),
    ] {
        assert!(refused(set).0.contains(said), "{set}: {}", refused(set).0);
    }
    let refusals = lesson.attempt(&[], &["smoothing".to_owned()]).unwrap_err();
    assert!(refusals[0].words(Lang::En).contains("no lever"));
    // All at once.
    let both = ["cores=1".to_owned(), "quota=1".to_owned()];
    assert_eq!(lesson.attempt(&both, &[]).unwrap_err().len(), 2);
}

#[test]
fn levers_are_moved_by_name_or_by_path_and_back() {
    let lesson = read("quota");
    let moves = |sets: &[&str]| {
        let sets: Vec<String> = sets.iter().map(|set| (*set).to_owned()).collect();
        lesson.attempt(&sets, &[]).unwrap()
    };
    let path = moves(&["services.ent-idf.quota.seat.idle=5 min"]);
    assert_eq!(path.scenario.text, moves(&["idle=300 s"]).scenario.text);
    assert_eq!(path.moves.len(), 1);
    assert!(path.scenario.text != lesson.base().plain().text);
    // Where it stood is no move, and the last of two settings counts.
    assert!(moves(&["idle=30 min", "quota=200000"]).moves.is_empty());
    assert!(moves(&["idle=5 min", "idle=30 min"]).moves.is_empty());
    let attack = read("attack");
    let off = attack.attempt(&["attack=false".to_owned()], &[]).unwrap();
    assert_eq!(off.moves.len(), 1);
    assert!(
        off.scenario
            .incidents
            .iter()
            .filter(|i| i.key.starts_with("flood-"))
            .all(|i| !i.on)
    );
    let one = attack
        .attempt(&["incidents.flood-ecole.on=false".to_owned()], &[])
        .unwrap();
    assert_eq!((one.moves.len(), one.moves[&0].len()), (1, 1));
}

#[test]
fn the_cut_keeps_the_region_as_it_is_and_the_users_of_the_cned() {
    let whole = preau::scenario::load(&preau::scenario::Source::Builtin("2021-04-06".into()), &[]).unwrap();
    let part = read("attack").base().plain().clone();
    let connecting = |scenario: &preau::scenario::model::Scenario, key: &str| {
        let cohort = scenario.cohorts.iter().find(|c| c.key == key);
        cohort.map(|c| (f64::from(c.people) * c.connects, c.routes.len()))
    };
    assert_eq!(connecting(&whole, "ges-college"), connecting(&part, "ges-college"));
    let (all, _) = connecting(&whole, "idf-college").unwrap();
    let (some, routes) = connecting(&part, "idf-college").unwrap();
    assert!((some / all - 0.075).abs() < 1e-9 && routes == 1);
    let cores = |scenario: &preau::scenario::model::Scenario, key: &str| {
        scenario.services.iter().find(|s| s.key == key).unwrap().station.cores
    };
    assert_eq!(cores(&whole, "ent-ges"), cores(&part, "ent-ges"));
    assert_eq!(cores(&whole, "cned-college"), cores(&part, "cned-college"));
    assert!(
        read("bottleneck")
            .base()
            .plain()
            .cohorts
            .iter()
            .all(|c| c.key.starts_with("occ-"))
    );
}

/// A small lesson that is right, to be spoilt.
const SMALL: &str = r#"(
    title: (fr: "Un", en: "One"), minutes: 5, model: "theory/mm1",
    part: (fr: "Une file.", en: "A queue."),
    brief: [(fr: "Attente : {wait} s.", en: "Wait: {wait} s.")],
    levers: {"work": (name: (fr: "travail", en: "work"), path: "services.queue.station.work.mean", from: 0.25, to: 1, unit: "s")},
    goals: [(name: (fr: "attente", en: "wait"), kpi: "wait_mean", at_most: 2)],
    hints: [(fr: "a", en: "a"), (fr: "b", en: "b")],
    debrief: (
        timeline: [(fr: "a", en: "a")], control: [(fr: "a", en: "a")],
        causes: [(fr: "a", en: "a"), (fr: "b", en: "b"), (fr: "c", en: "c")],
    ),
    tries: {"two": (set: ["work=0.5"], reached: true), "few": (set: ["work=0.9 s"], reached: false)},
    numbers: {"wait": (of: "wait_mean", is: 5)},
)"#;

#[test]
fn mistakes_of_a_file_have_their_place() {
    Lesson::read("small", "small.ron", SMALL).unwrap_or_else(|problems| panic!("{}", problems.render(false)));
    for (from, to, said) in [
        ("Wait: {wait} s.", "Wait: 5 s, {wait} s.", "a digit stands outside"),
        ("Wait: {wait} s.", "Wait.", "different numbers"),
        ("Wait: {wait} s.", "Wait: {wiat} s.", "did you mean `wait`?"),
        ("kpi: \"wait_mean\"", "kpi: \"wait_maen\"", "did you mean `wait_mean`?"),
        ("at_most: 2", "", "a goal has a limit"),
        ("work.mean\"", "wrok.mean\"", "leads nowhere"),
        ("from: 0.25, to: 1", "from: 1, to: 0.25", "`from` and `to`"),
        (
            "from: 0.25, to: 1",
            "from: 0.25, to: 0.5",
            "is no setting of this lever",
        ),
        ("work=0.5", "work=9", "does not allow"),
        ("reached: true", "reached: false", "reaches the goals"),
        (", is: 5", "", "is stored"),
        ("is: 5", "during: \"tow\", is: 5", "did you mean `two`?"),
        (
            "(fr: \"b\", en: \"b\"), (fr: \"c\", en: \"c\")]",
            "(fr: \"b\", en: \"b\")]",
            "at least 3",
        ),
        ("minutes: 5", "minuets: 5", "minuets"),
        ("theory/mm1", "theory/mm0", "theory/mm0"),
    ] {
        assert!(SMALL.contains(from), "{from}");
        let spoilt = SMALL.replacen(from, to, 1);
        let problems = Lesson::read("small", "small.ron", &spoilt).expect_err(said);
        let drawn = problems.render(false);
        assert!(drawn.contains(said) && drawn.contains(":"), "{said}: {drawn}");
    }
}

#[test]
fn a_wrong_number_or_claim_is_found() {
    let lesson = Lesson::read("small", "small.ron", SMALL).unwrap();
    let proof = lesson.prove().unwrap();
    let found = proof.numbers[0].found.unwrap();
    let told = SMALL.replace("is: 5", &format!("is: {found}"));
    assert!(
        Lesson::read("small", "small.ron", &told)
            .unwrap()
            .prove()
            .unwrap()
            .numbers[0]
            .holds()
    );
    let wrong = SMALL.replace("is: 5", &format!("is: {}", found + 1.0));
    let proof = Lesson::read("small", "small.ron", &wrong).unwrap().prove().unwrap();
    assert!(!proof.numbers[0].holds() && !proof.holds());
    let swapped = told.replace("at_most: 2", "at_most: 1e9");
    let proof = Lesson::read("small", "small.ron", &swapped).unwrap().prove().unwrap();
    assert!(!proof.tries[0].holds(), "a start that reaches the goals is no lesson");
}

/// The program with arguments: exit code, standard output, standard error.
fn preau(args: &[&str]) -> (i32, String, String) {
    let out = std::process::Command::new(env!("CARGO_BIN_EXE_preau"))
        .arg("lesson")
        .args(args)
        .output()
        .unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (out.status.code().unwrap_or(-1), text(out.stdout), text(out.stderr))
}

#[test]
fn the_verb_lists_shows_judges_and_refuses() {
    let (code, list, _) = preau(&["--lang", "fr"]);
    assert!(
        code == 0 && taught().iter().all(|taught| list.contains(taught.name)),
        "{list}"
    );
    let (code, brief, _) = preau(&["stayed-down", "--lang", "en"]);
    assert!(
        code == 0 && brief.contains("GOALS") && brief.contains("habits.client.max_tries"),
        "{brief}"
    );
    assert!(!brief.contains("DEBRIEF"), "the debrief is for the end");
    let (code, debrief, _) = preau(&["stayed-down", "--lang", "fr", "--debrief"]);
    assert!(code == 0 && debrief.contains("BILAN"), "{debrief}");
    let (code, ran, _) = preau(&["stayed-down", "--set", "pause=20 s", "--answer", "late", "--json"]);
    let ran: Value = serde_json::from_str(&ran).unwrap();
    assert!(
        code == 0 && ran["reached"] == true && ran["question"]["reached"] == true,
        "{ran}"
    );
    let (code, ran, _) = preau(&["stayed-down", "--run", "--json"]);
    let ran: Value = serde_json::from_str(&ran).unwrap();
    assert!(
        code == 0 && ran["reached"] == false && ran["goals"][0]["reached"].is_null(),
        "{ran}"
    );
    for (args, said) in [
        (&["stayed-dwon"][..], "did you mean `stayed-down`?"),
        (&["stayed-down", "--hint", "0"], "hints 1 to 4"),
        (&["stayed-down", "--hint", "9"], "hints 1 to 4"),
        (
            &["stayed-down", "--answer", "lat"],
            "answers are answered, late, refused",
        ),
        (&["quota", "--answer", "x"], "asks no question"),
        (
            &["stayed-down", "--lang", "en", "--set", "cohorts.clients.habit=x"],
            "The burst will come again",
        ),
        (&["stayed-down", "--policy", "quota"], "quota"),
        (
            &["stayed-dwon", "--lang", "fr"],
            "erreur : il n'y a pas de leçon `stayed-dwon` ; vouliez-vous dire `stayed-down` ?",
        ),
        (
            &["stayed-down", "--lang", "fr", "--hint", "9"],
            "erreur : il n'y a pas d'indice 9",
        ),
        (
            &["stayed-down", "--lang", "fr", "--answer", "lat"],
            "les réponses sont answered, late, refused",
        ),
        (&["quota", "--lang", "fr", "--answer", "x"], "ne pose pas de question"),
        (
            &["stayed-down", "--lang", "fr", "--set", "pause=99"],
            "`pause=99` : on attend un nombre de 0,01 à 30 s",
        ),
    ] {
        let (code, out, error) = preau(args);
        // Lines of an error are broken where they are full.
        let error = error.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(
            code == 2 && out.is_empty() && error.contains(said),
            "{args:?}: {code} {error}"
        );
    }
}
