"""Names that people give are never taken for secrets, what was drawn by lot nearly always is, and either takes no time."""

import random
import re
import string
import time
import uuid
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flux.secret_shapes import redacted, without_tokens
from gitops.messages import redact

WORDS = re.findall(
    r"\S+",
    """
    access admin administrator agent alert amazon analytics api app application apps archive argo assets auth automation autoscaler
    availability azure backend backup balancer base batch billing bucket build cache catalog ceph certificates chart checkout cilium
    client cloud cluster clusters common config connect console container control controller core credentials crossplane dashboard data
    database default demo deploy deployment dev development dex dns docker domain driver edge elastic email engine environment europe
    events exporter external factory fabric feature federation files flux forgejo frontend function gateway git gitea github gitops
    global google grafana graph group harbor health helm helmrelease home homelab host identity image infra infrastructure ingress
    instance integration internal inventory issuer jaeger jenkins job kafka karpenter keycloak kubernetes kustomization kustomize kyverno
    lambda legacy library limit linkerd load local logging longhorn loki mail main maintenance manager mariadb media memory mesh metallb
    metrics migration minio mobile monitoring mongo monitor nextcloud nginx node nodegroup notification observability openshift operator
    oracle order organization origin overlay packages payment people percona pipeline platform podinfo policies policy postgres
    preview primary private processor product production profile project prometheus proxy public queue rabbitmq rancher redis reflector
    region registry release repository resource restore role rook router runner sandbox scheduler search secret secrets secure security
    sealed sentinel server serverless service session settings shared shop snapshot source sourcecontroller staging stage standby state
    storage stream subscription support system tailscale team telemetry tempo tenant terraform test thanos token tools tracing traefik
    transaction tunnel upgrade user users vault velero version victoria virtual volume warehouse weave web webhook west worker workload
    workspace zone zookeeper
""",
)
WORD = st.sampled_from(WORDS)
NUMBER = st.sampled_from(["", "1", "01", "2", "12", "007", "2024", "20261127", "v2", "123456"])
JOINED: tuple[Callable[[list[str]], str], ...] = (
    "-".join,
    "_".join,
    ".".join,
    "/".join,
    "".join,
    lambda words: "".join(word.capitalize() for word in words),
    lambda words: words[0] + "".join(word.capitalize() for word in words[1:]),
    lambda words: "-".join(word.capitalize() for word in words),
    lambda words: "_".join(words).upper(),
)
NAMES = st.builds(
    lambda words, number, join, dash: join(words) + (dash + number if number else ""),
    st.lists(WORD, min_size=1, max_size=7),
    NUMBER,
    st.sampled_from(JOINED),
    st.sampled_from(["", "-", "_"]),
)
HEX = "0123456789abcdef"
OF_A_POD = "bcdfghjklmnpqrstvwxz2456789"
PODS = st.builds(
    lambda words, template, pod: f"{'-'.join(words)}-{template}-{pod}",
    st.lists(WORD, min_size=1, max_size=5),
    st.text(OF_A_POD, min_size=8, max_size=10),
    st.text(OF_A_POD, min_size=5, max_size=5),
)
IDENTIFIERS = st.one_of(
    st.uuids().map(str),
    st.text(HEX, min_size=40, max_size=40),
    st.text(HEX, min_size=40, max_size=40).map("main@sha1:{}".format),
    st.text(HEX, min_size=64, max_size=64).map("ghcr.io/org/app:v1@sha256:{}".format),
    st.text(HEX, min_size=32, max_size=32).map(lambda found: f"https://{found.upper()}.gr7.eu-west-1.eks.amazonaws.com"),
    st.datetimes().map(lambda moment: moment.isoformat()),
    NAMES.map("arn:aws:iam::123456789012:role/{}".format),
    st.builds("arn:aws:eks:eu-west-1:123456789012:cluster/{}".format, NAMES),
    st.builds("gke_{}_europe-west1-b_{}".format, NAMES, NAMES),
    PODS,
)
DOORS = (redacted, without_tokens, redact)


@pytest.mark.harmless
@given(name=NAMES)
def test_no_name_made_of_words_is_hidden(name: str) -> None:
    assert [door(f"Kustomization/{name} of {name} ({name})") for door in DOORS] == [f"Kustomization/{name} of {name} ({name})"] * len(DOORS)


@pytest.mark.harmless
@given(name=IDENTIFIERS)
def test_no_identifier_is_hidden(name: str) -> None:
    assert [door(f"the {name}: is fine") for door in DOORS] == [f"the {name}: is fine"] * len(DOORS)


@pytest.mark.parametrize("letters", [string.ascii_letters + string.digits, string.ascii_letters + string.digits + "-_"])
@pytest.mark.parametrize(("length", "most_shown"), [(20, 0.2), (32, 0.03), (40, 0.01), (64, 0.001)])
def test_what_was_drawn_by_lot_is_hidden_the_longer_the_surer(letters: str, length: int, most_shown: float) -> None:
    drawn = random.Random(11)  # noqa: S311 (the same at each run)
    tokens = ["".join(drawn.choice(letters) for _ in range(length)) for _ in range(2000)]

    shown = sum(redacted(f"it holds {token} there") == f"it holds {token} there" for token in tokens)

    assert shown / len(tokens) <= most_shown


LONG = 50_000


@pytest.mark.thorough
@pytest.mark.parametrize(
    "text",
    [
        "a" * LONG,
        "a1B" * (LONG // 3),
        "a." * (LONG // 2),
        "a-" * (LONG // 2),
        "a:" * (LONG // 2),
        '"' * LONG,
        '"password":"\\' * (LONG // 13),
        "token=" * (LONG // 6),
        "token:" * (LONG // 6),
        "--token " * (LONG // 8),
        "basic " * (LONG // 6),
        "authorization: " * (LONG // 15),
        "https://" * (LONG // 8),
        "://a:" * (LONG // 5),
        "-----BEGIN A-----" * (LONG // 17),
        "password" * (LONG // 8),
        "_auth" * (LONG // 5),
        "eyJ" * (LONG // 3),
        "a/" * (LONG // 2),
        " " * LONG,
        "AAAA" * (LONG // 4),
        str(uuid.UUID(int=1)) * (LONG // 36),
        "bearer" + " " * LONG,
        "authorization" + " " * LONG,
        "authorization:" + " " * LONG + "x",
        "auth" + " " * LONG,
        "ssh-a" + " " * LONG,
        '"token"' + " " * LONG,
    ],
    ids=lambda text: f"{text[:20]!r}",
)
def test_no_text_takes_long_to_be_redacted(text: str) -> None:
    began = time.process_time()
    redacted(text)

    assert time.process_time() - began < 5, "a text of 50 KB is no way to hold a command up"
