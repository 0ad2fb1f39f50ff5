//! A waiting room, or a gate that only refuses: seats, admission limits and the order of those who wait.

use crate::engine::{Draw, Span, Time};
use crate::scenario::model::{Admissions, Order, Quota, Window};
use priority_queue::PriorityQueue;
use std::cmp::Reverse;
use std::collections::VecDeque;

/// What the door says to a knock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admission {
    /// Come in.
    Admit,
    /// Wait in the room.
    Wait,
    /// Not now, and there is no room to wait.
    Refuse,
}

/// A place in a line: what orders it, then the order of entry.
type Rank = (i64, u64);

/// Who waits, by order of service. Entries of people who left from the middle are marked in `Room::gone` and skipped.
#[derive(Clone, Debug)]
enum Line {
    /// By arrival bucket; within the front bucket by lot.
    Fifo { width: Span, queue: VecDeque<(u64, u32)> },
    /// By lot among all.
    Lottery(Vec<u32>),
    /// By class and time waited; people leave from anywhere.
    Priority {
        ageing: Option<Span>,
        queue: PriorityQueue<u32, Reverse<Rank>>,
    },
}

/// A waiting room in motion.
#[derive(Clone, Debug)]
pub struct Room {
    spec: Quota,
    seats: u64,
    line: Line,
    waiting: u64,
    /// Entries in the line, by person, whose person has left.
    gone: Vec<u16>,
    entered: u64,
    admitted: VecDeque<Time>,
    window_start: u64,
    in_window: u64,
    tokens: f64,
    token_time: Time,
    next_paced: Time,
    /// For the lottery and for ties within a bucket.
    draw: Draw,
}

fn line_of(order: &Order) -> Line {
    match order {
        Order::Fifo { bucket } => Line::Fifo {
            width: *bucket,
            queue: VecDeque::new(),
        },
        Order::Lottery => Line::Lottery(Vec::new()),
        Order::Priority { ageing } => Line::Priority {
            ageing: *ageing,
            queue: PriorityQueue::new(),
        },
        Order::Reject | Order::Passthrough => Line::Fifo {
            width: Span::ZERO,
            queue: VecDeque::new(),
        },
    }
}

impl Room {
    /// An empty room.
    pub fn new(spec: Quota, draw: Draw) -> Self {
        let tokens = spec.admissions.map_or(0.0, |a| a.count as f64);
        let line = line_of(&spec.order);
        Room {
            spec,
            seats: 0,
            line,
            waiting: 0,
            gone: Vec::new(),
            entered: 0,
            admitted: VecDeque::new(),
            window_start: 0,
            in_window: 0,
            tokens,
            token_time: Time::ZERO,
            next_paced: Time::ZERO,
            draw,
        }
    }

    /// Its settings.
    pub fn spec(&self) -> &Quota {
        &self.spec
    }
    /// Seats taken.
    pub fn seats(&self) -> u64 {
        self.seats
    }
    /// People who wait.
    pub fn waiting(&self) -> u64 {
        self.waiting
    }

    /// New settings from now on. Who waits keeps waiting, in the new order; who is in stays in.
    pub fn change(&mut self, now: Time, spec: Quota, class_of: impl Fn(u32) -> u8) {
        if line_kind(&self.spec.order) != line_kind(&spec.order) {
            let mut who = Vec::new();
            while let Some((p, _)) = self.pop() {
                who.push(p);
            }
            self.waiting = 0;
            self.line = line_of(&spec.order);
            for p in who {
                self.join(now, p, class_of(p));
            }
        }
        if self.spec.admissions != spec.admissions {
            self.tokens = spec.admissions.map_or(0.0, |a| a.count as f64);
            self.token_time = now;
            self.admitted.clear();
            self.in_window = 0;
        }
        self.spec = spec;
    }

    fn seat_free(&self, seats: u64) -> bool {
        self.spec.max_sessions.is_none_or(|cap| self.seats + seats <= cap)
    }

    /// When the admission limit lets the next one in: now, or later.
    pub fn rate_opens(&mut self, now: Time) -> Time {
        let Some(Admissions { count, period, window }) = self.spec.admissions else {
            return now;
        };
        match window {
            Window::Fixed => {
                let index = now.0 / period.0;
                if index != self.window_start {
                    self.window_start = index;
                    self.in_window = 0;
                }
                if self.in_window < count {
                    now
                } else {
                    Time((index + 1) * period.0)
                }
            }
            Window::Sliding => {
                while self.admitted.front().is_some_and(|t| *t + period <= now) {
                    self.admitted.pop_front();
                }
                if (self.admitted.len() as u64) < count {
                    now
                } else {
                    self.admitted[0] + period
                }
            }
            Window::TokenBucket => {
                let rate = count as f64 / period.as_secs();
                self.tokens = (self.tokens + (now - self.token_time).as_secs() * rate).min(count as f64);
                self.token_time = now;
                if self.tokens >= 1.0 - 1e-9 {
                    now
                } else {
                    now + Span::from_secs((1.0 - self.tokens) / rate) + Span(1)
                }
            }
            Window::Paced => now.max(self.next_paced),
        }
    }

