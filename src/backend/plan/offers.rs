//! What a plan says to the screen: what can be done, and what is asked for.

use crate::backend::encode;
use crate::backend::site::Site;
use crate::backend::template::Hole;
use crate::domain::{Capabilities, Offer, OwnerChoice, RoleChoice, Rotation, Support};

use super::{Auth, Plan};

impl Plan {
    /// Returns what the backend can do, for the screen.
    pub fn capabilities(&self) -> Capabilities {
        let offers = |word: &str| support(self.calls.contains_key(word));
        let mentions = |word: &str, wanted: fn(&Hole) -> bool| {
            support(self.calls.get(word).is_some_and(|call| call.mentions(wanted)))
        };
        let names_scope = mentions("create", |hole| *hole == Hole::Scope).offered();
        Capabilities {
            backend: self.name.to_string(),
            title: self.title.to_string(),
            docs: self.docs.to_string(),
            closed: self.words.unavailable.clone(),
            unlisted: self.unlisted().map(str::to_owned),
            unproved: self.unproved().map(str::to_owned),
            inputs: self.inputs.clone(),
            whoami: offers("self"),
            health: offers("health"),
            get: offers("get"),
            create: offers("create"),
            edit_label: mentions("edit", |hole| *hole == Hole::Label),
            edit_expiry: mentions("edit", |hole| matches!(hole, Hole::Expires(_))),
            rotate: if self.calls.contains_key("rotate") { Rotation::InPlace } else { Rotation::Emulated },
            renew: offers("renew"),
            revoke: offers("revoke"),
            identify: offers("identify"),
            // A value that goes with somebody's name is refused for the name, too.
            tries: support(
                self.calls.contains_key("self") && self.login.is_none() && matches!(self.auth, Auth::Header { .. }),
            ),
            revoke_value: offers("revoke_value"),
            value: self.value.clone(),
            disable: support(self.calls.contains_key("disable") && self.calls.contains_key("enable")),
            events: offers("events"),
            notices: offers("notices"),
            reports_use: support(self.token.last_used.is_some()),
            reports_expiry: support(self.token.expires.is_some()),
            choose_label: mentions("create", |hole| *hole == Hole::Label),
            choose_roles: match (
                mentions("create", |hole| matches!(hole, Hole::Roles | Hole::RolesIn(_) | Hole::RolesWithBlanks)),
                mentions("create", Hole::is_of_roles),
            ) {
                (Support::Yes, _) => RoleChoice::Several,
                (Support::No, Support::Yes) => RoleChoice::One,
                (Support::No, Support::No) => RoleChoice::None,
            },
            choose_owner: self.owner_choice(),
            choose_expiry: mentions("create", |hole| matches!(hole, Hole::Expires(_))),
            longest: self.calls.get("create").and_then(|call| call.longest.as_deref().map(str::to_owned)),
            scopes: if names_scope { self.words.scopes.clone() } else { Vec::new() },
            roles: self.words.roles.clone(),
            role_families: self.words.role_families.clone(),
            connections: self.words.connections as usize,
            extent: self.words.extent,
            not_listed: self.words.not_listed.clone(),
            use_freshness: self.words.use_freshness.clone(),
            revoke_takes: self.words.revoke_takes.clone(),
            irreversible: self.words.irreversible.clone(),
            delay: self.words.delay.clone(),
            budget: self.words.budget,
        }
    }

    /// Returns what the backend can do at a place: the parameters of its context may say who a new token is for.
    pub fn capabilities_at(&self, site: &Site) -> Capabilities {
        let capabilities = self.capabilities();
        let by_parent = self.calls.get("create").is_some_and(|call| call.mentions(|hole| *hole == Hole::Each));
        let choose_owner = match encode::only(self, site).filter(|_| by_parent) {
            Some(parent) => OwnerChoice::Otherwise(parent),
            None => capabilities.choose_owner,
        };
        Capabilities { choose_owner, ..capabilities }
    }

    /// Returns the backend as one that a context can be made for, under a name.
    pub fn offer(&self, name: &str) -> Offer {
        Offer {
            name: name.to_owned(),
            title: self.title.to_string(),
            docs: self.docs.to_string(),
            closed: self.words.unavailable.clone(),
            params: self.params.clone(),
            inputs: self.inputs.clone(),
        }
    }

    /// Returns who a new token can be for: somebody has to be named where the request is none without it.
    fn owner_choice(&self) -> OwnerChoice {
        let Some(create) = self.calls.get("create") else { return OwnerChoice::None };
        let in_path = create.path.has(|hole| matches!(hole, Hole::Owner | Hole::Each));
        let by_parent = create.mentions(|hole| *hole == Hole::Each);
        if in_path || by_parent {
            return OwnerChoice::Needed;
        }
        if create.mentions(|hole| *hole == Hole::Owner) { OwnerChoice::Free } else { OwnerChoice::None }
    }
}

