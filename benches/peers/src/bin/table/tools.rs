//! The programs that are compared: builds them, and says how each is called.

use crate::job::{Job, Times};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Everything that can be run.
pub struct Tools {
    /// Runners of this package, by name.
    runners: BTreeMap<String, PathBuf>,
    preau: PathBuf,
    /// Python with SimPy, or why there is none.
    simpy: Result<PathBuf, String>,
    peers: PathBuf,
    root: PathBuf,
    models: PathBuf,
    target: PathBuf,
}

impl Tools {
    /// Builds what the goals need.
    pub fn ready(preau: Option<PathBuf>, models: Option<PathBuf>, goals: &[&str]) -> Result<Tools, String> {
        let peers = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
        let root = peers.ancestors().nth(2).ok_or("benches/peers has no root")?.to_owned();
        let runners = build(&peers, "--bins")?;
        let target = runners
            .get("table")
            .and_then(|table| table.ancestors().nth(2))
            .ok_or("cargo did not say where it builds")?
            .to_owned();
        let preau = match preau {
            Some(preau) => preau,
            None => build(&root, "--bin=preau")?
                .remove("preau")
                .ok_or("there is no preau")?,
        };
        let simpy = if goals.iter().any(|goal| ["w1", "w2"].contains(goal)) {
            python(&peers, &target)
        } else {
            Err(String::from("SimPy is not needed"))
        };
        Ok(Tools {
            models: models.unwrap_or_else(|| root.join("models/bench")),
            runners,
            preau,
            simpy,
            peers,
            root,
            target,
        })
    }

    /// A runner of this package.
    pub fn runner(&self, name: &str, arguments: &[&str]) -> Job {
        let program = self.runners.get(name).cloned().unwrap_or_else(|| name.into());
        Job::new(program, arguments)
    }

    /// `preau` itself.
    pub fn preau(&self, arguments: &[&str]) -> Job {
        Job::new(&self.preau, arguments)
    }

    /// `preau run` on one thread, answering one object.
    fn run(&self, model: &Path) -> Job {
        let model = model.to_string_lossy();
        self.preau(&["run", &model, "--no-files", "--stats", "--json", "--threads", "1"])
    }

    /// A workload as a scenario.
    pub fn workload(&self, file: &str) -> Job {
        self.run(&self.models.join(file))
    }

    /// The national day: the model is of two.
    pub fn day(&self) -> Job {
        self.run(&self.root.join(DAY)).with(&["--set", ONE_DAY])
    }

    /// The national day with one of this package's models over it.
    pub fn day_with(&self, file: &str) -> Job {
        self.run(&self.peers.join("models").join(file)).with(&["--set", ONE_DAY])
    }

    /// A run whose instructions are counted, in three hundredths of the country: valgrind takes fifty times as long.
    /// Counts repeat exactly, so one run is enough.
    pub fn counted(&self, job: Job) -> Job {
        let options = ["--tool=callgrind", "--callgrind-out-file=/dev/null", "--log-fd=1"];
        job.with(&["--set", "size=0.03"])
            .under("valgrind", &options)
            .times(Times::Once)
    }

    /// The file of the national day.
    pub fn day_file(&self) -> String {
        self.root.join(DAY).to_string_lossy().into_owned()
    }

    /// The script for SimPy.
    pub fn simpy(&self, arguments: &[&str]) -> Result<Job, String> {
        let script = self.peers.join("simpy/run.py");
        let python = self.simpy.as_ref().map_err(String::clone)?;
        Ok(Job::new(python, &[&script.to_string_lossy()]).with(arguments))
    }

    /// A build of the product from nothing, without optional features.
    pub fn clean_build(&self) -> Job {
        let (fresh, root) = (self.target.join("fresh"), self.root.join("Cargo.toml"));
        let (fresh, root) = (fresh.to_string_lossy(), root.to_string_lossy());
        // The shell empties the folder first; what that takes is nothing beside a build.
        let line =
            "rm -rf \"$1\" && \"$2\" build --quiet --release --locked --no-default-features --manifest-path \"$3\" --target-dir \"$1\"";
        Job::new("sh", &["-c", line, "build", &fresh, &cargo(), &root]).times(Times::Once)
    }
}

const DAY: &str = "models/2021-04-06.ron";
const ONE_DAY: &str = "clock.end=\"2021-04-06T20:00\"";

fn cargo() -> String {
    std::env::var("CARGO").unwrap_or_else(|_| String::from("cargo"))
}

/// Builds a package and answers its programs by name.
fn build(package: &Path, what: &str) -> Result<BTreeMap<String, PathBuf>, String> {
    let output = Command::new(cargo())
        .args(["build", "--release", what, "--message-format=json-render-diagnostics"])
        .arg("--manifest-path")
        .arg(package.join("Cargo.toml"))
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| format!("cannot start cargo: {error}"))?;
    if !output.status.success() {
        return Err(String::from("the build failed"));
    }
    let text = String::from_utf8_lossy(&output.stdout);
    let messages = text.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let programs = messages.filter_map(|message| {
        let name = message.pointer("/target/name")?.as_str()?.to_owned();
        let program = message.get("executable")?.as_str()?;
        Some((name, PathBuf::from(program)))
    });
    Ok(programs.collect())
}

/// Python with SimPy, in an environment of its own; made if it is not there yet.
fn python(peers: &Path, target: &Path) -> Result<PathBuf, String> {
    let environment = target.join("simpy");
    let python = environment.join("bin/python");
    let succeeds = |program: &Path, arguments: &[&str]| {
        let run = Command::new(program)
            .args(arguments)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        run.is_ok_and(|status| status.success())
    };
    let there = || succeeds(&python, &["-c", "import simpy"]);
    if there() {
        return Ok(python);
    }
    eprintln!("installing SimPy");
    let requirements = peers.join("simpy/requirements.txt");
    succeeds(Path::new("python3"), &["-m", "venv", &environment.to_string_lossy()]);
    succeeds(
        &python,
        &["-m", "pip", "install", "-r", &requirements.to_string_lossy()],
    );
    if there() {
        Ok(python)
    } else {
        Err(String::from("SimPy could not be installed"))
    }
}
