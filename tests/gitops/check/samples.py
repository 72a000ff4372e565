"""The sample repositories, laid over the clean one and encrypted for keys that no file holds."""

import re
import shutil
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pyrage
import yaml

from flux.bodies import git_repository, kustomization
from flux.merge_patch import merge_patch
from flux.release.distribution import component_of
from flux.rules import PlannedObjects
from flux.schema import Schemas
from gitops.check.findings.cluster_keys import ClusterKeys
from gitops.check.findings.judging import Judgement, StackFacts, judge
from gitops.check.findings.ownership import OwnObject, own_object
from gitops.check.follow.synced import Synced
from gitops.check.repository.documents import mapping
from gitops.check.repository.tree import Tree
from tests.engine import REPOSITORY
from tests.manifests import VERSION, distribution

COMPONENTS = frozenset({"source-controller", "kustomize-controller", "helm-controller", "notification-controller"})
FOLDER = REPOSITORY / "tests" / "fixtures" / "repositories"
SAMPLES = sorted(path.name for path in FOLDER.iterdir() if path.is_dir() and path.name != "clean")
WHO = ("current", "old", "person", "stranger")
RECIPIENTS = {who: str(pyrage.x25519.Identity.generate().to_public()) for who in WHO}
CIPHER = "ENC[AES256_GCM,data:bWFkZSB1cA==,iv:bWFkZSB1cA==,tag:bWFkZSB1cA==,type:str]"
SOURCE = {"kind": "GitRepository", "name": "repository"}
KUSTOMIZATIONS: dict[str, dict[str, Any]] = {
    "vars": {"spec": {"sourceRef": SOURCE, "path": "./vars", "decryption": {"provider": "sops"}}},
    "apps": {
        "inherit": ["decryption", "postBuild"],
        "spec": {
            "sourceRef": SOURCE,
            "path": "./apps",
            "decryption": {"provider": "sops"},
            "postBuild": {"substituteFrom": [{"kind": "ConfigMap", "name": "stack-vars"}, {"kind": "Secret", "name": "cluster-secrets"}]},
        },
    },
}


