//! The names of executed events: one table for traces and for the page that explains them.

use super::state::class;

/// A kind of executed event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kind {
    /// Its number in the fingerprint.
    pub number: u8,
    /// Its name.
    pub name: &'static str,
    /// What its entity is.
    pub entity: &'static str,
}

const fn kind(number: u8, name: &'static str, entity: &'static str) -> Kind {
    Kind { number, name, entity }
}

/// All kinds that a history is made of, in order of their numbers. Ticks only keep books, and the end ends: neither is
/// in a history.
pub const KINDS: &[Kind] = &[
    kind(class::SEAT, "SEAT", "service (and site in the high half)"),
    kind(class::AGENDA, "AGENDA", "entry of the agenda"),
    kind(class::BREAK, "BREAK", "service"),
    kind(class::LEAVE, "LEAVE", "person"),
    kind(class::TIMEOUT, "TIMEOUT", "person"),
    kind(class::DUE, "DUE", "line of clients"),
    kind(class::PATIENCE, "PATIENCE", "person"),
    kind(class::ENTER, "ENTER", "person"),
    kind(class::KNOCK, "KNOCK", "person"),
    kind(class::RETURN, "RETURN", "person"),
    kind(class::ARRIVE, "ARRIVE", "arrival stream"),
    kind(class::LOOK, "LOOK", "watching lever"),
    kind(class::PAGE, "PAGE", "person"),
    kind(class::ATTACK, "ATTACK", "service"),
    kind(class::DONE, "DONE", "service"),
    kind(class::OPENS, "OPENS", "service"),
    kind(class::POOL, "POOL", "service"),
];

/// The name of a kind.
///
/// ```
/// assert_eq!(preau::world::kinds::name(10), "ARRIVE");
/// ```
pub fn name(number: u8) -> &'static str {
    let known = KINDS.iter().find(|k| k.number == number);
    known.map_or("UNNAMED", |k| k.name)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The constants of `class` as the source has them: a class that is added there has to be named here.
    fn constants() -> Vec<(String, u8)> {
        let source = include_str!("state.rs");
        let from = source.find("mod class {").expect("the module");
        let body = &source[from..from + source[from..].find("\n}").expect("its end")];
        let lines = body.lines().filter_map(|l| l.trim().strip_prefix("pub const "));
        lines
            .filter_map(|l| l.split_once(": u8 = "))
            .map(|(name, number)| (name.to_owned(), number.trim_end_matches(';').parse().expect("a number")))
            .collect()
    }

    #[test]
    fn every_class_has_its_name() {
        let classes = constants();
        assert!(classes.len() >= 16, "{classes:?}");
        for (constant, number) in classes {
            let silent = [class::TICK, class::END].contains(&number);
            let expected = if silent { "UNNAMED" } else { constant.as_str() };
            assert_eq!(name(number), expected);
        }
        assert!(KINDS.windows(2).all(|k| k[0].number < k[1].number));
    }

    #[test]
    fn the_page_of_events_has_them_all() {
        let page = include_str!("../../../docs/events.md");
        for k in KINDS.iter().filter(|k| k.number < class::DONE) {
            let row = format!("| {} | `{}` | {} |", k.number, k.name, k.entity);
            assert!(page.contains(&row), "docs/events.md lacks {row}");
        }
        for k in KINDS.iter().filter(|k| k.number >= class::DONE) {
            assert!(page.contains(&format!("| {}: `{}` |", k.number, k.name)), "{}", k.name);
        }
    }
}
