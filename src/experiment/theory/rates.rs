//! Rates and capacities that change with time, as written: `100+50 sin(2 pi t/24)` and `8; 14 on [5,15)`.

/// A function of time.
#[derive(Clone, Debug, PartialEq)]
pub enum Profile {
    /// `base + amplitude · sin(2π t/period)`, or cos.
    Wave {
        /// Mean.
        base: f64,
        /// Amplitude, may be negative.
        amplitude: f64,
        /// Period.
        period: f64,
        /// The cosine instead of the sine.
        cosine: bool,
    },
    /// A base value and windows `[from, to)` in which another one holds.
    Steps {
        /// Outside all windows.
        base: f64,
        /// `(from, to, value)`, ascending and apart.
        windows: Vec<(f64, f64, f64)>,
    },
}

/// Straight pieces in which a period of a wave is cut. The chord lies inside the arc by at most `h²w²/8` of the
/// amplitude, with `h·w = 2π/240`: 0.00009 of it.
pub const PIECES: u32 = 240;

impl Profile {
    /// Reads a profile.
    ///
    /// # Errors
    /// Says which form is understood.
    pub fn read(text: &str) -> Result<Profile, String> {
        let compact: String = text
            .chars()
            .filter(|c| !c.is_whitespace() && *c != '*')
            .collect::<String>()
            .to_lowercase();
        let found = if compact.contains("sin") || compact.contains("cos") {
            wave(&compact)
        } else {
            steps(&compact)
        };
        let profile = found
            .ok_or_else(|| format!("`{text}` is not understood; write `100+50 sin(2 pi t/24)` or `8; 14 on [5,15)`"))?;
        if profile.least() < 0.0 {
            return Err(format!("`{text}` is negative at times"));
        }
        Ok(profile)
    }

    /// The least value.
    pub fn least(&self) -> f64 {
        match self {
            Profile::Wave { base, amplitude, .. } => base - amplitude.abs(),
            Profile::Steps { base, windows } => windows.iter().fold(*base, |least, w| least.min(w.2)),
        }
    }

    /// The greatest value.
    pub fn greatest(&self) -> f64 {
        match self {
            Profile::Wave { base, amplitude, .. } => base + amplitude.abs(),
            Profile::Steps { base, windows } => windows.iter().fold(*base, |greatest, w| greatest.max(w.2)),
        }
    }

    /// The mean over a period, or the base.
    pub fn base(&self) -> f64 {
        match self {
            Profile::Wave { base, .. } | Profile::Steps { base, .. } => *base,
        }
    }

    /// The period of a wave.
    pub fn period(&self) -> Option<f64> {
        match self {
            Profile::Wave { period, .. } => Some(*period),
            Profile::Steps { .. } => None,
        }
    }

    /// `(instant, value)`: the knots of a polygon up to `end` for a wave, the jumps of a staircase for steps.
    pub fn points(&self, end: f64) -> Vec<(f64, f64)> {
        match self {
            Profile::Wave {
                base,
                amplitude,
                period,
                cosine,
            } => {
                let pieces = libm::ceil(end / period * f64::from(PIECES)) as u32;
                (0..=pieces)
                    .map(|i| {
                        let angle = std::f64::consts::TAU * f64::from(i % PIECES) / f64::from(PIECES);
                        let wave = if *cosine { libm::cos(angle) } else { libm::sin(angle) };
                        (f64::from(i) * period / f64::from(PIECES), base + amplitude * wave)
                    })
                    .collect()
            }
            Profile::Steps { base, windows } => {
                let mut points = vec![(0.0, *base)];
                for (from, to, value) in windows {
                    points.retain(|(at, _)| at != from);
                    points.push((*from, *value));
                    points.push((*to, *base));
                }
                points
            }
        }
    }
}

