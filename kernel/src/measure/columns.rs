//! The columns of the series: one registry for files, for the dictionary and for facts.

use super::{Bin, GroupBin, Refusal};

/// How the values of several bins, or of several places, become one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pooling {
    /// Counts add up over bins and places.
    Sum,
    /// A level at the end of a bin: adds up over places, its mean is taken over bins.
    Level,
    /// A mean over a bin: its mean is taken over bins and places.
    Mean,
}

/// A column of a series.
pub struct SeriesColumn<B: 'static> {
    /// Its header.
    pub name: &'static str,
    /// What it is counted in.
    pub unit: &'static str,
    /// What it means.
    pub meaning: &'static str,
    /// How values become one.
    pub pooling: Pooling,
    /// The value of a bin.
    pub of: fn(&B) -> f64,
}

impl<B> SeriesColumn<B> {
    /// The value as text: counts without a point.
    pub fn text(&self, bin: &B) -> String {
        (self.of)(bin).to_string()
    }
}

impl<B> std::fmt::Debug for SeriesColumn<B> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

macro_rules! columns {
    ($all:ident, $bin:ty, $doc:literal: $($name:ident: $unit:literal, $pooling:ident, $meaning:literal, $of:expr;)*) => {
        #[doc = $doc]
        pub static $all: &[SeriesColumn<$bin>] = &[$(SeriesColumn {
            name: stringify!($name),
            unit: $unit,
            meaning: $meaning,
            pooling: Pooling::$pooling,
            of: $of,
        }),*];
    };
}

fn refused(bin: &Bin, why: Refusal) -> f64 {
    bin.refused[why as usize] as f64
}

columns! {
    SERVICE_COLUMNS, Bin, "Columns of the series of services, in the order of files.":
    knocks: "count", Sum, "Knocks in the bin", |b| b.knocks as f64;
    first_knocks: "count", Sum, "Knocks in the bin that were the first of a visit at this door", |b| b.first_knocks as f64;
    logins: "count", Sum, "Logins in the bin", |b| b.logins as f64;
    refused_quota: "count", Sum, "Knocks refused: quota reached or waiting room full", |b| refused(b, Refusal::Quota);
    refused_full: "count", Sum, "Knocks refused: threads busy and backlog full", |b| refused(b, Refusal::Full);
    refused_limited: "count", Sum, "Knocks refused: no token in the bucket", |b| refused(b, Refusal::Limited);
    refused_outage: "count", Sum, "Knocks refused: service down", |b| refused(b, Refusal::Outage);
    refused_blocked: "count", Sum, "Knocks refused: taken for an attacker, or shed", |b| refused(b, Refusal::Blocked);
    losses: "count", Sum, "Knocks failed: packets lost", |b| refused(b, Refusal::Lost);
    timeouts: "count", Sum, "Knocks failed: the client's time-out", |b| refused(b, Refusal::Timeout);
    reneged: "count", Sum, "Knocks failed: patience ran out in the waiting room", |b| refused(b, Refusal::Reneged);
    dropped: "count", Sum, "Knocks failed: the service went down meanwhile", |b| refused(b, Refusal::Dropped);
    gave_up: "count", Sum, "Visits that gave this door up in the bin", |b| b.gave_up as f64;
    in_5min: "count", Sum, "Of the visits whose first knock here fell in the bin: in within 5 minutes", |b| b.in_5min as f64;
    in_15min: "count", Sum, "Of the visits whose first knock here fell in the bin: in within 15 minutes", |b| b.in_15min as f64;
    over_2h: "count", Sum, "Of the visits whose first knock here fell in the bin: in after more than 2 hours at this door", |b| b.over_2h as f64;
    people: "count", Sum, "People whose first visit of the day to get in began in the bin and ended at this service", |b| b.people as f64;
    classes_opened: "count", Sum, "Live classes whose teacher came in for the first time in the bin", |b| b.classes as f64;
    sessions: "count", Level, "Sessions at the end of the bin", |b| b.sessions as f64;
    seats: "count", Level, "Seats taken at the end of the bin", |b| b.seats as f64;
    cap: "count", Level, "Cap in force at the end of the bin, 0 when there is none", |b| b.cap as f64;
    room: "count", Level, "People in the waiting room at the end of the bin", |b| b.room as f64;
    orbit: "count", Level, "People who wait to knock again at the end of the bin", |b| b.orbit as f64;
    in_service: "count", Level, "Logins in service at the end of the bin", |b| b.in_service as f64;
    backlog: "count", Level, "Logins waiting for a thread at the end of the bin", |b| b.backlog as f64;
    utilisation: "share (0 to 1)", Mean, "Busy share of the capacity, mean over the bin", |b| b.utilisation;
    latency: "s", Mean, "Page latency, mean over the bin", |b| b.latency;
    quality: "share (0 to 1)", Mean, "Quality of sessions, mean over the bin", |b| b.quality;
    flood: "1/s", Level, "Flood requests per second at the end of the bin", |b| b.flood;
    loss: "share (0 to 1)", Mean, "Packet loss on the link at the end of the bin", |b| b.loss;
}

columns! {
    REGION_COLUMNS, GroupBin, "Columns of the series of regions, in the order of files.":
    visits: "count", Sum, "Visits begun in the bin", |b| b.visits as f64;
    in_5min: "count", Sum, "Of the visits begun in the bin: in within 5 minutes of their first knock", |b| b.in_5min as f64;
    in_15min: "count", Sum, "Of the visits begun in the bin: in within 15 minutes of their first knock", |b| b.in_15min as f64;
    in_ever: "count", Sum, "Of the visits begun in the bin: in before the end of the run, however late", |b| b.in_ever as f64;
    gave_up: "count", Sum, "Of the visits begun in the bin: given up without ever having been in", |b| b.gave_up as f64;
    classes_opened: "count", Sum, "Live classes of the region's pupils whose teacher came in for the first time in the bin", |b| b.classes as f64;
}
