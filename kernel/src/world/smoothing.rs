//! Smoothing of retries in the running country: delays that depend on the try, answers that say when to come back,
//! and what all clients of a service do together.

use super::habit::network;
use super::observer::Ear;
use super::person::AFTER_ERROR;
use super::state::{World, change};
use crate::engine::{Draw, Purpose, Span};
use crate::measure::Refusal;
use crate::queueing::Clients;
use crate::scenario::model::{Backoff, ClientThrottle, Jitter, RetryBudget, ServiceId, Slot, Spreading};

/// The stream of a client throttle among those of its service's tokens.
const THROTTLE: u64 = 1;

/// Places of the ways there and back in a knock's stream of time-outs, apart from what the time-out itself may draw.
const NETWORK_AT: u64 = 64;

/// What a service tells those whom it refuses.
#[derive(Clone, Copy, Debug)]
pub(super) struct Told {
    /// Share of people who obey.
    pub obey: f64,
    /// To come back after so long, s,
    pub after: f64,
    /// which those who obey spread.
    pub jitter: Spreading,
}

impl Told {
    fn sample(&self, draw: &mut Draw) -> f64 {
        match self.jitter {
            Spreading::Exponential => self.after * draw.exponential(),
            Spreading::Uniform(0.0) => self.after,
            Spreading::Uniform(over) => self.after + over * draw.uniform(),
        }
    }
}

/// The delay after `tries` failures, s; `stream` gives the stream of an earlier or of the last try.
fn backed_off(law: &Backoff, tries: u16, stream: impl Fn(u16) -> Draw) -> f64 {
    let failures = tries.max(1);
    let ceiling = law.ceiling(u32::from(failures) - 1);
    match law.jitter {
        Jitter::None => ceiling,
        Jitter::Full => ceiling * stream(failures).uniform(),
        Jitter::Equal => 0.5 * ceiling * (1.0 + stream(failures).uniform()),
        // The last delay is a function of the streams of the tries before: nobody has to keep it.
        Jitter::Decorrelated => (1..=failures).fold(law.base, |last, try_number| {
            let most = 3.0 * last;
            (law.base + (most - law.base) * stream(try_number).uniform()).min(law.cap)
        }),
    }
}

