//! What happens to an inventory: pages come, rows change, a list replaces another.

mod rows;

use std::sync::Arc;

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use tokendeck::app::filter::FilterJob;
use tokendeck::app::inventory::{Inventory, Row};
use tokendeck::domain::{State, Token};

fn benches(criterion: &mut Criterion) {
    criterion
        .bench_function("page/push 1000 rows", |bench| bench.iter(|| rows::page(&mut rows::Numbers::new(), 0, 1000)));
    for (name, count) in [("100k", 100_000), ("1M", 1_000_000)] {
        let inventory = rows::inventory(count);
        let mut group = criterion.benchmark_group(format!("inventory/{name}"));
        group.sample_size(10);
        let page = Arc::new(rows::page(&mut rows::Numbers::new(), count, 1000));
        group.bench_function("extend by a page", |bench| bench.iter(|| inventory.extend(page.clone())));
        let number = |n: usize| Row(u32::try_from(n).expect("small"));
        let revoked: Vec<Token> = (0..10_000)
            .filter_map(|n| inventory.token(number(n * (count / 10_000))))
            .map(|token| Token { state: State::Revoked, ..token })
            .collect();
        let put = |mut inventory: Inventory| {
            for token in &revoked {
                inventory = inventory.put(&rows::context(), token).0;
            }
            inventory
        };
        group.bench_function("put 10,000 in sequence", |bench| bench.iter(|| put(inventory.clone())));
        let changed = put(inventory.clone());
        group.bench_function("put one more", |bench| bench.iter(|| changed.put(&rows::context(), &revoked[77])));
        group.bench_function("merge 10,000 changes", |bench| bench.iter(|| changed.merged()));
        let now = jiff::Timestamp::from_second(rows::NOW).expect("in range");
        let first = FilterJob::all(inventory.clone(), now);
        let view = Arc::new(first.clone().run(2));
        for (what, now) in [("a page", inventory.extend(page.clone())), ("10,000 changes", changed.clone())] {
            let job = FilterJob { inventory: now, previous: Some(view.clone()), ..first.clone() };
            group.bench_function(format!("view after {what}"), |bench| {
                bench.iter_batched(|| job.clone(), |job| job.run(2), BatchSize::PerIteration);
            });
        }
        let key = inventory.key(number(count / 2)).expect("a row");
        group.bench_function("find by identity", |bench| bench.iter(|| inventory.find(&key)));
        group.bench_function("unique end of an id", |bench| bench.iter(|| inventory.unique_id_end(number(count / 2))));
        group
            .bench_function("rows with the same label", |bench| bench.iter(|| inventory.same_label(number(count / 2))));
        group.bench_function("look-alikes", |bench| bench.iter(|| inventory.alike(&rows::context(), "rnodern")));
        let pages: Vec<_> =
            (0..count / 1000).map(|at| Arc::new(rows::page(&mut rows::Numbers::new(), at * 1000, 1000))).collect();
        group.bench_function("replace by as many rows", |bench| {
            bench.iter_batched(
                || pages.clone(),
                |pages| inventory.replace(&rows::context(), pages, &[]),
                BatchSize::PerIteration,
            );
        });
        group.finish();
    }
}

criterion_group!(inventory, benches);
criterion_main!(inventory);
