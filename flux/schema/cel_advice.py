"""What to do about a CEL rule: its message says what is wrong, and not always what to write."""

import re
from collections.abc import Mapping
from typing import Any

from flux.listing import either

_ADVICE = (
    # part of the rule, what to do
    ("has(self.chartRef)", "Write exactly one of chart and chartRef"),
    ("has(self.configMapRef) || has(self.secretRef)", "Write configMapRef or secretRef below it"),
    ("!has(self.configMapRef) || !has(self.secretRef)", "Remove configMapRef or secretRef"),
    ("self.name != 'RemediateOnFailure'", "Write name: RetryOnFailure, or remove retryInterval"),
    ("self.name == 'RetryOnFailure'", "Write name: RetryOnFailure, or remove retryInterval"),
    ("has(self.interval) || !has(self.digestReflectionPolicy)", "Add interval, such as interval: 10m"),
    ("!has(self.interval) || (has(self.digestReflectionPolicy)", "Add digestReflectionPolicy: Always, or remove interval"),
    ("self.sourceRef.kind == 'HelmRepository'", "Remove verify, or refer to a HelmRepository"),
    ("has(self.pathPattern) && size(self.pathPattern) > 0 ||", "Name the artifacts in lower-case letters, digits, dashes and dots"),
    ("!has(self.commitStatusExpr)", "Remove commitStatusExpr, or choose one of these types"),
    ("self.type != 'generic-oidc' || (has(self.oidcProviders)", "Add oidcProviders with the issuerURL of at least one"),
    ("self.type == 'generic-oidc' || !has(self.oidcProviders)", "Write type: generic-oidc, or remove oidcProviders"),
    ("self.type != 'generic-oidc' || !has(self.secretRef)", "Remove secretRef"),
    ("self.type == 'generic-oidc' || has(self.secretRef)", "Add secretRef: {name: …} of the Secret with the token"),
    ("!has(self.secretRef) || !has(self.serviceAccountName)", "Remove secretRef or serviceAccountName"),
    (
        "self.provider != 'generic' || !has(self.serviceAccountName)",
        "Write the provider, such as provider: aws, or remove serviceAccountName",
    ),
    ("self.provider == 'aws' || self.provider == 'generic' || !has(self.sts)", "Remove sts, or write provider: aws or generic"),
    ("!has(self.sts) || self.sts.provider == 'aws'", "Write sts.provider: aws"),
    ("!has(self.sts) || self.sts.provider == 'ldap'", "Write sts.provider: ldap"),
    ("!has(self.sts.secretRef)", "Remove sts.secretRef"),
    ("!has(self.sts.certSecretRef)", "Remove sts.certSecretRef"),
)


def advice(rule: Mapping[str, Any], value: Any) -> str:
    """What to do so that `rule` holds for `value`, as a sentence."""
    text = " ".join(str(rule["rule"]).split())
    allowed = re.fullmatch(r"!has\(self\.serviceAccountName\) \|\| \(has\(self\.provider\) && (.*)\)", text)
    if allowed:
        providers = re.findall(r"'(\w+)'", allowed.group(1))
        return f"Write provider: {either(providers)}, or remove serviceAccountName."
    for part, what in _ADVICE:
        if part in text:
            return f"{what}."
    named = list(dict.fromkeys(re.findall(r"\bself\.(\w+)", text)))
    there = [name for name in named if isinstance(value, Mapping) and name in value]
    return f"Change {either(there or named)}." if named else "Change it so that the rule holds."
