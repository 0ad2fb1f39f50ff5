//! Where the files of a result are written to and read from: a folder, or memory.

use super::FolderError;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// Takes the files of a result.
pub trait Shelf {
    /// Writes a file by a function.
    ///
    /// # Errors
    /// When it cannot be written.
    fn put(&self, file: &str, content: &mut dyn FnMut(&mut dyn Write) -> io::Result<()>) -> Result<(), FolderError>;
}

/// Has the files of a result.
pub trait Files {
    /// Opens a file for reading.
    ///
    /// # Errors
    /// When it is not there, or not readable.
    fn open(&self, file: &str) -> io::Result<Box<dyn Read>>;
    /// What to call it in errors.
    fn shown(&self, file: &str) -> PathBuf;
    /// Whether it is there.
    fn has(&self, file: &str) -> bool;
}

impl Files for &Path {
    fn open(&self, file: &str) -> io::Result<Box<dyn Read>> {
        Ok(Box::new(File::open(self.join(file))?))
    }

    fn shown(&self, file: &str) -> PathBuf {
        self.join(file)
    }

    fn has(&self, file: &str) -> bool {
        self.join(file).is_file()
    }
}

/// A result that is in no folder.
///
/// ```
/// use preau::output::{Files, Memory, Shelf};
/// let memory = Memory::default();
/// memory.put("a.csv", &mut |out| out.write_all(b"x\n1\n")).unwrap();
/// assert!(memory.has("a.csv") && memory.open("b.csv").is_err());
/// ```
#[derive(Debug, Default)]
pub struct Memory(Mutex<BTreeMap<String, Arc<[u8]>>>);

impl Memory {
    fn get(&self, file: &str) -> Option<Arc<[u8]>> {
        let files = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        files.get(file).cloned()
    }
}

impl Shelf for Memory {
    fn put(&self, file: &str, content: &mut dyn FnMut(&mut dyn Write) -> io::Result<()>) -> Result<(), FolderError> {
        let mut text = Vec::new();
        content(&mut text).map_err(|source| FolderError::Io {
            path: PathBuf::from(file),
            source,
        })?;
        let mut files = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        files.insert(file.to_owned(), text.into());
        Ok(())
    }
}

impl Files for Memory {
    fn open(&self, file: &str) -> io::Result<Box<dyn Read>> {
        let text = self.get(file).ok_or(io::ErrorKind::NotFound)?;
        Ok(Box::new(io::Cursor::new(text)))
    }

    fn shown(&self, file: &str) -> PathBuf {
        PathBuf::from(file)
    }

    fn has(&self, file: &str) -> bool {
        self.get(file).is_some()
    }
}
