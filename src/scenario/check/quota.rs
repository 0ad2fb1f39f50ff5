//! Waiting rooms and gates.

use super::quantity::{POSITIVE_DURATION, POSITIVE_MANY_HEADS, SHARE, WORK};
use super::{At, Checker};
use crate::engine::Span;
use crate::scenario::model::{self, RegionId};
use crate::scenario::raw;

impl Checker<'_> {
    /// A gate before a service of a region, whose people a share is taken of.
    pub(super) fn quota(&mut self, at: &At, raw: &raw::Quota, region: Option<RegionId>) -> model::Quota {
        let order = self.order(&at.key("order"), raw.order.as_ref());
        let limits = raw.max_sessions.is_some() || raw.max_share.is_some() || raw.admissions.is_some();
        if !limits {
            let problem = self.wrong(at, "this quota limits nothing").label("no limit inside");
            let help =
                "give `max_sessions: 30000`, `max_share: \"25 %\"` or `admissions: (count: 500, period: \"1 min\")`";
            self.note(problem.help(help));
        }
        model::Quota {
            max_sessions: self.cap(at, raw, region),
            counted_from: match raw.counted_from {
                None | Some(raw::CountedFrom::Admission) => model::CountedFrom::Admission,
                Some(raw::CountedFrom::Login) => model::CountedFrom::Login,
            },
            admissions: raw
                .admissions
                .as_ref()
                .map(|raw| self.admissions(&at.key("admissions"), raw)),
            seat: self.seat(&at.key("seat"), raw.seat.as_ref()),
            order,
            poll: self
                .maybe(&at.key("poll"), raw.poll.as_ref(), &POSITIVE_DURATION)
                .map(Span::from_secs),
            max_length: self.many(&at.key("max_length"), raw.max_length.as_ref()),
            page_work: self.or(&at.key("page_work"), raw.page_work.as_ref(), &WORK, 0.0),
            bypass: raw.bypass.iter().map(|level| super::cohort::level(*level)).collect(),
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

    fn admissions(&mut self, at: &At, raw: &raw::Admissions) -> model::Admissions {
        model::Admissions {
            count: self.need(&at.key("count"), raw.count.as_ref(), &POSITIVE_MANY_HEADS) as u64,
            period: Span::from_secs(self.need(&at.key("period"), raw.period.as_ref(), &POSITIVE_DURATION)),
            window: match raw.window {
                None | Some(raw::Window::Fixed) => model::Window::Fixed,
                Some(raw::Window::Sliding) => model::Window::Sliding,
                Some(raw::Window::TokenBucket) => model::Window::TokenBucket,
                Some(raw::Window::Paced) => model::Window::Paced,
            },
        }
    }

    fn seat(&mut self, at: &At, raw: Option<&raw::Seat>) -> model::SeatRule {
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
