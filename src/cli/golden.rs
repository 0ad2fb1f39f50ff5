//! `preau golden`: the draws that tests pin on the release binary.

use super::{Ended, say};

pub(super) fn golden() -> Ended {
    say(crate::engine::golden_table().trim_end())
}
