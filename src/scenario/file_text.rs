//! The text of a file that somebody wrote, or why it has none: in words for people, not in those of the system.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// No file that is written by hand is longer. A device or a wrong file may never end.
const LONGEST: u64 = 1 << 26;

/// Reads a model, or a file about one.
///
/// # Errors
/// When the system says no, or what is there is a folder, no text in UTF-8 (with the place of the first byte that is none), or without end.
pub fn file_text(path: &Path) -> io::Result<String> {
    let mut bytes = Vec::new();
    let file = File::open(path)?;
    // Some systems open a folder as a file, and fail only at its first byte.
    if file.metadata().is_ok_and(|it| it.is_dir()) {
        return Err(io::Error::new(
            io::ErrorKind::IsADirectory,
            "it is a folder, not a file",
        ));
    }
    file.take(LONGEST + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LONGEST {
        let words = format!("it is longer than {} MB, as no file of this kind is", LONGEST >> 20);
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, words));
    }
    String::from_utf8(bytes).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, why(error.as_bytes())))
}

/// Why bytes are no text.
fn why(bytes: &[u8]) -> String {
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return "it is text in UTF-16; save it as UTF-8".to_owned();
    }
    let good = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => std::str::from_utf8(&bytes[..error.valid_up_to()]).unwrap_or_default(),
    };
    let line = good.matches('\n').count() + 1;
    let column = good.chars().rev().take_while(|c| *c != '\n').count() + 1;
    format!("it is not text in UTF-8 from line {line}, column {column} on; save it as UTF-8")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_text_is_told_in_words() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("mine.ron");
        let said = |bytes: &[u8]| {
            std::fs::write(&path, bytes).unwrap();
            file_text(&path).map_err(|error| error.to_string())
        };
        assert_eq!(said("(title: \"é\")".as_bytes()).unwrap(), "(title: \"é\")");
        assert_eq!(
            said(b"\xff\xfe(\0)\0").unwrap_err(),
            "it is text in UTF-16; save it as UTF-8"
        );
        // An accent as an old editor saves it.
        let latin = said(b"(\n  title: \"\xe9\",\n)").unwrap_err();
        assert_eq!(
            latin,
            "it is not text in UTF-8 from line 2, column 11 on; save it as UTF-8"
        );
        assert_eq!(
            said(b"caf\xc3").unwrap_err(),
            "it is not text in UTF-8 from line 1, column 4 on; save it as UTF-8"
        );
        let error = file_text(folder.path()).unwrap_err();
        assert_eq!(error.to_string(), "it is a folder, not a file");
        assert_eq!(
            file_text(&folder.path().join("none")).unwrap_err().kind(),
            io::ErrorKind::NotFound
        );
    }

    #[test]
    #[cfg(unix)]
    fn what_has_no_end_is_not_read_to_it() {
        let error = file_text(Path::new("/dev/zero")).unwrap_err();
        assert!(error.to_string().starts_with("it is longer than 64 MB"), "{error}");
    }
}
