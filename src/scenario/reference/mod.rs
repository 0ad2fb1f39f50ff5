//! The reference: what every field of a model means, its unit, its default and an example.
//!
//! One registry feeds `explain` and `docs/reference.md`; tests hold it against the raw types, so that
//! no field is without a word and no word without a field.

mod country;
mod events;
mod introduction;
mod levers;
mod people;
mod size;
#[cfg(test)]
mod walk;

use std::fmt::{self, Write as _};

#[cfg(test)]
pub(super) use size::grown;

pub use levers::levers_page;

use preau_text::{ALIKE, likeness, wrapped};

/// One field, or one choice of a field.
pub(crate) struct Field {
    /// `services.*.quota.seat.Sliding.idle`: `*` is any key, `[]` any element, a capital a choice.
    pub path: &'static str,
    /// Its unit or kind; `@services.*.quota` sends to where the same thing is described.
    pub unit: &'static str,
    /// What leaving it out means; empty: it must be there.
    pub default: &'static str,
    /// As one writes it.
    pub example: &'static str,
    /// What it means.
    pub meaning: &'static str,
}

const fn field(
    path: &'static str,
    unit: &'static str,
    default: &'static str,
    example: &'static str,
    meaning: &'static str,
) -> Field {
    Field {
        path,
        unit,
        default,
        example,
        meaning,
    }
}

/// All fields, in the order of the page.
fn fields() -> impl Iterator<Item = &'static Field> {
    country::FIELDS
        .iter()
        .chain(people::FIELDS)
        .chain(events::FIELDS)
        .chain(levers::FIELDS)
}

/// Which part of the simulator reads a field: the longest beginning of its path decides.
const USED_BY: &[(&str, &str)] = &[
    ("name", "output folders"),
    ("title", "reports"),
    ("base", "the loader"),
    ("size", "the loader, and every heading of results"),
    ("clock", "the run"),
    ("clock.warm_up", "`preau verify`"),
    ("calendar", "arrivals"),
    ("prices", "the cost indicators"),
    ("regions", "cohorts, reports and civil times"),
    ("hosts", "hosts and links"),
    ("operators", "reports"),
    ("services", "the service"),
    ("services.*.station", "the station"),
    ("services.*.quota", "the waiting room"),
    ("services.*.limiter", "the rate limiter"),
    ("services.*.exchange", "the link"),
    ("services.*.session", "sessions and learning hours"),
    ("habits", "retries and giving up"),
    ("routes", "visits"),
    ("timetables", "arrivals"),
    ("cohorts", "arrivals and visits"),
    ("distribution", "every random duration"),
    ("batch", "arrivals"),
    ("incidents", "incidents"),
    ("policies", "levers"),
    ("act", "levers"),
];

impl Field {
    fn segments(&self) -> Vec<&'static str> {
        segments(self.path)
    }

    /// Where the parts of this field are described, if not below it.
    fn described_at(&self) -> Option<&'static str> {
        self.unit.strip_prefix('@')
    }

    fn kind(&self) -> String {
        match self.described_at() {
            Some("distribution") => "a distribution".to_owned(),
            Some("batch") => "a number of people: `Fixed(…)` or `Geometric(…)`".to_owned(),
            Some(path) => format!("as `{path}`"),
            None => self.unit.to_owned(),
        }
    }

    /// What the size of the country does to it; none if nothing.
    pub(crate) fn growth(&self) -> Option<&'static str> {
        let mut known = size::GROWS.iter();
        known.find(|(path, _)| *path == self.path).map(|(_, growth)| *growth)
    }

    fn default_words(&self) -> &'static str {
        if self.default.is_empty() {
            "must be given"
        } else {
            self.default
        }
    }

    fn used_by(&self) -> &'static str {
        let fits = |prefix: &str| self.segments().starts_with(&segments(prefix));
        USED_BY
            .iter()
            .rev()
            .find(|(prefix, _)| fits(prefix))
            .map_or("", |(_, part)| part)
    }
}

