//! How large the simulated country is against the written one.

/// The size of a country, and what it did to the quantities that grow with it.
#[derive(Clone, Debug, PartialEq)]
pub struct Size {
    /// 1: as written.
    pub factor: f64,
    /// Every quantity that was multiplied, in the order of the check; none at size 1.
    pub parts: Vec<Resized>,
}

/// A quantity that grows with the country.
#[derive(Clone, Debug, PartialEq)]
pub struct Resized {
    /// Its path in the model.
    pub path: String,
    /// As written, in base units.
    pub written: f64,
    /// Times the size.
    pub exact: f64,
    /// As simulated: [`Resized::exact`], whole where it must be.
    pub used: f64,
}

impl Default for Size {
    fn default() -> Self {
        Size {
            factor: 1.0,
            parts: Vec::new(),
        }
    }
}

impl Size {
    /// `size 0.1`, for headings; none for a country as written.
    pub fn label(&self) -> Option<String> {
        (self.factor != 1.0).then(|| format!("size {}", self.factor))
    }

    /// The quantity that rounding changed most, if any changed by more than a tenth.
    pub fn coarsest(&self) -> Option<&Resized> {
        let coarse = self.parts.iter().filter(|part| part.error() > 0.1);
        coarse.max_by(|a, b| a.error().total_cmp(&b.error()))
    }

    /// How many stations had at least one core and have less now: their requests are slower than written.
    pub fn below_one_core(&self) -> usize {
        let station = |part: &&Resized| part.path.ends_with(".station.cores");
        let parts = self.parts.iter().filter(station);
        parts.filter(|part| part.written >= 1.0 && part.used < 1.0).count()
    }
}

impl Resized {
    /// By which share rounding changed it.
    pub fn error(&self) -> f64 {
        if self.used == self.exact {
            0.0
        } else {
            (self.used / self.exact - 1.0).abs()
        }
    }
}
