//! The look at a service when an event is over: its timers, and whether its door is open to the pools.

use super::observer::Ear;
use super::state::{ServiceState, World, change, timer};
use crate::engine::Time;
use crate::measure::Refusal;
use crate::queueing::REASONS;

/// The reason of a knock in vain, beside those of [`Refusal`]: past the gate all threads are busy and the backlog is full. Other than those
/// whom a flood takes the thread, whoever meets it would have been turned away before by a filter.
pub(super) const BUSY: usize = Refusal::ALL.len();

const _: () = assert!(BUSY + 1 == REASONS);

/// What a knock meets before anybody looks at who knocks.
#[derive(Clone, Copy, PartialEq)]
pub(super) struct Door {
    /// The reason for which every knock is in vain, if there is one.
    shut: Option<usize>,
    /// Chance that the link lets a knock through.
    link: f64,
    /// Chance that a flood leaves it a thread.
    flood: f64,
    /// Chance that the room's own servers answer.
    room: f64,
    /// The number of the rules by which some are turned away.
    rules: u32,
}

impl Door {
    /// Nothing stands in the way.
    pub const OPEN: Door = Door {
        shut: None,
        link: 1.0,
        flood: 1.0,
        room: 1.0,
        rules: 0,
    };

    /// The door of a service now.
    fn of(svc: &mut ServiceState, now: Time) -> Door {
        let mut shut = None;
        // Knocks in vain that leave something behind, a token taken or an admission counted, have to be made.
        let mut straight_in = svc.limiter.is_none() && svc.per_client.is_none();
        if let Some(room) = &mut svc.room {
            if straight_in && room.is_shut(now) {
                shut = Some(Refusal::Quota as usize);
            }
            // Where one may wait in the room, a station without a place refuses only those called in.
            straight_in &= shut.is_none() && room.spec().admissions.is_none() && room.is_open(now);
        }
        if svc.down {
            shut = Some(Refusal::Outage as usize);
        } else if straight_in && svc.station.is_full() && !svc.station.has_counts() {
            // Where a flood is counted, a place may be free again at any instant: every knock has to be made.
            shut = Some(BUSY);
        }
        Door {
            shut,
            link: svc.link_passes,
            flood: svc.station.speed().passes,
            room: svc.room_passes,
            rules: svc.filter.number(),
        }
    }

    /// Chances that a knock is in vain, by reason.
    fn slopes(&self) -> [f64; REASONS] {
        let mut slopes = [0.0; REASONS];
        if self.shut == Some(Refusal::Outage as usize) {
            slopes[Refusal::Outage as usize] = 1.0;
            return slopes;
        }
        // In the order of a knock: link, flood, the room's own servers, gate, workers.
        slopes[Refusal::Lost as usize] = 1.0 - self.link;
        slopes[Refusal::Full as usize] = self.link * (1.0 - self.flood * self.room);
        if let Some(why) = self.shut {
            slopes[why] += self.link * self.flood * self.room;
        }
        slopes
    }
}

impl<O: Ear> World<'_, O> {
    /// Notes that something changed at a service: it is looked at once, when the event is over.
    #[inline]
    pub(super) fn touch(&mut self, s: usize, what: u8) {
        let changed = &mut self.services[s].changed;
        if *changed == 0 {
            self.changed.push(s as u16);
        }
        *changed |= what;
    }

    /// Notes that logins came to a station or left it, or that its speed changed. The door is looked at only if they may have
    /// changed it.
    #[inline]
    pub(super) fn touch_station(&mut self, s: usize) {
        self.touch(s, change::STATION | self.station_at_door(s));
    }

    /// Notes that a login joined a station's backlog.
    #[inline]
    pub(super) fn touch_backlog(&mut self, s: usize) {
        let station = &self.services[s].station;
        if station.waits_with_flood() || station.has_counts() {
            // When its backlog is full, or the next in it has a thread, is another instant now.
            return self.touch_station(s);
        }
        let what = self.station_at_door(s);
        if what != 0 {
            self.touch(s, what);
        }
    }

    /// Whether a station shows another face at the door than when last looked at.
    #[inline]
    fn station_at_door(&self, s: usize) -> u8 {
        let svc = &self.services[s];
        let same = svc.station.is_full() == svc.was_full && svc.station.speed().passes == svc.door.flood;
        if same { 0 } else { change::DOOR }
    }

    /// Looks at the services of which something changed in this event.
    #[inline]
    pub(super) fn look_at_changed(&mut self) {
        while let Some(s) = self.changed.pop() {
            self.look_at(usize::from(s));
        }
    }

    fn look_at(&mut self, s: usize) {
        let now = self.now;
        if self.services[s].changed & change::GROWN != 0 {
            self.services[s].changed &= !change::GROWN;
            // Before the rest: whoever leaves may change this service too.
            self.find_who_left(s);
        }
        let svc = &mut self.services[s];
        let mut changed = std::mem::take(&mut svc.changed);
        if changed & change::STATION != 0 {
            self.timers.change(s, timer::DONE, svc.station.next_completion());
        }
        if changed & change::DOOR != 0 {
            if let Some(room) = &mut svc.room {
                self.timers.change(s, timer::OPENS, room.next_look(now));
            }
            svc.was_full = svc.station.is_full();
            let door = Door::of(svc, now);
            if door != svc.door {
                let before = std::mem::replace(&mut svc.door, door);
                svc.clock.set(now, door.shut.is_some(), door.slopes(), door.rules);
                // Whom a filter turns away changes nothing of when somebody knocks.
                if (Door {
                    rules: before.rules,
                    ..door
                }) != before
                {
                    changed |= change::POOL;
                }
            }
        }
        if changed & change::POOL != 0 {
            self.time_orbit(s);
        }
        self.timers.replay(s);
    }
}
