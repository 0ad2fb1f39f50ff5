//! One Parquet file of a CSV file.

use super::{Column, Form};
use parquet::basic::{Compression, LogicalType, Repetition, Type as Physical};
use parquet::data_type::{ByteArray, ByteArrayType, DataType, DoubleType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use parquet::schema::types::Type;
use std::io::{self, Read, Write};
use std::sync::Arc;

/// Rows that are in memory at a time, and in one row group.
const ROWS: usize = 16_384;
/// The entry of the file's metadata that holds the dictionary of its columns, as JSON.
pub const DICTIONARY: &str = "preau.columns";

/// Writes the rows of a CSV file with these columns.
///
/// # Errors
/// When the CSV file is not of these columns, or the disk says no.
pub fn write<W: Write + Send, R: Read>(out: W, mut rows: csv::Reader<R>, columns: &[Column]) -> Result<(), io::Error> {
    let there: Vec<String> = rows.headers()?.iter().map(str::to_owned).collect();
    if !there.iter().eq(columns.iter().map(|column| &column.name)) {
        return Err(io::Error::other("the CSV file has other columns than its dictionary"));
    }
    let mut file =
        SerializedFileWriter::new(out, schema(columns).map_err(other)?, properties(columns)).map_err(other)?;
    let mut records = rows.records();
    loop {
        let batch: Vec<csv::StringRecord> = records.by_ref().take(ROWS).collect::<Result<_, _>>()?;
        if batch.is_empty() {
            break;
        }
        let mut group = file.next_row_group().map_err(other)?;
        for (i, column) in columns.iter().enumerate() {
            let writer = group.next_column().map_err(other)?;
            let writer = writer.ok_or_else(|| io::Error::other("the file has fewer columns than its dictionary"))?;
            cells(writer, column, batch.iter().map(|row| row.get(i).unwrap_or("")))?;
        }
        group.close().map_err(other)?;
    }
    file.close().map_err(other)?;
    Ok(())
}

fn other(error: ParquetError) -> io::Error {
    match error {
        // A full disk is to be told as such.
        ParquetError::External(source) => match source.downcast::<io::Error>() {
            Ok(source) => *source,
            Err(source) => io::Error::other(source),
        },
        error => io::Error::other(error),
    }
}

fn schema(columns: &[Column]) -> Result<Arc<Type>, ParquetError> {
    let field = |column: &Column| {
        let (physical, logical) = match column.form {
            Form::Whole => (Physical::INT64, None),
            Form::Number => (Physical::DOUBLE, None),
            Form::Text => (Physical::BYTE_ARRAY, Some(LogicalType::String)),
        };
        let builder = Type::primitive_type_builder(&column.name, physical);
        let builder = builder.with_repetition(Repetition::OPTIONAL).with_logical_type(logical);
        builder.build().map(Arc::new)
    };
    let fields = columns.iter().map(field).collect::<Result<_, _>>()?;
    Type::group_type_builder("table")
        .with_fields(fields)
        .build()
        .map(Arc::new)
}

fn properties(columns: &[Column]) -> Arc<WriterProperties> {
    let dictionary: Vec<_> = columns
        .iter()
        .map(|c| serde_json::json!({"name": c.name, "unit": c.unit, "meaning": c.meaning}))
        .collect();
    let dictionary = serde_json::Value::from(dictionary).to_string();
    Arc::new(
        WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .set_created_by(format!("preau {}", env!("CARGO_PKG_VERSION")))
            .set_key_value_metadata(Some(vec![KeyValue::new(DICTIONARY.to_owned(), dictionary)]))
            .build(),
    )
}

fn cells<'a>(
    writer: SerializedColumnWriter<'_>,
    column: &Column,
    texts: impl Iterator<Item = &'a str>,
) -> Result<(), io::Error> {
    let wrong = |text: &str| io::Error::other(format!("column '{}': '{text}' is no number", column.name));
    match column.form {
        Form::Whole => put::<Int64Type>(writer, texts, |text| text.parse().map_err(|_| wrong(text))),
        Form::Number => put::<DoubleType>(writer, texts, |text| text.parse().map_err(|_| wrong(text))),
        Form::Text => put::<ByteArrayType>(writer, texts, |text| Ok(ByteArray::from(text.as_bytes().to_vec()))),
    }
}