fn support(offered: bool) -> Support {
    if offered { Support::Yes } else { Support::No }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::backend::catalog;
    use crate::domain::RoleFamily;

    fn plan(name: &str) -> Plan {
        Plan::check(name, catalog::builtin(name).expect("it is built in")).expect("no mistakes")
    }

    /// What a new token can be told at a place with these parameters.
    fn at(name: &str, params: &[(&str, &str)]) -> Capabilities {
        let plan = plan(name);
        let params: BTreeMap<_, _> = params.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
        plan.capabilities_at(&Site::new(&plan, "https://example.org", &params).expect("a lawful place"))
    }

    #[test]
    fn a_new_token_is_told_what_the_description_sends() {
        let told = |name: &str, params: &[(&str, &str)]| {
            let able = at(name, params);
            (able.choose_label.offered(), able.choose_roles, able.choose_owner, able.choose_expiry.offered())
        };
        let named = OwnerChoice::Otherwise("ana".to_owned());
        for (found, wanted) in [
            (told("openbao", &[]), (true, RoleChoice::Several, OwnerChoice::Free, true)),
            (told("tokendeck", &[]), (true, RoleChoice::Several, OwnerChoice::Free, true)),
            (told("gitlab", &[]), (true, RoleChoice::Several, OwnerChoice::Needed, true)),
            (told("jupyterhub", &[]), (true, RoleChoice::Several, OwnerChoice::Needed, true)),
            (told("jupyterhub", &[("user", "ana")]), (true, RoleChoice::Several, named, true)),
            (told("appetize", &[]), (true, RoleChoice::One, OwnerChoice::None, false)),
            (told("netbox", &[]), (true, RoleChoice::One, OwnerChoice::None, true)),
            (told("verdaccio", &[]), (false, RoleChoice::One, OwnerChoice::None, false)),
        ] {
            assert_eq!(found, wanted);
        }
        assert_eq!(at("tokendeck", &[]).scopes.len(), 2);
    }

    #[test]
    fn a_service_that_makes_or_ends_nothing_gives_no_new_secrets() {
        let rotates = |name: &str| plan(name).capabilities().rotates();
        assert!(rotates("gitlab") && rotates("openbao"));
        assert!(!rotates("defender") && !rotates("npm"));
    }

    #[test]
    fn a_value_is_tried_only_where_it_is_all_that_is_sent() {
        let tries = |name: &str| plan(name).capabilities().tries.offered();
        assert!(tries("tokendeck") && tries("jupyterhub") && tries("openbao"));
        assert!(!tries("gitea"), "it goes with a user's name");
        assert!(!tries("github-org") && !tries("netbox"), "nothing tells whose it is");
    }

    #[test]
    fn a_role_is_known_by_its_name_before_how_it_is_written() {
        let family = |like: &str, admin| RoleFamily { like: like.to_owned(), admin };
        let mut able = plan("tokendeck").capabilities();
        let unknown = |able: &Capabilities| ["deploy", "ci-admin", ""].map(|role| able.is_admin(role));
        assert_eq!(unknown(&able), [true, true, true], "what is not described is taken with care");
        able.role_families =
            vec![family("*", false), family("*admin*", true), family("rea*", true), family("*der", false)];
        assert_eq!(unknown(&able), [false, true, false]);
        assert!(able.is_admin("admin") && !able.is_admin("reader"), "by name");
        assert!(able.is_admin("reaper-der"), "of two that say as much the careful one");
        assert!(able.any_admin(Some(["deploy", "ci-admin"])) && !able.any_admin(Some(["deploy"])));
        assert!(able.any_admin(None::<[&str; 0]>), "roles that are not reported");
    }

    #[test]
    fn what_is_admin_is_told_by_how_it_is_written() {
        let admin = |backend: &str, role: &str| plan(backend).capabilities().is_admin(role);
        for (backend, harmless, admins) in [
            (
                "jupyterhub",
                &["read:users!user", "read:users!user=ana", "list:users", "access:servers!user=ana", "tokens!user=ana"]
                    [..],
                &[
                    "admin:users",
                    "admin:servers!user=ana",
                    "admin-ui",
                    "inherit",
                    "tokens",
                    "servers",
                    "users",
                    "proxy",
                ][..],
            ),
            (
                "openbao",
                &["default", "ci-deploy", "team-a"],
                &["root", "admin", "vault-admins", "sudo-lists", "superuser", "rootlike"],
            ),
            // Without a word of the description nothing is harmless.
            ("linode", &["volumes:read_only"], &["*", "volumes:read_write", "something"]),
        ] {
            for role in harmless {
                assert!(!admin(backend, role), "{backend} {role}");
            }
            for role in admins {
                assert!(admin(backend, role), "{backend} {role}");
            }
        }
    }

    #[test]
    fn an_offer_says_what_is_asked_for_and_why_it_is_closed() {
        let offer = plan("gitea").offer("mine");
        assert_eq!((offer.name.as_str(), offer.closed), ("mine", None));
        assert!(offer.params.iter().any(|param| &*param.name == "user" && param.required));
        assert!(offer.inputs.iter().any(|input| &*input.name == "otp"));
        assert!(plan("defender").offer("defender").closed.is_some());
    }
}
