//! The local application over a real socket: who may ask, what it refuses, what outlives a failed run.
//!
//! Lessons are in `tests/serve_lessons.rs`; what the page does in a browser is in `tests/browser/serve.mjs`.
#![cfg(feature = "serve")]

mod served;

use preau::serve::{Failure, LONGEST, Options, Ready, Watch, make};
use serde_json::Value;
use served::{QUICK, served, with_runner};
use std::io::{BufRead, BufReader};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

const PROGRAM: &str = env!("CARGO_BIN_EXE_preau");

#[test]
fn only_this_machine_can_reach_it() {
    assert!(served(Options::default()).address.ip().is_loopback());
}

#[test]
fn other_names_are_turned_away() {
    let server = served(Options::default());
    let port = server.address.port();
    for host in [server.host(), format!("localhost:{port}")] {
        assert_eq!(server.get_as("/", &host).status, 200, "{host}");
    }
    let others = [
        "evil.example".to_owned(),
        format!("evil.example:{port}"),
        "127.0.0.1".to_owned(),
        "localhost".to_owned(),
        format!("127.0.0.1:{}", port ^ 1),
        format!("127.0.0.1:{port}.evil.example"),
        format!("evil.example@127.0.0.1:{port}"),
        String::new(),
    ];
    for host in others {
        let answer = server.get_as("/", &host);
        assert!((400..500).contains(&answer.status), "{host}: {}", answer.status);
        assert!(!answer.body.contains("preau-token"), "{host}");
    }
    // No host, two hosts, and a host within the address.
    let own = server.host();
    for head in [
        "GET / HTTP/1.1\r\n".to_owned(),
        format!("GET / HTTP/1.1\r\nHost: {own}\r\nHost: evil.example\r\n"),
        format!("GET http://evil.example/ HTTP/1.1\r\nHost: {own}\r\n"),
    ] {
        let answer = server.raw(&format!("{head}Connection: close\r\n\r\n"));
        assert!((400..500).contains(&answer.status), "{head}: {}", answer.status);
    }
}

#[test]
fn only_its_own_page_may_change_anything() {
    let server = served(Options::default());
    let (own, token) = (server.host(), server.token.clone());
    let origin = |origin: &str| format!("Origin: {origin}\r\nX-Preau-Token: {token}\r\n");
    let refused = [
        String::new(),
        format!("X-Preau-Token: {token}\r\n"),
        format!("Origin: http://{own}\r\n"),
        format!("Origin: http://{own}\r\nX-Preau-Token: {}\r\n", "0".repeat(32)),
        format!("Origin: http://{own}\r\nX-Preau-Token: {}\r\n", &token[..31]),
        origin("http://evil.example"),
        origin(&format!("https://{own}")),
        origin(&format!("http://{own}.evil.example")),
        origin("null"),
    ];
    for headers in refused {
        for path in ["/runs", "/runs/x/cancel", "/runs/x/save"] {
            assert_eq!(server.post_with(path, QUICK, &headers).status, 403, "{path} {headers}");
        }
    }
    // Reading needs no secret; a secret of this start is not one of the next.
    assert_eq!(server.post("/runs", QUICK).status, 201);
    assert_ne!(served(Options::default()).token, token);
}

#[test]
fn pages_of_other_sites_may_open_the_page_and_nothing_else() {
    let server = served(Options::default());
    let from = |path: &str, site: &str| {
        let host = server.host();
        let head =
            format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nSec-Fetch-Site: {site}\r\n\r\n");
        server.raw(&head).status
    };
    for site in ["cross-site", "same-site"] {
        assert_eq!((from("/?quota=2", site), from("/model", site)), (200, 403), "{site}");
    }
    assert_eq!((from("/model", "same-origin"), from("/model", "none")), (200, 200));
}

#[test]
fn every_answer_says_what_a_browser_may_do() {
    let server = served(Options::default());
    for path in [
        "/",
        "/page/serve.js",
        "/page/nothing.js",
        "/model?model=theory/mm1",
        "/runs/x/result",
    ] {
        let head = server.get(path).head;
        for line in [
            "content-security-policy: default-src 'none'; script-src 'self'; style-src 'self';",
            "x-content-type-options: nosniff",
            "x-frame-options: deny",
            "referrer-policy: no-referrer",
            "cross-origin-resource-policy: same-origin",
            "cache-control: no-store",
        ] {
            assert!(head.contains(line), "{path} lacks {line}:\n{head}");
        }
        assert!(
            !head.contains("unsafe") && !head.contains("access-control-allow"),
            "{head}"
        );
    }
}

