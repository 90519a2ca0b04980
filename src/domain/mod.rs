//! The values every layer speaks of. No I/O, no clock, no wire format.

mod bits;
mod capability;
mod context;
mod failure;
mod name;
mod number;
mod offer;
mod operation;
mod page;
mod paging;
mod query;
mod record;
pub mod retry;
mod secret;
mod status;
pub(crate) mod token;
mod unsettled;
mod untrusted;

pub use bits::Bits;
pub use capability::{Budget, Capabilities, Extent, OwnerChoice, RoleChoice, RoleSpec, Rotation, Support};
pub use context::{Access, Context, CredentialSource, Protection};
pub use failure::{Failure, FailureKind, Reached};
pub use name::{CallId, ContextName, Cursor, InvalidName, Nonce, Origin, TokenId};
pub(crate) use number::{index, number};
pub use offer::{Input, Offer, Param};
pub use operation::{Answer, Change, Draft, Event, EventKind, Events, Health, Identity, Issued, Operation, Reply};
pub(crate) use page::Moments;
pub use page::{Holds, OwnerRef, Page, PageBuilder, RawPage, Scope, Search, Sought, Stamp, StatusRule, TokenRow, fold};
pub use paging::{Advance, Partial, Place, Progress};
pub use query::{Bound, Query, QueryError, Term, Test, Verdict, When};
pub use record::{Deed, Outcome, Record, RecordBody, Sequence};
pub use secret::Secret;
pub use status::{Status, status_of};
pub use token::{Expiry, LastUse, Owner, State, Token, TokenKey};
pub use unsettled::{Unsettled, Why, unsettled};
pub use untrusted::{Untrusted, escape};
