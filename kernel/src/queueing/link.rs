//! A link under flood: how many packets it loses, and whether an exchange gets through.

/// Share of packets lost on a link of `capacity` bit/s offered `offered` bit/s: `max(0, 1 − C/a)`.
///
/// Fluid limit of a tail-drop buffer: exact far from saturation, wrong by O(1/B) within 1/B of load 1 for a
/// buffer of B packets (an M/M/1/100 link at load 1 loses 0.0099, not 0).
///
/// ```
/// assert!((preau::queueing::loss(10e9, 50e9) - 0.8).abs() < 1e-12);
/// assert_eq!(preau::queueing::loss(10e9, 4e9), 0.0);
/// ```
pub fn loss(capacity: f64, offered: f64) -> f64 {
    if offered > capacity {
        (1.0 - capacity / offered).max(0.0)
    } else {
        0.0
    }
}

/// Chance that an exchange of `packets` packets (both ways together) gets through with `tries` tries, when each
/// packet is lost with probability `p`: `1 − (1 − (1−p)^packets)^tries`.
///
/// ```
/// assert!((preau::queueing::exchange_passes(0.8, 1.0, 4) - 0.5904).abs() < 1e-12);
/// ```
pub fn exchange_passes(p: f64, packets: f64, tries: u32) -> f64 {
    if p <= 0.0 {
        return 1.0;
    }
    let once = libm::pow(1.0 - p, packets);
    1.0 - libm::pow(1.0 - once, f64::from(tries))
}
