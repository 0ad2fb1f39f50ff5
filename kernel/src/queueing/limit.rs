//! Adaptive limits on logins in service, by the published laws of Netflix and Envoy.
//!
//! A limit is told the round-trip time of every login that is done, from its thread to its answer, and answers how many
//! may be in service. Netflix's laws see windows of samples (`WindowedLimit`: a second and at least ten samples, their
//! mean, the most in service, whether any was dropped); Envoy's has windows of its own.
//!
//! Sources: Netflix/concurrency-limits, `Gradient2Limit`, `VegasLimit`, `AIMDLimit`, `ExpAvgMeasurement`,
//! `Log10RootFunction`, `WindowedLimit`; envoyproxy/envoy, `gradient_controller.cc`. Both Apache 2.0; the rules and
//! constants are theirs, the code is not.

use crate::engine::{Draw, Span, Time};
use crate::scenario::model::{LimitLaw, LimitSpec};

/// Samples a window must hold (`WindowedLimit`).
const READY: u32 = 10;
/// Samples of the long average that are averaged plainly (`Gradient2Limit`).
const PLAIN: u32 = 10;
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
                    *long *= 0.9;
                }
                if inflight < self.limit / 2.0 {
                    return;
                }
                let gradient = (seen / rtt).clamp(0.5, 1.0);
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
                    max, backoff, timeout, ..
                },
                _,
            ) => {
                let whole = self.limit.trunc();
                if dropped || rtt > timeout {
                    self.limit = (whole - 1.0).min((whole * backoff).trunc()).max(1.0);
                } else if inflight * 2.0 >= whole {
                    self.limit = (whole + 1.0).min(max);
                }
            }
            _ => {}
        }
    }
}

/// The next limit of Vegas before bounds and smoothing; none: as it is. `ratio` is `RTT₀/RTT`.
fn vegas(limit: f64, ratio: f64, inflight: f64, dropped: bool) -> Option<f64> {
    let unit = log10_root(limit);
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

/// `Log10RootFunction`: the whole part of the common logarithm, at least 1; of 1000 and more, of the square root.
fn log10_root(limit: f64) -> f64 {
    let whole = limit.trunc();
    if whole >= 1000.0 {
        libm::sqrt(whole).trunc()
    } else {
        f64::from(u8::from(whole >= 100.0) + 1)
    }
}

fn probe_jitter(draw: &mut Draw) -> f64 {
    0.5 + 0.5 * draw.uniform()
}

impl Envoy {
    fn sample(&mut self, law: LimitLaw, limit: &mut f64, now: Time, rtt: Span, draw: &mut Draw) {
        let LimitLaw::Envoy {
            min,
            max,
            buffer,
            update,
            quantile,
            interval,
            jitter,
            requests,
        } = law
        else {
            return;
        };
        if self.measuring.is_none() && now >= self.measures {
            self.measuring = Some((now, *limit));
            *limit = min;
            self.samples.clear();
        }
        match self.measuring {
            Some((since, before)) => {
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
            None => {
                self.samples.push(rtt.as_secs());
                if now >= self.updates {
                    let sample = self.take_quantile(quantile);
                    self.updates = now + update;
                    let next = envoy(*limit, (1.0 + buffer) * self.least / sample).min(max).max(min);
                    self.at_min = if *limit == min && next == min {
                        self.at_min + 1
                    } else {
                        0
                    };
                    *limit = next;
                    if self.at_min >= STUCK {
                        self.measures = now;
                    }
                }
            }
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
