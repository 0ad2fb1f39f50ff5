//! The referee: a run in which every page, poll, refusal page and request of a flood is an event.
//!
//! The default form replaces these by fluids (docs/model.md); this one says on small systems how right that is.

use super::observer::Ear;
use super::person::{NONE, Place};
use super::run::Mode;
use super::state::{World, class};
use crate::engine::{Draw, Purpose, Span, Streams, Time, key_of};
use crate::measure::{Bin, Refusal};
use crate::queueing::{ATTACKER, NOBODY, Offer};
use crate::scenario::model::{IncidentKind, Scenario};

/// What the referee keeps beside the books of a run.
pub(super) struct Referee {
    /// By the slot of the person.
    readers: Vec<Reader>,
    services: Vec<Requests>,
}

/// A person in a session or in a waiting room, as somebody who asks for pages.
#[derive(Clone, Copy)]
struct Reader {
    /// Sequence of the event at which it asks for the next page.
    timer: u32,
    /// The page it waits for.
    page: u32,
    /// When the stretch of the session began that this page closes.
    began: Time,
    /// How long its live class had been taught by then, s.
    taught: f64,
    /// The link loses the answer.
    lost: bool,
}

const NEW: Reader = Reader {
    timer: NONE,
    page: NONE,
    began: Time::ZERO,
    taught: 0.0,
    lost: false,
};

/// The requests of one service.
struct Requests {
    think: Draw,
    link: Draw,
    flood: Draw,
    /// Sequence of the flood's next request.
    next_attack: u32,
    /// Requests per second of the flood for which that was drawn.
    attack_rate: f64,
    /// Pages asked for since the last tick.
    asked: u64,
    /// Pages of all kinds asked for in the last tick, per second.
    pages: f64,
    /// Of pages done in this bin: how many, the sum of their latencies (s) and of their qualities.
    done: u64,
    latency: f64,
    quality: f64,
}

impl Referee {
    /// For a run of a mode, if that mode has one.
    pub fn new(mode: Mode, scenario: &Scenario, streams: &Streams) -> Option<Box<Referee>> {
        let requests = |key: &str| {
            let sequence = |purpose| streams.sequence(purpose, key_of(key));
            Requests {
                think: sequence(Purpose::Think),
                link: sequence(Purpose::Link),
                flood: sequence(Purpose::Flood),
                next_attack: NONE,
                attack_rate: 0.0,
                asked: 0,
                pages: 0.0,
                done: 0,
                latency: 0.0,
                quality: 0.0,
            }
        };
        (mode == Mode::Events).then(|| {
            Box::new(Referee {
                readers: Vec::new(),
                services: scenario.services.iter().map(|s| requests(&s.key)).collect(),
            })
        })
    }

    fn reader(&mut self, slot: u32) -> &mut Reader {
        if self.readers.len() <= slot as usize {
            self.readers.resize(slot as usize + 1, NEW);
        }
        &mut self.readers[slot as usize]
    }

    /// Whether an event of a class is still meant.
    pub fn expects(&self, kind: u8, entity: u32, sequence: u32) -> bool {
        let timer = match kind {
            class::PAGE => self.readers.get(entity as usize).map(|r| r.timer),
            _ => self.services.get(entity as usize).map(|r| r.next_attack),
        };
        timer == Some(sequence)
    }

    /// Pages of all kinds asked for at a service in the last tick, per second.
    pub fn pages(&self, s: usize) -> f64 {
        self.services[s].pages
    }

    /// What pages were really like in a bin that ends; where none was asked for, what one would have been like stays.
    pub fn close_bin(&mut self, s: usize, bin: &mut Bin) {
        let r = &mut self.services[s];
        if r.done > 0 {
            bin.latency = r.latency / r.done as f64;
            bin.quality = r.quality / r.done as f64;
        }
        (r.done, r.latency, r.quality) = (0, 0.0, 0.0);
    }
}

