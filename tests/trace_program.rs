//! `preau trace` and `preau run --trace` as a program: exit codes, and what is printed for people and for programs.

mod common;

use std::fs;
use std::path::Path;

/// Runs the program in a folder of its own.
fn preau(dir: &Path, args: &[&str]) -> (i32, String, String) {
    let mut command = assert_cmd::Command::new(env!("CARGO_BIN_EXE_preau"));
    let output = command
        .current_dir(dir)
        .env("NO_COLOR", "1")
        .args(args)
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

fn path_of(name: &str) -> String {
    common::path(name).display().to_string()
}

#[test]
fn who_is_not_there_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let (story, gated) = (path_of("story"), path_of("gated"));
    for (args, code, words) in [
        (
            &[&story, "--person", "reu-colege/0"][..],
            2,
            "did you mean `reu-college`?",
        ),
        (
            &[&story, "--person", "late/1"],
            2,
            "there is no late/1: the cohort has 1 people",
        ),
        (
            &[&gated, "--person", "pupils/1100"],
            2,
            "pupils/1100 does not connect in this replication",
        ),
        (
            &[&story, "--person", "late"],
            2,
            "a person is a cohort and a number: --person early/17",
        ),
        (&[&story, "--person", "late/one"], 2, "'one' is no number of a person"),
        (
            &[&story, "--first", "stuck"],
            1,
            "nobody was still trying two hours after its first knock in this run\n",
        ),
        (
            &[&story, "--first", "gave-up", "--region", "reu"],
            1,
            "nobody gave a visit up in this run, of region reu\n",
        ),
        (
            &[&story, "--first", "gave-up", "--region", "reunion"],
            2,
            "the model has no region 'reunion'",
        ),
        (
            &[&story, "--person", "late/0", "--policy", "widest"],
            2,
            "Did you mean 'wider'?",
        ),
        (
            &[
                "theory/mm1",
                "--set",
                "clock.end=3000s",
                "--person",
                "customers/9999999",
            ],
            2,
            "in this run: numbers 0 to",
        ),
        (&[&story], 2, "--person"),
        (
            &[&story, "--person", "late/0", "--first", "stuck"],
            2,
            "cannot be used with",
        ),
    ] {
        let (ended, out, err) = preau(dir.path(), &[&["trace"], args].concat());
        assert!(
            ended == code && out.is_empty() && err.contains(words),
            "{args:?} {ended}\n{out}{err}"
        );
    }
}

#[test]
fn a_story_is_printed_for_people_and_for_programs() {
    let dir = tempfile::tempdir().unwrap();
    let story = path_of("story");
    let both = [
        "trace", &story, "--first", "gave-up", "--policy", "base", "--policy", "wider",
    ];
    let (code, out, err) = preau(dir.path(), &both);
    assert_eq!((code, err.as_str()), (0, ""));
    assert!(
        out.starts_with("A day worked out by hand\nlate/0: a primary school pupil in Île-de-France"),
        "{out}"
    );
    assert!(out.contains("  base  ") && out.contains("  wider\n"), "{out}");
    assert!(out.lines().all(|l| l.chars().count() <= 100), "{out}");
    // Too narrow for two columns.
    let (_, out, _) = preau(dir.path(), &[&both[..], &["--width", "60"]].concat());
    assert!(
        out.contains("\n── base ──\n") && out.contains("\n── wider ──\n"),
        "{out}"
    );
    assert!(out.lines().all(|l| l.chars().count() <= 60), "{out}");
    let (_, out, _) = preau(dir.path(), &[&both[..], &["--json"]].concat());
    let object: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(object["person"]["cohort"], "late");
    let [base, wider] = [0, 1].map(|i| &object["days"][i]);
    assert_eq!((&base["policy"], &wider["policy"]), (&"base".into(), &"wider".into()));
    let refused = &base["lines"][1];
    assert_eq!(refused["kind"], "refused");
    assert_eq!(refused["at"], "2021-04-06T08:10:00.000+02:00");
    assert_eq!(refused["refusals"], serde_json::json!({"quota": 1}));
    assert_eq!(base["sums"]["lost_s"], 900.0);
    assert_eq!(
        (&wider["sums"]["obtained_s"], &wider["sums"]["lost_s"]),
        (&1800.0.into(), &0.0.into())
    );
}

#[test]
fn traces_are_written_and_verified_from_the_command_line() {
    let dir = tempfile::tempdir().unwrap();
    let gated = path_of("gated");
    let run = |args: &[&str]| preau(dir.path(), &[&["run", &gated, "--no-files"], args].concat());
    let (code, _, err) = run(&["--trace", "t", "--policy", "told"]);
    assert!(code == 0 && err.starts_with("trace: t ("), "{err}");
    let (code, _, err) = run(&["--verify-trace", "t", "--policy", "told"]);
    assert!(code == 0 && err.contains("event for event"), "{err}");
    let (code, out, err) = run(&["--verify-trace", "t"]);
    assert!(
        code == 1 && out.is_empty() && err.contains("of other policies"),
        "{err}"
    );
    let text = fs::read_to_string(dir.path().join("t")).unwrap();
    let edited = text.replacen("\n1500 ", "\n1500 1", 1);
    fs::write(dir.path().join("t"), edited).unwrap();
    let (code, out, err) = run(&["--verify-trace", "t", "--policy", "told"]);
    assert!(code == 1 && out.is_empty(), "{out}");
    // Nine lines of header and one of a fingerprint before it.
    assert!(
        err.contains("leaves the trace at event 1500, line 1510 of the file, after "),
        "{err}"
    );
    assert!(
        err.contains("expected: 1500 1") && err.contains("found:    1500 "),
        "{err}"
    );
    for args in [
        &["--trace", "u", "--replications", "2"][..],
        &["--trace", "u", "--verify-trace", "t"],
    ] {
        assert_eq!(run(args).0, 2);
    }
    assert_eq!(run(&["--verify-trace", "nothing"]).0, 1);
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
}