    fn book_admission(&mut self, now: Time) {
        let Some(Admissions { count, period, window }) = self.spec.admissions else {
            return;
        };
        match window {
            Window::Fixed => self.in_window += 1,
            Window::Sliding => self.admitted.push_back(now),
            Window::TokenBucket => self.tokens -= 1.0,
            Window::Paced => self.next_paced = now + Span(period.0 / count.max(1)),
        }
    }

    /// Whether a knock that needs `seats` would be let in at once.
    pub fn is_open(&mut self, now: Time, seats: u64) -> bool {
        if self.spec.order == Order::Passthrough {
            return true;
        }
        self.waiting == 0 && self.seat_free(seats) && self.rate_opens(now) <= now
    }

    /// Whether any knock would be refused at once.
    pub fn is_shut(&mut self, now: Time) -> bool {
        match self.spec.order {
            Order::Passthrough => false,
            Order::Reject => !self.is_open(now, 1),
            _ => self.spec.max_length.is_some_and(|most| self.waiting >= most) && !self.is_open(now, 1),
        }
    }

    /// Somebody knocks. [`Admission::Admit`] counts against the admission limit; the seat is taken by
    /// [`Room::sit`] when the rule says so.
    pub fn knock(&mut self, now: Time, seats: u64) -> Admission {
        if self.is_open(now, seats) {
            self.book_admission(now);
            return Admission::Admit;
        }
        if self.spec.order == Order::Reject || self.spec.max_length.is_some_and(|most| self.waiting >= most) {
            return Admission::Refuse;
        }
        Admission::Wait
    }

    /// A person joins the line; `class` 0 is best.
    pub fn join(&mut self, now: Time, person: u32, class: u8) {
        self.entered += 1;
        self.waiting += 1;
        if self.gone.len() <= person as usize {
            self.gone.resize(person as usize + 1, 0);
        }
        match &mut self.line {
            Line::Fifo { width, queue } => {
                let bucket = now.0.checked_div(width.0).unwrap_or(self.entered);
                queue.push_back((bucket, person));
            }
            Line::Lottery(all) => all.push(person),
            Line::Priority { ageing, queue } => {
                // Everybody ages alike, so who is ahead never changes while waiting: an arrival time moved back by
                // the class is the whole rule.
                let rank = match ageing {
                    Some(step) => now.0 as i64 + i64::from(class) * step.0 as i64,
                    None => i64::from(class),
                };
                queue.push(person, Reverse((rank, self.entered)));
            }
        }
    }

    /// A person leaves the line without being called.
    pub fn leave(&mut self, person: u32) {
        self.waiting -= 1;
        match &mut self.line {
            Line::Priority { queue, .. } => {
                queue.remove(&person);
            }
            // Taking somebody out of the middle costs the whole line; a mark costs nothing.
            Line::Fifo { .. } | Line::Lottery(_) => self.gone[person as usize] += 1,
        }
    }

    /// Takes the next person out of the line, with its place in it.
    fn pop(&mut self) -> Option<(u32, Rank)> {
        loop {
            let (person, rank) = match &mut self.line {
                Line::Fifo { width, queue } => {
                    let bucket = queue.front()?.0;
                    let at = if width.0 == 0 {
                        0
                    } else {
                        let n = queue.partition_point(|(b, _)| *b == bucket);
                        self.draw.below(n as u32) as usize
                    };
                    let (bucket, person) = queue.swap_remove_front(at)?;
                    (person, (0, bucket))
                }
                Line::Lottery(all) => {
                    if all.is_empty() {
                        return None;
                    }
                    let at = self.draw.below(all.len() as u32) as usize;
                    (all.swap_remove(at), (0, 0))
                }
                Line::Priority { queue, .. } => {
                    let (person, Reverse(rank)) = queue.pop()?;
                    return Some((person, rank));
                }
            };
            match &mut self.gone[person as usize] {
                0 => return Some((person, rank)),
                marks => *marks -= 1,
            }
        }
    }

    /// Puts a person back where [`Room::pop`] found it.
    fn unpop(&mut self, person: u32, rank: Rank) {
        match &mut self.line {
            Line::Fifo { queue, .. } => queue.push_front((rank.1, person)),
            Line::Lottery(all) => all.push(person),
            Line::Priority { queue, .. } => {
                queue.push(person, Reverse(rank));
            }
        }
    }