#[test]
fn there_are_no_files_but_those_of_the_page() {
    let server = served(Options::default());
    assert!(server.get("/page/serve.js").head.contains("text/javascript"));
    let tries = [
        "/page/../Cargo.toml",
        "/page/..%2fCargo.toml",
        "/page/%2e%2e/%2e%2e/etc/passwd",
        "/page//etc/passwd",
        "/page/%2fetc%2fpasswd",
        "/page/serve.js%00",
        "/page/",
        "/Cargo.toml",
        "/../../etc/passwd",
        "/runs/../page/serve.js",
        "/model.ron/../../x",
    ];
    for path in tries {
        let answer = server.get(path);
        assert!((400..500).contains(&answer.status), "{path}: {}", answer.status);
        assert!(
            !answer.body.contains("[package]") && !answer.body.contains("root:"),
            "{path}"
        );
    }
    // A model is one of the list, never a path.
    for model in ["/etc/passwd", "../Cargo.toml", "models/2021-04-06.ron", "file/x"] {
        assert_eq!(server.get(&format!("/model?model={model}")).status, 422, "{model}");
    }
}

#[test]
fn what_is_too_large_is_refused() {
    let server = served(Options::default());
    assert_eq!(server.post("/runs", &"x".repeat(LONGEST + 1)).status, 413);
    assert!(server.get(&format!("/model?x={}", "x".repeat(LONGEST))).status >= 400);
    for settings in [
        "model=theory/mm1&replications=100000",
        "model=2021-04-06&size=40",
        "replications=20",
    ] {
        let answer = server.post("/runs", settings);
        assert_eq!(answer.status, 422, "{settings}: {}", answer.body);
        assert!(!answer.json()["problems"][0].as_str().unwrap().is_empty());
    }
}

#[test]
fn one_too_many_waits_its_turn() {
    let slow = |_: &Ready, watch: &Watch| {
        while !watch.halt().load(Ordering::Relaxed) {
            std::thread::sleep(Duration::from_millis(5));
        }
        Err(Failure::Stopped)
    };
    let server = served(Options {
        runs: 2,
        ..with_runner(slow)
    });
    let first = server.begin(QUICK);
    server.begin(QUICK);
    let third = server.post("/runs", QUICK);
    assert_eq!(third.status, 429);
    assert!(third.json()["problems"][0].as_str().unwrap().contains("cancel one"));
    // The server goes on answering, and a cancelled run makes room.
    assert_eq!(server.get("/").status, 200);
    assert_eq!(server.post(&format!("/runs/{first}/cancel"), "").status, 200);
    assert_eq!(server.end_of(&first)["phase"], "cancelled");
    server.begin(QUICK);
}

#[test]
fn a_run_that_panics_is_one_failed_run() {
    let odd = |ready: &Ready, watch: &Watch| {
        assert!(ready.settings.seed != 13, "a defect");
        make(ready, watch)
    };
    let server = served(Options {
        runs: 1,
        ..with_runner(odd)
    });
    let id = server.begin("model=theory/mm1&seed=13");
    let end = server.end_of(&id);
    assert_eq!(end["phase"], "failed");
    assert!(end["problem"].as_str().unwrap().contains("a defect"), "{end}");
    assert_eq!(server.get(&format!("/runs/{id}/result")).status, 409);
    // Its place is free again.
    let id = server.begin("model=theory/mm1&seed=14");
    assert_eq!(server.end_of(&id)["phase"], "done");
    assert_eq!(server.get(&format!("/runs/{id}/result")).status, 200);
}

#[test]
fn a_run_is_told_while_it_simulates() {
    let server = served(Options::default());
    let id = server.begin("model=2021-04-06&size=0.002");
    let told = server.told(&id);
    assert!(told.len() > 2, "{} words", told.len());
    let clock: Vec<f64> = told.iter().map(|word| word["simulated"].as_f64().unwrap()).collect();
    assert!(clock.is_sorted());
    let logins = |word: &Value| {
        let rows = word["books"]
            .as_array()
            .unwrap()
            .iter()
            .flat_map(|one| one[2].as_array().unwrap());
        rows.map(|row| row[0].as_u64().unwrap()).sum::<u64>()
    };
    assert!(told.iter().map(logins).sum::<u64>() > 100);
    let document = server.get(&format!("/runs/{id}/result")).json();
    assert_eq!(document["regions"].as_array().unwrap().len(), 18);
    assert!(
        document["summary"]["base"]["total"][""]["hours_lost"][0]
            .as_f64()
            .unwrap()
            > 0.0
    );
}

#[test]
fn two_runs_are_compared_and_unlike_ones_are_not() {
    let server = served(Options::default());
    let run = |settings: &str| {
        let id = server.begin(settings);
        assert_eq!(server.end_of(&id)["phase"], "done");
        id
    };
    let (a, b) = (run("size=0.001"), run("size=0.001&capacity=2"));
    let document = server.get(&format!("/runs/{b}/compare/{a}")).json();
    let lost = |arm: &str| document["summary"][arm]["total"][""]["hours_lost"][0].as_f64().unwrap();
    assert!(lost("now") < lost("before"));
    assert!(document["comparison"]["now"]["total"][""]["hours_lost"].is_array());
    let other = run("size=0.001&seed=2");
    let answer = server.get(&format!("/runs/{other}/compare/{a}"));
    assert_eq!(
        (answer.status, answer.json()["why"].as_str().unwrap()),
        (409, "other_seed")
    );
}

