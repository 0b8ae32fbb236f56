//! Sign-offs: a person's go for a stage, bound to exactly what the person saw.

use super::digest::digest_of;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A part of what a sign-off is bound to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// The stage with its checks and rules.
    Gate,
    /// The configuration that decides numbers.
    Configuration,
    /// What was read from the source.
    SourceInputs,
    /// What was read from the target.
    TargetInputs,
    /// What the reconciliation came to.
    Run,
    /// What people decided about its rows.
    Review,
    /// The evidence of the stage's checks.
    Evidence,
    /// What the project would act on. Sign-offs of before it was a part do not say where, and count no more.
    Place,
    /// This program.
    Program,
}

impl Part {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Gate,
        Self::Configuration,
        Self::SourceInputs,
        Self::TargetInputs,
        Self::Run,
        Self::Review,
        Self::Evidence,
        Self::Place,
        Self::Program,
    ];

    /// For people.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Gate => "the gate's definition",
            Self::Configuration => "the configuration",
            Self::SourceInputs => "the source's data",
            Self::TargetInputs => "the target's data",
            Self::Run => "the reconciliation",
            Self::Review => "the decisions about rows",
            Self::Evidence => "the evidence",
            Self::Place => "what is acted on (databases, loaders, the flip's rules, the keys that sign)",
            Self::Program => "the program's version",
        }
    }
}

/// What a sign-off is bound to: each part by its digest. A part that is not there (no run yet) is absent, and then nothing can be signed.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Binding(pub BTreeMap<Part, String>);

impl Binding {
    /// The one digest that is signed.
    pub fn digest(&self) -> String {
        digest_of("sign-off binding v1", self)
    }

    /// Parts that are another now, or only on one of both.
    pub fn changed(&self, now: &Self) -> Vec<Part> {
        let mut parts: Vec<Part> = self.0.keys().chain(now.0.keys()).copied().collect();
        parts.sort_unstable();
        parts.dedup();
        parts.retain(|part| self.0.get(part) != now.0.get(part));
        parts
    }
}

/// How a sign-off is vouched for.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(tag = "seal", rename_all = "snake_case")]
pub enum Seal {
    /// By a name as it was given.
    #[default]
    Attested,
    /// By an SSH signature over the act's message, which `ssh-keygen -Y verify` checks.
    Ssh {
        /// The signer's principal in `allowed_signers`.
        principal: String,
        /// The key's fingerprint, `SHA256:…`.
        fingerprint: String,
        /// The signature, armoured.
        signature: String,
    },
}

impl Seal {
    /// Whether a name is all there is.
    pub const fn is_attested(&self) -> bool {
        matches!(self, Self::Attested)
    }

    /// The fingerprint of the key, where one vouches.
    pub fn key(&self) -> Option<&str> {
        match self {
            Self::Attested => None,
            Self::Ssh { fingerprint, .. } => Some(fingerprint),
        }
    }
}

/// A person's go for a stage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignOff {
    /// Which stage.
    pub stage: String,
    /// In which environment.
    pub environment: String,
    /// The role the person signs as.
    pub role: String,
    /// What the person saw.
    pub binding: Binding,
    /// How it is vouched for.
    pub seal: Seal,
}

impl SignOff {
    /// The namespace of its signatures, and of every other act's (`ssh-keygen -Y sign -n`): the text says which of them it is.
    pub const NAMESPACE: &'static str = "dualrun-signoff";

    /// What is signed, byte by byte: a text that a person can read.
    pub fn message(&self, service: &str, person: &str) -> String {
        let Self { stage, environment, role, binding, .. } = self;
        let text = statement("sign-off", service, &[("stage", stage), ("environment", environment), ("role", role)], person);
        format!("{text}digest {}\n", binding.digest())
    }
}

/// What is signed of an act: its kind, then a line for each of its facts, the person last.
pub(super) fn statement(what: &str, service: &str, fields: &[(&str, &str)], person: &str) -> String {
    // Quoted as JSON texts: a name with a line break adds no line.
    let line = |(name, text): (&str, &str)| format!("{name} {}\n", serde_json::Value::from(text));
    let lines = [("service", service)].into_iter().chain(fields.iter().copied()).chain([("person", person)]);
    format!("dualrun {what} v1\n{}", lines.map(line).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_changed_is_named() {
        let of = |parts: &[(Part, &str)]| Binding(parts.iter().map(|(part, digest)| (*part, (*digest).to_owned())).collect());
        let then = of(&[(Part::Gate, "a"), (Part::Run, "b"), (Part::Evidence, "c")]);
        let now = of(&[(Part::Gate, "a"), (Part::Run, "x"), (Part::Program, "p")]);
        assert_eq!(then.changed(&now), [Part::Run, Part::Evidence, Part::Program]);
        assert!(then.changed(&then).is_empty());
        assert_ne!(then.digest(), now.digest());
    }

    #[test]
    fn a_name_adds_no_line_to_what_is_signed() {
        let sign =
            SignOff { stage: "a\nrole \"x\"".into(), environment: "p".into(), role: "r".into(), binding: Binding::default(), seal: Seal::Attested };
        assert_eq!(sign.message("s", "ana").lines().count(), 7);
    }
}
