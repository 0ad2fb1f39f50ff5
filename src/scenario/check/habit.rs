//! Habits and routes.

use super::names::Noun;
use super::quantity::{FACTOR, POSITIVE_COUNT, SHARE};
use super::{At, Checker, percent};
use crate::scenario::model::{self, RouteId, ServiceId};
use crate::scenario::raw;

/// From a service to the next, each with its share.
type Onward = Vec<(ServiceId, Vec<(ServiceId, f64)>)>;

/// A person's record keeps its class in four bits.
const MOST_RETRY_CLASSES: usize = 16;

impl Checker<'_> {
    pub(super) fn habits(&mut self, raw: &raw::Table<raw::Habit>) -> Vec<model::Habit> {
        let root = At::ROOT;
        let table = root.key("habits");
        let mut habits = Vec::new();
        for (key, raw) in &raw.0 {
            habits.push(self.habit(&table.key(key), key, raw));
        }
        habits
    }

    pub(super) fn habit(&mut self, at: &At, key: &str, raw: &raw::Habit) -> model::Habit {
        let list = at.key("retries");
        let mut retries = Vec::new();
        for (i, raw) in raw.retries.iter().enumerate() {
            let at = list.index(i);
            retries.push(self.retry_class(&at, raw));
        }
        if !retries.is_empty() {
            self.whole(&list, "the retry classes", retries.iter().map(|class| class.share));
        }
        let tabs = self.or(&at.key("tabs"), raw.tabs.as_ref(), &FACTOR, 1.0);
        let tabs = self.tabs_that_knock(at, raw.tabs_knock, tabs, &mut retries);
        if retries.len() > MOST_RETRY_CLASSES {
            let title = format!("a habit has at most {MOST_RETRY_CLASSES} retry classes");
            let problem = self.wrong(&list, title);
            self.note(problem);
        }
        let max_tries = self.maybe(&at.key("max_tries"), raw.max_tries.as_ref(), &POSITIVE_COUNT);
        let persistence = self.or(&at.key("persistence"), raw.persistence.as_ref(), &SHARE, 1.0);
        if max_tries.is_none() && persistence >= 1.0 {
            self.no_endless_retries(&list, &retries);
        }
        let timeout = raw.timeout.as_ref().map(|raw| {
            let at = at.key("timeout");
            model::Timeout {
                after: self.law_needed(&at.key("after"), raw.after.as_ref()),
                scope: match raw.scope {
                    Some(raw::TimeoutScope::Queue) => model::TimeoutScope::Queue,
                    None | Some(raw::TimeoutScope::Sojourn) => model::TimeoutScope::Sojourn,
                },
                network: self.law_maybe(&at.key("network"), raw.network.as_ref()),
            }
        });
        model::Habit {
            key: key.to_owned(),
            retries,
            persistence,
            max_tries: max_tries.map(|count| count as u32),
            patience: self.law_maybe(&at.key("patience"), raw.patience.as_ref()),
            timeout,
            tabs,
            learns: self.or(&at.key("learns"), raw.learns.as_ref(), &SHARE, 0.0),
            giving_up: self.giving_up(&at.key("giving_up"), &raw.giving_up),
        }
    }

    fn giving_up(&mut self, list: &At, raw: &[raw::GivingUp]) -> Vec<(f64, model::Fallback)> {
        let mut found = Vec::new();
        for (i, raw) in raw.iter().enumerate() {
            let at = list.index(i);
            let share = self.need(&at.key("share"), raw.share.as_ref(), &SHARE);
            let at = at.key("then");
            let then = match &raw.then {
                None => {
                    self.missing(&at, "what these people do", "Nothing");
                    model::Fallback::Nothing
                }
                Some(raw::Fallback::Route(word)) => match self.find(&at, Noun::Route, word) {
                    Some(route) => model::Fallback::Route(RouteId(route)),
                    None => model::Fallback::Nothing,
                },
                Some(raw::Fallback::Later(law)) => model::Fallback::Later(self.law(&at, law)),
                Some(raw::Fallback::Elsewhere { name, value }) => {
                    if name.is_none() {
                        self.missing(&at.key("name"), "where they learn", "\"lumni\"");
                    }
                    model::Fallback::Elsewhere {
                        name: name.clone().unwrap_or_default(),
                        value: self.need(&at.key("value"), value.as_ref(), &SHARE),
                    }
                }
                Some(raw::Fallback::Nothing) => model::Fallback::Nothing,
            };
            found.push((share, then));
        }
        if !found.is_empty() {
            self.whole(list, "those who give up", found.iter().map(|(share, _)| *share));
        }
        found
    }

    pub(super) fn routes(&mut self, raw: &raw::Table<raw::Route>) -> Vec<model::Route> {
        let root = At::ROOT;
        let table = root.key("routes");
        let mut routes = Vec::new();
        for (key, raw) in &raw.0 {
            routes.push(self.route(&table.key(key), key, raw));
        }
        routes
    }

    fn route(&mut self, at: &At, key: &str, raw: &raw::Route) -> model::Route {
        let hop = self.law_maybe(&at.key("hop"), raw.hop.as_ref());
        let (start, onward) = match (raw.steps.is_empty(), &raw.start) {
            (false, None) => self.chain(&at.key("steps"), &raw.steps),
            (true, Some(start)) => {
                let start = self.find(&at.key("start"), Noun::Service, start).unwrap_or(0);
                (ServiceId(start), self.onward(&at.key("onward"), &raw.onward))
            }
            (true, None) => {
                let problem = self
                    .wrong(at, "this route passes no service")
                    .label("no `steps` inside");
                self.note(problem.help("add `steps: [\"portal\", \"ent\"]`, or `start` and `onward`"));
                (ServiceId(0), Vec::new())
            }
            (false, Some(_)) => {
                let problem = self.wrong(
                    &at.key("start"),
                    "a route has `steps`, or `start` and `onward`, not both",
                );
                self.note(
                    problem
                        .label("one too many")
                        .help("`steps: [a, b]` starts at its first service"),
                );
                (ServiceId(0), Vec::new())
            }
        };
        if !raw.steps.is_empty() && !raw.onward.0.is_empty() {
            let problem = self.wrong(
                &at.key("onward"),
                "a route has `steps`, or `start` and `onward`, not both",
            );
            self.note(problem.label("one too many"));
        }
        model::Route {
            key: key.to_owned(),
            start,
            onward,
            hop,
        }
    }

    fn chain(&mut self, list: &At, steps: &[String]) -> (ServiceId, Onward) {
        let mut services: Vec<ServiceId> = Vec::new();
        for (i, word) in steps.iter().enumerate() {
            let at = list.index(i);
            let Some(service) = self.find(&at, Noun::Service, word) else {
                continue;
            };
            if services.contains(&ServiceId(service)) {
                let problem = self.wrong(&at, format!("`{word}` is passed twice: these steps never end"));
                let help = "use `start` and `onward` with a share for a route that comes back";
                self.note(problem.label("again").help(help));
                continue;
            }
            services.push(ServiceId(service));
        }
        let onward = services
            .windows(2)
            .map(|pair| (pair[0], vec![(pair[1], 1.0)]))
            .collect();
        (services.first().copied().unwrap_or(ServiceId(0)), onward)
    }

    fn onward(&mut self, table: &At, raw: &raw::Table<Vec<(String, raw::Scalar)>>) -> Onward {
        let mut onward = Vec::new();
        for (from, next) in &raw.0 {
            let at = table.key(from);
            let from = self.find(&at, Noun::Service, from);
            let mut shares = Vec::new();
            for (i, (to, share)) in next.iter().enumerate() {
                let at = at.index(i);
                let share = self.or(&at.index(1), Some(share), &SHARE, 0.0);
                if let Some(to) = self.find(&at.index(0), Noun::Service, to) {
                    shares.push((ServiceId(to), share));
                }
            }
            let sum: f64 = shares.iter().map(|(_, share)| share).sum();
            if sum > 1.0 + 1e-6 {
                let problem = self.wrong(&at, format!("the shares that go on add up to {}", percent(sum)));
                self.note(
                    problem
                        .label("above 100 %")
                        .help("the rest to 100 % ends the route there"),
                );
            }
            if let Some(from) = from {
                onward.push((ServiceId(from), shares));
            }
        }
        onward
    }
}
