//! The clock of knocks in vain: how much of the time nobody gets through a door, and why.

use crate::engine::{Draw, Time, exp, log};

/// Reasons for which a knock may be in vain, numbered by whoever keeps the clock.
const REASONS: usize = 9;
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
    /// Reasons for which it ran, as bits.
    ran: u16,
}

/// A stretch of a [`VainClock`]'s values during which the reasons had the same shares.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Piece {
    /// The clock's value at its start.
    from: f64,
    /// The reasons' shares.
    shares: [f32; REASONS],
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
            self.bins[last].ran |= self.running;
        }
        self.booked = self.last;
    }

    /// From now on a knock is in vain with the chances `slopes`, by reason; `shut`: nothing gets through.
    pub fn set(&mut self, now: Time, shut: bool, slopes: [f64; REASONS]) {
        self.book(now);
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
        if self.pieces.last().is_some_and(|last| last.shares == shares) {
            return;
        }
        self.pieces.push(Piece { from, shares });
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
            ran: 0,
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
    /// not left at the last of these: how many knocks were for which reason, by chance.
    ///
    /// Knocks in vain are a Poisson process of the clock's values, so each of `drawn` met any value of the stretch, and whoever left
    /// made the first ones. Each takes one uniform from the stream.
    pub fn reasons(
        &self,
        bin: usize,
        (from, to): (f64, f64),
        (knocks, drawn): (u64, u64),
        draw: &mut Draw,
    ) -> [u64; REASONS] {
        let (mut from, to) = self.stretch(bin, from, to);
        let ran = self.pieces_between(from, to);
        let mut met = [0; REASONS];
        if let [piece] = ran
            && let Some(why) = piece.only()
        {
            draw.skip(knocks);
            met[why] = knocks;
            return met;
        }
        for made in 0..knocks {
            // Of whoever left, the least of as many as are left is met next.
            let least_of = if knocks < drawn { (drawn - made) as f64 } else { 1.0 };
            let place = Place { from, to, least_of };
            let at = place.value(draw.uniform());
            met[reason_at(ran, at, &place)] += 1;
            if knocks < drawn {
                from = at;
            }
        }
        met
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

    /// The one reason for which the clock ran in a bin, if it was one.
    #[inline]
    pub fn only_reason(&self, bin: usize) -> Option<usize> {
        let open = bin + 1 == self.bins.len() && self.last > self.booked;
        let ran = self.bins[bin].ran | if open { self.running } else { 0 };
        ran.is_power_of_two().then_some(ran.trailing_zeros() as usize)
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

/// The reason of a knock that met a value of the clock. How probable it was to meet a lower one of the same piece is uniform: that
/// chooses among the piece's reasons.
fn reason_at(ran: &[Piece], value: f64, place: &Place) -> usize {
    let next = ran.partition_point(|piece| piece.from <= value);
    let Some(piece) = next.checked_sub(1).map(|i| &ran[i]) else {
        return 0;
    };
    if let Some(why) = piece.only() {
        return why;
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
    why.or_else(|| shares.clone().rposition(|share| *share > 0.0))
        .unwrap_or(0)
}

impl Piece {
    /// The one reason, if it is one.
    #[inline]
    fn only(&self) -> Option<usize> {
        self.shares.iter().position(|share| *share == 1.0)
    }

    /// Neighbours as one; `ends` are where each ends.
    fn of(neighbours: &[Piece], ends: &[f64]) -> Piece {
        let from = neighbours[0].from;
        let mut gained = [0.0; REASONS];
        for (piece, end) in neighbours.iter().zip(ends) {
            for (sum, share) in gained.iter_mut().zip(piece.shares) {
                *sum += f64::from(share) * (end - piece.from);
            }
        }
        let all: f64 = gained.iter().sum();
        Piece {
            from,
            shares: gained.map(|sum| (sum / all) as f32),
        }
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
        clock.set(at(0.0), true, only(0));
        clock.set(at(10.0), false, slopes);
        clock.mark(at(20.0));
        slopes[5] = 0.5;
        slopes[1] = 0.25;
        clock.set(at(25.0), false, slopes);
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
        assert_eq!((clock.only_reason(0), clock.only_reason(1)), (Some(0), None));
        let n = 30_000;
        let met = clock.reasons(1, (12.0, 17.5), (n, n), &mut draw());
        assert_eq!(met[1] + met[5], n);
        agrees(met[5], n, 2.0 / 3.0);
        // Asking has not changed what comes later.
        assert_eq!(clock.read(at(39.0)), 20.5);
        assert_eq!(clock.only_reason(1), None);
    }

    /// One bin: shut for reason 2, open for a while, then shut for reason 7 three times as long.
    fn two_reasons() -> VainClock {
        let mut clock = VainClock::new();
        clock.set(at(0.0), true, only(2));
        clock.set(at(10.0), false, [0.0; REASONS]);
        clock.set(at(50.0), true, only(7));
        assert_eq!(clock.read(at(80.0)), 40.0);
        clock
    }

    #[test]
    fn reasons_are_told_by_when_somebody_waited() {
        let clock = two_reasons();
        let n = 30_000;
        let mut draw = draw();
        let met = |from, to, draw: &mut Draw| clock.reasons(0, (from, to), (n, n), draw);
        agrees(met(0.0, 40.0, &mut draw)[2], n, 0.25);
        agrees(met(5.0, 40.0, &mut draw)[2], n, 5.0 / 35.0);
        assert_eq!(met(10.0, 40.0, &mut draw)[7], n);
        assert_eq!(met(0.0, 10.0, &mut draw)[2], n);
    }

    #[test]
    fn whoever_left_made_the_first_knocks() {
        let clock = two_reasons();
        let (n, mut draw) = (30_000, draw());
        let (mut first, mut second) = (0, 0);
        for _ in 0..n {
            first += clock.reasons(0, (0.0, 40.0), (1, 4), &mut draw)[2];
            second += clock.reasons(0, (0.0, 40.0), (2, 4), &mut draw)[2] / 2;
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
        clock.set(at(0.0), false, both);
        // 30 s of both (40 of time), then 10 of one.
        clock.set(at(40.0), true, only(2));
        assert_eq!(clock.read(at(50.0)), 40.0);
        let (n, mut draw) = (30_000, draw());
        let mut met = [0; REASONS];
        for _ in 0..n {
            let one = clock.reasons(0, (0.0, 40.0), (1, 4), &mut draw);
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
            clock.set(at(second as f64), true, only(second % 2 * 3));
        }
        let end = clock.read(at(seconds as f64));
        assert!(clock.pieces.len() < MOST_PIECES / 2 + 1002, "{}", clock.pieces.len());
        let n = 30_000;
        let met = clock.reasons(0, (0.0, end), (n, n), &mut draw());
        assert_eq!(met[0] + met[3], n);
        agrees(met[0], n, 0.5);
        // The last ones are as they were.
        let met = clock.reasons(0, (end - 1.0, end), (n, n), &mut draw());
        assert_eq!(met[(seconds - 1) % 2 * 3], n);
    }
}