/// Empty cells are nulls: they have a level of 0 and no value.
fn put<'a, T: DataType>(
    mut writer: SerializedColumnWriter<'_>,
    texts: impl Iterator<Item = &'a str>,
    value: impl Fn(&str) -> Result<T::T, io::Error>,
) -> Result<(), io::Error> {
    let (mut levels, mut values) = (Vec::new(), Vec::new());
    for text in texts {
        levels.push(i16::from(!text.is_empty()));
        if !text.is_empty() {
            values.push(value(text)?);
        }
    }
    let typed = writer.typed::<T>();
    typed.write_batch(&values, Some(&levels), None).map_err(other)?;
    writer.close().map_err(other)
}

#[cfg(test)]
mod tests {
    use super::*;
    use parquet::file::reader::{FileReader, SerializedFileReader};
    use parquet::record::Field;

    fn columns() -> Vec<Column> {
        let column = |name: &str, form| Column {
            name: name.into(),
            form,
            unit: "h".into(),
            meaning: format!("what {name} is"),
        };
        vec![
            column("point", Form::Whole),
            column("keeps a <= 2:low", Form::Number),
            column("why, \"quoted\"", Form::Text),
        ]
    }

    fn made(rows: usize) -> (String, Vec<u8>) {
        let mut text = "point,keeps a <= 2:low,\"why, \"\"quoted\"\"\"\n".to_owned();
        for i in 0..rows {
            let number = if i % 3 == 0 {
                String::new()
            } else {
                format!("{}", 0.1 * i as f64)
            };
            let why = if i % 2 == 0 { "" } else { "\"été, \"\"x\"\"\"" };
            text.push_str(&format!("{i},{number},{why}\n"));
        }
        let mut bytes = Vec::new();
        write(&mut bytes, csv::Reader::from_reader(text.as_bytes()), &columns()).unwrap();
        (text, bytes)
    }

    #[test]
    fn every_cell_is_read_back_over_several_row_groups() {
        for rows in [0, 1, ROWS + 5] {
            let (text, bytes) = made(rows);
            assert_eq!(made(rows).1, bytes, "same bytes every time");
            let mut file = tempfile::tempfile().unwrap();
            file.write_all(&bytes).unwrap();
            let reader = SerializedFileReader::new(file).unwrap();
            let mut csv = csv::Reader::from_reader(text.as_bytes());
            let mut found = reader.get_row_iter(None).unwrap();
            let mut count = 0;
            for record in csv.records() {
                let (record, row) = (record.unwrap(), found.next().unwrap().unwrap());
                for ((name, field), text) in row.get_column_iter().zip(&record) {
                    match field {
                        Field::Null => assert_eq!(text, "", "{name}"),
                        Field::Long(v) => assert_eq!(*v, text.parse::<i64>().unwrap(), "{name}"),
                        Field::Double(v) => assert_eq!(v.to_bits(), text.parse::<f64>().unwrap().to_bits(), "{name}"),
                        Field::Str(v) => assert_eq!(v, text, "{name}"),
                        other => panic!("{name}: {other:?}"),
                    }
                }
                count += 1;
            }
            assert!(found.next().is_none() && count == rows);
            let metadata = reader.metadata().file_metadata();
            let entries = metadata.key_value_metadata().unwrap();
            let dictionary = entries.iter().find(|e| e.key == DICTIONARY).unwrap();
            let dictionary: serde_json::Value = serde_json::from_str(dictionary.value.as_ref().unwrap()).unwrap();
            assert_eq!(dictionary[1]["meaning"], "what keeps a <= 2:low is");
            assert_eq!(
                metadata.created_by(),
                Some(concat!("preau ", env!("CARGO_PKG_VERSION")))
            );
        }
    }

    #[test]
    fn what_does_not_fit_is_told_with_its_column() {
        let mut wrong = columns();
        wrong[2].form = Form::Number;
        let text = "point,keeps a <= 2:low,\"why, \"\"quoted\"\"\"\n1,2,three\n";
        let error = write(Vec::new(), csv::Reader::from_reader(text.as_bytes()), &wrong).unwrap_err();
        assert_eq!(error.to_string(), "column 'why, \"quoted\"': 'three' is no number");
        let error = write(Vec::new(), csv::Reader::from_reader("a\n1\n".as_bytes()), &wrong).unwrap_err();
        assert!(error.to_string().contains("other columns"), "{error}");
    }
}
