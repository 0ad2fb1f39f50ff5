//! Tickets of crisis cells: as a table and as JSON.

use super::civil::{Civil, stamp};
use super::number::{NONE, clock_time};
use super::table::plain;
use crate::engine::Time;
use crate::measure::{Ticket, TicketEnd};
use crate::scenario::model::{Clock, Scenario};
use serde_json::{Value, json};

/// An instant with the offset of the run's zone.
fn instant(clock: &Clock, at: Time) -> Option<String> {
    Civil::of(clock).at(at.as_secs()).as_ref().map(stamp)
}

/// The cells of a ticket in `tickets.csv`, after arm and replication.
pub(super) fn cells(scenario: &Scenario, ticket: &Ticket) -> Vec<String> {
    let at = |time: Option<Time>| time.and_then(|t| instant(&scenario.clock, t)).unwrap_or_default();
    let fixes: Vec<String> = ticket
        .fixes
        .iter()
        .map(|(name, t)| format!("{name} {}", at(Some(*t))))
        .collect();
    vec![
        scenario.operators[ticket.operator.index()].key.clone(),
        scenario.services[ticket.service.index()].key.clone(),
        ticket.trouble.to_owned(),
        at(Some(ticket.detected)),
        at(ticket.taken),
        at(ticket.diagnosed),
        fixes.join("; "),
        at(ticket.closed),
        ticket.end.name().to_owned(),
    ]
}

/// One line a ticket; empty without tickets.
pub fn text(scenario: &Scenario, tickets: &[Ticket]) -> String {
    if tickets.is_empty() {
        return String::new();
    }
    let time = |at: Option<Time>| at.map_or_else(|| NONE.to_owned(), |t| clock_time(&scenario.clock, t.as_secs()));
    let row = |ticket: &Ticket| {
        let end = match ticket.end {
            TicketEnd::Open => "open".to_owned(),
            _ => time(ticket.closed),
        };
        vec![
            scenario.services[ticket.service.index()].name.clone(),
            ticket.trouble.to_owned(),
            time(Some(ticket.detected)),
            time(ticket.taken),
            time(ticket.diagnosed),
            time(ticket.fixes.first().map(|(_, at)| *at)),
            end,
            done(ticket),
        ]
    };
    let head = [
        "ticket of a crisis cell",
        "alarm",
        "noticed",
        "taken\nup",
        "cause\nknown",
        "first\nfix",
        "closed",
        "what was done",
    ];
    plain(&head, tickets.iter().map(row).collect())
}

/// What was done, in this order; a fix done several times running is said once.
fn done(ticket: &Ticket) -> String {
    let runs = ticket.fixes.chunk_by(|(a, _), (b, _)| a == b);
    let words: Vec<String> = runs
        .map(|run| match run {
            [(name, _)] => name.clone(),
            _ => format!("{} x {}", run.len(), run[0].0),
        })
        .collect();
    if words.is_empty() {
        NONE.to_owned()
    } else {
        words.join(", ")
    }
}

/// One object a ticket.
pub fn json(scenario: &Scenario, tickets: &[Ticket]) -> Value {
    let at = |time: Option<Time>| time.and_then(|t| instant(&scenario.clock, t));
    let one = |ticket: &Ticket| {
        json!({
            "operator": scenario.operators[ticket.operator.index()].key,
            "service": scenario.services[ticket.service.index()].key,
            "alarm": ticket.trouble,
            "noticed": at(Some(ticket.detected)),
            "taken": at(ticket.taken),
            "diagnosed": at(ticket.diagnosed),
            "fixes": ticket.fixes.iter().map(|(name, t)| json!({"name": name, "at": at(Some(*t))})).collect::<Vec<_>>(),
            "closed": at(ticket.closed),
            "end": ticket.end.name(),
        })
    };
    tickets.iter().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::Ticket;
    use crate::scenario::model::{OperatorId, ServiceId};

    fn ticket(fixes: &[&str]) -> Ticket {
        Ticket {
            operator: OperatorId(0),
            service: ServiceId(0),
            trouble: "refused",
            detected: Time::ZERO,
            taken: None,
            diagnosed: None,
            fixes: fixes.iter().map(|name| ((*name).to_owned(), Time::ZERO)).collect(),
            closed: None,
            end: TicketEnd::Open,
        }
    }

    #[test]
    fn every_fix_has_its_name_in_the_table() {
        assert_eq!(done(&ticket(&[])), NONE);
        assert_eq!(done(&ticket(&["restart"])), "restart");
        assert_eq!(done(&ticket(&["a limit", "a limit"])), "2 x a limit");
        assert_eq!(
            done(&ticket(&["in vain", "in vain", "open", "in vain"])),
            "2 x in vain, open, in vain"
        );
    }
}
