//! Filtering and sorting: a typed character must be on screen within 5 ms at 100,000 rows, 25 ms at 1,000,000.

mod rows;

use std::sync::Arc;

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use jiff::Timestamp;
use tokendeck::app::filter::{Column, Direction, FilterJob, Sort, View};
use tokendeck::domain::Query;

fn now() -> Timestamp {
    Timestamp::from_second(rows::NOW).expect("in range")
}

fn job(view: &Arc<View>, start: &FilterJob, text: &str) -> FilterJob {
    let query = Arc::new(Query::parse(text, now()).expect("a query"));
    FilterJob { query, previous: Some(view.clone()), ..start.clone() }
}

fn benches(criterion: &mut Criterion) {
    for (name, count) in [("100k", 100_000), ("1M", 1_000_000)] {
        let inventory = rows::inventory(count);
        let start = FilterJob::all(inventory, now());
        let all = Arc::new(start.clone().run(2));
        let start = FilterJob { previous: Some(all.clone()), ..start };
        let mut group = criterion.benchmark_group(format!("filter/{name}"));
        group.sample_size(20);
        let lines = [
            ("", "a"),
            ("", "e"),
            ("", "z"),
            ("", "-"),
            ("", "qu"),
            ("", "admin"),
            ("", "status:inactive"),
            ("", "used>90d"),
            ("", "status:inactive role:admin used>90d \"-ci\" created<2026-01-05"),
            ("q", "qu"),
            ("qu", "qui"),
            ("qui", "quin"),
            ("quin", "quinn"),
            ("quinn", "quin"),
        ];
        for (before, after) in lines.into_iter().filter(|(_, line)| *line != "-") {
            let view = Arc::new(job(&all, &start, before).run(2));
            for threads in [1, 2] {
                group.bench_function(format!("{before:?} to {after:?}, {threads} threads"), |bench| {
                    bench.iter_batched(|| job(&view, &start, after), |job| job.run(threads), BatchSize::PerIteration);
                });
            }
        }
        for column in Column::ALL {
            let sort = Sort { column, direction: Direction::Ascending };
            group.bench_function(format!("sort by {column:?}"), |bench| {
                let job = FilterJob { sort, ..start.clone() };
                bench.iter_batched(|| job.clone(), |job| job.run(2), BatchSize::PerIteration);
            });
        }
        let mut row = 0;
        group.bench_function("position of a row", |bench| {
            bench.iter(|| {
                row = (row + 7919) % all.rows.len();
                all.position(all.rows[row])
            });
        });
        group.finish();
    }
}

criterion_group!(filter, benches);
criterion_main!(filter);
