//! The first draws of everything, bit for bit. A change here changes the numbers of every run: it needs an entry in the changelog,
//! and `PREAU_BLESS=1 cargo test --test golden_draws` writes the new table.
//!
//! This binary is built with the test dependencies. The release binary must print the same table: see the pin of `num-traits` in Cargo.toml.

use std::fs;
use std::path::Path;

#[test]
fn draws_have_not_moved() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden_draws.txt");
    let table = preau::engine::golden_table();
    if std::env::var_os("PREAU_BLESS").is_some() {
        fs::write(&path, &table).unwrap();
    }
    let golden = fs::read_to_string(&path).unwrap_or_default();
    for (now, then) in table.lines().zip(golden.lines()) {
        assert_eq!(now, then);
    }
    assert_eq!(table.lines().count(), golden.lines().count());
}
