//! The local application in bad luck: clients that say nothing, pages that go away, folders in the way, files that changed. And its numbers: those
//! of the command line, file by file.
#![cfg(feature = "serve")]

mod program;
mod served;

use preau::serve::{Failure, Finished, LONGEST, Options, Ready, Watch};
use program::{ends, preau};
use served::{QUICK, served, with_runner};
use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

/// A run that goes on until it is told to stop.
fn endless(_: &Ready, watch: &Watch) -> Result<Finished, Failure> {
    while !watch.halt().load(Ordering::Relaxed) {
        std::thread::sleep(Duration::from_millis(5));
    }
    Err(Failure::Stopped)
}

#[test]
fn a_run_whose_page_is_gone_makes_room() {
    let server = served(Options {
        runs: 1,
        ..with_runner(endless)
    });
    let left = server.begin(QUICK);
    assert_eq!(
        server.post("/runs", QUICK).status,
        429,
        "somebody may still come to look"
    );
    std::thread::sleep(Duration::from_millis(5200));
    let watched = server.begin(QUICK);
    assert_eq!(server.end_of(&left)["phase"], "cancelled");
    // One at which somebody looks stays.
    let mut looks = TcpStream::connect(server.address).unwrap();
    let asked = format!("GET /runs/{watched}/events HTTP/1.1\r\nHost: {}\r\n\r\n", server.host());
    looks.write_all(asked.as_bytes()).unwrap();
    looks.read_exact(&mut [0; 12]).unwrap();
    std::thread::sleep(Duration::from_millis(5200));
    assert_eq!(server.post("/runs", QUICK).status, 429);
}

#[test]
fn clients_that_say_nothing_do_not_keep_others_out() {
    let server = served(Options::default());
    let began = Instant::now();
    let half = |_| {
        let mut stream = TcpStream::connect(server.address).unwrap();
        stream.write_all(b"GET / HTTP/1.1\r\nHost: 127").unwrap();
        stream
    };
    // More than there are places.
    let mut silent: Vec<TcpStream> = (0..300).map(half).collect();
    assert_eq!(server.get("/").status, 200);
    let first = &mut silent[0];
    first.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    let mut said = Vec::new();
    let _ = first.read_to_end(&mut said);
    assert!(!String::from_utf8_lossy(&said).contains(" 200 "), "{said:?}");
    assert!(began.elapsed() < Duration::from_secs(30), "{:?}", began.elapsed());
}

#[test]
fn a_body_that_is_no_settings_is_told_in_words() {
    let server = served(Options::default());
    for path in ["/runs", "/lessons/bottleneck/runs"] {
        let told = server.post(path, &"x".repeat(LONGEST + 1));
        assert_eq!(told.status, 413);
        assert!(
            told.body.contains(&format!("too long; {LONGEST} bytes are allowed")),
            "{}",
            told.body
        );
        let (host, token) = (server.host(), &server.token);
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nOrigin: http://{host}\r\nX-Preau-Token: {token}\r\nContent-Length: 2\r\n\r\n"
        );
        let mut stream = TcpStream::connect(server.address).unwrap();
        stream.write_all(&[head.as_bytes(), b"\xff\xfe"].concat()).unwrap();
        let mut told = String::new();
        stream.read_to_string(&mut told).unwrap();
        assert!(
            told.starts_with("HTTP/1.1 400") && told.contains("{\"problems\":[\"the settings are no UTF-8 text"),
            "{told}"
        );
    }
}

/// A run of settings by a server that offers a file and saves below a folder; what the page is told of the place.
fn saved(home: &Path, out: &Path, settings: &str) -> (u16, String) {
    let server = served(Options {
        out: out.to_owned(),
        models: vec![home.join("mine.ron")],
        ..Options::default()
    });
    let id = server.begin(settings);
    assert_eq!(server.end_of(&id)["phase"], "done");
    let answer = server.post(&format!("/runs/{id}/save"), "");
    (answer.status, answer.body)
}

fn place(answer: &(u16, String)) -> PathBuf {
    assert_eq!(answer.0, 200, "{}", answer.1);
    let told: serde_json::Value = serde_json::from_str(&answer.1).unwrap();
    told["place"].as_str().unwrap().into()
}

const GATED: &str = include_str!("models/gated.ron");

#[test]
fn a_model_file_that_changed_is_another_result_and_no_force_is_asked_of_a_page() {
    let home = tempfile::tempdir().unwrap();
    let out = home.path().join("results");
    let mut places = Vec::new();
    for text in [GATED.to_owned(), format!("{GATED}\n// changed\n"), GATED.to_owned()] {
        fs::write(home.path().join("mine.ron"), text).unwrap();
        places.push(place(&saved(home.path(), &out, "model=file/mine")));
    }
    assert_ne!(places[0], places[1]);
    assert_eq!(places[0], places[2]);
}

#[test]
fn what_is_in_the_way_of_saving_is_named() {
    let home = tempfile::tempdir().unwrap();
    fs::write(home.path().join("mine.ron"), GATED).unwrap();
    fs::write(home.path().join("taken"), "mine").unwrap();
    for out in ["taken", "taken/below"] {
        let (status, body) = saved(home.path(), &home.path().join(out), QUICK);
        assert_eq!(status, 500);
        assert!(
            body.contains("taken exists and is no folder; give another --out"),
            "{body}"
        );
    }
    let (_, err) = ends(&preau(home.path(), &["run", "theory/mm1", "--out", "taken/x"]), 1);
    assert!(
        err.contains("error: taken exists and is no folder; give another --out"),
        "{err}"
    );
}

/// The rows of a table without what every run takes anew: its time.
fn rows(file: &Path) -> Vec<Vec<String>> {
    let mut reader = csv::Reader::from_path(file).unwrap();
    let took = |name: &str| ["cpu_seconds", "wall_seconds"].contains(&name);
    let took: Vec<bool> = reader.headers().unwrap().iter().map(took).collect();
    let row = |record: csv::StringRecord| {
        let cells = record.iter().zip(&took).filter(|(_, took)| !**took);
        cells.map(|(cell, _)| cell.to_owned()).collect()
    };
    reader.records().map(|record| row(record.unwrap())).collect()
}

#[test]
fn every_table_is_that_of_the_command_line() {
    let home = tempfile::tempdir().unwrap();
    fs::write(home.path().join("mine.ron"), GATED).unwrap();
    for settings in [
        "model=2021-04-06&size=0.001&quota=1.5&order=lottery&attack=0&replications=2&seed=18446744073709551615",
        "model=2021-04-26&size=0.001&policies=quota,defence",
        "model=file/mine&capacity=2",
    ] {
        let place = place(&saved(home.path(), &home.path().join("results"), settings));
        let model = place.join("model.ron");
        let text = fs::read_to_string(&model).unwrap();
        let line = text
            .lines()
            .find_map(|line| line.strip_prefix("// The same run: preau "))
            .unwrap();
        let words = line.replace("THIS-FILE", &model.display().to_string());
        let mut args: Vec<&str> = words.split(' ').collect();
        args.extend(["--out", "again", "--force"]);
        ends(&preau(home.path(), &args), 0);
        let mut tables = 0;
        for entry in fs::read_dir(home.path().join("again")).unwrap() {
            let again = entry.unwrap().path();
            if again.extension().is_some_and(|end| end == "csv") {
                assert_eq!(
                    rows(&place.join(again.file_name().unwrap())),
                    rows(&again),
                    "{settings}: {}",
                    again.display()
                );
                tables += 1;
            }
        }
        assert!(tables >= 6, "{tables}");
    }
}
