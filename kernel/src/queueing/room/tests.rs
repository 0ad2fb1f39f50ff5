//! The room alone, told what happens and when.

use super::*;
use crate::engine::{Purpose, Streams};
use crate::scenario::model::{Admissions, Prequeue, Sites};
use proptest::prelude::*;

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
fn a_gate_tells_when_a_seat_shows_at_the_door() {
    let mut r = room(Order::Reject, Some(3), None);
    let shut = |r: &mut Room| r.is_shut(at(0.0));
    // Two of three, the third, one too many (let in before the seat was counted), and back.
    let takes = [(2, false, false), (1, true, true), (1, false, true)];
    for (seats, shows, is_shut) in takes {
        assert_eq!((r.sit(seats, 0), shut(&mut r)), (shows, is_shut));
    }
    let frees = [(1, false, true), (1, true, false), (2, false, false)];
    for (seats, shows, is_shut) in frees {
        assert_eq!((r.free(seats, 0), shut(&mut r)), (shows, is_shut));
    }
    // Where something else than the seats opens the door too, it has to be looked at each time.
    let limit = Admissions {
        count: 1,
        period: Span::from_secs(60.0),
        window: Window::Sliding,
    };
    let mut r = room(Order::Reject, Some(3), Some(limit));
    assert!(r.sit(1, 0) && r.free(1, 0));
}

#[test]
fn who_comes_with_the_number_of_somebody_who_left_has_an_even_chance() {
    let orders = [
        Order::Lottery,
        Order::Fifo {
            bucket: Span::from_secs(60.0),
        },
    ];
    for order in orders {
        let trials = 4000;
        let first = (0..trials).filter(|trial| {
            let spec = Quota {
                max_sessions: Some(1),
                ..Quota::unlimited(order.clone())
            };
            let mut r = Room::new(Time::ZERO, spec, Streams::new(1, 0).sequence(Purpose::Lottery, *trial));
            (0..10).for_each(|p| r.join(at(1.0), p, 0));
            for _ in 0..3 {
                r.leave(7);
                r.join(at(2.0), 7, 0);
            }
            called(&mut r, at(3.0)) == Some(7)
        });
        let (n, p) = (trials as f64, 0.1);
        let z = (first.count() as f64 - n * p) / (n * p * (1.0 - p)).sqrt();
        assert!(z.abs() < 4.0, "{order:?}: z = {z}");
    }
}

#[test]
fn another_width_of_the_buckets_holds_for_those_who_join_then() {
    // From a gate without a line to buckets of a minute: those of a minute are drawn by lot, minute after minute.
    let mut r = room(Order::Reject, Some(0), None);
    let minutes = Order::Fifo {
        bucket: Span::from_secs(60.0),
    };
    let spec = |cap| Quota {
        max_sessions: Some(cap),
        ..Quota::unlimited(minutes.clone())
    };
    r.change(at(0.0), spec(0), |_| 0);
    (0..120).for_each(|p| r.join(at(f64::from(p)), p, 0));
    r.change(at(120.0), spec(500), |_| 0);
    let order: Vec<u32> = (0..120).filter_map(|_| called(&mut r, at(120.0))).collect();
    assert!(order[..60].iter().all(|p| *p < 60) && order[60..].iter().all(|p| *p >= 60));
    assert!(!order[..60].is_sorted());
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
        (
            called(&mut r, at(1.0)),
            called(&mut r, at(1.0)),
            called(&mut r, at(1.0))
        ),
        (Some(7), Some(9), None)
    );
    // The mark of a person who left does not outlive the entry.
    r.join(at(2.0), 8, 0);
    assert_eq!(called(&mut r, at(2.0)), Some(8));
}

