//! The tables of a sweep as Parquet: cell by cell those of CSV; and what a program says that was built without.

use assert_cmd::Command;
use std::fs;
use std::path::Path;
use std::process::Output;

/// Levers of every form (whole numbers, numbers with a fraction, texts, switches), and a point that fails.
const EXPERIMENT: &str = r#"(
    title: "Forms", model: "small.ron",
    levers: {
        "sessions": Values(path: "services.ent-idf.quota.max_sessions", values: [300]),
        "end": Values(path: "clock.end", values: ["2021-04-06T08:30", "2021-04-06T07:00"]),
        "warm up": Values(path: "clock.warm_up", values: ["0 s", "3 h"]),
        "capacity": Switch(policies: ["capacity"]),
    },
    uncertainties: {"flood": Range(path: "incidents.flood.kind.rate", times: true, from: 0.5, to: 2, levels: 2)},
    design: Full, replications: Fixed(2), kpis: ["hours_lost", "connected_15min"],
    constraints: [(kpi: "hours_lost_share", at_most: 0.1)],
)"#;

fn folder() -> tempfile::TempDir {
    let dir = tempfile::tempdir().expect("a folder");
    let model = format!("{}/tests/models/small.ron", env!("CARGO_MANIFEST_DIR"));
    fs::copy(model, dir.path().join("small.ron")).expect("a model");
    fs::write(dir.path().join("forms.ron"), EXPERIMENT).expect("an experiment");
    dir
}

fn preau(dir: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_preau"));
    command.current_dir(dir).env("NO_COLOR", "1").args(args);
    command.output().expect("the program starts")
}

#[cfg(not(feature = "parquet"))]
#[test]
fn without_the_feature_it_says_how_to_get_it_before_any_run() {
    let dir = folder();
    for args in [
        &["sweep", "forms.ron", "--out", "a", "--parquet"][..],
        &["merge", "a", "--out", "b", "--parquet"],
    ] {
        let output = preau(dir.path(), args);
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{told}");
        assert!(
            told.contains("--features parquet") && told.contains("--parquet: "),
            "{told}"
        );
        assert!(!dir.path().join("a").exists());
    }
}

#[cfg(feature = "parquet")]
mod with {
    use super::*;
    use parquet::basic::Type as Physical;
    use parquet::file::reader::{FileReader, SerializedFileReader};
    use parquet::record::Field;

    /// Compares a table with its CSV file; gives the physical types of its columns and the nulls in it.
    fn compared(results: &Path, table: &str) -> (Vec<(String, Physical)>, usize) {
        let file = fs::File::open(results.join(format!("{table}.parquet"))).expect("a table");
        let reader = SerializedFileReader::new(file).expect("a Parquet file");
        let mut csv = csv::Reader::from_path(results.join(format!("{table}.csv"))).expect("a CSV file");
        let head: Vec<String> = csv.headers().expect("a head").iter().map(str::to_owned).collect();
        let columns = reader.metadata().file_metadata().schema_descr().columns().to_vec();
        assert_eq!(head, columns.iter().map(|c| c.name().to_owned()).collect::<Vec<_>>());
        let (mut rows, mut nulls) = (reader.get_row_iter(None).expect("rows"), 0);
        for record in csv.records() {
            let (record, row) = (
                record.expect("a record"),
                rows.next().expect("as many rows").expect("a row"),
            );
            assert_eq!(row.len(), record.len());
            for ((name, field), text) in row.get_column_iter().zip(&record) {
                let same = match field {
                    Field::Null => text.is_empty(),
                    Field::Long(v) => v.to_string() == text,
                    Field::Double(v) => text.parse::<f64>().is_ok_and(|t| t.to_bits() == v.to_bits()),
                    Field::Str(v) => v == text,
                    _ => false,
                };
                assert!(same, "{name}: {field:?} for '{text}'");
                nulls += usize::from(matches!(field, Field::Null));
            }
        }
        assert!(rows.next().is_none(), "no row more");
        (
            columns
                .iter()
                .map(|c| (c.name().to_owned(), c.physical_type()))
                .collect(),
            nulls,
        )
    }

    #[test]
    fn every_cell_is_that_of_the_csv_file_with_its_type_on_any_threads() {
        let dir = folder();
        let sweep = |out: &str, threads: &str| {
            let args = ["sweep", "forms.ron", "--out", out, "--parquet", "--threads", threads];
            let output = preau(dir.path(), &args);
            // A quarter of the points fail: their warm-up is longer than the run.
            assert_eq!(
                output.status.code(),
                Some(4),
                "{}",
                String::from_utf8_lossy(&output.stderr)
            );
            dir.path().join(out).join("results")
        };
        let (one, two) = (sweep("one", "1"), sweep("two", "2"));
        let (runs, nulls) = compared(&one, "runs");
        let form = |name: &str| runs.iter().find(|(n, _)| n == name).map(|(_, form)| *form);
        assert_eq!(form("point"), Some(Physical::INT64));
        assert_eq!(form("sessions"), Some(Physical::INT64));
        assert_eq!(form("flood"), Some(Physical::DOUBLE));
        assert_eq!(form("hours_lost"), Some(Physical::DOUBLE));
        for text in ["warm up", "capacity", "fingerprint", "failed"] {
            assert_eq!(form(text), Some(Physical::BYTE_ARRAY), "{text}");
        }
        // Of 32 runs 24 have no reason to have failed, and 8 no fingerprint and no values of three KPIs.
        assert!(nulls >= 24 + 8 * 4, "{nulls}");
        let (points, nulls) = compared(&one, "points");
        assert!(points.contains(&("hours_lost:n".to_owned(), Physical::INT64)) && nulls > 0);
        for table in ["runs.parquet", "points.parquet"] {
            let bytes = |folder: &Path| fs::read(folder.join(table)).expect("a table");
            assert!(bytes(&one) == bytes(&two), "{table}");
        }
    }

    #[test]
    fn a_sweep_that_is_whole_gets_its_tables_without_a_new_run_and_shares_too() {
        let dir = folder();
        let args = ["sweep", "forms.ron", "--out", "a", "--replications", "1"];
        preau(dir.path(), &args);
        assert!(!dir.path().join("a/results/runs.parquet").exists());
        let journal = fs::read(dir.path().join("a/journal")).expect("a journal");
        preau(dir.path(), &[&args[..], &["--parquet"]].concat());
        assert_eq!(fs::read(dir.path().join("a/journal")).expect("a journal"), journal);
        preau(dir.path(), &["merge", "a", "--out", "joined", "--parquet"]);
        for table in ["runs.parquet", "points.parquet"] {
            let bytes = |out: &str| fs::read(dir.path().join(out).join("results").join(table)).expect("a table");
            assert!(bytes("a") == bytes("joined"), "{table}");
        }
    }
}
