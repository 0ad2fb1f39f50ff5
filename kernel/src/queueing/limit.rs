//! Adaptive limits on logins in service, by the published laws of Netflix and Envoy.
//!
//! A limit is told the round-trip time of every login that is done, from its thread to its answer, and answers how many
//! may be in service. Netflix's laws see windows of samples (`WindowedLimit`: a second and at least ten samples, their
//! mean, the most in service, whether any was dropped); Envoy's has windows of its own.
//!
//! Sources: Netflix/concurrency-limits as of its releases since May 2019 (pull requests 114 and 125), `Gradient2Limit`,
//! `VegasLimit`, `AIMDLimit`, `ExpAvgMeasurement`, `Log10RootIntFunction`, `WindowedLimit`; envoyproxy/envoy,
//! `gradient_controller.cc`. Both Apache 2.0; the rules and constants are theirs, the code is not.

use crate::engine::{Draw, Span, Time};
use crate::scenario::model::{LimitLaw, LimitSpec};

/// Samples a window must hold (`WindowedLimit`).
const READY: u32 = 10;
/// Samples of the long average that are averaged plainly (`Gradient2Limit`).
const PLAIN: u32 = 10;
/// What is left of the long average when it is more than twice the last time (`Gradient2Limit`).
const FASTER: f64 = 0.95;
/// Windows at the least limit after which Envoy measures anew.
const STUCK: u32 = 5;

/// An adaptive limit in motion.
#[derive(Clone, Debug)]
pub struct AdaptiveLimit {
    spec: LimitSpec,
    limit: f64,
    window: Window,
    state: State,
    draw: Draw,
}

#[derive(Clone, Copy, Debug, Default)]
struct Window {
    ends: Time,
    samples: u32,
    sum: f64,
    most: u32,
    dropped: bool,
}

#[derive(Clone, Debug)]
enum State {
    Gradient2 { long: f64, sum: f64, count: u32 },
    Vegas { least: f64, probes: u32, jitter: f64 },
    Aimd,
    Envoy(Envoy),
}

#[derive(Clone, Debug)]
struct Envoy {
    samples: Vec<f64>,
    least: f64,
    /// Since when `minRTT` is measured, and the limit before.
    measuring: Option<(Time, f64)>,
    updates: Time,
    measures: Time,
    at_min: u32,
}

impl AdaptiveLimit {
    /// A limit at its first value. `draw` is for the jitter of probes.
    pub fn new(spec: LimitSpec, now: Time, mut draw: Draw) -> Self {
        let (limit, state) = match spec.law {
            LimitLaw::Gradient2 { initial, .. } => (
                initial,
                State::Gradient2 {
                    long: 0.0,
                    sum: 0.0,
                    count: 0,
                },
            ),
            LimitLaw::Vegas { initial, .. } => (
                initial,
                State::Vegas {
                    least: 0.0,
                    probes: 0,
                    jitter: probe_jitter(&mut draw),
                },
            ),
            LimitLaw::Aimd { initial, .. } => (initial, State::Aimd),
            LimitLaw::Envoy { min, update, .. } => (
                min,
                State::Envoy(Envoy {
                    samples: Vec::with_capacity(64),
                    least: 0.0,
                    measuring: Some((now, min)),
                    updates: now + update,
                    measures: Time::MAX,
                    at_min: 0,
                }),
            ),
        };
        let window = Window {
            ends: now + spec.window,
            ..Window::default()
        };
        AdaptiveLimit {
            spec,
            limit,
            window,
            state,
            draw,
        }
    }

    /// Logins that may be in service.
    pub fn limit(&self) -> u32 {
        self.limit as u32
    }

    /// A login is done at `now`, `rtt` after it got its thread, with `inflight` in service (itself included); `dropped`:
    /// its client had left. Answers the limit.
    pub fn sample(&mut self, now: Time, rtt: Span, inflight: u32, dropped: bool) -> u32 {
        if let (LimitLaw::Envoy { .. }, State::Envoy(state)) = (self.spec.law, &mut self.state) {
            state.sample(self.spec.law, &mut self.limit, now, rtt, &mut self.draw);
            return self.limit();
        }
        if self.spec.window.0 == 0 {
            self.update(rtt.as_secs(), inflight, dropped);
            return self.limit();
        }
        let w = &mut self.window;
        w.samples += 1;
        w.sum += rtt.as_secs();
        w.most = w.most.max(inflight);
        w.dropped |= dropped;
        if now > w.ends {
            let full = std::mem::take(w);
            w.ends = now + self.spec.window;
            if full.samples >= READY {
                self.update(full.sum / f64::from(full.samples), full.most, full.dropped);
            }
        }
        self.limit()
    }

