//! Follows one person through a run and tells its day.

use super::words::{count, long, ordinal, refused, times};
use super::{Day, Line, LineKind, LocalTime, Who};
use crate::engine::{Span, Time};
use crate::measure::Refusal;
use crate::output::number;
use crate::scenario::model::{Act, CohortId, RouteId, Scenario, ServiceId};
use crate::world::{Deed, Instead, Observer};

mod tries;

use tries::{Tries, Try};

/// Tells one person's day while the run goes on: an observer for [`crate::world::run()`].
pub struct Follower<'s> {
    scenario: &'s Scenario,
    who: Who,
    local: LocalTime,
    day: Day,
    /// The highest number of the cohort that came.
    highest: Option<u32>,
    /// Visits owed.
    owed: u32,
    /// When the last visit ended.
    over_at: Option<Time>,
    /// Learning time still wanted in this visit, ns.
    left: u64,
    /// Since when it has tried without being in, and how often.
    trying: Option<(Time, u64)>,
    /// The present knock.
    knock: Try,
    /// Since when the servers have its login.
    with_servers: Option<Time>,
    /// Since when it has been in the waiting room.
    in_room: Option<Time>,
    /// It was called from the room: the login is no knock of its own.
    called: bool,
    /// Patience ended in the room.
    reneged: bool,
    /// Tries in vain at this door that are not told yet.
    tries: Tries,
    /// A line whose end comes with the next deed of the same instant.
    held: Option<Line>,
    /// A session that is over: where, what it gave and what was lost in it, ns.
    ended: Option<(ServiceId, u64, u64)>,
}

impl<'s> Follower<'s> {
    /// Of a person; none where the model's time zones are unknown.
    pub fn new(scenario: &'s Scenario, who: Who) -> Option<Self> {
        Some(Follower {
            scenario,
            who,
            local: LocalTime::of(scenario, who.cohort)?,
            day: Day::default(),
            highest: None,
            owed: 0,
            over_at: None,
            left: 0,
            trying: None,
            knock: Try::default(),
            with_servers: None,
            in_room: None,
            called: false,
            reneged: false,
            tries: Tries::default(),
            held: None,
            ended: None,
        })
    }

    /// The day, when the run is over.
    pub fn day(mut self) -> Day {
        self.flush();
        self.day.lines.sort_by_key(|line| line.at);
        self.day
    }

    /// The highest number of the followed cohort that came in the run.
    pub fn highest(&self) -> Option<u32> {
        self.highest
    }

