//! Random streams: one per purpose and person, all functions of (seed, replication).
//!
//! No stream depends on how much another has drawn. So the same person has the same wishes under every policy, and two
//! runs are identical until a policy first acts.

use std::convert::Infallible;

use rand::rand_core::{TryRng, utils};
use rand_distr::Distribution as _;

/// What a draw decides. The number is part of every stream's seed: never renumber, only add.
///
/// ```
/// use preau::engine::Purpose;
/// assert_eq!(Purpose::Patience.name(), "patience");
/// assert_eq!(Purpose::ALL[Purpose::Patience as usize], Purpose::Patience);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[repr(u8)]
pub enum Purpose {
    /// When a visit starts.
    Arrival = 0,
    /// Whether a person connects at all.
    Connect = 1,
    /// How long a visit is wanted.
    Duration = 2,
    /// How long one waits before giving up.
    Patience = 3,
    /// Lasting traits of a person.
    Habit = 4,
    /// Which services a visit passes.
    Route = 5,
    /// The work a job asks of a station.
    Work = 6,
    /// When one knocks again.
    Retry = 7,
    /// The pause between two pages.
    Think = 8,
    /// When a client stops waiting for an answer.
    Timeout = 9,
    /// When a waiting page asks again.
    Poll = 10,
    /// One's place in a drawn order.
    Lottery = 11,
    /// Which member of a pool knocks.
    Pool = 12,
    /// What a link loses.
    Link = 13,
    /// Whom a defence wrongly blocks.
    FalsePositive = 14,
    /// Counts of an attack's requests.
    Flood = 15,
    /// Sizes of groups that come together.
    Batch = 16,
    /// What is done instead.
    Fallback = 17,
    /// Which slot of a staggered start.
    Stagger = 18,
    /// When things break and are mended.
    Breakdown = 19,
    /// Choices between equal claims on permits.
    Tokens = 20,
    /// Which person an event is about.
    Person = 21,
    /// Whatever has no purpose of its own.
    Other = 22,
    /// How long ordered capacity takes to come.
    Boot = 23,
    /// On which host one's session stands.
    Placement = 24,
    /// How long an attacker takes to change its tool.
    Retool = 25,
    /// How long a crisis cell takes for a step of a ticket.
    Crew = 26,
}

/// Name and meaning of each purpose, in the order of its number.
const PURPOSES: [(Purpose, &str, &str); 27] = [
    (Purpose::Arrival, "arrival", "when a visit starts"),
    (Purpose::Connect, "connect", "whether a person connects at all"),
    (Purpose::Duration, "duration", "how long a visit is wanted"),
    (Purpose::Patience, "patience", "how long one waits before giving up"),
    (
        Purpose::Habit,
        "habit",
        "lasting traits of a person: devices, tabs, haste",
    ),
    (Purpose::Route, "route", "which services a visit passes"),
    (Purpose::Work, "work", "the work a job asks of a station"),
    (Purpose::Retry, "retry", "when one knocks again"),
    (Purpose::Think, "think", "the pause between two pages"),
    (Purpose::Timeout, "timeout", "when a client stops waiting for an answer"),
    (Purpose::Poll, "poll", "when a waiting page asks again"),
    (Purpose::Lottery, "lottery", "one's place in a drawn order"),
    (Purpose::Pool, "pool", "which member of a pool knocks, and when"),
    (Purpose::Link, "link", "what a link loses"),
    (
        Purpose::FalsePositive,
        "false-positive",
        "whom a defence wrongly blocks",
    ),
    (Purpose::Flood, "flood", "counts of an attack's requests"),
    (Purpose::Batch, "batch", "sizes of groups that come together"),
    (
        Purpose::Fallback,
        "fallback",
        "what is done instead of a visit given up",
    ),
    (Purpose::Stagger, "stagger", "which slot of a staggered start"),
    (Purpose::Breakdown, "breakdown", "when things break and are mended"),
    (Purpose::Tokens, "tokens", "choices between equal claims on permits"),
    (Purpose::Person, "person", "which person an event is about"),
    (Purpose::Other, "other", "whatever has no purpose of its own"),
    (Purpose::Boot, "boot", "how long ordered capacity takes to come"),
    (Purpose::Placement, "placement", "on which host one's session stands"),
    (
        Purpose::Retool,
        "retool",
        "how long an attacker takes to change its tool",
    ),
    (
        Purpose::Crew,
        "crew",
        "how long a crisis cell takes for a step of a ticket",
    ),
];

impl Purpose {
    /// Every purpose, in the order of its number.
    pub const ALL: [Self; PURPOSES.len()] = {
        let mut all = [Self::Other; PURPOSES.len()];
        let mut i = 0;
        while i < all.len() {
            assert!(PURPOSES[i].0 as usize == i, "the table is in the order of the numbers");
            all[i] = PURPOSES[i].0;
            i += 1;
        }
        all
    };

    /// Its name in tables and documents.
    pub const fn name(self) -> &'static str {
        PURPOSES[self as usize].1
    }

    /// What its draws decide, in a few words.
    pub const fn decides(self) -> &'static str {
        PURPOSES[self as usize].2
    }
}

