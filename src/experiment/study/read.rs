//! Reading an experiment file: every mistake is told with its place.

use super::factor::{Factor, Kind, Role};
use super::kpis::{self, Column, Constraint};
use super::posterior::Posterior;
use super::raw::{self, Raw};
use super::{Dimension, Point, Precision, Replications, Study};
use crate::experiment::design::{Design, MOST_DIMENSIONS, MOST_POINTS};
use crate::experiment::jobs::MOST_REPLICATIONS;
use crate::experiment::switch::{Base, Change, Names, Switch, meet};
use crate::scenario::{Diagnostic, Diagnostics, Document, Scalar, Source};

/// The place of a setting that is tried between the ends of a range: no simple fraction of it.
const BETWEEN: f64 = 0.381_966;

/// So many levels of a range are tried.
const MOST_TRIED: u32 = 8;

/// Replications of each point when the file does not say.
const REPLICATIONS: u64 = 5;

/// Where a file finds what it names.
pub struct Surroundings<'a> {
    /// A model by its name or path.
    pub model: &'a dyn Fn(&str) -> Source,
    /// The text of another file, for instance of draws.
    pub file: &'a dyn Fn(&str) -> std::io::Result<String>,
}

impl Study {
    /// Reads an experiment. `sets` are laid over its model everywhere.
    ///
    /// # Errors
    /// Everything that is wrong with it, each with its place and advice; or what is wrong with its model.
    pub fn read(name: &str, text: &str, around: &Surroundings<'_>, sets: &[String]) -> Result<Study, Diagnostics> {
        let document = Document::parse(name, text)?;
        let raw: Raw = document.typed("an experiment")?;
        let mut names = Names::of(&document);
        let Some(model) = &raw.model else {
            let problem = names.wrong(
                "model",
                "`model` is missing: expected a model file, or the name of a model",
            );
            let problem = problem
                .label("needs a field `model`")
                .help("add `model: \"2021-04-06\"`");
            return Err(problem.into());
        };
        let own = Switch {
            set: raw.set.clone(),
            ..Switch::default()
        };
        let bare = Base::load(&(around.model)(model), &[])?;
        names.switch("", &own, &bare);
        if !names.problems.is_empty() {
            return Err(Diagnostics(names.problems));
        }
        let over: Vec<String> = raw.set.iter().chain(sets).cloned().collect();
        let base = Base::load(&(around.model)(model), &over)?;
        let model_text = Document::parse(&base.plain().name, &base.plain().text)?;
        let always = Switch {
            set: Vec::new(),
            policies: raw.policies.clone(),
            with: raw.with.clone(),
            without: raw.without.clone(),
        };
        let (always, ..) = names.switch("", &always, &base);
        let mut reader = Reader {
            names,
            document: &document,
            model: &model_text,
            base: &base,
            always: &always,
        };
        let factors = reader.factors(&raw, sets);
        let posterior = reader.posterior(&raw, around);
        let dimensions = reader.dimensions(&factors, posterior.as_ref());
        // A design of factors of which some could not be read would be told to lack them.
        let (design, listed) = match reader.names.problems.is_empty() {
            true => reader.design(&raw, &factors, &dimensions),
            false => (Design::List(0), Vec::new()),
        };
        let replications = reader.replications(&raw);
        let constraints = reader.constraints(&raw);
        let columns = reader.columns(&raw, &constraints, &replications);
        reader.columns_of_their_own(&factors, &columns);
        let problems = reader.names.problems;
        if !problems.is_empty() {
            return Err(Diagnostics(problems));
        }
        // Missing only where a problem was noted.
        let replications = replications.unwrap_or(Replications::Fixed(REPLICATIONS));
        Ok(Study {
            title: raw.title.unwrap_or_default(),
            model: model.clone(),
            seed: raw.seed.unwrap_or(1),
            factors,
            design,
            replications,
            constraints,
            columns,
            model_text: bare.plain().text.clone(),
            posterior,
            dimensions,
            listed,
            base,
            always,
            document,
        })
    }
}

/// Columns of the tables of every experiment (`output/sweep.rs`), which no factor may be called.
const TAKEN: [&str; 5] = ["point", "replication", "fingerprint", "failed", "n"];

