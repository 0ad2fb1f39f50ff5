//! Kendall's notation, as tables of exact values write it: `M/M/c/K`, `E2/M/1`, `M/G/1-PS`, `M^X/M/1`, `M/M/R//N`.

use super::oracle::{Parameters, whole};

/// Law of arrivals, of work or of patience.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Letter {
    /// Exponential.
    M,
    /// Constant.
    D,
    /// Erlang of so many stages; none: the parameter `k`.
    E(Option<u32>),
    /// Hyperexponential.
    H,
    /// Whatever the parameters say.
    G,
}

/// A number in the notation.
#[derive(Clone, Debug, PartialEq)]
pub enum Size {
    /// Written there.
    Of(u32),
    /// Named, and given by the parameters.
    Named(String),
    /// Without bound.
    Infinite,
}

/// A queue in Kendall's notation.
#[derive(Clone, Debug, PartialEq)]
pub struct Kendall {
    /// Law of the times between arrivals.
    pub arrivals: Letter,
    /// The rate of arrivals changes with time, `Mt`.
    pub varying_rate: bool,
    /// Customers come in batches, `M^X`.
    pub batches: bool,
    /// Law of the work.
    pub service: Letter,
    /// Servers.
    pub servers: Size,
    /// The number of servers changes with time, `ct`.
    pub varying_servers: bool,
    /// Places in the system, servers included.
    pub room: Option<Size>,
    /// Customers in the world; none: infinitely many.
    pub population: Option<Size>,
    /// Patience of those who wait, `+M`.
    pub patience: Option<Letter>,
    /// Processor sharing, `-PS`.
    pub sharing: bool,
}

impl Kendall {
    /// The first word of a case that is a queue in Kendall's notation.
    pub fn find(case: &str) -> Option<Kendall> {
        let words: Vec<&str> = case
            .split(|c: char| c.is_whitespace() || c == '(' || c == ',')
            .collect();
        let mut queue = words.iter().find_map(|word| Kendall::word(word))?;
        queue.sharing |= words
            .iter()
            .any(|w| w.trim_matches(|c: char| !c.is_alphanumeric()) == "PS");
        Some(queue)
    }

    fn word(word: &str) -> Option<Kendall> {
        let word = word.trim_end_matches([';', ':', '.', ')']);
        let (word, sharing) = match word.strip_suffix("-PS").or_else(|| word.strip_suffix("/PS")) {
            Some(rest) => (rest, true),
            None => (word.strip_suffix("-FIFO").unwrap_or(word), false),
        };
        let (word, patience) = match word.split_once('+') {
            Some((queue, patience)) => (queue, Some(letter(patience)?)),
            None => (word, None),
        };
        let mut parts = word.split('/');
        let (first, second, third) = (parts.next()?, parts.next()?, parts.next()?);
        let (first, batches) = match first.strip_suffix("^X").or_else(|| first.strip_suffix("^[X]")) {
            Some(rest) => (rest, true),
            None => (first, false),
        };
        let (first, varying_rate) = match first {
            "Mt" | "M_t" | "M(t)" => ("M", true),
            other => (other, false),
        };
        let (servers, varying_servers) = match third {
            "ct" | "c_t" | "c(t)" => (Size::Named("c".into()), true),
            other => (size(other)?, false),
        };
        let room = parts
            .next()
            .filter(|p| !p.is_empty())
            .map(size)
            .map_or(Some(None), |s| s.map(Some))?;
        let population = parts
            .next()
            .filter(|p| !p.is_empty())
            .map(size)
            .map_or(Some(None), |s| s.map(Some))?;
        Some(Kendall {
            arrivals: letter(first)?,
            varying_rate,
            batches,
            service: letter(second)?,
            servers,
            varying_servers,
            room,
            population,
            patience,
            sharing,
        })
    }
}

