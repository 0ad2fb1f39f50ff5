//! Levers that look now and then, and act on what they see.
//!
//! A look changes nothing and leaves no trace: a lever that never acts leaves the run as it was, to the last bit.

use super::super::observer::Ear;
use super::super::state::{World, change, class};
use crate::engine::{Span, Time};
use crate::scenario::model::{Act, Autoscale, Failover, ServiceId, ShedByLoad, Signal, SignalKind, Step};
use std::collections::VecDeque;

/// What a watch does when it is time.
#[derive(Clone, Copy)]
pub(super) enum Lever<'s> {
    Autoscale(&'s Autoscale),
    Failover(&'s Failover),
    Shed(&'s ShedByLoad),
    Triggered {
        signal: &'s Signal,
        lasting: Span,
        look: Span,
        act: &'s [Act],
        undo: &'s [Act],
    },
}

/// What a station has done so far.
#[derive(Clone, Copy)]
struct Done {
    /// ∫ busy share dt, s.
    busy: f64,
    /// ∫ busy cores dt, core-seconds.
    worked: f64,
}

/// A lever at one service.
pub(in crate::world) struct Watch<'s> {
    pub(super) service: usize,
    pub(super) lever: Lever<'s>,
    /// The policy it belongs to.
    pub(super) policy: Option<usize>,
    /// Whether it watches: from its first instant, until another takes its place.
    pub(super) on: bool,
    /// When it last looked, and what had been done by then.
    looked: Option<(Time, Done)>,
    /// Since when the signal asks for something.
    since: Option<Time>,
    /// Steps or acts in force.
    depth: usize,
    /// Nothing is done before.
    rests_until: Time,
    /// What was wanted when, the most first: of what is older and less nobody asks any more.
    wanted: VecDeque<(Time, f64)>,
}

/// The mean busy share of a time in which its integral grew by so much.
pub(in crate::world) fn mean_share(grown: f64, time: Span) -> f64 {
    let seconds = time.as_secs();
    if seconds > 0.0 {
        // Differences of long sums may pass 1 by a rounding.
        (grown / seconds).clamp(0.0, 1.0)
    } else {
        0.0
    }
}

impl Lever<'_> {
    fn look(&self) -> Option<Span> {
        match self {
            Lever::Autoscale(how) => Some(how.look),
            Lever::Shed(how) => Some(how.look),
            Lever::Triggered { look, .. } => Some(*look),
            Lever::Failover(_) => None,
        }
    }

    /// Whether one takes the place of the other at the same service.
    fn replaces(&self, other: &Lever<'_>) -> bool {
        match (self, other) {
            (Lever::Autoscale(_), Lever::Autoscale(_)) | (Lever::Shed(_), Lever::Shed(_)) => true,
            (Lever::Failover(a), Lever::Failover(b)) => a.to == b.to,
            (Lever::Triggered { act: a, .. }, Lever::Triggered { act: b, .. }) => std::ptr::eq(*a, *b),
            _ => false,
        }
    }
}

impl Watch<'_> {
    /// Notes what is wanted now; answers the most that was within a stretch of time. Before the first look that was what there is.
    fn want(&mut self, now: Time, need: f64, planned: f64, within: Span) -> f64 {
        if let (true, Some((began, _))) = (self.wanted.is_empty(), self.looked) {
            self.wanted.push_back((began, planned));
        }
        while self.wanted.front().is_some_and(|(at, _)| now - *at >= within) {
            self.wanted.pop_front();
        }
        while self.wanted.back().is_some_and(|(_, less)| *less <= need) {
            self.wanted.pop_back();
        }
        self.wanted.push_back((now, need));
        self.wanted.front().map_or(need, |(_, most)| *most)
    }
}