/// Everything below a folder.
fn below(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .map(|e| e.unwrap().path());
    let mut all: Vec<String> = entries
        .flat_map(|path| {
            if path.is_dir() {
                below(&path)
            } else {
                vec![path.display().to_string()]
            }
        })
        .collect();
    all.sort();
    all
}

#[test]
fn nothing_is_written_until_somebody_saves() {
    let home = tempfile::tempdir().unwrap();
    let out = home.path().join("results");
    let server = served(Options {
        out: out.clone(),
        ..Options::default()
    });
    let id = server.begin("model=2021-04-06&size=0.001&quota=1.5");
    assert_eq!(server.end_of(&id)["phase"], "done");
    assert_eq!(below(home.path()), [""; 0]);
    let answer = server.post(&format!("/runs/{id}/save"), "");
    assert_eq!(answer.status, 200, "{}", answer.body);
    let place = answer.json()["place"].as_str().unwrap().to_owned();
    assert!(Path::new(&place).starts_with(&out));
    for file in ["manifest.json", "series.csv", "report.html", "model.ron"] {
        assert!(Path::new(&place).join(file).is_file(), "{file}");
    }
    // The same again is the same place.
    assert_eq!(
        server.post(&format!("/runs/{id}/save"), "").json()["place"],
        place.as_str()
    );
}

#[test]
fn a_saved_model_makes_the_same_run_on_the_command_line() {
    let server = served(Options::default());
    let home = tempfile::tempdir().unwrap();
    for settings in [
        "model=2021-04-06&size=0.001&quota=1.5&order=fifo&session=20&stagger=15&capacity=1.2&attack=0.5&scrub=0.5&incidents=fire&seed=5",
        "model=2021-04-26&size=0.001&policies=quota,capacity&replications=2",
        "model=theory/surge&capacity=1.5",
    ] {
        let id = server.begin(settings);
        assert_eq!(server.end_of(&id)["phase"], "done");
        let document = server.get(&format!("/runs/{id}/result")).json();
        let model = server.get(&format!("/model.ron?{settings}"));
        assert!(model.head.contains("content-disposition: attachment"), "{}", model.head);
        std::fs::write(home.path().join("saved.ron"), &model.body).unwrap();
        // The command in the head of the file, as it stands there.
        let line = model
            .body
            .lines()
            .find_map(|line| line.strip_prefix("// The same run: preau "))
            .unwrap();
        let words = line.replace("THIS-FILE", "saved.ron");
        let output = Command::new(PROGRAM)
            .current_dir(home.path())
            .args(words.split(' '))
            .args(["--no-files", "--json", "--fingerprint"])
            .output()
            .unwrap();
        let printed: Value = serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|_| panic!("{words}: {}", String::from_utf8_lossy(&output.stderr)));
        assert_eq!(printed["fingerprints"], document["fingerprints"], "{settings}");
    }
}

#[test]
#[cfg(unix)]
fn ctrl_c_ends_it_cleanly() {
    let home = tempfile::tempdir().unwrap();
    let mut child = Command::new(PROGRAM)
        .args(["serve", "--no-open"])
        .current_dir(home.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut url = String::new();
    BufReader::new(child.stdout.take().unwrap())
        .read_line(&mut url)
        .unwrap();
    assert!(url.starts_with("http://127.0.0.1:"), "{url}");
    let address = url
        .trim()
        .trim_start_matches("http://")
        .trim_end_matches('/')
        .to_owned();
    let _open = TcpStream::connect(&address).unwrap();
    std::thread::sleep(Duration::from_millis(200));
    let asked = Instant::now();
    let killed = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status()
        .unwrap();
    assert!(killed.success());
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert!(asked.elapsed() < Duration::from_secs(10));
    assert!(below(home.path()).is_empty());
}

#[test]
fn a_model_that_is_wrong_is_told_as_everywhere() {
    let home = tempfile::tempdir().unwrap();
    std::fs::write(home.path().join("mine.ron"), "(\n    name: \"mine\",\n    clok: (),\n)").unwrap();
    let ended = |file: &str| {
        let output = Command::new(PROGRAM)
            .args(["serve", "--no-open", file])
            .env("NO_COLOR", "1")
            .current_dir(home.path())
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(3), "{file}");
        String::from_utf8(output.stderr).unwrap()
    };
    let said = ended("mine.ron");
    assert!(said.starts_with("error: ") && !said.contains("error: error"), "{said}");
    assert!(
        said.contains("mine.ron:3:5") && said.contains("did you mean `clock`?"),
        "{said}"
    );
    assert!(ended("nowhere.ron").starts_with("error: "));
}
