//! What ties cohorts to each other: classes with their teachers, and devices of two.

use super::names::Noun;
use super::quantity::SHARE;
use super::{At, Checker};
use crate::scenario::model::{Cohort, CohortId, Route, Service, SharedDevice, Source, Wave, lessons};
use crate::scenario::raw;

impl Checker<'_> {
    pub(super) fn teachers(&mut self, at: &At, raw: &raw::Cohort) -> Option<CohortId> {
        let teachers = self.find_maybe(&at.key("teachers"), Noun::Cohort, raw.teachers.as_ref());
        if raw.teachers.is_none() && raw.leaves_empty_class.is_some() {
            let field = at.key("leaves_empty_class");
            let problem = self.wrong(&field, "who has no class cannot leave an empty one");
            self.note(problem.help("name the cohort of their `teachers`"));
        }
        teachers.map(CohortId)
    }

    pub(super) fn shared_device(&mut self, at: &At, raw: &raw::Cohort) -> Option<SharedDevice> {
        let raw = raw.shares_device.as_ref()?;
        let at = at.key("shares_device");
        Some(SharedDevice {
            with: CohortId(self.find_needed(&at.key("with"), Noun::Cohort, raw.with.as_ref())),
            share: self.need(&at.key("share"), raw.share.as_ref(), &SHARE),
        })
    }

    /// Pupils and teachers follow one timetable, and a class has one place to meet.
    pub(super) fn classes_can_meet(&mut self, cohorts: &[Cohort], routes: &[Route], services: &[Service]) {
        let root = At::ROOT;
        let table = root.key("cohorts");
        for (i, cohort) in cohorts.iter().enumerate() {
            let Some(teachers) = cohort.teachers else { continue };
            let at = table.key(&cohort.key);
            let field = at.key("teachers");
            let named = &cohorts[teachers.index()];
            if teachers.index() == i || named.teachers.is_some() {
                let problem = self.wrong(&field, format!("`{}` are pupils themselves", named.key));
                self.note(problem.help("name a cohort without `teachers`"));
                continue;
            }
            let (Source::Crowd(lesson), Source::Crowd(taught)) = (&cohort.source, &named.source) else {
                let problem = self.wrong(&field, "classes need waves, of pupils and of teachers");
                self.note(problem.help("both cohorts need `arrivals: Timetable(…)` or `Crowd(…)`"));
                continue;
            };
            self.same_lessons(&field, &named.key, lesson, taught);
            let forks = |(_, route): &&(f64, _)| {
                let route: &crate::scenario::model::RouteId = route;
                routes.get(route.index()).is_some_and(|route| route.end().is_none())
            };
            if let Some((_, route)) = cohort.routes.iter().find(forks) {
                let key = &routes[route.index()].key;
                let problem = self.wrong(
                    &at.key("routes"),
                    format!("a class on route `{key}` has no one place to meet"),
                );
                self.note(problem.help("give the routes of these pupils as `steps`"));
            }
        }
        let nobody = cohorts.iter().all(|cohort| cohort.teachers.is_none());
        for service in services.iter().filter(|s| nobody && s.session.is_some_and(|s| s.live)) {
            let services = root.key("services");
            let service = services.key(&service.key);
            let session = service.key("session");
            let problem = self.wrong(&session.key("live"), "nobody has a class that could meet here");
            self.note(problem.help("name the `teachers` of some cohort of pupils"));
        }
    }

    fn same_lessons(&mut self, field: &At, named: &str, pupils: &[Wave], teachers: &[Wave]) {
        let found = lessons(pupils, teachers);
        if let Some((wave, _)) = pupils.iter().zip(&found).find(|(_, lesson)| lesson.is_none()) {
            let hours = wave.at.as_secs() / 3600.0;
            let title = format!("`{named}` have no wave with that of these pupils {hours:.2} h after the start");
            let problem = self.wrong(field, title).label("no teacher for these lessons");
            self.note(problem.help("pupils and teachers of a class follow the same timetable"));
        }
    }

    /// Nobody shares two devices.
    pub(super) fn siblings_exist(&mut self, cohorts: &[Cohort]) {
        let root = At::ROOT;
        let table = root.key("cohorts");
        let connecting = |c: &Cohort| f64::from(c.people) * c.connects;
        let mut asked = vec![0.0; cohorts.len()];
        for (i, cohort) in cohorts.iter().enumerate() {
            let Some(device) = cohort.device else { continue };
            let at = table.key(&cohort.key);
            let field = at.key("shares_device");
            let with = device.with.index();
            let crowds = [i, with].iter().all(|c| matches!(cohorts[*c].source, Source::Crowd(_)));
            if !crowds {
                let problem = self.wrong(&field, "only people of a crowd have brothers and sisters");
                self.note(problem.help("both cohorts need `arrivals: Timetable(…)` or `Crowd(…)`"));
                continue;
            }
            asked[i] += device.share * connecting(cohort);
            if with != i {
                asked[with] += device.share * connecting(cohort);
            }
            let scarce = [i, with]
                .into_iter()
                .find(|c| asked[*c] > connecting(&cohorts[*c]) * (1.0 + 1e-9));
            if let Some(c) = scarce {
                let title = format!(
                    "{:.0} people of `{}` would share a device, and {:.0} connect",
                    asked[c],
                    cohorts[c].key,
                    connecting(&cohorts[c])
                );
                let problem = self.wrong(&field.key("share"), title);
                self.note(problem.help("everybody shares one device at most, with one other person"));
            }
        }
    }
}