impl<'s, O: Ear> World<'s, O> {
    /// A lever watches from an instant on.
    pub(in crate::world) fn watch_from(&mut self, at: Time, act: &'s Act, policy: Option<usize>) {
        let mut levers: Vec<(ServiceId, Lever<'s>)> = Vec::new();
        match act {
            Act::Autoscale { services, how } => levers.extend(services.iter().map(|s| (*s, Lever::Autoscale(how)))),
            Act::Failover { services, how } => levers.extend(services.iter().map(|s| (*s, Lever::Failover(how)))),
            Act::ShedByLoad { services, how } => levers.extend(services.iter().map(|s| (*s, Lever::Shed(how)))),
            Act::Triggered(how) => levers.extend(how.on.iter().map(|(s, act, undo)| {
                let lever = Lever::Triggered {
                    signal: &how.signal,
                    lasting: how.lasting,
                    look: how.look,
                    act,
                    undo,
                };
                (*s, lever)
            })),
            _ => {}
        }
        for (service, lever) in levers {
            self.watches.push(Watch {
                service: service.index(),
                lever,
                policy,
                on: false,
                looked: None,
                since: None,
                depth: 0,
                rests_until: Time::ZERO,
                wanted: VecDeque::new(),
            });
            let entity = (self.watches.len() - 1) as u32;
            self.list.schedule(at.max(self.now), class::LOOK, entity);
        }
    }

    /// A lever looks, for the first time or again.
    pub(in crate::world) fn look(&mut self, w: usize) {
        let Watch {
            service: s,
            lever,
            looked,
            ..
        } = self.watches[w];
        let done = self.done(s);
        let Some((last, before)) = looked else {
            return self.begin_to_watch(w, done);
        };
        if !self.watches[w].on {
            return;
        }
        let utilisation = mean_share(done.busy - before.busy, self.now - last);
        let busy_cores = (done.worked - before.worked) / (self.now - last).as_secs();
        self.watches[w].looked = Some((self.now, done));
        self.look_again(w, lever);
        match lever {
            Lever::Autoscale(how) => {
                let value = self.reading(s, how.signal.kind, utilisation);
                match how.step {
                    Step::Track(target) => self.track(w, how, value, busy_cores, target),
                    Step::Cores(cores) => self.autoscale(w, how, value, cores),
                    Step::Share(share) => {
                        self.autoscale(w, how, value, share * self.scenario.services[s].station.cores)
                    }
                }
            }
            Lever::Shed(_) if self.services[s].down => {}
            Lever::Shed(how) => self.shed_by_load(w, how, utilisation),
            Lever::Triggered {
                signal,
                lasting,
                act,
                undo,
                ..
            } => {
                let value = self.reading(s, signal.kind, utilisation);
                self.trigger(w, signal, value, lasting, act, undo);
            }
            Lever::Failover(_) => {}
        }
    }

    fn begin_to_watch(&mut self, w: usize, done: Done) {
        let (s, lever) = (self.watches[w].service, self.watches[w].lever);
        let same = |other: &Watch<'_>| other.service == s && other.on && lever.replaces(&other.lever);
        // What the one before did is in force: nobody else would undo it.
        let mut depth = 0;
        for other in self.watches.iter_mut().filter(|other| same(other)) {
            other.on = false;
            depth = depth.max(other.depth);
        }
        self.watches[w].on = true;
        self.watches[w].looked = Some((self.now, done));
        self.watches[w].depth = depth;
        if let Lever::Shed(how) = lever
            && depth > 0
        {
            self.shed_steps(w, how, depth.min(how.steps.len()));
        }
        if let Lever::Failover(how) = lever {
            let cores = how.standby * how.factor * self.services[s].station.installed();
            self.keep_ready(s, how.to, cores);
        }
        self.look_again(w, lever);
    }

    fn look_again(&mut self, w: usize, lever: Lever<'_>) {
        if let Some(every) = lever.look() {
            let next = self.now + every;
            if next <= self.scenario.clock.end {
                self.list.schedule(next, class::LOOK, w as u32);
            }
        }
    }

    /// A signal as levers see it. A service that is down tells nothing of its load: that is neither above nor below anything, as
    /// alarms with missing data do nothing (Amazon CloudWatch, `INSUFFICIENT_DATA`).
    fn reading(&self, s: usize, kind: SignalKind, utilisation: f64) -> f64 {
        let of_servers = matches!(kind, SignalKind::Utilisation | SignalKind::Backlog);
        if of_servers && self.services[s].down {
            return f64::NAN;
        }
        self.read(s, kind, utilisation)
    }

    fn done(&self, s: usize) -> Done {
        let station = &self.services[s].station;
        Done {
            busy: station.busy_until(self.now),
            worked: station.worked_until(self.now),
        }
    }

    /// A service is there again: what levers see of its load begins anew.
    pub(in crate::world) fn look_anew(&mut self, s: usize) {
        let done = self.done(s);
        for watch in self.watches.iter_mut().filter(|watch| watch.service == s) {
            watch.looked = watch.looked.map(|_| (self.now, done));
        }
    }

    /// A signal now. Reads only.
    pub(in crate::world) fn read(&self, s: usize, kind: SignalKind, utilisation: f64) -> f64 {
        let svc = &self.services[s];
        match kind {
            SignalKind::Utilisation => utilisation,
            // Whoever asks a service that is down for a page waits for ever.
            SignalKind::PageLatency if svc.down => f64::INFINITY,
            SignalKind::PageLatency => svc.station.page_latency(),
            SignalKind::Backlog => f64::from(svc.station.backlog()),
            SignalKind::Waiting => svc.room.as_ref().map_or(0.0, |r| r.waiting() as f64),
            SignalKind::Refused => svc.refusal_pages,
            SignalKind::LinkLoss => svc.link_loss,
        }
    }

    /// From here on a watch leaves a trace.
    fn acts(&mut self, w: usize) {
        self.note(class::LOOK, w as u32);
        if let Some(policy) = self.watches[w].policy {
            self.note_first_act(policy);
        }
    }

    fn autoscale(&mut self, w: usize, how: &Autoscale, value: f64, step: f64) {
        if self.now < self.watches[w].rests_until {
            return;
        }
        let s = self.watches[w].service;
        let given = self.scenario.services[s].station.cores;
        let planned = self.planned_cores(s);
        if value > how.signal.above {
            let more = step.min(how.ceiling * given - planned);
            if more <= 1e-9 || self.order(s, more, &how.delivery, None) <= 0.0 {
                return;
            }
        } else if value < how.signal.below {
            let fewer = step.min(planned - how.floor * given);
            if fewer <= 1e-9 {
                return;
            }
            self.give_back(s, fewer, how.delivery.drain);
        } else {
            return;
        }
        self.acts(w);
        self.watches[w].rests_until = self.now + how.cooldown;
        self.apply_incidents(&[ServiceId(s as u16)]);
    }

    /// Follows a target as the horizontal autoscaler of Kubernetes and target tracking of AWS do: cores on their way count, so
    /// orders need not wait for one another, and what goes was spare at every look of the cooldown.
    fn track(&mut self, w: usize, how: &Autoscale, value: f64, busy: f64, target: f64) {
        // A service that is down tells nothing, and two looks at one instant have seen nothing.
        if value.is_nan() || busy.is_nan() {
            return;
        }
        let s = self.watches[w].service;
        let given = self.scenario.services[s].station.cores;
        let planned = self.planned_cores(s);
        let need = busy / target;
        // With those on their way, too, it has to be high or low.
        let high = value > how.signal.above && busy > planned * how.signal.above;
        let low = value < how.signal.below && busy < planned * how.signal.below;
        let need = if high {
            need.min((how.ceiling * given).max(planned))
        } else if low {
            need.max((how.floor * given).min(planned))
        } else {
            planned
        };
        let most = self.watches[w].want(self.now, need, planned, how.cooldown);
        if need - planned > 1e-9 {
            if self.order(s, need - planned, &how.delivery, None) <= 0.0 {
                return;
            }
        } else if planned - most > 1e-9 {
            self.give_back(s, planned - most, how.delivery.drain);
        } else {
            return;
        }
        self.acts(w);
        self.apply_incidents(&[ServiceId(s as u16)]);
    }

    fn shed_by_load(&mut self, w: usize, how: &ShedByLoad, utilisation: f64) {
        let before = self.watches[w].depth;
        let mut depth = before;
        while depth < how.steps.len() && utilisation > how.steps[depth].above {
            depth += 1;
        }
        while depth > 0 && utilisation < how.steps[depth - 1].below {
            depth -= 1;
        }
        if depth == before {
            return;
        }
        self.acts(w);
        self.shed_steps(w, how, depth);
    }

    /// So many steps are in force from now on.
    fn shed_steps(&mut self, w: usize, how: &ShedByLoad, depth: usize) {
        self.watches[w].depth = depth;
        let s = self.watches[w].service;
        let filter = &mut self.services[s].filter;
        // Those shed for a time have an end.
        filter.relent();
        for step in &how.steps[..depth] {
            filter.shed(step.who.clone(), Time::MAX);
        }
        self.touch(s, change::DOOR);
        self.apply_incidents(&[ServiceId(s as u16)]);
    }

    fn trigger(&mut self, w: usize, signal: &Signal, value: f64, lasting: Span, act: &'s [Act], undo: &'s [Act]) {
        let now = self.now;
        let watch = &mut self.watches[w];
        let in_force = watch.depth > 0;
        let asked = if in_force {
            value < signal.below
        } else {
            value > signal.above
        };
        if !asked {
            watch.since = None;
            return;
        }
        if now - *watch.since.get_or_insert(now) < lasting {
            return;
        }
        watch.since = None;
        watch.depth = usize::from(!in_force);
        let acts = if in_force { undo } else { act };
        if acts.is_empty() {
            return;
        }
        self.acts(w);
        for act in acts {
            let pulled = self.pull(act);
            self.apply_incidents(pulled);
        }
    }
}
