//! Time series in bins of equal width.

/// One bin of one service. Counts are of the bin; levels are taken at its end; integrals are over it. What events count comes first
/// and lies together.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(C, align(64))]
pub struct Bin {
    /// Knocks.
    pub knocks: u64,
    /// First knocks of a visit at this door.
    pub first_knocks: u64,
    /// Logins.
    pub logins: u64,
    /// Visits that gave this door up.
    pub gave_up: u64,
    /// Of the visits whose first knock here fell in this bin: in within 5 minutes.
    pub in_5min: u64,
    /// Of the visits whose first knock here fell in this bin: in within 15 minutes.
    pub in_15min: u64,
    /// Of the visits whose first knock here fell in this bin: in after more than 2 hours.
    pub over_2h: u64,
    /// People whose first visit of the day to get in began in this bin, and ended at this service.
    pub people: u64,
    /// Failed knocks by [`super::Refusal`].
    pub refused: [u64; 9],
    /// Live classes whose teacher came in for the first time in this bin.
    pub classes: u64,
    /// Sessions at the end of the bin.
    pub sessions: u64,
    /// Seats taken at the end of the bin.
    pub seats: u64,
    /// The cap in force at the end of the bin, 0 when there is none.
    pub cap: u64,
    /// People in the waiting room at the end of the bin.
    pub room: u64,
    /// People who wait to knock again at the end of the bin.
    pub orbit: u64,
    /// Logins in service at the end of the bin.
    pub in_service: u64,
    /// Logins waiting for a thread at the end of the bin.
    pub backlog: u64,
    /// Busy share of the capacity, mean over the bin, 0..=1.
    pub utilisation: f64,
    /// Page latency, mean over the bin, s.
    pub latency: f64,
    /// Quality of what sessions get, mean over the bin, 0..=1.
    pub quality: f64,
    /// Flood requests per second that arrive, at the end of the bin.
    pub flood: f64,
    /// Packet loss on the link, at the end of the bin, 0..=1.
    pub loss: f64,
    /// Cores up at the end of the bin; infinite where there is no end to them.
    pub cores: f64,
    /// Most knocks per second that limiter and gate let in at the end of the bin; infinite without a limit.
    pub entries: f64,
}

impl Default for Bin {
    /// Nothing happened, and nothing limited anybody.
    fn default() -> Self {
        Bin {
            knocks: 0,
            first_knocks: 0,
            logins: 0,
            refused: [0; 9],
            gave_up: 0,
            in_5min: 0,
            in_15min: 0,
            over_2h: 0,
            people: 0,
            classes: 0,
            sessions: 0,
            seats: 0,
            cap: 0,
            room: 0,
            orbit: 0,
            in_service: 0,
            backlog: 0,
            utilisation: 0.0,
            latency: 0.0,
            quality: 0.0,
            flood: 0.0,
            loss: 0.0,
            cores: f64::INFINITY,
            entries: f64::INFINITY,
        }
    }
}

/// One bin of one region: visits by the bin of their first knock.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct GroupBin {
    /// Visits begun.
    pub visits: u64,
    /// Of the visits begun in the bin: in within 5 minutes of their first knock.
    pub in_5min: u64,
    /// Of the visits begun in the bin: in within 15 minutes of their first knock.
    pub in_15min: u64,
    /// Of the visits begun in the bin: in before the end of the run, however late.
    pub in_ever: u64,
    /// Of the visits begun in the bin: given up without ever having been in.
    pub gave_up: u64,
    /// Live classes of the region's pupils whose teacher came in for the first time in this bin.
    pub classes: u64,
}

/// All series of a run.
#[derive(Clone, Debug, Default)]
pub struct Series {
    /// Width of a bin, s.
    pub width: f64,
    /// `[service][bin]`.
    pub services: Vec<Vec<Bin>>,
    /// `[region][bin]`.
    pub regions: Vec<Vec<GroupBin>>,
    /// Of people without a region in a model that has regions; empty where there are none.
    pub nowhere: Vec<GroupBin>,
}
