//! Presets of a gate: real products, their knobs, and what each is in the words of the model.
//!
//! One registry: `preset: "cloudflare"` in a quota, `preau explain services.*.quota.preset` and `docs/rooms.md` come
//! from it.

use std::fmt::Write as _;

use super::Document;
use super::raw;

/// A knob of a product.
pub(super) struct Knob {
    /// As its maker calls it.
    pub vendor: &'static str,
    /// Field of a quota; with `.` a part of one.
    pub field: &'static str,
    /// As one writes it; empty: to be given beside the preset, or left out.
    pub value: &'static str,
    /// Where the value comes from, or what the field says of the knob.
    pub note: &'static str,
}

/// A product.
pub(crate) struct Preset {
    /// As in `preset: "…"`.
    pub name: &'static str,
    /// For people.
    pub title: &'static str,
    /// Where the settings were read, and when.
    pub source: &'static str,
    /// Numbers it cannot know.
    pub needs: &'static [&'static str],
    pub(super) knobs: &'static [Knob],
    /// What of the product is not expressed.
    pub(super) missing: &'static str,
}

const fn knob(vendor: &'static str, field: &'static str, value: &'static str, note: &'static str) -> Knob {
    Knob {
        vendor,
        field,
        value,
        note,
    }
}

/// All of them.
// A table: one line a knob, however long.
#[rustfmt::skip]
pub(crate) const ALL: &[Preset] = &[
    Preset {
        name: "ode-2021",
        title: "The gate of Open Digital Education's platforms, as of April 2021",
        source: "the public history of ODE's code, 2021",
        needs: &["max_sessions"],
        knobs: &[
            knob("limit of live sessions", "max_sessions", "", "given by the operator; `max_share` says it as a share of the accounts"),
            knob("what is counted", "counted_from", "Login", "live sessions: people on their way in are not seen, and the limit is passed"),
            knob("over the limit", "order", "Reject", "a static page instead of the login page: no ticket, no position, no automatic refresh"),
            knob("length of a session", "seat", "Sliding(idle: \"30 min\")", "after the last activity; a share who log out is a habit of people: give the field whole"),
            knob("grain of inactivity", "grain", "\"3 min\"", "inactivity is noted in steps"),
            knob("limit is read again", "reread", "\"300 s\"", ""),
            knob("list of addresses", "bypass_share", "", "addresses on a list pass"),
        ],
        missing: "App clients get an error status instead of the page: in the model a refusal is a refusal. When the count itself fails the page is served too: an outage of the service does that, nobody passes.",
    },
    Preset {
        name: "cloudflare",
        title: "Cloudflare Waiting Room",
        source: "developers.cloudflare.com/waiting-room (configuration settings, queueing methods, user sessions, cookies, FAQ), held against on 28 November 2026",
        needs: &["max_sessions", "admissions"],
        knobs: &[
            knob("total_active_users", "max_sessions", "", "their advice: 75 % of what the origin bears; they take 200 at least"),
            knob("new_users_per_minute", "admissions.count", "", "200 at least and no more than total_active_users; a fast spike passes it (`sites`)"),
            knob("", "admissions.period", "\"1 min\"", ""),
            knob("", "admissions.window", "Sliding", "watched all the time within a minute; any stretch of a minute is the nearest"),
            knob("queueing_method", "order", "Fifo(bucket: \"1 min\")", "fifo goes by minutes of arrival; random is `Lottery`, passthrough `Passthrough`, reject `Reject`"),
            knob("session_duration, renewed", "seat", "Sliding(idle: \"5 min\")", "1 to 30 min; with disable_session_renewal `Fixed(length: …)`, after which one queues again; revoked sessions are the `logout_share`"),
            knob("session cookie", "pass", "\"5 min\"", "as long as the session"),
            knob("refresh of the queue page", "poll", "\"20 s\"", ""),
            knob("place held after the last refresh", "grace", "\"5 min\"", ""),
            knob("absent users in a bucket", "no_show", "Blocks", "a bucket must be empty, or its absentees expired, before the next"),
            knob("clients without cookies", "phantoms", "", "each request is a new member; Turnstile's infinite queue (not its default) is leaving the field out"),
            knob("prequeue_start, shuffle_at_event_start", "prequeue", "", "other limits for an event are `SetQuota` acts at its start and end"),
            knob("data centres", "sites", "", "their state takes about 2 min to spread in a fast spike"),
            knob("bypass rules", "bypass_share", "", "or `bypass` for levels"),
            knob("queue_all", "max_sessions", "", "`ScaleQuota(services: […], factor: 0)`: nobody new passes, sessions go on"),
        ],
        missing: "The budget of each data centre from its history; the estimated wait that is shown, and what people do for it; queueing a little before the limit. A free place goes there to whoever of the bucket asks first; here one of the bucket is drawn, and the place is kept until it asks.",
    },
    Preset {
        name: "queue-it",
        title: "Queue-it",
        source: "github.com/queueit/KnownUser.V3.PHP (README) and help pages, held against on 28 November 2026; the poll interval is an assumption",
        needs: &["admissions"],
        knobs: &[
            knob("max outflow (redirects per minute)", "admissions.count", "", "a pure limit of the inflow: active users are not counted"),
            knob("", "admissions.period", "\"1 min\"", ""),
            knob("", "admissions.window", "Paced", "an even outflow; an assumption"),
            knob("queue", "order", "Fifo()", ""),
            knob("pre-queue, randomised at start", "prequeue", "", "give the times, and `shuffle: true`"),
            knob("refresh of the queue page", "poll", "\"30 s\"", "not published; an assumption"),
            knob("cookieValidityMinute, extendCookieValidity", "pass", "\"10 min\"", "default 10 min, extended by every request"),
            knob("configuration kept by the connector", "reread", "\"5 min\"", "5 to 10 min"),
            knob("validity of a queue number", "grace", "", "absent visitors lose the turn; the outflow is spent"),
            knob("safety net", "max_sessions", "", "none of its own"),
        ],
        missing: "Most redirects per visitor (3 by default); a cookie that is not extended; compensation of the outflow for visitors who do not show up.",
    },
    Preset {
        name: "aws-max-size",
        title: "Virtual Waiting Room on AWS, inlet by size. AWS retired it in November 2025; what is deployed goes on",
        source: "github.com/aws-solutions/virtual-waiting-room-on-aws, v1.1 and later (max_size_inlet.py, set_max_queue_position_expired.py, generate_token_base.py), held against on 28 November 2026; the poll interval, the life of a token and the settings on expired positions are assumptions",
        needs: &["max_sessions"],
        knobs: &[
            knob("MAX_SIZE", "max_sessions", "", "each exit moves the serving counter on by one: as many are in or called as seats"),
            knob("queue counter", "order", "Fifo()", "a position for each arrival"),
            knob("ValidityPeriod", "seat", "Fixed(length: \"1 h\")", "3600 s; people who report their exit are the `logout_share`"),
            knob("token", "pass", "\"1 h\"", "good as long as ValidityPeriod"),
            knob("poll of the serving counter", "poll", "\"10 s\"", "up to the site; an assumption"),
            knob("QueuePositionExpiryPeriod", "grace", "\"15 min\"", "900 s"),
            knob("IncrSvcOnQueuePositionExpiry", "no_show", "Wasted", "false: positions that nobody claims are lost for good; true is `Returned`"),
        ],
        missing: "Positions are given in batches of messages, so that order within about a second is by chance. The serving counter moves when the site reports exits: a token that runs out unreported frees its place with the next report, here at once. Who comes back with a token has what is left of it, here a session of full length.",
    },
    Preset {
        name: "aws-periodic",
        title: "Virtual Waiting Room on AWS, periodic inlet. AWS retired it in November 2025; what is deployed goes on",
        source: "github.com/aws-solutions/virtual-waiting-room-on-aws, v1.1 and later (periodic_inlet.py, set_max_queue_position_expired.py, generate_token_base.py), held against on 28 November 2026; the poll interval, the life of a token and the settings on expired positions are assumptions",
        needs: &["admissions"],
        knobs: &[
            knob("IncrementBy", "admissions.count", "", ""),
            knob("", "admissions.period", "\"1 min\"", "it runs every minute"),
            knob("serving counter, CloudWatch alarm", "admissions.window", "Counter", "moves on whether anybody waits or not, but while the alarm is on; the alarm of the model: the service is down, or has no thread and no place left"),
            knob("queue counter", "order", "Fifo()", "a position for each arrival"),
            knob("ValidityPeriod", "seat", "Fixed(length: \"1 h\")", "3600 s"),
            knob("token", "pass", "\"1 h\"", "good as long as ValidityPeriod"),
            knob("poll of the serving counter", "poll", "\"10 s\"", "up to the site; an assumption"),
            knob("QueuePositionExpiryPeriod", "grace", "\"15 min\"", "900 s"),
            knob("IncrSvcOnQueuePositionExpiry", "no_show", "Wasted", "false: positions that nobody claims are lost for good; true is `Returned`"),
        ],
        missing: "Start and end of the inlet are `SetQuota` acts; else as `aws-max-size`.",
    },
];

