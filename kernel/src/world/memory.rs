//! What is remembered of the people of finite crowds when no visit is under way.

/// People who come together and whose marks lie together: a bit each of a machine word.
pub const STREET: u32 = 64;

/// Marks of 64 people, a bit each: what the end of a visit needs, small enough for the whole country (three bits a person)
/// to stay near the processor. What only the beginning needs lies apart; crowds come street by street.
#[derive(Clone, Copy, Debug, Default)]
struct Street {
    /// A visit is under way.
    active: u64,
    /// Has logged in at least once.
    connected: u64,
    /// A wave called while a visit was under way: owes at least one visit.
    owes: u64,
    /// Has been booked as somebody served today.
    today: u64,
}

/// The memory of all crowds, by a person's number among all of them.
#[derive(Clone, Debug, Default)]
pub struct Memory {
    streets: Vec<Street>,
    /// Visits begun before by everybody, up to 255.
    begun: Vec<u8>,
    /// Visits owed to everybody, up to 255; empty while nobody was ever owed one.
    owed: Vec<u8>,
    /// The usual door was given up the last time, a bit a person; empty where nobody learns.
    let_down: Vec<u64>,
    /// Marks of those served on the day before, a bit a person, for visits that began on it and end on this one; empty on the first.
    yesterday: Vec<u64>,
}

impl Memory {
    /// Makes room for a crowd; answers the number of its first person.
    pub fn add_crowd(&mut self, people: u32) -> u32 {
        let first = self.begun.len();
        let streets = people.div_ceil(STREET) as usize;
        self.streets.resize(self.streets.len() + streets, Street::default());
        self.begun.resize(first + streets * STREET as usize, 0);
        first as u32
    }

    /// How many streets there are.
    pub fn streets(&self) -> usize {
        self.streets.len()
    }

    fn street(&mut self, who: u32) -> (&mut Street, u64) {
        (&mut self.streets[(who / STREET) as usize], 1 << (who % STREET))
    }

    /// Reads the marks of a person's street, to fetch them from memory ahead.
    pub fn touch(&self, who: u32) -> u64 {
        self.streets[(who / STREET) as usize].active ^ u64::from(self.begun[who as usize])
    }

    /// Whether a visit is under way.
    pub fn is_active(&self, who: u32) -> bool {
        self.streets[(who / STREET) as usize].active & 1 << (who % STREET) != 0
    }

    /// A visit begins: answers how many the person began before. None if one is still under way: another is owed then.
    pub fn begin(&mut self, who: u32) -> Option<u8> {
        let (street, bit) = self.street(who);
        let under_way = street.active & bit != 0;
        street.active |= bit;
        street.owes |= if under_way { bit } else { 0 };
        if under_way {
            if self.owed.is_empty() {
                // Not resized: memory that is all zeros is taken page by page as it is written to.
                self.owed = vec![0; self.begun.len()];
            }
            let owed = &mut self.owed[who as usize];
            *owed = owed.saturating_add(1);
            return None;
        }
        let begun = &mut self.begun[who as usize];
        let before = *begun;
        *begun = before.saturating_add(1);
        Some(before)
    }

    /// Notes that a person got in; `true` the first time.
    pub fn connects(&mut self, who: u32) -> bool {
        let (street, bit) = self.street(who);
        let first = street.connected & bit == 0;
        street.connected |= bit;
        first
    }

    /// Notes that a person was served by a visit that began today, or before; `true` the first time on that day.
    pub fn is_served(&mut self, who: u32, began_today: bool) -> bool {
        let (street, bit) = ((who / STREET) as usize, 1 << (who % STREET));
        let marks = match self.yesterday.get_mut(street) {
            Some(marks) if !began_today => marks,
            _ => &mut self.streets[street].today,
        };
        let first = *marks & bit == 0;
        *marks |= bit;
        first
    }

    /// Another day begins.
    pub fn new_day(&mut self) {
        let today = self.streets.iter_mut().map(|street| std::mem::take(&mut street.today));
        self.yesterday.clear();
        self.yesterday.extend(today);
    }

    /// Whether a person's usual door was given up the last time.
    pub fn is_let_down(&self, who: u32) -> bool {
        let street = self.let_down.get((who / STREET) as usize);
        street.is_some_and(|street| street & 1 << (who % STREET) != 0)
    }

    /// Notes what a person learnt of its usual door.
    pub fn learn(&mut self, who: u32, let_down: bool) {
        self.let_down.resize(self.streets.len(), 0);
        let (street, bit) = (&mut self.let_down[(who / STREET) as usize], 1 << (who % STREET));
        *street = if let_down { *street | bit } else { *street & !bit };
    }

    /// A visit ends; `true` if one that was owed has to begin.
    pub fn end(&mut self, who: u32) -> bool {
        let (street, bit) = self.street(who);
        street.active &= !bit;
        if street.owes & bit == 0 {
            return false;
        }
        let owed = &mut self.owed[who as usize];
        *owed -= 1;
        if *owed == 0 {
            self.street(who).0.owes &= !bit;
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn visits_are_counted_and_those_owed_come_after() {
        let mut memory = Memory::default();
        assert_eq!((memory.add_crowd(70), memory.add_crowd(3)), (0, 128));
        let who = 65;
        assert_eq!(memory.begin(who), Some(0));
        assert_eq!((memory.begin(who), memory.begin(who)), (None, None));
        assert!(memory.connects(who) && !memory.connects(who));
        assert!(memory.end(who));
        assert_eq!(memory.begin(who), Some(1));
        assert!(memory.end(who));
        assert_eq!(memory.begin(who), Some(2));
        assert!(!memory.end(who));
        assert!(!memory.connects(who));
        assert!(memory.is_served(who, true) && !memory.is_served(who, true));
        memory.new_day();
        // A visit of the day before ends: it has been counted. This day begins anew.
        assert!(!memory.is_served(who, false) && memory.is_served(who, true));
        // A neighbour knows nothing of it.
        assert_eq!(memory.begin(64), Some(0));
        assert!(memory.connects(64) && !memory.end(64));
    }
}
