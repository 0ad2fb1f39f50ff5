//! Texts of Préau: a file as a tree whose every value knows its place, and what is wrong with it, drawn with a caret.
//!
//! It knows no model: which fields there are, and what they mean, is `preau::scenario`'s, which gives out what people need of
//! this. It is a crate of its own because it sees every character of every file, at every point of a sweep anew: it is compiled
//! for speed, what reads its trees is not.
//!
//! ```
//! use preau_text::{SourceText, tree::parse};
//! let (name, text) = ("a.ron".to_owned(), "(bin: \"5 min\", bin: \"1 h\")".to_owned());
//! let (tree, problems) = parse(&SourceText { name, text }.into());
//! assert_eq!(tree.unwrap().group().unwrap().keys(), ["bin", "bin"]);
//! assert_eq!((problems[0].line(), problems[0].column()), (1, 16));
//! ```

mod diagnostic;
mod place;
pub mod tree;

pub use diagnostic::{ALIKE, Diagnostic, Diagnostics, likeness, list, nearest, suggest, wrapped};
pub use place::{Place, SourceText};
