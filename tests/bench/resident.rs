//! How much memory an inventory takes: prints the resident set at some sizes, with a view of all rows.

mod rows;

use std::sync::Arc;

use tokendeck::app::filter::FilterJob;

/// Returns the resident set and its highest value, in MiB.
fn resident() -> (u64, u64) {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let kib = |name: &str| {
        let line = status.lines().find(|line| line.starts_with(name)).unwrap_or_default();
        line.split_whitespace().nth(1).and_then(|kib| kib.parse::<u64>().ok()).unwrap_or(0)
    };
    (kib("VmRSS:") / 1024, kib("VmHWM:") / 1024)
}

#[expect(clippy::print_stdout, reason = "a bench prints its figures")]
fn main() {
    println!("before: {:?} MiB resident, highest", resident());
    let now = jiff::Timestamp::from_second(rows::NOW).expect("in range");
    for count in [100_000, 1_000_000] {
        let inventory = rows::inventory(count);
        println!("{count} rows: {:?} MiB", resident());
        let mut job = FilterJob::all(inventory, now);
        let view = Arc::new(job.clone().run(2));
        job.previous = Some(view.clone());
        println!("{count} rows and the view of them: {:?} MiB", resident());
        job.query = Arc::new(tokendeck::domain::Query::parse("a", now).expect("a query"));
        let filtered = job.clone().run(2);
        println!("{count} rows, a view and a filtered one ({} rows): {:?} MiB", filtered.rows.len(), resident());
    }
}