/// `timetables.*[].share` as `timetables`, `*`, `[]`, `share`.
fn segments(path: &str) -> Vec<&str> {
    let mut found = Vec::new();
    for part in path.split('.') {
        let (name, indices) = part.split_at(part.find('[').unwrap_or(part.len()));
        if !name.is_empty() {
            found.push(if name.bytes().all(|b| b.is_ascii_digit()) {
                "[]"
            } else {
                name
            });
        }
        found.extend(indices.matches('[').map(|_| "[]"));
    }
    found
}

fn is_choice(segment: &str) -> bool {
    segment.starts_with(|c: char| c.is_ascii_uppercase())
}

/// What is left of a path after a pattern; none if the pattern does not fit its beginning. Choices may be left out.
fn after<'a, 'p>(pattern: &[&str], path: &'a [&'p str]) -> Option<&'a [&'p str]> {
    let Some((first, pattern)) = pattern.split_first() else {
        return Some(path);
    };
    let taken = path.split_first().and_then(|(word, rest)| {
        let fits = match *first {
            // Keys that look like numbers are keys too: `regions.11`.
            "*" => true,
            "[]" => *word == "[]" || *word == "*",
            name => *word == name,
        };
        if fits { after(pattern, rest) } else { None }
    });
    taken.or_else(|| if is_choice(first) { after(pattern, path) } else { None })
}

/// All fields that a path means.
fn meant(path: &[&str], depth: usize) -> Vec<&'static Field> {
    let mut found: Vec<&'static Field> = Vec::new();
    for field in fields() {
        match after(&field.segments(), path) {
            // A choice is meant only by its own name.
            Some([]) if field.segments().last() == path.last() || !ends_in_choice(field) => found.push(field),
            Some(rest) if !rest.is_empty() && depth > 0 => {
                let Some(home) = field.described_at() else { continue };
                let elsewhere: Vec<&str> = segments(home).into_iter().chain(rest.iter().copied()).collect();
                found.extend(meant(&elsewhere, depth - 1));
            }
            _ => {}
        }
    }
    found.sort_by_key(|field| field.path);
    found.dedup_by_key(|field| field.path);
    found
}

fn ends_in_choice(field: &Field) -> bool {
    field.segments().last().is_some_and(|last| is_choice(last))
}

/// The fields one step below a path.
fn below(path: &[&str]) -> Vec<&'static Field> {
    let direct = |field: &&'static Field| {
        after(path, &field.segments()).is_some_and(|rest| match rest {
            [_] => true,
            [first, _] => matches!(*first, "*" | "[]") || is_choice(first),
            [first, second, _] => *first == "*" && *second == "[]" || *first == "[]" && is_choice(second),
            _ => false,
        })
    };
    // A choice has its own parts only, not those of its neighbours.
    let chosen = path.last().filter(|last| is_choice(last));
    let of_choice = |field: &&'static Field| chosen.is_none_or(|chosen| field.segments().contains(chosen));
    fields().filter(direct).filter(of_choice).collect()
}

/// A path that no field has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unknown {
    /// As asked.
    pub path: String,
    /// Fields that may have been meant, the likeliest first.
    pub near: Vec<String>,
}

impl fmt::Display for Unknown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no field of a model has the path `{}`", self.path)?;
        match self.near.as_slice() {
            [] => write!(
                f,
                "\n{}",
                wrapped(&format!("paths begin with {}", roots().join(", ")), 100, "    ")
            ),
            [near] => write!(f, "\ndid you mean `{near}`?"),
            many => {
                write!(f, "\ndid you mean one of these?")?;
                let width = many.iter().map(|path| path.chars().count()).max().unwrap_or(0);
                for path in many {
                    let meaning = fields()
                        .find(|field| field.path == path)
                        .map_or("", |field| field.meaning);
                    write!(f, "\n    {path:width$}  {meaning}")?;
                }
                Ok(())
            }
        }
    }
}

