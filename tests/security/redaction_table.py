"""What must show and what must not, whichever door it leaves by. Everything is made up, and put together at run time."""

import base64

HEX_40 = "3f2a9c1e7b04d58f6a1092c3e4b5d6f7a8091b2c"
HEX_64 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
RANDOM = "kJ8s0Qm2LpZx7VbN4tRw"
RECIPIENT = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p"
BASE64_KEY = "AAAAC3NzaC1lZDI1NTE5AAAAIGz9Yk2Qm1h3JrX0VnB7p8sT4uWcLd6eFgAoNiRjKbMx"
LOGIN = base64.b64encode(b"flux:hunter2-marker").decode()
ARMOUR = "-----"


def pem(kind: str, body: str) -> str:
    return f"{ARMOUR}BEGIN {kind}{ARMOUR}\n{body}\n{ARMOUR}END {kind}{ARMOUR}"


SHOWN = {
    "the server of an EKS cluster": "https://8F2A9C1E7B04D58F6A1092C3E4B5D6F7.gr7.eu-west-1.eks.amazonaws.com",
    "the host name of an EKS cluster": "lookup 8F2A9C1E7B04D58F6A1092C3E4B5D6F7.gr7.eu-west-1.eks.amazonaws.com: no such host",
    "an EKS cluster with plain digits": "https://0123456789ABCDEF0123456789ABCDEF.gr7.eu-west-1.eks.amazonaws.com",
    "the issuer of an EKS cluster": "oidc.eks.eu-west-1.amazonaws.com/id/8F2A9C1E7B04D58F6A1092C3E4B5D6F7",
    "the server of an AKS cluster": "https://my-aks-dns-1a2b3c4d.hcp.westeurope.azmk8s.io:443",
    "the ARN of a role": "arn:aws:iam::123456789012:role/My-Long-Role-Name-With-Digits-1234",
    "the ARN of a signed-in person": "arn:aws:sts::123456789012:assumed-role/AWSReservedSSO_AdministratorAccess_0a1b2c3d4e5f6789/ana",
    "a role of CloudFormation": "eksctl-my-cluster-nodegroup-ng-1-NodeInstanceRole-1XYZ2ABC3DEF4",
    "a role with a version": "MyEksCluster-NodeGroupRole-V2-Production2024",
    "a role in camel case": "AmazonEKSClusterAutoscalerRole2024",
    "a service account of GCP": "flux-source-controller@my-project-123456.iam.gserviceaccount.com",
    "an identity of Azure": "/subscriptions/8c2e1f7a-4b3d-4e9f-a1c2-7d5e6f809b1a/resourceGroups/MyResourceGroup-Production-01",
    "a context of GKE": "gke_my-project-123456_europe-west1-b_my-cluster-01",
    "a context of EKS": "arn:aws:eks:eu-west-1:123456789012:cluster/MyProductionCluster-01",
    "a context of eksctl": "Ana.Example@My-Cluster-01.eu-west-1.eksctl.io",
    "a revision": f"main@sha1:{HEX_40}",
    "a commit": f"commit {HEX_40} of branch main",
    "a commit of a login": f"the login of commit {HEX_40}",
    "a key by its digest": f"the key {HEX_64}",
    "a user of a registry": "oci://ghcr.io/org/manifests:v1@sha256:" + HEX_64,
    "a commit in a tag": f"main-{HEX_40}",
    "a digest": f"sha256:{HEX_64}",
    "an image with a digest": f"ghcr.io/fluxcd/source-controller:v1.7.4@sha256:{HEX_64}",
    "an image of a pseudo-version": "docker.io/org/app:v0.0.0-20260102150405-a1b2c3d4e5f6",
    "a UUID": "uid 8c2e1f7a-4b3d-4e9f-a1c2-7d5e6f809b1a",
    "an age recipient": f"encrypted for {RECIPIENT}",
    "a public key of SSH": f"ssh-ed25519 {BASE64_KEY} flux",
    "a known host": f"git.example.org ssh-ed25519 {BASE64_KEY}",
    "a fingerprint of SSH": "SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU",
    "a fingerprint of a certificate": f"the CA {HEX_64}",
    "the name of a pod": "kustomize-controller-with-a-very-long-name-7d4b9c6f5d-x2x4z",
    "a long name": "a-very-long-name-of-a-helm-repository-nobody-shortens",
    "a date": "2026-11-27T10:04:54.123456789Z",
    "a date in a name": "backup-20261127T100454Z-of-the-cluster",
    "a file with a date and a hash": "clusters/2026-11-27/apps-d41d8cd98f00b204e9800998ecf8427e.yaml",
    "a file named by its hash": "/var/cache/ab/d41d8cd98f00b204e9800998ecf8427e.tar.gz",
    "a user of SSH": "ssh://git@git.example.org/org/repository.git",
    "a URL with a port": "https://git.example.org:8443/org/repository.git?ref=main",
    "advice": "set GITOPS_SECRET_HOMELAB_TOKEN, or run: pulumi config set --secret gitops:homelab-token",
    "a missing secret": "gitops:homelab-password: is missing",
    "a missing token": "gitops:homelab-token: is required but missing",
    "a placeholder": "Run: export PULUMI_CONFIG_PASSPHRASE_FILE=<file with the passphrase>",
    "a header without a value": "Basic authentication is required, not a bearer token",
    "a reference to a Secret": 'secretRef: name: flux-system, Secret "default/my-app-tls-certificates" not found',
    "a media type": "application/vnd.cncf.helm.chart.content.v1.tar+gzip",
    "a page of documentation": "https://fluxcd.io/flux/components/source/gitrepositories/#secret-reference",
}