/// A preset by its name.
pub(super) fn named(name: &str) -> Option<&'static Preset> {
    ALL.iter().find(|preset| preset.name == name)
}

impl Preset {
    /// The knobs that it sets, as one writes a quota.
    fn text(&self) -> String {
        let part = |knob: &&Knob| !knob.value.is_empty();
        let (inner, outer): (Vec<_>, Vec<_>) = self
            .knobs
            .iter()
            .filter(part)
            .partition(|knob| knob.field.starts_with("admissions."));
        let mut fields: Vec<String> = outer.iter().map(|k| format!("{}: {}", k.field, k.value)).collect();
        let inner: Vec<String> = inner
            .iter()
            .map(|k| format!("{}: {}", k.field.trim_start_matches("admissions."), k.value))
            .collect();
        if !inner.is_empty() {
            fields.push(format!("admissions: ({})", inner.join(", ")));
        }
        format!("({})", fields.join(", "))
    }

    /// Its settings as raw fields.
    pub(super) fn quota(&self) -> raw::Quota {
        let read = Document::parse(self.name, &self.text()).and_then(|text| text.typed("a preset"));
        // A test reads every preset: what cannot be read cannot be here.
        read.unwrap_or_default()
    }

    fn needs_words(&self) -> String {
        let needs: Vec<String> = self.needs.iter().map(|need| format!("`{need}`")).collect();
        needs.join(" and ")
    }
}