    fn name(&self, service: ServiceId) -> &'s str {
        &self.scenario.services[service.index()].name
    }

    fn door_of(&self, route: RouteId) -> &'s str {
        self.name(self.scenario.routes[route.index()].start)
    }

    fn line(&self, at: Time, kind: LineKind, service: Option<ServiceId>, text: String) -> Line {
        Line {
            at,
            until: None,
            kind,
            service,
            refusals: Vec::new(),
            text,
        }
    }

    fn say(&mut self, at: Time, kind: LineKind, service: Option<ServiceId>, text: String) {
        let line = self.line(at, kind, service, text);
        self.day.lines.push(line);
    }

    /// Tells what was held back.
    fn flush(&mut self) {
        let tries = std::mem::take(&mut self.tries);
        tries.tell(&self.local, &mut self.day.lines);
        if let Some(mut line) = self.held.take() {
            line.text.push('.');
            self.day.lines.push(line);
        }
    }

    /// `, 34 min after the first try`, if that was not this one.
    fn since_first_try(&self, now: Time) -> String {
        match self.trying {
            Some((first, _)) if (now - first).as_secs() >= 60.0 => {
                format!(", {} after the first try", long(now - first))
            }
            _ => String::new(),
        }
    }

    fn begins(&mut self, now: Time, wanted: Span, route: RouteId) {
        self.flush();
        self.day.sums.visits += 1;
        self.day.sums.wanted += wanted.0;
        self.left = wanted.0;
        self.trying = None;
        let door = self.door_of(route);
        let owed = self.owed > 0 && self.over_at == Some(now);
        if owed {
            self.owed -= 1;
        }
        let text = match (owed, wanted.0) {
            (true, 0) => format!("Begins the visit that was due before: goes to {door}."),
            (true, _) => format!(
                "Begins the visit that was due before: wants to learn for {} and goes to {door}.",
                long(wanted)
            ),
            (false, 0) => format!("Comes to {door}."),
            (false, _) => format!("Wants to learn for {} and goes to {door}.", long(wanted)),
        };
        let service = self.scenario.routes[route.index()].start;
        self.say(now, LineKind::Visit, Some(service), text);
    }

    fn knocks(&mut self, now: Time, service: ServiceId, number: u32) {
        if number == 1 {
            self.flush();
        }
        self.day.sums.knocks += 1;
        let (_, tries) = self.trying.get_or_insert((now, 0));
        *tries += 1;
        self.knock = Try {
            at: now,
            number,
            service,
            said: String::new(),
        };
        (self.with_servers, self.in_room) = (None, None);
        (self.called, self.reneged) = (false, false);
    }

    /// How the present attempt begins a sentence.
    fn opening(&self) -> String {
        match self.knock.number {
            _ if self.called => "Goes in".to_owned(),
            1 => format!("Knocks at {}", self.name(self.knock.service)),
            n => format!("Tries again ({} time)", ordinal(n)),
        }
    }

    fn refused(&mut self, now: Time, why: Refusal, shed: bool) {
        if why == Refusal::Reneged {
            self.reneged = true;
            return;
        }
        let after = self.with_servers.take().map_or(Span::ZERO, |since| now - since);
        let said = format!("{}: {}.", self.opening(), refused(why, shed, after));
        let attempt = Try {
            at: if self.called { now } else { self.knock.at },
            said,
            ..self.knock
        };
        if self.knock.number == 1 {
            self.tries = Tries::after(attempt.at);
            self.day.lines.push(attempt.line(why));
        } else {
            self.tries.fails(attempt, now, why);
        }
    }

    fn waits(&mut self, now: Time, service: ServiceId, others: u64) {
        self.flush();
        self.in_room = Some(now);
        let room = match others {
            0 => "waits alone in the waiting room".to_owned(),
            1 => "waits in the waiting room with 1 other".to_owned(),
            n => format!("waits in the waiting room with {} others", number::whole(n as f64)),
        };
        let text = format!("{}: {room}.", self.opening());
        self.say(now, LineKind::Waits, Some(service), text);
    }

    fn called(&mut self, now: Time, service: ServiceId, enters: Time) {
        let waited = self.in_room.map_or(Span::ZERO, |since| now - since);
        let then = if enters > now {
            format!("; goes in when the page asks next, at {}", self.local.clock(enters))
        } else {
            String::new()
        };
        self.called = true;
        let text = format!("Is called in after {} in the waiting room{then}.", long(waited));
        self.say(now, LineKind::Called, Some(service), text);
    }

    fn logged_in(&mut self, now: Time, service: ServiceId, sojourn: Span, waited: Span) {
        self.flush();
        let queue = if waited.as_secs() >= 1.0 {
            format!(" ({} of it in line for a server)", long(waited))
        } else {
            String::new()
        };
        let let_in = if self.called { "" } else { "let in, " };
        let text = format!(
            "{}: {let_in}logged in after {}{queue}{}",
            self.opening(),
            long(sojourn),
            self.since_first_try(now)
        );
        self.held = Some(self.line(now, LineKind::Login, Some(service), text));
    }

    /// Adds to the line held back.
    fn add(&mut self, words: &str) {
        if let Some(line) = &mut self.held {
            line.text.push_str(words);
        }
    }

    fn session_over(&mut self, now: Time, service: Option<ServiceId>, kind: LineKind, words: &str) {
        let Some((at, obtained, lost)) = self.ended.take() else {
            return;
        };
        let (learnt, gone, why) = (long(Span(obtained)), long(Span(lost)), self.why_lost(at));
        let learnt = match (obtained, lost) {
            (0, 0) => String::new(),
            (_, 0) => format!(": has learnt for {learnt}"),
            (0, _) => format!(": has learnt nothing in {gone} ({why})"),
            _ => format!(": has learnt for {learnt}, and lost {gone} ({why})"),
        };
        self.say(now, kind, service, format!("{words}{learnt}{}.", self.rest()));
    }

    /// What may take learning time in a session at a service: `slow or lost pages, or no teacher`.
    fn why_lost(&self, at: ServiceId) -> String {
        let service = &self.scenario.services[at.index()];
        let cohort = &self.scenario.cohorts[self.who.cohort.index()];
        let session = service.session.as_ref();
        let mut causes = Vec::new();
        if session.is_some_and(|s| s.live) && cohort.teachers.is_some() {
            causes.push("no teacher");
        }
        if session.is_some_and(|s| s.value < 1.0) || self.may_be_degraded(at) {
            causes.push("an hour is worth less there");
        }
        if service.station.cores.is_finite() || causes.is_empty() {
            causes.insert(0, "slow or lost pages");
        }
        causes.join(", or ")
    }

    /// Whether some policy makes an hour at a service worth less.
    fn may_be_degraded(&self, at: ServiceId) -> bool {
        let mut acts = self.scenario.policies.iter().flat_map(|policy| &policy.acts);
        acts.any(
            |(_, act)| matches!(act, Act::Degrade { services, value, .. } if *value < 1.0 && services.contains(&at)),
        )
    }

    /// `; still wants 12 min`.
    fn rest(&self) -> String {
        if self.left == 0 {
            return String::new();
        }
        format!("; still wants {}", long(Span(self.left)))
    }

    fn gives_up(&mut self, now: Time, service: ServiceId, instead: Instead<'_>) {
        self.flush();
        let door = self.name(service);
        let (since, tries) = self.trying.unwrap_or((now, 1));
        let tries = count(tries, "knock");
        let how = if self.reneged {
            format!(
                "Loses patience in the waiting room of {door}, {} after the first try",
                long(now - since)
            )
        } else {
            format!("Gives up at {door} after {} and {tries}", long(now - since))
        };
        let then = match instead {
            Instead::Route(route) => format!("goes to {} instead", self.door_of(route)),
            Instead::Later(at) if self.local.day(at) == self.local.day(now) => {
                format!("means to come back at {}", self.local.clock(at))
            }
            Instead::Later(at) => format!(
                "means to come back on {} at {}",
                self.local.day(at),
                self.local.clock(at)
            ),
            Instead::Elsewhere { name, obtained } => {
                self.day.sums.elsewhere += obtained.0;
                let left = self.left;
                self.left = left.saturating_sub(obtained.0);
                let worth = format!("worth {} of the {} still wanted", long(obtained), long(Span(left)));
                format!("learns elsewhere instead ({name}), {worth}")
            }
            Instead::Nothing => "does nothing instead".to_owned(),
        };
        if matches!(instead, Instead::Later(_)) {
            self.trying = None;
        }
        self.held = Some(self.line(now, LineKind::GaveUp, Some(service), format!("{how}: {then}")));
    }

    fn over(&mut self, now: Time, served: bool, lost: Span) {
        self.day.sums.lost += lost.0;
        // Where there are no sessions a login gives all that is wanted.
        let at_login = self.left.saturating_sub(lost.0);
        if served {
            self.day.sums.obtained += at_login;
        } else {
            // Such a login was at a service for those who gave another door up.
            self.day.sums.elsewhere += at_login;
        }
        if self.ended.is_some() {
            self.session_over(now, None, LineKind::Learnt, "Leaves");
        } else if served {
            self.add(", which is all that was wanted");
        } else if lost.0 > 0 {
            self.add(&format!("; {} are lost", long(lost)));
        }
        self.flush();
        self.left = 0;
        self.trying = None;
        self.over_at = Some(now);
    }

    fn unfinished(&mut self, now: Time, lost: Span) {
        self.flush();
        self.day.sums.lost += lost.0;
        self.session_over(
            now,
            None,
            LineKind::Cut,
            "The session goes on beyond the simulated time",
        );
        let text = match lost.0 {
            0 => "The simulated time ends here.".to_owned(),
            _ => format!("The simulated time ends here: {} still wanted are lost.", long(lost)),
        };
        self.say(now, LineKind::Unfinished, None, text);
    }

    fn tell(&mut self, now: Time, deed: &Deed<'_>) {
        match *deed {
            Deed::Staggered { until } => {
                let text = format!("Was to come now; told to come at {} instead.", self.local.clock(until));
                self.say(now, LineKind::Postponed, None, text);
            }
            Deed::Owed => {
                self.owed += 1;
                let text = "Another visit is due now; it has to wait until this one is over.";
                self.say(now, LineKind::Owed, None, text.to_owned());
            }
            Deed::NoDevice => {
                let text = "A brother or sister has the device: waits until it is free.";
                self.say(now, LineKind::Postponed, None, text.to_owned());
            }
            Deed::Begins { wanted, route } => self.begins(now, wanted, route),
            Deed::Returns => {
                self.flush();
                let text = format!("Comes back{}.", self.rest());
                self.say(now, LineKind::Visit, None, text);
            }
            Deed::Knocks { service, try_number } => self.knocks(now, service, try_number),
            Deed::Refused { why, shed, .. } => self.refused(now, why, shed),
            Deed::Vain { service, why, count } => {
                self.day.sums.knocks += count;
                if let Some((_, tries)) = &mut self.trying {
                    *tries += count;
                }
                self.tries.in_vain(service, now, why, count);
            }
            Deed::Waits { service, others } => self.waits(now, service, others),
            Deed::Called { service, enters } => self.called(now, service, enters),
            Deed::LogsIn { .. } => self.with_servers = Some(now),
            Deed::LoggedIn {
                service,
                sojourn,
                waited,
            } => self.logged_in(now, service, sojourn, waited),
            Deed::GoesOn { service } => self.add(&format!("; goes on to {}", self.name(service))),
            Deed::SessionBegins { .. } => {
                self.add("; begins to learn");
                self.flush();
                self.trying = None;
            }
            Deed::SessionEnds {
                service,
                obtained,
                lost,
            } => {
                self.ended = Some((service, obtained.0, lost.0));
                self.left = self.left.saturating_sub(obtained.0 + lost.0);
                // What is learnt where people go who gave another door up is got elsewhere, as in the books.
                if self.scenario.services[service.index()].fallback {
                    self.day.sums.elsewhere += obtained.0;
                } else {
                    self.day.sums.obtained += obtained.0;
                }
                self.day.sums.lost += lost.0;
            }
            Deed::Cut { service, thrown_out } => {
                let words = if thrown_out {
                    format!("{} goes down and throws everybody out", self.name(service))
                } else {
                    "The session is cut off at its time limit".to_owned()
                };
                self.session_over(now, Some(service), LineKind::Cut, &words);
                self.trying = None;
            }
            Deed::GivesUp { service, instead } => self.gives_up(now, service, instead),
            Deed::Over { served, lost } => self.over(now, served, lost),
            Deed::Unfinished { lost } => self.unfinished(now, lost),
        }
    }
}

impl Observer for Follower<'_> {
    fn deed(&mut self, now: Time, cohort: CohortId, person: u32, deed: &Deed<'_>) {
        if cohort != self.who.cohort {
            return;
        }
        self.highest = self.highest.max(Some(person));
        if person == self.who.person {
            self.tell(now, deed);
        }
    }
}
