//! The clock of knocks in vain: how much of the time nobody gets through a door, and why.

use crate::engine::{Draw, Time, exp, log};

/// So many reasons may there be for which a knock is in vain, numbered by whoever keeps the clock.
pub const REASONS: usize = 10;
/// So many pieces are kept (3 MB); beyond, neighbours become one.
const MOST_PIECES: usize = 1 << 16;

/// Runs at the rate at which a knock is in vain whatever happens: 1 while the door is shut, the share of packets
/// lost while it is open. Keeps its value at every bin so that knocks drawn late are booked where they happened, and for which
/// reasons it ran from which value on, so that they are booked for what they met.
#[derive(Clone, Debug)]
pub struct VainClock {
    value: f64,
    last: Time,
    shut: bool,
    slopes: [f64; REASONS],
    /// Those that are not zero, as bits.
    running: u16,
    /// The rules in force by which some are turned away, by a number of whoever keeps the clock; 0: nobody is.
    rules: u32,
    /// Their sum.
    slope: f64,
    /// What ran is noted in the bins up to here.
    booked: Time,
    bins: Vec<VainBin>,
    pieces: Vec<Piece>,
}

/// One time bin of a [`VainClock`].
#[derive(Clone, Copy, Debug, Default)]
struct VainBin {
    /// The clock's value at its start.
    from: f64,
    ran: Ran,
}

/// For which reasons a [`VainClock`] ran in a bin.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ran {
    /// They, as bits.
    pub reasons: u16,
    /// While it did, some were turned away.
    pub filtered: bool,
}

/// A stretch of a [`VainClock`]'s values during which the reasons had the same shares, and the same people were turned away.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Piece {
    /// The clock's value at its start.
    from: f64,
    /// The reasons' shares.
    shares: [f32; REASONS],
    /// By which rules.
    rules: u32,
    /// The one reason, if it is one; else [`REASONS`].
    only: u32,
}

impl VainClock {
    /// A clock that stands still.
    pub fn new() -> Self {
        VainClock {
            value: 0.0,
            last: Time::ZERO,
            shut: false,
            slopes: [0.0; REASONS],
            running: 0,
            rules: 0,
            slope: 0.0,
            booked: Time::ZERO,
            bins: vec![VainBin::default()],
            pieces: Vec::new(),
        }
    }

    /// Brings the clock to `now` and answers its value, s.
    #[inline]
    pub fn read(&mut self, now: Time) -> f64 {
        if now > self.last {
            self.value += self.slope * (now - self.last).as_secs();
            self.last = now;
        }
        self.value
    }

    /// Notes for which reasons the clock ran since the slopes were set or the bin began.
    fn book(&mut self, now: Time) {
        self.read(now);
        if self.running != 0 && self.last > self.booked {
            let last = self.bins.len() - 1;
            self.bins[last].ran = self.ran(last);
        }
        self.booked = self.last;
    }

    /// From now on a knock is in vain with the chances `slopes`, by reason; `shut`: nothing gets through; `rules`: the number of
    /// those by which some are turned away, 0 if nobody is.
    pub fn set(&mut self, now: Time, shut: bool, slopes: [f64; REASONS], rules: u32) {
        self.book(now);
        self.rules = rules;
        self.shut = shut;
        self.slopes = slopes;
        self.slope = slopes.iter().sum();
        self.running = (0..REASONS)
            .filter(|r| slopes[*r] != 0.0)
            .fold(0, |all, r| all | 1 << r);
        if self.running != 0 {
            self.begin_piece();
        }
    }

    fn begin_piece(&mut self) {
        let shares = self.slopes.map(|slope| (slope / self.slope) as f32);
        let from = self.value;
        // The clock stood still since the last one began: nothing fell into that one.
        self.pieces.pop_if(|last| last.from >= from);
        let rules = self.rules;
        if (self.pieces.last()).is_some_and(|last| last.shares == shares && last.rules == rules) {
            return;
        }
        self.pieces.push(Piece::new(from, shares, rules));
        if self.pieces.len() > MOST_PIECES {
            self.join_pieces();
        }
    }

    /// Of two neighbours one, with the reasons' shares of both. The last one, which is not over, stays.
    fn join_pieces(&mut self) {
        let over = self.pieces.len() - 1;
        let ends: Vec<f64> = self.pieces[1..].iter().map(|piece| piece.from).collect();
        let pairs = self.pieces[..over].chunks(2).zip(ends.chunks(2));
        let mut joined: Vec<Piece> = pairs.map(|(pair, ends)| Piece::of(pair, ends)).collect();
        joined.push(self.pieces[over]);
        self.pieces = joined;
    }

    /// Whether nothing gets through.
    pub fn is_shut(&self) -> bool {
        self.shut
    }

