//! What goes wrong between the program and a server that keeps its word: no claim of the program contradicts what the
//! server holds, whatever is lost, torn, late, doubled or made up on the way, and nothing waits for ever.

#[cfg(target_os = "linux")]
mod disk;
mod judge;
mod kills;
mod kind;
mod lies;
mod proxy;
mod speech;
mod sweep;
mod trial;
mod wire;
