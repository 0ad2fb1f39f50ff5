//! A page in a real browser, where there is one: a look at what `.ci/browser` does whole (it is a step of `.ci/run`, where a missing
//! browser is a failure).

use std::io::Write;
use std::process::{Command, Stdio};

fn has(program: &str) -> bool {
    let answers = Command::new(program)
        .arg("--version")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    answers.is_ok_and(|status| status.success())
}

/// Said on the terminal itself: words of a test that passes are kept back otherwise.
fn skipped(why: &str) {
    let _ = writeln!(std::io::stderr(), "SKIPPED: no page was opened in a browser: {why}");
}

#[test]
fn a_small_report_opens_in_chromium() {
    if !["chromium", "chromium-browser", "google-chrome"].into_iter().any(has) {
        return skipped("chromium is not installed");
    }
    if !has("node") || !has("npm") {
        return skipped("node or npm is not installed");
    }
    let dir = tempfile::tempdir().unwrap();
    let packages = Command::new("npm")
        .args(["view", "playwright-core", "version"])
        .output()
        .expect("npm starts");
    if !packages.status.success() {
        return skipped("npm has no network");
    }
    let out = dir.path().join("small");
    let made = Command::new(env!("CARGO_BIN_EXE_preau"))
        .args(["run", "2021-04-06", "--set", "size=0.002", "--lang", "en", "--out"])
        .arg(&out)
        .output()
        .expect("the program starts");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let looked = Command::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.ci/browser"))
        .arg(out.join("report.html"))
        .output()
        .expect("the script starts");
    let said = String::from_utf8_lossy(&looked.stdout);
    assert!(
        looked.status.success(),
        "{said}{}",
        String::from_utf8_lossy(&looked.stderr)
    );
    assert!(said.contains("all well"), "{said}");
}
