//! A station's sharing, backlog, wasted work and interruptions, by hand.

use super::*;
use crate::engine::Distribution;

fn spec(cores: f64, threads: Option<u32>, backlog: Option<u32>) -> StationSpec {
    StationSpec {
        cores,
        threads,
        backlog,
        work: Distribution::Exponential { mean: 1.0 },
        efficiency: Efficiency::Perfect,
        wasted_work: true,
        discipline: Discipline::Fifo,
        initial: 0,
        breakdown: None,
    }
}

fn at(s: f64) -> Time {
    Time::from_secs(s)
}

#[test]
fn two_share_one_core() {
    let mut st = Station::new(&spec(1.0, None, None), None);
    st.offer(at(0.0), 1, 0, 1.0);
    st.offer(at(0.5), 2, 0, 1.0);
    // The first has 0.5 left at half speed: done at 1.5. The second then has 0.5 left at full speed.
    assert_eq!(st.next_completion(), Some(at(1.5)));
    assert_eq!(st.complete(at(1.5)).map(|d| d.owner), Some(1));
    assert_eq!(st.next_completion(), Some(at(2.0)));
}

#[test]
fn the_backlog_is_first_come_first_served_and_bounded() {
    let mut st = Station::new(&spec(1.0, Some(1), Some(1)), None);
    assert!(matches!(st.offer(at(0.0), 1, 0, 1.0), Offer::Started(_)));
    assert!(matches!(st.offer(at(0.1), 2, 0, 1.0), Offer::Queued(_)));
    assert_eq!(st.offer(at(0.2), 3, 0, 1.0), Offer::Full);
    st.complete(at(1.0));
    assert_eq!(
        st.take_started().map(|s| (s.owner, s.waited)),
        Some((2, Span::from_secs(0.9)))
    );
}

#[test]
fn wasted_work_keeps_the_thread() {
    let mut st = Station::new(&spec(1.0, Some(1), None), None);
    let Offer::Started(job) = st.offer(at(0.0), 1, 0, 1.0) else {
        panic!()
    };
    st.offer(at(0.0), 2, 0, 1.0);
    assert!(!st.abandon(at(0.5), job));
    assert_eq!(st.in_service(), 1);
    assert_eq!(st.complete(at(1.0)).map(|d| d.owner), Some(NOBODY));
    let mut noticing = Station::new(
        &StationSpec {
            wasted_work: false,
            ..spec(1.0, Some(1), None)
        },
        None,
    );
    let Offer::Started(job) = noticing.offer(at(0.0), 1, 0, 1.0) else {
        panic!()
    };
    noticing.offer(at(0.0), 2, 0, 1.0);
    noticing.abandon(at(0.5), job);
    assert_eq!(noticing.next_completion(), Some(at(1.5)));
}

#[test]
fn a_better_class_interrupts_and_the_other_resumes() {
    let mut st = Station::new(
        &StationSpec {
            discipline: Discipline::PreemptiveResume,
            ..spec(1.0, Some(1), None)
        },
        None,
    );
    st.offer(at(0.0), 1, 1, 2.0);
    st.offer(at(1.0), 2, 0, 0.5);
    assert_eq!(st.complete(at(1.5)).map(|d| d.owner), Some(2));
    assert_eq!(st.next_completion(), Some(at(2.5)));
}

#[test]
fn capacity_may_change_under_way() {
    let mut st = Station::new(&spec(1.0, None, None), None);
    st.offer(at(0.0), 1, 0, 1.0);
    st.set_up(at(0.5), 0.5);
    assert_eq!(st.next_completion(), Some(at(1.5)));
}

#[test]
fn only_an_attack_turns_newcomers_away_where_there_is_no_backlog() {
    let mut st = Station::new(&spec(1.0, Some(1), Some(0)), None);
    st.set_flood(at(0.0), 0.1, 1.0, 0.0, false);
    assert!(matches!(st.offer(at(0.0), 1, 0, 1.0), Offer::Started(_)));
    assert_eq!(st.speed().passes, 1.0);
    // The same requests, now an attacker's: the only thread is taken, so none of them gets in.
    st.set_flood(at(0.1), 0.1, 1.0, 0.0, true);
    assert_eq!(st.speed().passes, 0.0);
    st.set_flood(at(0.2), 0.1, 1.0, 0.0, false);
    assert_eq!(st.speed().passes, 1.0);
}

/// Ten cores, ten threads, fifty places; 40 requests a second of 0.5 s, of which 20 are served: the backlog is full after
/// 50/20 s, and half of what comes has a place from then on.
#[test]
fn a_flood_fills_the_backlog_and_a_login_waits_for_all_that_is_ahead() {
    let mut st = Station::new(&spec(10.0, Some(10), Some(50)), None);
    st.set_flood(at(0.0), 20.0, 40.0, 0.0, true);
    assert_eq!(st.speed().passes, 1.0);
    // At 1 s 20 requests wait. A login that joins starts when 21 threads are released: 1.05 s later.
    st.advance(at(1.0));
    assert!(matches!(st.offer(at(1.0), 7, 0, 0.5), Offer::Queued(_)));
    let mut moves = Vec::new();
    while let Some(next) = st.next_completion().filter(|t| *t < at(2.9)) {
        let done = st.complete(next);
        moves.push((next.as_secs(), st.in_service(), done.map(|d| d.owner)));
    }
    let near = |i: usize, t: f64| (moves[i].0 - t).abs() < 1e-6;
    assert!(near(0, 2.05) && moves[0].1 == 1, "{moves:?}");
    // Then 42 wait, and the flood has nine threads, which release 18 a second: the last 8 places are taken at 22 a second.
    assert!(near(1, 2.05 + 8.0 / 22.0), "{moves:?}");
    assert!(
        moves
            .iter()
            .any(|(t, _, who)| *who == Some(7) && (t - 2.55).abs() < 1e-6),
        "{moves:?}"
    );
}