    /// Chance that a knock gets through, 0..=1.
    pub fn passes(&self) -> f64 {
        if self.shut { 0.0 } else { (1.0 - self.slope).max(0.0) }
    }

    /// The slopes in force, by reason.
    pub fn slopes(&self) -> [f64; REASONS] {
        self.slopes
    }

    /// A bin ends.
    pub fn mark(&mut self, now: Time) {
        self.book(now);
        self.bins.push(VainBin {
            from: self.value,
            ran: Ran::default(),
        });
    }

    /// The bin now open.
    #[inline]
    pub fn bin(&self) -> usize {
        self.bins.len() - 1
    }

    /// The bin in which the clock showed `value`.
    #[inline]
    pub fn bin_of(&self, value: f64) -> usize {
        if self.bins.last().is_some_and(|bin| value >= bin.from) {
            return self.bins.len() - 1;
        }
        self.bins.partition_point(|bin| bin.from <= value).saturating_sub(1)
    }

    /// Between which values the clock ran in a bin, of those between two of its values.
    #[inline]
    fn stretch(&self, bin: usize, from: f64, to: f64) -> (f64, f64) {
        let until = self.bins.get(bin + 1).map_or(to, |next| next.from);
        (self.bins[bin].from.max(from), until.min(to))
    }

    /// What the clock gained in a bin between two of its values, s.
    #[inline]
    pub fn gained(&self, bin: usize, from: f64, to: f64) -> f64 {
        let (from, to) = self.stretch(bin, from, to);
        (to - from).max(0.0)
    }

    /// Somebody knocked in vain `knocks` times in a bin between two values of the clock, and would have made `drawn` knocks had it
    /// not left at the last of these: tells of knocks for which reason they were, by chance, under which rules, and how many.
    ///
    /// Knocks in vain are a Poisson process of the clock's values, so each of `drawn` met any value of the stretch, and whoever left
    /// made the first ones. Each takes one uniform from the stream.
    pub fn reasons(
        &self,
        bin: usize,
        (from, to): (f64, f64),
        (knocks, drawn): (u64, u64),
        draw: &mut Draw,
        mut met: impl FnMut(usize, u32, u64),
    ) {
        let (mut from, to) = self.stretch(bin, from, to);
        let ran = self.pieces_between(from, to);
        if let [piece] = ran
            && let Some(why) = piece.only()
        {
            draw.skip(knocks);
            return met(why, piece.rules, knocks);
        }
        for made in 0..knocks {
            // Of whoever left, the least of as many as are left is met next.
            let least_of = if knocks < drawn { (drawn - made) as f64 } else { 1.0 };
            let place = Place { from, to, least_of };
            let at = place.value(draw.uniform());
            let (why, rules) = reason_at(ran, at, &place);
            met(why, rules, 1);
            if knocks < drawn {
                from = at;
            }
        }
    }

    /// The pieces into which values from one up to another fall.
    #[inline]
    fn pieces_between(&self, from: f64, to: f64) -> &[Piece] {
        let after = |pieces: &[Piece], value: f64| match pieces.last() {
            // The usual case.
            Some(last) if last.from <= value => pieces.len(),
            _ => pieces.partition_point(|piece| piece.from <= value),
        };
        let end = after(&self.pieces, to);
        let first = after(&self.pieces[..end], from);
        &self.pieces[first.saturating_sub(1)..end]
    }

    /// For which reasons the clock ran in a bin.
    #[inline]
    pub fn ran(&self, bin: usize) -> Ran {
        let mut ran = self.bins[bin].ran;
        if bin + 1 == self.bins.len() && self.last > self.booked && self.running != 0 {
            ran.reasons |= self.running;
            ran.filtered |= self.rules != 0;
        }
        ran
    }
}

/// Where a knock falls between two values of the clock: uniformly, or the least of several that do.
struct Place {
    from: f64,
    to: f64,
    /// Of so many.
    least_of: f64,
}

impl Place {
    /// The value below which it falls with a chance.
    #[inline]
    fn value(&self, chance: f64) -> f64 {
        let share = if self.least_of == 1.0 {
            chance
        } else {
            1.0 - exp(log(1.0 - chance) / self.least_of)
        };
        self.from + share * (self.to - self.from)
    }

    /// The chance that it falls below a value.
    fn chance(&self, value: f64) -> f64 {
        let share = ((value - self.from) / (self.to - self.from)).clamp(0.0, 1.0);
        if self.least_of == 1.0 {
            share
        } else {
            1.0 - exp(log(1.0 - share) * self.least_of)
        }
    }
}

