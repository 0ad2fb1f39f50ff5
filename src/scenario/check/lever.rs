//! Levers that watch, and capacity that comes later than it is ordered.

use super::names::Noun;
use super::quantity::{
    CORES, DURATION, Dimension, FACTOR, HEADS, POSITIVE_COUNT, POSITIVE_DURATION, POSITIVE_HEADS, POSITIVE_RATIO, RATE,
    RATE_OF_ONE, SHARE,
};
use super::{At, Checker};
use crate::engine::{Distribution, Span};
use crate::scenario::model::{self, Act, LimitLaw, ServiceId, SignalKind};
use crate::scenario::raw::{self, Scalar};

/// A virtual machine boots in one to three minutes (docs/levers.md).
const BOOT: Distribution = Distribution::Uniform { low: 60.0, high: 180.0 };
/// And is warm after two to five more: the middle.
const WARM_UP: f64 = 210.0;
/// Connections are drained for five minutes by default behind the balancers of AWS (deregistration delay).
const DRAIN: f64 = 300.0;

impl Checker<'_> {
    /// The new levers; those that were there first are in [`super::policy`].
    pub(super) fn lever(&mut self, at: &At, raw: &raw::Act) -> Option<Act> {
        use raw::Act as Raw;
        Some(match raw {
            Raw::Restore { services } => Act::Restore {
                services: self.services_of(at, services.as_ref()),
            },
            Raw::PreWarm {
                services,
                factor,
                delivery,
                lasting,
            } => Act::PreWarm {
                services: self.services_with_cores(at, services.as_ref()),
                factor: self.need(&at.key("factor"), factor.as_ref(), &FACTOR),
                delivery: self.delivery(&at.key("delivery"), delivery.as_deref()),
                lasting: self.span(&at.key("lasting"), lasting.as_ref()),
            },
            Raw::Autoscale { services, .. } => Act::Autoscale {
                services: self.services_with_cores(at, services.as_ref()),
                how: Box::new(self.autoscale(at, raw)?),
            },
            Raw::Failover {
                services,
                to,
                detection,
                takes,
                factor,
                standby,
                back,
            } => Act::Failover {
                services: self.services_with_cores(at, services.as_ref()),
                how: Box::new(model::Failover {
                    to: model::HostId(self.find_needed(&at.key("to"), Noun::Host, to.as_ref())),
                    detection: self.law_needed(&at.key("detection"), detection.as_deref()),
                    takes: self.law_needed(&at.key("takes"), takes.as_deref()),
                    factor: self.or(&at.key("factor"), factor.as_ref(), &POSITIVE_RATIO, 1.0),
                    standby: self.or(&at.key("standby"), standby.as_ref(), &SHARE, 0.0),
                    back: Span::from_secs(self.or(&at.key("back"), back.as_ref(), &DURATION, 0.0)),
                }),
            },
            Raw::Triggered { .. } => self.triggered(at, raw)?,
            Raw::ShedByLoad { services, steps, look } => Act::ShedByLoad {
                services: self.services_of(at, services.as_ref()),
                how: model::ShedByLoad {
                    steps: self.shed_steps(&at.key("steps"), steps.as_deref().unwrap_or_default()),
                    look: self.look(at, look.as_ref()),
                },
            },
            Raw::ConcurrencyLimit { services, limit } => {
                self.say_none(&at.key("limit"), "(law: Gradient2(max: 2000))");
                Act::ConcurrencyLimit {
                    services: self.services_of(at, services.as_ref()),
                    limit: limit.as_deref().map(|raw| self.limit(&at.key("limit"), raw)),
                }
            }
            Raw::PerClientLimit { services, each } => {
                self.say_none(&at.key("each"), "(rate: \"5 /min\", burst: 10)");
                Act::PerClientLimit {
                    services: self.services_of(at, services.as_ref()),
                    limit: each.as_ref().map(|raw| {
                        let at = at.key("each");
                        model::PerClient {
                            rate: self.need(&at.key("rate"), raw.rate.as_ref(), &RATE_OF_ONE),
                            burst: self.or(&at.key("burst"), raw.burst.as_ref(), &POSITIVE_COUNT, 1.0),
                            penalty: Span::from_secs(self.or(&at.key("penalty"), raw.penalty.as_ref(), &DURATION, 0.0)),
                        }
                    }),
                }
            }
            _ => return None,
        })
    }

    /// A lever on cores needs services that have some.
    fn services_with_cores(&mut self, at: &At, words: Option<&Vec<String>>) -> Vec<ServiceId> {
        let found = self.services_of(at, words);
        let endless = found.iter().find(|s| self.endless.contains(&s.0)).copied();
        if let Some(service) = endless {
            let key = self.names.of(Noun::Service)[service.index()].to_owned();
            let problem = self.wrong(&at.key("services"), format!("`{key}` has cores without end"));
            self.note(
                problem
                    .label("nothing to add to")
                    .help("give its station `cores`, or leave it out here"),
            );
        }
        found
    }

    fn look(&mut self, at: &At, raw: Option<&Scalar>) -> Span {
        Span::from_secs(self.or(&at.key("look"), raw, &POSITIVE_DURATION, 60.0))
    }

    fn autoscale(&mut self, at: &At, raw: &raw::Act) -> Option<model::Autoscale> {
        let raw::Act::Autoscale {
            signal,
            look,
            step,
            delivery,
            cooldown,
            ceiling,
            floor,
            ..
        } = raw
        else {
            return None;
        };
        let floor = self.or(&at.key("floor"), floor.as_ref(), &POSITIVE_RATIO, 1.0);
        let top = self.need(&at.key("ceiling"), ceiling.as_ref(), &FACTOR);
        if floor > 1.0 {
            let problem = self.wrong(&at.key("floor"), "the floor is above the cores the model gives");
            let help = "`floor` is a factor on them, at most 1: use `PreWarm` or `ScaleCapacity` to begin with more";
            self.note(problem.label("above 1").help(help));
        }
        let before = self.problems.len();
        let signal = self.signal(&at.key("signal"), signal.as_deref());
        Some(model::Autoscale {
            signal,
            look: self.look(at, look.as_ref()),
            step: match step.as_deref() {
                Some(raw::Step::Cores(cores)) => model::Step::Cores(self.need(&at.key("step"), Some(cores), &CORES)),
                Some(raw::Step::Share(share)) => {
                    let share = self.need(&at.key("step"), Some(share), &super::quantity::ADDED_SHARE);
                    model::Step::Share(share)
                }
                Some(raw::Step::Track(target)) => {
                    let target = self.need(&at.key("step"), Some(target), &SHARE);
                    if self.problems.len() == before {
                        self.target_within(&at.key("step"), target, &signal);
                    }
                    model::Step::Track(target)
                }
                None => {
                    self.missing(&at.key("step"), "how much at once", "Share(\"20 %\")");
                    model::Step::Share(1.0)
                }
            },
            delivery: self.delivery(&at.key("delivery"), delivery.as_deref()),
            cooldown: Span::from_secs(self.or(&at.key("cooldown"), cooldown.as_ref(), &DURATION, 300.0)),
            ceiling: top,
            floor,
        })
    }

    /// A target is one of the load, and lies between the thresholds within which nothing is done.
    fn target_within(&mut self, at: &At, target: f64, signal: &model::Signal) {
        let problem = if signal.kind != SignalKind::Utilisation {
            self.wrong(
                at,
                format!("`Track` follows the utilisation, not the {}", signal.kind.name()),
            )
            .label("needs `Utilisation(…)` as its signal")
        } else if target <= 0.0 || target < signal.below || target > signal.above {
            self.wrong(at, "the target is not between the two thresholds of the signal")
                .label("outside them")
        } else {
            return;
        };
        let help = "for a target of 60 % borne within a tenth: `signal: Utilisation(above: \"66 %\", below: \"54 %\"), step: Track(\"60 %\")`";
        self.note(problem.help(help));
    }

    fn delivery(&mut self, at: &At, raw: Option<&raw::Delivery>) -> model::Delivery {
        let left_out = raw::Delivery::default();
        let raw = raw.unwrap_or(&left_out);
        model::Delivery {
            boot: self.law_maybe(&at.key("boot"), raw.boot.as_ref()).unwrap_or(BOOT),
            warm_up: Span::from_secs(self.or(&at.key("warm_up"), raw.warm_up.as_ref(), &DURATION, WARM_UP)),
            warm_speed: self.or(&at.key("warm_speed"), raw.warm_speed.as_ref(), &SHARE, 0.5),
            drain: Span::from_secs(self.or(&at.key("drain"), raw.drain.as_ref(), &DURATION, DRAIN)),
        }
    }

    pub(super) fn signal(&mut self, at: &At, raw: Option<&raw::Signal>) -> model::Signal {
        use raw::Signal as Raw;
        let Some(raw) = raw else {
            let example = "Utilisation(above: \"80 %\", below: \"40 %\")";
            self.missing(at, "what is looked at", example);
            return model::Signal {
                kind: SignalKind::Utilisation,
                above: 1.0,
                below: 0.0,
            };
        };
        let (kind, above, below, dimension): (_, _, _, &Dimension) = match raw {
            Raw::Utilisation { above, below } => (SignalKind::Utilisation, above, below, &SHARE),
            Raw::PageLatency { above, below } => (SignalKind::PageLatency, above, below, &DURATION),
            Raw::Backlog { above, below } => (SignalKind::Backlog, above, below, &HEADS),
            Raw::Waiting { above, below } => (SignalKind::Waiting, above, below, &HEADS),
            Raw::Refused { above, below } => (SignalKind::Refused, above, below, &RATE),
            Raw::LinkLoss { above, below } => (SignalKind::LinkLoss, above, below, &SHARE),
        };
        let before = self.problems.len();
        let signal = model::Signal {
            kind,
            above: self.need(&at.key("above"), above.as_ref(), dimension),
            below: self.need(&at.key("below"), below.as_ref(), dimension),
        };
        self.apart(&at.key("below"), before, signal.above, signal.below);
        signal
    }

    /// Between two equal thresholds a lever would swing at every look.
    fn apart(&mut self, at: &At, before: usize, above: f64, below: f64) {
        if self.problems.len() == before && below > above {
            let problem = self.wrong(at, "`below` is above `above`");
            let help = "high is above `above`, low is below `below`, and between them nothing changes";
            self.note(problem.label("too high").help(help));
        }
    }

    fn shed_steps(&mut self, list: &At, raw: &[raw::ShedStep]) -> Vec<model::ShedStep> {
        if raw.is_empty() {
            let example = "[(who: (levels: [parent]), above: \"85 %\", below: \"70 %\")]";
            self.missing(list, "who is shed, and when", example);
        }
        let mut steps: Vec<model::ShedStep> = Vec::new();
        for (i, raw) in raw.iter().enumerate() {
            let at = list.index(i);
            let before = self.problems.len();
            let step = model::ShedStep {
                who: self.who(&at.key("who"), raw.who.as_ref()),
                above: self.need(&at.key("above"), raw.above.as_ref(), &SHARE),
                below: self.need(&at.key("below"), raw.below.as_ref(), &SHARE),
            };
            self.apart(&at.key("below"), before, step.above, step.below);
            if steps.last().is_some_and(|last| last.above > step.above) {
                let problem = self.wrong(&at.key("above"), "this step comes before the one above it");
                self.note(
                    problem
                        .label("lower")
                        .help("steps go up: who is shed first is named first"),
                );
            }
            steps.push(step);
        }
        steps
    }

    /// One entry for each watched service. An act without `services` is done where the signal is.
    fn triggered(&mut self, at: &At, raw: &raw::Act) -> Option<Act> {
        let raw::Act::Triggered {
            services,
            signal,
            lasting,
            look,
            act,
            undo,
        } = raw
        else {
            return None;
        };
        let watched = self.services_of(at, services.as_ref());
        if act.is_none() {
            let example = "Degrade(work: \"60 %\", value: \"90 %\")";
            self.missing(&at.key("act"), "the lever that is pulled", example);
        }
        let mut on = Vec::new();
        for service in watched {
            let before = self.problems.len();
            let outer = self.here.replace(service);
            let mut acts = |name: &str, raw: &Option<Box<raw::Act>>| match raw {
                Some(raw) => self.acts_of(&at.key(name), raw),
                None => Vec::new(),
            };
            let entry = (service, acts("act", act), acts("undo", undo));
            self.here = outer;
            on.push(entry);
            if self.problems.len() > before {
                // The next service would show the same error again.
                break;
            }
        }
        Some(Act::Triggered(Box::new(model::Triggered {
            signal: self.signal(&at.key("signal"), signal.as_deref()),
            lasting: Span::from_secs(self.or(&at.key("lasting"), lasting.as_ref(), &DURATION, 0.0)),
            look: self.look(at, look.as_ref()),
            on,
        })))
    }

    fn limit(&mut self, at: &At, raw: &raw::Limit) -> model::LimitSpec {
        model::LimitSpec {
            window: Span::from_secs(self.or(&at.key("window"), raw.window.as_ref(), &DURATION, 1.0)),
            law: match &raw.law {
                Some(law) => self.limit_law(&at.key("law"), law),
                None => {
                    self.missing(&at.key("law"), "how the limit moves", "Gradient2(max: 2000)");
                    LimitLaw::Aimd {
                        initial: 1.0,
                        min: 1.0,
                        max: 1.0,
                        backoff: 0.9,
                        timeout: 5.0,
                    }
                }
            },
        }
    }

    /// Defaults are those of the products: see `queueing::AdaptiveLimit`.
    fn limit_law(&mut self, at: &At, raw: &raw::LimitLaw) -> LimitLaw {
        use raw::LimitLaw as Raw;
        let heads = &POSITIVE_HEADS;
        let law = match raw {
            Raw::Gradient2 {
                initial,
                min,
                max,
                queue,
                tolerance,
                smoothing,
                long_window,
            } => LimitLaw::Gradient2 {
                initial: self.or(&at.key("initial"), initial.as_ref(), heads, 20.0),
                min: self.or(&at.key("min"), min.as_ref(), heads, 20.0),
                max: self.or(&at.key("max"), max.as_ref(), heads, 200.0),
                queue: self.or(&at.key("queue"), queue.as_ref(), heads, 4.0),
                tolerance: self.or(&at.key("tolerance"), tolerance.as_ref(), &FACTOR, 1.5),
                smoothing: self.or(&at.key("smoothing"), smoothing.as_ref(), &SHARE, 0.2),
                long_window: self.or(&at.key("long_window"), long_window.as_ref(), &POSITIVE_COUNT, 600.0),
            },
            Raw::Vegas {
                initial,
                max,
                smoothing,
                probe,
            } => LimitLaw::Vegas {
                initial: self.or(&at.key("initial"), initial.as_ref(), heads, 20.0),
                max: self.or(&at.key("max"), max.as_ref(), heads, 1000.0),
                smoothing: self.or(&at.key("smoothing"), smoothing.as_ref(), &SHARE, 1.0),
                probe: self.or(&at.key("probe"), probe.as_ref(), &POSITIVE_COUNT, 30.0),
            },
            Raw::Aimd {
                initial,
                min,
                max,
                backoff,
                timeout,
            } => LimitLaw::Aimd {
                initial: self.or(&at.key("initial"), initial.as_ref(), heads, 20.0),
                min: self.or(&at.key("min"), min.as_ref(), heads, 20.0),
                max: self.or(&at.key("max"), max.as_ref(), heads, 200.0),
                backoff: self.or(&at.key("backoff"), backoff.as_ref(), &SHARE, 0.9),
                timeout: self.or(&at.key("timeout"), timeout.as_ref(), &POSITIVE_DURATION, 5.0),
            },
            Raw::Envoy {
                min,
                max,
                buffer,
                update,
                quantile,
                interval,
                jitter,
                requests,
            } => {
                let mut span = |name: &str, raw: &Option<Scalar>, default: f64| {
                    Span::from_secs(self.or(&at.key(name), raw.as_ref(), &POSITIVE_DURATION, default))
                };
                let (update, interval) = (span("update", update, 0.1), span("interval", interval, 60.0));
                LimitLaw::Envoy {
                    min: self.or(&at.key("min"), min.as_ref(), heads, 3.0),
                    max: self.or(&at.key("max"), max.as_ref(), heads, 1000.0),
                    buffer: self.or(&at.key("buffer"), buffer.as_ref(), &SHARE, 0.25),
                    update,
                    quantile: self.or(&at.key("quantile"), quantile.as_ref(), &SHARE, 0.5),
                    interval,
                    jitter: self.or(&at.key("jitter"), jitter.as_ref(), &SHARE, 0.15),
                    requests: self.or(&at.key("requests"), requests.as_ref(), &POSITIVE_COUNT, 50.0) as u32,
                }
            }
        };
        self.limit_has_room(at, law);
        law
    }

    /// Whether a limit's first value lies between its least and its most.
    fn limit_has_room(&mut self, at: &At, law: LimitLaw) {
        let (least, first, most) = match law {
            LimitLaw::Gradient2 { min, initial, max, .. } | LimitLaw::Aimd { min, initial, max, .. } => {
                (min, initial, max)
            }
            LimitLaw::Envoy { min, max, .. } => (min, min, max),
            LimitLaw::Vegas { initial, max, .. } => (1.0, initial, max),
        };
        let (problem, label, help) = if least > most {
            (
                format!("this limit is at least {least} and at most {most}"),
                "`max` is too low",
                "raise `max` or write a lower `min`",
            )
        } else if first > most {
            (
                format!("this limit begins at {first} and is at most {most}"),
                "`max` is too low",
                "raise `max` or write a lower `initial`",
            )
        } else if first < least {
            (
                format!("this limit begins at {first} and is at least {least}"),
                "`initial` is too low",
                "raise `initial` or write a lower `min`",
            )
        } else {
            return;
        };
        let problem = self.wrong(at, problem);
        self.note(problem.label(label).help(help));
    }
}
