//! The laws against steps worked out by hand, and against their fixed points.

use super::*;
use crate::engine::{Purpose, Streams};

fn limit(law: LimitLaw) -> AdaptiveLimit {
    let spec = LimitSpec {
        window: Span::ZERO,
        law,
    };
    AdaptiveLimit::new(spec, Time::ZERO, Streams::new(1, 0).sequence(Purpose::Other, 1))
}

fn ms(n: u64) -> Span {
    Span(n * 1_000_000)
}

const GRADIENT2: LimitLaw = LimitLaw::Gradient2 {
    initial: 20.0,
    min: 20.0,
    max: 200.0,
    queue: 4.0,
    tolerance: 1.5,
    smoothing: 0.2,
    long_window: 600.0,
};

/// By hand, with the published constants: RTTs of 100, 100, 400 and 60 ms with everything in service.
#[test]
fn gradient2_steps() {
    let mut l = limit(GRADIENT2);
    let mut step = |rtt| {
        l.sample(Time::ZERO, ms(rtt), 100, false);
        l.limit
    };
    // long = short, gradient 1: 0.8 × 20 + 0.2 × (20 + 4).
    assert!((step(100) - 20.8).abs() < 1e-12);
    assert!((step(100) - 21.6).abs() < 1e-12);
    // long = 200, 1.5 × 200 / 400 = 3/4: 0.8 × 21.6 + 0.2 × (16.2 + 4) = 21.32.
    assert!((step(400) - 21.32).abs() < 1e-12);
    // long = 660/4 = 165: 2.75 times the short, so gradient 1, and the long average is cut by a twentieth.
    assert!((step(60) - 22.12).abs() < 1e-12);
    let State::Gradient2 { long, .. } = l.state else {
        panic!()
    };
    assert!((long - 0.156_75).abs() < 1e-12);
    // Fewer than half of the limit in service: it stays.
    l.sample(Time::ZERO, ms(500), 10, false);
    assert!((l.limit - 22.12).abs() < 1e-12);
}

/// A login may take half as long again as the long average before the limit falls.
#[test]
fn gradient2_tolerates_some_slowness() {
    let after = |rtt: u64| {
        let mut l = limit(GRADIENT2);
        for _ in 0..10 {
            l.sample(Time::ZERO, ms(100), 100, false);
        }
        let before = l.limit;
        l.sample(Time::ZERO, ms(rtt), 100, false);
        l.limit - before
    };
    // The long average moves by 2/601 of the difference: 100.166 ms and 100.333 ms.
    assert!((after(150) - 0.8).abs() < 1e-12, "{}", after(150));
    let gradient = 1.5 * (0.1 + 0.1 * 2.0 / 601.0) / 0.2;
    assert!((after(200) - 0.2 * (28.0 * (gradient - 1.0) + 4.0)).abs() < 1e-12);
}

/// After ten plain samples the average is exponential with factor 2/601.
#[test]
fn the_long_average_is_slow() {
    let mut l = limit(GRADIENT2);
    for _ in 0..10 {
        l.sample(Time::ZERO, ms(100), 100, false);
    }
    l.sample(Time::ZERO, ms(701), 100, false);
    let State::Gradient2 { long, .. } = l.state else {
        panic!()
    };
    assert!((long - (0.1 + 0.601 * 2.0 / 601.0)).abs() < 1e-12, "{long}");
}

#[test]
fn vegas_steps() {
    assert_eq!(
        [1.0, 9.0, 10.0, 99.0, 100.0, 999.0, 1000.0, 9999.0, 10_000.0].map(log10),
        [1.0, 1.0, 1.0, 1.0, 2.0, 2.0, 3.0, 3.0, 4.0]
    );
    // No queue: six units more. A queue of 2 of 20: one more. Of 4: as it is. Of 10: one less.
    assert_eq!(vegas(20.0, 1.0, 20.0, false), Some(26.0));
    assert_eq!(vegas(20.0, 0.9, 20.0, false), Some(21.0));
    assert_eq!(vegas(20.0, 0.8, 20.0, false), None);
    assert_eq!(vegas(20.0, 0.5, 20.0, false), Some(19.0));
    assert_eq!(vegas(20.0, 1.0, 20.0, true), Some(19.0));
    assert_eq!(vegas(20.0, 1.0, 9.0, false), None);
}

/// On `c` cores all busy, `L` in service take `L/c` times as long as alone: the queue is `L − c`, and the limit rests
/// where that is between three and six units.
#[test]
fn vegas_rests_with_a_short_queue() {
    for cores in [10.0_f64, 40.0, 300.0] {
        let mut l = limit(LimitLaw::Vegas {
            initial: 20.0,
            max: 1000.0,
            smoothing: 1.0,
            probe: 1e9,
        });
        l.sample(Time::ZERO, ms(100), 1, false);
        for _ in 0..1000 {
            let n = l.limit.trunc();
            let rtt = Span::from_secs(0.1 * (n / cores).max(1.0));
            l.sample(Time::ZERO, rtt, n as u32, false);
        }
        let queue = l.limit - cores;
        let unit = log10(l.limit);
        assert!(
            (3.0 * unit - 1.0..=6.0 * unit + 1.0).contains(&queue),
            "{cores} cores: {}",
            l.limit
        );
    }
}

