//! What stands above the fields on the page of the reference.

pub(super) const TEXT: &str = "\
# Reference of the model files

Made from the registry in `src/scenario/reference/` by a test; do not edit by hand.
`preau explain PATH` prints the same.

A model is a RON file, `(field: value, …)`. In the paths below `*` stands for a key of one's own, `[]` for any element
of a list, and a word with a capital for a choice: `seat: Sliding(idle: \"20 min\")` is `seat.Sliding.idle`. Paths in error
messages and in `--set path=value` leave the choice out: `services.ent-idf.quota.seat.idle=20 min`.

Every quantity with a dimension is a text with its unit, every share is a text in percent, every pure count or ratio is a bare number:

| dimension | units | example |
|---|---|---|
| duration, work on one core | `ms`, `s`, `min`, `h`, `d`, also added up; `us` | `\"1h 30min\"` |
| rate | `/s`, `/min`, `/h`, `/d` | `\"120 /s\"` |
| bit rate | `bit/s`, `kbit/s`, `Mbit/s`, `Gbit/s`, `Tbit/s` | `\"10 Gbit/s\"` |
| size | `B`, `kB`, `MB`, `GB` | `\"60 kB\"` |
| money | `EUR`, `kEUR`, `MEUR` | `\"0.05 EUR\"` |
| share | `%` | `\"40 %\"` |
| time | civil, with or without a date, or a duration from the start | `\"08:30\"`, `\"2021-04-06T08:30\"`, `\"15 min\"` |
| count, ratio | none | `30000`, `1.3` |

Civil times of a cohort (waves, points of a rate) are in the zone of its region, all others in the zone of the run.
A file with `base` is laid over it: fields and keys one by one; a list, or a value with a name as `Exponential(…)`, replaces
the old one whole; a key with the value `None` takes the base's entry away.

`size` makes the country smaller or larger than it is written: fields marked \"× `size`\" below are multiplied after the
whole file is read, `--set` included, and so are they inside policies. Whole numbers are rounded to the nearest, and are at
least 1 where at least 1 is written; times between arrivals are divided. Everything else stays: times, shares, chances,
factors, prices, and what one person or one request does. Fixed costs and scrubbing contracts stay too, so euros do not
grow in proportion. A smaller country is not a faster way to the same answer: near saturation, waits and losses depend on
how large a pool of servers or seats is. Headings, `manifest.json` and `--json` say the size.
";