#[test]
fn what_comes_in_under_a_flood_is_what_goes_out() {
    use crate::engine::{Purpose, Streams};
    let mut draw = Streams::new(3, 0).sequence(Purpose::Other, 0);
    let mut st = Station::new(&spec(10.0, Some(10), Some(50)), None);
    st.set_flood(at(0.0), 15.0, 150.0, 0.0, true);
    // People come at 10 a second with a work of 0.1 s: as the flood's. Of 160 requests a second 100 are served.
    let (mut now, mut tries, mut full, mut done) = (0.0, 0, 0, 0);
    while now < 4000.0 {
        now += draw.exponential() / 10.0;
        while let Some(next) = st.next_completion().filter(|t| *t <= at(now)) {
            done += u32::from(st.complete(next).is_some());
        }
        st.advance(at(now));
        tries += 1;
        let passes = st.speed().passes;
        let work = 0.1 * draw.exponential();
        let in_vain = !draw.chance(passes) || st.offer(at(now), 1, 0, work) == Offer::Full;
        full += u32::from(in_vain);
    }
    // 40 000 tries, 3/8 in vain: a standard error of 0.0024 if they were independent.
    let share = f64::from(full) / f64::from(tries);
    assert!((share - 0.375).abs() < 4.0 * 0.0024, "{share}");
    assert!(tries - full - done < 61);
}

#[test]
fn a_station_made_small_keeps_a_thread() {
    let mut st = Station::new(&spec(1.0, Some(1), Some(0)), None);
    st.scale(at(0.0), 0.25);
    // One thread on a quarter of a core: a second of work takes four.
    assert!(matches!(st.offer(at(0.0), 1, 0, 1.0), Offer::Started(_)));
    assert_eq!(st.next_completion(), Some(at(4.0)));
    assert_eq!(st.offer(at(1.0), 2, 0, 1.0), Offer::Full);
    st.scale(at(4.0), 0.0);
    assert!(!matches!(st.offer(at(5.0), 3, 0, 1.0), Offer::Started(_)));
}

/// A flood of 30 requests a second at two cores behind four threads, whose backlog has no end. A login comes, perhaps, and
/// leaves before its turn, which would be at 7.55 s: when does the one that comes after it get its thread?
fn thread_behind_a_flood(somebody_leaves: bool) -> Time {
    let noticing = StationSpec {
        wasted_work: false,
        ..spec(2.0, Some(4), None)
    };
    let mut st = Station::new(&noticing, None);
    st.set_flood(at(0.0), 3.0, 30.0, 0.0, true);
    if somebody_leaves {
        let Offer::Queued(left) = st.offer(at(5.0), 1, 0, 1.0) else {
            panic!("the flood is ahead")
        };
        st.abandon(at(6.0), left);
    }
    assert!(matches!(st.offer(at(9.0), 2, 0, 1.0), Offer::Queued(_)));
    for _ in 0..1000 {
        let now = st.next_completion().expect("it goes on");
        st.complete(now);
        if let Some(started) = st.take_started() {
            assert_eq!(started.owner, 2);
            return now;
        }
    }
    panic!("nobody gets a thread within a thousand events");
}

#[test]
fn whoever_leaves_a_backlog_with_a_flood_delays_nobody_behind() {
    let (alone, behind) = (thread_behind_a_flood(false), thread_behind_a_flood(true));
    // 20 a second are served, so the backlog grows by 10 a second: 90 are ahead, and one's own turn comes after them.
    assert!(
        ((alone - Time::ZERO).as_secs() - (9.0 + 91.0 / 20.0)).abs() < 1e-6,
        "{alone:?}"
    );
    assert!(
        (behind.0 as f64 - alone.0 as f64).abs() <= 10.0,
        "{behind:?} instead of {alone:?}"
    );
}

#[test]
fn a_login_that_left_a_flooded_backlog_leaves_nothing_to_wait_for() {
    let noticing = StationSpec {
        wasted_work: false,
        ..spec(2.0, Some(4), None)
    };
    let mut st = Station::new(&noticing, None);
    st.set_flood(at(0.0), 3.0, 30.0, 0.0, true);
    let Offer::Queued(left) = st.offer(at(5.0), 1, 0, 1.0) else {
        panic!("the flood is ahead")
    };
    st.abandon(at(6.0), left);
    // The backlog grows without end, and nobody else is there: nothing is to happen, let alone every nanosecond.
    assert!(st.next_completion().is_none_or(|next| next > at(1e6)));
}
