//! Tables of a sweep as Parquet too: the same columns as in CSV, with types.
//!
//! The crate that writes them takes long to build, so it is behind the cargo feature `parquet`. Without it everything here
//! exists and says how to get it.

use super::folder::{FolderError, ResultFolder};

#[cfg(feature = "parquet")]
pub mod file;

/// Whether this program can write Parquet.
pub const AVAILABLE: bool = cfg!(feature = "parquet");

/// How to get a program that can.
pub const ADVICE: &str = "this program was built without Parquet; build it with `cargo install --path . --features parquet`, or read runs.csv and points.csv";

/// What the cells of a column are. An empty cell is a null in all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Whole numbers: INT64.
    Whole,
    /// Numbers: DOUBLE.
    Number,
    /// Texts: BYTE_ARRAY (STRING).
    Text,
}

/// Whole numbers up to here are the same as a DOUBLE and as an INT64.
const EXACT: f64 = 9_007_199_254_740_992.0;

impl Form {
    /// The narrowest that holds all of some texts.
    ///
    /// ```
    /// use preau::output::columnar::Form;
    /// assert_eq!(Form::of(["1", "20"]), Form::Whole);
    /// assert_eq!(Form::of(["1", "2.5"]), Form::Number);
    /// assert_eq!(Form::of(["1", "5 min"]), Form::Text);
    /// ```
    pub fn of<'a>(texts: impl IntoIterator<Item = &'a str> + Clone) -> Form {
        let all = |fits: fn(&str) -> bool| texts.clone().into_iter().all(fits);
        if all(|text| text.parse::<i64>().is_ok()) {
            Form::Whole
        } else if all(|text| text.parse::<f64>().is_ok_and(f64::is_finite)) {
            Form::Number
        } else {
            Form::Text
        }
    }

    /// Of the numbers of a range.
    pub fn of_range(integer: bool, from: f64, to: f64) -> Form {
        match integer && from.abs() < EXACT && to.abs() < EXACT {
            true => Form::Whole,
            false => Form::Number,
        }
    }
}

/// A column as the dictionary of a table has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its name, as in the CSV file.
    pub name: String,
    /// What its cells are.
    pub form: Form,
    /// The unit; empty for none.
    pub unit: String,
    /// What it means.
    pub meaning: String,
}

/// Writes `NAME.parquet` beside `NAME.csv` of a result that is being made, with the same rows and columns; the CSV file must
/// be complete. The bytes are a function of the CSV file and the columns.
///
/// # Errors
/// When it cannot be written, or this program was built without Parquet.
#[cfg(feature = "parquet")]
pub fn beside_csv(folder: &ResultFolder, name: &str, columns: &[Column]) -> Result<(), FolderError> {
    let source = folder.path().join(format!("{name}.csv"));
    folder.write(&format!("{name}.parquet"), |out| {
        let rows = csv::Reader::from_path(&source)?;
        file::write(out, rows, columns)
    })
}

/// Says how to get Parquet.
///
/// # Errors
/// Always: this program was built without it.
#[cfg(not(feature = "parquet"))]
pub fn beside_csv(folder: &ResultFolder, name: &str, _columns: &[Column]) -> Result<(), FolderError> {
    Err(FolderError::Io {
        path: folder.path().join(format!("{name}.parquet")),
        source: std::io::Error::new(std::io::ErrorKind::Unsupported, ADVICE),
    })
}
