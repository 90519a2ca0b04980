//! What may happen to a token between its making and its end, each with its audit event.

use super::{
    access::{Actor, Caller},
    keys::Keys,
    problem::{Kind as Refusal, Problem},
    role::{Kind, Role, Roles, Scope},
    store::{Change, NewToken, Token, User, below, insert, user, user_named},
    value::{self, Minted},
};

/// A token as asked for.
#[derive(Clone, Debug)]
pub(crate) struct Draft {
    pub(crate) label: String,
    pub(crate) description: String,
    pub(crate) roles: Roles,
    pub(crate) scope: Scope,
    pub(crate) kind: Kind,
    /// `None`: the caller's owner.
    pub(crate) owner: Option<String>,
    /// `None`: never.
    pub(crate) expires: Option<i64>,
    /// The token that it hangs on, if any.
    pub(crate) parent: Option<String>,
}

/// What of a token is to be changed; `None` leaves it.
#[derive(Clone, Debug)]
pub(crate) struct Edit {
    pub(crate) label: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) expires: Expiry,
}

/// What becomes of an expiry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Expiry {
    /// It stays.
    Kept,
    /// There is none any more.
    Never,
    /// It is this moment.
    At(i64),
}

/// Which way a token is switched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Switch {
    Disable,
    Enable,
}

/// What a revocation ended.
pub(crate) struct Revoked {
    pub(crate) already: bool,
    pub(crate) also: Vec<String>,
}

/// Makes a token; answers its id and its value.
///
/// # Errors
/// 403 for more than the caller holds, 422 for an owner or parent that cannot be.
pub(crate) fn create(
    change: &Change<'_>,
    pepper: &Keys,
    caller: &Caller,
    draft: &Draft,
) -> Result<(String, Minted), Problem> {
    caller.require(Role::Developer, "creating tokens")?;
    caller.require(draft.roles.highest(), "granting this role")?;
    if draft.scope == Scope::Organization {
        caller.require(Role::Admin, "creating organization tokens")?;
    }
    let owner = owner(change, caller, draft)?;
    check_parent(change, caller, draft)?;
    let id = value::new_id()?;
    let minted = value::mint(draft.kind, &id)?;
    let token = NewToken {
        id: &id,
        mac: pepper.tag(&[minted.value.as_bytes()]),
        pepper: pepper.version(),
        kind: draft.kind,
        scope: draft.scope,
        owner: owner.id,
        creator: &caller.token.owner_name,
        roles: draft.roles,
        last4: minted.last4(),
        label: &draft.label,
        description: &draft.description,
        created: change.now,
        expires: draft.expires,
        parent: draft.parent.as_deref(),
    };
    insert(change.connection, &token)?;
    let detail = format!("{} token with {}", draft.scope.name(), draft.roles.words());
    record(change, &caller.actor(), "token.created", &known(change, &id)?, &detail)?;
    Ok((id, minted))
}

/// Changes label, description or expiry.
///
/// # Errors
/// 409 for a revoked token.
pub(crate) fn edit(change: &Change<'_>, actor: &Actor, token: &Token, edit: &Edit) -> Result<(), Problem> {
    require_unrevoked(token)?;
    let mut statement = change.connection.prepare_cached(
        "UPDATE tokens SET label = coalesce(?, label), description = coalesce(?, description), \
         expires = CASE WHEN ? THEN ? ELSE expires END, version = version + 1 WHERE seq = ?",
    )?;
    let (changed, expires) = match edit.expires {
        Expiry::Kept => (false, None),
        Expiry::Never => (true, None),
        Expiry::At(moment) => (true, Some(moment)),
    };
    statement.execute((&edit.label, &edit.description, changed, expires, token.seq))?;
    let parts = [
        edit.label.is_some().then_some("label"),
        edit.description.is_some().then_some("description"),
        changed.then_some("expiry"),
    ];
    let detail = format!("changed: {}", parts.into_iter().flatten().collect::<Vec<_>>().join(", "));
    record(change, actor, "token.edited", token, &detail)
}

