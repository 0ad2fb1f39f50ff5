//! The runs of one job: medians, and what it printed.

use crate::job::Run;
use serde_json::Value;

/// One or more runs of the same job.
#[derive(Clone, Copy)]
pub struct Series<'a>(pub &'a [Run]);

impl Series<'_> {
    /// CPU seconds.
    pub fn cpu(&self) -> f64 {
        median(self.0.iter().map(|run| run.cpu))
    }

    /// Seconds on the clock.
    pub fn wall(&self) -> f64 {
        median(self.0.iter().map(|run| run.wall))
    }

    /// Most memory, bytes.
    pub fn rss(&self) -> f64 {
        median(self.0.iter().map(|run| run.rss))
    }

    /// Logical events: a job has a seed, so they are the same in every run.
    pub fn logical_events(&self) -> Result<f64, String> {
        match self.json() {
            Ok(object) => number(&object, "/stats/logical_events"),
            Err(_) => self.field(4),
        }
    }

    /// Logical events a CPU second.
    pub fn events_a_second(&self) -> Result<f64, String> {
        Ok(self.logical_events()? / self.cpu())
    }

    /// A number that preau printed, by its place in the object.
    pub fn number(&self, pointer: &str) -> Result<f64, String> {
        number(&self.json()?, pointer)
    }

    /// The median of a number that a runner printed by name, over the runs.
    pub fn named(&self, name: &str) -> Result<f64, String> {
        let values: Option<Vec<f64>> = self.0.iter().map(|run| named(&run.output, name)).collect();
        values
            .map(|values| median(values.into_iter()))
            .ok_or_else(|| format!("no {name} was printed"))
    }

    /// All that the first run printed.
    pub fn output(&self) -> &str {
        &self.0[0].output
    }

    fn json(&self) -> Result<Value, String> {
        serde_json::from_str(&self.0[0].output).map_err(|error| format!("no JSON was printed: {error}"))
    }

    fn field(&self, at: usize) -> Result<f64, String> {
        let field = self.0[0].output.trim().split(',').nth(at);
        let value = field.and_then(|field| field.parse().ok());
        value.ok_or_else(|| format!("no field {at} was printed"))
    }
}

fn number(object: &Value, pointer: &str) -> Result<f64, String> {
    let value = object.pointer(pointer).and_then(Value::as_f64);
    value.ok_or_else(|| format!("no {pointer} was printed"))
}

fn named(output: &str, name: &str) -> Option<f64> {
    let mut pairs = output.trim().split(',').filter_map(|field| field.split_once('='));
    pairs.find(|(key, _)| *key == name)?.1.parse().ok()
}

/// Of an even number, the mean of the middle two.
fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    let half = values.len() / 2;
    if values.len() % 2 == 1 {
        values[half]
    } else {
        (values[half - 1] + values[half]) / 2.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(cpu: f64, output: &str) -> Run {
        Run {
            cpu,
            wall: 0.0,
            rss: 0.0,
            output: output.to_owned(),
        }
    }

    #[test]
    fn lines_and_objects_are_read() {
        let line = [3.0, 1.0, 2.0].map(|cpu| run(cpu, "hand/radix,w2,1,7,20,0.1,4096,served=5,quota=0\n"));
        let line = Series(&line);
        assert_eq!((line.cpu(), line.events_a_second()), (2.0, Ok(10.0)));
        assert_eq!(line.named("served"), Ok(5.0));
        assert!(line.named("reneged").is_err());
        let object = [run(
            2.0,
            r#"{"stats":{"logical_events":8},"total":{"logins":{"mean":4.5}}}"#,
        )];
        let object = Series(&object);
        assert_eq!(object.events_a_second(), Ok(4.0));
        assert_eq!(object.number("/total/logins/mean"), Ok(4.5));
        assert_eq!(object.cpu_over(&line), 2.0 / 3.0);
    }
}
