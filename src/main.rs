//! Starts the command line, nothing else.

fn main() -> std::process::ExitCode {
    preau::cli::main()
}
