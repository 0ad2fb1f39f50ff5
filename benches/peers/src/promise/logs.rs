//! Uniform variates and the logarithm of preau, bit for bit, in forms that cost less: without checks, so
//! that compilers can work on several numbers at once.

/// The uniform variate that [`preau::engine::Draw::uniform`] makes of 64 random bits, to the last bit: the bits become the
/// digits of a number from 1 to 2, of which a little less than 1 is taken. No integer is converted.
#[inline]
pub fn uniform(bits: u64) -> f64 {
    f64::from_bits(1.0_f64.to_bits() | bits >> 12) - (1.0 - f64::EPSILON / 2.0)
}

/// −ln(1 − u) of each of many uniforms: what [`preau::engine::Draw::exponential`] makes of one, to the last bit.
#[inline]
pub fn exponentials(uniforms: &mut [f64]) {
    for x in uniforms {
        *x = -log(1.0 - *x);
    }
}

/// The natural logarithm of a number between 0 and 1, no subnormal one. Source: src/engine/distribution/log.rs (FreeBSD's
/// e_log.c); the exponent becomes a float by bits, for which there are vector instructions everywhere.
#[inline]
pub fn log(x: f64) -> f64 {
    const LN2_HIGH: f64 = 6.931_471_803_691_238e-1;
    const LN2_LOW: f64 = 1.908_214_929_270_587_7e-10;
    const L: [f64; 7] = [
        6.666_666_666_666_735e-1,
        3.999_999_999_940_942e-1,
        2.857_142_874_366_239e-1,
        2.222_219_843_214_978_4e-1,
        1.818_357_216_161_805e-1,
        1.531_383_769_920_937_3e-1,
        1.479_819_860_511_658_6e-1,
    ];
    const ROOT_HALF: u64 = 0x3fe6_a09e_0000_0000;
    /// So many powers of two are added, so that the exponent is not negative.
    const UP: u64 = 1024;
    const TWO_52: u64 = 0x4330_0000_0000_0000;
    let above = x.to_bits().wrapping_sub(ROOT_HALF);
    let exponent = above.wrapping_add(UP << 52) >> 52;
    let k = f64::from_bits(TWO_52 | exponent) - ((1_u64 << 52) + UP) as f64;
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
    use preau::engine::{Purpose, Streams};

    #[test]
    fn exponentials_are_those_of_preau() {
        let mut draw = Streams::new(7, 0).sequence(Purpose::Other, 1);
        let mut again = draw;
        let mut many: Vec<f64> = (0..200_000).map(|_| uniform(draw.bits())).collect();
        let mut third = again;
        assert!(many.iter().all(|u| u.to_bits() == third.uniform().to_bits()));
        assert_eq!(
            (uniform(0), uniform(u64::MAX)),
            (f64::EPSILON / 4.0 * 2.0, 1.0 - f64::EPSILON / 2.0)
        );
        exponentials(&mut many);
        for one in many {
            assert_eq!(one.to_bits(), again.exponential().to_bits());
        }
    }
}