impl<O: Ear> World<'_, O> {
    /// Whether a person does as it is told: drawn once a person.
    pub(super) fn obeys(&self, slot: u32, told: &Told) -> bool {
        let p = &self.people[slot];
        let families = &self.cohorts[p.cohort as usize].families;
        let mut draw = families.person(Purpose::Habit, u64::from(p.person));
        draw.skip(1);
        draw.uniform() < told.obey
    }

    /// How long a person who waits on its own event waits, s; `told`: what it does as.
    pub(super) fn own_delay(&self, slot: u32, told: Option<Told>) -> f64 {
        let tries = self.people[slot].tries;
        let delay = self.told_or_own_delay(slot, told);
        if network(self.habit(self.people[slot].cohort)).is_none() {
            return delay;
        }
        // The refusal or the client's patience came one way later than it is booked, and the next knock takes its way.
        let ([_, back], [there, _]) = (self.ways(slot, tries), self.ways(slot, tries.saturating_add(1)));
        back + delay + there
    }

    /// The ways to the service and back of one of a person's knocks, s.
    pub(super) fn ways(&self, slot: u32, try_number: u16) -> [f64; 2] {
        let p = &self.people[slot];
        let Some(law) = network(self.habit(p.cohort)) else {
            return [0.0; 2];
        };
        let mut knock = *p;
        knock.tries = try_number;
        let families = &self.cohorts[p.cohort as usize].families;
        let mut draw = families.person(Purpose::Timeout, knock.number_at_door());
        draw.skip(NETWORK_AT);
        let there = law.sample(&mut draw);
        draw = families.person(Purpose::Timeout, knock.number_at_door());
        draw.skip(2 * NETWORK_AT);
        [there, law.sample(&mut draw)]
    }

    fn told_or_own_delay(&self, slot: u32, told: Option<Told>) -> f64 {
        let p = &self.people[slot];
        let mut draw = self.draw_at_door(Purpose::Retry, slot);
        if let Some(told) = told {
            return told.sample(&mut draw);
        }
        let class = &self.habit(p.cohort).retries[p.class()];
        let Some(backoff) = &class.backoff else {
            return class.delay.sample(&mut draw);
        };
        backed_off(backoff, p.tries, |try_number| {
            let mut then = *p;
            then.tries = try_number;
            let families = &self.cohorts[p.cohort as usize].families;
            families.person(Purpose::Retry, then.number_at_door())
        })
    }

    /// A client drops a request itself: nothing of it reaches the service.
    pub(super) fn dropped_by_client(&mut self, slot: u32) -> bool {
        let s = self.people[slot].service as usize;
        let now = self.now;
        let drops = self.services[s].clients.as_mut().is_some_and(|c| c.drops(now));
        if drops {
            self.fail_at(slot, Refusal::Limited, false);
        }
        drops
    }

    /// Whether the clients' budget lets a person come back; asked last, since it is charged.
    pub(super) fn budget_allows(&mut self, slot: u32, why: Refusal) -> bool {
        let s = self.people[slot].service as usize;
        let Some(clients) = &mut self.services[s].clients else {
            return true;
        };
        let throttled = why.is_throttling();
        let flags = &mut self.people[slot].flags;
        *flags = *flags & !AFTER_ERROR | if throttled { 0 } else { AFTER_ERROR };
        clients.may_retry(self.now, throttled)
    }

    pub(super) fn set_retry_budget(&mut self, services: &[ServiceId], budget: Option<RetryBudget>) {
        for s in services {
            let s = s.index();
            self.gather_clients(s).set_budget(budget);
            self.dismiss_clients(s);
        }
    }

    pub(super) fn set_client_throttle(&mut self, services: &[ServiceId], throttle: Option<ClientThrottle>) {
        for s in services {
            let s = s.index();
            let draw = self.streams.person(Purpose::Tokens, self.services[s].key, THROTTLE);
            self.gather_clients(s).set_throttle(throttle, draw);
            self.dismiss_clients(s);
        }
    }

    /// From now on every knock at a service is an event: what clients do together depends on each.
    fn gather_clients(&mut self, s: usize) -> &mut Clients {
        if self.services[s].clients.is_none() {
            self.services[s].clients = Some(Box::default());
            self.unpool(s, |_, _| true);
        }
        self.services[s].clients.get_or_insert_default()
    }

    /// Without budget and throttle a service is as if there had never been any.
    fn dismiss_clients(&mut self, s: usize) {
        if self.services[s].clients.as_ref().is_some_and(|c| c.idle()) {
            self.services[s].clients = None;
        }
        self.touch(s, change::ANY);
    }

    /// How much later than now somebody comes who has a slot.
    pub(super) fn wait_for_slot(&self, slot: &Slot, uniform: f64) -> Span {
        if self.now < slot.day || self.now >= slot.from {
            return Span::ZERO;
        }
        (slot.from - self.now) + (slot.until - slot.from) * uniform
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Streams;

    fn law(jitter: Jitter) -> Backoff {
        Backoff {
            base: 1.0,
            factor: 2.0,
            cap: 60.0,
            jitter,
        }
    }

    /// Delays after the n-th failure of many people.
    fn delays(jitter: Jitter, tries: u16) -> Vec<f64> {
        let streams = Streams::new(9, 0);
        let one = |person: u64| {
            backed_off(&law(jitter), tries, |k| {
                streams.person(Purpose::Retry, 1, person | u64::from(k) << 44)
            })
        };
        (0..20_000).map(one).collect()
    }

    fn z(values: &[f64], mean: f64) -> f64 {
        let n = values.len() as f64;
        let m = values.iter().sum::<f64>() / n;
        let v = values.iter().map(|x| (x - m) * (x - m)).sum::<f64>() / (n - 1.0);
        (m - mean) / libm::sqrt(v / n)
    }

    #[test]
    fn delays_grow_with_the_number_of_the_try() {
        for (tries, ceiling) in [(1, 1.0), (2, 2.0), (3, 4.0), (7, 60.0), (60_000, 60.0)] {
            assert!(delays(Jitter::None, tries).iter().all(|d| *d == ceiling));
            let full = delays(Jitter::Full, tries);
            assert!(full.iter().all(|d| (0.0..ceiling).contains(d)));
            assert!(z(&full, 0.5 * ceiling).abs() < 4.0);
            let equal = delays(Jitter::Equal, tries);
            assert!(equal.iter().all(|d| (0.5 * ceiling..ceiling).contains(d)));
            assert!(z(&equal, 0.75 * ceiling).abs() < 4.0);
        }
    }

    #[test]
    fn decorrelated_delays_follow_the_last_one() {
        // E d₁ = (1 + 3)/2 = 2, and given d₁ the next is U(1, 3d₁): E d₂ = (1 + 3·2)/2 = 3.5, E d₃ = 5.75, before the cap
        // of 60 matters (d₃ ≤ 27).
        for (tries, mean) in [(1, 2.0), (2, 3.5), (3, 5.75)] {
            assert!(z(&delays(Jitter::Decorrelated, tries), mean).abs() < 4.0, "{tries}");
        }
        let late = delays(Jitter::Decorrelated, 40);
        assert!(late.iter().all(|d| (1.0..=60.0).contains(d)) && late.contains(&60.0));
    }
}
