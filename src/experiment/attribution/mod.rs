//! Attribution: how much of a day's harm each of several causes answers for.
//!
//! Causes are switched on and off in all combinations; each combination is a *world*, run with the same people (common
//! random numbers). A number of each world, lost learning hours unless told otherwise, makes a cooperative [`Game`], and its
//! Shapley values share the difference between "all causes on" and "none on" among them, replication by replication, so that
//! every measure has a t-interval. Beside them always stand what a cause does alone, what would not have happened but for
//! it, and how pairs interact: the shares are a convention, and depend on the stated baseline and on the grouping.
//!
//! Up to [`MOST_EXACT`] causes all `2^k` worlds are run; beyond, the orders in which causes come are sampled
//! ([`Orders`]).

mod analysis;
mod file;
mod game;
mod orders;
mod raw;
#[cfg(test)]
mod tests;
mod worlds;

pub use analysis::{Attribution, Kind, Pair, Part, Same, ScopePart, Shared, attribute};
pub use file::{Cause, CausesFile, MOST_CAUSES, World};
pub use game::{Game, MOST_PLAYERS};
pub use orders::Orders;
pub use worlds::{Design, Job, PlayError, Played, play};

/// Up to so many causes every world is run.
pub const MOST_EXACT: usize = 8;

/// The causes that come with the default model: name and text.
pub const DEFAULT: (&str, &str) = (
    "experiments/2021-04-06-causes.ron",
    include_str!(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/experiments/2021-04-06-causes.ron"
    )),
);
