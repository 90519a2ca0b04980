//! Decoding a page into columns, against `serde_json` into plain structs that do nothing with the rows: such that own
//! their text, as the columns do, and such that borrow it from the page and are gone with that.

use std::fmt::Write as _;
use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use serde::Deserialize;
use tokendeck::backend::{Plan, catalog, decode_page};
use tokendeck::domain::{ContextName, RawPage};

/// A page of structs whose text is of this kind.
#[expect(dead_code, reason = "read from JSON, which is what is measured")]
#[derive(Deserialize)]
struct Body<T> {
    tokens: Vec<Plain<T>>,
    next_cursor: Option<T>,
}

#[expect(dead_code, reason = "read from JSON, which is what is measured")]
#[derive(Deserialize)]
struct Plain<T> {
    id: T,
    label: T,
    kind: T,
    scope: T,
    owner: T,
    owner_removed: bool,
    creator: T,
    roles: Vec<T>,
    masked: T,
    created: T,
    last_used: Option<T>,
    last_used_from: Option<T>,
    use_count: u64,
    expires: Option<T>,
    status: T,
    parent: Option<T>,
    disabled: bool,
    description: T,
    version: u64,
}

/// Writes a page as the embedded backend does.
fn page(rows: usize) -> RawPage {
    let mut body = String::from(r#"{"tokens":["#);
    for row in 0..rows {
        let comma = if row > 0 { "," } else { "" };
        let (day, hour, owner) = (1 + row % 28, row % 24, row % 97);
        let role = ["reader", "developer", "admin"][row % 3];
        let used = if row % 4 == 0 {
            r#"null,"last_used_from":null"#.to_owned()
        } else {
            format!(r#""2026-10-{day:02}T{hour:02}:10:00Z","last_used_from":"10.0.{owner}.7""#)
        };
        write!(
            body,
            r#"{comma}{{"id":"4fJq{row:09}","label":"ci deploy {row}","kind":"access","scope":"user","owner":"user-{owner}","owner_removed":false,"creator":"operator","roles":["{role}"],"masked":"tdk_a_****x{hour:02}z","created":"2026-01-{day:02}T{hour:02}:00:00Z","last_used":{used},"use_count":{row},"expires":"2027-05-{day:02}T00:00:00Z","status":"active","parent":null,"disabled":false,"description":"","version":1}}"#,
        )
        .expect("a string takes all");
    }
    body.push_str(r#"],"next_cursor":null}"#);
    RawPage::of_rows(None, body.into_bytes())
}

fn decoding(criterion: &mut Criterion) {
    let text = catalog::builtin("tokendeck").expect("it is built in");
    let plan = Plan::check("tokendeck", text).expect("it is without mistake");
    let context = ContextName::parse("prod").expect("a lawful name");
    for rows in [1000, 100_000] {
        let page = page(rows);
        let mut group = criterion.benchmark_group("decode_page");
        group.throughput(Throughput::Bytes(page.body.len() as u64));
        if rows > 1000 {
            group.sample_size(10);
        }
        group.bench_function(BenchmarkId::new("columns", rows), |bencher| {
            bencher.iter(|| decode_page(&plan, &context, black_box(&page)).expect("it is lawful"));
        });
        group.bench_function(BenchmarkId::new("structs that own", rows), |bencher| {
            bencher.iter(|| serde_json::from_slice::<Body<String>>(black_box(&page.body)).expect("it is lawful"));
        });
        group.bench_function(BenchmarkId::new("structs that borrow", rows), |bencher| {
            bencher.iter(|| serde_json::from_slice::<Body<&str>>(black_box(&page.body)).expect("it is lawful"));
        });
        group.finish();
    }
}

criterion_group!(benches, decoding);
criterion_main!(benches);
