//! tokendeck.
fn main() {}