/// The reason of a knock that met a value of the clock, and the rules then. How probable it was to meet a lower one of the same piece is uniform: that
/// chooses among the piece's reasons.
fn reason_at(ran: &[Piece], value: f64, place: &Place) -> (usize, u32) {
    let next = ran.partition_point(|piece| piece.from <= value);
    let Some(piece) = next.checked_sub(1).map(|i| &ran[i]) else {
        return (0, 0);
    };
    if let Some(why) = piece.only() {
        return (why, piece.rules);
    }
    let below = place.chance(piece.from);
    let until = ran.get(next).map_or(1.0, |next| place.chance(next.from));
    let mut left = (place.chance(value) - below) / (until - below);
    let shares = piece.shares.iter();
    let why = shares.clone().position(|share| {
        left -= f64::from(*share);
        left < 0.0
    });
    // Past the last one only by a rounding.
    let why = why.or_else(|| shares.clone().rposition(|share| *share > 0.0));
    (why.unwrap_or(0), piece.rules)
}

impl Piece {
    fn new(from: f64, shares: [f32; REASONS], rules: u32) -> Self {
        let only = shares.iter().position(|share| *share == 1.0);
        Piece {
            from,
            shares,
            rules,
            only: only.unwrap_or(REASONS) as u32,
        }
    }

    /// The one reason, if it is one.
    #[inline]
    fn only(&self) -> Option<usize> {
        let only = self.only as usize;
        (only < REASONS).then_some(only)
    }

    /// Neighbours as one, under the rules of the last; `ends` are where each ends.
    fn of(neighbours: &[Piece], ends: &[f64]) -> Piece {
        let from = neighbours[0].from;
        let mut gained = [0.0; REASONS];
        for (piece, end) in neighbours.iter().zip(ends) {
            for (sum, share) in gained.iter_mut().zip(piece.shares) {
                *sum += f64::from(share) * (end - piece.from);
            }
        }
        let all: f64 = gained.iter().sum();
        let rules = neighbours[neighbours.len() - 1].rules;
        Piece::new(from, gained.map(|sum| (sum / all) as f32), rules)
    }
}