impl<O: Ear> World<'_, O> {
    /// Sets every station of a run with a referee to jobs for pages.
    pub(super) fn set_up_referee(&mut self) {
        if self.referee.is_some() {
            for svc in &mut self.services {
                svc.station.pages_one_by_one();
            }
        }
    }

    /// A session begins: the first page is asked for after a pause.
    pub(super) fn begin_reading(&mut self, slot: u32) {
        if self.referee.is_some() {
            // From now on: quality times time of the stretches that are over, s.
            self.people[slot].since = 0.0;
            self.pause(slot);
        }
    }

    fn pause(&mut self, slot: u32) {
        let now = self.now;
        let s = self.people[slot].service as usize;
        let think = self.scenario.services[s].session.map_or(1.0, |session| session.think);
        let taught = self.taught_so_far(slot).unwrap_or(0.0);
        let Some(referee) = &mut self.referee else { return };
        let wait = Span::from_secs(think * referee.services[s].think.exponential());
        let reader = referee.reader(slot);
        reader.began = now;
        reader.taught = taught;
        reader.page = NONE;
        reader.timer = self.list.schedule(now + wait, class::PAGE, slot);
    }

    /// A person asks for a page: in a session the next one, in a waiting room whether it is its turn.
    pub(super) fn ask_page(&mut self, slot: u32) {
        let p = self.people[slot];
        match p.place {
            Place::Session => self.next_page(slot, usize::from(p.service)),
            Place::Room => {
                self.load_with_page(usize::from(p.service));
                self.await_poll(slot);
            }
            _ => {}
        }
    }

    fn next_page(&mut self, slot: u32, s: usize) {
        let now = self.now;
        let passes = self.services[s].link_passes;
        let work = self.services[s].station.page_work();
        let Some(referee) = &mut self.referee else { return };
        let requests = &mut referee.services[s];
        requests.asked += 1;
        let lost = passes < 1.0 && !requests.link.chance(passes);
        let reader = referee.reader(slot);
        reader.lost = lost;
        reader.timer = NONE;
        if work > 0.0 {
            let page = self.services[s].station.ask_page(now, slot, work);
            self.referee.iter_mut().for_each(|r| r.reader(slot).page = page);
            self.touch_station(s);
        } else {
            self.page_read(slot, s, Span::ZERO);
        }
    }

    /// What a station does next is done, and it is a page.
    pub(super) fn page_done(&mut self, s: usize) {
        let done = self.services[s].station.complete_page(self.now);
        if let Some(done) = done
            && done.owner < ATTACKER
        {
            self.page_read(done.owner, s, done.latency);
        }
        self.touch_station(s);
    }

    /// A page of a session has come: its latency says what the stretch since the page before was worth.
    fn page_read(&mut self, slot: u32, s: usize, latency: Span) {
        let quality = self.services[s].station.page_quality(latency.as_secs());
        let Some(referee) = &mut self.referee else { return };
        let reader = *referee.reader(slot);
        let quality = if reader.lost { 0.0 } else { quality };
        let requests = &mut referee.services[s];
        requests.done += 1;
        requests.latency += latency.as_secs();
        requests.quality += quality;
        let stretch = self.stretch(slot, &reader);
        self.people[slot].since += quality * stretch;
        self.logical += 1;
        self.pause(slot);
    }

    /// A session ends: what it was worth, s. The stretch that is open counts by the page under way, or by one asked for
    /// now, at the speed of now.
    pub(super) fn end_reading(&mut self, slot: u32) -> f64 {
        let now = self.now;
        let s = self.people[slot].service as usize;
        let so_far = self.people[slot].since;
        let Some(referee) = &mut self.referee else {
            return so_far;
        };
        let reader = *referee.reader(slot);
        *referee.reader(slot) = NEW;
        let svc = &mut self.services[s];
        let (late, passes) = if reader.page == NONE {
            (svc.station.page_latency(), svc.link_passes)
        } else {
            let late = svc.station.latency_of(now, reader.page);
            svc.station.leave_page(now, reader.page);
            (late, if reader.lost { 0.0 } else { 1.0 })
        };
        let worth = svc.station.page_quality(late) * passes;
        let open = worth * self.stretch(slot, &reader);
        if reader.page != NONE {
            self.touch_station(s);
        }
        so_far + open
    }

    /// How long the stretch that a page closes is, s; in a live class that of it in which the teacher was in.
    fn stretch(&self, slot: u32, reader: &Reader) -> f64 {
        match self.taught_so_far(slot) {
            Some(taught) => taught - reader.taught,
            None => (self.now - reader.began).as_secs(),
        }
    }

    /// The station has lost all its requests.
    pub(super) fn forget_pages(&mut self, slots: &[u32]) {
        if let Some(referee) = &mut self.referee {
            for slot in slots {
                referee.reader(*slot).page = NONE;
            }
        }
    }

    /// A person in a waiting room whose page asks now and then: each poll is a page.
    pub(super) fn await_poll(&mut self, slot: u32) {
        if self.referee.is_none() {
            return;
        }
        let p = self.people[slot];
        let spec = self.services[usize::from(p.service)].room.as_ref().map(|r| r.spec());
        let every = spec.and_then(|q| q.poll).filter(|every| every.0 > 0);
        let Some(every) = every else {
            // An earlier poll of whoever had this record must not be taken for one.
            return self.referee.iter_mut().for_each(|r| r.reader(slot).timer = NONE);
        };
        let joined = Time::from_secs(p.since);
        let asked = (self.now - joined).0 / every.0 + 1;
        let timer = self.list.schedule(joined + Span(asked * every.0), class::PAGE, slot);
        self.referee.iter_mut().for_each(|r| r.reader(slot).timer = timer);
    }

    /// A knock was refused by a page: one a tab.
    pub(super) fn refusal_pages(&mut self, s: usize, why: Refusal, tabs: f64) {
        let Some(referee) = &mut self.referee else { return };
        if !why.is_answered() {
            return;
        }
        let more = referee.services[s].link.chance(tabs - libm::floor(tabs));
        for _ in 0..tabs as u64 + u64::from(more) {
            self.load_with_page(s);
        }
    }

    /// A page of the gate: it costs cores and needs no thread.
    fn load_with_page(&mut self, s: usize) {
        if let Some(referee) = &mut self.referee {
            referee.services[s].asked += 1;
        }
        let svc = &mut self.services[s];
        let work = svc.room.as_ref().map_or(0.0, |r| r.spec().page_work);
        if work > 0.0 && !svc.down {
            svc.station.ask_page(self.now, NOBODY, work);
            self.touch_station(s);
        }
    }

    /// A tick of a service ends: pages asked for in it are what links carry until the next.
    pub(super) fn count_pages(&mut self, s: usize) {
        let seconds = self.tick.as_secs();
        if let Some(referee) = &mut self.referee {
            let requests = &mut referee.services[s];
            requests.pages = std::mem::take(&mut requests.asked) as f64 / seconds;
        }
    }

    /// The flood at a service changed: its next request is drawn anew, by memorylessness.
    pub(super) fn set_attack(&mut self, s: usize) {
        let rate = self.services[s].attack.1;
        let Some(referee) = &mut self.referee else { return };
        let requests = &mut referee.services[s];
        if std::mem::replace(&mut requests.attack_rate, rate) == rate {
            return;
        }
        requests.next_attack = NONE;
        self.await_attack(s);
    }

    fn await_attack(&mut self, s: usize) {
        let Some(referee) = &mut self.referee else { return };
        let requests = &mut referee.services[s];
        if requests.attack_rate > 0.0 {
            let at = self.now + Span::from_secs(requests.flood.exponential() / requests.attack_rate);
            requests.next_attack = self.list.schedule(at, class::ATTACK, s as u32);
        }
    }

    /// A request of a flood comes. No server knows it from a login: it takes a thread, or a place in the backlog.
    pub(super) fn attacked(&mut self, s: usize) {
        let work = self.work_of_attack(s);
        if !self.services[s].down
            && let Offer::Started(_) | Offer::Queued(_) = self.services[s].station.offer(self.now, ATTACKER, 0, work)
        {
            self.touch_station(s);
            self.tell_level(s);
        }
        self.await_attack(s);
    }

    /// Exponential, of the mean of one of the floods that are on, by their rates.
    fn work_of_attack(&mut self, s: usize) -> f64 {
        let Some(referee) = &mut self.referee else { return 0.0 };
        let requests = &mut referee.services[s];
        let mut left = requests.flood.uniform() * requests.attack_rate;
        let mut mean = 0.0;
        for (incident, state) in self.scenario.incidents.iter().zip(&self.incidents) {
            let IncidentKind::ApplicationFlood {
                service,
                rate,
                work,
                sources,
            } = incident.kind
            else {
                continue;
            };
            if service.index() != s || state.wave.is_none() || left < 0.0 {
                continue;
            }
            let defence = state.defence.as_ref().filter(|_| state.scrubbed);
            left -= self.services[s].let_through(rate, sources) * defence.map_or(1.0, |d| 1.0 - d.efficacy);
            mean = work;
        }
        // A lighter platform serves floods lighter pages too, as it does in the fluid: not at all. So the factor on the
        // work of new logins, which `offer` applies, is taken out.
        mean * requests.flood.exponential() / self.services[s].station.work_factor()
    }
}
