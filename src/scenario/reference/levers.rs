//! Levers that watch, capacity that comes later than it is ordered, and limits; and what each lever does and costs.

use super::{Field, field};
use std::fmt::Write as _;

// A table: one line a field, however long.
#[rustfmt::skip]
pub(super) const FIELDS: &[Field] = &[
    field("act.Restore", "a choice", "not chosen", "Restore(services: [\"*\"])", "Pages as written again, after `Degrade`."),
    field("act.Restore.services", "a list of services, `*` for any characters", "", "services: [\"*\"]", "Where."),
    field("act.PreWarm", "a choice", "not chosen", "PreWarm(services: [\"ent-*\"], factor: 1.5, lasting: \"4 h\")", "Cores ordered before they are needed."),
    field("act.PreWarm.services", "a list of services, `*` for any characters", "", "services: [\"ent-*\"]", "Which services."),
    field("act.PreWarm.factor", "a number of at least 1", "", "factor: 1.5", "Cores with the ordered ones against the installed; no more than the host has free. Of two such acts the orders add up: 1.5 and 1.5 are 2."),
    field("act.PreWarm.delivery", "a group", "a virtual machine's", "delivery: (boot: Deterministic(\"2 min\"))", "How ordered cores come and go."),
    field("act.PreWarm.delivery.boot", "@distribution", "uniform from 1 to 3 min", "boot: Uniform(low: \"1 min\", high: \"3 min\")", "From the order until they serve; drawn for each order."),
    field("act.PreWarm.delivery.warm_up", "a duration", "3.5 min", "warm_up: \"3 min\"", "After that, how long they work at `warm_speed`."),
    field("act.PreWarm.delivery.warm_speed", "a share", "50 %", "warm_speed: \"50 %\"", "Speed while warming up."),
    field("act.PreWarm.delivery.drain", "a duration", "5 min", "drain: \"5 min\"", "Cores that go take no new logins, and leave after this long; until then they work and cost."),
    field("act.PreWarm.lasting", "a duration", "until the end", "lasting: \"4 h\"", "From the order until they begin to go."),
    field("act.Autoscale", "a choice", "not chosen", "Autoscale(services: [\"*\"], signal: Utilisation(above: \"80 %\", below: \"40 %\"), step: Share(\"20 %\"), ceiling: 3.0)", "Cores follow the load from now on."),
    field("act.Autoscale.services", "a list of services, `*` for any characters", "", "services: [\"*\"]", "Which services, each on its own."),
    field("act.Autoscale.signal", "one of the choices below", "", "signal: Utilisation(above: \"80 %\", below: \"40 %\")", "What is looked at."),
    field("act.Autoscale.signal.Utilisation", "a choice", "not chosen", "signal: Utilisation(above: \"80 %\", below: \"40 %\")", "Busy share of the cores that are there, the mean since the last look."),
    field("act.Autoscale.signal.Utilisation.above", "a share", "", "above: \"80 %\"", "High above this."),
    field("act.Autoscale.signal.Utilisation.below", "a share", "", "below: \"40 %\"", "Low below this; between them nothing changes."),
    field("act.Autoscale.signal.PageLatency", "a choice", "not chosen", "signal: PageLatency(above: \"3 s\", below: \"1 s\")", "How long a page takes now."),
    field("act.Autoscale.signal.PageLatency.above", "a duration", "", "above: \"3 s\"", "High above this."),
    field("act.Autoscale.signal.PageLatency.below", "a duration", "", "below: \"1 s\"", "Low below this."),
    field("act.Autoscale.signal.Backlog", "a choice", "not chosen", "signal: Backlog(above: 500, below: 10)", "Logins that wait for a thread now."),
    field("act.Autoscale.signal.Backlog.above", "a whole number", "", "above: 500", "High above this."),
    field("act.Autoscale.signal.Backlog.below", "a whole number", "", "below: 10", "Low below this."),
    field("act.Autoscale.signal.Waiting", "a choice", "not chosen", "signal: Waiting(above: 5000, below: 100)", "People in the waiting room now."),
    field("act.Autoscale.signal.Waiting.above", "a whole number", "", "above: 5000", "High above this."),
    field("act.Autoscale.signal.Waiting.below", "a whole number", "", "below: 100", "Low below this."),
    field("act.Autoscale.signal.Refused", "a choice", "not chosen", "signal: Refused(above: \"60 /min\", below: \"6 /min\")", "Refusal pages (quota, full, rate limit; all tabs) in the last tick of the books."),
    field("act.Autoscale.signal.Refused.above", "a rate", "", "above: \"60 /min\"", "High above this."),
    field("act.Autoscale.signal.Refused.below", "a rate", "", "below: \"6 /min\"", "Low below this."),
    field("act.Autoscale.signal.LinkLoss", "a choice", "not chosen", "signal: LinkLoss(above: \"5 %\", below: \"1 %\")", "Share of packets the uplink loses now."),
    field("act.Autoscale.signal.LinkLoss.above", "a share", "", "above: \"5 %\"", "High above this."),
    field("act.Autoscale.signal.LinkLoss.below", "a share", "", "below: \"1 %\"", "Low below this."),
    field("act.Autoscale.look", "a duration", "1 min", "look: \"1 min\"", "Time between two looks."),
    field("act.Autoscale.step", "`Cores(…)`, `Share(…)` or `Track(…)`", "", "step: Share(\"20 %\")", "How much at once."),
    field("act.Autoscale.step.Cores", "cores", "not chosen", "step: Cores(8)", "So many cores."),
    field("act.Autoscale.step.Share", "a share, may pass 100 %", "not chosen", "step: Share(\"20 %\")", "A share of the cores the model gives."),
    field("act.Autoscale.step.Track", "a share", "not chosen", "step: Track(\"60 %\")", "As many as would make the utilisation this, between `below` and `above`, which say how far off it may be. Orders go out at every look, and cores on their way count; as many are given back as were spare at every look of the `cooldown`."),
    field("act.Autoscale.delivery", "@act.PreWarm.delivery", "a virtual machine's", "delivery: (boot: Deterministic(\"2 min\"))", "How ordered cores come and go."),
    field("act.Autoscale.cooldown", "a duration", "5 min", "cooldown: \"5 min\"", "After an order or a return nothing is done for this long. Of `Track`: how long cores must have been spare."),
    field("act.Autoscale.ceiling", "a number of at least 1", "", "ceiling: 3.0", "Most cores, ordered ones included, against those the model gives."),
    field("act.Autoscale.floor", "a number up to 1", "1", "floor: 0.5", "Fewest cores, against those the model gives."),
    field("act.Failover", "a choice", "not chosen", "Failover(services: [\"cned\"], to: \"strasbourg\", detection: Exponential(mean: \"5 min\"), takes: Exponential(mean: \"1 h\"))", "Capacity comes up elsewhere when a host of the service is lost."),
    field("act.Failover.services", "a list of services, `*` for any characters", "", "services: [\"cned\"]", "Which services."),
    field("act.Failover.to", "key of a host", "", "to: \"strasbourg\"", "Where it comes up; no more than the host has free."),
    field("act.Failover.detection", "@distribution", "", "detection: Exponential(mean: \"5 min\")", "From the loss until it is acted upon."),
    field("act.Failover.takes", "@distribution", "", "takes: Exponential(mean: \"1 h\")", "From then until cores that are not kept ready serve."),
    field("act.Failover.factor", "a number", "1", "factor: 0.8", "Cores that come, against those lost."),
    field("act.Failover.standby", "a share", "0 %", "standby: \"20 %\"", "Share of the service's cores kept ready all the time, and paid: it serves as soon as the loss is detected."),
    field("act.Failover.back", "a duration", "0 s", "back: \"30 min\"", "From the host's return until the stand-in leaves."),
    field("act.Triggered", "a choice", "not chosen", "Triggered(services: [\"*\"], signal: Utilisation(above: \"95 %\", below: \"70 %\"), act: Degrade(work: \"60 %\", value: \"90 %\"), undo: Restore())", "A lever that waits for a signal."),
    field("act.Triggered.services", "a list of services, `*` for any characters", "", "services: [\"*\"]", "Which services are watched, each on its own."),
    field("act.Triggered.signal", "@act.Autoscale.signal", "", "signal: Utilisation(above: \"95 %\", below: \"70 %\")", "What is looked at."),
    field("act.Triggered.lasting", "a duration", "0 s", "lasting: \"2 min\"", "How long it must be high, or low, at every look."),
    field("act.Triggered.look", "a duration", "1 min", "look: \"30 s\"", "Time between two looks."),
    field("act.Triggered.act", "@act", "", "act: Degrade(work: \"60 %\")", "What is done when it is high; without `services` where the signal is."),
    field("act.Triggered.undo", "@act", "nothing", "undo: Restore()", "What is done when it is low again."),
    field("act.ShedByLoad", "a choice", "not chosen", "ShedByLoad(services: [\"*\"], steps: [(who: (levels: [parent]), above: \"85 %\", below: \"70 %\")])", "Refuses levels in order as a service gets busy."),
    field("act.ShedByLoad.services", "a list of services, `*` for any characters", "", "services: [\"*\"]", "Where."),
    field("act.ShedByLoad.steps", "a list", "", "steps: [(who: (levels: [parent]), above: \"85 %\", below: \"70 %\")]", "Who goes first, second and so on."),
    field("act.ShedByLoad.steps[].who", "@act.Stagger.who", "everybody", "who: (levels: [parent])", "Whom."),
    field("act.ShedByLoad.steps[].above", "a share", "", "above: \"85 %\"", "Refused when the utilisation passes this."),
    field("act.ShedByLoad.steps[].below", "a share", "", "below: \"70 %\"", "Let in again when it falls below this."),
    field("act.ShedByLoad.look", "a duration", "1 min", "look: \"10 s\"", "Time between two looks; the utilisation is the mean since the last."),
    field("act.ConcurrencyLimit", "a choice", "not chosen", "ConcurrencyLimit(services: [\"*\"], limit: (law: Gradient2(max: 2000)))", "An adaptive limit on the logins in service."),
    field("act.ConcurrencyLimit.services", "a list of services, `*` for any characters", "", "services: [\"*\"]", "Where."),
    field("act.ConcurrencyLimit.limit", "a group", "", "limit: (law: Aimd(max: 500))", "The limit; `None` takes it away. Who is over it waits in the backlog or is refused as full."),
    field("act.ConcurrencyLimit.limit.window", "a duration", "1 s", "window: \"1 s\"", "Samples are gathered for this long, and one step is made of them; fewer than ten are thrown away, so that the limit rests where fewer logins are done in a window. Zero: each counts. `Envoy` has its own."),
    field("act.ConcurrencyLimit.limit.law", "one of the choices below", "", "law: Vegas(max: 500)", "How the limit moves with the time logins spend in service."),
    field("act.ConcurrencyLimit.limit.law.Gradient2", "a choice", "not chosen", "law: Gradient2(max: 2000)", "Netflix: by the ratio of a long average to now."),
    field("act.ConcurrencyLimit.limit.law.Gradient2.initial", "a whole number", "20", "initial: 20", "Limit at first."),
    field("act.ConcurrencyLimit.limit.law.Gradient2.min", "a whole number", "20", "min: 20", "Least."),
    field("act.ConcurrencyLimit.limit.law.Gradient2.max", "a whole number", "200", "max: 200", "Most."),
    field("act.ConcurrencyLimit.limit.law.Gradient2.queue", "a whole number", "4", "queue: 4", "Queue that is allowed for."),
    field("act.ConcurrencyLimit.limit.law.Gradient2.tolerance", "a number, at least 1", "1.5", "tolerance: 1.5", "How many times as long as the long average a login may take before the limit falls."),
    field("act.ConcurrencyLimit.limit.law.Gradient2.smoothing", "a share", "20 %", "smoothing: \"20 %\"", "Weight of the new limit against the old."),
    field("act.ConcurrencyLimit.limit.law.Gradient2.long_window", "a whole number", "600", "long_window: 600", "Samples in the long average."),
    field("act.ConcurrencyLimit.limit.law.Vegas", "a choice", "not chosen", "law: Vegas(max: 500)", "Netflix: by the queue, estimated from the shortest time seen."),
    field("act.ConcurrencyLimit.limit.law.Vegas.initial", "a whole number", "20", "initial: 20", "Limit at first."),
    field("act.ConcurrencyLimit.limit.law.Vegas.max", "a whole number", "1000", "max: 1000", "Most."),
    field("act.ConcurrencyLimit.limit.law.Vegas.smoothing", "a share", "100 %", "smoothing: \"100 %\"", "Weight of the new limit against the old."),
    field("act.ConcurrencyLimit.limit.law.Vegas.probe", "a whole number", "30", "probe: 30", "The shortest time is measured anew after 0.5 to 1 times this times the limit samples."),
    field("act.ConcurrencyLimit.limit.law.Aimd", "a choice", "not chosen", "law: Aimd(max: 500)", "Netflix: one more while all goes well, a share less on a slow or dropped login."),
    field("act.ConcurrencyLimit.limit.law.Aimd.initial", "a whole number", "20", "initial: 20", "Limit at first."),
    field("act.ConcurrencyLimit.limit.law.Aimd.min", "a whole number", "20", "min: 20", "Least."),
    field("act.ConcurrencyLimit.limit.law.Aimd.max", "a whole number", "200", "max: 200", "Most."),
    field("act.ConcurrencyLimit.limit.law.Aimd.backoff", "a share", "90 %", "backoff: \"90 %\"", "What remains of the limit after a slow or dropped login."),
    field("act.ConcurrencyLimit.limit.law.Aimd.timeout", "a duration", "5 s", "timeout: \"5 s\"", "What counts as slow."),
    field("act.ConcurrencyLimit.limit.law.Envoy", "a choice", "not chosen", "law: Envoy(max: 1000)", "Envoy: by a quantile against a least time, measured now and then at a low limit."),
    field("act.ConcurrencyLimit.limit.law.Envoy.min", "a whole number", "3", "min: 3", "Least, and the limit while the least time is measured."),
    field("act.ConcurrencyLimit.limit.law.Envoy.max", "a whole number", "1000", "max: 1000", "Most."),
    field("act.ConcurrencyLimit.limit.law.Envoy.buffer", "a share", "25 %", "buffer: \"25 %\"", "How much slower than the least time is still fine."),
    field("act.ConcurrencyLimit.limit.law.Envoy.update", "a duration", "100 ms", "update: \"100 ms\"", "Time between two updates."),
    field("act.ConcurrencyLimit.limit.law.Envoy.quantile", "a share", "50 %", "quantile: \"90 %\"", "Which quantile of the samples is taken."),
    field("act.ConcurrencyLimit.limit.law.Envoy.interval", "a duration", "1 min", "interval: \"60 s\"", "Time between two measurements of the least time."),
    field("act.ConcurrencyLimit.limit.law.Envoy.jitter", "a share", "15 %", "jitter: \"15 %\"", "That time is stretched by up to this, drawn each time."),
    field("act.ConcurrencyLimit.limit.law.Envoy.requests", "a whole number", "50", "requests: 50", "Samples of one measurement."),
    field("act.PerClientLimit", "a choice", "not chosen", "PerClientLimit(services: [\"cned\"], each: (rate: \"5 /min\", burst: 10))", "A token bucket for each address: of people one each, of a flood its `sources`."),
    field("act.PerClientLimit.services", "a list of services, `*` for any characters", "", "services: [\"cned\"]", "Where."),
    field("act.PerClientLimit.each", "a group", "", "each: (rate: \"5 /min\", burst: 10)", "The limit; `None` takes it away."),
    field("act.PerClientLimit.each.rate", "a rate", "", "rate: \"5 /min\"", "Requests of one address."),
    field("act.PerClientLimit.each.burst", "a whole number", "1", "burst: 10", "Requests at once."),
    field("act.PerClientLimit.each.penalty", "a duration", "0 s", "penalty: \"1 min\"", "After a refusal everything from the address is refused for this long, and the bucket goes on filling."),
];

