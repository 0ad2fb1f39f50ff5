//! Who waits, in the order of service, and the places of those who have left.

use crate::engine::{Draw, Span, Time};
use crate::scenario::model::Order;
use priority_queue::PriorityQueue;
use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

/// A place in a line: what orders it, then the order of entry (in a bucketed line: the bucket).
pub(super) type Rank = (i64, u64);

/// The bucket of those who gather before a start: one, whatever the width of the others.
pub(super) const GATHERED: u64 = u64::MAX;

/// Nobody's number.
const NOBODY: u32 = u32::MAX;

/// An expired or left place.
const OVER: Time = Time::ZERO;

/// A place, and how often its person had left the line before: a number comes back while places that it has left still lie in
/// the line, and they must not stand for it. With tickets always 0.
type Entry = (u32, u16);

/// Places by order of service. Without tickets a place is the person's number, and places of people who left from the
/// middle are told by [`Queue::left`] and skipped; with tickets it is the ticket's.
#[derive(Clone, Debug)]
enum Line {
    /// By arrival bucket; within the front bucket by lot.
    Fifo { width: Span, queue: VecDeque<(u64, Entry)> },
    /// By lot among all.
    Lottery(Vec<Entry>),
    /// By class and time waited; people leave from anywhere.
    Priority {
        ageing: Option<Span>,
        queue: PriorityQueue<u32, Reverse<Rank>>,
    },
}

/// A place that is kept for somebody who may have left.
#[derive(Clone, Copy, Debug)]
struct Ticket {
    person: u32,
    seats: u32,
    /// Of a person who is there: [`Time::MAX`]. Else until when the place is kept.
    until: Time,
    site: u16,
    present: bool,
    /// Tickets are used again: told apart by this.
    serial: u32,
}

/// Who holds a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Holder {
    /// A person who waits.
    Present(u32),
    /// Somebody who has left.
    Absent { seats: u32, site: u16, until: Time },
}

/// The line.
#[derive(Clone, Debug)]
pub(super) struct Queue {
    line: Line,
    /// How often somebody has left without being called, by person.
    left: Vec<u16>,
    tickets: Option<Tickets>,
    entered: u64,
    /// Kept places of people who have left.
    absent: u64,
    /// Places in the line that are over.
    over: usize,
    /// Who was drawn and put back: it is the next whatever else would be drawn.
    head: Option<(Entry, Rank)>,
}

#[derive(Clone, Debug, Default)]
struct Tickets {
    all: Vec<Ticket>,
    unused: Vec<u32>,
    /// By person.
    held: Vec<u32>,
    expiries: BinaryHeap<Reverse<(Time, u32, u32)>>,
}

impl Tickets {
    fn issue(&mut self, ticket: Ticket) -> u32 {
        match self.unused.pop() {
            Some(at) => {
                let serial = self.all[at as usize].serial.wrapping_add(1);
                self.all[at as usize] = Ticket { serial, ..ticket };
                at
            }
            None => {
                self.all.push(ticket);
                (self.all.len() - 1) as u32
            }
        }
    }

    fn give_back(&mut self, at: u32) {
        self.all[at as usize].serial = self.all[at as usize].serial.wrapping_add(1);
        self.unused.push(at);
    }

    fn watch(&mut self, at: u32) {
        let ticket = self.all[at as usize];
        if ticket.until < Time::MAX {
            self.expiries.push(Reverse((ticket.until, at, ticket.serial)));
        }
    }
}

impl Queue {
    /// Nobody. `ticketed`: places of people who leave are kept.
    pub fn new(order: &Order, ticketed: bool) -> Self {
        let line = match order {
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
        };
        Queue {
            line,
            left: Vec::new(),
            tickets: ticketed.then(Tickets::default),
            entered: 0,
            absent: 0,
            over: 0,
            head: None,
        }
    }

    /// The same form of line with other settings, for those who join from now on.
    pub fn set_order(&mut self, order: &Order) {
        match (&mut self.line, order) {
            (Line::Fifo { width, .. }, Order::Fifo { bucket }) => *width = *bucket,
            (Line::Fifo { width, .. }, _) => *width = Span::ZERO,
            _ => {}
        }
    }

    /// Kept places of people who have left.
    pub fn absent(&self) -> u64 {
        self.absent
    }

