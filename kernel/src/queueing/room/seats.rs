//! Seats: one exact count, or several sites that each know their own and what the others had at the last count.

use crate::engine::Time;
use crate::scenario::model::Sites;

/// Seats taken.
#[derive(Clone, Debug, Default)]
pub(super) struct Seats {
    total: u64,
    /// Empty where there is one count.
    sites: Vec<Site>,
    next_count: Option<Time>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Site {
    seats: u64,
    /// Of all others at the last count.
    others: u64,
}

impl Seats {
    /// All free.
    pub fn new(now: Time, spec: Option<Sites>) -> Self {
        let mut seats = Seats::default();
        seats.lay_out(now, spec);
        seats
    }

    /// Another number of sites: what is taken is spread over them.
    pub fn lay_out(&mut self, now: Time, spec: Option<Sites>) {
        let n = spec.map_or(0, |s| u64::from(s.count));
        let own = |i: u64| self.total / n + u64::from(i < self.total % n);
        self.sites = (0..n)
            .map(|i| Site {
                seats: own(i),
                others: self.total - own(i),
            })
            .collect();
        self.next_count = None;
        self.plan(now, spec);
    }

    fn plan(&mut self, now: Time, spec: Option<Sites>) {
        self.next_count = spec.map(|s| Time((now.0 / s.lag.0 + 1) * s.lag.0));
    }

    /// Seats taken at all sites together.
    pub fn total(&self) -> u64 {
        self.total
    }

    /// Whether so many are free as a site sees it.
    pub fn free_at(&self, site: u16, seats: u64, cap: u64) -> bool {
        let seen = self
            .sites
            .get(usize::from(site))
            .map_or(self.total, |s| s.seats + s.others);
        seen + seats <= cap
    }

    /// Whether a seat is free as every site, or as some site, sees it.
    pub fn free_at_all(&self, cap: u64) -> bool {
        match self.sites.len() {
            0 => self.free_at(0, 1, cap),
            n => (0..n).all(|i| self.free_at(i as u16, 1, cap)),
        }
    }

    /// Whether a seat is free as some site sees it.
    pub fn free_somewhere(&self, cap: u64) -> bool {
        match self.sites.len() {
            0 => self.free_at(0, 1, cap),
            n => (0..n).any(|i| self.free_at(i as u16, 1, cap)),
        }
    }

    /// Takes seats.
    pub fn sit(&mut self, seats: u64, site: u16) {
        self.total += seats;
        if let Some(site) = self.sites.get_mut(usize::from(site)) {
            site.seats += seats;
        }
    }

    /// Frees seats.
    pub fn free(&mut self, seats: u64, site: u16) {
        let seats = seats.min(self.total);
        self.total -= seats;
        let mut left = seats;
        // After another layout a site may hold fewer than come back to it: the fullest gives the rest.
        while left > 0 && !self.sites.is_empty() {
            let home = usize::from(site).min(self.sites.len() - 1);
            let from = match self.sites[home].seats {
                0 => self.fullest(),
                _ => home,
            };
            let taken = self.sites[from].seats.min(left).max(1);
            self.sites[from].seats = self.sites[from].seats.saturating_sub(taken);
            left -= taken;
        }
    }

    fn fullest(&self) -> usize {
        let most = self.sites.iter().enumerate().max_by_key(|(_, s)| s.seats);
        most.map_or(0, |(i, _)| i)
    }

    /// The sites tell each other what they have, if it is time.
    pub fn count(&mut self, now: Time, spec: Option<Sites>) {
        if self.next_count.is_none_or(|at| at > now) {
            return;
        }
        for site in &mut self.sites {
            site.others = self.total - site.seats;
        }
        self.plan(now, spec);
    }

    /// When they do so next.
    pub fn next_count(&self) -> Option<Time> {
        self.next_count
    }
}
