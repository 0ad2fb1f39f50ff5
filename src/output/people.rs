//! `people.csv`: one row a visit, written while the run goes on.

use super::civil::Stamps;
use super::columns::{PEOPLE, Then, header};
use crate::engine::Time;
use crate::scenario::model::{CohortId, Scenario, ServiceId};
use crate::world::Observer;
use std::collections::HashMap;
use std::io::Write;

/// A visit under way.
struct Visit {
    begun: Time,
    first_in: Option<Time>,
}

/// Writes a row for each visit when it is over. The two national days have some nineteen million: about 1.5 GB.
///
/// A disk that fails does not stop the run; [`PeopleFile::finish`] tells.
pub struct PeopleFile<'s, W: Write> {
    scenario: &'s Scenario,
    out: csv::Writer<W>,
    stamps: Stamps,
    under_way: HashMap<(u16, u32), Visit>,
    failed: Option<csv::Error>,
}

impl<'s, W: Write> PeopleFile<'s, W> {
    /// Begins the file with its header.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn begin(scenario: &'s Scenario, out: W) -> Result<Self, csv::Error> {
        let mut out = csv::Writer::from_writer(out);
        out.write_record(header(PEOPLE, Then::Nothing))?;
        Ok(PeopleFile {
            scenario,
            out,
            stamps: Stamps::of(&scenario.clock),
            under_way: HashMap::new(),
            failed: None,
        })
    }

    /// Writes the visits that were not over at the end of the run.
    ///
    /// # Errors
    /// The first thing that could not be written, now or during the run.
    pub fn finish(mut self) -> Result<(), csv::Error> {
        let mut left: Vec<_> = std::mem::take(&mut self.under_way).into_iter().collect();
        left.sort_unstable_by_key(|(key, _)| *key);
        for ((cohort, person), visit) in left {
            self.row(cohort, person, &visit, None, None, "unfinished");
        }
        match self.failed {
            Some(error) => Err(error),
            None => Ok(self.out.flush()?),
        }
    }

    fn row(&mut self, cohort: u16, person: u32, visit: &Visit, over: Option<Time>, tries: Option<u32>, how: &str) {
        if self.failed.is_some() {
            return;
        }
        let spec = &self.scenario.cohorts[cohort as usize];
        let region = spec
            .region
            .map_or("", |r| self.scenario.regions[r.index()].key.as_str());
        let after = |t: Option<Time>| t.map_or_else(String::new, |t| format!("{:.3}", (t - visit.begun).as_secs()));
        let cells = [
            spec.key.as_str(),
            region,
            spec.level.name(),
            &person.to_string(),
            self.stamps.at(visit.begun),
            &after(visit.first_in),
            &after(over),
            &tries.map_or_else(String::new, |t| t.to_string()),
            how,
        ];
        self.failed = self.out.write_record(cells).err();
    }
}

impl<W: Write> Observer for PeopleFile<'_, W> {
    fn visit(&mut self, now: Time, cohort: CohortId, person: u32) {
        self.under_way.insert(
            (cohort.0, person),
            Visit {
                begun: now,
                first_in: None,
            },
        );
    }

    fn session(&mut self, now: Time, service: ServiceId, cohort: CohortId, person: u32, begins: bool) {
        // Where people go who gave another door up nobody has got in (docs/model.md).
        let in_at_last = begins && !self.scenario.services[service.index()].fallback;
        if let (true, Some(visit)) = (in_at_last, self.under_way.get_mut(&(cohort.0, person))) {
            visit.first_in.get_or_insert(now);
        }
    }

    fn visit_over(&mut self, now: Time, cohort: CohortId, person: u32, begun: Time, tries: u32, served: bool) {
        let mut visit = self
            .under_way
            .remove(&(cohort.0, person))
            .unwrap_or(Visit { begun, first_in: None });
        if served {
            // Where there are no sessions a login is all a visit wants.
            visit.first_in.get_or_insert(now);
        }
        self.row(
            cohort.0,
            person,
            &visit,
            Some(now),
            Some(tries),
            if served { "served" } else { "gave up" },
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{Source, load};
    use crate::world::{RunOptions, run};

    #[test]
    fn every_visit_has_its_row() {
        let scenario = load(&Source::Builtin("theory/retrial".into()), &[]).unwrap();
        let mut text = Vec::new();
        let mut file = PeopleFile::begin(&scenario, &mut text).unwrap();
        let outcome = run(
            &scenario,
            &RunOptions {
                seed: 1,
                ..Default::default()
            },
            &mut file,
        )
        .unwrap();
        file.finish().unwrap();
        let text = String::from_utf8(text).unwrap();
        let visits: u64 = outcome.cohorts.iter().map(|c| c.visits).sum();
        assert_eq!(text.lines().count() as u64, visits + 1);
        let served = text.lines().filter(|l| l.ends_with(",served")).count() as u64;
        assert_eq!(served, outcome.cohorts.iter().map(|c| c.visits_connected).sum::<u64>());
    }

    #[test]
    fn nobody_got_in_where_people_go_who_gave_up() {
        let country = ["size=0.002".into(), "clock.end=2021-04-06T09:30".into()];
        let scenario = load(&Source::Builtin("2021-04-06".into()), &country).unwrap();
        let mut text = Vec::new();
        let mut file = PeopleFile::begin(&scenario, &mut text).unwrap();
        let outcome = run(&scenario, &RunOptions::default(), &mut file).unwrap();
        file.finish().unwrap();
        let elsewhere: u64 = (scenario.services.iter().zip(&outcome.services))
            .filter(|(service, _)| service.fallback)
            .map(|(_, tally)| tally.sessions)
            .sum();
        assert!(elsewhere > 0);
        let mut rows = csv::Reader::from_reader(text.as_slice());
        let column = rows
            .headers()
            .unwrap()
            .iter()
            .position(|name| name == "in_after")
            .unwrap();
        let got_in = rows
            .records()
            .filter(|row| !row.as_ref().unwrap()[column].is_empty())
            .count();
        assert_eq!(
            got_in as u64,
            outcome.cohorts.iter().map(|c| c.visits_connected).sum::<u64>()
        );
    }
}
