"""What to do about a CEL rule: its message says what is wrong, and not always what to write."""

import re
from collections.abc import Mapping
from typing import Any

_ADVICE = (
    # part of the rule, what to do
    ("has(self.chartRef)", "write exactly one of chart and chartRef"),
    ("has(self.configMapRef) || has(self.secretRef)", "write configMapRef or secretRef below it"),
    ("!has(self.configMapRef) || !has(self.secretRef)", "remove configMapRef or secretRef"),
    ("self.name != 'RemediateOnFailure'", "write name: RetryOnFailure, or remove retryInterval"),
    ("self.name == 'RetryOnFailure'", "write name: RetryOnFailure, or remove retryInterval"),
    ("has(self.interval) || !has(self.digestReflectionPolicy)", "add interval, such as interval: 10m"),
    ("!has(self.interval) || (has(self.digestReflectionPolicy)", "add digestReflectionPolicy: Always, or remove interval"),
    ("self.sourceRef.kind == 'HelmRepository'", "remove verify, or refer to a HelmRepository"),
    ("has(self.pathPattern) && size(self.pathPattern) > 0 ||", "name the artifacts in lower-case letters, digits, dashes and dots"),
    ("!has(self.commitStatusExpr)", "remove commitStatusExpr, or choose one of these types"),
    ("self.type != 'generic-oidc' || (has(self.oidcProviders)", "add oidcProviders with the issuerURL of at least one"),
    ("self.type == 'generic-oidc' || !has(self.oidcProviders)", "write type: generic-oidc, or remove oidcProviders"),
    ("self.type != 'generic-oidc' || !has(self.secretRef)", "remove secretRef"),
    ("self.type == 'generic-oidc' || has(self.secretRef)", "add secretRef: {name: …} of the Secret with the token"),
    ("!has(self.secretRef) || !has(self.serviceAccountName)", "remove secretRef or serviceAccountName"),
    (
        "self.provider != 'generic' || !has(self.serviceAccountName)",
        "write the provider, such as provider: aws, or remove serviceAccountName",
    ),
    ("self.provider == 'aws' || self.provider == 'generic' || !has(self.sts)", "remove sts, or write provider: aws or generic"),
    ("!has(self.sts) || self.sts.provider == 'aws'", "write sts.provider: aws"),
    ("!has(self.sts) || self.sts.provider == 'ldap'", "write sts.provider: ldap"),
    ("!has(self.sts.secretRef)", "remove sts.secretRef"),
    ("!has(self.sts.certSecretRef)", "remove sts.certSecretRef"),
)


def advice(rule: Mapping[str, Any], value: Any) -> str:
    """What to do so that `rule` holds for `value`."""
    text = " ".join(str(rule["rule"]).split())
    allowed = re.fullmatch(r"!has\(self\.serviceAccountName\) \|\| \(has\(self\.provider\) && (.*)\)", text)
    if allowed:
        providers = re.findall(r"'(\w+)'", allowed.group(1))
        return f"write provider: {' or '.join(providers)}, or remove serviceAccountName"
    for part, what in _ADVICE:
        if part in text:
            return what
    named = list(dict.fromkeys(re.findall(r"\bself\.(\w+)", text)))
    there = [name for name in named if isinstance(value, Mapping) and name in value]
    return f"change {' or '.join(there or named)}" if named else "change it so that the rule holds"
