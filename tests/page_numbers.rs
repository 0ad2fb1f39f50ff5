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
        if path.extension().is_some_and(|e| e == "js") {
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
        // Shares in points.
        "84.3 ± 1.2%",
        "0.412 ± 0.013%",
        "50 ± 31%",
        "12 s ± 0",
        "312,300 ± 9,000",
        "0 ± 100 h",
    ];
    assert_eq!(out["plusMinus"], json!(wanted));
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