/// 1/1, 1/2, 1/3 and so on: a multiplication is several times faster than a division.
const INVERSES: [f64; 200] = {
    let mut inverses = [1.0; 200];
    let mut i = 1;
    while i < inverses.len() {
        inverses[i] = 1.0 / (i + 1) as f64;
        i += 1;
    }
    inverses
};

/// The golden ratio's fraction as an odd 64-bit number: SplitMix64's step.
const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

/// SplitMix64's finaliser (Stafford's variant 13): a bijection of 64-bit numbers in which each input bit
/// flips each output bit about half the time.
#[inline]
pub(crate) const fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// A stable 64-bit key of a name: FNV-1a, then one mixing round, since FNV's high bits are weak on short names.
///
/// Streams are keyed by the *name* of a cohort or station, never its position, so adding one moves nobody's draws.
///
/// ```
/// use preau::engine::key_of;
/// const LYCEE: u64 = key_of("idf/lycee");
/// assert_ne!(LYCEE, key_of("idf/college"));
/// ```
pub const fn key_of(name: &str) -> u64 {
    let bytes = name.as_bytes();
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    let mut i = 0;
    while i < bytes.len() {
        hash = (hash ^ bytes[i] as u64).wrapping_mul(0x0000_0100_0000_01b3);
        i += 1;
    }
    mix(hash)
}

/// The source of every stream of one run.
///
/// ```
/// use preau::engine::{key_of, Purpose, Streams};
/// let streams = Streams::new(2021, 3);
/// let lycee = key_of("idf/lycee");
/// let mut patience = streams.person(Purpose::Patience, lycee, 77);
/// let again = streams.person(Purpose::Patience, lycee, 77).exponential();
/// assert_eq!(patience.exponential(), again); // whatever else was drawn meanwhile
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Streams {
    seed: u64,
    replication: u64,
    key: u64,
}

impl Streams {
    /// The streams of one replication.
    pub const fn new(seed: u64, replication: u64) -> Self {
        let key = mix(mix(seed.wrapping_add(STEP)) ^ replication.wrapping_mul(STEP));
        Self { seed, replication, key }
    }

    /// The seed.
    pub const fn seed(&self) -> u64 {
        self.seed
    }

    /// The replication.
    pub const fn replication(&self) -> u64 {
        self.replication
    }

    /// The stream of one person's draws for one purpose; `cohort` is the [`key_of`] the cohort's name, `person` the index in it.
    #[inline]
    pub const fn person(&self, purpose: Purpose, cohort: u64, person: u64) -> Draw {
        self.stream(purpose, cohort, person)
    }

    /// The stream of a station, pool or link that draws one variate after another; `entity` is the [`key_of`] its name.
    #[inline]
    pub const fn sequence(&self, purpose: Purpose, entity: u64) -> Draw {
        const SEQUENCE: u64 = key_of("a stream of an entity, not of a person");
        self.stream(purpose, SEQUENCE, entity)
    }

    /// The streams of all persons of a cohort, for each purpose: whoever draws often keeps them.
    pub fn families(&self, cohort: u64) -> Families {
        Families(Purpose::ALL.map(|purpose| self.family(purpose, cohort)))
    }

    #[inline]
    const fn stream(&self, purpose: Purpose, family: u64, member: u64) -> Draw {
        draw_of(self.family(purpose, family), member)
    }

    /// The run's key, the family's name and the purpose are hashes or spread over 64 bits already: one round over their
    /// sum keeps families apart but for chance.
    #[inline]
    const fn family(&self, purpose: Purpose, family: u64) -> u64 {
        let purpose = (purpose as u64 + 1).wrapping_mul(0xd6e8_feb8_6659_fd93);
        mix(family ^ purpose ^ self.key)
    }
}

/// Within a family, start and step are each a bijection of the member, so two members share neither; two families could
/// share a start by chance, and then still differ in step.
#[inline]
const fn draw_of(family: u64, member: u64) -> Draw {
    let member = member.wrapping_mul(STEP);
    let start = mix(family.wrapping_add(member));
    let step = mix(family.rotate_left(32) ^ member);
    Draw::new(start, step)
}

/// The streams of one cohort's people: what [`Streams::person`] works out anew each time, kept.
///
/// ```
/// use preau::engine::{key_of, Purpose, Streams};
/// let streams = Streams::new(2021, 3);
/// let lycee = key_of("idf/lycee");
/// let mut patience = streams.families(lycee).person(Purpose::Patience, 77);
/// assert_eq!(patience, streams.person(Purpose::Patience, lycee, 77));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Families([u64; PURPOSES.len()]);

impl Families {
    /// The stream of one person's draws for one purpose.
    ///
    /// Not inlined: it is asked for in a dozen places, whose copies would drive each other out of the processor's cache of
    /// instructions.
    #[inline(never)]
    pub const fn person(&self, purpose: Purpose, person: u64) -> Draw {
        draw_of(self.0[purpose as usize], person)
    }
}