/// What a lever does and what it costs.
pub(super) struct Lever {
    /// The act's name.
    pub act: &'static str,
    /// What it does, and what not.
    pub does: &'static str,
    /// What it costs, in euros and otherwise.
    pub costs: &'static str,
    /// Where its form comes from.
    pub source: &'static str,
    /// What it was held against on [`HELD_ON`], and where it differs.
    pub held: &'static str,
}

/// The day on which levers were last held against what they are named after.
const HELD_ON: &str = "28 November 2026";

const fn lever(
    act: &'static str,
    does: &'static str,
    costs: &'static str,
    source: &'static str,
    held: &'static str,
) -> Lever {
    Lever {
        act,
        does,
        costs,
        source,
        held,
    }
}

#[rustfmt::skip]
pub(super) const LEVERS: &[Lever] = &[
    lever("SetQuota", "Puts a gate or waiting room before services, or changes it. Who is in or waits stays.", "Whoever is not let in.", "Open Digital Education's gate (2020); Cloudflare Waiting Room, documentation", "the products of [rooms.md](rooms.md), each with what of it is not expressed."),
    lever("ScaleQuota", "Multiplies the cap in force.", "More sessions make pages slower.", "the fix reported for Hauts-de-France on 7 April 2021", "no product: an operator's act. Where a gate reads its limit now and then (`reread`) it acts at the next reading."),
    lever("SetSession", "Changes only when seats are freed.", "With `Fixed`, people who want longer than the new limit have to log in again. With `Sliding`, in the model nothing: nobody is thrown out for thinking, so what a shorter `idle` costs has to be judged by other means.", "sessions of 20 min idle in Hauts-de-France, 7 April 2021", "session_duration of Cloudflare's Waiting Room (1 to 30 min, 5 by default, renewed by every request): there who thinks for longer than that has lost the seat, here nobody does."),
    lever("ScaleCapacity", "Multiplies cores, threads and backlog at once: new servers that bring their own room. Hosts do not bound it.", "Core-hours from the act on.", "the fix reported for Normandie on 6 April 2021", "no product: an operator's act, without boot and warm-up."),
    lever("PreWarm", "Orders cores on the service's hosts. They serve after the boot, slowly while they warm up, and go after a drain.", "Core-hours from the order until they are gone, boot and drain included.", "virtual machines: 1 to 3 min of boot, 2 to 5 min of warm-up (assumed from practice); drain: AWS deregistration delay, 300 s", "scheduled scaling and load balancers of AWS: a drain of 300 s ends there as soon as nothing is under way any more, here it always lasts its time. Boot and warm-up are nobody's published numbers."),
    lever("Autoscale", "Looks at a signal and orders or gives back cores: a step, or as many as a target wants. From the load to the capacity it takes look + boot + warm-up. Nobody is thrown out when cores go.", "As `PreWarm`. Giving back below the model's cores saves money.", "`Cores`, `Share`: a step and a cooldown, as AWS' simple scaling; `Track`: Kubernetes, horizontal pod autoscaling, and AWS, target tracking", "AWS and Kubernetes 1.37. `Cores` and `Share` are the *simple scaling* of AWS (cooldown 300 s by default), which it advises against; its step scaling has no cooldown, counts machines on their way, and takes larger steps the further the signal is off. `Track` is its target tracking and the HorizontalPodAutoscaler, whose defaults are `look: \"15 s\"`, thresholds a tenth to each side of the target, and `cooldown: \"5 min\"`. Differences: cores are not rounded up to whole machines; Kubernetes adds no more than the double or four pods in 15 s; of a busy share there are no more than 100 %, of a request of processors there are."),
    lever("Failover", "When a host is lost, cores come up on another after detection and delay, as far as that has any free; the traffic then crosses its link.", "What is kept ready costs from the act on, the rest while it serves.", "warm and cold standby; the OVHcloud fire of 10 March 2021 is why", "no product: detection and start are to be given."),
    lever("Stagger", "Moves the arrivals that come after the act.", "Lessons begin later.", "the staggered timetables asked for after 6 April 2021", "no product."),
    lever("RetryAfter", "Who is refused is told when to come back, with an exponential jitter; a share obeys. Who gets no answer is told nothing.", "Longer waits for those who obey.", "RFC 9110, 10.2.3; that those who are told have to be spread: AWS Architecture Blog (2015), which draws evenly; the exponential delay is the model's own, for it has no memory", "RFC 9110 (2022) and, for 429, RFC 6585 (2012): a hint that binds nobody. No browser comes back by it (MDN's table of support), so `obey` is what a page, an app or a message makes people do; 100 % are programs that do as told. The AWS SDKs of 2026 go up to 5 s beyond their own delay for it; here it takes the place of the own delay."),
    lever("RetryBudget", "Lets clients come back only as often as a budget allows, kept by all clients of a service together. Who finds it spent gives up.", "Whoever would have got in at a later try.", "AWS SDKs, from 2026 on: 500 tokens, 14 a retry, 5 where the service asked to come later; a ratio of retries: Beyer et al., Site Reliability Engineering (2016), chapter 21", "`Tokens`: the standard mode of the AWS SDKs as announced on 20 May 2026, the default there from November 2026 on; before, an error cost 5 and a time-out 10. `Ratio`: the book's 10 % of all requests. Finagle and Linkerd allow one for every five first tries and 10 a second beside, over 10 s, which is `Ratio(share: \"16.7 %\", window: \"10 s\", reserve: \"10 /s\")`; Kubernetes' Gateway API has 20 % over 10 s, Envoy 20 % of the requests under way and at least 3. Each client or proxy keeps its own there, here all clients of a service keep one: multiply tokens and reserve by the clients."),
    lever("ClientThrottle", "Drops requests at the client while the service refuses many: max(0, (requests - K answers)/(requests + 1)).", "Requests that would have been served; the service is spared their pages.", "Beyer et al., Site Reliability Engineering (2016), chapter 21", "the book's formula, K = 2 over two minutes. Envoy's admission control is the same with K = 1/threshold: 1.05 by default, over 30 s, and never more than 80 % dropped, which is not expressed. Each client has a window of its own there. A request counts here when its fate is known."),
    lever("RateLimit", "One token bucket for everybody before the gate.", "Refusals.", "token bucket, textbook", "nginx, `limit_req … nodelay`, whose `burst` of n is n + 1 here (without `nodelay` it lets the excess wait, which is not expressed), and Envoy's local rate limit, which fills by intervals and not evenly."),
    lever("PerClientLimit", "A token bucket for each address. A flood of N sources is capped at N × rate from the first instant (its bursts are not seen), and lower with a `penalty`; a person is refused when it knocks faster than the rate. Each person has an address of its own.", "Refuses people who try again fast.", "generic cell rate algorithm, ITU-T I.371 (1993)", "nginx, `limit_req … nodelay` by address, whose `burst` of n is n + 1 here. Cloudflare's rate limiting rules shut an address out for a time by default, which is `penalty`, count in periods that follow one another, and in each data centre apart. AWS WAF counts over 5 min what it refused, too, so who goes on too fast stays out, and begins late, usually by less than half a minute: not expressed."),
    lever("Scrub", "Removes a share of floods after detection, each wave anew; with `retool` the attacker escapes until detected again: in the long run E[retool]/(E[retool]+E[detection]) of the time is scrubbed. Some people are taken for attackers, always the same.", "Contract hours, whether or not anything is attacked.", "Akamai, Cloudflare and Gcore documentation; alternating renewal, e.g. Ross, Stochastic Processes (1996), 3.4.1", "what providers say of the time until filters act: seconds where all traffic always passes them, 5 to 15 min where it has to be diverted first; `detection` is all of it. Nobody publishes efficacy or mistakes."),
    lever("Shed", "Refuses levels at the door for a while.", "They lose their hours.", "load shedding by priority", "no product."),
    lever("ShedByLoad", "Refuses levels in order as the utilisation passes targets, and lets them in again in the opposite order.", "They lose their hours while it is on.", "Netflix, \"Prioritized load shedding\" (2020) and \"Enhancing Netflix reliability with service-level prioritized load shedding\" (2024)", "Netflix (2024), which refuses a part of a priority that grows with the load (at the worst a fifth of its lowest still got in) and decides at every request; here a level is refused whole, from one look to the next."),
    lever("ConcurrencyLimit", "Keeps the logins in service below a limit that follows how long they take.", "Waits in the backlog, or refusals as full.", "Netflix/concurrency-limits; Envoy, adaptive concurrency filter", "Netflix/concurrency-limits as released since May 2019 and Envoy's filter; the formulas are in [model.md](model.md). Logins are limited here, there all requests."),
    lever("Degrade", "Lighter pages: less work, worth less.", "Learning hours at a lower value.", "graceful degradation", "no product."),
    lever("Restore", "Takes `Degrade` back.", "Nothing.", "graceful degradation", "no product."),
    lever("Triggered", "Pulls another lever at a service where a signal is high for some time, and another when it is low again. It acts again whenever the signal rises anew.", "That of the lever.", "two thresholds against swinging: a Schmitt trigger (1938)", "alarms of CloudWatch and Prometheus: one threshold and a time there, two here. Missing data does nothing here, as in CloudWatch by default."),
];

