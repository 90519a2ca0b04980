//! The shapes that are known. The one place of the program that names services.

use super::Checksum::{self, Crc32OfAll, Crc32OfRest, Jwt};
use super::Class::{Alnum, Base64, Digits, Dotted, Hex, Letters, Lower, Upper, Word};
use super::Piece::{self, Maybe, Run, Text};
use super::{Bare, Class, Shape, Strength};

/// What may follow a value of Vault or `OpenBao` that belongs to a namespace.
const NAMESPACE: Piece = Maybe(&[Text("."), Run(Alnum, 4, 8)]);

const fn shape(issuer: &'static str, kind: &'static str, prefix: &'static str, rest: &'static [Piece]) -> Shape {
    Shape { issuer, kind, prefix, rest, before: None, holds: None, checksum: None, strength: Strength::Plain }
}

impl Shape {
    const fn checked(self, checksum: Checksum) -> Self {
        Self { checksum: Some(checksum), ..self }
    }

    const fn weak(self) -> Self {
        Self { strength: Strength::Weak, ..self }
    }

    const fn holding(self, text: &'static str) -> Self {
        Self { holds: Some(text), ..self }
    }

    const fn behind(self, class: Class, length: usize) -> Self {
        Self { before: Some((class, length)), ..self }
    }
}

