//! The exponential function, the same on every machine and fast enough to draw with.

/// e^x, within one unit in the last place.
///
/// The method of FreeBSD's `e_exp.c` (Sun Microsystems, 1993): x = k ln 2 + r, a rational approximation for e^r, and 2^k by
/// its bits. `libm::exp` is the same method but scales step by step and takes four times as long; it is left the few
/// arguments whose result is not a normal number. The platform's `exp` is faster still, and not the same everywhere.
#[inline]
pub(crate) fn exp(x: f64) -> f64 {
    const LN2_HIGH: f64 = 6.931_471_803_691_238e-1;
    const LN2_LOW: f64 = 1.908_214_929_270_587_7e-10;
    const P: [f64; 5] = [
        1.666_666_666_666_660_2e-1,
        -2.777_777_777_701_559_3e-3,
        6.613_756_321_437_934e-5,
        -1.653_390_220_546_525_2e-6,
        4.138_136_797_057_238_5e-8,
    ];
    if x.is_nan() || x.abs() > 700.0 {
        return libm::exp(x);
    }
    // Adding and taking away 1.5·2^52 rounds to the nearest integer without a branch.
    const ROUND: f64 = 6_755_399_441_055_744.0;
    let k = (x * std::f64::consts::LOG2_E + ROUND) - ROUND;
    let high = x - k * LN2_HIGH;
    let low = k * LN2_LOW;
    let r = high - low;
    let square = r * r;
    let c = r - square * P.iter().rev().fold(0.0, |sum, p| sum * square + p);
    let y = 1.0 + (r * c / (2.0 - c) - low + high);
    y * f64::from_bits(((k as i64 + 1023) as u64) << 52)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_libm_to_the_last_place() {
        let mut worst = 0;
        for i in -700_000_i32..=700_000 {
            let x = f64::from(i) * 1.000_123e-3;
            let (ours, theirs) = (exp(x), libm::exp(x));
            worst = worst.max((ours.to_bits() as i64 - theirs.to_bits() as i64).abs());
        }
        assert!(worst <= 1, "{worst} units in the last place");
        assert_eq!(exp(0.0), 1.0);
        assert_eq!(exp(f64::NEG_INFINITY), 0.0);
        assert_eq!(exp(800.0), f64::INFINITY);
        assert!(exp(f64::NAN).is_nan());
    }
}
