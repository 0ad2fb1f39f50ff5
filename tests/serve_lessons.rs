//! Lessons of the local application over a real socket: their texts, their runs, what is judged, what is refused.
//!
//! What a lesson says is in `tests/lessons.rs`, what the page does with it in `tests/browser/serve.mjs`.
#![cfg(feature = "serve")]

mod served;

use preau::lesson::Lesson;
use preau::serve::{LONGEST, Options, Ready, Watch, make};
use serde_json::Value;
use served::{QUICK, served, with_runner};
use std::sync::atomic::Ordering;
use std::time::Duration;

/// The lesson that is run soonest.
const LESSON: &str = "/lessons/stayed-down";

#[test]
fn lessons_are_there_in_both_languages() {
    let server = served(Options::default());
    for (lang, title, unit) in [
        ("fr", "Pourquoi tout est resté à terre", "Lesson"),
        ("en", "Why it stayed down", "Leçon"),
    ] {
        let all = server.get(&format!("/lessons?lang={lang}")).json();
        assert_eq!(all.as_array().unwrap().len(), 6);
        assert!(all.as_array().unwrap().iter().any(|one| one["title"] == title), "{all}");
        let lesson = server.get(&format!("{LESSON}?lang={lang}")).json();
        assert_eq!(
            (&lesson["title"], &lesson["name"]),
            (&title.into(), &"stayed-down".into())
        );
        assert!(!lesson.to_string().contains(unit));
        assert_eq!(lesson["about"]["services"].as_array().unwrap().len(), 1);
        assert!(
            lesson["goals"]
                .as_array()
                .unwrap()
                .iter()
                .any(|goal| goal["moves"] == true)
        );
    }
    for path in [
        "/lessons/nothing",
        "/lessons/..%2fCargo.toml",
        "/lessons/nothing/model.ron",
    ] {
        assert_eq!(server.get(path).status, 404, "{path}");
    }
    assert_eq!(server.post("/lessons/nothing/runs", "").status, 404);
}

#[test]
fn a_lesson_is_run_and_judged() {
    let server = served(Options::default());
    let run = |set: &str| {
        let answer = server.post(&format!("{LESSON}/runs"), set);
        assert_eq!(answer.status, 201, "{}", answer.body);
        let id = answer.json()["id"].as_str().unwrap().to_owned();
        let told = server.told(&id);
        assert_eq!(told.last().unwrap()["phase"], "done");
        assert!(told.iter().any(|word| !word["books"].as_array().unwrap().is_empty()));
        (id, answer.json()["settings"].as_str().unwrap().to_owned())
    };
    let judged = |id: &str, query: &str| server.get(&format!("/runs/{id}/judged?{query}"));
    // The solution and the mistakes of the lesson's file.
    let lesson = Lesson::find("stayed-down").unwrap();
    for tried in lesson
        .tries
        .iter()
        .filter(|tried| ["pause", "better server"].contains(&tried.name.as_str()))
    {
        let (id, settings) = run(&tried.sets.join("&").replace(' ', "%20"));
        assert!(settings.starts_with("lesson=stayed-down&"), "{settings}");
        assert_eq!(
            server.get(&format!("/runs/{id}/result")).json()["made"]["replications"][1],
            10
        );
        let answer = tried.answer.clone().unwrap();
        let judgement = judged(&id, &format!("lang=fr&answer={answer}")).json();
        assert_eq!(
            judgement["reached"].as_bool(),
            tried.reached,
            "{}: {judgement}",
            tried.name
        );
        assert!(
            judgement["goals"][1]["words"]
                .as_str()
                .unwrap()
                .contains("visites servies")
        );
        // A budget has its state, and a wrong answer or none reaches nothing.
        assert_eq!(
            (&judgement["goals"][2]["value"], &judgement["goals"][2]["reached"]),
            (&1.0.into(), &true.into())
        );
        assert_eq!(judged(&id, "answer=answered").json()["goals"][0]["reached"], false);
        assert_eq!(judged(&id, "").json()["goals"][0]["reached"], Value::Null);
        assert_eq!(judged(&id, "answer=nothing").status, 422);
    }
    // What is no run of a lesson has no goals, and no run no judgement.
    let free = server.begin(QUICK);
    assert_eq!(server.end_of(&free)["phase"], "done");
    assert_eq!((judged(&free, "").status, judged("x", "").status), (404, 404));
    let model = server.get(&format!("{LESSON}/model.ron?pause=20")).body;
    assert!(
        model.contains("lesson=stayed-down&pause=20") && model.contains("20 s"),
        "{model}"
    );
}

#[test]
fn a_lesson_gives_only_its_levers_and_only_to_its_page() {
    let server = served(Options::default());
    let begin = |body: &str| server.post("/lessons/bottleneck/runs", body);
    for (body, said) in [
        ("lang=fr&cohorts.occ-college.people=10", "nombre d'élèves"),
        ("lang=en&cohorts.occ-college.people=10", "number of pupils"),
        ("lang=fr&cores=9", "de 250 à 1400"),
        ("lang=en&policies=smoothing", "no lever of the lesson"),
        ("lang=en&seed=5", "no lever of the lesson"),
    ] {
        let answer = begin(body);
        assert_eq!(answer.status, 422, "{body}");
        let problem = answer.json()["problems"][0].as_str().unwrap().to_owned();
        assert!(problem.contains(said), "{body}: {problem}");
    }
    let path = "/lessons/bottleneck/runs";
    let own = format!("Origin: http://{}\r\n", server.host());
    for headers in ["", own.as_str()] {
        assert_eq!(server.post_with(path, "", headers).status, 403);
    }
    assert_eq!(server.post(path, &"x".repeat(LONGEST + 1)).status, 413);
    assert!(
        ["/lessons", "/lessons/quota"]
            .iter()
            .all(|path| server.get_as(path, "evil.example").status == 421)
    );
}

#[test]
fn judging_an_answer_takes_a_place_among_the_runs() {
    let slow = |ready: &Ready, watch: &Watch| {
        while ready.lesson.is_none() && !watch.halt().load(Ordering::Relaxed) {
            std::thread::sleep(Duration::from_millis(5));
        }
        make(ready, watch)
    };
    let one = || {
        let server = served(Options {
            runs: 1,
            ..with_runner(slow)
        });
        let tried = |set: &str| {
            let answer = server.post(&format!("{LESSON}/runs"), set).json();
            let id = answer["id"].as_str().unwrap().to_owned();
            assert_eq!(server.end_of(&id)["phase"], "done");
            id
        };
        let (start, id) = (tried(""), tried("threads=100"));
        (server.begin(QUICK), start, id, server)
    };
    let (other, _, id, server) = one();
    let judged = |query: &str| server.get(&format!("/runs/{id}/judged?{query}"));
    // Without an answer nothing has to be run.
    assert_eq!((judged("").status, judged("answer=late").status), (200, 429));
    assert_eq!(server.post(&format!("/runs/{other}/cancel"), "").status, 200);
    server.end_of(&other);
    assert_eq!(judged("answer=late").json()["reached"], true);
    // Once it was run it is kept.
    server.begin(QUICK);
    assert_eq!(judged("answer=late").status, 200);
    // A run in which nothing was moved, once it is looked at, is the start itself.
    let (_, start, id, server) = one();
    let judged = |id: &str| server.get(&format!("/runs/{id}/judged?answer=late"));
    assert_eq!(judged(&start).json()["goals"][0]["reached"], true);
    assert_eq!(judged(&id).json()["reached"], true);
}