def what(sample: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((FOLDER / sample / "what.yaml").read_text()) if sample != "clean" else {}
    return found


def laid_out(sample: str, folder: Path) -> list[str]:
    """The sample's files in `folder`, encrypted; their paths."""
    description = what(sample)
    shutil.copytree(FOLDER / "clean", folder, dirs_exist_ok=True)
    if sample != "clean":
        shutil.copytree(FOLDER / sample, folder, dirs_exist_ok=True)
        (folder / "what.yaml").unlink()
    for path in description.get("removed", []):
        (folder / path).unlink()
    for plain in folder.rglob("*.plain"):
        path = str(plain.relative_to(folder)).removesuffix(".plain")
        readers = description.get("encryptedFor", {}).get(path, ["person"] if path.startswith("docs/") else ["current", "person"])
        whole = path in description.get("encryptedWhole", []) or path.startswith("docs/")
        left = description.get("leftPlain", {}).get(path, [])
        each_by_itself = readers and isinstance(readers[0], list)
        texts = plain.read_text().split("---\n") if each_by_itself else [plain.read_text()]
        sealed_texts = [
            sealed(path, text, its_readers, whole=whole, left_plain=left) if its_readers else text
            for text, its_readers in zip(texts, readers if each_by_itself else [readers], strict=True)
        ]
        (folder / path).write_text("---\n".join(sealed_texts))
        plain.unlink()
    for already in folder.rglob("*.sealed"):
        already.rename(already.with_suffix(""))
        put_recipients(already.with_suffix(""))
    for config in folder.rglob(".sops.yaml"):
        put_recipients(config)
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def put_recipients(file: Path) -> None:
    file.write_text(re.sub(r"<(\w+)>", lambda found: RECIPIENTS[found[1]], file.read_text()))


def sealed(path: str, plain: str, readers: list[str], *, whole: bool = False, left_plain: Sequence[str] = ()) -> str:
    """What sops would write, as far as it can be read without a key; `left_plain` are keys whose values its rule passes over."""
    if path.endswith(".env"):
        age = "".join(f"sops_age__list_{index}__map_recipient={RECIPIENTS[who]}\n" for index, who in enumerate(readers))
        kept = re.compile(rf"^(?!(?:{'|'.join(left_plain) or '$'})=)(\w+)=.*", re.MULTILINE)
        return kept.sub(rf"\1={CIPHER}", plain) + f"{age}sops_mac={CIPHER}\nsops_version=3.11.0\n"
    value = yaml.safe_load(plain)
    value = _sealed_object(value, left_plain, whole=whole)
    if "items" in value and not whole:
        value["items"] = [_sealed_object(each, left_plain, whole=False) for each in value["items"]]
    entries = [{"recipient": RECIPIENTS[who], "enc": "made up"} for who in readers if who != "pgp"]
    pgp = [{"fp": "0" * 40}] if "pgp" in readers else []
    return yaml.safe_dump({**value, "sops": {"age": entries, "pgp": pgp, "mac": CIPHER, "version": "3.11.0"}}, sort_keys=False)


def _sealed_object(value: dict[str, Any], left_plain: Sequence[str], *, whole: bool) -> dict[str, Any]:
    return {key: _ciphered(item, left_plain) if whole or key in ("data", "stringData") else item for key, item in value.items()}


def _ciphered(value: Any, left_plain: Sequence[str]) -> Any:
    if not isinstance(value, dict):
        return CIPHER
    return {key: item if key in left_plain else _ciphered(item, left_plain) for key, item in value.items()}


def facts(description: dict[str, Any]) -> StackFacts:
    """A stack that syncs the sample."""
    chosen: dict[str, dict[str, Any]] = merge_patch(KUSTOMIZATIONS, description.get("kustomizations", {}))
    bodies = [kustomization(name, spec=each["spec"], inherit=each.get("inherit", [])) for name, each in chosen.items()]
    deployment = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "source-controller", "namespace": "flux-system"}}
    bodies.append(git_repository("repository", url="https://git.test/repository.git"))
    own = {own_object(body) for body in [*bodies, deployment]}
    staying = description.get("staying", {"2026-11": "current"})
    return StackFacts(
        kustomizations=[
            Synced(namespace="flux-system", name=body["metadata"]["name"], spec=mapping(body, "spec"))
            for body in bodies
            if body["kind"] == "Kustomization"
        ],
        sources=frozenset({"repository"}),
        own=frozenset(own | {OwnObject("", "Secret", "flux-system", "sops-age"), OwnObject("", "ConfigMap", "flux-system", "stack-vars")}),
        variables={"CLUSTER_NAME": "test"},
        keys=ClusterKeys(
            staying={name: RECIPIENTS[who] for name, who in staying.items()},
            leaving={} if "2026-05" in staying else {"2026-05": RECIPIENTS["old"]},
            people=(RECIPIENTS["person"],),
        ),
        planned=PlannedObjects(
            environment="production",
            bodies=bodies,
            secrets={"sops-age": frozenset({"2026-11.agekey"})},
            config_maps=frozenset({"stack-vars"}),
            external_kustomizations=frozenset(),
            flux_version=VERSION,
            kubernetes_version=None,
            flags={"kustomize-controller": {"sops-age-secret": "sops-age"}},
            components=COMPONENTS,
        ),
        schemas=installed_schemas(),
    )


@cache
def installed_schemas() -> Schemas:
    """Of a Flux with its default components, read once."""
    return Schemas.of(body for body in distribution().definitions() if component_of(body) in COMPONENTS)


def judged(sample: str, folder: Path, **changes: Any) -> Judgement:
    """What the check says of a sample."""
    files = laid_out(sample, folder)
    return judge(facts({**what(sample), **changes}), lambda names: {name: Tree(name, folder, files, [".sops.yaml"]) for name in names})