/// The presets in a few lines each, for `explain`.
pub(super) fn summary() -> String {
    let mut text = String::from("\npresets\n");
    for preset in ALL {
        let _ = writeln!(text, "    {:13} {}", preset.name, preset.title);
        let _ = writeln!(
            text,
            "    {:13} needs {}; sets {}",
            "",
            preset.needs_words(),
            preset.text()
        );
        let _ = writeln!(text, "    {:13} source: {}", "", preset.source);
    }
    text
}

/// The presets and how to use them, as a page of Markdown: `docs/rooms.md`.
pub fn rooms_page() -> String {
    let mut page = String::from(INTRODUCTION);
    for preset in ALL {
        let _ = write!(
            page,
            "\n## `{}`\n\n{}. Needs {}. Source: {}.\n\n| product | field of `quota` | value | |\n|---|---|---|---|\n",
            preset.name,
            preset.title,
            preset.needs_words(),
            preset.source
        );
        for knob in preset.knobs {
            let value = match knob.value {
                "" => "as given".to_owned(),
                value => format!("`{value}`"),
            };
            let _ = writeln!(page, "| {} | `{}` | {value} | {} |", knob.vendor, knob.field, knob.note);
        }
        let _ = write!(page, "\nNot expressed: {}\n", preset.missing);
    }
    page
}

const INTRODUCTION: &str = "\
# Waiting rooms as sold, and as built

Made from the registry in `src/scenario/presets.rs` by a test; do not edit by hand. `preau explain
services.*.quota.preset` prints the same in short. How the one parametric gate works: [model.md](model.md).

```ron
quota: (preset: \"cloudflare\", max_sessions: 30000, admissions: (count: 2000), seat: Sliding(idle: \"10 min\")),
```

takes Cloudflare's settings, with sessions of 10 minutes instead of 5. Every field beside a preset goes before it;
`admissions` goes part by part, every other field whole.

## What has no field, because something else does it

| wanted | in the model |
|---|---|
| no automatic refresh of the refusal page | `order: Reject`: people come back when their habit (`habits.*.retries`) says so |
| emergency stop (queue_all) | `ScaleQuota(services: [\"cned\"], factor: 0)`: nobody new is admitted, sessions go on; `SetQuota` opens it again |
| an event with limits of its own | `SetQuota` at its beginning and again at its end; `prequeue` for those who come early |
| shorter sessions in a crisis | `SetSession(services: [\"ent-hdf\"], seat: Sliding(idle: \"20 min\"))`, the cap stays |
| 429 with `Retry-After` | the act `RetryAfter`: a share of people obeys |
| a gate that is shut when its count fails | `ServiceOutage`: while a service is down nobody passes, whoever waits stays in the room |
| a waiting room that breaks down itself | `capacity`: pages beyond it get no answer, refused as *full*; the service behind is not asked |

## How people who leave are treated

Without `grace` the place of somebody whose patience ends is gone at once, and whoever was called enters at the next
poll, patient or not. With `grace` the place is kept: a page that asks no more cannot be told from one that will ask
again. What it does to the others is `no_show`:

| `no_show` | in the line | called | product |
|---|---|---|---|
| `Holds` | until `grace` after the last poll | uses an admission, holds its seat until then | |
| `Blocks` | until `grace` after the last poll; nobody of a later bucket is called before | is not called | Cloudflare |
| `Returned` | until called | its seat and its admission come back `grace` after the call | AWS, IncrSvcOnQueuePositionExpiry |
| `Wasted` | until called | its seat and its admission are lost | AWS |

Polls are on a grid from the arrival in the room; the last one before leaving counts. `phantoms` are such members from
the start; where the room calls by class they are of the worst one that a cohort of the model has.
";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::reference_page;

    #[test]
    fn every_preset_can_be_read_and_its_fields_exist() {
        for preset in ALL {
            let text = preset.text();
            let read = Document::parse(preset.name, &text).unwrap();
            let quota: raw::Quota = read.typed("a preset").unwrap();
            assert!(quota.order.is_some(), "{}", preset.name);
            for knob in preset.knobs {
                let path = format!("| `services.*.quota.{}` |", knob.field);
                assert!(reference_page().contains(&path), "{}: {path}", preset.name);
            }
            assert!(!preset.needs.is_empty() && !preset.missing.is_empty());
        }
    }

    #[test]
    fn the_page_is_up_to_date() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/rooms.md");
        if std::env::var_os("PREAU_BLESS").is_some() {
            std::fs::write(path, rooms_page()).unwrap();
        }
        let page = std::fs::read_to_string(path).unwrap_or_default();
        assert!(
            page == rooms_page(),
            "docs/rooms.md is stale: run the tests with PREAU_BLESS=1"
        );
    }
}
