//! Which classes are of which wave and of whose pupils.

use super::OF_CLASSES;

/// So many classes lie between one note of their block and the next.
const APART: u32 = 64;

/// Classes of one wave and one cohort of pupils.
#[derive(Clone, Copy, Debug)]
pub(super) struct Block {
    /// The number of its first class.
    pub first: u32,
    /// Whose pupils.
    pub cohort: u16,
    /// Which wave of theirs.
    pub wave: u32,
    /// How many days were over when the first visit of these classes began: what was learnt on later ones comes too late for them.
    pub days: Option<u16>,
}

impl Block {
    /// The number of one of its classes among the streams of its pupils' cohort.
    #[inline]
    pub fn member(&self, class: u32) -> u64 {
        OF_CLASSES | u64::from(self.wave) << 32 | u64::from(class - self.first)
    }
}

/// The blocks of all classes, by number.
#[derive(Default)]
pub(super) struct Blocks {
    blocks: Vec<Block>,
    /// The block of every sixty-fourth class: a search among all blocks takes a dozen jumps that no processor foresees,
    /// and a visit asks several times.
    at: Vec<u32>,
}

impl Blocks {
    /// Adds the block that comes next.
    pub fn push(&mut self, block: Block) {
        self.blocks.push(block);
    }

    /// Notes where the blocks are, once all are known, of so many classes.
    pub fn lay_out(&mut self, classes: u32) {
        let block_of = |class: u32| self.blocks.partition_point(|b| b.first <= class) - 1;
        let noted = (0..classes).step_by(APART as usize);
        self.at = noted.map(|class| block_of(class) as u32).collect();
    }

    /// The block of a class.
    #[inline]
    pub fn of(&self, class: u32) -> Block {
        self.blocks[self.position(class)]
    }

    /// The block of a class, to be written in.
    #[inline]
    pub fn of_mut(&mut self, class: u32) -> &mut Block {
        let block = self.position(class);
        &mut self.blocks[block]
    }

    #[inline]
    fn position(&self, class: u32) -> usize {
        let mut block = self.at[(class / APART) as usize] as usize;
        while self.blocks.get(block + 1).is_some_and(|next| next.first <= class) {
            block += 1;
        }
        block
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_class_is_found_in_its_block() {
        let firsts = [0, 1, 2, 70, 70, 128, 500];
        let mut blocks = Blocks::default();
        for (wave, first) in (0..).zip(firsts) {
            let (cohort, days) = (0, None);
            blocks.push(Block {
                first,
                cohort,
                wave,
                days,
            });
        }
        blocks.lay_out(700);
        for class in 0..700 {
            let last = firsts.iter().rposition(|first| *first <= class);
            assert_eq!(blocks.of(class).wave as usize, last.unwrap(), "{class}");
        }
    }
}
