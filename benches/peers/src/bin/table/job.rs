//! A program to run and what it took.

use std::io::Read;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;
use wait4::Wait4;

/// How often a job is run.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Times {
    /// Once in all: what it says is wanted, not how long it takes.
    Once,
    /// Once a round.
    EachRound,
    /// So often in each round, for it is short.
    Often(u32),
}

/// A program with its arguments.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Job {
    program: String,
    arguments: Vec<String>,
    /// How often it is run.
    pub times: Times,
}

/// One run of a job.
#[derive(Clone, Debug)]
pub struct Run {
    /// User and system time of the process and its children, s.
    pub cpu: f64,
    /// Seconds on the clock.
    pub wall: f64,
    /// Most memory it held, bytes.
    pub rss: f64,
    /// What it printed.
    pub output: String,
}

impl Job {
    /// A program that is run once a round.
    pub fn new(program: impl AsRef<Path>, arguments: &[&str]) -> Job {
        Job {
            program: program.as_ref().to_string_lossy().into_owned(),
            arguments: arguments.iter().map(|&a| a.to_owned()).collect(),
            times: Times::EachRound,
        }
    }

    /// With one more argument.
    pub fn with(mut self, arguments: &[&str]) -> Job {
        self.arguments.extend(arguments.iter().map(|&a| a.to_owned()));
        self
    }

    /// The same, run by another program that is given it.
    pub fn under(self, program: &str, options: &[&str]) -> Job {
        let inner = std::iter::once(self.program).chain(self.arguments);
        Job {
            program: program.to_owned(),
            arguments: options.iter().map(|&o| o.to_owned()).chain(inner).collect(),
            times: self.times,
        }
    }

    /// Run another number of times.
    pub fn times(self, times: Times) -> Job {
        Job { times, ..self }
    }

    /// As people say it: names of files without their folders.
    pub fn short(&self) -> String {
        let last = |word: &str| word.rsplit('/').next().unwrap_or_default().to_owned();
        let words = std::iter::once(&self.program).chain(&self.arguments);
        words.map(|word| last(word)).collect::<Vec<_>>().join(" ")
    }

    /// Runs it once.
    pub fn run(&self) -> Result<Run, String> {
        let failed = |what: String| format!("{}: {what}", self.short());
        let began = Instant::now();
        let mut child = Command::new(&self.program)
            .args(&self.arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| failed(error.to_string()))?;
        let (mut output, mut errors) = (String::new(), String::new());
        // What is measured prints little on either, so neither pipe fills while the other is read.
        let out = child
            .stdout
            .take()
            .map_or(Ok(0), |mut out| out.read_to_string(&mut output));
        let err = child
            .stderr
            .take()
            .map_or(Ok(0), |mut err| err.read_to_string(&mut errors));
        let used = child.wait4().map_err(|error| failed(error.to_string()))?;
        out.and(err).map_err(|error| failed(error.to_string()))?;
        if !used.status.success() {
            let last = errors.trim().lines().next().unwrap_or_default();
            return Err(failed(format!("{} ({last})", used.status)));
        }
        Ok(Run {
            cpu: (used.rusage.utime + used.rusage.stime).as_secs_f64(),
            wall: began.elapsed().as_secs_f64(),
            rss: used.rusage.maxrss as f64,
            output,
        })
    }
}
