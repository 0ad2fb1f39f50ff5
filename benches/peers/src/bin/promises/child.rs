//! This program again, as a process of its own: timed, or with its instructions counted.

use std::collections::BTreeMap;
use std::io::Read;
use std::process::{Command, Stdio};
use wait4::Wait4;

/// What a run took and counted.
pub struct Ran {
    /// User and system time, s.
    pub cpu: f64,
    /// Counts by name.
    pub counts: BTreeMap<String, f64>,
    /// Instructions, where they were counted.
    pub instructions: Option<f64>,
}

impl Ran {
    /// A count.
    pub fn count(&self, name: &str) -> Result<f64, String> {
        self.counts
            .get(name)
            .copied()
            .ok_or_else(|| format!("a run told no {name}"))
    }
}

/// A run of a loop.
#[derive(Clone)]
pub struct Job {
    /// Which workload.
    pub workload: &'static str,
    /// Which loop.
    pub keep: String,
    /// How large.
    pub size: f64,
    /// Its seed.
    pub seed: u64,
}

impl Job {
    fn arguments(&self) -> Vec<String> {
        let (size, seed) = (self.size.to_string(), self.seed.to_string());
        let words = [
            "run",
            self.workload,
            "--keep",
            &self.keep,
            "--size",
            &size,
            "--seed",
            &seed,
        ];
        words.map(String::from).into()
    }

    /// Runs it and takes the time.
    pub fn time(&self) -> Result<Ran, String> {
        let program = std::env::current_exe().map_err(|error| format!("cannot find this program: {error}"))?;
        self.finish(Command::new(program).args(self.arguments()))
    }

    /// Runs it under valgrind, which counts instructions, the same each time.
    pub fn count(&self) -> Result<Ran, String> {
        let program = std::env::current_exe().map_err(|error| format!("cannot find this program: {error}"))?;
        let options = ["--tool=callgrind", "--cache-sim=no", "--callgrind-out-file=/dev/null"];
        self.finish(
            Command::new("valgrind")
                .args(options)
                .arg(program)
                .args(self.arguments()),
        )
    }

    fn finish(&self, command: &mut Command) -> Result<Ran, String> {
        let failed = |what: String| format!("{} of {}: {what}", self.keep, self.workload);
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| failed(error.to_string()))?;
        let (mut output, mut errors) = (String::new(), String::new());
        // Little is printed on either, so neither pipe fills while the other is read.
        if let Some(mut out) = child.stdout.take() {
            out.read_to_string(&mut output)
                .map_err(|error| failed(error.to_string()))?;
        }
        if let Some(mut err) = child.stderr.take() {
            err.read_to_string(&mut errors)
                .map_err(|error| failed(error.to_string()))?;
        }
        let used = child.wait4().map_err(|error| failed(error.to_string()))?;
        if !used.status.success() {
            return Err(failed(format!("{} ({})", used.status, errors.trim())));
        }
        let words = output.split_whitespace().filter_map(|word| word.split_once('='));
        let collected = errors.lines().find_map(|line| line.split_once("Collected :"));
        Ok(Ran {
            cpu: (used.rusage.utime + used.rusage.stime).as_secs_f64(),
            counts: words
                .filter_map(|(name, n)| Some((name.to_owned(), n.parse().ok()?)))
                .collect(),
            instructions: collected.and_then(|(_, n)| n.trim().parse().ok()),
        })
    }
}
