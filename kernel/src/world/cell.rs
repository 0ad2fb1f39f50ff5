//! Crisis cells in motion: alarms become tickets, a small crew diagnoses and mends, and troubles of other services wait.
//!
//! A look at the monitors changes nothing and leaves no trace; what is done about a ticket is an entry of the agenda.

use super::agenda::Agenda;
use super::levers::mean_share;
use super::observer::Ear;
use super::state::World;
use crate::engine::{Distribution, Purpose, Span, Time, key_of};
use crate::measure::{Ticket, TicketEnd};
use crate::scenario::model::{Cell, Contract, OperatorId};

/// Within this time after a ticket the work afterwards is done.
const A_DAY: Span = Span(24 * 3600 * 1_000_000_000);

/// A cell at work.
pub(super) struct CellState<'s> {
    operator: usize,
    spec: &'s Cell,
    next_look: Time,
    contracts: Vec<ContractState>,
    /// Tickets that wait for somebody.
    waiting: Vec<usize>,
    busy: u32,
}

/// What a cell knows of one service.
struct ContractState {
    /// When it last looked, and the integral of the busy share then.
    looked: (Time, f64),
    /// Since when each watch is high.
    high_since: Vec<Option<Time>>,
    calm_since: Option<Time>,
    open: Option<usize>,
    /// When the last ticket was opened.
    last: Option<Time>,
    /// How often each play was done.
    used: Vec<u32>,
    /// Troubles diagnosed so far.
    diagnosed: u64,
}

/// Where a ticket is.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Phase {
    Waiting,
    Diagnosing,
    Fixing(usize),
    /// A fix acts since then; does it help?
    Settling(Time),
    /// Nothing that the cell knows can be done now.
    OutOfMeans,
    Closed,
}

/// A ticket under way; what is kept of it is in the books.
pub(super) struct TicketState {
    cell: usize,
    contract: usize,
    watch: usize,
    phase: Phase,
    /// Work after the trouble: this play, without a diagnosis.
    planned: Option<usize>,
}

/// What a look shows of a service.
struct Sight {
    values: Vec<f64>,
    calm: bool,
}

impl<'s, O: Ear> World<'s, O> {
    pub(super) fn set_up_cells(&mut self) {
        for (operator, spec) in self.scenario.operators.iter().enumerate() {
            let Some(spec) = &spec.cell else { continue };
            let contract = |contract: &Contract| ContractState {
                looked: (Time::ZERO, 0.0),
                high_since: vec![None; spec.watches.len()],
                calm_since: None,
                open: None,
                last: None,
                used: vec![0; contract.plays.len()],
                diagnosed: 0,
            };
            self.cells.push(CellState {
                operator,
                spec,
                next_look: Time::ZERO + spec.look,
                contracts: spec.contracts.iter().map(contract).collect(),
                waiting: Vec::new(),
                busy: 0,
            });
        }
    }

    /// The cells whose time has come look at their monitors.
    pub(super) fn cells_look(&mut self) {
        for c in 0..self.cells.len() {
            if self.now < self.cells[c].next_look {
                continue;
            }
            self.cells[c].next_look = self.now + self.cells[c].spec.look;
            for k in 0..self.cells[c].contracts.len() {
                let sight = self.sight(c, k);
                match self.cells[c].contracts[k].open {
                    None => self.notice(c, k, &sight),
                    Some(ticket) => self.follow_up(ticket, &sight),
                }
            }
            self.take_up(c);
        }
    }

    fn sight(&mut self, c: usize, k: usize) -> Sight {
        let spec = self.cells[c].spec;
        let s = spec.contracts[k].service.index();
        let busy = self.services[s].station.busy_until(self.now);
        let (last, before) = std::mem::replace(&mut self.cells[c].contracts[k].looked, (self.now, busy));
        let utilisation = mean_share(busy - before, self.now - last);
        let read = |w: &crate::scenario::model::CellWatch| self.read(s, w.signal.kind, utilisation);
        let values: Vec<f64> = spec.watches.iter().map(read).collect();
        let mut low = values.iter().zip(&spec.watches);
        let calm = low.all(|(value, watch)| *value < watch.signal.below) && !self.services[s].down;
        Sight { values, calm }
    }