impl Default for VainClock {
    fn default() -> Self {
        VainClock::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{Purpose, Streams};

    fn at(secs: f64) -> Time {
        Time::from_secs(secs)
    }

    fn only(reason: usize) -> [f64; REASONS] {
        std::array::from_fn(|r| f64::from(u8::from(r == reason)))
    }

    fn draw() -> Draw {
        Streams::new(1, 0).sequence(Purpose::Other, 0)
    }

    /// How many of `n` knocks, had `drawn` been made, were for which reason.
    fn reasons(
        clock: &VainClock,
        bin: usize,
        (from, to): (f64, f64),
        (n, drawn): (u64, u64),
        draw: &mut Draw,
    ) -> [u64; REASONS] {
        let mut met = [0; REASONS];
        clock.reasons(bin, (from, to), (n, drawn), draw, |why, _, n| met[why] += n);
        met
    }

    /// Of `n` there were `count`, where each is one with chance `p`.
    fn agrees(count: u64, n: u64, p: f64) {
        let z = (count as f64 - n as f64 * p) / libm::sqrt(n as f64 * p * (1.0 - p));
        assert!(z.abs() < 4.0, "{count} of {n}, expected {p}: z = {z}");
    }

    /// Shut for reason 0 during ten seconds of the first bin; in the second, from its fifth second on, half of all knocks
    /// are lost for reason 5 and a quarter for reason 1.
    fn clock() -> VainClock {
        let mut slopes = [0.0; REASONS];
        let mut clock = VainClock::new();
        clock.set(at(0.0), true, only(0), 0);
        clock.set(at(10.0), false, slopes, 0);
        clock.mark(at(20.0));
        slopes[5] = 0.5;
        slopes[1] = 0.25;
        clock.set(at(25.0), false, slopes, 0);
        assert_eq!(clock.read(at(35.0)), 17.5);
        clock
    }

    #[test]
    fn what_was_gained_is_told_by_bin() {
        let clock = clock();
        assert_eq!((clock.bin_of(3.0), clock.bin_of(12.0), clock.bin()), (0, 1, 1));
        assert_eq!((clock.gained(0, 2.0, 17.5), clock.gained(1, 2.0, 17.5)), (8.0, 7.5));
        assert_eq!(clock.passes(), 0.25);
    }

    #[test]
    fn reasons_that_ran_together_are_told_by_their_shares() {
        let mut clock = clock();
        assert_eq!((clock.ran(0).reasons, clock.ran(1).reasons), (1, 1 << 1 | 1 << 5));
        let n = 30_000;
        let met = reasons(&clock, 1, (12.0, 17.5), (n, n), &mut draw());
        assert_eq!(met[1] + met[5], n);
        agrees(met[5], n, 2.0 / 3.0);
        // Asking has not changed what comes later.
        assert_eq!(clock.read(at(39.0)), 20.5);
        assert_eq!(clock.ran(1).reasons, 1 << 1 | 1 << 5);
    }

    /// One bin: shut for reason 2, open for a while, then shut for reason 7 three times as long.
    fn two_reasons() -> VainClock {
        let mut clock = VainClock::new();
        clock.set(at(0.0), true, only(2), 0);
        clock.set(at(10.0), false, [0.0; REASONS], 0);
        clock.set(at(50.0), true, only(7), 0);
        assert_eq!(clock.read(at(80.0)), 40.0);
        clock
    }

    #[test]
    fn reasons_are_told_by_when_somebody_waited() {
        let clock = two_reasons();
        let n = 30_000;
        let mut draw = draw();
        let met = |from, to, draw: &mut Draw| reasons(&clock, 0, (from, to), (n, n), draw);
        agrees(met(0.0, 40.0, &mut draw)[2], n, 0.25);
        agrees(met(5.0, 40.0, &mut draw)[2], n, 5.0 / 35.0);
        assert_eq!(met(10.0, 40.0, &mut draw)[7], n);
        assert_eq!(met(0.0, 10.0, &mut draw)[2], n);
    }

    #[test]
    fn what_was_met_is_told_with_the_rules_in_force() {
        let mut clock = VainClock::new();
        clock.set(at(0.0), true, only(2), 0);
        clock.set(at(10.0), true, only(2), 5);
        clock.mark(at(40.0));
        // Nothing ran while these were in force.
        clock.set(at(40.0), false, [0.0; REASONS], 6);
        clock.set(at(50.0), true, only(3), 0);
        assert_eq!(clock.read(at(60.0)), 50.0);
        let ran = |reason, filtered| Ran {
            reasons: 1_u16 << reason,
            filtered,
        };
        assert_eq!((clock.ran(0), clock.ran(1)), (ran(2, true), ran(3, false)));
        let (n, mut met) = (30_000, [0; 7]);
        clock.reasons(0, (0.0, 50.0), (n, n), &mut draw(), |why, rules, n| {
            assert_eq!(why, 2);
            met[rules as usize] += n;
        });
        assert_eq!(met[0] + met[5], n);
        agrees(met[5], n, 0.75);
    }

    #[test]
    fn whoever_left_made_the_first_knocks() {
        let clock = two_reasons();
        let (n, mut draw) = (30_000, draw());
        let (mut first, mut second) = (0, 0);
        for _ in 0..n {
            first += reasons(&clock, 0, (0.0, 40.0), (1, 4), &mut draw)[2];
            second += reasons(&clock, 0, (0.0, 40.0), (2, 4), &mut draw)[2] / 2;
        }
        // At least one, and at least two, of four in the first quarter.
        agrees(first, n, 1.0 - libm::pow(0.75, 4.0));
        agrees(second, n, 1.0 - libm::pow(0.75, 4.0) - libm::pow(0.75, 3.0));
    }

    /// Reasons that ran together do so from the first knock on, wherever the piece of the clock lies.
    #[test]
    fn first_knocks_meet_reasons_that_ran_together_by_their_shares() {
        let mut clock = VainClock::new();
        let mut both = [0.0; REASONS];
        (both[1], both[5]) = (0.25, 0.5);
        clock.set(at(0.0), false, both, 0);
        // 30 s of both (40 of time), then 10 of one.
        clock.set(at(40.0), true, only(2), 0);
        assert_eq!(clock.read(at(50.0)), 40.0);
        let (n, mut draw) = (30_000, draw());
        let mut met = [0; REASONS];
        for _ in 0..n {
            let one = reasons(&clock, 0, (0.0, 40.0), (1, 4), &mut draw);
            met.iter_mut().zip(one).for_each(|(sum, n)| *sum += n);
        }
        let late = libm::pow(0.25, 4.0);
        agrees(met[2], n, late);
        agrees(met[1], n, (1.0 - late) / 3.0);
        agrees(met[5], n, (1.0 - late) * 2.0 / 3.0);
    }

    #[test]
    fn too_many_pieces_become_fewer() {
        let mut clock = VainClock::new();
        let seconds = MOST_PIECES + 1000;
        for second in 0..seconds {
            clock.set(at(second as f64), true, only(second % 2 * 3), 0);
        }
        let end = clock.read(at(seconds as f64));
        assert!(clock.pieces.len() < MOST_PIECES / 2 + 1002, "{}", clock.pieces.len());
        let n = 30_000;
        let met = reasons(&clock, 0, (0.0, end), (n, n), &mut draw());
        assert_eq!(met[0] + met[3], n);
        agrees(met[0], n, 0.5);
        // The last ones are as they were.
        let met = reasons(&clock, 0, (end - 1.0, end), (n, n), &mut draw());
        assert_eq!(met[(seconds - 1) % 2 * 3], n);
    }
}