    /// One step of a law of Netflix.
    fn update(&mut self, rtt: f64, inflight: u32, dropped: bool) {
        let inflight = f64::from(inflight);
        match (self.spec.law, &mut self.state) {
            (
                LimitLaw::Gradient2 {
                    min,
                    max,
                    queue,
                    tolerance,
                    smoothing,
                    long_window,
                    ..
                },
                State::Gradient2 { long, sum, count },
            ) => {
                if *count < PLAIN {
                    *count += 1;
                    *sum += rtt;
                    *long = *sum / f64::from(*count);
                } else {
                    let factor = 2.0 / (long_window + 1.0);
                    *long = *long * (1.0 - factor) + rtt * factor;
                }
                let seen = *long;
                // Back to normal after a long overload: the long average follows faster.
                if seen / rtt > 2.0 {
                    *long *= FASTER;
                }
                if inflight < self.limit / 2.0 {
                    return;
                }
                let gradient = (tolerance * seen / rtt).clamp(0.5, 1.0);
                let wanted = self.limit * gradient + queue;
                let next = self.limit * (1.0 - smoothing) + wanted * smoothing;
                self.limit = next.min(max).max(min);
            }
            (
                LimitLaw::Vegas {
                    max, smoothing, probe, ..
                },
                State::Vegas { least, probes, jitter },
            ) => {
                *probes += 1;
                if *jitter * probe * self.limit <= f64::from(*probes) {
                    *jitter = probe_jitter(&mut self.draw);
                    *probes = 0;
                    *least = rtt;
                } else if *least == 0.0 || rtt < *least {
                    *least = rtt;
                } else if let Some(next) = vegas(self.limit, *least / rtt, inflight, dropped) {
                    let next = next.min(max).max(1.0);
                    self.limit = (1.0 - smoothing) * self.limit + smoothing * next;
                }
            }
            (
                LimitLaw::Aimd {
                    min,
                    max,
                    backoff,
                    timeout,
                    ..
                },
                _,
            ) => {
                let whole = self.limit.trunc();
                let next = if dropped || rtt > timeout {
                    (whole * backoff).trunc()
                } else if inflight * 2.0 >= whole {
                    whole + 1.0
                } else {
                    whole
                };
                self.limit = next.max(min).min(max);
            }
            _ => {}
        }
    }
}

/// The next limit of Vegas before bounds and smoothing; none: as it is. `ratio` is `RTT₀/RTT`.
fn vegas(limit: f64, ratio: f64, inflight: f64, dropped: bool) -> Option<f64> {
    let unit = log10(limit);
    let queue = (limit * (1.0 - ratio)).ceil();
    if dropped {
        Some(limit - unit)
    } else if inflight * 2.0 < limit {
        None
    } else if queue <= unit {
        Some(limit + 6.0 * unit)
    } else if queue < 3.0 * unit {
        Some(limit + unit)
    } else if queue > 6.0 * unit {
        Some(limit - unit)
    } else {
        None
    }
}

/// `Log10RootIntFunction`: the whole part of the common logarithm, at least 1. (A square root from 1000 on was a mistake of
/// theirs until pull request 96 of January 2019.)
fn log10(limit: f64) -> f64 {
    libm::log10(limit.trunc()).trunc().max(1.0)
}

fn probe_jitter(draw: &mut Draw) -> f64 {
    0.5 + 0.5 * draw.uniform()
}

impl Envoy {
    fn sample(&mut self, law: LimitLaw, limit: &mut f64, now: Time, rtt: Span, draw: &mut Draw) {
        let LimitLaw::Envoy {
            min,
            update,
            quantile,
            interval,
            jitter,
            requests,
            ..
        } = law
        else {
            return;
        };
        self.timers_ring(law, limit, now);
        let Some((since, before)) = self.measuring else {
            self.samples.push(rtt.as_secs());
            return;
        };
        debug_assert!(*limit == min);
        if rtt.0 > (now - since).0 {
            // It began before the measurement.
            return;
        }
        self.samples.push(rtt.as_secs());
        if self.samples.len() >= requests as usize {
            self.least = self.take_quantile(quantile);
            self.measuring = None;
            self.at_min = 0;
            *limit = before;
            self.measures = now + interval * (1.0 + jitter * draw.uniform());
            self.updates = now + update;
        }
    }

    /// What timers did since the last login was done: one ends a window of samples, another begins a measurement, the earlier
    /// one first. A window without a sample changes nothing.
    fn timers_ring(&mut self, law: LimitLaw, limit: &mut f64, now: Time) {
        let LimitLaw::Envoy {
            min,
            max,
            buffer,
            update,
            quantile,
            ..
        } = law
        else {
            return;
        };
        if self.measuring.is_some() {
            return;
        }
        if now >= self.updates && self.updates <= self.measures {
            let every = update.0.max(1);
            let windows = (now - self.updates).0 / every + 1;
            self.updates += Span(windows * every);
            if !self.samples.is_empty() {
                let sample = self.take_quantile(quantile);
                let next = envoy(*limit, (1.0 + buffer) * self.least / sample).min(max).max(min);
                let stuck = *limit == min && next == min;
                self.at_min = if stuck { self.at_min + 1 } else { 0 };
                *limit = next;
                if self.at_min >= STUCK {
                    self.measures = now;
                }
            }
        }
        if now >= self.measures {
            self.measuring = Some((now, *limit));
            *limit = min;
            self.samples.clear();
        }
    }

    fn take_quantile(&mut self, quantile: f64) -> f64 {
        self.samples.sort_unstable_by(f64::total_cmp);
        let last = self.samples.len() - 1;
        let value = self.samples[(quantile * last as f64) as usize];
        self.samples.clear();
        value
    }
}

/// Envoy's next limit before its bounds, whole.
fn envoy(limit: f64, gradient: f64) -> f64 {
    let scaled = limit * gradient.clamp(0.5, 2.0);
    (scaled + libm::sqrt(scaled)).trunc()
}

#[cfg(test)]
mod tests;