impl std::error::Error for Unknown {}

fn roots() -> Vec<&'static str> {
    let mut roots: Vec<&str> = fields().map(|field| field.segments()[0]).collect();
    roots.dedup();
    roots
}

/// What a field means, its unit, default and example: of one field, of a group, or of all that a path may mean.
/// Without a path, what the fields of a model are.
///
/// ```
/// let text = preau::scenario::explain("services.ent-idf.quota.max_sessions").unwrap();
/// assert!(text.contains("seats"));
/// let wrong = preau::scenario::explain("services.ent-idf.quota.max_session").unwrap_err();
/// assert_eq!(wrong.near[0], "services.*.quota.max_sessions");
/// ```
///
/// # Errors
/// The path is no field's; the error carries the nearest ones.
pub fn explain(path: &str) -> Result<String, Unknown> {
    let asked = path.trim().trim_matches('.');
    if asked.is_empty() && path.trim().is_empty() {
        return Ok(overview());
    }
    let mut words = segments(asked);
    let mut found = meant(&words, 4);
    while found.is_empty() && words.len() > 1 && words.last() == Some(&"[]") {
        // `waves[0][1]`: an element of a leaf is explained with the leaf.
        words.pop();
        found = meant(&words, 4);
    }
    let mut text = String::new();
    for field in &found {
        let _ = writeln!(text, "{}", field.path);
        let _ = writeln!(text, "    {}", field.meaning);
        let _ = writeln!(text, "    kind     {}", field.kind());
        if let Some(growth) = field.growth() {
            let _ = writeln!(text, "    size     {growth}");
        }
        let _ = writeln!(text, "    default  {}", field.default_words());
        let _ = writeln!(text, "    example  {}", field.example);
        let _ = writeln!(text, "    used by  {}", field.used_by());
    }
    if let [field] = found[..]
        && field.path == "services.*.quota.preset"
    {
        text.push_str(&super::presets::summary());
    }
    let home = found.first().map(|field| match field.described_at() {
        Some(home) => segments(home),
        None => field.segments(),
    });
    let parts = below(&home.unwrap_or_else(|| segments(asked)));
    if found.is_empty() && (parts.is_empty() || asked.is_empty()) {
        return Err(Unknown {
            path: path.to_owned(),
            near: near(asked),
        });
    }
    if !parts.is_empty() && found.len() < 2 {
        let _ = writeln!(text, "{}", if text.is_empty() { "parts" } else { "\nparts" });
        let width = parts.iter().map(|field| field.path.len()).max().unwrap_or(0);
        for part in parts {
            let _ = writeln!(text, "    {:width$}  {}", part.path, part.meaning);
        }
    }
    Ok(text)
}

/// The fields of a whole model, for a question without a path.
fn overview() -> String {
    let mut text = String::from("a model is (field: value, …) with these fields; explain one for its parts\n");
    let top: Vec<&Field> = fields().filter(|field| field.segments().len() == 1).collect();
    let width = top.iter().map(|field| field.path.len()).max().unwrap_or(0);
    for field in top {
        let _ = writeln!(text, "    {:width$}  {}", field.path, field.meaning);
    }
    text
}

/// Kind and example of what belongs at a path of a model, for error messages. With the name of a choice, its example.
pub(super) fn belongs(path: &str, choice: Option<&str>) -> Option<(String, &'static str)> {
    let mut words = segments(path);
    words.extend(choice);
    let mut found = meant(&words, 4);
    while found.is_empty() && words.len() > 1 && words.last() == Some(&"[]") {
        words.pop();
        found = meant(&words, 4);
    }
    found.first().map(|field| (field.kind(), field.example))
}

/// At most so many fields are offered for one that does not exist.
const OFFERED: usize = 5;