/// A random stream: SplitMix64 with a step of its own (Steele, Lea, Flood, "Fast splittable pseudorandom number
/// generators", OOPSLA 2014).
///
/// The n-th draw is a function of the start and n, so a stream can be restarted and skipped in O(1). The step
/// is part of the stream because with a single one all streams would be windows of the same cycle of 2^64, and among the hundreds of
/// millions of streams of a day some windows would overlap.
///
/// It is a [`rand`] generator, so `rand_distr` works on it.
///
/// ```
/// use preau::engine::{Purpose, Streams};
/// let mut draw = Streams::new(1, 0).sequence(Purpose::Work, 7);
/// let u = draw.uniform();
/// assert!(0.0 < u && u < 1.0);
/// assert!(draw.below(6) < 6);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Draw {
    state: u64,
    /// Odd, so that the state visits all of 2^64.
    step: u64,
}

impl Draw {
    /// A stream from two well-mixed words.
    #[inline]
    const fn new(start: u64, step: u64) -> Self {
        let step = step | 1;
        // Steps with few changes between neighbouring bits make weak streams; the paper repairs them so.
        let step = if (step ^ (step >> 1)).count_ones() < 24 {
            step ^ 0xaaaa_aaaa_aaaa_aaaa
        } else {
            step
        };
        Self { state: start, step }
    }

    /// The next 64 random bits.
    #[inline]
    pub const fn bits(&mut self) -> u64 {
        self.state = self.state.wrapping_add(self.step);
        mix(self.state)
    }

    /// Passes over `n` draws of 64 bits in O(1).
    pub const fn skip(&mut self, n: u64) {
        self.state = self.state.wrapping_add(self.step.wrapping_mul(n));
    }

    /// A uniform variate strictly between 0 and 1: an odd multiple of 2^-53.
    ///
    /// 52 bits and a half, not 53: with 53 the greatest would round to 1. Symmetric: `1 − u` is exact and has the same law.
    #[inline]
    pub const fn uniform(&mut self) -> f64 {
        // As the fraction of a number between 1 and 2: several times faster than a conversion, and exact.
        f64::from_bits(1.0_f64.to_bits() | self.bits() >> 12) - (1.0 - f64::EPSILON / 2.0)
    }

    /// An exponential variate of mean 1, by inversion; increasing in its uniform.
    ///
    /// The project's logarithm rather than the platform's, so the value is the same on every machine. Not inlined, as
    /// [`Families::person`].
    #[inline(never)]
    pub fn exponential(&mut self) -> f64 {
        -super::distribution::log(1.0 - self.uniform())
    }

    /// A standard normal variate, by inversion.
    #[inline]
    pub fn normal(&mut self) -> f64 {
        super::distribution::normal_quantile(self.uniform())
    }

    /// An integer in `0..n`, without bias (Lemire, "Fast random integer generation in an interval", 2019). Zero if `n` is.
    #[inline]
    pub const fn below(&mut self, n: u32) -> u32 {
        let n = n as u64;
        loop {
            let product = self.bits() as u128 * n as u128;
            let low = product as u64;
            // The division is needed only when the low word is small, about never.
            if low >= n || n == 0 || low >= n.wrapping_neg() % n {
                return (product >> 64) as u32;
            }
        }
    }

    /// True with probability `p`; never for `p ≤ 0` or NaN, always for `p ≥ 1`.
    #[inline]
    pub const fn chance(&mut self, p: f64) -> bool {
        self.uniform() < p
    }

    /// A Poisson count. By inversion of one uniform up to mean 12, by `rand_distr`'s rejection above. Zero if the mean is not positive.
    pub fn poisson(&mut self, mean: f64) -> u64 {
        if mean > 12.0 {
            // Beyond the greatest mean that rand_distr takes, every count saturates.
            return match rand_distr::Poisson::new(mean) {
                Ok(law) => law.sample(self) as u64,
                Err(_) => u64::MAX,
            };
        }
        if mean > 0.0 {
            let u = self.uniform();
            let mut term = super::distribution::exp(-mean);
            let mut sum = term;
            let mut count = 0;
            // 1 − 2^-53 is reached before 100 at this mean; the bound is there for rounding of the sum.
            while u > sum && count < INVERSES.len() {
                term *= mean * INVERSES[count];
                count += 1;
                sum += term;
            }
            return count as u64;
        }
        0
    }

    /// A binomial count: successes among `n` trials of probability `p` (held to [0, 1]; NaN counts as 0).
    pub fn binomial(&mut self, n: u64, p: f64) -> u64 {
        if n == 0 || p.is_nan() || p <= 0.0 {
            return 0;
        }
        if p >= 1.0 {
            return n;
        }
        rand_distr::Binomial::new(n, p).map_or(0, |law| law.sample(self))
    }
}

impl TryRng for Draw {
    type Error = Infallible;

    #[inline]
    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok((self.bits() >> 32) as u32)
    }

    #[inline]
    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(self.bits())
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        utils::fill_bytes_via_next_word(bytes, || Ok(self.bits()))
    }
}
