//! Grids of the day that somebody really published, by name.

use super::model::Level;

/// Whose slot, from and until, as (hour, minute) of each region's civil time.
pub type Place = (Level, (i8, i8), (i8, i8));

/// A grid of the day: when whose visits have their place.
#[derive(Clone, Copy, Debug)]
pub struct Grid {
    /// As in `Preset("lumni-2021-04")`.
    pub key: &'static str,
    /// One line for people.
    pub title: &'static str,
    /// Where it comes from, and what of it is assumed.
    pub source: &'static str,
    /// Whose slot, from and until, civil times of each region.
    pub slots: &'static [Place],
}

/// All grids. `docs/model.md` says what a grid does to arrivals.
pub const GRIDS: &[Grid] = &[Grid {
    key: "lumni-2021-04",
    title: "Lumni on France 4, April 2021: primary in the morning, collège in the afternoon, lycée from 16:00",
    source: "France Bleu, evening of 6 April 2021, for the order of levels and for 16:00; the other bounds (09:00, 12:00, 14:00, 18:00) \
             are assumed",
    slots: &[
        (Level::Primary, (9, 0), (12, 0)),
        (Level::College, (14, 0), (16, 0)),
        (Level::Lycee, (16, 0), (18, 0)),
    ],
}];

/// The grid of a name.
///
/// ```
/// assert_eq!(preau::scenario::grid("lumni-2021-04").map(|grid| grid.slots.len()), Some(3));
/// assert!(preau::scenario::grid("lumni").is_none());
/// ```
pub fn grid(key: &str) -> Option<&'static Grid> {
    GRIDS.iter().find(|grid| grid.key == key)
}
