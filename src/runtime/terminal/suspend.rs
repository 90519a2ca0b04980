//! Stopping for the shell, and coming back.

/// What is to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// This process: somebody sent it a signal to stop.
    Process,
    /// Everything in the foreground with it, as the terminal itself would do: somebody pressed the key.
    Group,
}

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stopped {
    /// The terminal is the shell's, and we stop.
    Stopping,
    /// There is no shell that could continue it: nothing was done.
    NoShell,
}

/// Asks to be stopped, where a shell could continue us; what a screen shows is given back before.
///
/// # Errors
/// When it cannot be stopped.
pub fn pause(what: Stop) -> std::io::Result<Stopped> {
    if !has_shell() {
        return Ok(Stopped::NoShell);
    }
    stop(what)?;
    Ok(Stopped::Stopping)
}

/// Asks to be stopped. Another thread may take the signal: this one may run on for a moment.
///
/// SIGSTOP rather than SIGTSTP: the handler that announces the latter would catch our own.
#[cfg(unix)]
pub(super) fn stop(what: Stop) -> std::io::Result<()> {
    use rustix::process::{Signal, getpid, kill_current_process_group, kill_process};
    match what {
        Stop::Process => kill_process(getpid(), Signal::STOP)?,
        Stop::Group => kill_current_process_group(Signal::STOP)?,
    }
    Ok(())
}

/// Tells whether a shell waits that could continue us.
///
/// A process group whose parent is of another session (`ssh host tokendeck`) is orphaned: the kernel would
/// ignore its SIGTSTP, and a SIGSTOP would stop it for good.
#[cfg(unix)]
pub(super) fn has_shell() -> bool {
    use rustix::process::{getpgrp, getppid, getsid};
    let Ok(session) = getsid(None) else { return false };
    getpgrp() != session && getppid().is_some_and(|parent| getsid(Some(parent)).is_ok_and(|of| of == session))
}

/// Does nothing: there is no job control here.
#[cfg(not(unix))]
pub(super) fn stop(_what: Stop) -> std::io::Result<()> {
    Ok(())
}

/// Tells that there is no job control here.
#[cfg(not(unix))]
pub(super) fn has_shell() -> bool {
    false
}
