//! What a file is, by the fields at its top: whoever gives the file of one verb to another is told once, and not of every
//! field in it.

use preau_text::Diagnostic;
use preau_text::tree::Node;

/// A kind of file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FileKind {
    /// What is simulated.
    Model,
    /// Levers and uncertainties of a sweep.
    Experiment,
    /// What an attribution shares the harm out among.
    Causes,
    /// What is unknown and what is known.
    Calibration,
    /// What is known of those days.
    Facts,
    /// A guided lesson.
    Lesson,
}

impl FileKind {
    const ALL: [FileKind; 6] = [
        FileKind::Model,
        FileKind::Experiment,
        FileKind::Causes,
        FileKind::Calibration,
        FileKind::Facts,
        FileKind::Lesson,
    ];

    /// What it is called in errors.
    pub fn noun(self) -> &'static str {
        match self {
            FileKind::Model => "a model",
            FileKind::Experiment => "an experiment",
            FileKind::Causes => "a causes file",
            FileKind::Calibration => "a calibration file",
            FileKind::Facts => "a facts file",
            FileKind::Lesson => "a lesson",
        }
    }

    /// The verb that takes it.
    fn verb(self) -> &'static str {
        match self {
            FileKind::Model => "run",
            FileKind::Experiment => "sweep",
            FileKind::Causes => "attribute",
            FileKind::Calibration => "calibrate",
            FileKind::Facts => "facts",
            FileKind::Lesson => "lesson",
        }
    }

    /// Fields at its top that no other kind has.
    fn marks(self) -> &'static [&'static str] {
        match self {
            FileKind::Model => &[
                "base",
                "clock",
                "services",
                "cohorts",
                "habits",
                "routes",
                "regions",
                "hosts",
                "operators",
                "incidents",
                "timetables",
                "calendar",
                "prices",
            ],
            FileKind::Experiment => &["design", "uncertainties", "uncertainties_from", "constraints", "kpis"],
            FileKind::Causes => &["causes", "baseline", "order_pairs"],
            FileKind::Calibration => &["particles", "parameters", "rounds"],
            FileKind::Facts => &["worlds", "needed"],
            FileKind::Lesson => &["goals", "brief", "debrief", "hints", "tries"],
        }
    }

    /// The kind of a file; none when nothing at its top tells, or as much of one as of another.
    pub(super) fn of(tree: &Node) -> Option<FileKind> {
        let group = tree.inner().group()?;
        let marks = |kind: &FileKind| kind.marks().iter().filter(|mark| group.entry(mark).is_some()).count();
        let most = FileKind::ALL.iter().map(marks).max()?;
        let mut with_most = FileKind::ALL.into_iter().filter(|kind| marks(kind) == most);
        let first = with_most.next()?;
        let has = |field| group.entry(field).is_some();
        // A short file may have only fields that several kinds share. No model has any of these.
        match (most, has("facts"), has("model")) {
            (0, true, true) => Some(FileKind::Facts),
            (0, true, false) => Some(FileKind::Calibration),
            (0, false, true) => Some(FileKind::Experiment),
            (0, false, false) => None,
            _ => with_most.next().is_none().then_some(first),
        }
    }
}

/// The one error of a file that is of another kind than `noun`, with nothing of that kind in it.
pub(super) fn of_another_kind(tree: &Node, noun: &str) -> Option<Diagnostic> {
    let wanted = FileKind::ALL.into_iter().find(|kind| kind.noun() == noun)?;
    let is = FileKind::of(tree).filter(|kind| *kind != wanted)?;
    let group = tree.inner().group()?;
    let entry = |mark: &&str| group.entry(mark);
    if wanted.marks().iter().any(|mark| entry(mark).is_some()) {
        return None;
    }
    let key = is.marks().iter().find_map(entry)?.key.as_ref()?;
    let title = format!("this is {}, where {noun} was expected", is.noun());
    let problem = Diagnostic::new(key.place.clone(), &key.name, title);
    let problem = problem.label(format!("{noun} has no `{}`", key.name));
    Some(problem.help(format!("`preau {} {}` takes it", is.verb(), key.place.source.name)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{Document, Source, Syntax};

    fn of(text: &str) -> Option<FileKind> {
        let (name, text) = ("x.ron".to_owned(), text.to_owned());
        let syntax = Syntax::of(&Source::Text { name, text }).unwrap();
        syntax.kind()
    }

    #[test]
    fn a_file_is_what_most_of_its_fields_say() {
        assert_eq!(of("(title: \"x\", clock: (end: \"1 h\"))"), Some(FileKind::Model));
        assert_eq!(of("(title: \"x\")"), None);
        // Fields that several kinds share say as much as there is.
        assert_eq!(
            of("(model: \"region\", levers: {}, replications: Fixed(5))"),
            Some(FileKind::Experiment)
        );
        assert_eq!(of("(model: \"region\", facts: [])"), Some(FileKind::Facts));
        assert_eq!(of("(facts: \"mine.facts.ron\", only: [])"), Some(FileKind::Calibration));
        assert_eq!(
            of("(model: \"x\", levers: {}, design: Full)"),
            Some(FileKind::Experiment)
        );
        assert_eq!(of("(facts: \"x.ron\", particles: 3)"), Some(FileKind::Calibration));
        assert_eq!(of("(worlds: {}, facts: [])"), Some(FileKind::Facts));
        assert_eq!(of("(title: \"x\")"), None);
        assert_eq!(of("(design: Full, causes: {})"), None, "as much of one as of the other");
    }

    #[test]
    fn a_file_of_another_kind_is_one_mistake() {
        let wrong = |text: &str, noun: &str| {
            let document = Document::parse("x.ron", text).unwrap();
            let problems = document.typed::<serde::de::IgnoredAny>(noun);
            problems
                .err()
                .map(|problems| problems.render(false))
                .unwrap_or_default()
        };
        let said = wrong("(title: \"x\",\n design: Full, kpis: [])", "a model");
        assert!(
            said.contains("this is an experiment, where a model was expected"),
            "{said}"
        );
        assert!(
            said.contains("x.ron:2:2") && said.contains("`preau sweep x.ron` takes it"),
            "{said}"
        );
        // A slip in a model is not another kind of file.
        assert_eq!(wrong("(clock: (end: \"1 h\"), design: Full, kpis: [])", "a model"), "");
        assert_eq!(wrong("(clock: (end: \"1 h\"))", "a model"), "");
    }
}