#[test]
fn who_is_drawn_and_needs_more_seats_keeps_the_lot() {
    let minutes = Order::Fifo {
        bucket: Span::from_secs(60.0),
    };
    for order in [Order::Lottery, minutes] {
        // One needs two seats and one has one: a seat that is free goes to it if it is drawn, however often one looks.
        let met = (0..400).filter(|k| {
            let spec = Quota {
                max_sessions: Some(2),
                ..Quota::unlimited(order.clone())
            };
            let mut r = Room::new(Time::ZERO, spec, Streams::new(1, *k).sequence(Purpose::Lottery, 0));
            r.sit(1, 0);
            [1, 2].iter().for_each(|p| r.join(at(0.0), *p, 0));
            let seats_of = |person| u64::from(person);
            (0..20).any(|look| r.call(at(f64::from(look)), seats_of, |_| 0).is_some())
        });
        let z = (met.count() as f64 - 200.0) / 10.0;
        assert!(z.abs() < 4.0, "{order:?}: z = {z}");
    }
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
fn who_waits_keeps_its_turn_when_the_ageing_changes() {
    let ageing = |seconds: Option<f64>| Quota {
        max_sessions: Some(9),
        ..Quota::unlimited(Order::Priority {
            ageing: seconds.map(Span::from_secs),
        })
    };
    let orders = [Some(10.0), None, Some(2.0)];
    let pairs = orders.iter().flat_map(|before| orders.map(|after| (*before, after)));
    for (before, after) in pairs {
        let mut r = room(Order::Priority { ageing: None }, Some(9), None);
        r.change(at(0.0), ageing(before), |_| 0);
        let class_of = |person| u8::from(person == 2);
        (1..4).for_each(|p| r.join(at(100.0 + f64::from(p)), p, class_of(p)));
        r.change(at(104.0), ageing(after), class_of);
        (4..6).for_each(|p| r.join(at(100.5 + f64::from(p)), p, 0));
        let order: Vec<u32> = (0..5).filter_map(|_| called(&mut r, at(106.0))).collect();
        // Of a class the first comes first; the other one has waited for long enough where two seconds make up for it.
        let expected = match (before, after) {
            (Some(_), Some(2.0)) => [1, 3, 2, 4, 5],
            _ => [1, 3, 4, 5, 2],
        };
        assert_eq!(order, expected, "{before:?} and then {after:?}");
    }
}

#[test]
fn another_limit_owes_nothing_to_the_one_before() {
    let limit = |window, count, period| {
        let period = Span::from_secs(period);
        Some(Admissions { count, period, window })
    };
    let paced = |count, period| limit(Window::Paced, count, period);
    let mut r = room(Order::Reject, None, paced(1, 600.0));
    assert_eq!(r.knock(at(0.0), 1, 0), Admission::Admit);
    let faster = Quota {
        admissions: paced(60, 60.0),
        ..r.spec().clone()
    };
    r.change(at(10.0), faster, |_| 0);
    assert_eq!(r.knock(at(10.0), 1, 0), Admission::Admit);
    assert_eq!(r.knock(at(10.5), 1, 0), Admission::Refuse);
    // Nor does a limit owe what passed while nothing was limited.
    let mut r = room(Order::Passthrough, None, limit(Window::TokenBucket, 10, 60.0));
    (0..1000).for_each(|k| assert_eq!(r.knock(at(f64::from(k)), 1, 0), Admission::Admit));
    let limited = Quota {
        order: Order::Reject,
        ..r.spec().clone()
    };
    r.change(at(1000.0), limited, |_| 0);
    assert_eq!(r.knock(at(1006.0), 1, 0), Admission::Admit);
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
    let answers: Vec<_> = [8.0, 9.0, 9.5, 10.0]
        .iter()
        .map(|t| fixed.knock(at(*t), 1, 0))
        .collect();
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

fn kept(order: Order, no_show: NoShow, admissions: Option<Admissions>) -> Room {
    let spec = Quota {
        max_sessions: Some(100),
        admissions,
        grace: Some(Span::from_secs(300.0)),
        no_show,
        ..Quota::unlimited(order)
    };
    Room::new(Time::ZERO, spec, Streams::new(1, 0).sequence(Purpose::Lottery, 0))
}

const FIFO: Order = Order::Fifo { bucket: Span::ZERO };

/// A person joins at 0 s and leaves at 60 s, having polled last at 50 s; another joins at 1 s.
fn one_has_left(no_show: NoShow) -> Room {
    let limit = Admissions {
        count: 1,
        period: Span::from_secs(100.0),
        window: Window::Fixed,
    };
    let mut r = kept(FIFO, no_show, Some(limit));
    r.join(at(0.0), 5, 0);
    r.join(at(1.0), 6, 0);
    match r.place_kept(at(60.0), at(50.0), false) {
        Some(until) => r.leave_absent(5, 2, 3, until),
        None => r.leave(5),
    }
    r
}

#[test]
fn a_place_that_holds_uses_an_admission_and_seats() {
    let mut r = one_has_left(NoShow::Holds);
    let absent = Call::Absent {
        seats: 2,
        site: 3,
        until: at(350.0),
    };
    assert_eq!(r.waiting(), 1);
    assert_eq!(r.call(at(70.0), |_| 1, |_| 0), Some(absent));
    // The admission of this period is gone.
    assert_eq!(r.call(at(70.0), |_| 1, |_| 0), None);
    assert_eq!(r.call(at(100.0), |_| 1, |_| 0), Some(Call::Person(6)));
}

#[test]
fn a_place_expires() {
    let mut r = one_has_left(NoShow::Holds);
    assert_eq!(r.next_look(at(70.0)), Some(at(350.0)));
    r.wake(at(350.0), true);
    assert_eq!(r.call(at(350.0), |_| 1, |_| 0), Some(Call::Person(6)));
    assert!(!r.is_occupied() && r.is_open(at(400.0)));
}

#[test]
fn a_place_that_is_returned_gives_the_admission_back() {
    let mut r = one_has_left(NoShow::Returned);
    r.wake(at(800.0), true);
    let until = at(1100.0);
    assert_eq!(
        r.call(at(800.0), |_| 1, |_| 0),
        Some(Call::Absent {
            seats: 2,
            site: 3,
            until
        })
    );
    assert_eq!(r.call(at(899.0), |_| 1, |_| 0), None);
    assert_eq!(r.call(at(900.0), |_| 1, |_| 0), Some(Call::Person(6)));
    for person in [7, 8, 9] {
        r.join(at(1000.0), person, 0);
    }
    // One of the period, and the one that came back.
    r.wake(until, true);
    assert_eq!(called(&mut r, until), Some(7));
    assert_eq!(called(&mut r, until), Some(8));
    assert_eq!(called(&mut r, until), None);
}

#[test]
fn a_wasted_place_is_wasted() {
    let mut r = one_has_left(NoShow::Wasted);
    r.wake(at(5000.0), true);
    let until = Time::MAX;
    assert_eq!(
        r.call(at(5000.0), |_| 1, |_| 0),
        Some(Call::Absent {
            seats: 2,
            site: 3,
            until
        })
    );
    assert_eq!(called(&mut r, at(5000.0)), None);
}

#[test]
fn a_place_that_blocks_holds_up_later_buckets_only() {
    let minute = Order::Fifo {
        bucket: Span::from_secs(60.0),
    };
    let mut r = kept(minute, NoShow::Blocks, None);
    for (t, person) in [(0.0, 1), (10.0, 2), (70.0, 3)] {
        r.join(at(t), person, 0);
    }
    r.leave_absent(1, 1, 0, at(310.0));
    assert_eq!(called(&mut r, at(80.0)), Some(2));
    assert_eq!(called(&mut r, at(80.0)), None);
    assert_eq!(r.next_look(at(80.0)), Some(at(310.0)));
    assert_eq!(r.knock(at(81.0), 1, 0), Admission::Wait);
    r.wake(at(310.0), true);
    assert_eq!(called(&mut r, at(310.0)), Some(3));
}

/// Pearson's statistic of a table whose rows and columns all have the same sum, as a number of standard deviations.
fn chi_square(table: &[Vec<f64>]) -> f64 {
    let n = table.len() as f64;
    let expected = table[0].iter().sum::<f64>() / n;
    let statistic: f64 = table
        .iter()
        .flatten()
        .map(|seen| (seen - expected).powi(2) / expected)
        .sum();
    let freedom = (n - 1.0).powi(2);
    (statistic - freedom) / (2.0 * freedom).sqrt()
}

#[test]
fn who_gathers_is_served_by_lot_between_who_came_before_and_after() {
    const N: usize = 8;
    let mut r = room(FIFO, Some(0), None);
    let mut ranks = vec![vec![0.0; N]; N];
    for round in 0..4000 {
        let start = 1000.0 * f64::from(round);
        let mut spec = Quota {
            max_sessions: Some(0),
            prequeue: Some(Prequeue {
                from: at(start + 100.0),
                until: at(start + 200.0),
                shuffle: true,
            }),
            ..Quota::unlimited(FIFO)
        };
        r.change(at(start), spec.clone(), |_| 0);
        r.join(at(start + 99.0), 100, 0);
        r.join(at(start + 99.5), 101, 0);
        for person in 0..N as u32 {
            r.join(at(start + 110.0 + f64::from(person)), person, 0);
        }
        spec.max_sessions = None;
        r.change(at(start + 150.0), spec, |_| 0);
        assert_eq!(r.next_look(at(start + 150.0)), Some(at(start + 200.0)));
        assert_eq!(called(&mut r, at(start + 199.9)), None);
        r.join(at(start + 200.0), 102, 0);
        r.join(at(start + 201.0), 103, 0);
        let mut order = Vec::new();
        while let Some(person) = called(&mut r, at(start + 201.0)) {
            order.push(person);
        }
        assert_eq!((&order[..2], &order[N + 2..]), (&[100, 101][..], &[102, 103][..]));
        for (rank, person) in order[2..N + 2].iter().enumerate() {
            ranks[*person as usize][rank] += 1.0;
        }
    }
    let z = chi_square(&ranks);
    assert!(z.abs() < 4.0, "{z}");
}

#[test]
fn a_counter_keeps_what_is_not_used_and_stops_when_the_service_is_ill() {
    let limit = Admissions {
        count: 3,
        period: Span::from_secs(60.0),
        window: Window::Counter,
    };
    let mut r = room(FIFO, None, Some(limit));
    assert_eq!(r.knock(at(59.0), 1, 0), Admission::Wait);
    assert_eq!(r.next_look(at(59.0)), Some(at(60.0)));
    r.wake(at(60.0), true);
    r.wake(at(120.0), false);
    r.wake(at(180.0), true);
    let answers: Vec<_> = (0..7).map(|_| r.knock(at(181.0), 1, 0)).collect();
    assert_eq!(answers.iter().filter(|a| **a == Admission::Admit).count(), 6);
    assert_eq!(answers[6], Admission::Wait);
}

#[test]
fn settings_act_when_they_are_read() {
    let mut r = room(Order::Reject, Some(1), None);
    let every = Some(Span::from_secs(300.0));
    let mut spec = r.spec().clone();
    assert!(!r.will_change(at(0.0), &spec));
    spec.reread = every;
    r.change(at(0.0), spec.clone(), |_| 0);
    spec.max_sessions = Some(9);
    assert!(r.will_change(at(300.0), &spec));
    assert_eq!((r.spec().max_sessions, r.configured().max_sessions), (Some(1), Some(9)));
    assert_eq!(r.next_look(at(300.0)), Some(at(600.0)));
    assert!(r.settings_read(at(599.0)).is_none());
    assert_eq!(r.settings_read(at(600.0)).and_then(|q| q.max_sessions), Some(9));
}

#[test]
fn a_pass_is_good_for_a_while() {
    let mut r = room(FIFO, Some(0), None);
    r.grant_pass(at(0.0), 2, 7);
    assert!(!r.has_pass(at(1.0), 2, 7));
    let spec = Quota {
        pass: Some(Span::from_secs(10.0)),
        ..r.spec().clone()
    };
    r.change(at(0.0), spec, |_| 0);
    r.grant_pass(at(0.0), 2, 7);
    let held = [(9.9, 2, 7), (10.0, 2, 7), (1.0, 2, 6), (1.0, 1, 7)].map(|(t, group, p)| r.has_pass(at(t), group, p));
    assert_eq!(held, [true, false, false, false]);
}

proptest! {
    /// Whatever is done to a room with one count: seats stay within the cap, and nobody is lost or called twice.
    #[test]
    fn seats_stay_within_the_cap_and_nobody_is_lost(
        seed in any::<u64>(), order in 0..4_usize, no_show in 0..4_usize, grace in any::<bool>(), steps in 1..400_usize,
    ) {
        let orders = [FIFO, Order::Fifo { bucket: Span::from_secs(30.0) }, Order::Lottery, Order::Priority { ageing: None }];
        let no_show = [NoShow::Holds, NoShow::Blocks, NoShow::Returned, NoShow::Wasted][no_show];
        let spec = Quota {
            max_sessions: Some(5),
            grace: grace.then_some(Span::from_secs(40.0)),
            no_show,
            phantoms: if grace { 0.05 } else { 0.0 },
            ..Quota::unlimited(orders[order].clone())
        };
        let mut draw = Streams::new(seed, 0).sequence(Purpose::Other, 0);
        let mut r = Room::new(Time::ZERO, spec, Streams::new(seed, 0).sequence(Purpose::Lottery, 0));
        let (mut line, mut held): (Vec<u32>, Vec<(Time, u64)>) = (Vec::new(), Vec::new());
        for step in 0..steps {
            let now = at(step as f64 * 3.0);
            let next = r.next_look(now);
            prop_assert!(next.is_none_or(|at| at + Span::from_secs(3.0) > now));
            r.wake(now, true);
            held.retain(|(until, seats)| {
                if *until <= now {
                    r.free(*seats, 0);
                }
                *until > now
            });
            match draw.below(4) {
                0 | 1 => match r.knock(now, 1, 0) {
                    Admission::Admit => {
                        r.sit(1, 0);
                        held.push((now + Span::from_secs(60.0), 1));
                    }
                    _ => {
                        // A number is used again once its person has left.
                        let free = (0..40).find(|p| !line.contains(p));
                        if let Some(person) = free {
                            r.join(now, person, draw.below(3) as u8);
                            line.push(person);
                        }
                    }
                },
                2 if !line.is_empty() => {
                    let person = line.swap_remove(draw.below(line.len() as u32) as usize);
                    match r.place_kept(now, now, false) {
                        Some(until) => r.leave_absent(person, 1, 0, until),
                        None => r.leave(person),
                    }
                }
                _ => {}
            }
            while let Some(call) = r.call(now, |_| 1, |_| 0) {
                r.sit(1, 0);
                match call {
                    Call::Person(person) => {
                        let found = line.iter().position(|p| *p == person);
                        prop_assert!(found.is_some(), "{person} is not in the line");
                        line.swap_remove(found.unwrap());
                        held.push((now + Span::from_secs(60.0), 1));
                    }
                    Call::Absent { until, .. } => held.push((until, 1)),
                }
            }
            prop_assert!(r.seats() <= 5);
            prop_assert_eq!(r.seats(), held.iter().map(|h| h.1).sum::<u64>());
            prop_assert_eq!(r.waiting(), line.len() as u64);
        }
    }

    /// Seats of sites add up, whatever comes back to which.
    #[test]
    fn seats_of_sites_add_up(moves in prop::collection::vec((0..5_u16, 0..4_u64, any::<bool>()), 1..200)) {
        let four = |count| Some(Sites { count, lag: Span::from_secs(60.0) });
        let mut seats = seats::Seats::new(Time::ZERO, four(4));
        let mut total = 0;
        for (i, (site, n, sits)) in moves.iter().enumerate() {
            if i == 100 {
                seats.lay_out(at(1.0), four(3));
            }
            if *sits {
                seats.sit(*n, site % 3);
                total += n;
            } else {
                seats.free(*n, *site);
                total -= total.min(*n);
            }
            prop_assert_eq!(seats.total(), total);
            seats.count(at(60.0 * i as f64 + 60.0), four(4));
            // After a count every site sees the whole.
            prop_assert!((0..3).all(|s| seats.free_at(s, 0, total) && (total == 0 || !seats.free_at(s, 0, total - 1))));
        }
    }
}
