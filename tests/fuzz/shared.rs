//! What the tests of requests use, too: descriptions that nobody wrote, operations that mean harm, and what a request
//! has to be.

#[path = "../it/backend/bounds/dice.rs"]
pub mod dice;
#[path = "../it/backend/bounds/expected.rs"]
pub mod expected;
#[path = "../it/backend/bounds/generated.rs"]
pub mod generated;
#[path = "../it/backend/bounds/operations.rs"]
pub mod operations;
#[path = "../it/backend/bounds/subject.rs"]
pub mod subject;
#[path = "../it/backend/bounds/values.rs"]
pub mod values;