/// Fields that may have been meant: of the same or nearly the same last name, and the more words of the path they
/// share the better.
fn near(path: &str) -> Vec<String> {
    let words = segments(path);
    let Some((last, before)) = words.split_last() else {
        return Vec::new();
    };
    let score = |field: &'static Field| {
        let pattern = field.segments();
        let (name, home) = pattern.split_last()?;
        let alike = likeness(last, name);
        // Keys of one's own model are no slips: they fit nothing, and they harm nothing.
        let shared = before.iter().filter(|word| home.contains(word)).count();
        let more = if before.is_empty() {
            0.0
        } else {
            0.3 * shared as f64 / before.len() as f64
        };
        (alike > ALIKE).then_some((alike + more, field.path))
    };
    let mut found: Vec<(f64, &str)> = fields().filter_map(score).collect();
    found.sort_by(|a, b| b.0.total_cmp(&a.0));
    let best = found.first().map_or(0.0, |(score, _)| *score);
    let close = found.iter().take_while(|(score, _)| *score > best - 0.1);
    close.take(OFFERED).map(|(_, path)| (*path).to_owned()).collect()
}

/// The reference as a page of Markdown: `docs/reference.md`.
pub fn reference_page() -> String {
    let mut page = String::from(introduction::TEXT);
    let mut chapter = "";
    for field in fields() {
        let root = field.segments()[0];
        let root = if matches!(root, "name" | "title" | "base" | "size") {
            "the file"
        } else {
            root
        };
        if root != chapter {
            chapter = root;
            let heading = if root == "the file" {
                "The file".to_owned()
            } else {
                format!("`{root}`")
            };
            let _ = write!(page, "\n## {heading}\n\n");
            page.push_str("| path | meaning | kind and unit | default | example |\n|---|---|---|---|---|\n");
        }
        let cell = |text: &str| text.replace('|', "\\|");
        let _ = writeln!(
            page,
            "| `{}` | {} | {} | {} | `{}` |",
            field.path,
            cell(field.meaning),
            cell(
                &field
                    .growth()
                    .map_or(field.kind(), |growth| format!("{}; {growth}", field.kind()))
            ),
            cell(field.default_words()),
            cell(field.example)
        );
    }
    page
}

#[cfg(test)]
mod tests {
    use super::*;
    use preau_text::SourceText;
    use preau_text::tree::{Path, Step, parse};

    #[test]
    fn every_field_has_a_word_and_every_word_a_field() {
        let read = walk::paths();
        let described: Vec<String> = fields().map(|field| field.path.to_owned()).collect();
        let missing: Vec<&String> = read.iter().filter(|path| !described.contains(path)).collect();
        let stale: Vec<&String> = described.iter().filter(|path| !read.contains(*path)).collect();
        assert!(
            missing.is_empty(),
            "fields without a word in the registry: {missing:#?}"
        );
        assert!(stale.is_empty(), "words for fields that no type has: {stale:#?}");
        let mut once = described.clone();
        once.sort();
        once.dedup();
        assert_eq!(once.len(), described.len(), "a path stands in the registry twice");
    }

    #[test]
    fn what_is_described_elsewhere_is_described_there() {
        for field in fields() {
            if let Some(home) = field.described_at() {
                assert!(
                    !below(&segments(home)).is_empty(),
                    "{} sends to {home}, where nothing is",
                    field.path
                );
            }
            assert!(!field.used_by().is_empty(), "{} is used by nobody", field.path);
        }
    }

    #[test]
    fn examples_can_be_read() {
        for field in fields() {
            let text = format!("({})", field.example);
            let source = std::sync::Arc::new(SourceText {
                name: field.path.to_owned(),
                text,
            });
            let (node, problems) = parse(&source);
            assert!(node.is_some() && problems.is_empty(), "{problems:?}");
            let last = field.segments().pop().unwrap_or_default();
            let starts = format!("{last}:");
            assert!(
                is_choice(last) || field.example.starts_with(&starts),
                "{}: {}",
                field.path,
                field.example
            );
        }
    }

