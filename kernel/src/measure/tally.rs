//! Counts of one cohort or one service over a run.

use super::Waits;

/// Why a knock did not lead in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Refusal {
    /// The quota was reached, or the waiting room was full.
    Quota = 0,
    /// All threads busy and the backlog full.
    Full = 1,
    /// The token bucket was empty.
    Limited = 2,
    /// The service was down.
    Outage = 3,
    /// Taken for an attacker, or shed by a rule.
    Blocked = 4,
    /// Packets lost on the link until the client gave the exchange up.
    Lost = 5,
    /// The client's time-out, while queued or in service.
    Timeout = 6,
    /// Patience ran out in the waiting room.
    Reneged = 7,
    /// The service went down while the login was on its way.
    Dropped = 8,
}

impl Refusal {
    /// All reasons in order; [`Tally::refused`] is indexed by them.
    pub const ALL: [Refusal; 9] = [
        Refusal::Quota,
        Refusal::Full,
        Refusal::Limited,
        Refusal::Outage,
        Refusal::Blocked,
        Refusal::Lost,
        Refusal::Timeout,
        Refusal::Reneged,
        Refusal::Dropped,
    ];

    /// Whether the service itself answers with a page that says so (statuses 429 and 503), on which it can say when to come back.
    pub fn is_answered(self) -> bool {
        matches!(self, Refusal::Quota | Refusal::Full | Refusal::Limited)
    }

    /// Whether it says that too many came (status 429), and nothing of a trouble. A full backlog is one (503).
    pub fn is_throttling(self) -> bool {
        matches!(self, Refusal::Quota | Refusal::Limited)
    }

    /// The name in CSV columns.
    pub fn name(self) -> &'static str {
        match self {
            Refusal::Quota => "quota",
            Refusal::Full => "full",
            Refusal::Limited => "limited",
            Refusal::Outage => "outage",
            Refusal::Blocked => "blocked",
            Refusal::Lost => "lost",
            Refusal::Timeout => "timeout",
            Refusal::Reneged => "reneged",
            Refusal::Dropped => "dropped",
        }
    }
}

/// Learning time, in nanoseconds: whole ones, so that `wanted = obtained + fallback + lost` holds exactly, and as
/// `u128`, for `u64` ends at 5 million hours, which is less than a country learns on a morning.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Learning {
    /// What visits wanted (at a service: what was obtained or lost there).
    pub wanted: u128,
    /// Obtained in sessions.
    pub obtained: u128,
    /// Obtained elsewhere after giving up.
    pub fallback: u128,
    /// Obtained nowhere.
    pub lost: u128,
}

impl Learning {
    /// Books time that is wanted, ns.
    pub fn want(&mut self, wanted: u64) {
        self.wanted += u128::from(wanted);
    }
    /// Books time obtained in a session and elsewhere, ns.
    pub fn gain(&mut self, obtained: u64, elsewhere: u64) {
        self.obtained += u128::from(obtained);
        self.fallback += u128::from(elsewhere);
    }
    /// Books time lost, ns.
    pub fn lose(&mut self, lost: u64) {
        self.lost += u128::from(lost);
    }
    /// Such a time in hours.
    ///
    /// ```
    /// use preau::measure::Learning;
    /// let mut learning = Learning::default();
    /// for _ in 0..12_800_000 {
    ///     learning.want(3_600_000_000_000);
    /// }
    /// assert_eq!(Learning::hours(learning.wanted), 12_800_000.0);
    /// ```
    pub fn hours(time: u128) -> f64 {
        time as f64 / 3.6e12
    }
    /// What came since `before`, an earlier state of the same books.
    pub fn since(&self, before: &Learning) -> Learning {
        Learning {
            wanted: self.wanted - before.wanted,
            obtained: self.obtained - before.obtained,
            fallback: self.fallback - before.fallback,
            lost: self.lost - before.lost,
        }
    }
    pub(super) fn merge(&mut self, o: &Learning) {
        self.wanted += o.wanted;
        self.obtained += o.obtained;
        self.fallback += o.fallback;
        self.lost += o.lost;
    }
}