    /// A person joins; `class` 0 is best. `gathers`: before a start.
    pub fn join(&mut self, now: Time, person: u32, class: u8, gathers: bool) {
        let place = match &mut self.tickets {
            None => {
                if self.left.len() <= person as usize {
                    self.left.resize(person as usize + 1, 0);
                }
                person
            }
            Some(tickets) => {
                let place = tickets.issue(Ticket {
                    person,
                    seats: 1,
                    until: Time::MAX,
                    site: 0,
                    present: true,
                    serial: 0,
                });
                if tickets.held.len() <= person as usize {
                    tickets.held.resize(person as usize + 1, NOBODY);
                }
                tickets.held[person as usize] = place;
                place
            }
        };
        self.push(now, place, class, gathers);
    }

    /// The place of somebody who is there now.
    fn entry(&self, place: u32) -> Entry {
        let left = if self.tickets.is_some() {
            0
        } else {
            self.left[place as usize]
        };
        (place, left)
    }

    fn push(&mut self, now: Time, place: u32, class: u8, gathers: bool) {
        self.entered += 1;
        let entry = self.entry(place);
        match &mut self.line {
            Line::Fifo { width, queue } => {
                let bucket = now.0.checked_div(width.0).unwrap_or(self.entered);
                queue.push_back((if gathers { GATHERED } else { bucket }, entry));
            }
            Line::Lottery(all) => all.push(entry),
            Line::Priority { ageing, queue } => {
                // Everybody ages alike, so who is ahead never changes while waiting: an arrival time moved back by
                // the class is the whole rule.
                let rank = match ageing {
                    Some(step) => now.0 as i64 + i64::from(class) * step.0 as i64,
                    None => i64::from(class),
                };
                queue.push(place, Reverse((rank, self.entered)));
            }
        }
    }

    /// Somebody who is not there takes a place, kept until then.
    pub fn join_absent(&mut self, now: Time, class: u8, site: u16, until: Time, gathers: bool) {
        let Some(tickets) = &mut self.tickets else { return };
        let place = tickets.issue(Ticket {
            person: NOBODY,
            seats: 1,
            until,
            site,
            present: false,
            serial: 0,
        });
        tickets.watch(place);
        self.absent += 1;
        self.push(now, place, class, gathers);
    }

    /// A person leaves without being called; its place is given up.
    pub fn leave(&mut self, person: u32) {
        let place = match &mut self.tickets {
            None => person,
            Some(tickets) => {
                let place = std::mem::replace(&mut tickets.held[person as usize], NOBODY);
                let ticket = &mut tickets.all[place as usize];
                ticket.present = false;
                ticket.until = OVER;
                place
            }
        };
        if let Line::Priority { queue, .. } = &mut self.line {
            queue.remove(&place);
            if let Some(tickets) = &mut self.tickets {
                tickets.give_back(place);
            }
        } else if self.tickets.is_some() {
            self.over += 1;
        } else {
            // Taking somebody out of the middle costs the whole line; a mark costs nothing.
            let left = &mut self.left[person as usize];
            *left = left.wrapping_add(1);
        }
    }

    /// A person leaves without being called; its place is kept until then.
    pub fn leave_absent(&mut self, person: u32, seats: u32, site: u16, until: Time) {
        let Some(tickets) = &mut self.tickets else {
            return self.leave(person);
        };
        let place = std::mem::replace(&mut tickets.held[person as usize], NOBODY);
        let ticket = &mut tickets.all[place as usize];
        (ticket.present, ticket.until, ticket.seats, ticket.site) = (false, until, seats, site);
        tickets.watch(place);
        self.absent += 1;
    }

    /// Places kept long enough are given up.
    pub fn expire(&mut self, now: Time) {
        let Some(tickets) = &mut self.tickets else { return };
        while let Some(Reverse((until, place, serial))) = tickets.expiries.peek().copied() {
            if until > now {
                break;
            }
            tickets.expiries.pop();
            let ticket = &mut tickets.all[place as usize];
            if ticket.serial != serial || ticket.present || ticket.until != until {
                continue;
            }
            ticket.until = OVER;
            self.absent -= 1;
            if let Line::Priority { queue, .. } = &mut self.line {
                queue.remove(&place);
                tickets.give_back(place);
            } else {
                self.over += 1;
            }
        }
        self.sweep();
    }