    /// Every field of the full model is given the value of its example: the typed reader must take it.
    #[test]
    fn examples_are_of_the_right_kind() {
        let text = include_str!("../tests/full.ron").to_owned();
        let source = std::sync::Arc::new(SourceText {
            name: "full.ron".to_owned(),
            text,
        });
        let tree = parse(&source).0.unwrap();
        let mut paths = vec![Path::default()];
        let mut tried = 0;
        while let Some(path) = paths.pop() {
            let group = tree.find(&path.0).and_then(|node| node.inner().group());
            for (i, entry) in group.into_iter().flat_map(|group| group.entries.iter().enumerate()) {
                let step = entry
                    .key
                    .as_ref()
                    .map_or(Step::Index(i), |key| Step::Key(key.name.clone()));
                let mut path = path.clone();
                path.0.push(step);
                paths.push(path);
            }
            let Some((_, example)) = belongs(&path.to_string(), None).filter(|_| !path.0.is_empty()) else {
                continue;
            };
            let Some((name, value)) = example.split_once(": ") else {
                continue;
            };
            if path.0.last() != Some(&Step::Key(name.to_owned())) {
                continue;
            }
            let mut changed = tree.clone();
            crate::scenario::overrides::apply(&mut changed, &[format!("{path}={value}")]).unwrap();
            crate::scenario::read::typed(&changed).unwrap_or_else(|problems| panic!("{problems}"));
            tried += 1;
        }
        assert!(tried > 150, "only {tried} examples were tried");
    }

    #[test]
    fn the_page_is_up_to_date() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/reference.md");
        if std::env::var_os("PREAU_BLESS").is_some() {
            std::fs::write(path, reference_page()).unwrap();
        }
        let page = std::fs::read_to_string(path).unwrap_or_default();
        assert!(
            page == reference_page(),
            "docs/reference.md is stale: run the tests with PREAU_BLESS=1"
        );
    }

    #[test]
    fn paths_of_a_model_are_understood() {
        for (path, words) in [
            ("services.ent-idf.quota.seat.idle", "services.*.quota.seat.Sliding.idle"),
            (
                "policies.all.acts[0].act.quota.max_sessions",
                "services.*.quota.max_sessions",
            ),
            ("cohorts.idf-lycee.arrivals[0].share", "timetables.*[].share"),
            ("cohorts.idf-lycee.duration.sigma", "distribution.Lognormal.sigma"),
            ("incidents.flood.waves[1][0]", "incidents.*.waves"),
            ("clock", "clock.warm_up"),
            ("services.*.station", "services.*.station.threads"),
            ("distribution", "distribution.Gamma"),
            ("act.ScaleQuota", "act.ScaleQuota.factor"),
        ] {
            let text = explain(path).unwrap_or_else(|unknown| panic!("{unknown}"));
            assert!(text.contains(words), "{words} is not in:\n{text}");
        }
    }

    #[test]
    fn a_choice_has_its_own_parts_only() {
        let text = explain("act.ScaleQuota").unwrap();
        assert!(
            text.contains("act.ScaleQuota.factor") && !text.contains("act.Shed"),
            "{text}"
        );
    }

    #[test]
    fn slips_are_recognised() {
        let near = |path: &str| explain(path).unwrap_err().near.first().cloned().unwrap_or_default();
        assert_eq!(
            near("services.ent-idf.quota.maxsessions"),
            "services.*.quota.max_sessions"
        );
        assert_eq!(near("habits.pupil.patiance"), "habits.*.patience");
        assert_eq!(near("warmup"), "clock.warm_up");
        assert_eq!(near("..."), "");
        assert_eq!(near("services.x.rate"), "services.*.limiter.rate");
        assert_eq!(near("quota.share"), "services.*.quota.max_share");
        assert_eq!(near("sesions"), "services.*.session");
        let many = explain("share").unwrap_err();
        assert!(
            many.near.len() > 1 && many.to_string().contains("one of these"),
            "{many}"
        );
        assert!(explain("xyzzy").unwrap_err().to_string().contains("paths begin with"));
    }
}
