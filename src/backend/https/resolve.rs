//! Names to addresses, by the system, with an error of our own: "no such host" is told from "no route".

use std::fmt;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

/// Asks the system.
#[derive(Debug)]
pub(super) struct System;

impl Resolve for System {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let Ok(addresses) = tokio::net::lookup_host((name.as_str(), 0)).await else {
                return Err(UnknownHost.into());
            };
            // The iterator borrows the name: take what it holds.
            Ok(Box::new(addresses.collect::<Vec<_>>().into_iter()) as Addrs)
        })
    }
}

/// The name has no address.
#[derive(Debug)]
pub(super) struct UnknownHost;

impl fmt::Display for UnknownHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name has no address")
    }
}

impl std::error::Error for UnknownHost {}
