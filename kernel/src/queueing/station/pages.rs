//! Pages as jobs of their own, for runs in which every request is an event. They share the cores with logins and need no
//! thread: the fluid form has no bound on pages either.

use super::job::Finish;
use super::{NOBODY, Station};
use crate::engine::{Slab, Span, Time};
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// A page in progress.
#[derive(Clone, Copy, Debug)]
struct Page {
    owner: u32,
    asked: Time,
    /// When it is done, in virtual time.
    at: f64,
    /// Whoever asked has left, and the station noticed: its entry is skipped.
    gone: bool,
}

/// The pages in progress at a station.
#[derive(Clone, Debug, Default)]
pub(super) struct Pages {
    /// Pages are jobs here; where not, they are a fluid ([`crate::queueing::Load`]).
    pub one_by_one: bool,
    /// How many.
    pub in_progress: u32,
    slab: Slab<Page>,
    running: BinaryHeap<Reverse<Finish>>,
}

impl Pages {
    /// All are dropped.
    pub fn clear(&mut self) {
        while let Some(Reverse(next)) = self.running.pop() {
            self.slab.remove(next.id());
        }
        self.in_progress = 0;
    }

    fn first(&mut self) -> Option<Finish> {
        while let Some(Reverse(next)) = self.running.peek().copied() {
            if !self.slab[next.id()].gone {
                return Some(next);
            }
            self.running.pop();
            self.slab.remove(next.id());
        }
        None
    }
}

/// A page that is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageDone {
    /// Who asked for it, or [`NOBODY`].
    pub owner: u32,
    /// How long it took.
    pub latency: Span,
}

impl Station {
    /// From now on pages of sessions are jobs ([`Station::ask_page`]) and no fluid.
    pub fn pages_one_by_one(&mut self) {
        self.pages.one_by_one = true;
    }

    /// Somebody asks for a page of `work` core-seconds; answers its number.
    pub fn ask_page(&mut self, now: Time, owner: u32, work: f64) -> u32 {
        self.advance(now);
        let page = Page {
            owner,
            asked: now,
            at: self.v + work,
            gone: false,
        };
        let id = self.pages.slab.insert(page);
        self.pages.running.push(Reverse(Finish::new(page.at, id, owner)));
        self.pages.in_progress += 1;
        self.plain = false;
        self.resolve();
        id
    }

    /// Work of a page of a session, core-seconds.
    pub fn page_work(&self) -> f64 {
        self.load.page_work
    }

    /// Whoever asked for a page leaves: the station works on for nobody, or drops it if it notices.
    pub fn leave_page(&mut self, now: Time, id: u32) {
        self.advance(now);
        if self.wasted_work {
            self.pages.slab[id].owner = NOBODY;
            return;
        }
        self.pages.slab[id].gone = true;
        self.pages.in_progress -= 1;
        self.resolve();
    }

    /// How long a page in progress will have taken when it is done, if the speed stays as it is, s.
    pub fn latency_of(&self, now: Time, id: u32) -> f64 {
        let page = &self.pages.slab[id];
        (now - page.asked).as_secs() + (page.at - self.v).max(0.0) * self.slowness
    }

    /// Whether what is done next is a page, not a login.
    #[inline]
    pub fn page_is_next(&mut self) -> bool {
        !self.plain && self.pages.in_progress > 0 && self.page_comes_first()
    }

    fn page_comes_first(&mut self) -> bool {
        self.drop_gone();
        let Some(page) = self.pages.first() else { return false };
        self.running.peek().is_none_or(|Reverse(login)| page.at() < login.at())
    }

    pub(super) fn next_with_pages(&mut self) -> Option<Time> {
        let page = self.pages.first().map(Finish::at);
        let login = self.running.peek().map(|Reverse(next)| next.at());
        let at = match (page, login) {
            (Some(page), Some(login)) => page.min(login),
            (one, other) => one.or(other)?,
        };
        Some(self.last + Span::from_secs((at - self.v).max(0.0) * self.slowness))
    }

    /// The next page is done at `now`.
    pub fn complete_page(&mut self, now: Time) -> Option<PageDone> {
        self.advance(now);
        let next = self.pages.first()?;
        self.v = self.v.max(next.at());
        self.pages.running.pop();
        let page = self.pages.slab[next.id()];
        self.pages.slab.remove(next.id());
        self.pages.in_progress -= 1;
        self.resolve();
        Some(PageDone {
            owner: page.owner,
            latency: now - page.asked,
        })
    }
}
