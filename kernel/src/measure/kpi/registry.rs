//! Every KPI, in the order of files and pages.

use super::{Better, Kpi, Scope, Unit, View};
use crate::measure::{Bin, Learning, Refusal};
use crate::scenario::model::{Level, RegionId};

fn share(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

fn hours(time: u128) -> Option<f64> {
    Some(Learning::hours(time))
}

fn lost_share(l: &Learning) -> Option<f64> {
    (l.wanted > 0).then(|| l.lost as f64 / l.wanted as f64)
}

fn refused(view: &View<'_>, why: Refusal) -> Option<f64> {
    Some(view.tally.refused[why as usize] as f64)
}

fn of_people(view: &View<'_>, count: u64) -> Option<f64> {
    view.is_of_people().then_some(count as f64)
}

/// A count of classes, where somebody has one.
fn of_classes(view: &View<'_>, count: u64) -> Option<f64> {
    let taught = view.scenario.cohorts.iter().any(|c| c.teachers.is_some());
    taught.then_some(count as f64)
}

fn of_total(view: &View<'_>, value: f64) -> Option<f64> {
    (view.scope == Scope::Total).then_some(value)
}

/// Mean busy share, weighted by cores; services without a limit on cores are never busy and do not count.
fn utilisation_mean(view: &View<'_>) -> Option<f64> {
    let (mut busy, mut cores) = (0.0, 0.0);
    for (service, bins) in view
        .services()
        .filter(|(s, b)| s.station.cores.is_finite() && !b.is_empty())
    {
        busy += mean_over_time(view, bins) * service.station.cores;
        cores += service.station.cores;
    }
    (cores > 0.0).then(|| busy / cores)
}

/// Mean busy share over the run: a last bin that the end of the run cuts short counts for as long as it lasts.
fn mean_over_time(view: &View<'_>, bins: &[Bin]) -> f64 {
    let (width, end) = (view.outcome.series.width, view.scenario.clock.end.as_secs());
    let last = bins.len() - 1;
    let rest = ((end - last as f64 * width) / width).clamp(f64::MIN_POSITIVE, 1.0);
    let sum: f64 = bins[..last].iter().map(|b| b.utilisation).sum();
    (sum + rest * bins[last].utilisation) / (last as f64 + rest)
}

fn equity_regions(view: &View<'_>) -> Option<f64> {
    let regions = (0..view.scenario.regions.len()).map(|i| RegionId(i as u16));
    match view.scope {
        Scope::Total => view.gap(regions.map(Scope::Region)),
        Scope::Level(l) => view.gap(regions.map(|r| Scope::RegionLevel(r, l))),
        _ => None,
    }
}

fn equity_levels(view: &View<'_>) -> Option<f64> {
    match view.scope {
        Scope::Total => view.gap(Level::ALL.into_iter().map(Scope::Level)),
        Scope::Region(r) => view.gap(Level::ALL.into_iter().map(|l| Scope::RegionLevel(r, l))),
        _ => None,
    }
}

macro_rules! kpis {
    ($($name:ident: $unit:ident, $better:ident, $short:literal, $formula:literal, $long:literal, $of:expr;)*) => {
        /// Every KPI, in the order of files and pages.
        pub static ALL: &[Kpi] = &[$(Kpi {
            name: stringify!($name),
            unit: Unit::$unit,
            formula: $formula,
            short: $short,
            long: $long,
            better: Better::$better,
            of: $of,
        }),*];
    };
}

kpis! {
    people: Count, Neither, "people", "sum of head counts",
        "Everybody of the scope, whether or not they connect on that day. Not of services, nor of customers who arrive by a law.",
        |v| v.people();
    people_tried: Count, Neither, "people who tried", "different people with at least one knock",
        "People who knocked at some door at least once.",
        |v| of_people(v, v.tally.people_tried);
    people_connected: Count, Higher, "people connected", "different people with at least one login at the end of their route, not at a fallback",
        "People who got in at least once.",
        |v| of_people(v, v.tally.people_connected);
    people_never_connected: Count, Lower, "people never in", "people_tried - people_connected",
        "People who tried and never got in, on no visit.",
        |v| of_people(v, v.tally.people_tried.saturating_sub(v.tally.people_connected));
    visits: Count, Neither, "visits", "visits begun; at a service: first knocks at its door",
        "A visit is one wish to learn: it begins with a knock and ends served, given up or unfinished. At a service whoever comes back after a cut session stands at its door anew, and all shares of a service are of such standings.",
        |v| Some(v.visits() as f64);
    visits_unfinished: Count, Neither, "visits unfinished", "visits not over when the run ended",
        "Their open time is booked as lost. Many of them mean that the run ends too early.",
        |v| v.is_of_people().then_some(v.tally.unfinished as f64);
    knocks: Count, Neither, "knocks", "first knocks + retries",
        "Every attempt to get in, at every door on the way.",
        |v| Some(v.tally.knocks as f64);
    logins: Count, Higher, "logins", "logins completed with the client still there",
        "Knocks that led in.",
        |v| Some(v.tally.logins as f64);
    logins_wasted: Count, Lower, "wasted logins", "logins completed for nobody",
        "Work that the servers did for clients who had already left: extra to the knocks, which ended as time-outs. Of services and of all; whose they were is not kept.",
        |v| matches!(v.scope, Scope::Total | Scope::Service(_)).then_some(v.tally.wasted as f64);
    refusals: Count, Lower, "failed knocks", "sum of knocks that failed, whatever the reason",
        "The sum of the nine reasons below.",
        |v| Some(v.tally.refusals() as f64);
    refused_quota: Count, Lower, "refused by the quota", "knocks refused: quota reached or waiting room full",
        "The door said no although the servers might have coped.",
        |v| refused(v, Refusal::Quota);
    refused_full: Count, Lower, "refused by full servers", "knocks refused: all threads busy and the backlog full",
        "The servers said no.",
        |v| refused(v, Refusal::Full);
    refused_limited: Count, Lower, "refused by the rate limit", "knocks refused: the token bucket was empty",
        "The rate limiter said no.",
        |v| refused(v, Refusal::Limited);
    refused_outage: Count, Lower, "refused by an outage", "knocks refused: the service was down",
        "Nobody answered.",
        |v| refused(v, Refusal::Outage);
    refused_blocked: Count, Lower, "blocked", "knocks refused: taken for an attacker, or shed by a rule",
        "The price of defence and of load shedding.",
        |v| refused(v, Refusal::Blocked);
    losses: Count, Lower, "lost on the link", "knocks failed: packets lost until the client gave the exchange up",
        "The link was full.",
        |v| refused(v, Refusal::Lost);
    timeouts: Count, Lower, "time-outs", "knocks failed: the client's time-out, queued or in service",
        "The client left; its work may go on (see `logins_wasted`).",
        |v| refused(v, Refusal::Timeout);
    reneged: Count, Lower, "left the room", "knocks failed: patience ran out in the waiting room",
        "People who left the waiting room before their turn.",
        |v| refused(v, Refusal::Reneged);
    dropped: Count, Lower, "dropped", "knocks failed: the service went down with the login on its way",
        "Logins that an outage interrupted.",
        |v| refused(v, Refusal::Dropped);
    knocks_per_login: Ratio, Lower, "knocks per login", "knocks / logins",
        "Retry amplification: 1 when every knock leads in.",
        |v| share(v.tally.knocks, v.tally.logins);
    connected_1min: Share, Higher, "in within 1 min", "visits in within 60 s of their first knock / visits",
        "At a service: of the visits that knocked there, from the first knock at that door.",
        |v| share(v.tally.connected_within[0], v.visits());
    connected_5min: Share, Higher, "in within 5 min", "visits in within 300 s of their first knock / visits",
        "At a service: of the visits that knocked there, from the first knock at that door.",
        |v| share(v.tally.connected_within[1], v.visits());
    connected_15min: Share, Higher, "in within 15 min", "visits in within 900 s of their first knock / visits",
        "At a service: of the visits that knocked there, from the first knock at that door.",
        |v| share(v.tally.connected_within[2], v.visits());
    wait_p50: Seconds, Lower, "median wait", "median over connected visits of first login - first knock",
        "Only of visits that got in: read it beside `gave_up_share`. To two digits.",
        |v| v.tally.waits.quantile(0.5);
    wait_p95: Seconds, Lower, "95 % wait at most", "95 % quantile over connected visits of first login - first knock",
        "One connected visit in twenty waited longer. To two digits.",
        |v| v.tally.waits.quantile(0.95);
    wait_p99: Seconds, Lower, "99 % wait at most", "99 % quantile over connected visits of first login - first knock",
        "One connected visit in a hundred waited longer. To two digits.",
        |v| v.tally.waits.quantile(0.99);
    wait_mean: Seconds, Lower, "mean wait", "mean over connected visits of first login at the end of the route - first knock",
        "Only of visits that got in.",
        |v| v.tally.waits.mean();
    gave_up_share: Share, Lower, "gave up", "visits given up / visits",
        "At a service: of the visits that knocked there, those that gave this door up (they may get in elsewhere).",
        |v| share(v.tally.gave_up, v.visits());
    sessions: Count, Neither, "sessions", "sessions begun",
        "A visit whose session was cut may begin another.",
        |v| Some(v.tally.sessions as f64);
    sessions_cut: Count, Lower, "sessions cut", "sessions ended by the limit or an outage",
        "People who were put out before they wanted to leave.",
        |v| Some(v.tally.cut as f64);
    hours_wanted: Hours, Neither, "hours wanted", "sum of the learning time that visits wanted",
        "The same under every policy of a comparison, unless the run ends before the visits begin that a policy moves.",
        |v| hours(v.tally.learning.wanted);
    hours_obtained: Hours, Higher, "hours obtained", "sum of session time × quality × value",
        "Learning in sessions; slow pages and degraded modes count for less. At a service without sessions a login is all that is wanted, and gives the whole.",
        |v| hours(v.tally.learning.obtained);
    hours_fallback: Hours, Neither, "hours elsewhere", "sum of learning time elsewhere × its value",
        "Lumni, another platform or paper, after a door was given up.",
        |v| hours(v.tally.learning.fallback);
    hours_lost: Hours, Lower, "hours lost", "hours_wanted - hours_obtained - hours_fallback",
        "What nobody learnt.",
        |v| hours(v.tally.learning.lost);
    hours_lost_share: Share, Lower, "share of hours lost", "hours_lost / hours_wanted",
        "The one number that compares regions and levels of different sizes.",
        |v| lost_share(&v.tally.learning);
    classes_planned: Count, Neither, "classes planned", "lessons at a live service whose teacher set out for them",
        "A class is a lesson: a wave of the timetable, its teacher and the pupils dealt to it. Counted with its pupils' region and level. None in a model whose pupils have no `teachers`.",
        |v| of_classes(v, v.tally.classes.planned);
    classes_opened: Count, Higher, "classes opened", "planned classes whose teacher got in where the class meets",
        "Each once, however often its teacher was put out and came back.",
        |v| of_classes(v, v.tally.classes.opened);
    classes_held: Count, Higher, "classes held", "opened classes in which a pupil was in together with the teacher",
        "At least one pupil, for at least a millisecond.",
        |v| of_classes(v, v.tally.classes.held);
    classes_opened_share: Share, Higher, "share of classes opened", "classes_opened / classes_planned",
        "Of the lessons that teachers set out for.",
        |v| share(v.tally.classes.opened, v.tally.classes.planned);
    classes_opened_15min: Share, Higher, "classes opened within 15 min", "classes whose teacher got in within 900 s of the first knock / classes_planned",
        "Read it beside `class_joined_15min`: a teacher gets in more easily than a pupil into an open class.",
        |v| share(v.tally.classes.opened_15min, v.tally.classes.planned);
    class_visits: Count, Neither, "visits to live classes", "visits of pupils begun to a lesson at a live service",
        "Wherever they ended.",
        |v| of_classes(v, v.tally.classes.visits);
    class_attended: Count, Higher, "visits that attended", "visits of pupils that were in their class together with its teacher",
        "Each once, however often its session was cut.",
        |v| of_classes(v, v.tally.classes.attended);
    class_attended_share: Share, Higher, "share of pupils attending", "class_attended / class_visits",
        "Of the visits of pupils to a live lesson.",
        |v| share(v.tally.classes.attended, v.tally.classes.visits);
    class_joined_15min: Share, Higher, "pupils in class within 15 min", "visits together with the teacher within 900 s of the pupil's first knock / class_visits",
        "Of a teacher who was put out while the pupil stayed, the last coming in counts.",
        |v| share(v.tally.classes.attended_15min, v.tally.classes.visits);
    visits_delayed_by_sibling: Count, Lower, "delayed by a sibling", "times that a visit waited for a device that a brother or sister had",
        "Waiting for a device is not waiting at a door: the visit has not begun, its hours shift and are not lost. A visit that came back later may have to wait again.",
        |v| v.shares_devices().then_some(v.tally.device_waits as f64);
    hours_delayed_by_sibling: Hours, Lower, "hours waited for a device", "sum of the times of visits_delayed_by_sibling",
        "Of those that ended before the end of the run.",
        |v| v.shares_devices().then(|| Learning::hours(v.tally.device_waited));
    peak_concurrency: Count, Neither, "peak of sessions", "max over bins of sessions at the end of the bin",
        "Summed over the services of the scope: all, or those of the region.",
        |v| v.peak_sum(|b| b.sessions);
    peak_room: Count, Lower, "peak of the waiting room", "max over bins of people in waiting rooms at the end of the bin",
        "Summed over the services of the scope.",
        |v| v.peak_sum(|b| b.room);
    utilisation_peak: Share, Neither, "peak utilisation", "max over bins and services of the mean busy share, in a bin, of the cores that are there",
        "1 in a bin in which some service of the scope was busy throughout.",
        |v| v.peak(|b| b.utilisation);
    utilisation_mean: Share, Neither, "mean utilisation", "mean over time of the busy share of the cores that are there, services weighted by the cores the model gives them",
        "Over the whole run, nights included.",
        utilisation_mean;
    page_latency_peak: Seconds, Lower, "slowest pages", "max over bins and services of the mean page latency of a bin",
        "How slow pages became for those who were in, or would have been where nobody was.",
        |v| v.peak(|b| b.latency);
    first_degradation: Instant, Higher, "degraded from", "start of the first degraded bin",
        "A bin is degraded when fewer than 80 % of the visits begun in it are in within 5 minutes, and at least 20 began. Whoever knocks at the very instant at which a bin ends is counted in it. Missing when none was. Bins without 5 minutes left before the end of the run are not judged.",
        |v| v.degradation()?.first;
    recovered_at: Instant, Lower, "recovered at", "end of the last degraded bin of the civil day of first_degradation",
        "From then on people got in again, on that day. Missing when it was never degraded.",
        |v| v.degradation()?.recovered;
    degraded_minutes: Minutes, Lower, "degraded time", "number of degraded bins × their width",
        "Of the whole run, whether in one stretch or several.",
        |v| Some(v.degradation()?.seconds / 60.0);
    metastable_minutes: Minutes, Lower, "stayed down", "degraded bins that follow a trigger without a good bin between, outside triggers, × their width",
        "Time in which a service was degraded although no incident touched it any more and fresh demand was within its capacity: what retries, wasted work and held seats keep down (docs/metastability.md). Summed over the services of the scope, each by its own door.",
        |v| v.stayed_down().map(|down| down.iter().map(|d| d.seconds).sum::<f64>() / 60.0);
    metastable_services: Count, Lower, "services that stayed down", "services with metastable_minutes above 0",
        "How many services of the scope stayed down after a trigger had ended.",
        |v| v.stayed_down().map(|down| {
            let mut services: Vec<_> = down.iter().map(|d| d.service).collect();
            services.dedup();
            services.len() as f64
        });
    troubles: Count, Lower, "troubles noticed", "tickets that an alarm of a crisis cell opened",
        "At services that an operator with a crisis cell runs. Work afterwards is not counted.",
        |v| v.troubles().map(|found| found.len() as f64);
    time_to_detect: Minutes, Lower, "time to detect", "mean over services of the first alarm - the start of the first degraded bin",
        "Below zero where the monitors saw it before fewer than 80 % of a bin's visits were in within 5 minutes. Missing without an alarm.",
        |v| v.mean_minutes(|t| v.detection(t));
    time_to_fix: Minutes, Lower, "time to the first fix", "mean over troubles of the first fix in effect - the alarm",
        "The wait for a free hand, the diagnosis and the fix itself. Troubles that ended before anything was done do not count.",
        |v| v.mean_minutes(|t| Some((t.fixes.first()?.1 - t.detected).as_secs()));
    time_to_recover: Minutes, Lower, "time to recover", "mean over closed troubles of closing - the alarm",
        "A ticket is closed when its service has been calm for the cell's settle time. Troubles open at the end do not count.",
        |v| v.mean_minutes(|t| Some((t.closed? - t.detected).as_secs()));
    equity_gap_regions: Share, Lower, "gap between regions", "max - min over regions of hours_lost_share",
        "In points of share; regions that wanted no hours do not count.",
        equity_regions;
    equity_gap_levels: Share, Lower, "gap between levels", "max - min over levels of hours_lost_share",
        "In points of share; levels that wanted no hours do not count.",
        equity_levels;
    euros_total: Euros, Lower, "cost", "euros_cores + euros_scrubbing + euros_fixed",
        "Of the whole country only.",
        |v| of_total(v, v.outcome.money.total());
    euros_cores: Euros, Lower, "cost of cores", "core-hours installed × price of a core-hour",
        "Cores cost whether busy or not.",
        |v| of_total(v, v.outcome.money.cores);
    euros_scrubbing: Euros, Lower, "cost of scrubbing", "hours of scrubbing contracts × price of an hour",
        "Hours in which scrubbing acts or stands by.",
        |v| of_total(v, v.outcome.money.scrubbing);
    euros_fixed: Euros, Lower, "fixed cost of policies", "sum of the fixed costs of the policies that were on",
        "What a policy costs once.",
        |v| of_total(v, v.outcome.money.fixed);
}