    /// When the next place is given up.
    pub fn next_expiry(&self) -> Option<Time> {
        let Reverse((until, ..)) = self.tickets.as_ref()?.expiries.peek()?;
        Some(*until)
    }

    /// Takes places that are over out of the line once they are the most of it.
    fn sweep(&mut self) {
        let length = match &self.line {
            Line::Fifo { queue, .. } => queue.len(),
            Line::Lottery(all) => all.len(),
            Line::Priority { .. } => return,
        };
        let Some(tickets) = self
            .tickets
            .as_mut()
            .filter(|_| self.over > 1000 && 2 * self.over > length)
        else {
            return;
        };
        let mut stays = |place: u32| {
            let over = tickets.all[place as usize].until == OVER;
            if over {
                tickets.give_back(place);
            }
            !over
        };
        match &mut self.line {
            Line::Fifo { queue, .. } => queue.retain(|(_, (place, _))| stays(*place)),
            Line::Lottery(all) => all.retain(|(place, _)| stays(*place)),
            Line::Priority { .. } => {}
        }
        self.over = 0;
    }

    /// Takes the next place out of the line, with where it was.
    fn pop_place(&mut self, draw: &mut Draw) -> Option<(Entry, Rank)> {
        if self.head.is_some() {
            return self.head.take();
        }
        Some(match &mut self.line {
            Line::Fifo { width, queue } => {
                let bucket = queue.front()?.0;
                let at = if width.0 == 0 && bucket != GATHERED {
                    0
                } else {
                    let n = queue.partition_point(|(b, _)| *b == bucket);
                    draw.below(n as u32) as usize
                };
                let (bucket, entry) = queue.swap_remove_front(at)?;
                (entry, (0, bucket))
            }
            Line::Lottery(all) => {
                if all.is_empty() {
                    return None;
                }
                let at = draw.below(all.len() as u32) as usize;
                (all.swap_remove(at), (0, 0))
            }
            Line::Priority { queue, .. } => {
                let (place, Reverse(rank)) = queue.pop()?;
                ((place, 0), rank)
            }
        })
    }

    /// Takes the next holder out of the line. [`Queue::accept`] it or [`Queue::put_back`].
    pub fn pop(&mut self, draw: &mut Draw) -> Option<(u32, Holder, Rank)> {
        loop {
            let ((place, left), rank) = self.pop_place(draw)?;
            if let Some(tickets) = &mut self.tickets {
                let ticket = tickets.all[place as usize];
                if ticket.present {
                    return Some((place, Holder::Present(ticket.person), rank));
                }
                if ticket.until != OVER {
                    let (seats, site, until) = (ticket.seats, ticket.site, ticket.until);
                    return Some((place, Holder::Absent { seats, site, until }, rank));
                }
                tickets.give_back(place);
                // The head of the line is not swept.
                self.over = self.over.saturating_sub(1);
                continue;
            }
            if matches!(self.line, Line::Priority { .. }) || left == self.left[place as usize] {
                return Some((place, Holder::Present(place), rank));
            }
        }
    }

    /// The place that was popped is used up.
    pub fn accept(&mut self, place: u32) {
        let Some(tickets) = &mut self.tickets else { return };
        let ticket = tickets.all[place as usize];
        if ticket.present {
            tickets.held[ticket.person as usize] = NOBODY;
        } else {
            self.absent -= 1;
        }
        tickets.give_back(place);
    }

    /// Puts a place back where it was popped: at the head, also where lots are drawn. How often somebody looks whether the head
    /// can be called must not change who it is.
    pub fn put_back(&mut self, place: u32, rank: Rank) {
        let entry = self.entry(place);
        match &mut self.line {
            Line::Fifo { .. } | Line::Lottery(_) => self.head = Some((entry, rank)),
            Line::Priority { queue, .. } => {
                queue.push(place, Reverse(rank));
            }
        }
    }
}

/// Whether places of one order are places of the other too.
pub(super) fn is_alike(one: &Order, other: &Order) -> bool {
    match (one, other) {
        (Order::Priority { ageing: a }, Order::Priority { ageing: b }) => a == b,
        _ => kind(one) == kind(other),
    }
}

/// Which form of line an order needs.
fn kind(order: &Order) -> u8 {
    match order {
        Order::Fifo { .. } | Order::Reject | Order::Passthrough => 0,
        Order::Lottery => 1,
        Order::Priority { .. } => 2,
    }
}
