//! What the page computes by itself, run by node where there is one.

use serde_json::{Value, json};
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::Command;

/// What `tests/page/numbers.mjs` prints; nothing without node.
fn computed() -> Option<Value> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let dir = tempfile::tempdir().unwrap();
    for file in fs::read_dir(root.join("src/web/page")).unwrap() {
        let path = file.unwrap().path();
        if path.extension().is_some_and(|e| e == "js" || e == "json") {
            fs::copy(&path, dir.path().join(path.file_name().unwrap())).unwrap();
        }
    }
    // So that node takes the files for modules.
    fs::write(dir.path().join("package.json"), r#"{"type": "module"}"#).unwrap();
    let script = root.join("tests/page/numbers.mjs");
    let Ok(done) = Command::new("node").arg(script).arg(dir.path()).output() else {
        // Said on the terminal itself: words of a test that passes are kept back otherwise.
        let _ = writeln!(std::io::stderr(), "SKIPPED: node is not installed");
        return None;
    };
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    Some(serde_json::from_slice(&done.stdout).unwrap())
}

#[test]
fn half_widths_say_the_digits_of_both_numbers_in_one_unit() {
    let Some(out) = computed() else { return };
    let wanted = [
        // Seconds: 1.012 and 0.013, 75.3 and 2.24, 750 and 12, 7384 and 300; minutes: -0.5 and 0.044, 90 and 3.
        "1.012 ± 0.013 s",
        "1.255 ± 0.037 min",
        "12.50 ± 0.20 min",
        "2.051 ± 0.083 h",
        "−30.0 ± 2.6 s",
        "1.500 ± 0.050 h",
        // Shares in per cent.
        "84.3 ± 1.2 %",
        "0.412 ± 0.013 %",
        "50 ± 31 %",
        "12 s",
        "312,300 ± 9,000",
        "0 ± 100 h",
    ];
    assert_eq!(out["plusMinus"], json!(wanted));
}

#[test]
fn a_number_by_itself_has_the_digits_and_the_unit_of_the_terminal() {
    let Some(out) = computed() else { return };
    let wanted = [
        "84.3 %",
        "0.41 %",
        "100.0 %",
        "1.04",
        "3.207 h",
        "312,346 h",
        "12.5",
        "0.041 s",
        "0.96 s",
        "12.5 min",
        "59.9 min",
        "1 h",
        "1 h 38",
        "35,424 €",
        "0 €",
        "0.0 %",
    ];
    assert_eq!(out["single"], json!(wanted));
    assert_eq!(out["short"], json!(["84 %", "0.04 %", "−2.3 %", "−0.001 h"]));
    assert_eq!(out["zero"], json!(["0 %", "0.004 s"]));
    let french = [
        "−2,13 ± 0,41 points",
        "84,3 ± 1,2 %",
        "1 235 h",
        "0,25",
        "400 000",
        "20 min",
    ];
    assert_eq!(out["french"], json!(french));
}

/// From 86 % to 84 % are two points less; two per cent less would be 84.3 %. And from 08:00 to 08:10 are ten minutes.
#[test]
fn differences_of_shares_are_in_points_and_of_instants_are_lengths() {
    let Some(out) = computed() else { return };
    let wanted = [
        "−2.13 ± 0.41 points / −2.13 points",
        "0.42 points / 0.42 points",
        "10.5 ± 1.0 min / 10.5 min",
        "−12.5 ± 2.0 h / −12.5 h",
    ];
    assert_eq!(out["between"], json!(wanted));
}

/// Of 48 points a switch explains about a quarter of the variance; two choices of sixteen that change nothing have means that are
/// farther apart.
#[test]
fn the_factor_that_explains_most_comes_first_and_none_within_noise_is_named() {
    let Some(out) = computed() else { return };
    let effect = |m: usize, i: usize| out["effects"][m][i].clone();
    assert!(
        effect(0, 1)[1].as_f64() > effect(0, 0)[1].as_f64(),
        "no such case: {}",
        out["effects"][0]
    );
    assert_eq!((&effect(0, 0)[0], &effect(0, 0)[2]), (&json!("switch"), &json!(true)));
    for (m, i) in [(0, 1), (0, 2), (1, 0), (1, 1), (1, 2), (2, 1), (2, 2)] {
        assert_eq!(effect(m, i)[2], json!(false), "{}", out["effects"][m]);
    }
    // One that explains everything, to the last digit.
    assert_eq!(effect(2, 0), json!(["switch", 5, true]));
}
