//! The natural logarithm, the same on every machine and fast enough to draw with.

/// ln x, within one unit in the last place.
///
/// The method of FreeBSD's `e_log.c` (Sun Microsystems, 1993): x = 2^k·(1 + f) with 1 + f between √½ and √2, and a
/// polynomial in the square of s = f/(2 + f). `libm::log` is the same method behind a call, with branches and with integer work
/// on half words; it is left the arguments that are not positive normal numbers.
#[inline]
pub(crate) fn log(x: f64) -> f64 {
    const LN2_HIGH: f64 = 6.931_471_803_691_238e-1;
    const LN2_LOW: f64 = 1.908_214_929_270_587_7e-10;
    // Coefficients of s², s⁴ and so on.
    const L: [f64; 7] = [
        6.666_666_666_666_735e-1,
        3.999_999_999_940_942e-1,
        2.857_142_874_366_239e-1,
        2.222_219_843_214_978_4e-1,
        1.818_357_216_161_805e-1,
        1.531_383_769_920_937_3e-1,
        1.479_819_860_511_658_6e-1,
    ];
    /// The bits of √½: taken away, they leave the exponent of the nearest power of two in the high bits.
    const ROOT_HALF: u64 = 0x3fe6_a09e_0000_0000;
    if !(f64::MIN_POSITIVE..f64::INFINITY).contains(&x) {
        return libm::log(x);
    }
    let above = x.to_bits().wrapping_sub(ROOT_HALF);
    let k = ((above as i64) >> 52) as f64;
    let f = f64::from_bits((above & 0x000f_ffff_ffff_ffff) + ROOT_HALF) - 1.0;
    let s = f / (2.0 + f);
    let z = s * s;
    let w = z * z;
    let odd = z * (L[0] + w * (L[2] + w * (L[4] + w * L[6])));
    let even = w * (L[1] + w * (L[3] + w * L[5]));
    let half_square = 0.5 * f * f;
    s * (half_square + (odd + even)) + k * LN2_LOW - half_square + f + k * LN2_HIGH
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_libm_to_the_last_place() {
        let mut worst = 0;
        let mut see = |x: f64| {
            let (ours, theirs) = (log(x), libm::log(x));
            worst = worst.max((ours.to_bits() as i64 - theirs.to_bits() as i64).abs());
        };
        for i in 1..=1_000_000_u32 {
            see(f64::from(i) * 1.000_123e-3);
            // What an exponential variate takes the logarithm of: near 1, near 0 and between.
            see(1.0 - f64::from(i) * 1.03e-6 * 0.97);
            see(libm::exp2(-f64::from(i) * 1e-3));
            see(1.0 - libm::exp2(-f64::from(i) * 5e-5));
        }
        assert!(worst <= 1, "{worst} units in the last place");
        assert_eq!(log(1.0), 0.0);
        assert_eq!(log(0.0), f64::NEG_INFINITY);
        assert_eq!(log(f64::INFINITY), f64::INFINITY);
        assert!(log(-1.0).is_nan() && log(f64::NAN).is_nan());
    }
}