/// Limits of [`Tally::connected_within`], s.
pub const WITHIN_S: [u64; 3] = [60, 300, 900];

/// Counts of one cohort or one service over a run. What events count lies together.
#[derive(Clone, Debug, Default)]
#[repr(C, align(64))]
pub struct Tally {
    /// Knocks, first ones and retries.
    pub knocks: u64,
    /// Of them the first of a visit at this door.
    pub first_knocks: u64,
    /// Visits begun.
    pub visits: u64,
    /// Logins completed with the client still there.
    pub logins: u64,
    /// Visits that got in at least once.
    pub visits_connected: u64,
    /// Of them within the limits of [`WITHIN_S`] of their first knock.
    pub connected_within: [u64; 3],
    /// Wait from the first knock of a visit to its first login.
    pub waits: Waits,
    /// Learning time.
    pub learning: Learning,
    /// Different people who knocked at least once (cohorts only).
    pub people_tried: u64,
    /// Different people who got in at least once (cohorts only).
    pub people_connected: u64,
    /// Sessions begun.
    pub sessions: u64,
    /// Visits given up (at one door, when it is a service's tally).
    pub gave_up: u64,
    /// Knocks that failed, by [`Refusal`].
    pub refused: [u64; 9],
    /// Logins completed for nobody.
    pub wasted: u64,
    /// Sessions ended by the limit or an outage before the person wanted to leave.
    pub cut: u64,
    /// Visits not over when the run ended (their open time is booked as lost).
    pub unfinished: u64,
    /// Knocks still on their way at the end: in a room, a backlog or in service.
    pub underway: u64,
    /// Live classes: of a cohort those of its pupils, of a service those that meet there.
    pub classes: ClassCounts,
    /// Times that a visit waited for a device that somebody else had (cohorts only).
    pub device_waits: u64,
    /// How long such waits were together, ns.
    pub device_waited: u128,
}

/// Counts of live classes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ClassCounts {
    /// Lessons whose teacher set out for them.
    pub planned: u64,
    /// Of them those to which the teacher got in.
    pub opened: u64,
    /// Of them within 15 minutes of the teacher's first knock.
    pub opened_15min: u64,
    /// Of those opened: at least one pupil was in together with the teacher.
    pub held: u64,
    /// Visits of pupils to a lesson.
    pub visits: u64,
    /// Of them those that were in together with their teacher.
    pub attended: u64,
    /// Of them within 15 minutes of the pupil's first knock.
    pub attended_15min: u64,
}

impl ClassCounts {
    fn merge(&mut self, o: &ClassCounts) {
        self.planned += o.planned;
        self.opened += o.opened;
        self.opened_15min += o.opened_15min;
        self.held += o.held;
        self.visits += o.visits;
        self.attended += o.attended;
        self.attended_15min += o.attended_15min;
    }
}

impl Tally {
    /// Knocks that failed, for any reason.
    pub fn refusals(&self) -> u64 {
        self.refused.iter().sum()
    }

    /// Adds another's counts.
    pub fn merge(&mut self, o: &Tally) {
        macro_rules! add { ($($f:ident),*) => { $( self.$f += o.$f; )* } }
        add!(
            people_tried,
            people_connected,
            visits,
            visits_connected,
            gave_up,
            knocks,
            first_knocks,
            logins,
            wasted,
            sessions,
            cut,
            unfinished,
            underway,
            device_waits,
            device_waited
        );
        self.classes.merge(&o.classes);
        for (a, b) in self.refused.iter_mut().zip(o.refused) {
            *a += b;
        }
        for (a, b) in self.connected_within.iter_mut().zip(o.connected_within) {
            *a += b;
        }
        self.learning.merge(&o.learning);
        self.waits.merge(&o.waits);
    }
}