    /// Nothing is known to be wrong: is something?
    fn notice(&mut self, c: usize, k: usize, sight: &Sight) {
        let (now, spec) = (self.now, self.cells[c].spec);
        let contract = &mut self.cells[c].contracts[k];
        let mut alarm = None;
        for (w, (value, watch)) in sight.values.iter().zip(&spec.watches).enumerate() {
            if *value <= watch.signal.above {
                contract.high_since[w] = None;
                continue;
            }
            let since = *contract.high_since[w].get_or_insert(now);
            if now - since >= watch.lasting && alarm.is_none() {
                alarm = Some(w);
            }
        }
        if let Some(watch) = alarm {
            return self.open_ticket(c, k, watch, None);
        }
        let recent = contract.last.is_some_and(|last| now - last <= A_DAY);
        let plays = spec.contracts[k].plays.iter().enumerate();
        let due = recent.then(|| {
            let mut due =
                plays.filter(|(p, play)| play.afterwards && contract.used[*p] < play.most && play.is_possible(now));
            due.next().map(|(p, _)| p)
        });
        if let Some(Some(play)) = due {
            self.open_ticket(c, k, 0, Some(play));
        }
    }

    fn open_ticket(&mut self, c: usize, k: usize, watch: usize, planned: Option<usize>) {
        let ticket = self.tickets.len();
        let cell = &mut self.cells[c];
        let trouble = cell.spec.watches[watch].signal.kind.name();
        self.ticket_books.push(Ticket {
            operator: OperatorId(cell.operator as u16),
            service: cell.spec.contracts[k].service,
            trouble: planned.map_or(trouble, |_| Ticket::AFTERWARDS),
            detected: self.now,
            taken: None,
            diagnosed: None,
            fixes: Vec::new(),
            closed: None,
            end: TicketEnd::Open,
        });
        self.tickets.push(TicketState {
            cell: c,
            contract: k,
            watch,
            phase: Phase::Waiting,
            planned,
        });
        let contract = &mut cell.contracts[k];
        contract.open = Some(ticket);
        contract.calm_since = None;
        if planned.is_none() {
            contract.last = Some(self.now);
        }
        cell.waiting.push(ticket);
    }

    /// An open ticket in the light of a new look.
    fn follow_up(&mut self, ticket: usize, sight: &Sight) {
        let TicketState {
            cell: c,
            contract: k,
            phase,
            planned,
            ..
        } = self.tickets[ticket];
        if planned.is_some() || matches!(phase, Phase::Diagnosing | Phase::Fixing(_)) {
            return;
        }
        let (now, settle) = (self.now, self.cells[c].spec.settle);
        let contract = &mut self.cells[c].contracts[k];
        if sight.calm {
            let since = *contract.calm_since.get_or_insert(now);
            if now - since >= settle {
                let fixed = !self.ticket_books[ticket].fixes.is_empty();
                self.close(ticket, if fixed { TicketEnd::Fixed } else { TicketEnd::ByItself });
            }
            return;
        }
        contract.calm_since = None;
        match phase {
            Phase::Settling(since) if now - since >= settle => self.begin_fix(ticket),
            Phase::OutOfMeans if self.applicable(ticket).is_some() => {
                self.tickets[ticket].phase = Phase::Waiting;
                self.cells[c].waiting.push(ticket);
            }
            _ => {}
        }
    }

    /// Free hands take up what waits: the first contracts first, then in order of time.
    fn take_up(&mut self, c: usize) {
        while self.cells[c].busy < self.cells[c].spec.crew && !self.cells[c].waiting.is_empty() {
            let waiting = &self.cells[c].waiting;
            let order = |t: &usize| (self.tickets[*t].contract, *t);
            let Some(ticket) = waiting.iter().copied().min_by_key(order) else {
                return;
            };
            self.cells[c].waiting.retain(|t| *t != ticket);
            self.cells[c].busy += 1;
            let again = self.ticket_books[ticket].taken.is_some();
            self.ticket_books[ticket].taken.get_or_insert(self.now);
            // Whoever has mended something looks anew whether it is calm.
            self.cells[c].contracts[self.tickets[ticket].contract].calm_since = None;
            if again || self.tickets[ticket].planned.is_some() {
                self.begin_fix(ticket);
            } else {
                let TicketState { contract: k, phase, .. } = &mut self.tickets[ticket];
                *phase = Phase::Diagnosing;
                let contract = &mut self.cells[c].contracts[*k];
                contract.diagnosed += 1;
                let (number, spec) = (contract.diagnosed, self.cells[c].spec);
                self.work_on(ticket, &spec.diagnosis, number);
            }
        }
    }

