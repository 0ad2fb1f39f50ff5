//! The room alone, told what happens and when.

use super::*;
use crate::scenario::model::Admissions;
use crate::engine::{Purpose, Streams};

fn room(order: Order, max_sessions: Option<u64>, admissions: Option<Admissions>) -> Room {
    let spec = Quota {
        max_sessions,
        admissions,
        ..Quota::unlimited(order)
    };
    Room::new(Time::ZERO, spec, Streams::new(1, 0).sequence(Purpose::Lottery, 0))
}

fn at(s: f64) -> Time {
    Time::from_secs(s)
}

fn called(r: &mut Room, now: Time) -> Option<u32> {
    match r.call(now, |_| 1, |_| 0)? {
        Call::Person(person) => Some(person),
        Call::Absent { .. } => panic!("nobody has left"),
    }
}

#[test]
fn a_gate_refuses_at_the_cap_and_opens_with_a_free_seat() {
    let mut r = room(Order::Reject, Some(1), None);
    assert_eq!(r.knock(at(0.0), 1, 0), Admission::Admit);
    r.sit(1, 0);
    assert_eq!(r.knock(at(1.0), 1, 0), Admission::Refuse);
    r.free(1, 0);
    assert_eq!(r.knock(at(2.0), 1, 0), Admission::Admit);
}

#[test]
fn fifo_keeps_the_order_and_skips_who_left() {
    let mut r = room(Order::Fifo { bucket: Span::ZERO }, Some(0), None);
    for p in [7, 8, 9] {
        assert_eq!(r.knock(at(0.0), 1, 0), Admission::Wait);
        r.join(at(0.0), p, 0);
    }
    r.leave(8);
    let spec = Quota {
        max_sessions: Some(9),
        ..r.spec().clone()
    };
    r.change(at(1.0), spec, |_| 0);
    assert_eq!(
        (called(&mut r, at(1.0)), called(&mut r, at(1.0)), called(&mut r, at(1.0))),
        (Some(7), Some(9), None)
    );
    // The mark of a person who left does not outlive the entry.
    r.join(at(2.0), 8, 0);
    assert_eq!(called(&mut r, at(2.0)), Some(8));
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
    assert_eq!(called(&mut r, at(9.0)), Some(2));
    r.join(at(11.0), 3, 0);
    assert_eq!(called(&mut r, at(11.0)), Some(1));
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
    let answers: Vec<_> = [8.0, 9.0, 9.5, 10.0].iter().map(|t| fixed.knock(at(*t), 1, 0)).collect();
    use Admission::{Admit, Refuse};
    assert_eq!(answers, [Admit, Admit, Refuse, Admit]);
    let mut sliding = room(Order::Reject, None, limit(Window::Sliding));
    let answers: Vec<_> = [8.0, 9.0, 9.5, 10.0, 18.0]
        .iter()
        .map(|t| sliding.knock(at(*t), 1, 0))
        .collect();
    assert_eq!(answers, [Admit, Admit, Refuse, Refuse, Admit]);
    let mut paced = room(Order::Reject, None, limit(Window::Paced));
    let answers: Vec<_> = [0.0, 1.0, 5.0].iter().map(|t| paced.knock(at(*t), 1, 0)).collect();
    assert_eq!(answers, [Admit, Refuse, Admit]);
}
