//! The reference page, written from the registry.

use super::ALL;
use std::fmt::Write;

/// `docs/kpis.md`, from the registry. A test holds the page to it; `PREAU_WRITE_DOCS=1 cargo test` writes it.
pub fn page() -> String {
    let mut out = String::from(
        "# KPIs\n\n\
         Written from the registry (`kernel/src/measure/kpi/`); do not edit by hand. Each KPI exists for the whole country,\n\
         and most of them for each region, level and service. A KPI that does not exist in a scope (a share of\n\
         nothing, the euros of one region) is left empty in files, never NaN. Times within a run are\n\
         seconds since its start; tables show them as civil time.\n\n\
         | name | in | better | what it is |\n|---|---|---|---|\n",
    );
    for kpi in ALL {
        let _ = writeln!(
            out,
            "| [`{0}`](#{0}) | {1} | {2} | {3} |",
            kpi.name,
            kpi.unit.name(),
            kpi.better.name(),
            kpi.short
        );
    }
    for kpi in ALL {
        let _ = write!(
            out,
            "\n## `{}`\n\n{}\n\n- Formula: {}\n- Unit: {}\n",
            kpi.name,
            kpi.long,
            kpi.formula,
            kpi.unit.name()
        );
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::kpi::Kpi;
    use std::collections::HashSet;

    #[test]
    fn the_page_is_up_to_date() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/kpis.md");
        if std::env::var_os("PREAU_WRITE_DOCS").is_some() {
            std::fs::write(path, page()).unwrap();
        }
        let stored = std::fs::read_to_string(path).unwrap_or_default();
        assert!(
            stored == page(),
            "docs/kpis.md is not what the registry says: PREAU_WRITE_DOCS=1 cargo test page_is"
        );
    }

    #[test]
    fn names_are_unique_and_every_text_is_there() {
        let names: HashSet<_> = ALL.iter().map(|k| k.name).collect();
        assert_eq!(names.len(), ALL.len());
        for kpi in ALL {
            assert!(
                !kpi.formula.is_empty() && !kpi.short.is_empty() && kpi.long.ends_with('.'),
                "{}",
                kpi.name
            );
        }
        assert!(Kpi::find("hours_lost").is_some() && Kpi::find("happiness").is_none());
    }
}