HIDDEN_PARTS = {
    "an age identity": ("read AGE-SECRET-" + "KEY-1QQ{}", "PZRY9X8GF2TVDW0S3JN54KHCE6MUA7LQPZRY9X8GF2TVDW0S3JN54KHCE"),
    "a post-quantum identity": ("AGE-SECRET-" + "KEY-PQ-1{}", "PZRY9X8GF2TVDW0S3JN54KHCE6MUA7L"),
    "a PEM private key": (pem("OPENSSH PRIVATE KEY", "{}"), "b3BlbnNzaC1rZXktdjEAAAAABG5vbmU"),
    "a PEM key cut off": (f"{ARMOUR}BEGIN EC PRIVATE KEY{ARMOUR} {{}}", "MHcCAQEEIIGy"),
    "a PEM key in base64": ("client key {}", base64.b64encode(pem("RSA PRIVATE KEY", "MIIE").encode()).decode()),
    "a GitHub token": ("token {} is wrong", "ghp_" + "0aA9" * 9),
    "a fine-grained GitHub token": ("said {}", "github_" + "pat_11ABCDEFG0_abcdef"),
    "a GitLab token": ("said {}", "glpat-" + "abc-DEF_1234567890xy"),
    "a GitLab deploy token": ("said {}", "gldt-" + "abcDEF1234567890xyz"),
    "a Slack token": ("said {}", "xoxb-" + "123456789012-abcdefghijkl"),
    "an AWS access key": ("said {}", "AKIA" + "IOSFODNN7EXAMPLE"),
    "an AWS session key": ("said {}", "ASIA" + "IOSFODNN7EXAMPLE"),
    "an AWS secret key": ("aws_secret_access_key = {}", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
    "a JWT": ("said {}", "eyJ" + "hbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbmEifQ.c2lnbmF0dXJl"),
    "a Vault token": ("said {}", "hvs." + "CAESIJ1234567890abcdef"),
    "a Docker token": ("said {}", "dckr_" + "pat_abcdefghijkl-1234"),
    "a Gitea token in a header": ("Authorization: token {}", HEX_40),
    "a Gitea token in a header as a field": ('{{"Authorization": "token {}"}}', HEX_40),
    "a Gitea token by its name": ("token={}", HEX_40),
    "a Gitea token in an environment": ("GITEA_TOKEN={} is set", HEX_40),
    "a Gitea token in YAML": ("token: {}", HEX_40),
    "a Gitea token in a URL": ("cannot clone https://{}@git.example.org/org/repository", HEX_40),
    "a Gitea token as the password of a URL": ("cannot clone https://git:{}@git.example.org/org/repository", HEX_40),
    "a Gitea token behind its word": ("invalid token {}", HEX_40),
    "a Gitea token quoted behind its word": ("the access token '{}' has expired", HEX_40),
    "a Gitea token in a sentence": ("Your token is {}, keep it", HEX_40),
    "a password of hexadecimal digits": ('the password "{}" is wrong', HEX_64),
    "a token in a URL in capitals": ("cannot clone HTTPS://{}@GIT.EXAMPLE.ORG/ORG/REPOSITORY", HEX_40),
    "a token in the URL of a registry": ("cannot pull oci://{}@ghcr.io/org/manifests", "hunter2"),
    "a token in the URL of a socket": ("cannot dial wss://{}@git.example.org", HEX_40),
    "a token as the user of a URL": ("https://{}:x-oauth-basic@github.com/org/repository", HEX_40),
    "a short token in a URL": ("https://{}@git.example.org/org/repository", "hunter2"),
    "a password in a URL": ("postgres://pulumi:{}@db.example.org:5432/state?sslmode=require", "hunter2"),
    "a password in a URL of Redis": ("redis://:{}@cache.example.org:6379", "hunter2"),
    "an unquoted password in a URL": ("https://flux:{}@git.example.org", "hunt@er2"),
    "a basic header": ("Authorization: Basic {}", LOGIN),
    "a basic login by itself": ("sent Basic {} to it", LOGIN),
    "a bearer header": ("authorization: bearer {}", "abcdefghijklmnop"),
    "a bearer token by itself": ("with Bearer {}", "abcDEF123.456-x"),
    "a header of GitLab": ("PRIVATE-TOKEN: {}", "abcdefgh"),
    "a header of Vault": ("X-Vault-Token: {}", "abcdefgh"),
    "a password of an option": ("flux create secret git x --password {} --url y", "x9z"),
    "a password of an option with =": ("helm registry login --password={} r", "correct-horse"),
    "a token of an option": ("kubectl --token {} get pods", "abcdefgh"),
    "a password in an environment": ("PASSWORD={} failed", "correct,horse"),
    "a quoted password": ("password='{}' failed", "correct horse"),
    "a password in JSON": ('{{"username": "flux", "password": "{}"}}', "correct horse"),
    "a password in YAML": ("username: flux\npassword: {}\n", "hunter2"),
    "an access token in a query": ("GET https://git.example.org/api?access_token={}&page=2", "abcdefgh"),
    "a signature in a query": ("https://x.blob.core.windows.net/c?sv=2024-11-04&sig={}", "abc%2Fdef%3D"),
    "a key of a kubeconfig": ("client-key-data: {}", "MHcCAQEEIIGyAb12"),
    "a token of a kubeconfig": ("users: [{{name: a, user: {{token: {}}}}}]", "abc12345"),
    "Docker's auth": ('{{"auths": {{"ghcr.io": {{"auth": "{}"}}}}}}', LOGIN),
    "a webhook of Slack": ("Post https://hooks.slack.com/services/{}: timeout", "T000/B000/abcdefghijkl"),
    "a webhook of Discord": ("Post https://discord.com/api/webhooks/{}: timeout", "123456789012345678/abc-DEF_123"),
    "a connection string of Azure": ("DefaultEndpointsProtocol=https;AccountName=a;AccountKey={};x", "YWJjZGVm=="),
    "a connection string of SQL Server": ("Server=tcp:db;User ID=sa;Password={};Database=x", "hunter2"),
}
"""A text with a place for the secret → the secret."""

HIDDEN_BY_SHAPE = {
    "a random text": ("it holds {}", RANDOM),
    "an AWS secret key by itself": ("it holds {}", "wJalrXUtnFEMI/K7MDENG/bPxRfiCY9X4MP7EKEY"),
    "a random text of 40": ("it holds {}", "xZ4kQ9vB7nM2pL6sT1wR8yU3iO5aD0fG4hJ7cE2b"),
}
"""What only messages of this program are searched for: where another program speaks, names would go with them."""
