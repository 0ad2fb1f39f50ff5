//! Waiting rooms and gates.

use super::quantity::{POSITIVE_COUNT, POSITIVE_DURATION, POSITIVE_MANY_HEADS, POSITIVE_RATE, RATE, SHARE, WORK};
use super::{At, Checker};
use crate::engine::{Span, Time};
use crate::scenario::model::{self, RegionId};
use crate::scenario::presets::{self, Preset};
use crate::scenario::raw;

impl Checker<'_> {
    /// A gate before a service of a region, whose people a share is taken of.
    pub(super) fn quota(&mut self, at: &At, raw: &raw::Quota, region: Option<RegionId>) -> model::Quota {
        let preset = self.product(at, raw);
        // What is written beside a preset goes before it.
        let base = preset.map(Preset::quota).unwrap_or_default();
        macro_rules! given {
            ($field:ident) => {
                raw.$field.as_ref().or(base.$field.as_ref())
            };
        }
        self.limits_something(at, raw, preset);
        let quota = model::Quota {
            max_sessions: self.cap(at, raw, region),
            counted_from: match given!(counted_from) {
                None | Some(raw::CountedFrom::Admission) => model::CountedFrom::Admission,
                Some(raw::CountedFrom::Login) => model::CountedFrom::Login,
            },
            admissions: raw
                .admissions
                .as_ref()
                .map(|raw| self.admissions(&at.key("admissions"), raw, base.admissions.as_ref())),
            seat: self.seat(&at.key("seat"), given!(seat)),
            order: self.order(&at.key("order"), given!(order)),
            poll: self
                .maybe(&at.key("poll"), given!(poll), &POSITIVE_DURATION)
                .map(Span::from_secs),
            max_length: self.many(&at.key("max_length"), given!(max_length)),
            page_work: self.or(&at.key("page_work"), given!(page_work), &WORK, 0.0),
            bypass: raw.bypass.iter().map(|level| super::cohort::level(*level)).collect(),
            bypass_share: self.or(&at.key("bypass_share"), given!(bypass_share), &SHARE, 0.0),
            reread: self.period(&at.key("reread"), given!(reread)),
            grain: self.period(&at.key("grain"), given!(grain)),
            grace: self.period(&at.key("grace"), given!(grace)),
            no_show: match given!(no_show) {
                None | Some(raw::NoShow::Holds) => model::NoShow::Holds,
                Some(raw::NoShow::Blocks) => model::NoShow::Blocks,
                Some(raw::NoShow::Returned) => model::NoShow::Returned,
                Some(raw::NoShow::Wasted) => model::NoShow::Wasted,
            },
            phantoms: self.or(&at.key("phantoms"), given!(phantoms), &RATE, 0.0),
            prequeue: raw.prequeue.as_ref().map(|raw| self.prequeue(&at.key("prequeue"), raw)),
            sites: raw.sites.as_ref().map(|raw| self.sites(&at.key("sites"), raw)),
            pass: self.period(&at.key("pass"), given!(pass)),
            capacity: self.maybe(&at.key("capacity"), given!(capacity), &POSITIVE_RATE),
        };
        self.room_makes_sense(at, raw, &quota);
        quota
    }

    fn period(&mut self, at: &At, raw: Option<&raw::Scalar>) -> Option<Span> {
        self.maybe(at, raw, &POSITIVE_DURATION).map(Span::from_secs)
    }

    fn product(&mut self, at: &At, raw: &raw::Quota) -> Option<&'static Preset> {
        let name = raw.preset.as_ref()?;
        let found = presets::named(name);
        if found.is_none() {
            let names: Vec<&str> = presets::ALL.iter().map(|preset| preset.name).collect();
            let problem = self.wrong(&at.key("preset"), format!("there is no preset `{name}`"));
            let help = crate::scenario::suggest(name, "preset", &names);
            self.note(problem.label("not a preset of a room").help(help));
        }
        found
    }

    fn limits_something(&mut self, at: &At, raw: &raw::Quota, preset: Option<&Preset>) {
        let capped = raw.max_sessions.is_some() || raw.max_share.is_some();
        for need in preset.into_iter().flat_map(|preset| preset.needs) {
            let there = match *need {
                "max_sessions" => capped,
                _ => raw.admissions.is_some(),
            };
            if !there {
                let name = preset.map_or("", |preset| preset.name);
                let problem = self.wrong(at, format!("the preset `{name}` has no number of its own for `{need}`"));
                let example = match *need {
                    "max_sessions" => "`max_sessions: 30000` or `max_share: \"25 %\"`",
                    _ => "`admissions: (count: 500)`",
                };
                let problem = problem.label(format!("needs `{need}`"));
                self.note(problem.help(format!("add {example}")));
            }
        }
        if preset.is_none() && !capped && raw.admissions.is_none() && raw.prequeue.is_none() {
            let problem = self.wrong(at, "this quota limits nothing").label("no limit inside");
            let help =
                "give `max_sessions: 30000`, `max_share: \"25 %\"` or `admissions: (count: 500, period: \"1 min\")`";
            self.note(problem.help(help));
        }
    }

    /// Settings that say something about people in a room where nobody can be.
    fn room_makes_sense(&mut self, at: &At, raw: &raw::Quota, quota: &model::Quota) {
        let nobody_waits = matches!(quota.order, model::Order::Reject | model::Order::Passthrough);
        let of_waiting = [
            ("grace", raw.grace.is_some()),
            ("phantoms", quota.phantoms > 0.0),
            ("prequeue", raw.prequeue.is_some()),
        ];
        for (field, given) in of_waiting {
            if given && nobody_waits {
                let problem = self.wrong(&at.key(field), format!("`{field}` in a gate where nobody waits"));
                let help = "give an order that has a queue, `order: Fifo()`, or leave it out";
                self.note(problem.label("needs a queue").help(help));
            }
        }
        let kept = [("no_show", raw.no_show.is_some()), ("phantoms", quota.phantoms > 0.0)];
        for (field, given) in kept {
            if given && quota.grace.is_none() {
                let problem = self.wrong(&at.key(field), format!("`{field}` where no place is kept"));
                let help = "say how long the place of somebody who has left is kept: `grace: \"5 min\"`";
                self.note(problem.label("needs `grace`").help(help));
            }
        }
        let ranks = matches!(quota.order, model::Order::Fifo { .. });
        if quota.prequeue.is_some_and(|p| p.shuffle) && !ranks && !nobody_waits {
            let prequeue = at.key("prequeue");
            let problem = self.wrong(
                &prequeue.key("shuffle"),
                "a shuffle in a line that is not first come first served",
            );
            let help = "give `order: Fifo()`, or leave `shuffle` out";
            self.note(problem.label("needs `order: Fifo`").help(help));
        }
        if quota.capacity.is_some() && quota.page_work > 0.0 {
            let title = "pages are the work of the room's own servers or of the service behind, not of both";
            let problem = self.wrong(&at.key("page_work"), title);
            self.note(problem.label("together with `capacity`").help("keep one of the two"));
        }
    }

    fn prequeue(&mut self, at: &At, raw: &raw::Prequeue) -> model::Prequeue {
        let zone = self.calendar.zone.clone();
        let mut instant = |key: &str, raw: Option<&raw::Scalar>| {
            let at = at.key(key);
            if raw.is_none() {
                self.missing(&at, "a time", "\"07:30\"");
            }
            self.instant(&at, raw, &zone)
        };
        let (from, until) = (instant("from", raw.from.as_ref()), instant("until", raw.until.as_ref()));
        if let (Some(from), Some(until)) = (from, until)
            && until <= from
        {
            let problem = self.wrong(&at.key("until"), "the prequeue ends before it begins");
            self.note(problem.label("not after `from`").help("give a later time"));
        }
        model::Prequeue {
            from: from.unwrap_or(Time::ZERO),
            until: until.unwrap_or(Time::ZERO),
            shuffle: raw.shuffle.unwrap_or(false),
        }
    }

    fn sites(&mut self, at: &At, raw: &raw::Sites) -> model::Sites {
        let count = self.need(&at.key("count"), raw.count.as_ref(), &POSITIVE_COUNT);
        if count > 1000.0 {
            let problem = self.wrong(&at.key("count"), format!("{count} sites are surely a slip"));
            self.note(problem.label("too many").help("write at most 1000"));
        }
        model::Sites {
            count: count.min(1000.0) as u16,
            lag: Span::from_secs(self.need(&at.key("lag"), raw.lag.as_ref(), &POSITIVE_DURATION)),
        }
    }

    fn cap(&mut self, at: &At, raw: &raw::Quota, region: Option<RegionId>) -> Option<u64> {
        let sessions = self.many(&at.key("max_sessions"), raw.max_sessions.as_ref());
        let at_share = at.key("max_share");
        let share = self.maybe(&at_share, raw.max_share.as_ref(), &SHARE);
        if raw.max_sessions.is_some() && raw.max_share.is_some() {
            let problem = self.wrong(&at_share, "`max_share` and `max_sessions` say the same thing twice");
            self.note(problem.label("one too many").help("keep one"));
        }
        let Some(share) = share else { return sessions };
        let accounts = region.map(|region| self.accounts[region.index()]);
        match accounts {
            Some(accounts) if accounts > 0.0 => Some(self.sized_cap(&at_share, share * accounts)),
            Some(_) => {
                let problem = self.wrong(&at_share, "a share of the accounts of a region where nobody lives");
                self.note(
                    problem
                        .label("nobody")
                        .help("give `max_sessions`, or cohorts of this region their `people`"),
                );
                None
            }
            None => {
                let problem = self.wrong(
                    &at_share,
                    "a share of the accounts of a service that belongs to no region",
                );
                self.note(
                    problem
                        .label("of which accounts?")
                        .help("give the service a `region`, or say `max_sessions`"),
                );
                None
            }
        }
    }

    fn admissions(&mut self, at: &At, raw: &raw::Admissions, base: Option<&raw::Admissions>) -> model::Admissions {
        let period = raw.period.as_ref().or(base.and_then(|base| base.period.as_ref()));
        model::Admissions {
            count: self.need(&at.key("count"), raw.count.as_ref(), &POSITIVE_MANY_HEADS) as u64,
            period: Span::from_secs(self.need(&at.key("period"), period, &POSITIVE_DURATION)),
            window: match raw.window.or(base.and_then(|base| base.window)) {
                None | Some(raw::Window::Fixed) => model::Window::Fixed,
                Some(raw::Window::Sliding) => model::Window::Sliding,
                Some(raw::Window::TokenBucket) => model::Window::TokenBucket,
                Some(raw::Window::Paced) => model::Window::Paced,
                Some(raw::Window::Counter) => model::Window::Counter,
            },
        }
    }

    pub(super) fn seat(&mut self, at: &At, raw: Option<&raw::Seat>) -> model::SeatRule {
        match raw {
            None | Some(raw::Seat::OnExit) => model::SeatRule::OnExit,
            Some(raw::Seat::Sliding { idle, logout_share }) => model::SeatRule::Sliding {
                idle: self.need_span(&at.key("idle"), idle.as_ref()),
                logout_share: self.or(&at.key("logout_share"), logout_share.as_ref(), &SHARE, 0.0),
            },
            Some(raw::Seat::Fixed { length, logout_share }) => model::SeatRule::Fixed {
                length: Span::from_secs(self.need(&at.key("length"), length.as_ref(), &POSITIVE_DURATION)),
                logout_share: self.or(&at.key("logout_share"), logout_share.as_ref(), &SHARE, 0.0),
            },
        }
    }

    fn order(&mut self, at: &At, raw: Option<&raw::Order>) -> model::Order {
        match raw {
            None | Some(raw::Order::Reject) => model::Order::Reject,
            Some(raw::Order::Fifo { bucket }) => model::Order::Fifo {
                bucket: self.span(&at.key("bucket"), bucket.as_ref()).unwrap_or(Span::ZERO),
            },
            Some(raw::Order::Lottery) => model::Order::Lottery,
            Some(raw::Order::Priority { ageing }) => {
                let ageing = self.maybe(&at.key("ageing"), ageing.as_ref(), &POSITIVE_DURATION);
                model::Order::Priority {
                    ageing: ageing.map(Span::from_secs),
                }
            }
            Some(raw::Order::Passthrough) => model::Order::Passthrough,
        }
    }
}
