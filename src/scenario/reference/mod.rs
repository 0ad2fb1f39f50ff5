//! placeholder
/// x
pub struct Unknown;
/// x
pub fn explain(_: &str) -> Result<String, Unknown> {
    Err(Unknown)
}
/// x
pub fn reference_page() -> String {
    String::new()
}
