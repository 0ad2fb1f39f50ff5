//! Following one person, and writing a run down. The next test of a story's words goes below `by_hand`.

mod common;

use common::{model, options, play, policy};
use preau::engine::Time;
use preau::experiment::{Arm, Plight, first};
use preau::measure::Outcome;
use preau::output::manifest::Identity;
use preau::output::story::{Day, Follower, LocalTime, Who, beside, page};
use preau::output::trace::{TraceError, TraceFile, Verifier};
use preau::scenario::model::{CohortId, PolicyId, Scenario};
use preau::world::{Deed, Observer, Orbit, RunOptions, run};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::atomic::AtomicBool;

fn who(scenario: &Scenario, cohort: &str, person: u32) -> Who {
    let cohort = common::cohort(scenario, cohort);
    Who { cohort, person }
}

fn day(scenario: &Scenario, who: Who, policies: &[PolicyId]) -> Day {
    let mut follower = Follower::new(scenario, who).unwrap();
    run(scenario, &options(0, policies), &mut follower).unwrap();
    follower.day()
}

fn told(scenario: &Scenario, cohort: &str, person: u32) -> String {
    let who = who(scenario, cohort, person);
    page(
        &LocalTime::of(scenario, who.cohort).unwrap(),
        &day(scenario, who, &[]),
        100,
    )
}

