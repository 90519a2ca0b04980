//! The order in which a run goes through its tokens.

use std::collections::{HashMap, HashSet};

use crate::app::modal::{Frozen, own_token};
use crate::app::model::Model;
use crate::domain::{ContextName, TokenId};

/// How far parents are followed: a chain that is longer goes in a circle.
const FAR: usize = 64;

/// Puts children before their parents where both were chosen, and the operator's own credential last; what it hangs
/// below goes right before it, since it dies with that.
pub(super) fn sort(model: &Model, context: &ContextName, tokens: &mut [Frozen]) {
    let parents: HashMap<TokenId, TokenId> =
        tokens.iter().filter_map(|frozen| Some((frozen.token.id.clone(), frozen.token.parent.clone()?))).collect();
    let own: Vec<TokenId> = tokens.iter().filter(|frozen| frozen.own).map(|frozen| frozen.token.id.clone()).collect();
    let own = own.into_iter().chain(own_token(model, context).cloned());
    let above: HashSet<TokenId> = own.flat_map(|own| ancestors(model, context, &own)).collect();
    let depth = |frozen: &Frozen| {
        let mut at = &frozen.token.id;
        (0..FAR).take_while(|_| parents.get(at).map(|parent| at = parent).is_some()).count()
    };
    tokens.sort_by_cached_key(|frozen| {
        let last = if frozen.own { 2 } else { u8::from(above.contains(&frozen.token.id)) };
        (last, std::cmp::Reverse(depth(frozen)))
    });
}

/// Returns what a token hangs below, as the list tells.
fn ancestors(model: &Model, context: &ContextName, id: &TokenId) -> Vec<TokenId> {
    let inventory = &model.tokens.inventory;
    let parent = |id: &TokenId| {
        let row = inventory.find_id(context, id.raw())?;
        TokenId::parse(inventory.get(row)?.parent()?.raw()).ok()
    };
    std::iter::successors(parent(id), parent).take(FAR).collect()
}
