//! Tries in vain at one door: a line each when they are few, one line for all when they are many.

use super::super::words::refused_often;
use super::times;
use super::{Line, LineKind, LocalTime};
use crate::engine::Time;
use crate::measure::Refusal;
use crate::output::number;
use crate::scenario::model::ServiceId;

/// So many get a line each.
const FEW: usize = 3;

/// One knock.
#[derive(Clone, Debug)]
pub(super) struct Try {
    pub at: Time,
    /// Which knock at this door, from 1.
    pub number: u32,
    pub service: ServiceId,
    /// What is told of it.
    pub said: String,
}

impl Default for Try {
    fn default() -> Self {
        Try {
            at: Time::ZERO,
            number: 0,
            service: ServiceId(0),
            said: String::new(),
        }
    }
}

impl Try {
    /// Its line.
    pub fn line(self, why: Refusal) -> Line {
        Line {
            at: self.at,
            until: None,
            kind: LineKind::Refused,
            service: Some(self.service),
            refusals: vec![(why, 1)],
            text: self.said,
        }
    }
}

/// What failed since the last line.
#[derive(Clone, Debug, Default)]
pub(super) struct Tries {
    from: Time,
    until: Time,
    /// Knocks made one by one.
    each: Vec<(Try, Refusal)>,
    /// All of them by reason, those drawn late included.
    counts: [u64; Refusal::ALL.len()],
    service: Option<ServiceId>,
}

impl Tries {
    /// None yet since an instant.
    pub fn after(from: Time) -> Tries {
        Tries {
            from,
            ..Tries::default()
        }
    }

    /// A knock failed.
    pub fn fails(&mut self, attempt: Try, now: Time, why: Refusal) {
        self.until = now;
        self.counts[why as usize] += 1;
        self.service = Some(attempt.service);
        self.each.push((attempt, why));
    }

    /// Knocks failed unseen at any time up to now.
    pub fn in_vain(&mut self, service: ServiceId, now: Time, why: Refusal, count: u64) {
        self.until = now;
        self.counts[why as usize] += count;
        self.service = Some(service);
    }

    /// Adds the lines.
    pub fn tell(self, local: &LocalTime, lines: &mut Vec<Line>) {
        let total: u64 = self.counts.iter().sum();
        if total == 0 {
            return;
        }
        if self.each.len() as u64 == total && self.each.len() <= FEW {
            lines.extend(self.each.into_iter().map(|(attempt, why)| attempt.line(why)));
            return;
        }
        let by_reason = Refusal::ALL.iter().map(|why| (*why, self.counts[*why as usize]));
        let refusals: Vec<(Refusal, u64)> = by_reason.filter(|(_, n)| *n > 0).collect();
        let how = match refusals.as_slice() {
            [(why, 1)] => refused_often(*why).to_owned(),
            [(why, _)] => format!("always {}", refused_often(*why)),
            several => {
                let part = |(why, n): &(Refusal, u64)| format!("{} {}", times(*n), refused_often(*why));
                several.iter().map(part).collect::<Vec<_>>().join(", ")
            }
        };
        let tries = if total == 1 {
            "tries once more".to_owned()
        } else {
            format!("tries {} more times", number::whole(total as f64))
        };
        lines.push(Line {
            at: self.from,
            until: Some(self.until),
            kind: LineKind::Tries,
            service: self.service,
            refusals,
            text: format!("Until {} {tries}: {how}.", local.clock(self.until)),
        });
    }
}
