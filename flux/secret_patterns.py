"""What gives a secret away by its form or by its place, and what is public although it looks random.

A form is a prefix that an issuer puts before its tokens. A place is a header, a login in a URL, a field or an option that is called
password or token: what stands there is hidden, whatever it looks like. Public are digests, identifiers, keys' public halves and names.
"""

import base64
import re

_AGE = "AGE-SECRET-" + "KEY-"
_ARMOUR = "-----BEGIN "


def _encoded(text: str) -> str:
    """How base64 of what begins with `text` begins."""
    return base64.b64encode(text.encode()).decode().rstrip("=")[: len(text) * 4 // 3]


PRIVATE_KEY_IN_BASE64 = "|".join(
    (_encoded(_AGE), *(_encoded(f"{_ARMOUR}{kind}PRIVATE KEY") for kind in ("", "RSA ", "EC ", "DSA ", "OPENSSH ", "ENCRYPTED ", "PGP ")))
)
"""As `client-key-data` of a kubeconfig has it."""
TOKENS = (
    rf"{_AGE}[A-Z0-9-]{{12,}}",
    rf"(?:{_encoded(_AGE)}|{_encoded(_ARMOUR)})[\w+/=-]*",
    r"\bgh[pousr]_\w{8,}",
    r"\bgithub_pat_\w+",
    r"\bgl(?:pat|dt|rt|cbt|ptt|ft|soat|imt|agent|oas|ffct)-[\w.-]+",
    r"\bxox[abeoprs]-[\w-]+",
    r"\bxapp-\d-[\w-]+",
    r"\b(?:AKIA|ASIA)[0-9A-Z]{12,}",
    r"\beyJ[\w-]{10,}[\w.-]*",
    r"\bhv[bsr]\.[\w-]{8,}",
    r"\bdckr_[po]at_[\w-]{8,}",
    r"\bnpm_\w{20,}",
    r"\bpypi-[\w-]{20,}",
    r"\bpul-[0-9a-f]{40}\b",
    r"\bAIza[\w-]{30,}",
    r"\bya29\.[\w-]{10,}",
    r"\bd[op][opr]_v1_\w{20,}",
)
"""age, the base64 of an age identity and of PEM, GitHub (twice), GitLab, Slack (twice), AWS, JWT, Vault, Docker Hub, npm, PyPI, Pulumi,
Google (twice), DigitalOcean."""
PEM = r"-----BEGIN [A-Z0-9 ]+-----(?:.*?-----END [A-Z0-9 ]+-----|.*)"
"""To its end, or to that of the text: what was cut off is a key, too."""
WEBHOOKS = re.compile(
    r"(\bhooks\.slack(?:-gov)?\.com/(?:services|workflows|triggers)/|\bdiscord(?:app)?\.com/api/(?:v\d+/)?webhooks/|"
    r"\bwebhook\.office\.com/webhookb2/|/hooks/(?=\w{16}))[^\s\"'<>]+"
)
"""Slack, Discord, Teams, Mattermost: who has the address can post."""
LOGIN_IN_URL = re.compile(r"(?<=://)([^\s/@:'\"?#]*):[^\s/'\"?#]*(?=@)")
"""User and password; what of the password should have been quoted is in it, too."""
TOKEN_IN_URL = re.compile(r"(\b(?i:https?|oci|wss?|ftps?)://)(?!(?:git|…|\*\*\*|<[\w -]+>)@)[^\s/@:'\"?#]+(?=@)")
"""Alone before the host of a website: no user without a password, but a token. Over SSH it is a user."""
PLAIN_USER = re.compile(r"[A-Za-z][\w.-]{0,19}")

_CALLED = (
    r"pass(?:word|wd|phrase)|pwd|token|secret[_-]?key|client[_-]?secret|webhook[_-]?secret|secret[_-]?access[_-]?key|api[_-]?key|"
    r"access[_-]?key|account[_-]?key|shared[_-]?access[_-]?(?:key|signature)|private[_-]?key|client-key-data|identity[_-]?token|_auth"
)
NAME_OF_A_SECRET = re.compile(rf"(?i)(?:{_CALLED})$")
FIELD_THAT_MAY_HOLD_A_SECRET = re.compile(r"pass(word|wd|phrase|$)|token|secret|credential|private|identity|key$|auth$", re.IGNORECASE)
"""A field of an object, whose value a message does not repeat. Wider than `NAME_OF_A_SECRET`: a message loses little without the value."""
_NAME = rf"(?:[\w.-]{{0,60}}?(?:{_CALLED}))"
_PLACEHOLDER = r"(?!(?-i:<[a-z][\w -]*>|\$\{?[A-Z_]+\}?|…|\*\*\*|FILE|NAME|TOKEN|PASSWORD|VALUE)\.?(?:[\s\"',;)&@]|$))"
"""What stands for a secret, in advice of ours or in what was redacted before."""
IN_A_HEADER = re.compile(
    r"(?i)(\b(?:proxy-)?authorization[\"']?\s*[:=]\s*[\"']?(?:(?:basic|bearer|token|digest|negotiate)\s+|(?=\S*[0-9=+/]))|"
    r"\b(?:private-token|job-token|x-api-key|x-vault-token|x-auth-token)[\"']?\s*[:=]\s*[\"']?|"
    r"\b(?-i:[Bb]asic|[Bb]earer|BASIC|BEARER)\s+(?=\S*(?-i:[0-9=]|[a-z][A-Z]))(?=\S{8}))"
    rf"{_PLACEHOLDER}[^\s\"'<>]+"
)
ASSIGNED = re.compile(
    rf"(?i)(?:(?<=[\s?&;,\"'(\[{{:=-])|^)({_NAME}[\"']?(?: = |=))"
    rf"(?:\"{_PLACEHOLDER}[^\"]+\"|'{_PLACEHOLDER}[^']+'|{_PLACEHOLDER}[^\s\"'&]+)"
)
"""`PASSWORD=x`, `?access_token=x`, `Pwd=x;`, `--token=x`."""
IN_A_QUERY = re.compile(
    r"(?i)([?&](?:key|sig|signature|x-amz-signature|x-amz-credential|x-amz-security-token|code|secret|auth)=)"
    rf"{_PLACEHOLDER}[^\s&#\"']+"
)
QUOTED_FIELD = re.compile(rf"(?i)([\"'](?:{_NAME}|auth|secret)[\"']\s*:\s*)(\"(?:[^\"\\]|\\.)+\"|'[^']+')")
"""`"password": "x"`, as in JSON: Docker's `auth`, too."""
AUTH = re.compile(r"(?i)(\bauth\s*[:=]\s*)(?=\S*[A-Z0-9=])[A-Za-z0-9+/=]{8,}")
FIELD = re.compile(rf"(?i)(?<![\w.-])({_NAME}:[ \t]*)(?![\"'`(\[{{|>]|(?-i:[A-Z]?[a-z,.;'-]+)(?:[ \t\n]|$)){_PLACEHOLDER}[^\s\"']+")
"""`token: x`, as in YAML. A word is left: after a name of ours, such as `gitops:homelab-token: is missing`, a sentence goes on."""
BEHIND_ITS_WORD = re.compile(r"(?i)(\b(?:token|password|passwd|passphrase|client secret)s?(?: is| was|:)?[ \t]+[\"'`]?)[0-9a-f]{32,}\b")
"""`invalid token 3f2a…`: of 40 hexadecimal digits, as Gitea's, which would show elsewhere, because commits look the same."""
OPTION = re.compile(
    r"(?i)((?:^|(?<=[\s\"'(\[]))--?(?:[a-z-]{0,60}-)?(?:password|passwd|passphrase|token|api-key|secret-key|access-key)[ \t]+)"
    rf"(?!-|(?:is|was|are|and|or|for|in|to|of|must|cannot|needs?|requires?|which|that|with|as)\b){_PLACEHOLDER}[^\s\"',;]+"
)
"""`--password x`."""

PUBLIC = re.compile(
    r"\b(?:sha\d{1,3}|blake3|md5):[0-9a-f]{8,}"
    r"|\b(?:SHA256:[A-Za-z0-9+/]{43}=?|MD5:[0-9a-f:]+)"
    r"|\b(?:ssh-[a-z0-9]+|ecdsa-sha2-[a-z0-9-]{1,60}|sk-[a-z0-9@.-]{1,60})\s+AAAA[A-Za-z0-9+/]+=*"
    r"|\bAAAA[A-Za-z0-9+/]{4}(?:[A-Za-z0-9+/]{2})?3NzaC1[A-Za-z0-9+/]+=*|\bAAAA(?:[BCEGI][23]NzaC1|E2VjZHNh|GnNr|InNr)[A-Za-z0-9+/]+=*"
    r"|\bage1(?:pq1)?[02-9ac-hj-np-z]+"
    r"|\b[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}\b"
    r"|\b[0-9A-F]{32}(?=\.[a-z0-9]+\.[a-z0-9-]+\.eks\.amazonaws\.com)|\bid/[0-9A-F]{32}\b"
    r"|(?<=://)[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+"
    r"|(?<=/)[0-9a-f]{32}(?![\w-])"
)
"""Digests, fingerprints and public keys of SSH, age recipients, UUIDs, the servers and issuers of EKS, hosts of URLs, file names."""