/// Every known shape, by issuer. Which one counts where several fit is decided by the length of what they fit.
pub(super) const SHAPES: &[Shape] = &[
    shape(
        "tokendeck serve",
        "token",
        "tdk_",
        &[Run(Lower, 1, 1), Text("_"), Run(Alnum, 13, 13), Text("_"), Run(Alnum, 49, 49)],
    )
    .checked(Crc32OfAll),
    shape("1Password", "service account token", "ops_eyJ", &[Run(Base64, 250, 4096)]),
    shape("age", "secret key", "AGE-SECRET-KEY-1", &[Run(Upper, 58, 58)]),
    shape("Anthropic", "admin key", "sk-ant-admin01-", &[Run(Word, 95, 95)]),
    shape("Anthropic", "API key", "sk-ant-api03-", &[Run(Word, 95, 95)]),
    shape("Appetize", "API token", "tok_", &[Run(Word, 16, 128)]).weak(),
    shape("Artifactory", "API key", "AKCp", &[Run(Alnum, 69, 69)]),
    shape("Artifactory", "reference token", "cmVmd", &[Run(Alnum, 59, 59)]),
    shape("Atlassian", "API token", "ATATT3", &[Run(Base64, 186, 186)]),
    shape("AWS", "access key id", "AKIA", &[Run(Upper, 16, 16)]),
    shape("AWS", "access key id", "ASIA", &[Run(Upper, 16, 16)]),
    shape("AWS", "access key id", "ABIA", &[Run(Upper, 16, 16)]),
    shape("AWS", "access key id", "ACCA", &[Run(Upper, 16, 16)]),
    shape("AWS", "access key id", "A3T", &[Run(Upper, 17, 17)]),
    shape("Cloudflare", "account token", "cfat_", &[Run(Word, 30, 80)]),
    shape("Cloudflare", "origin CA key", "v1.0-", &[Run(Hex, 24, 24), Text("-"), Run(Hex, 146, 146)]),
    shape("Cloudflare", "user token", "cfut_", &[Run(Word, 30, 80)]),
    shape("crates.io", "API token", "cio", &[Run(Alnum, 32, 32)]),
    shape("Databricks", "access token", "dapi", &[Run(Hex, 32, 32), Maybe(&[Text("-"), Run(Digits, 1, 1)])]),
    shape("DigitalOcean", "OAuth token", "doo_v1_", &[Run(Hex, 64, 64)]),
    shape("DigitalOcean", "personal access token", "dop_v1_", &[Run(Hex, 64, 64)]),
    shape("DigitalOcean", "refresh token", "dor_v1_", &[Run(Hex, 64, 64)]),
    shape("Docker Hub", "organization access token", "dckr_oat_", &[Run(Word, 20, 64)]),
    shape("Docker Hub", "personal access token", "dckr_pat_", &[Run(Word, 20, 64)]),
    shape("Doppler", "token", "dp.pt.", &[Run(Alnum, 43, 43)]),
    shape("Dynatrace", "token", "dt0c01.", &[Run(Alnum, 24, 24), Text("."), Run(Alnum, 64, 64)]),
    shape("Fly.io", "access token", "fo1_", &[Run(Word, 43, 43)]),
    shape("Fly.io", "access token", "fm1a_", &[Run(Base64, 100, 4096)]),
    shape("Fly.io", "access token", "fm1r_", &[Run(Base64, 100, 4096)]),
    shape("Fly.io", "access token", "fm2_", &[Run(Base64, 100, 4096)]),
    shape("GitHub", "App server token", "ghs_", &[Run(Alnum, 36, 36)]).checked(Crc32OfRest),
    shape("GitHub", "App user token", "ghu_", &[Run(Alnum, 36, 36)]).checked(Crc32OfRest),
    shape("GitHub", "fine-grained personal access token", "github_pat_", &[Run(Word, 82, 82)]),
    shape("GitHub", "OAuth token", "gho_", &[Run(Alnum, 36, 36)]).checked(Crc32OfRest),
    shape("GitHub", "personal access token (classic)", "ghp_", &[Run(Alnum, 36, 36)]).checked(Crc32OfRest),
    shape("GitHub", "refresh token", "ghr_", &[Run(Alnum, 36, 76)]),
    shape("GitLab", "agent token", "glagent-", &[Run(Word, 50, 50)]),
    shape("GitLab", "CI job token", "glcbt-", &[Run(Word, 20, 64)]),
    shape("GitLab", "deploy token", "gldt-", &[Run(Word, 20, 20)]),
    shape("GitLab", "feature flags client token", "glffct-", &[Run(Word, 20, 20)]),
    shape("GitLab", "feed token", "glft-", &[Run(Word, 20, 90)]),
    shape("GitLab", "incoming mail token", "glimt-", &[Run(Word, 25, 25)]),
    shape("GitLab", "OAuth application secret", "gloas-", &[Run(Word, 64, 64)]),
    shape("GitLab", "personal, project or group access token", "glpat-", &[Run(Word, 20, 20)]),
    shape(
        "GitLab",
        "personal, project or group access token",
        "glpat-",
        &[Run(Word, 27, 300), Text("."), Run(Alnum, 9, 9)],
    ),
    shape("GitLab", "pipeline trigger token", "glptt-", &[Run(Hex, 40, 40)]),
    shape("GitLab", "runner authentication token", "glrt-", &[Run(Word, 20, 60)]),
    shape("GitLab", "runner authentication token", "glrt-", &[Run(Word, 27, 300), Text("."), Run(Alnum, 9, 9)]),
    shape("GitLab", "runner registration token", "GR1348941", &[Run(Word, 20, 20)]),
    shape("GitLab", "SCIM token", "glsoat-", &[Run(Word, 20, 20)]),
    shape("Google", "API key", "AIza", &[Run(Word, 35, 35)]),
    shape("Grafana", "API key (legacy)", "eyJrIjoi", &[Run(Base64, 70, 400)]),
    shape("Grafana", "service account token", "glsa_", &[Run(Alnum, 32, 32), Text("_"), Run(Hex, 8, 8)]),
    shape("Grafana Cloud", "access policy token", "glc_", &[Run(Base64, 32, 400)]),
    shape(
        "Harness",
        "personal access token",
        "pat.",
        &[Run(Word, 22, 22), Text("."), Run(Hex, 24, 24), Text("."), Run(Alnum, 20, 20)],
    ),
    shape(
        "Harness",
        "service account token",
        "sat.",
        &[Run(Word, 22, 22), Text("."), Run(Hex, 24, 24), Text("."), Run(Alnum, 20, 20)],
    ),
    shape("Heroku", "API key", "HRKU-AA", &[Run(Word, 58, 58)]),
    shape("Hugging Face", "organization token", "api_org_", &[Run(Letters, 34, 34)]),
    shape("Hugging Face", "user token", "hf_", &[Run(Letters, 34, 34)]),
    shape("Infracost", "API key", "ico-", &[Run(Alnum, 32, 32)]),
    shape("Linear", "API key", "lin_api_", &[Run(Alnum, 40, 40)]),
    shape("NetBox", "token (version 2)", "nbt_", &[Run(Alnum, 12, 12), Text("."), Run(Alnum, 40, 40)]),
    shape("New Relic", "browser key", "NRJS-", &[Run(Hex, 19, 19)]),
    shape("New Relic", "insert key", "NRII-", &[Run(Word, 32, 32)]),
    shape("New Relic", "user key", "NRAK-", &[Run(Alnum, 27, 27)]),
    shape("Notion", "integration token", "ntn_", &[Run(Digits, 11, 11), Run(Alnum, 35, 35)]),
    shape("npm", "access token", "npm_", &[Run(Alnum, 36, 36)]).checked(Crc32OfRest),
    shape("Octopus Deploy", "API key", "API-", &[Run(Upper, 26, 26)]),
    shape("Okta", "API token", "00", &[Run(Word, 40, 40)]).weak(),
    shape("OpenAI", "admin key", "sk-admin-", &[Run(Word, 40, 300)]).holding("T3BlbkFJ"),
    shape("OpenAI", "project key", "sk-proj-", &[Run(Word, 40, 300)]).holding("T3BlbkFJ"),
    shape("OpenAI", "service account key", "sk-svcacct-", &[Run(Word, 40, 300)]).holding("T3BlbkFJ"),
    shape("OpenAI", "user key (legacy)", "sk-", &[Run(Alnum, 48, 48)]).holding("T3BlbkFJ"),
    shape("OpenBao / Vault (old)", "batch token", "b.", &[Run(Word, 24, 1024), NAMESPACE]).weak(),
    shape("OpenBao / Vault (old)", "recovery token", "r.", &[Run(Alnum, 24, 300), NAMESPACE]).weak(),
    shape("OpenBao / Vault (old)", "service token", "s.", &[Run(Alnum, 24, 300), NAMESPACE]).weak(),
    shape("OpenShift", "OAuth token", "sha256~", &[Run(Word, 43, 43)]),
    shape("PlanetScale", "API token", "pscale_tkn_", &[Run(Dotted, 32, 64)]),
    shape("PlanetScale", "OAuth token", "pscale_oauth_", &[Run(Dotted, 32, 64)]),
    shape("PlanetScale", "password", "pscale_pw_", &[Run(Dotted, 32, 64)]),
    shape("Postman", "API key", "PMAK-", &[Run(Hex, 24, 24), Text("-"), Run(Hex, 34, 34)]),
    shape("Prefect", "API key", "pnu_", &[Run(Alnum, 36, 36)]),
    shape("Pulumi", "access token", "pul-", &[Run(Hex, 40, 40)]),
    shape("PyPI", "API token", "pypi-AgEIcHlwaS5vcmc", &[Run(Word, 50, 1000)]),
    shape("ReadMe", "API key", "rdme_", &[Run(Alnum, 70, 70)]),
    shape("RubyGems", "API key", "rubygems_", &[Run(Hex, 48, 48)]),
    shape("SendGrid", "API key", "SG.", &[Run(Dotted, 66, 66)]),
    shape("Sentry", "organization token", "sntrys_eyJ", &[Run(Base64, 60, 1024)]),
    shape("Sentry", "user token", "sntryu_", &[Run(Hex, 64, 64)]),
    shape("Shopify", "access token", "shpat_", &[Run(Hex, 32, 32)]),
    shape("Shopify", "custom app token", "shpca_", &[Run(Hex, 32, 32)]),
    shape("Shopify", "private app token", "shppa_", &[Run(Hex, 32, 32)]),
    shape("Shopify", "shared secret", "shpss_", &[Run(Hex, 32, 32)]),
    shape("Slack", "app token", "xapp-", &[Run(Word, 20, 250)]),
    shape("Slack", "bot token", "xoxb-", &[Run(Word, 20, 250)]),
    shape("Slack", "configuration token", "xoxe-", &[Run(Word, 20, 250)]),
    shape("Slack", "configuration token", "xoxe.xoxb-", &[Run(Word, 20, 250)]),
    shape("Slack", "configuration token", "xoxe.xoxp-", &[Run(Word, 20, 250)]),
    shape("Slack", "user token", "xoxp-", &[Run(Word, 20, 250)]),
    shape("Sourcegraph", "access token", "sgp_", &[Run(Hex, 40, 40)]),
    shape("Sourcegraph", "access token", "sgp_", &[Run(Hex, 16, 16), Text("_"), Run(Hex, 40, 40)]),
    shape("Sourcegraph", "access token", "sgp_local_", &[Run(Hex, 40, 40)]),
    shape("Stripe", "restricted key", "rk_live_", &[Run(Alnum, 10, 250)]),
    shape("Stripe", "restricted test key", "rk_test_", &[Run(Alnum, 10, 250)]),
    shape("Stripe", "secret key", "sk_live_", &[Run(Alnum, 10, 250)]),
    shape("Stripe", "test key", "sk_test_", &[Run(Alnum, 10, 250)]),
    shape("Tailscale", "API token", "tskey-api-", &[Run(Alnum, 6, 40), Text("-"), Run(Alnum, 16, 80)]),
    shape("Tailscale", "auth key", "tskey-auth-", &[Run(Alnum, 6, 40), Text("-"), Run(Alnum, 16, 80)]),
    shape("Tailscale", "OAuth client secret", "tskey-client-", &[Run(Alnum, 6, 40), Text("-"), Run(Alnum, 16, 80)]),
    shape("Terraform Cloud", "API token", ".atlasv1.", &[Run(Word, 60, 70)]).behind(Alnum, 14),
    shape("Vault / OpenBao", "batch token", "hvb.", &[Run(Word, 24, 1024), NAMESPACE]),
    shape("Vault / OpenBao", "recovery token", "hvr.", &[Run(Word, 24, 300), NAMESPACE]),
    shape("Vault / OpenBao", "service token", "hvs.", &[Run(Word, 24, 300), NAMESPACE]),
    shape(
        "",
        "JSON Web Token",
        "ey",
        &[Run(Word, 10, 8192), Text("."), Run(Word, 4, 8192), Text("."), Run(Word, 4, 8192)],
    )
    .checked(Jwt),
];

/// Forms without a prefix, which only say who may have made them.
pub(super) const BARE: &[Bare] = &[
    Bare { name: "uuid", words: "a UUID, as Consul and Nomad use", groups: &[8, 4, 4, 4, 12] },
    Bare { name: "32 hex", words: "32 hex digits, as JupyterHub uses", groups: &[32] },
    Bare { name: "40 hex", words: "40 hex digits, as Gitea uses, or a hash of git", groups: &[40] },
    Bare { name: "64 hex", words: "64 hex digits, as Linode and Zabbix use, or a SHA-256", groups: &[64] },
];