/// Gives the token a new value; the old one and the refresh tokens below are dead with this change.
///
/// # Errors
/// 409 for a token that is revoked or expired.
pub(crate) fn rotate(
    change: &Change<'_>,
    pepper: &Keys,
    actor: &Actor,
    token: &Token,
) -> Result<(Minted, Vec<String>), Problem> {
    require_unrevoked(token)?;
    if token.expires.is_some_and(|end| end <= change.now) {
        return Err(Problem::new(Refusal::NotLive, "the token has expired; renew it first"));
    }
    let minted = value::mint(token.kind, &token.id)?;
    let mac = pepper.tag(&[minted.value.as_bytes()]);
    let mut statement = change
        .connection
        .prepare_cached("UPDATE tokens SET mac = ?, pepper = ?, last4 = ?, version = version + 1 WHERE seq = ?")?;
    statement.execute((mac, pepper.version(), minted.last4(), token.seq))?;
    let mut also = Vec::new();
    for id in below(change.connection, &token.id)? {
        let child = known(change, &id)?;
        if child.kind == Kind::Refresh {
            end(change, actor, &child, &format!("with the rotation of {}", token.id))?;
            also.push(id);
        }
    }
    let detail = format!("new value {}; ends {} below it", value::masked(token.kind, minted.last4()), also.len());
    record(change, actor, "token.rotated", token, &detail)?;
    Ok((minted, also))
}

/// Disables or enables; what is so already stays as it is, without an event.
///
/// # Errors
/// 409 for a revoked token.
pub(crate) fn switch(change: &Change<'_>, actor: &Actor, token: &Token, to: Switch) -> Result<(), Problem> {
    require_unrevoked(token)?;
    let (disabled, action) = match to {
        Switch::Disable => (Some(change.now), "token.disabled"),
        Switch::Enable => (None, "token.enabled"),
    };
    if disabled.is_some() == token.disabled {
        return Ok(());
    }
    let mut statement =
        change.connection.prepare_cached("UPDATE tokens SET disabled = ?, version = version + 1 WHERE seq = ?")?;
    statement.execute((disabled, token.seq))?;
    record(change, actor, action, token, "")
}

/// Ends the token and everything below it.
///
/// # Errors
/// When the database refuses.
pub(crate) fn revoke(change: &Change<'_>, actor: &Actor, token: &Token) -> Result<Revoked, Problem> {
    if token.revoked {
        return Ok(Revoked { already: true, also: Vec::new() });
    }
    let also = below(change.connection, &token.id)?;
    end(change, actor, token, &format!("ends {} below it", also.len()))?;
    for id in &also {
        end(change, actor, &known(change, id)?, &format!("with {}", token.id))?;
    }
    Ok(Revoked { already: false, also })
}

fn end(change: &Change<'_>, actor: &Actor, token: &Token, detail: &str) -> Result<(), Problem> {
    let mut statement =
        change.connection.prepare_cached("UPDATE tokens SET revoked = ?, version = version + 1 WHERE seq = ?")?;
    statement.execute((change.now, token.seq))?;
    record(change, actor, "token.revoked", token, detail)
}

fn record(change: &Change<'_>, actor: &Actor, action: &str, token: &Token, detail: &str) -> Result<(), Problem> {
    change.record(actor, action, Some((&token.face(), token.scope)), detail)
}

fn known(change: &Change<'_>, id: &str) -> Result<Token, Problem> {
    Token::find(change.connection, id)?.ok_or_else(|| Problem::not_found("token"))
}

fn require_unrevoked(token: &Token) -> Result<(), Problem> {
    if token.revoked { Err(Problem::new(Refusal::NotLive, "the token is revoked")) } else { Ok(()) }
}

fn owner(change: &Change<'_>, caller: &Caller, draft: &Draft) -> Result<User, Problem> {
    let found = match &draft.owner {
        None => Some(user(change.connection, caller.token.owner)?),
        Some(name) if *name == caller.token.owner_name => user_named(change.connection, name)?,
        Some(name) => {
            caller.require(Role::Admin, "creating tokens for others")?;
            user_named(change.connection, name)?
        }
    };
    match found {
        Some(user) if user.removed.is_none() => Ok(user),
        Some(user) => Err(Problem::value("owner", format!("{} was removed", user.name))),
        None => Err(Problem::value("owner", "there is no such user")),
    }
}

fn check_parent(change: &Change<'_>, caller: &Caller, draft: &Draft) -> Result<(), Problem> {
    let Some(id) = &draft.parent else {
        return match draft.kind {
            Kind::Access => Ok(()),
            Kind::Refresh => Err(Problem::value("parent", "a refresh token hangs on an access token")),
        };
    };
    let parent =
        caller.visible(change.connection, id).map_err(|_| Problem::value("parent", "there is no such token"))?;
    if parent.kind != Kind::Access || !parent.is_live(change.now) {
        return Err(Problem::value("parent", "it is no access token that lives"));
    }
    if draft.roles.highest() > parent.roles.highest() {
        return Err(Problem::value("roles", "a token never holds more than the one it hangs on"));
    }
    Ok(())
}