impl Size {
    /// The number meant, `None` for no bound.
    ///
    /// # Errors
    /// When the parameter is missing or no whole number of at least one.
    pub fn resolve(&self, parameters: Parameters<'_>) -> Result<Option<u32>, String> {
        match self {
            Size::Of(n) => Ok(Some(*n)),
            Size::Infinite => Ok(None),
            Size::Named(name) => match parameters.number(&[name]) {
                Some(x) => whole(x).filter(|n| *n > 0).map(Some).ok_or_else(|| {
                    format!("the parameter `{name}` is {x}; it must be a whole number from 1 to 10 million")
                }),
                None => Err(format!("the parameter `{name}` is missing")),
            },
        }
    }
}

fn size(text: &str) -> Option<Size> {
    match text {
        "inf" | "∞" | "infinity" | "Inf" => return Some(Size::Infinite),
        _ => {}
    }
    if let Ok(n) = text.parse::<u32>() {
        return (n > 0).then_some(Size::Of(n));
    }
    let named = text.len() <= 2 && text.chars().all(|c| c.is_ascii_alphabetic());
    named.then(|| Size::Named(text.to_owned()))
}

/// Reads one letter of the notation.
pub fn letter(text: &str) -> Option<Letter> {
    match text {
        "M" => return Some(Letter::M),
        "D" => return Some(Letter::D),
        "G" | "GI" => return Some(Letter::G),
        "E" | "Ek" | "E_k" | "Er" => return Some(Letter::E(None)),
        "H" | "Hk" | "H_k" => return Some(Letter::H),
        _ => {}
    }
    let staged = |name: char| {
        let number = text.strip_prefix(name)?.trim_start_matches('_').parse::<u32>().ok()?;
        (1..=10_000).contains(&number).then_some(number)
    };
    match (staged('E'), staged('H')) {
        (Some(stages), _) => Some(Letter::E(Some(stages))),
        (None, Some(_)) => Some(Letter::H),
        (None, None) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(case: &str) -> Kendall {
        Kendall::find(case).unwrap_or_else(|| panic!("{case}"))
    }

    #[test]
    fn the_notation_is_read() {
        let q = find("M/M/c/K");
        assert_eq!((q.arrivals, q.service), (Letter::M, Letter::M));
        assert_eq!(
            (q.servers, q.room),
            (Size::Named("c".into()), Some(Size::Named("K".into())))
        );
        let q = find("M/M/5/20");
        assert_eq!((q.servers, q.room), (Size::Of(5), Some(Size::Of(20))));
        assert_eq!(find("E3/M/2").arrivals, Letter::E(Some(3)));
        assert_eq!(
            find("M/M/c+D (deterministic patience in queue)").patience,
            Some(Letter::D)
        );
        assert!(find("M/G/1-PS").sharing && find("M/G/1/K-PS (insensitive)").sharing);
        assert!(find("M/G/1/K PS with USL total rate").sharing);
        assert!(!find("M/M/1 FIFO").sharing);
        let q = find("Finite source M/M/R//N (machine repair)");
        assert_eq!((q.room, q.population), (None, Some(Size::Named("N".into()))));
        assert!(find("M^X/M/1 fixed batch").batches);
        let q = find("Mt/M/ct surge + host loss");
        assert!(q.varying_rate && q.varying_servers);
        assert_eq!(find("Mt/M/inf periodic").servers, Size::Infinite);
        assert_eq!(find("Link tail-drop M/M/1/100 at load 5").room, Some(Size::Of(100)));
        assert_eq!(find("M/M/c, each server fails").servers, Size::Named("c".into()));
        assert_eq!(find("H2/M/1 arrivals scv4").arrivals, Letter::H);
    }

    #[test]
    fn other_slashes_are_no_queues() {
        for case in [
            "retries (/s)",
            "a/b",
            "km/h/x",
            "M/M",
            "M/M/0",
            "Foo/M/1",
            "M/M/1/-3",
            "",
        ] {
            assert_eq!(Kendall::find(case), None, "{case}");
        }
    }
}