    /// Calls the next person in, if the seats it needs are free and the limit allows. Who needs more seats than are
    /// free waits at the head of the line, and all behind it.
    pub fn call(&mut self, now: Time, seats_of: impl Fn(u32) -> u64) -> Option<u32> {
        if self.waiting == 0 {
            return None;
        }
        let limits = self.spec.order != Order::Passthrough;
        if limits && (!self.seat_free(1) || self.rate_opens(now) > now) {
            return None;
        }
        let (person, rank) = self.pop()?;
        if limits && !self.seat_free(seats_of(person)) {
            self.unpop(person, rank);
            return None;
        }
        self.waiting -= 1;
        self.book_admission(now);
        Some(person)
    }

    /// Takes seats.
    pub fn sit(&mut self, seats: u64) {
        self.seats += seats;
    }

    /// Frees seats.
    pub fn free(&mut self, seats: u64) {
        self.seats = self.seats.saturating_sub(seats);
    }

    /// When the admission limit opens next, if it is what keeps the door shut.
    pub fn opens_at(&mut self, now: Time) -> Option<Time> {
        let at = self.rate_opens(now);
        (at > now).then_some(at)
    }
}

fn line_kind(order: &Order) -> u8 {
    match order {
        Order::Fifo { .. } | Order::Reject | Order::Passthrough => 0,
        Order::Lottery => 1,
        Order::Priority { .. } => 2,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{Purpose, Streams};

    fn room(order: Order, max_sessions: Option<u64>, admissions: Option<Admissions>) -> Room {
        let spec = Quota {
            max_sessions,
            admissions,
            ..Quota::unlimited(order)
        };
        Room::new(spec, Streams::new(1, 0).sequence(Purpose::Lottery, 0))
    }

    fn at(s: f64) -> Time {
        Time::from_secs(s)
    }

    #[test]
    fn a_gate_refuses_at_the_cap_and_opens_with_a_free_seat() {
        let mut r = room(Order::Reject, Some(1), None);
        assert_eq!(r.knock(at(0.0), 1), Admission::Admit);
        r.sit(1);
        assert_eq!(r.knock(at(1.0), 1), Admission::Refuse);
        r.free(1);
        assert_eq!(r.knock(at(2.0), 1), Admission::Admit);
    }

    #[test]
    fn fifo_keeps_the_order_and_skips_who_left() {
        let mut r = room(Order::Fifo { bucket: Span::ZERO }, Some(0), None);
        for p in [7, 8, 9] {
            assert_eq!(r.knock(at(0.0), 1), Admission::Wait);
            r.join(at(0.0), p, 0);
        }
        r.leave(8);
        let spec = Quota {
            max_sessions: Some(9),
            ..r.spec().clone()
        };
        r.change(at(1.0), spec, |_| 0);
        assert_eq!(
            (r.call(at(1.0), |_| 1), r.call(at(1.0), |_| 1), r.call(at(1.0), |_| 1)),
            (Some(7), Some(9), None)
        );
        // The mark of a person who left does not outlive the entry.
        r.join(at(2.0), 8, 0);
        assert_eq!(r.call(at(2.0), |_| 1), Some(8));
    }

    #[test]
    fn waiting_makes_up_for_a_class() {
        let mut r = room(
            Order::Priority {
                ageing: Some(Span::from_secs(10.0)),
            },
            None,
            None,
        );
        r.join(at(0.0), 1, 1);
        r.join(at(9.0), 2, 0);
        assert_eq!(r.call(at(9.0), |_| 1), Some(2));
        r.join(at(11.0), 3, 0);
        assert_eq!(r.call(at(11.0), |_| 1), Some(1));
    }

    #[test]
    fn windows_count_as_they_say() {
        let limit = |window| {
            Some(Admissions {
                count: 2,
                period: Span::from_secs(10.0),
                window,
            })
        };
        let mut fixed = room(Order::Reject, None, limit(Window::Fixed));
        let answers: Vec<_> = [8.0, 9.0, 9.5, 10.0].iter().map(|t| fixed.knock(at(*t), 1)).collect();
        use Admission::{Admit, Refuse};
        assert_eq!(answers, [Admit, Admit, Refuse, Admit]);
        let mut sliding = room(Order::Reject, None, limit(Window::Sliding));
        let answers: Vec<_> = [8.0, 9.0, 9.5, 10.0, 18.0]
            .iter()
            .map(|t| sliding.knock(at(*t), 1))
            .collect();
        assert_eq!(answers, [Admit, Admit, Refuse, Refuse, Admit]);
        let mut paced = room(Order::Reject, None, limit(Window::Paced));
        let answers: Vec<_> = [0.0, 1.0, 5.0].iter().map(|t| paced.knock(at(*t), 1)).collect();
        assert_eq!(answers, [Admit, Refuse, Admit]);
    }
}
