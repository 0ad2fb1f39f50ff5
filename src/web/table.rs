//! CSV files of a result, read by the names of their columns.

use super::ReportError;
use crate::output::Files;
use csv::StringRecord;
use std::io::Read;
use std::path::PathBuf;

/// A file that is open.
pub(super) struct Table {
    path: PathBuf,
    head: StringRecord,
    reader: csv::Reader<Box<dyn Read>>,
}

/// Where a column stands.
#[derive(Clone, Copy)]
pub(super) struct At(usize);

impl At {
    /// The first column.
    #[cfg(test)]
    pub fn first() -> At {
        At(0)
    }

    /// Whether it stands just behind another.
    pub fn is_after(self, other: At) -> bool {
        self.0 == other.0 + 1
    }
}

/// A row.
pub(super) struct Row<'a>(&'a StringRecord);

impl Table {
    /// Opens a file that must be there.
    pub fn open(folder: &dyn Files, file: &str) -> Result<Table, ReportError> {
        let path = folder.shown(file);
        let open = folder.open(file).map_err(|e| ReportError::read(&path, e))?;
        let mut reader = csv::Reader::from_reader(open);
        let head = reader.headers().map_err(|e| ReportError::read(&path, e))?.clone();
        Ok(Table { path, head, reader })
    }

    /// Opens a file that need not be there.
    pub fn open_if_there(folder: &dyn Files, file: &str) -> Result<Option<Table>, ReportError> {
        if folder.has(file) {
            return Table::open(folder, file).map(Some);
        }
        Ok(None)
    }

    /// Where a column stands; an error names the file and the column.
    pub fn column(&self, name: &str) -> Result<At, ReportError> {
        let found = self.head.iter().position(|h| h == name);
        found.map(At).ok_or_else(|| ReportError::NoColumn {
            path: self.path.clone(),
            column: name.to_owned(),
        })
    }

    /// Where every column stands, in order.
    pub fn places(&self) -> Vec<At> {
        (0..self.head.len()).map(At).collect()
    }

    /// Several at once.
    pub fn columns<const N: usize>(&self, names: [&str; N]) -> Result<[At; N], ReportError> {
        let mut found = [At(0); N];
        for (at, name) in found.iter_mut().zip(names) {
            *at = self.column(name)?;
        }
        Ok(found)
    }

    /// Calls for every row.
    pub fn each(mut self, mut see: impl FnMut(Row<'_>)) -> Result<(), ReportError> {
        let mut record = StringRecord::new();
        while self
            .reader
            .read_record(&mut record)
            .map_err(|e| ReportError::read(&self.path, e))?
        {
            see(Row(&record));
        }
        Ok(())
    }
}

impl<'a> Row<'a> {
    /// The text of a cell.
    pub fn text(&self, at: At) -> &'a str {
        self.0.get(at.0).unwrap_or_default()
    }

    /// The number of a cell; none where it is empty or no finite number.
    pub fn number(&self, at: At) -> Option<f64> {
        self.text(at).parse().ok().filter(|n: &f64| n.is_finite())
    }
}
