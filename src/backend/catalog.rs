//! The descriptions that come with the program.

/// The names and texts of the built-in descriptions, in alphabetical order.
const BUILT_IN: [(&str, &str); 32] = [
    ("appetize", include_str!("../../assets/backends/appetize.toml")),
    ("cloudflare", include_str!("../../assets/backends/cloudflare.toml")),
    ("cloudflare-account", include_str!("../../assets/backends/cloudflare-account.toml")),
    ("consul", include_str!("../../assets/backends/consul.toml")),
    ("crates-io", include_str!("../../assets/backends/crates-io.toml")),
    ("defender", include_str!("../../assets/backends/defender.toml")),
    ("dockerhub", include_str!("../../assets/backends/dockerhub.toml")),
    ("dockerhub-org", include_str!("../../assets/backends/dockerhub-org.toml")),
    ("gitea", include_str!("../../assets/backends/gitea.toml")),
    ("github-org", include_str!("../../assets/backends/github-org.toml")),
    ("gitlab", include_str!("../../assets/backends/gitlab.toml")),
    ("gitlab-group", include_str!("../../assets/backends/gitlab-group.toml")),
    ("gitlab-project", include_str!("../../assets/backends/gitlab-project.toml")),
    ("grafana", include_str!("../../assets/backends/grafana.toml")),
    ("harbor", include_str!("../../assets/backends/harbor.toml")),
    ("harbor-project", include_str!("../../assets/backends/harbor-project.toml")),
    ("jupyterhub", include_str!("../../assets/backends/jupyterhub.toml")),
    ("keystone", include_str!("../../assets/backends/keystone.toml")),
    ("layer5", include_str!("../../assets/backends/layer5.toml")),
    ("linode", include_str!("../../assets/backends/linode.toml")),
    ("netbox", include_str!("../../assets/backends/netbox.toml")),
    ("nomad", include_str!("../../assets/backends/nomad.toml")),
    ("npm", include_str!("../../assets/backends/npm.toml")),
    ("okta", include_str!("../../assets/backends/okta.toml")),
    ("openbao", include_str!("../../assets/backends/openbao.toml")),
    ("synapse", include_str!("../../assets/backends/synapse.toml")),
    ("synapse-devices", include_str!("../../assets/backends/synapse-devices.toml")),
    ("tailscale", include_str!("../../assets/backends/tailscale.toml")),
    ("tokendeck", include_str!("../../assets/backends/tokendeck.toml")),
    ("utho", include_str!("../../assets/backends/utho.toml")),
    ("verdaccio", include_str!("../../assets/backends/verdaccio.toml")),
    ("zabbix", include_str!("../../assets/backends/zabbix.toml")),
];

/// Returns the names of the built-in descriptions, in alphabetical order.
pub fn names() -> impl Iterator<Item = &'static str> {
    BUILT_IN.iter().map(|(name, _)| *name)
}

/// Returns the text of a built-in description.
pub fn builtin(name: &str) -> Option<&'static str> {
    BUILT_IN.iter().find(|(built_in, _)| *built_in == name).map(|(_, text)| *text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::Plan;

    #[test]
    fn every_built_in_description_is_without_mistake_and_bears_its_name() {
        for name in names() {
            let plan = Plan::check(name, builtin(name).expect("it is listed"));
            assert_eq!(plan.expect("no mistakes").name(), name);
        }
    }
}