#[test]
fn aimd_saws() {
    let mut l = limit(LimitLaw::Aimd {
        initial: 10.0,
        min: 8.0,
        max: 12.0,
        backoff: 0.9,
        timeout: 5.0,
    });
    let mut step = |rtt: u64, inflight: u32, dropped: bool| l.sample(Time::ZERO, ms(rtt), inflight, dropped);
    assert_eq!(step(100, 5, false), 11);
    assert_eq!(step(100, 5, false), 11, "less than half is in service");
    assert_eq!(step(6000, 11, false), 9, "11 × 0.9, whole");
    assert_eq!(step(100, 9, true), 8);
    assert_eq!(step(100, 8, true), 8, "no less");
    assert_eq!([(); 5].map(|()| step(100, 12, false)), [9, 10, 11, 12, 12], "no more");
}

#[test]
fn envoys_formula() {
    // limit 16, gradient 1: 16 + √16. Gradient is kept between ½ and 2.
    assert_eq!(envoy(16.0, 1.0), 20.0);
    assert_eq!(envoy(16.0, 0.1), (8.0 + 8.0_f64.sqrt()).trunc());
    assert_eq!(envoy(16.0, 9.0), (32.0 + 32.0_f64.sqrt()).trunc());
}

/// Measures at three, then updates, then measures again after the interval.
#[test]
fn envoy_measures_and_updates() {
    let mut l = limit(LimitLaw::Envoy {
        min: 3.0,
        max: 1000.0,
        buffer: 0.25,
        update: ms(100),
        quantile: 0.5,
        interval: Span::from_secs(60.0),
        jitter: 0.0,
        requests: 50,
    });
    let at = |k: u64| Time(1_000_000_000 + k * 10_000_000);
    for k in 0..49 {
        assert_eq!(l.sample(at(k), ms(100), 3, false), 3);
    }
    // The fiftieth ends the measurement; a tenth of a second later 3 × 1.25 = 3.75, + 1.94 = 5.
    assert_eq!(l.sample(at(49), ms(100), 3, false), 3);
    for k in 50..59 {
        assert_eq!(l.sample(at(k), ms(100), 3, false), 3);
    }
    assert_eq!(l.sample(at(59), ms(100), 3, false), 5);
    assert_eq!(l.sample(at(49 + 6000), ms(100), 3, false), 3, "it measures again");
}

/// A window ends by a timer: a login that is done later belongs to the next one, and windows without a login change nothing.
#[test]
fn envoys_windows_end_by_a_timer() {
    let mut l = limit(LimitLaw::Envoy {
        min: 16.0,
        max: 1000.0,
        buffer: 0.0,
        update: ms(100),
        quantile: 0.5,
        interval: Span::from_secs(3600.0),
        jitter: 0.0,
        requests: 1,
    });
    let at = |ms: u64| Time(1_000_000_000 + ms * 1_000_000);
    assert_eq!(l.sample(at(0), ms(100), 3, false), 16, "measured: 100 ms");
    assert_eq!(l.sample(at(50), ms(100), 3, false), 16);
    // The window until 100 ms holds one login as fast as the least: 16 + 4. The slow one is of the window until 1100 ms.
    assert_eq!(l.sample(at(1050), ms(200), 3, false), 20);
    assert_eq!(l.sample(at(1099), ms(200), 3, false), 20);
    // Gradient ½: 10 + √10 is below the least.
    assert_eq!(l.sample(at(1101), ms(100), 3, false), 16);
}

/// A window of a second: one step from the mean of its samples, and none from fewer than ten.
#[test]
fn windows_hold_ten_samples() {
    let spec = LimitSpec {
        window: Span::from_secs(1.0),
        law: GRADIENT2,
    };
    let draw = Streams::new(1, 0).sequence(Purpose::Other, 1);
    let mut l = AdaptiveLimit::new(spec, Time::ZERO, draw);
    for k in 0..9 {
        l.sample(Time(k * 200_000_000), ms(100), 30, false);
    }
    // The window ended after six samples, and those since are too few.
    assert_eq!(l.limit, 20.0);
    let start = l.window.ends;
    for k in 0..10 {
        l.sample(Time(start.0 - 10 + k), ms(50 + 10 * k), 30, false);
    }
    l.sample(Time(start.0 + 1), ms(95), 30, false);
    assert!((l.limit - 20.8).abs() < 1e-12, "{}", l.limit);
}