/// The levers as a page of Markdown: `docs/levers.md`.
pub fn levers_page() -> String {
    let mut page = String::from(INTRODUCTION);
    for lever in LEVERS {
        let path = format!("act.{}", lever.act);
        let example = super::fields()
            .find(|field| field.path == path)
            .map_or("", |f| f.example);
        let _ = write!(
            page,
            "\n## {}\n\n{}\n\n- costs: {}\n- form: {}\n- held against on {HELD_ON}: {}\n\n```ron\n{example}\n```\n",
            lever.act, lever.does, lever.costs, lever.source, lever.held
        );
        let prefix = format!("{path}.");
        let parts: Vec<&Field> = super::fields()
            .filter(|field| field.path.starts_with(&prefix))
            .collect();
        page.push_str("\n| field | meaning | kind and unit | default |\n|---|---|---|---|\n");
        for part in parts {
            let _ = writeln!(
                page,
                "| `{}` | {} | {} | {} |",
                &part.path[prefix.len()..],
                part.meaning,
                part.growth()
                    .map_or(part.kind(), |growth| format!("{}; {growth}", part.kind())),
                part.default_words(),
            );
        }
    }
    page
}

const INTRODUCTION: &str = "\
# Levers

Made from the registry in `src/scenario/reference/levers.rs` by a test; do not edit by hand.

