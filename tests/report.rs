//! The page of a result: whole, made of files alone, harmless whatever the names, in two languages, light.
//! What a browser makes of it is judged by `.ci/browser`.

mod program;

use program::{ends, preau_in};
use serde_json::Value;
use std::fs;

fn small() -> String {
    format!("{}/tests/models/small.ron", env!("CARGO_MANIFEST_DIR"))
}

/// The document in a page.
fn data(page: &str) -> Value {
    let (_, rest) = page
        .split_once("<script type=\"application/json\" id=\"data\">")
        .expect("data");
    let (data, _) = rest.split_once("</script>").expect("its end");
    serde_json::from_str(data).expect("JSON")
}

#[test]
fn the_files_alone_make_the_same_page() {
    let dir = tempfile::tempdir().unwrap();
    ends(&preau_in(dir.path(), &["run", &small(), "--out", "r"], "C"), 0);
    let place = dir.path().join("r/report.html");
    let first = fs::read_to_string(&place).unwrap();
    fs::remove_file(&place).unwrap();
    ends(&preau_in(dir.path(), &["report", "r"], "C"), 0);
    let again = fs::read_to_string(&place).unwrap();
    assert!(
        again == first,
        "the data: {} and {}",
        data(&again)["report"]["made"],
        data(&first)["report"]["made"]
    );
    // Nothing is left beside it.
    let hidden = fs::read_dir(dir.path().join("r")).unwrap();
    assert!(
        hidden
            .flatten()
            .all(|e| !e.file_name().to_string_lossy().starts_with('.'))
    );
    assert!(first.len() < 3 << 20, "{} bytes", first.len());
}

#[test]
fn the_document_holds_what_the_files_say() {
    let dir = tempfile::tempdir().unwrap();
    ends(
        &preau_in(dir.path(), &["run", &small(), "--replications", "3", "--out", "r"], "C"),
        0,
    );
    let page = fs::read_to_string(dir.path().join("r/report.html")).unwrap();
    let report = &data(&page)["report"];
    let result: Value = serde_json::from_str(&fs::read_to_string(dir.path().join("r/result.json")).unwrap()).unwrap();
    let of_page = &report["summary"]["base"]["total"][""]["hours_lost"];
    assert_eq!(of_page[0], result["total"]["hours_lost"]["mean"]);
    assert_eq!(of_page[1], result["total"]["hours_lost"]["half_width"]);
    assert_eq!(report["runs"]["base"]["hours_lost"].as_array().unwrap().len(), 3);
    assert_eq!(report["stayed_down"], result["stayed_down"]);
    let manifest: Value =
        serde_json::from_str(&fs::read_to_string(dir.path().join("r/manifest.json")).unwrap()).unwrap();
    assert_eq!(report["made"]["model_hash"], manifest["identity"]["model_hash"]);
    // Knocks of the series are the knocks of the file.
    let mut file = csv::Reader::from_path(dir.path().join("r/series.csv")).unwrap();
    let at = file.headers().unwrap().iter().position(|h| h == "knocks").unwrap();
    let in_file: f64 = file.records().map(|r| r.unwrap()[at].parse::<f64>().unwrap()).sum();
    let unpack = |text: &str| -> f64 {
        let words = text.split(' ').map(|word| match word.split_once('*') {
            Some((value, times)) => value.parse::<f64>().unwrap() * times.parse::<f64>().unwrap(),
            None => word.parse().unwrap(),
        });
        words.sum()
    };
    let services = report["series"]["services"]["base"].as_object().unwrap();
    let in_page: f64 = services.values().filter_map(|s| s["knocks"].as_str()).map(unpack).sum();
    assert!(in_file > 0.0);
    assert_eq!(in_page, in_file);
}

/// Every mean, half-width and number of replications, where it is not of all of them.
#[test]
fn the_document_has_every_number_of_the_summary() {
    let dir = tempfile::tempdir().unwrap();
    ends(
        &preau_in(dir.path(), &["run", &small(), "--replications", "3", "--out", "r"], "C"),
        0,
    );
    let page = fs::read_to_string(dir.path().join("r/report.html")).unwrap();
    let summary = &data(&page)["report"]["summary"];
    let mut file = csv::Reader::from_path(dir.path().join("r/summary.csv")).unwrap();
    let (mut compared, mut of_some) = (0, 0);
    for row in file.records().map(Result::unwrap) {
        let [arm, kind, scope, kpi, mean, half, n] = [0, 1, 2, 3, 5, 6, 7].map(|at| &row[at]);
        let shown = &summary[arm][kind][scope][kpi];
        // Of parts of the country the page has some measures only.
        if shown.is_null() && kind != "total" {
            continue;
        }
        let number = |text: &str| text.parse::<f64>().ok();
        for (shown, file) in [(&shown[0], number(mean)), (&shown[1], number(half))] {
            // But for the last bit, which reading JSON may lose.
            let same = match (shown.as_f64(), file) {
                (Some(a), Some(b)) => (a - b).abs() <= 1e-12 * b.abs(),
                (a, b) => a == b,
            };
            assert!(same, "{shown} for {row:?}");
        }
        let some = number(n).filter(|n| *n < 3.0);
        assert_eq!(shown[2].as_f64(), some, "{row:?}");
        compared += 1;
        of_some += usize::from(some.is_some());
    }
    assert!(
        compared > 100 && of_some > 0,
        "{compared} numbers, {of_some} of some replications"
    );
}

