//! What keeps others from reading the memory of the process.

/// Forbids core dumps, and debuggers and `/proc` to everybody but root. What cannot be forbidden is logged by nobody:
/// a system that knows no such thing is no reason not to start.
pub fn harden() {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, setrlimit};
        let _ = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) });
    }
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{DumpableBehavior, set_dumpable_behavior};
        let _ = set_dumpable_behavior(DumpableBehavior::NotDumpable);
    }
}
