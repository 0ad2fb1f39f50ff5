//! `preau calibrate` as a program: what it prints and leaves, that it is the same again, and goes on where it was stopped.

mod program;

use program::{Killed, PROGRAM, preau};
use std::fs;

const DESK: &str = r#"(
    clock: (start: "2021-04-06T08:00", end: "2021-04-06T10:00", bin: "5 min"),
    services: {"desk": (station: (cores: 1, threads: 1, backlog: 0, work: Exponential(mean: "10 s")))},
    cohorts: {"all": (arrivals: Renewal(between: Exponential(mean: "20 s")))},
)"#;
const FACTS: &str = r#"(
    model: "desk.ron",
    facts: [(id: "busy", text: "two of three get in", sources: "us", tests: [
        (what: "share", measure: (of: "logins", over: "knocks", services: ["desk"]), at_least: 0.63, at_most: 0.70),
    ])],
)"#;
const CALIBRATION: &str = r#"(
    title: "A desk",
    facts: "facts.ron",
    particles: 20,
    rounds: 3,
    parameters: {"work": (name: "Work", law: Uniform(from: 0.2, to: 4.0), times: true, paths: ["services.desk.station.work.mean"])},
)"#;

fn here() -> tempfile::TempDir {
    let dir = tempfile::tempdir().expect("a folder");
    for (name, text) in [
        ("desk.ron", DESK),
        ("facts.ron", FACTS),
        ("calibration.ron", CALIBRATION),
    ] {
        fs::write(dir.path().join(name), text).expect("a file");
    }
    dir
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).expect("UTF-8")
}

#[test]
fn a_desk_is_calibrated_and_written_down() {
    let dir = here();
    let output = preau(
        dir.path(),
        &["calibrate", "calibration.ron", "--out", "a", "--checks", "5"],
    );
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let said = text(&output.stdout);
    for words in ["A desk", "contraction", "Work", "busy", "of 5"] {
        assert!(said.contains(words), "{words} in\n{said}");
    }
    assert!(!dir.path().join("a.unfinished").exists());
    let posterior = fs::read_to_string(dir.path().join("a/posterior.csv")).expect("a file");
    assert!(posterior.starts_with("work,weight\n") && posterior.lines().count() > 10);
    let particles = fs::read_to_string(dir.path().join("a/particles.csv")).expect("a file");
    assert_eq!(particles.lines().count(), 1 + 20 + 10 + 10);
    // Again, on one thread, and after being stopped with a part of the runs done: the same to the byte.
    let again = preau(
        dir.path(),
        &[
            "calibrate",
            "calibration.ron",
            "--out",
            "b",
            "--checks",
            "5",
            "--threads",
            "1",
        ],
    );
    assert_eq!(again.status.code(), Some(0), "{}", text(&again.stderr));
    for file in ["posterior.csv", "particles.csv", "result.json"] {
        let of = |folder: &str| fs::read(dir.path().join(folder).join(file)).expect("a file");
        assert!(of("a") == of("b"), "{file}");
    }
}

#[test]
fn mistakes_are_told_before_any_run() {
    let dir = here();
    fs::write(
        dir.path().join("bad.ron"),
        CALIBRATION.replace("desk.station.work", "dsek.station.work"),
    )
    .expect("a file");
    let bad = preau(dir.path(), &["calibrate", "bad.ron"]);
    assert_eq!(bad.status.code(), Some(3));
    assert!(text(&bad.stderr).contains("bad.ron:6:"), "{}", text(&bad.stderr));
    fs::write(
        dir.path().join("bad.ron"),
        CALIBRATION.replace("facts.ron", "fcats.ron"),
    )
    .expect("a file");
    let bad = preau(dir.path(), &["calibrate", "bad.ron"]);
    assert_eq!(bad.status.code(), Some(3));
    assert!(text(&bad.stderr).contains("fcats.ron"), "{}", text(&bad.stderr));
    fs::write(
        dir.path().join("bad.ron"),
        CALIBRATION.replace("particles: 20", "particles: -20"),
    )
    .expect("a file");
    let bad = preau(dir.path(), &["calibrate", "bad.ron"]);
    assert_eq!(bad.status.code(), Some(3));
    let said = "expected a whole number that is neither below 0 nor too large, found the number `-20`";
    assert!(text(&bad.stderr).contains(said), "{}", text(&bad.stderr));
    assert!(!dir.path().join("notebooks-out").exists());
}

/// Killed with SIGKILL at several instants and begun again, a calibration leaves the files of one left alone.
#[test]
fn killed_at_several_instants_it_goes_on_and_ends_the_same() {
    use std::process::Stdio;
    use std::time::{Duration, Instant};
    let dir = here();
    let of = |out: &'static str, threads: &'static str| {
        [
            "calibrate",
            "calibration.ron",
            "--out",
            out,
            "--checks",
            "5",
            "--threads",
            threads,
        ]
    };
    let alone = preau(dir.path(), &of("alone", "1"));
    assert_eq!(alone.status.code(), Some(0), "{}", text(&alone.stderr));
    let list = dir.path().join("killed.unfinished");
    let lines = || fs::read_to_string(&list).map_or(0, |text| text.lines().count());
    // A line says what the runs are of; then there are 40 runs and 5 checks, a line each.
    let mut there = 0;
    for wanted in [0, 6, 13, 21, 29, 36, 43] {
        let mut child = Killed(
            std::process::Command::new(PROGRAM)
                .current_dir(dir.path())
                .args(of("killed", "2"))
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .expect("the program starts"),
        );
        let began = Instant::now();
        while lines() < wanted && began.elapsed() < Duration::from_secs(120) {
            assert!(
                child.0.try_wait().expect("a program").is_none(),
                "it is over at {} lines",
                lines()
            );
            std::thread::sleep(Duration::from_micros(100));
        }
        child.0.kill().expect("SIGKILL");
        child.0.wait().expect("it is dead");
        assert!(!dir.path().join("killed").exists(), "no result before the end");
        assert!(lines() >= there, "nothing is lost");
        there = lines();
    }
    assert!(there >= 43, "{there}");
    let resumed = preau(dir.path(), &of("killed", "2"));
    assert_eq!(resumed.status.code(), Some(0), "{}", text(&resumed.stderr));
    // What was there is not made again: of 45 runs few are left to be told.
    let told = text(&resumed.stderr).matches("distance").count();
    assert!(told <= 45 - (there - 2), "{told} runs after {there} lines");
    assert_eq!(text(&resumed.stdout), text(&alone.stdout));
    assert!(!list.exists());
    for file in ["posterior.csv", "particles.csv", "result.json", "calibration.ron"] {
        let of = |folder: &str| fs::read(dir.path().join(folder).join(file)).expect("a file");
        assert!(of("alone") == of("killed"), "{file}");
    }
}
