//! The program as a user calls it: run to its end, or begun and killed. What several tests share.

// Each test program uses a part of it.
#![allow(dead_code)]

use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

pub const PROGRAM: &str = env!("CARGO_BIN_EXE_preau");

/// Runs the program in a folder.
pub fn preau(dir: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(PROGRAM);
    command.current_dir(dir).env("NO_COLOR", "1").args(args);
    command.output().expect("the program starts")
}

/// Runs the program in a folder for somebody of another language.
pub fn preau_in(dir: &Path, args: &[&str], lang: &str) -> Output {
    let mut command = Command::new(PROGRAM);
    let plain = command
        .current_dir(dir)
        .env("NO_COLOR", "1")
        .env_remove("LC_ALL")
        .env_remove("LC_MESSAGES");
    plain.env("LANG", lang).args(args).output().expect("the program starts")
}

/// What the program said, on the terminal and beside it, having ended so.
#[track_caller]
pub fn ends(output: &Output, code: i32) -> (String, String) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (out, err) = (text(&output.stdout), text(&output.stderr));
    assert_eq!(output.status.code(), Some(code), "{out}\n{err}");
    (out, err)
}

/// A program that is killed if the test ends first.
pub struct Killed(pub Child);

impl Drop for Killed {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Begins the program in a folder.
pub fn begin(dir: &Path, args: &[&str]) -> Killed {
    let mut command = Command::new(PROGRAM);
    command
        .current_dir(dir)
        .args(args)
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    Killed(command.spawn().expect("the program starts"))
}

/// Waits until a journal has grown to so many bytes, or the program has ended; whether it has.
pub fn grown(child: &mut Killed, journal: &Path, bytes: u64) -> bool {
    let began = Instant::now();
    while began.elapsed() < Duration::from_secs(600) {
        if child.0.try_wait().expect("a program").is_some() {
            return true;
        }
        if fs::metadata(journal).is_ok_and(|m| m.len() >= bytes) {
            return false;
        }
        std::thread::sleep(Duration::from_micros(200));
    }
    panic!("the program does not go on");
}

/// Names of the runs in a journal, in its order.
pub fn journal(folder: &Path) -> Vec<String> {
    let text = fs::read_to_string(folder.join("journal")).unwrap_or_default();
    let records = text
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line.split_once(' ')?.1).ok());
    let name = |record: Value| Some(record.get("run").or(record.get("failed"))?["name"].as_str()?.to_owned());
    records.filter_map(name).collect()
}