#[test]
fn a_name_cannot_break_out_of_the_page() {
    let dir = tempfile::tempdir().unwrap();
    let bad = "title=\"</title></script><script>alert(1)</script><!--\"";
    ends(
        &preau_in(dir.path(), &["run", &small(), "--set", bad, "--out", "r"], "C"),
        0,
    );
    let page = fs::read_to_string(dir.path().join("r/report.html")).unwrap();
    assert!(!page.contains("<script>alert") && !page.contains("<!--"));
    let title = &data(&page)["report"]["made"]["title"];
    assert_eq!(title, "</title></script><script>alert(1)</script><!--");
}

#[test]
fn the_language_is_that_asked_for_or_of_the_environment() {
    let dir = tempfile::tempdir().unwrap();
    ends(
        &preau_in(dir.path(), &["run", &small(), "--out", "r"], "fr_FR.UTF-8"),
        0,
    );
    let page = || fs::read_to_string(dir.path().join("r/report.html")).unwrap();
    assert!(page().contains("<html lang=\"fr\">"));
    ends(
        &preau_in(dir.path(), &["report", "r", "--lang", "en"], "fr_FR.UTF-8"),
        0,
    );
    assert!(page().contains("<html lang=\"en\">"));
    ends(&preau_in(dir.path(), &["report", "r"], "de_DE"), 0);
    assert!(page().contains("<html lang=\"en\">"));
}

#[test]
fn a_comparison_has_its_differences_and_no_files_leave_none() {
    let dir = tempfile::tempdir().unwrap();
    let args = ["compare", &small(), "--replications", "2", "--out", "c"];
    ends(&preau_in(dir.path(), &args, "C"), 0);
    let page = fs::read_to_string(dir.path().join("c/report.html")).unwrap();
    let report = &data(&page)["report"];
    let arms = report["arms"].as_array().unwrap();
    assert!(arms.len() > 1);
    let arm = arms[1]["name"].as_str().unwrap();
    assert!(report["comparison"][arm]["total"][""]["hours_lost"][0].is_f64());
    assert_eq!(report["verdicts"].as_array().unwrap().len(), arms.len() - 1);
    ends(&preau_in(dir.path(), &["run", &small(), "--no-files"], "C"), 0);
    assert_eq!(
        fs::read_dir(dir.path())
            .unwrap()
            .flatten()
            .filter(|e| e.file_name() != "c")
            .count(),
        1
    );
}

#[test]
fn what_is_no_result_is_told_and_nothing_is_written() {
    let dir = tempfile::tempdir().unwrap();
    let (_, err) = ends(&preau_in(dir.path(), &["report", "nowhere"], "C"), 2);
    assert!(
        err.contains("manifest.json") && err.contains("give a result folder"),
        "{err}"
    );
    ends(&preau_in(dir.path(), &["run", &small(), "--out", "r"], "C"), 0);
    let place = dir.path().join("r/report.html");
    let before = fs::read_to_string(&place).unwrap();
    let series = dir.path().join("r/series.csv");
    let text = fs::read_to_string(&series).unwrap();
    fs::write(&series, text.replacen("refused_full", "refused_fool", 1)).unwrap();
    let (_, err) = ends(&preau_in(dir.path(), &["report", "r"], "C"), 3);
    assert!(err.contains("series.csv has no column 'refused_full'"), "{err}");
    fs::remove_file(&series).unwrap();
    let (_, err) = ends(&preau_in(dir.path(), &["report", "r"], "C"), 3);
    assert!(err.contains("nothing to draw"), "{err}");
    fs::write(dir.path().join("r/manifest.json"), "{").unwrap();
    let (_, err) = ends(&preau_in(dir.path(), &["report", "r"], "C"), 3);
    assert!(err.contains("no manifest of a result"), "{err}");
    assert!(fs::read_to_string(&place).unwrap() == before);
}

#[test]
fn an_attribution_has_a_page_of_its_causes() {
    let dir = tempfile::tempdir().unwrap();
    let causes = r#"(
        title: "What it was", model: "MODEL", baseline: "no flood, no gate", replications: 2,
        set: ["clock.end=2021-04-06T09:00"],
        causes: {
            "attack": (baseline: "no flood", off: (without: ["flood", "packets"])),
            "quota": (baseline: "no gate in Île-de-France", off: (set: ["services.ent-idf.quota=None"])),
        },
    )"#;
    fs::write(dir.path().join("causes.ron"), causes.replace("MODEL", &small())).unwrap();
    ends(
        &preau_in(
            dir.path(),
            &["attribute", "causes.ron", "--out", "a", "--lang", "fr"],
            "C",
        ),
        0,
    );
    let page = fs::read_to_string(dir.path().join("a/report.html")).unwrap();
    assert!(page.contains("<html lang=\"fr\">"));
    let report = &data(&page)["report"];
    let part = &report["attribution"]["parts"][0];
    let shares = part["total"]["causes"].as_array().unwrap();
    assert_eq!(shares.len(), 2);
    // What the page stacks up to is what there is to share out.
    let sum: f64 = shares.iter().map(|c| c["shapley"]["mean"].as_f64().unwrap()).sum();
    let whole = part["total"]["difference"]["mean"].as_f64().unwrap();
    assert!((sum - whole).abs() < 1e-6 * whole.abs().max(1.0), "{sum} and {whole}");
    assert!(report.get("series").is_none());
    let again = dir.path().join("again.html");
    ends(
        &preau_in(dir.path(), &["report", "a", "--lang", "fr", "--out", "again.html"], "C"),
        0,
    );
    assert!(fs::read_to_string(again).unwrap() == page);
}