fn wave(text: &str) -> Option<Profile> {
    let at = text.find("sin").or_else(|| text.find("cos"))?;
    let cosine = text[at..].starts_with("cos");
    let head = &text[..at];
    // The sign of the amplitude is the last sign that is not of the first number or of an exponent.
    let split = head
        .char_indices()
        .filter(|(i, c)| *i > 0 && (*c == '+' || *c == '-') && !head[..*i].ends_with('e'))
        .map(|(i, _)| i)
        .next_back()?;
    let base = head[..split].parse().ok()?;
    let amplitude = match &head[split..] {
        "+" => 1.0,
        "-" => -1.0,
        number => number.parse().ok()?,
    };
    let argument = text[at + 3..].strip_prefix('(')?.strip_suffix(')')?;
    let period = match argument
        .strip_prefix("2pit/")
        .or_else(|| argument.strip_prefix("2pi t/"))
    {
        Some(period) => period.parse().ok()?,
        None => {
            let speed: f64 = argument.strip_suffix('t')?.parse().ok()?;
            std::f64::consts::TAU / speed
        }
    };
    (period > 0.0 && f64::is_finite(period)).then_some(Profile::Wave {
        base,
        amplitude,
        period,
        cosine,
    })
}

fn steps(text: &str) -> Option<Profile> {
    let mut parts = text.split(';');
    let base: f64 = parts.next()?.parse().ok()?;
    let mut windows: Vec<(f64, f64, f64)> = Vec::new();
    for part in parts.filter(|p| !p.is_empty()) {
        let (value, window) = part.split_once("on")?;
        let (from, to) = window.strip_prefix('[')?.trim_end_matches([')', ']']).split_once(',')?;
        windows.push((from.parse().ok()?, to.parse().ok()?, value.parse().ok()?));
    }
    windows.sort_by(|a, b| a.0.total_cmp(&b.0));
    let sound = windows
        .iter()
        .all(|w| w.0 >= 0.0 && w.0 < w.1 && w.1.is_finite() && w.2.is_finite());
    let apart = windows.windows(2).all(|pair| pair[0].1 <= pair[1].0);
    (base.is_finite() && sound && apart).then_some(Profile::Steps { base, windows })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waves_and_steps_are_read() {
        assert_eq!(
            Profile::read("100+50 sin(2 pi t/24)").unwrap(),
            Profile::Wave {
                base: 100.0,
                amplitude: 50.0,
                period: 24.0,
                cosine: false
            }
        );
        assert_eq!(
            Profile::read("20 - 5*cos(2*pi*t/8)").unwrap(),
            Profile::Wave {
                base: 20.0,
                amplitude: -5.0,
                period: 8.0,
                cosine: true
            }
        );
        let steps = Profile::read("8; 14 on [5,15)").unwrap();
        assert_eq!(
            steps,
            Profile::Steps {
                base: 8.0,
                windows: vec![(5.0, 15.0, 14.0)]
            }
        );
        assert_eq!(steps.points(60.0), vec![(0.0, 8.0), (5.0, 14.0), (15.0, 8.0)]);
        let two = Profile::read("8; 3 on [15,20); 14 on [0,15)").unwrap();
        assert_eq!(two.points(60.0), vec![(0.0, 14.0), (15.0, 3.0), (20.0, 8.0)]);
        assert_eq!(Profile::read("8").unwrap().points(1.0), vec![(0.0, 8.0)]);
    }

    #[test]
    fn the_polygon_stays_near_the_wave() {
        let points = Profile::read("100+50 sin(2 pi t/24)").unwrap().points(24.0);
        assert_eq!(points.len(), PIECES as usize + 1);
        let chord = 0.5 * (points[60].1 + points[61].1);
        assert!((chord - (100.0 + 50.0 * (std::f64::consts::TAU * 60.5 / 240.0).sin())).abs() < 0.0001 * 50.0);
    }

    #[test]
    fn nonsense_is_refused() {
        for text in [
            "",
            "abc",
            "1+sin(t",
            "1+2sin(2pit/0)",
            "8; 14 on [15,5)",
            "8; 1 on [0,9); 2 on [5,7)",
            "1+5sin(2pit/24)",
        ] {
            assert!(Profile::read(text).is_err(), "{text}");
        }
    }
}