A policy pulls levers at instants: `policies: {\"more\": (acts: [(at: \"07:00\", act: PreWarm(…))])}`; `--policy more` switches
it on. An incident `PolicyChange` pulls one too. Before its instant a lever changes nothing. Levers that watch
(`Autoscale`, `Failover`, `ShedByLoad`, `Triggered`) begin to look at their instant; looks leave no trace, so a run in which
they never act is the same run, to the last bit. At the same service the later `Autoscale` or `ShedByLoad` takes the
place of the earlier.

`Autoscale`, `PreWarm` and `Failover` take no more cores than the host has free: `hosts.*.cores` less what its tenants
were given, ordered or keep ready. A host without `cores` has no end.
";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_act_is_a_lever_with_a_word() {
        let acts: Vec<&str> = super::super::fields()
            .filter_map(|field| field.path.strip_prefix("act."))
            .filter(|name| !name.contains('.'))
            .collect();
        for act in &acts {
            let lines = LEVERS.iter().filter(|lever| lever.act == *act).count();
            assert_eq!(lines, 1, "{act} in the registry of levers");
        }
        assert_eq!(acts.len(), LEVERS.len());
    }

    #[test]
    fn the_page_is_up_to_date() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/levers.md");
        if std::env::var_os("PREAU_BLESS").is_some() {
            std::fs::write(path, levers_page()).unwrap();
        }
        let page = std::fs::read_to_string(path).unwrap_or_default();
        assert!(
            page == levers_page(),
            "docs/levers.md is stale: run the tests with PREAU_BLESS=1"
        );
    }
}