/// Advice to whoever wants more runs than anybody may.
fn most() -> String {
    format!("give {MOST_REPLICATIONS} at most")
}

/// Resolves what a file says, and notes what is wrong with it.
pub(super) struct Reader<'d> {
    pub(super) names: Names<'d>,
    pub(super) document: &'d Document,
    pub(super) model: &'d Document,
    pub(super) base: &'d Base,
    always: &'d Change,
}

impl Reader<'_> {
    pub(super) fn note(&mut self, path: &str, title: impl Into<String>, help: impl Into<String>) {
        self.names.note(path, title, help);
    }

    fn factors(&mut self, raw: &Raw, sets: &[String]) -> Vec<Factor> {
        let mut factors: Vec<Factor> = Vec::new();
        for (list, role, table) in [
            ("levers", Role::Lever, &raw.levers),
            ("uncertainties", Role::Uncertainty, &raw.uncertainties),
        ] {
            for (name, factor) in &table.0 {
                let at = format!("{list}.\"{name}\"");
                if name.contains('"') {
                    let title = format!("`{name}` cannot name a factor");
                    self.note(list, title, "leave the quote out of the name");
                    continue;
                }
                if factors.iter().any(|earlier| earlier.name == *name) {
                    self.note(
                        &at,
                        format!("two factors are called `{name}`"),
                        "every factor has a column of its own",
                    );
                }
                let before = self.names.problems.len();
                let Some(kind) = self.kind(&at, factor) else { continue };
                let factor = Factor {
                    name: name.clone(),
                    role,
                    kind,
                };
                if self.names.problems.len() == before {
                    self.overridden(&factor, sets, &at);
                    self.alone(&factor, &factors, &at);
                    self.tried(&factor, raw.design.as_ref(), &at);
                    factors.push(factor);
                }
            }
        }
        factors
    }

    /// An override from outside that a factor would override again.
    fn overridden(&mut self, factor: &Factor, sets: &[String], at: &str) {
        for set in sets {
            let path = set.split('=').next().unwrap_or_default().trim();
            if factor.targets().iter().any(|target| target.path == path) {
                let title = format!(
                    "`--set {set}` would have no effect: the factor `{}` sets this field",
                    factor.name
                );
                self.note(at, title, "change the factor in the file");
            }
        }
    }

    /// Two factors of one field: the one that is laid over the model first would do nothing.
    fn alone(&mut self, factor: &Factor, others: &[Factor], at: &str) {
        for other in others {
            let (own, others) = (factor.paths(), other.paths());
            if let Some(path) = own.iter().find(|own| others.iter().any(|of_other| meet(own, of_other))) {
                let title = format!("the factors `{}` and `{}` both set `{path}`", other.name, factor.name);
                self.note(
                    at,
                    title,
                    "each factor needs fields of its own: the later one would hide the earlier",
                );
            }
        }
    }

    /// Tries a factor at its ends and between, or at all its settings, so that what does not fit is told before anything runs.
    fn tried(&mut self, factor: &Factor, design: Option<&raw::Design>, at: &str) {
        let settings: Vec<String> = match &factor.kind {
            Kind::Values { values, .. } => values.clone(),
            Kind::Range { range, .. } => {
                // Ends may be whole numbers where what lies between is not; a design that lists its points may keep to whole ones.
                let between = match (range.levels, design) {
                    (Some(levels), _) => (0..levels.min(MOST_TRIED)).map(|i| factor.level(i)).collect(),
                    (None, Some(raw::Design::List(_))) => Vec::new(),
                    (None, _) => vec![factor.at(BETWEEN)],
                };
                [factor.at(0.0), factor.at(1.0)].into_iter().chain(between).collect()
            }
            // Switches have been tried when they were read.
            Kind::Switch(_) | Kind::Choice(_) => Vec::new(),
        };
        for setting in settings {
            let Some(problem) = self.misfit(factor, &setting) else {
                continue;
            };
            let title = format!("`{setting}` does not fit the model: {}", problem.message());
            let mut here = self.names.wrong(at, title).label("this factor");
            for help in problem.advice() {
                here = here.help(help.clone());
            }
            if self.fits_if_whole(factor, &setting) {
                here = here.help("for whole numbers only, write `integer: true`");
            }
            self.names.problems.push(here);
            return;
        }
    }

    /// Whether a number of a range would fit if only it were rounded.
    fn fits_if_whole(&self, factor: &Factor, setting: &str) -> bool {
        let multiples = factor.targets().iter().any(|target| target.written.is_some());
        let rounded = setting.parse().map(|number: f64| libm::round(number).to_string());
        rounded.is_ok_and(|rounded| !multiples && rounded != setting && self.misfit(factor, &rounded).is_none())
    }

    /// Why the model cannot be so.
    fn misfit(&self, factor: &Factor, setting: &str) -> Option<Diagnostic> {
        let change = factor.change(setting).unwrap_or_default();
        let problems = self.base.with(&self.always.clone().and(&change)).err()?;
        problems.0.into_iter().next()
    }

    fn posterior(&mut self, raw: &Raw, around: &Surroundings<'_>) -> Option<Posterior> {
        let file = raw.uncertainties_from.as_ref()?;
        let read = (around.file)(file).map_err(|e| e.to_string());
        match read.and_then(|text| Posterior::read(&text)) {
            Ok(posterior) => Some(posterior),
            Err(reason) => {
                self.note(
                    "uncertainties_from",
                    format!("cannot read the draws in `{file}`: {reason}"),
                    "give a CSV with a column for each uncertainty",
                );
                None
            }
        }
    }

    /// Factors by themselves, and those of the posterior together.
    fn dimensions(&mut self, factors: &[Factor], posterior: Option<&Posterior>) -> Vec<Dimension> {
        let mut joint = Vec::new();
        for (column, name) in posterior
            .iter()
            .flat_map(|posterior| posterior.columns.iter().enumerate())
        {
            let found = factors
                .iter()
                .position(|f| f.name == *name && f.role == Role::Uncertainty);
            let Some(f) = found else {
                let help = "name it among the `uncertainties`, with its path, or take the column out";
                self.note(
                    "uncertainties_from",
                    format!("the draws have a column `{name}`, the experiment no such uncertainty"),
                    help,
                );
                continue;
            };
            joint.push((f, column));
            for (i, row) in posterior
                .iter()
                .flat_map(|posterior| posterior.rows().iter().enumerate())
            {
                if let Err(reason) = factors[f].change(&row[column]) {
                    let title = format!("draw {} has `{}` for `{name}`: {reason}", i + 1, row[column]);
                    self.note("uncertainties_from", title, "widen the range, or make the draws again");
                    break;
                }
            }
        }
        let alone = |f: &usize| !joint.iter().any(|(of, _)| of == f);
        let mut dimensions: Vec<Dimension> = (0..factors.len()).filter(alone).map(Dimension::Factor).collect();
        if !joint.is_empty() {
            dimensions.push(Dimension::Joint(joint));
        }
        dimensions
    }

    fn design(&mut self, raw: &Raw, factors: &[Factor], dimensions: &[Dimension]) -> (Design, Vec<Point>) {
        let k = dimensions.len();
        let design = match raw.design.as_ref().unwrap_or(&raw::Design::Full) {
            raw::Design::Full => Design::Full(dimensions.iter().map(|d| self.levels(raw, factors, d)).collect()),
            raw::Design::LatinHypercube(n) => Design::LatinHypercube(*n),
            raw::Design::Sobol(n) => Design::Sobol(*n),
            raw::Design::SobolIndices(n) => Design::SobolIndices(*n),
            raw::Design::Morris(r) => Design::Morris(*r),
            raw::Design::List(list) => {
                let listed: Vec<Point> = (0..list.len()).map(|i| self.listed(i, &list[i], factors)).collect();
                return self.nonempty(Design::List(listed.len() as u32), listed, k);
            }
        };
        let wanted = match design {
            Design::Sobol(_) => k,
            Design::SobolIndices(_) => 2 * k,
            _ => 0,
        };
        if wanted > MOST_DIMENSIONS {
            self.note(
                "design",
                format!("Sobol sequences have at most {MOST_DIMENSIONS} dimensions, this design needs {wanted}"),
                "take a Latin hypercube, or fewer factors",
            );
        }
        if let Design::Sobol(n) | Design::SobolIndices(n) = design
            && n > MOST_POINTS
        {
            self.note(
                "design",
                format!("Sobol sequences have at most {MOST_POINTS} points here"),
                "take fewer, or a Latin hypercube",
            );
        }
        if k == 0 && !matches!(design, Design::Full(_)) {
            self.note(
                "design",
                "there is no factor to vary",
                "add `levers` or `uncertainties`, or take `design: Full`",
            );
        }
        self.nonempty(design, Vec::new(), k)
    }

    fn nonempty(&mut self, design: Design, listed: Vec<Point>, k: usize) -> (Design, Vec<Point>) {
        if design.is_empty(k) {
            self.note("design", "this design has no point", "give a number above 0");
        } else if design.len(k) > u32::MAX as usize {
            self.note(
                "design",
                "this design has more points than could ever be run",
                "give ranges fewer `levels`, or take `Sobol(n)`",
            );
        }
        (design, listed)
    }

    /// Levels of a dimension of a full design.
    fn levels(&mut self, raw: &Raw, factors: &[Factor], dimension: &Dimension) -> u32 {
        let (levels, path, help) = match dimension {
            Dimension::Factor(f) => {
                let factor = &factors[*f];
                let list = if factor.role == Role::Lever {
                    "levers"
                } else {
                    "uncertainties"
                };
                let path = format!("{list}.\"{}\"", factor.name);
                (factor.levels(), path, "add `levels: 3`, or take another design")
            }
            Dimension::Joint(_) => (
                raw.draws,
                "uncertainties_from".to_owned(),
                "add `draws: 20`, or take another design",
            ),
        };
        levels.unwrap_or_else(|| {
            self.note(&path, "a full design has to know how many settings to try", help);
            1
        })
    }

    fn listed(&mut self, i: usize, table: &crate::scenario::Table<raw::Verbatim>, factors: &[Factor]) -> Point {
        let at = format!("design[{i}]");
        for (name, _) in &table.0 {
            if !factors.iter().any(|factor| factor.name == *name) {
                let known: Vec<&str> = factors.iter().map(|factor| factor.name.as_str()).collect();
                let path = format!("{at}.\"{name}\"");
                self.note(
                    &path,
                    format!("there is no factor `{name}`"),
                    crate::scenario::suggest(name, "factor", &known),
                );
            }
        }
        let mut settings = Vec::new();
        for factor in factors {
            let path = format!("{at}.\"{}\"", factor.name);
            let setting = match self.document.written(&path) {
                None => Err("it is left out here".to_owned()),
                Some(text) => factor.canonical(&text),
            };
            settings.push(setting.unwrap_or_else(|reason| {
                self.note(
                    &path,
                    format!("no setting of `{}`: {reason}", factor.name),
                    factor.describe(),
                );
                String::new()
            }));
        }
        Point { settings }
    }

    fn replications(&mut self, raw: &Raw) -> Option<Replications> {
        let path = "replications";
        match &raw.replications {
            None => Some(Replications::Fixed(REPLICATIONS)),
            Some(raw::Replications::Fixed(0)) => {
                self.note(
                    path,
                    "nothing is run in 0 replications",
                    "give 1 or more, or leave it out for 5",
                );
                None
            }
            Some(raw::Replications::Fixed(n)) if *n > MOST_REPLICATIONS => {
                self.note(path, format!("{n} replications are more than can be run"), most());
                None
            }
            Some(raw::Replications::Fixed(n)) => Some(Replications::Fixed(*n)),
            Some(raw::Replications::UntilPrecision {
                kpi,
                relative,
                absolute,
                confidence,
                at_least,
                at_most,
            }) => {
                let found = kpis::columns(&mut self.names, &format!("{path}.kpi"), kpi, self.base.plain());
                let (usual, most) = (raw::usual_least(), most());
                let checks = [
                    (
                        found.len() == 1,
                        "kpi",
                        "precision is of one KPI",
                        "name one, such as \"hours_lost\"",
                    ),
                    (
                        *relative > 0.0 && *relative < 1.0,
                        "relative",
                        "a relative error lies between 0 and 1",
                        "write such as 0.05",
                    ),
                    (
                        *absolute >= 0.0,
                        "absolute",
                        "a half-width is not below 0",
                        "leave it out",
                    ),
                    (
                        *confidence > 0.5 && *confidence < 1.0,
                        "confidence",
                        "a confidence lies between 0.5 and 1",
                        "write 0.95",
                    ),
                    (
                        *at_least >= usual,
                        "at_least",
                        "an interval of fewer than 10 replications cannot be trusted to stop",
                        "give 10 or more",
                    ),
                    (
                        *at_most >= *at_least,
                        "at_most",
                        "the most is less than the least",
                        "give more than `at_least`",
                    ),
                    (
                        *at_most <= MOST_REPLICATIONS,
                        "at_most",
                        "this is more than can be run",
                        most.as_str(),
                    ),
                ];
                for (_, field, title, help) in checks.iter().filter(|(fine, ..)| !fine) {
                    self.note(&format!("{path}.{field}"), *title, *help);
                }
                Some(Replications::UntilPrecision(Precision {
                    column: found.into_iter().next()?,
                    relative: *relative,
                    absolute: *absolute,
                    confidence: *confidence,
                    at_least: *at_least,
                    at_most: *at_most,
                }))
            }
        }
    }

    fn constraints(&mut self, raw: &Raw) -> Vec<Constraint> {
        let mut found = Vec::new();
        for (i, constraint) in raw.constraints.iter().enumerate() {
            let at = format!("constraints[{i}]");
            if constraint.at_least.is_none() && constraint.at_most.is_none() {
                self.note(&at, "this constraint cannot be broken", "give `at_most` or `at_least`");
            }
            let columns = kpis::columns(
                &mut self.names,
                &format!("{at}.kpi"),
                &constraint.kpi,
                self.base.plain(),
            );
            let Some(kpi) = columns.first().map(|column| column.kpi) else {
                continue;
            };
            let mut limit = |field: &str, scalar: &Option<Scalar>| {
                let scalar = scalar.as_ref()?;
                kpis::limit(&mut self.names, &format!("{at}.{field}"), kpi, scalar)
            };
            let (at_least, at_most) = (
                limit("at_least", &constraint.at_least),
                limit("at_most", &constraint.at_most),
            );
            if at_least > at_most && at_most.is_some() {
                self.note(
                    &at,
                    "this constraint cannot be kept",
                    "give `at_most` more than `at_least`",
                );
            }
            found.extend(columns.into_iter().map(|column| Constraint {
                column,
                at_least,
                at_most,
            }));
        }
        found
    }

    /// Every factor has a column, in tables that have others.
    fn columns_of_their_own(&mut self, factors: &[Factor], columns: &[Column]) {
        for factor in factors {
            let name = &factor.name;
            // What is said of a KPI stands beside it: `visits:half_width`, `keeps visits ≤ 5`.
            let before = name.split_once(':').map_or(name.as_str(), |(before, _)| before);
            let kpi = columns
                .iter()
                .any(|column| column.name == before || column.name == *name);
            if kpi || name.starts_with("keeps ") || TAKEN.contains(&name.as_str()) || name.is_empty() {
                let list = match factor.role {
                    Role::Lever => "levers",
                    Role::Uncertainty => "uncertainties",
                };
                let help = format!(
                    "give it another name; besides those of KPIs, these are taken: {}",
                    TAKEN.join(", ")
                );
                let title = format!("the tables have another column that is called `{name}`");
                self.note(&format!("{list}.\"{name}\""), title, help);
            }
        }
    }

    /// The KPIs asked for (all of the total if none), those of constraints and of the precision.
    fn columns(&mut self, raw: &Raw, constraints: &[Constraint], replications: &Option<Replications>) -> Vec<Column> {
        let mut columns = Vec::new();
        for (i, word) in raw.kpis.iter().enumerate() {
            columns.extend(kpis::columns(
                &mut self.names,
                &format!("kpis[{i}]"),
                word,
                self.base.plain(),
            ));
        }
        if raw.kpis.is_empty() {
            columns = Column::totals(self.base.plain());
        }
        columns.extend(constraints.iter().map(|constraint| constraint.column.clone()));
        if let Some(Replications::UntilPrecision(precision)) = replications {
            columns.push(precision.column.clone());
        }
        let mut seen: Vec<String> = Vec::new();
        columns.retain(|column| {
            let new = !seen.contains(&column.name);
            seen.push(column.name.clone());
            new
        });
        columns
    }
}