    /// The next step of a ticket is done after a drawn time. Its number is one among the steps at this service, so that a
    /// policy which spares another service its trouble changes no draw here.
    fn work_on(&mut self, ticket: usize, law: &Distribution, number: u64) {
        let state = &self.tickets[ticket];
        let service = self.cells[state.cell].spec.contracts[state.contract].service;
        let key = key_of(&self.scenario.services[service.index()].key);
        let mut draw = self.streams.person(Purpose::Crew, key, number);
        let at = self.now + Span::from_secs(law.sample(&mut draw));
        if at <= self.scenario.clock.end {
            self.plan(at, Agenda::Ticket { ticket });
        }
    }

    /// The first thing of the playbook that may help now.
    fn applicable(&self, ticket: usize) -> Option<usize> {
        let state = &self.tickets[ticket];
        let cell = &self.cells[state.cell];
        let kind = cell.spec.watches[state.watch].signal.kind;
        let used = &cell.contracts[state.contract].used;
        let plays = cell.spec.contracts[state.contract].plays.iter().enumerate();
        let mut fits = plays.filter(|(p, play)| {
            let helps = play.against.is_empty() || play.against.contains(&kind);
            !play.afterwards && helps && used[*p] < play.most && play.is_possible(self.now)
        });
        fits.next().map(|(p, _)| p)
    }

    fn begin_fix(&mut self, ticket: usize) {
        let state = &self.tickets[ticket];
        let (c, k) = (state.cell, state.contract);
        let Some(play) = state.planned.or_else(|| self.applicable(ticket)) else {
            self.tickets[ticket].phase = Phase::OutOfMeans;
            return self.let_go(c);
        };
        self.tickets[ticket].phase = Phase::Fixing(play);
        let used = &mut self.cells[c].contracts[k].used[play];
        *used += 1;
        // Apart from the numbers of diagnoses.
        let number = (play as u64 + 1) << 32 | u64::from(*used);
        let spec = self.cells[c].spec;
        self.work_on(ticket, &spec.contracts[k].plays[play].takes, number);
    }

    /// A step of a ticket is done: the cause is known, or a fix acts.
    pub(super) fn ticket_step(&mut self, ticket: usize) {
        let TicketState {
            cell: c,
            contract: k,
            phase,
            ..
        } = self.tickets[ticket];
        match phase {
            Phase::Diagnosing => {
                self.ticket_books[ticket].diagnosed = Some(self.now);
                self.begin_fix(ticket);
            }
            Phase::Fixing(play) => {
                let play = &self.cells[c].spec.contracts[k].plays[play];
                self.ticket_books[ticket].fixes.push((play.name.clone(), self.now));
                for act in &play.acts {
                    let pulled = self.pull(act);
                    self.apply_incidents(pulled);
                }
                self.tickets[ticket].phase = Phase::Settling(self.now);
                if self.tickets[ticket].planned.is_some() {
                    self.close(ticket, TicketEnd::Done);
                }
            }
            _ => {}
        }
        self.take_up(c);
    }

    fn close(&mut self, ticket: usize, end: TicketEnd) {
        let TicketState {
            cell: c,
            contract: k,
            phase,
            ..
        } = self.tickets[ticket];
        let book = &mut self.ticket_books[ticket];
        (book.closed, book.end) = (Some(self.now), end);
        self.tickets[ticket].phase = Phase::Closed;
        let contract = &mut self.cells[c].contracts[k];
        contract.open = None;
        contract.calm_since = None;
        contract.high_since.fill(None);
        self.cells[c].waiting.retain(|t| *t != ticket);
        if matches!(phase, Phase::Settling(_)) {
            self.let_go(c);
        }
    }

    fn let_go(&mut self, c: usize) {
        self.cells[c].busy -= 1;
    }
}
