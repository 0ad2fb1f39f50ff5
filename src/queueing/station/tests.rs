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
fn only_an_attack_turns_newcomers_away_before_the_backlog_is_full() {
    let mut st = Station::new(&spec(1.0, Some(1), Some(5)), None);
    st.set_flood(at(0.0), 0.1, 1.0, 0.0, false);
    assert!(matches!(st.offer(at(0.0), 1, 0, 1.0), Offer::Started(_)));
    assert!(matches!(st.offer(at(0.0), 2, 0, 1.0), Offer::Queued(_)));
    assert_eq!(st.speed().passes, 1.0);
    // The same requests, now an attacker's: the only thread is taken, so none of them gets in.
    st.set_flood(at(0.1), 0.1, 1.0, 0.0, true);
    assert_eq!(st.speed().passes, 0.0);
    st.set_flood(at(0.2), 0.1, 1.0, 0.0, false);
    assert_eq!(st.speed().passes, 1.0);
}
