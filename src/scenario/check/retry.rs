//! Smoothing: backoff, budgets, throttles, and grids of presets.

use jiff::ToSpan;
use jiff::civil::Time as Clock;
use jiff::tz::TimeZone;

use super::quantity::{DURATION, FACTOR, POSITIVE_DURATION, POSITIVE_HEADS, RATE, RATIO, SHARE};
use super::{At, Checker};
use crate::engine::{Distribution, Span, Time};
use crate::scenario::grids::{GRIDS, Grid, grid};
use crate::scenario::model::{self, Jitter, RegionId, Slot, Spreading};
use crate::scenario::raw;
use preau_text::suggest;

/// Delays with a smaller mean make a client that never stops trying a loop within one instant, s.
const AT_ONCE: f64 = 1e-3;
/// Two minutes, as in the book that the rules come from.
const WINDOW: f64 = 120.0;
/// The AWS SDKs charge 14 tokens after an error and 5 after throttling (announced on 20 May 2026, default from November).
const ERROR_PRICE: f64 = 14.0 / 5.0;

impl Checker<'_> {
    pub(super) fn retry_class(&mut self, at: &At, raw: &raw::habit::RetryClass) -> model::RetryClass {
        let backoff = raw.backoff.as_ref().map(|b| self.backoff(&at.key("backoff"), b));
        if backoff.is_some() && raw.delay.is_some() {
            let problem = self.wrong(
                &at.key("backoff"),
                "a retry class has a `delay` or a `backoff`, not both",
            );
            let help = "a backoff says the delay of every try by itself";
            self.note(problem.label("one too many").help(help));
        }
        let delay = match backoff {
            None => self.law_needed(&at.key("delay"), raw.delay.as_ref()),
            Some(backoff) => Distribution::Deterministic { value: backoff.base },
        };
        model::RetryClass {
            share: self.need(&at.key("share"), raw.share.as_ref(), &SHARE),
            delay,
            backoff,
        }
    }

    fn backoff(&mut self, at: &At, raw: &raw::Backoff) -> model::Backoff {
        let base = self.need(&at.key("base"), raw.base.as_ref(), &POSITIVE_DURATION);
        let cap = self.or(&at.key("cap"), raw.cap.as_ref(), &POSITIVE_DURATION, f64::INFINITY);
        if cap < base {
            let problem = self.wrong(&at.key("cap"), "the cap of this backoff is below its base");
            self.note(
                problem
                    .label("below `base`")
                    .help("no delay could ever be drawn as told"),
            );
        }
        let jitter = self.jitter(&at.key("jitter"), raw.jitter);
        if jitter == Jitter::Decorrelated && !cap.is_finite() {
            let problem = self.wrong(at, "a decorrelated backoff needs a `cap`: its delays grow without end");
            self.note(problem.label("no `cap` inside").help("add `cap: \"60 s\"`"));
        }
        model::Backoff {
            base,
            factor: self.or(&at.key("factor"), raw.factor.as_ref(), &FACTOR, 2.0),
            cap,
            jitter,
        }
    }

    fn jitter(&self, at: &At, raw: Option<raw::Jitter>) -> Jitter {
        match raw {
            Some(raw::Jitter::Full) => Jitter::Full,
            Some(raw::Jitter::Equal) => Jitter::Equal,
            Some(raw::Jitter::Decorrelated) => Jitter::Decorrelated,
            None if self.given(at) => Jitter::None,
            None => Jitter::Full,
        }
    }

    /// Whoever comes back at once for ever would make the clock stand still before a shut door.
    pub(super) fn no_endless_retries(&mut self, list: &At, classes: &[model::RetryClass]) {
        for (i, class) in classes.iter().enumerate() {
            let capped = class.backoff.map_or(class.delay.mean(), |b| b.cap.min(b.ceiling(64)));
            if class.share > 0.0 && capped < AT_ONCE {
                let problem = self.wrong(
                    &list.index(i),
                    "these people knock again at once and for ever: before a shut door no time would pass",
                );
                let help = "add `max_tries: 3` (or a `persistence` below 100 %), or a delay of 1 ms and more";
                self.note(problem.label("no delay and no end").help(help));
            }
        }
    }

    pub(super) fn spreading(&mut self, at: &At, raw: Option<&raw::Spreading>) -> Spreading {
        match raw {
            Some(raw::Spreading::Uniform(over)) => {
                Spreading::Uniform(self.or(&at.key("Uniform"), Some(over), &DURATION, 0.0))
            }
            None if self.given(at) => Spreading::Uniform(0.0),
            None | Some(raw::Spreading::Exponential) => Spreading::Exponential,
        }
    }

    pub(super) fn retry_budget(&mut self, at: &At, raw: &raw::Budget) -> model::RetryBudget {
        match raw {
            raw::Budget::Ratio { share, window, reserve } => model::RetryBudget::Ratio {
                share: self.or(&at.key("share"), share.as_ref(), &SHARE, 0.1),
                window: self.window(&at.key("window"), window.as_ref()),
                reserve: self.or(&at.key("reserve"), reserve.as_ref(), &RATE, 0.0),
            },
            raw::Budget::Tokens {
                tokens,
                cost,
                error_cost,
                earn,
            } => {
                let cost = self.or(&at.key("cost"), cost.as_ref(), &RATIO, 5.0);
                model::RetryBudget::Tokens {
                    tokens: self.need(&at.key("tokens"), tokens.as_ref(), &POSITIVE_HEADS),
                    cost,
                    error_cost: self.or(&at.key("error_cost"), error_cost.as_ref(), &RATIO, ERROR_PRICE * cost),
                    earn: self.or(&at.key("earn"), earn.as_ref(), &RATIO, 1.0),
                }
            }
        }
    }

    pub(super) fn throttle(&mut self, at: &At, raw: &raw::Throttle) -> model::ClientThrottle {
        model::ClientThrottle {
            factor: self.or(&at.key("factor"), raw.factor.as_ref(), &FACTOR, 2.0),
            window: self.window(&at.key("window"), raw.window.as_ref()),
        }
    }

    fn window(&mut self, at: &At, raw: Option<&raw::Scalar>) -> Span {
        Span::from_secs(self.or(at, raw, &POSITIVE_DURATION, WINDOW))
    }

    /// A preset by its name; no grid stands in for one that there is not.
    pub(super) fn preset(&mut self, at: &At, name: &str) -> model::Stagger {
        let Some(grid) = grid(name) else {
            let known: Vec<&str> = GRIDS.iter().map(|grid| grid.key).collect();
            let problem = self.wrong(at, format!("there is no preset `{name}`"));
            self.note(problem.label("not known").help(suggest(name, "presets", &known)));
            return model::Stagger::Grid(Vec::new());
        };
        let run_zone = self.calendar.zone.clone();
        let mut slots = self.grid_in(grid, None, &run_zone);
        for (i, zone) in self.region_zones.clone().iter().enumerate() {
            slots.extend(self.grid_in(grid, Some(RegionId(i as u16)), zone));
        }
        model::Stagger::Grid(slots)
    }

    /// A grid on every day of the run, in one zone.
    fn grid_in(&self, grid: &Grid, region: Option<RegionId>, zone: &TimeZone) -> Vec<model::GridSlot> {
        let start = &self.calendar.start;
        let first = start.with_time_zone(zone.clone()).date();
        let since_start = |day: jiff::civil::Date, (hour, minute): (i8, i8)| {
            let there = day
                .to_datetime(Clock::constant(hour, minute, 0, 0))
                .to_zoned(zone.clone());
            let there = there.ok()?.timestamp().as_second() - start.timestamp().as_second();
            Some(Time::from_secs(there.max(0) as f64))
        };
        let mut found = Vec::new();
        let mut day = first;
        while since_start(day, (0, 0)).is_some_and(|midnight| midnight <= self.end) {
            for (level, from, until) in grid.slots {
                let times = (
                    since_start(day, (0, 0)),
                    since_start(day, *from),
                    since_start(day, *until),
                );
                if let (Some(midnight), Some(from), Some(until)) = times
                    && from < until
                {
                    let slot = Slot {
                        day: midnight,
                        from,
                        until,
                    };
                    found.push(model::GridSlot {
                        region,
                        level: *level,
                        slot,
                    });
                }
            }
            let Ok(next) = day.checked_add(1.day()) else { break };
            day = next;
        }
        found
    }
}