/// `tests/models/story.ron`, where nothing is drawn. By hand, in Réunion's time (Paris + 2 h): the portal takes 2 s, the
/// ENT 1 s. Its one seat is `early`'s from 10:00:01 to 10:30:01. So: refused at 10:05:02 and every 4 min after, until
/// patience (20 min from 10:05:00) ends at 10:25:00; back 1 h later; in at 11:25:02 + 1 s, for 30 min. The visit of
/// 11:30 follows at 11:55:03, in at :06, thrown out at 11:58:00 with 27:06 to go; down until 12:00; in 4 min later.
#[test]
fn by_hand() {
    let s = model("story");
    insta::assert_snapshot!(told(&s, "reu-college", 0), @r"
    Tuesday 6 April 2021
    10:05:00  Wants to learn for 30 min and goes to Portal.
    10:05:02  Knocks at Portal: let in, logged in after 2 s; goes on to ENT.
    10:05:02  Knocks at ENT: refused, as many people are in as the quota allows.
    10:05:02  Until 10:21:02 tries 4 more times: always refused by the quota.
    10:25:00  Gives up at ENT after 20 min and 6 knocks: means to come back at 11:25:00.
    11:25:00  Comes back; still wants 30 min.
    11:25:02  Knocks at Portal: let in, logged in after 2 s; goes on to ENT.
    11:25:03  Knocks at ENT: let in, logged in after 1 s; begins to learn.
    11:30:00  Another visit is due now; it has to wait until this one is over.
    11:55:03  Leaves: has learnt for 30 min.
    11:55:03  Begins the visit that was due before: wants to learn for 30 min and goes to Portal.
    11:55:05  Knocks at Portal: let in, logged in after 2 s; goes on to ENT.
    11:55:06  Knocks at ENT: let in, logged in after 1 s; begins to learn.
    11:58:00  ENT goes down and throws everybody out: has learnt for 2 min 54 s; still wants
              27 min 06 s.
    11:58:00  Knocks at ENT: in vain, the service is down.
    12:02:01  Tries again (2nd time): let in, logged in after 1 s, 4 min 01 s after the first try;
              begins to learn.
    12:29:07  Leaves: has learnt for 27 min 06 s.

    In all 2 visits and 12 knocks: wanted 1 h 00 min, obtained 1 h 00 min, elsewhere 0 s, lost 0 s.
    ");
    insta::assert_snapshot!(told(&s, "late", 0), @r"
    Tuesday 6 April 2021
    08:10:00  Wants to learn for 30 min and goes to ENT.
    08:10:00  Knocks at ENT: refused, as many people are in as the quota allows.
    08:14:00  Tries again (2nd time): refused, as many people are in as the quota allows.
    08:18:00  Tries again (3rd time): refused, as many people are in as the quota allows.
    08:18:00  Gives up at ENT after 8 min and 3 knocks: learns elsewhere instead (paper), worth 15 min
              of the 30 min still wanted; 15 min are lost.

    In all 1 visit and 3 knocks: wanted 30 min, obtained 0 s, elsewhere 15 min, lost 15 min.
    ");
    insta::assert_snapshot!(told(&s, "teachers", 0), @r"
    Tuesday 6 April 2021
    09:00:00  Wants to learn for 30 min and goes to Hall.
    09:00:01  Knocks at Hall: let in, logged in after 1 s; begins to learn.
    09:10:01  The session is cut off at its time limit: has learnt for 10 min; still wants 20 min.
    09:10:01  Knocks at Hall: waits in the waiting room with 1 other.
    09:20:21  Is called in after 10 min 20 s in the waiting room; goes in when the page asks next, at
              09:20:41.
    09:20:42  Goes in: logged in after 1 s, 10 min 41 s after the first try; begins to learn.
    09:30:42  The session is cut off at its time limit: has learnt for 10 min; still wants 10 min.
    09:30:42  Knocks at Hall: waits in the waiting room with 1 other.
    09:41:02  Is called in after 10 min 20 s in the waiting room; goes in when the page asks next, at
              09:41:22.
    09:41:23  Goes in: logged in after 1 s, 10 min 41 s after the first try; begins to learn.
    09:51:23  Leaves: has learnt for 10 min.

    In all 1 visit and 3 knocks: wanted 30 min, obtained 30 min, elsewhere 0 s, lost 0 s.
    ");
    insta::assert_snapshot!(told(&s, "teachers", 1), @r"
    Tuesday 6 April 2021
    09:01:00  Wants to learn for 30 min and goes to Hall.
    09:01:00  Knocks at Hall: waits alone in the waiting room.
    09:10:01  Is called in after 9 min 01 s in the waiting room; goes in when the page asks next, at
              09:10:20.
    09:10:21  Goes in: logged in after 1 s, 9 min 21 s after the first try; begins to learn.
    09:20:21  The session is cut off at its time limit: has learnt for 10 min; still wants 20 min.
    09:20:21  Knocks at Hall: waits in the waiting room with 1 other.
    09:30:42  Is called in after 10 min 21 s in the waiting room; goes in when the page asks next, at
              09:31:01.
    09:31:02  Goes in: logged in after 1 s, 10 min 41 s after the first try; begins to learn.
    09:41:02  The session is cut off at its time limit: has learnt for 10 min; still wants 10 min.
    09:41:02  Knocks at Hall: waits in the waiting room with 1 other.
    09:51:23  Is called in after 10 min 21 s in the waiting room; goes in when the page asks next, at
              09:51:42.
    09:51:43  Goes in: logged in after 1 s, 10 min 41 s after the first try; begins to learn.
    10:01:43  Leaves: has learnt for 10 min.

    In all 1 visit and 3 knocks: wanted 30 min, obtained 30 min, elsewhere 0 s, lost 0 s.
    ");
}

#[test]
fn two_days_stand_side_by_side() {
    let s = model("story");
    let who = who(&s, "reu-college", 0);
    let local = LocalTime::of(&s, who.cohort).unwrap();
    let (base, other) = (
        day(&s, who, &[]),
        day(&s, who, &[policy(&s, "wider"), policy(&s, "staggered")]),
    );
    insta::assert_snapshot!(beside(&local, ["base", "wider+staggered"], [&base, &other], 80), @r"
              base                                wider+staggered
              ─────────────────────────────────   ─────────────────────────────────
    Tuesday 6 April 2021
    10:05:00  Wants to learn for 30 min and       Was to come now; told to come at
              goes to Portal.                     10:50:00 instead.
    10:05:02  Knocks at Portal: let in, logged
              in after 2 s; goes on to ENT.
    10:05:02  Knocks at ENT: refused, as many
              people are in as the quota
              allows.
    10:05:02  Until 10:21:02 tries 4 more
              times: always refused by the
              quota.
    10:25:00  Gives up at ENT after 20 min and
              6 knocks: means to come back at
              11:25:00.
    10:50:00                                      Wants to learn for 30 min and
                                                  goes to Portal.
    10:50:02                                      Knocks at Portal: let in, logged
                                                  in after 2 s; goes on to ENT.
    10:50:03                                      Knocks at ENT: let in, logged in
                                                  after 1 s; begins to learn.
    11:20:03                                      Leaves: has learnt for 30 min.
    11:25:00  Comes back; still wants 30 min.
    11:25:02  Knocks at Portal: let in, logged
              in after 2 s; goes on to ENT.
    11:25:03  Knocks at ENT: let in, logged in
              after 1 s; begins to learn.
    11:30:00  Another visit is due now; it has    Was to come now; told to come at
              to wait until this one is over.     12:15:00 instead.
    11:55:03  Leaves: has learnt for 30 min.
    11:55:03  Begins the visit that was due
              before: wants to learn for 30 min
              and goes to Portal.
    11:55:05  Knocks at Portal: let in, logged
              in after 2 s; goes on to ENT.
    11:55:06  Knocks at ENT: let in, logged in
              after 1 s; begins to learn.
    11:58:00  ENT goes down and throws
              everybody out: has learnt for
              2 min 54 s; still wants
              27 min 06 s.
    11:58:00  Knocks at ENT: in vain, the
              service is down.
    12:02:01  Tries again (2nd time): let in,
              logged in after 1 s, 4 min 01 s
              after the first try; begins to
              learn.
    12:15:00                                      Wants to learn for 30 min and
                                                  goes to Portal.
    12:15:02                                      Knocks at Portal: let in, logged
                                                  in after 2 s; goes on to ENT.
    12:15:03                                      Knocks at ENT: let in, logged in
                                                  after 1 s; begins to learn.
    12:29:07  Leaves: has learnt for
              27 min 06 s.
    12:45:03                                      Leaves: has learnt for 30 min.
              ─────────────────────────────────   ─────────────────────────────────
              In all 2 visits and 12 knocks:      In all 2 visits and 4 knocks:
              wanted 1 h 00 min, obtained         wanted 1 h 00 min, obtained
              1 h 00 min, elsewhere 0 s, lost     1 h 00 min, elsewhere 0 s, lost
              0 s.                                0 s.
    ");
}

/// A story of everybody at once.
struct Everybody<'s> {
    scenario: &'s Scenario,
    followers: BTreeMap<(u16, u32), Follower<'s>>,
}

impl Observer for Everybody<'_> {
    fn deed(&mut self, now: Time, cohort: CohortId, person: u32, deed: &Deed<'_>) {
        let new = || Follower::new(self.scenario, Who { cohort, person }).unwrap();
        let follower = self.followers.entry((cohort.0, person)).or_insert_with(new);
        follower.deed(now, cohort, person, deed);
    }
}

fn everybody(scenario: &Scenario, options: &RunOptions<'_>) -> (Outcome, BTreeMap<(u16, u32), Day>) {
    let mut all = Everybody {
        scenario,
        followers: BTreeMap::new(),
    };
    let outcome = run(scenario, options, &mut all).unwrap();
    let days = all.followers.into_iter().map(|(who, f)| (who, f.day()));
    (outcome, days.collect())
}

/// Small models under every policy and both forms of the orbit.
fn runs() -> Vec<(Scenario, RunOptions<'static>)> {
    let mut runs = Vec::new();
    for name in ["gated", "small", "story"] {
        for orbit in [Orbit::Auto, Orbit::Events] {
            for with_policies in [false, true] {
                let scenario = model(name);
                let all: Vec<PolicyId> = (0..scenario.policies.len() as u16).map(PolicyId).collect();
                let policies = if with_policies { &all[..] } else { &[] };
                let options = RunOptions {
                    orbit,
                    ..options(0, policies)
                };
                runs.push((scenario, options));
            }
        }
    }
    runs
}

#[test]
fn all_stories_together_are_the_books() {
    for (scenario, options) in runs() {
        let (outcome, days) = everybody(&scenario, &options);
        for (c, tally) in outcome.cohorts.iter().enumerate() {
            let days: Vec<&Day> = days
                .range((c as u16, 0)..=(c as u16, u32::MAX))
                .map(|(_, d)| d)
                .collect();
            let sum = |of: fn(&Day) -> u64| days.iter().map(|d| u128::from(of(d))).sum::<u128>();
            let told = [
                sum(|d| d.sums.visits),
                sum(|d| d.sums.knocks),
                sum(|d| d.sums.wanted),
                sum(|d| d.sums.obtained),
                sum(|d| d.sums.elsewhere),
                sum(|d| d.sums.lost),
            ];
            let l = &tally.learning;
            let booked = [
                u128::from(tally.visits),
                u128::from(tally.knocks),
                l.wanted,
                l.obtained,
                l.fallback,
                l.lost,
            ];
            assert_eq!(told, booked, "{} {}", scenario.name, scenario.cohorts[c].key);
            // Of the knocks that failed each is in a line, but for patience lost in a room, which is in that of the end.
            let of_lines = |d: &&Day| d.lines.iter().flat_map(|l| &l.refusals).map(|r| r.1).sum::<u64>();
            let reneged = tally.refused[preau::measure::Refusal::Reneged as usize];
            assert_eq!(days.iter().map(of_lines).sum::<u64>() + reneged, tally.refusals());
        }
        for day in days.values() {
            let s = &day.sums;
            assert_eq!(s.wanted, s.obtained + s.elsewhere + s.lost);
            assert!(day.lines.is_sorted_by_key(|l| l.at));
            assert!(day.lines.iter().all(|l| l.until.is_none_or(|until| until >= l.at)));
            for line in &day.lines {
                assert!(line.text.ends_with('.') && !line.text.contains(".."), "{}", line.text);
            }
        }
    }
}

#[test]
fn following_and_tracing_change_nothing() {
    let dir = tempfile::tempdir().unwrap();
    for (scenario, options) in runs() {
        let print = play(&scenario, &options).fingerprint;
        assert_eq!(everybody(&scenario, &options).0.fingerprint, print);
        let path = dir.path().join("t");
        let mut file = TraceFile::begin(&scenario, &identity(&scenario, &options), &path).unwrap();
        let outcome = run(&scenario, &options, &mut file).unwrap();
        let events = file.finish().unwrap();
        assert_eq!((outcome.fingerprint, outcome.stats.executed_events), (print, events));
        let text = fs::read_to_string(&path).unwrap();
        assert_eq!(text.lines().last().unwrap(), format!("end {events} {print:016x}"));
        // Header, events, a fingerprint every thousand, the end.
        assert_eq!(text.lines().count() as u64, 9 + events + events / 1000 + 1);
        assert!(verify(&scenario, &options, &path).unwrap().is_ok());
    }
}

#[test]
fn whoever_is_first_is_found() {
    let sets = [
        "habits.pupil.patience=Lognormal(median: \"2 h\", p90: \"5 h\")",
        "services.ent.quota.max_sessions=60",
    ];
    let s = common::model_with("gated", &sets);
    let everywhere = vec![true; s.cohorts.len()];
    let options = options(0, &[]);
    let (_, days) = everybody(&s, &options);
    let found = first(&s, &options, Plight::GaveUp, &everywhere).unwrap().unwrap();
    let ends = |day: &Day| {
        let in_vain = |l: &&preau::output::story::Line| l.kind.name() == "gave-up" && !l.text.contains("come back");
        day.lines.iter().find(in_vain).map(|l| l.at)
    };
    let earliest = days
        .iter()
        .filter_map(|(who, day)| Some((ends(day)?, who.1)))
        .min()
        .unwrap();
    assert_eq!((found.at, found.person), earliest);
    let found = first(&s, &options, Plight::Stuck, &everywhere).unwrap().unwrap();
    let knocked = Time(found.at.0 - preau::experiment::first::STUCK.0);
    let day = &days[&(0, found.person)];
    // From the first knock on, two hours long, it neither got in nor went.
    assert!(
        day.lines
            .iter()
            .any(|l| l.at == knocked && l.kind.name() == "visit" || l.kind.name() == "refused")
    );
    let in_between = day.lines.iter().filter(|l| l.at > knocked && l.at < found.at);
    for line in in_between {
        assert!(["tries", "refused", "owed"].contains(&line.kind.name()), "{line:?}");
    }
    // Nobody is found where nobody is meant.
    let nowhere = vec![false; s.cohorts.len()];
    assert_eq!(first(&s, &options, Plight::Stuck, &nowhere).unwrap(), None);
}

fn identity(scenario: &Scenario, options: &RunOptions<'_>) -> Identity {
    let arm = Arm::new("arm", options.policies.clone());
    Identity::new(scenario, options.seed, 0..1, options.orbit, &[arm])
}

fn write(scenario: &Scenario, options: &RunOptions<'_>, path: &Path) {
    let mut file = TraceFile::begin(scenario, &identity(scenario, options), path).unwrap();
    run(scenario, options, &mut file).unwrap();
    file.finish().unwrap();
}

fn verify(
    scenario: &Scenario,
    options: &RunOptions<'_>,
    path: &Path,
) -> Result<Result<u64, preau::output::trace::Divergence>, TraceError> {
    let stop = AtomicBool::new(false);
    let mut held = Verifier::begin(scenario, &identity(scenario, options), path, &stop)?;
    run(scenario, options, &mut held).unwrap();
    Ok(held.finish()?)
}

#[test]
fn an_edited_trace_is_found_at_the_edited_line() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("t");
    let (s, o) = (model("gated"), options(0, &[]));
    write(&s, &o, &path);
    let whole = fs::read_to_string(&path).unwrap();
    let lines: Vec<&str> = whole.lines().collect();
    let last = lines.len() - 1;
    for edited in [9, 10, 501, 1009, 2001, last] {
        let mut other: Vec<String> = lines.iter().map(|l| (*l).to_owned()).collect();
        other[edited].push('1');
        fs::write(&path, other.join("\n") + "\n").unwrap();
        let apart = verify(&s, &o, &path).unwrap().unwrap_err();
        assert_eq!(apart.line, edited as u64 + 1);
        assert_eq!(apart.expected.as_deref(), Some(other[edited].as_str()));
        assert_eq!(apart.found.as_deref(), Some(lines[edited]));
        if edited == 501 {
            // Nine lines of header.
            assert_eq!(apart.event, 493);
            assert_eq!(apart.at.0.to_string(), lines[edited].split(' ').nth(1).unwrap());
        }
    }
    // One event less, a torn file, one line more.
    let mut other = lines.clone();
    other.remove(700);
    fs::write(&path, other.join("\n")).unwrap();
    assert_eq!(verify(&s, &o, &path).unwrap().unwrap_err().line, 701);
    fs::write(&path, lines[..900].join("\n")).unwrap();
    let apart = verify(&s, &o, &path).unwrap().unwrap_err();
    assert_eq!((apart.line, apart.expected), (901, None));
    fs::write(&path, whole.clone() + "more\n").unwrap();
    let apart = verify(&s, &o, &path).unwrap().unwrap_err();
    assert_eq!((apart.line, apart.found), (last as u64 + 2, None));
}

#[test]
fn a_trace_of_another_run_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("t");
    let (s, o) = (model("gated"), options(0, &[]));
    write(&s, &o, &path);
    let said = |s: &Scenario, o: &RunOptions<'_>| verify(s, o, &path).unwrap_err().to_string();
    let seed = RunOptions { seed: 3, ..o.clone() };
    assert_eq!(
        said(&s, &seed),
        "it is of another seed: the trace says 20210406, this run has 3"
    );
    let events = RunOptions {
        orbit: Orbit::Events,
        ..o.clone()
    };
    let words = "it is of another handling of retries: the trace says auto, this run has events";
    assert_eq!(said(&s, &events), words);
    assert_eq!(
        said(&s, &options(0, &[policy(&s, "told")])),
        "it is of other policies: the trace says base, this run has told"
    );
    let other = common::model_with("gated", &["services.ent.quota.max_sessions=401"]);
    assert!(said(&other, &o).starts_with("it is of another model: the trace says fnv1a64:"));
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replace("\nversion ", "\nversion 9.")).unwrap();
    assert!(said(&s, &o).starts_with("it is of another version: the trace says 9."));
    fs::write(&path, "hours,lost\n").unwrap();
    assert_eq!(said(&s, &o), "it is no trace: its first line is `hours,lost`");
}

#[test]
fn a_half_trace_never_passes_for_a_whole_one() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("t");
    let (s, o) = (model("gated"), options(0, &[]));
    let names = || fs::read_dir(dir.path()).unwrap().count();
    let mut file = TraceFile::begin(&s, &identity(&s, &o), &path).unwrap();
    run(&s, &o, &mut file).unwrap();
    assert!(!path.exists() && names() == 1);
    drop(file);
    assert_eq!(names(), 0);
    fs::write(&path, "a thesis").unwrap();
    assert!(TraceFile::begin(&s, &identity(&s, &o), &path).is_err());
    assert_eq!(fs::read_to_string(&path).unwrap(), "a thesis");
    fs::remove_file(&path).unwrap();
    // A trace may be written again.
    write(&s, &o, &path);
    write(&s, &o, &path);
    assert_eq!(names(), 1);
}
