//! Cohorts: who comes and when.

use jiff::tz::TimeZone;

use super::days::{Group, weekdays};
use super::names::Noun;
use super::quantity::{CLASS, HEADS, POSITIVE_COUNT, POSITIVE_HEADS, RATE, SHARE};
use super::{At, Checker};
use crate::engine::Distribution;
use crate::scenario::model::{self, HabitId, RegionId, RouteId, ServiceId};
use crate::scenario::raw;

/// The level of the model.
pub(super) fn level(raw: raw::Level) -> model::Level {
    match raw {
        raw::Level::Primary => model::Level::Primary,
        raw::Level::College => model::Level::College,
        raw::Level::Lycee => model::Level::Lycee,
        raw::Level::Teacher => model::Level::Teacher,
        raw::Level::Parent => model::Level::Parent,
        raw::Level::Other => model::Level::Other,
    }
}

impl Checker<'_> {
    pub(super) fn cohorts(
        &mut self,
        raw: &raw::Scenario,
        regions: &[model::Region],
        routes: &mut Vec<model::Route>,
        habits: &mut Vec<model::Habit>,
        services: &[model::Service],
    ) -> Vec<model::Cohort> {
        let root = At::ROOT;
        let table = root.key("cohorts");
        let run_zone = self.calendar.zone.clone();
        let mut cohorts = Vec::new();
        for (key, cohort) in &raw.cohorts.0 {
            let at = table.key(key);
            let region = self
                .find_maybe(&at.key("region"), Noun::Region, cohort.region.as_ref())
                .map(RegionId);
            // A wrong zone was noted at the region.
            let zone = region.and_then(|r| TimeZone::get(&regions[r.index()].zone).ok());
            let zone = zone.unwrap_or_else(|| run_zone.clone());
            let routes = self.cohort_routes(&at, cohort, routes, services);
            self.duration_if_learning(&at, cohort, &routes, services, raw);
            cohorts.push(model::Cohort {
                key: key.clone(),
                region,
                level: cohort.level.map_or(model::Level::Other, level),
                people: self.or(&at.key("people"), cohort.people.as_ref(), &HEADS, 0.0) as u32,
                connects: self.or(&at.key("connects"), cohort.connects.as_ref(), &SHARE, 1.0),
                habit: self.cohort_habit(&at, cohort, habits),
                source: self.source(&at, cohort, &raw.timetables, &zone, region),
                routes: routes
                    .into_iter()
                    .map(|(share, route)| (share, RouteId(route)))
                    .collect(),
                duration: match &cohort.duration {
                    Some(law) => self.law(&at.key("duration"), law),
                    None => Distribution::Deterministic { value: 0.0 },
                },
                work: self.law_maybe(&at.key("work"), cohort.work.as_ref()),
                priority: self.or(&at.key("priority"), cohort.priority.as_ref(), &CLASS, 0.0) as u8,
                seats: self.or(&at.key("seats"), cohort.seats.as_ref(), &POSITIVE_COUNT, 1.0) as u32,
                teachers: self.teachers(&at, cohort),
                leaves_empty_class: self.span(&at.key("leaves_empty_class"), cohort.leaves_empty_class.as_ref()),
                device: self.shared_device(&at, cohort),
            });
        }
        self.classes_can_meet(&cohorts, routes, services);
        self.siblings_exist(&cohorts);
        self.unused_timetables(raw, &run_zone);
        cohorts
    }

    /// A timetable that no cohort follows is read all the same, so that its errors show.
    fn unused_timetables(&mut self, raw: &raw::Scenario, zone: &TimeZone) {
        let root = At::ROOT;
        let table = root.key("timetables");
        let used: Vec<&String> = raw
            .cohorts
            .0
            .iter()
            .filter_map(|(_, cohort)| match &cohort.arrivals {
                Some(raw::Arrivals::Timetable(word)) => Some(word),
                _ => None,
            })
            .collect();
        for (key, waves) in &raw.timetables.0 {
            if !used.contains(&key) {
                self.waves(&table.key(key), waves, zone, (None, model::Level::Other));
            }
        }
    }

    fn cohort_habit(&mut self, at: &At, raw: &raw::Cohort, habits: &mut Vec<model::Habit>) -> HabitId {
        if raw.habit.is_some() {
            return HabitId(self.find_needed(&at.key("habit"), Noun::Habit, raw.habit.as_ref()));
        }
        // Who has no habit knocks once: the same for all such cohorts.
        const ONCE: &str = "once";
        let position = self.names.position(Noun::Habit, ONCE).unwrap_or_else(|| {
            habits.push(self.habit(at, ONCE, &raw::Habit::default()));
            self.names.add(Noun::Habit, ONCE)
        });
        HabitId(position)
    }

    /// The routes of a cohort; left out, the only route or the only service is meant.
    fn cohort_routes(
        &mut self,
        at: &At,
        raw: &raw::Cohort,
        routes: &mut Vec<model::Route>,
        services: &[model::Service],
    ) -> Vec<(f64, u16)> {
        let list = at.key("routes");
        if raw.routes.is_empty() {
            if routes.is_empty() && services.len() == 1 {
                let key = services[0].key.clone();
                self.names.add(Noun::Route, &key);
                routes.push(model::Route {
                    key,
                    start: ServiceId(0),
                    onward: Vec::new(),
                    hop: None,
                });
            }
            if routes.len() != 1 {
                let names = self.names.of(Noun::Route);
                let example = format!(
                    "[(share: \"100 %\", route: {:?})]",
                    names.first().copied().unwrap_or("…")
                );
                self.missing(&list, "where these people go", &example);
            }
            return vec![(1.0, 0)];
        }
        let mut found = Vec::new();
        for (i, raw) in raw.routes.iter().enumerate() {
            let at = list.index(i);
            let share = self.or(&at.key("share"), raw.share.as_ref(), &SHARE, 1.0);
            found.push((
                share,
                self.find_needed(&at.key("route"), Noun::Route, raw.route.as_ref()),
            ));
        }
        self.whole(&list, "the routes", found.iter().map(|(share, _)| *share));
        found
    }

    /// Whoever holds a session wants it to last.
    fn duration_if_learning(
        &mut self,
        at: &At,
        cohort: &raw::Cohort,
        routes: &[(f64, u16)],
        services: &[model::Service],
        raw: &raw::Scenario,
    ) {
        if cohort.duration.is_some() {
            return;
        }
        for (_, route) in routes {
            let end = match raw.routes.0.get(*route as usize) {
                Some((_, route)) => route.steps.last().or(route.start.as_ref()).cloned(),
                None => services.first().map(|service| service.key.clone()),
            };
            let learns = |service: &&model::Service| Some(&service.key) == end.as_ref() && service.session.is_some();
            if let Some(service) = services.iter().find(learns) {
                let expected = format!("how long a session at `{}` is wanted, a distribution", service.key);
                self.missing(
                    &at.key("duration"),
                    &expected,
                    "Lognormal(median: \"35 min\", sigma: 0.96)",
                );
                return;
            }
        }
    }

    fn source(
        &mut self,
        at: &At,
        cohort: &raw::Cohort,
        timetables: &raw::Table<Vec<raw::Wave>>,
        zone: &TimeZone,
        region: Option<RegionId>,
    ) -> model::Source {
        let group = (region, cohort.level.map_or(model::Level::Other, level));
        let people = at.key("people");
        let at = at.key("arrivals");
        let crowd = matches!(
            cohort.arrivals,
            Some(raw::Arrivals::Crowd(_) | raw::Arrivals::Timetable(_))
        );
        if crowd && cohort.people.is_none() {
            self.missing(&people, "how many people there are, a whole number", "1000");
        }
        match &cohort.arrivals {
            None => {
                self.missing(&at, "when these people come", "Poisson(rate: \"1 /s\")");
                model::Source::Crowd(Vec::new())
            }
            Some(raw::Arrivals::Crowd(waves)) => model::Source::Crowd(self.waves(&at, waves, zone, group)),
            Some(raw::Arrivals::Timetable(word)) => {
                let Some(i) = self.find(&at, Noun::Timetable, word) else {
                    return model::Source::Crowd(Vec::new());
                };
                let root = At::ROOT;
                let table = root.key("timetables");
                let (key, waves) = &timetables.0[i as usize];
                let before = self.problems.len();
                let waves = self.waves(&table.key(key), waves, zone, group);
                self.once_per_timetable(before);
                model::Source::Crowd(waves)
            }
            Some(raw::Arrivals::Poisson { rate, batch }) => model::Source::Rate {
                points: vec![(
                    crate::engine::Time::ZERO,
                    self.need(&at.key("rate"), rate.as_ref(), &RATE),
                )],
                linear: false,
                batch: self.batch(&at.key("batch"), batch.as_ref()),
            },
            Some(raw::Arrivals::Rate { points, linear, batch }) => model::Source::Rate {
                points: self.points(&at.key("points"), points, zone),
                linear: linear.unwrap_or(false),
                batch: self.batch(&at.key("batch"), batch.as_ref()),
            },
            Some(raw::Arrivals::Renewal { between, batch }) => {
                let field = at.key("between");
                let between = self.law_needed(&field, between.as_ref());
                if matches!(&between, Distribution::Deterministic { value } if *value == 0.0) && self.given(&field) {
                    let problem = self.wrong(&field, "arrivals with no time between them never end");
                    self.note(problem.label("zero").help("use a batch for several at once"));
                }
                model::Source::Renewal {
                    between: self.sized_gaps(&field, between),
                    batch: self.batch(&at.key("batch"), batch.as_ref()),
                }
            }
            Some(raw::Arrivals::Closed { population, think }) => model::Source::Closed {
                population: self.need(&at.key("population"), population.as_ref(), &POSITIVE_HEADS) as u32,
                think: self.law_needed(&at.key("think"), think.as_ref()),
            },
        }
    }

    /// Cohorts share timetables: an error that is not about a zone shows once.
    fn once_per_timetable(&mut self, before: usize) {
        let new = self.problems.split_off(before);
        for problem in new {
            let known = self
                .problems
                .iter()
                .any(|p| p.path() == problem.path() && p.message() == problem.message());
            if !known {
                self.problems.push(problem);
            }
        }
    }

    /// The waves of a group in the order in which its people are dealt to them: by day, and as written.
    fn waves(&mut self, list: &At, raw: &[raw::Wave], zone: &TimeZone, group: Group) -> Vec<model::Wave> {
        if raw.is_empty() {
            let problem = self.wrong(list, "a crowd without a wave never comes").label("no wave");
            self.note(problem.help("add `(share: \"100 %\", at: \"08:00\")`"));
        }
        let days = self.days.of(group);
        let mut waves = Vec::new();
        for (i, raw) in raw.iter().enumerate() {
            let at = list.index(i);
            let share = self.or(&at.key("share"), raw.share.as_ref(), &SHARE, 1.0);
            let spread = match &raw.spread {
                Some(law) => self.spread(&at.key("spread"), law),
                None => Distribution::Deterministic { value: 0.0 },
            };
            let weekdays = weekdays(&raw.weekdays);
            let mut times = self.occurrences(&at.key("at"), raw.at.as_ref(), zone, &days);
            if !weekdays.is_empty() && times.iter().any(|when| when.day.is_none()) {
                let problem = self.wrong(&at.key("weekdays"), "this wave comes once, not on days of the week");
                let help = "give the model a `calendar` and the wave a time of day, such as `at: \"08:00\"`";
                self.note(problem.label("needs a calendar").help(help));
            }
            times.retain(|when| weekdays.is_empty() || when.day.is_some_and(|day| weekdays.contains(&day.weekday())));
            for when in times {
                let wave = model::Wave {
                    day: 0,
                    share: share * when.turnout,
                    at: when.at,
                    spread: spread.clone(),
                };
                waves.push((when.day, wave));
            }
        }
        waves.sort_by_key(|(day, _)| *day);
        let (mut number, mut last) = (0, waves.first().and_then(|(day, _)| *day));
        for (day, wave) in &mut waves {
            number += u32::from(*day != last);
            (last, wave.day) = (*day, number);
        }
        waves.into_iter().map(|(_, wave)| wave).collect()
    }

    fn points(
        &mut self,
        list: &At,
        raw: &[(raw::Scalar, raw::Scalar)],
        zone: &TimeZone,
    ) -> Vec<(crate::engine::Time, f64)> {
        if raw.is_empty() {
            self.missing(list, "at least one point", "[(\"0 s\", \"8 /s\")]");
        }
        let mut points: Vec<(crate::engine::Time, f64)> = Vec::new();
        for (i, (when, rate)) in raw.iter().enumerate() {
            let at = list.index(i);
            let rate = self.or(&at.index(1), Some(rate), &RATE, 0.0);
            let Some(when) = self.instant(&at.index(0), Some(when), zone) else {
                continue;
            };
            if points.last().is_some_and(|(last, _)| *last >= when) {
                let problem = self.wrong(&at.index(0), "the points of a rate go forward in time");
                self.note(problem.label("not after the point before"));
            }
            points.push((when, rate));
        }
        points
    }
}
