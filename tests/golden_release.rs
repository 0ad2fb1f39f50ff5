//! The built program draws what the table says: it is compiled apart from the tests, and crates it shares with them may
//! have been given other features.

use assert_cmd::Command;

#[test]
fn the_program_draws_what_the_table_says() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden_draws.txt");
    let golden = std::fs::read_to_string(path).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_preau"))
        .arg("golden")
        .output()
        .unwrap();
    assert!(output.status.success());
    let printed = String::from_utf8(output.stdout).unwrap();
    for (now, then) in printed.lines().zip(golden.lines()) {
        assert_eq!(now, then);
    }
    assert_eq!(printed.lines().count(), golden.lines().count());
}
