//! Levers that watch, and capacity that comes later than it is ordered.

use super::{Act, HostId, ServiceId, Who};
use crate::engine::{Distribution, Span};

/// What a watching lever looks at, at one service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignalKind {
    /// Busy share of the cores, the mean since the last look.
    Utilisation,
    /// Latency of a page now, s.
    PageLatency,
    /// Logins that wait for a thread now.
    Backlog,
    /// People in the waiting room now.
    Waiting,
    /// Refusal pages per second (quota, full backlog, rate limit; all tabs) in the last whole tick of the books.
    Refused,
    /// Share of packets the uplink loses now.
    LinkLoss,
}

impl SignalKind {
    /// The name in files.
    pub fn name(self) -> &'static str {
        match self {
            SignalKind::Utilisation => "utilisation",
            SignalKind::PageLatency => "page latency",
            SignalKind::Backlog => "backlog",
            SignalKind::Waiting => "waiting",
            SignalKind::Refused => "refused",
            SignalKind::LinkLoss => "link loss",
        }
    }
}

/// A signal with its two thresholds: it rises past `above`, falls past `below`, and says nothing between them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Signal {
    /// What is looked at.
    pub kind: SignalKind,
    /// High above this, in the signal's unit.
    pub above: f64,
    /// Low below this.
    pub below: f64,
}

/// By how much capacity changes at once.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Step {
    /// So many cores.
    Cores(f64),
    /// A share of the cores the model gives the service.
    Share(f64),
    /// As many as make the busy cores this share of all, 0..=1.
    Track(f64),
}

/// How ordered cores come and go.
#[derive(Clone, Debug, PartialEq)]
pub struct Delivery {
    /// From the order to the first login served, s. Drawn anew for each order.
    pub boot: Distribution,
    /// After that, how long the new cores work at `warm_speed` only.
    pub warm_up: Span,
    /// Speed while warming up, 0..=1.
    pub warm_speed: f64,
    /// Cores that go take no new logins (threads fall at once) and leave after this long; until then they work and cost.
    pub drain: Span,
}

/// Cores that follow the load.
#[derive(Clone, Debug, PartialEq)]
pub struct Autoscale {
    /// More cores when high, fewer when low.
    pub signal: Signal,
    /// Time between two looks.
    pub look: Span,
    /// Cores ordered or given back at once.
    pub step: Step,
    /// How they come and go.
    pub delivery: Delivery,
    /// After an order or a return nothing is done for this long; of [`Step::Track`]: cores go that were spare all this time.
    pub cooldown: Span,
    /// Most cores, ordered ones included, as a factor on the cores the model gives.
    pub ceiling: f64,
    /// Fewest cores, as such a factor.
    pub floor: f64,
}

/// Capacity that takes over when a host is lost.
#[derive(Clone, Debug, PartialEq)]
pub struct Failover {
    /// Where it comes up.
    pub to: HostId,
    /// From the loss until somebody or something acts, s.
    pub detection: Distribution,
    /// From then until cores that are not kept ready serve, s.
    pub takes: Distribution,
    /// Cores that come against those that were lost.
    pub factor: f64,
    /// Share of them that is kept ready, and paid, all the time: it serves as soon as the loss is detected.
    pub standby: f64,
    /// From the return of the host until they leave.
    pub back: Span,
}

/// Acts that wait for a signal.
#[derive(Clone, Debug)]
pub struct Triggered {
    /// What is looked at.
    pub signal: Signal,
    /// How long it must be high, or low, at every look.
    pub lasting: Span,
    /// Time between two looks.
    pub look: Span,
    /// Each service that is watched, what is done there when the signal is high, and what when it is low again.
    pub on: Vec<(ServiceId, Vec<Act>, Vec<Act>)>,
}

/// Levels shed in order as a service gets busy.
#[derive(Clone, Debug, PartialEq)]
pub struct ShedByLoad {
    /// Who is shed from which utilisation on, and until which; the first goes first.
    pub steps: Vec<ShedStep>,
    /// Time between two looks; the utilisation is the mean since the last.
    pub look: Span,
}

/// One level of load shedding.
#[derive(Clone, Debug, PartialEq)]
pub struct ShedStep {
    /// Whom.
    pub who: Who,
    /// Refused when the utilisation passes this.
    pub above: f64,
    /// Let in again when it falls below this.
    pub below: f64,
}

/// An adaptive limit on the logins in service.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LimitSpec {
    /// Samples are gathered for this long (and until there are ten) before the law looks at their mean; zero: it looks at
    /// each. Not used by [`LimitLaw::Envoy`], which has its own.
    pub window: Span,
    /// The law.
    pub law: LimitLaw,
}

/// How an adaptive limit `L` moves with the round-trip times of logins in service.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum LimitLaw {
    /// `L ← (1−s)·L + s·(g·L + q)`, `g = clamp(t·long/short, 1/2, 1)`; no change while fewer than `L/2` are in service.
    Gradient2 {
        /// Limit at first.
        initial: f64,
        /// Least.
        min: f64,
        /// Most.
        max: f64,
        /// Queue `q` that is allowed for.
        queue: f64,
        /// How many times longer than the long average `t` is still fine, at least 1.
        tolerance: f64,
        /// Smoothing `s`.
        smoothing: f64,
        /// Samples in the long average.
        long_window: f64,
    },
    /// Queue estimated as `⌈L(1 − RTT₀/RTT)⌉`, kept between `3·⌊log₁₀ L⌋` and `6·⌊log₁₀ L⌋`.
    Vegas {
        /// Limit at first.
        initial: f64,
        /// Most.
        max: f64,
        /// Smoothing.
        smoothing: f64,
        /// `RTT₀` is measured anew after 0.5 to 1 times this times `L` samples.
        probe: f64,
    },
    /// `L + 1` while at least half of `L` is in service, `L × backoff` on a slow or dropped login.
    Aimd {
        /// Limit at first.
        initial: f64,
        /// Least.
        min: f64,
        /// Most.
        max: f64,
        /// Factor on a slow or dropped login.
        backoff: f64,
        /// What counts as slow, s.
        timeout: f64,
    },
    /// `L ← g·L + √(g·L)`, `g = clamp((1+b)·minRTT/sampleRTT, 1/2, 2)`.
    Envoy {
        /// Least, and the limit while `minRTT` is measured.
        min: f64,
        /// Most.
        max: f64,
        /// Buffer `b` on `minRTT`.
        buffer: f64,
        /// Time between two updates.
        update: Span,
        /// Which quantile of the samples is taken, 0..=1.
        quantile: f64,
        /// Time between two measurements of `minRTT`.
        interval: Span,
        /// That time is stretched by up to this share, drawn anew each time.
        jitter: f64,
        /// Samples of one measurement.
        requests: u32,
    },
}

/// A token bucket for each address.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PerClient {
    /// Requests per second of one address.
    pub rate: f64,
    /// Requests at once.
    pub burst: f64,
    /// After a refusal everything is refused for so long.
    pub penalty: Span,
}
