//! tokendeck.
