"""`gitops migrate` on an API server that says what was written."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from typer.testing import CliRunner

from gitops.cli import app
from live.errors import LiveError
from tests.any_server import Answer, Request, any_server
from tests.gitops.api_server import write_kubeconfig

DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
ALERTS = "alerts.notification.toolkit.fluxcd.io"
OBJECTS = "/apis/notification.toolkit.fluxcd.io/v1beta3/alerts"


class Server:
    """Alerts may be stored in v1beta2; a CRD of somebody else, too, which is left alone."""

    def __init__(self) -> None:
        self.stored = ["v1beta2", "v1beta3"]
        self.versions = ["v1beta2", "v1beta3"]
        self.managed_fields: dict[str, Any] = {}
        """Object → what was written."""
        self.written: list[tuple[str, Any]] = []
        self.at_first_page = 0
        """How much was written when the list began."""
        self.conflicts = 0
        self.first: dict[str, str] = {}
        self.second: dict[str, Any] = {"metadata": {}, "items": [{"metadata": self.alert()}]}
        self.code = 200
        self.refused = ""
        """The object that cannot be written."""

    def __call__(self, request: Request) -> Answer:
        path = urlsplit(request.path).path
        if request.method == "PATCH":
            if self.conflicts and "/namespaces/" in path:
                self.conflicts -= 1
                return self.answer({"message": "the object has been modified"}, 409)
            if self.refused and path.endswith(f"/{self.refused}"):
                return self.answer({"message": "admission webhook denied the request"}, 403)
            self.written.append((path, json.loads(request.body)))
            if "/namespaces/" in path:
                self.managed_fields[path.rpartition("/")[2]] = json.loads(request.body)[0]["value"]
            if path == f"{DEFINITIONS}/{ALERTS}/status":
                self.stored = json.loads(request.body)["status"]["storedVersions"]
            return self.answer({"metadata": {"name": "x"}})
        if path == DEFINITIONS:
            names = (ALERTS, "widgets.example.com")
            return self.answer({"metadata": {}, "items": [{"metadata": {"name": name}} for name in names]})
        if path == f"{DEFINITIONS}/{ALERTS}":
            versions = [{"name": name, "served": True, "storage": name == "v1beta3"} for name in self.versions]
            spec = {"group": "notification.toolkit.fluxcd.io", "names": {"kind": "Alert", "plural": "alerts"}, "versions": versions}
            return self.answer({"spec": spec, "status": {"storedVersions": self.stored}})
        if path == OBJECTS and "continue=" in request.path:
            is_old = self.code == 200 and len(self.written) > self.at_first_page
            return self.answer({"message": "continue is too old"}, 410) if is_old else self.answer(self.now(self.second), self.code)
        if path == OBJECTS:
            self.at_first_page = len(self.written)
            return self.answer(self.now({"metadata": self.first, "items": [{"metadata": self.alert()}]}))
        return self.answer({"metadata": self.alert()}) if path.endswith("/alerts/old") else self.answer({}, 404)

    def now(self, page: dict[str, Any]) -> dict[str, Any]:
        """With the managed fields that were written."""
        found = [each["metadata"] for each in page["items"]]
        written = [{**each, "managedFields": self.managed_fields.get(each["name"], each["managedFields"])} for each in found]
        return {**page, "items": [{"metadata": each} for each in written]}

    @staticmethod
    def alert(name: str = "old") -> dict[str, Any]:
        fields = {"fieldsType": "FieldsV1", "fieldsV1": {"f:spec": {}}, "operation": "Apply"}
        managers = [
            {"manager": "flux", "apiVersion": "notification.toolkit.fluxcd.io/v1beta2", **fields},
            {"manager": "other", "apiVersion": "example.com/v1", **fields},
        ]
        return {"name": name, "namespace": "flux-system", "resourceVersion": "7", "managedFields": managers}

    @staticmethod
    def answer(document: Any, status: int = 200) -> Answer:
        return Answer(status=status, body=json.dumps(document).encode())


def run(folder: Path, served: Server, *options: str) -> str:
    with any_server(served) as server:
        file = write_kubeconfig(folder / "config", f"http://{server.address}")
        ended = CliRunner().invoke(app, ["migrate", "--kubeconfig", str(file), *options])
    assert ended.exit_code == 0, ended.output
    return ended.output


def test_every_object_is_written_in_the_present_version_before_the_crd_says_so(tmp_path: Path) -> None:
    served = Server()

    printed = run(tmp_path, served)

    assert "Alert  v1beta2, v1beta3  v1beta2            v1beta3          1" in printed
    (path, patch), (status, _) = served.written
    assert path == "/apis/notification.toolkit.fluxcd.io/v1beta3/namespaces/flux-system/alerts/old"
    assert [each["apiVersion"] for each in patch[0]["value"]] == ["notification.toolkit.fluxcd.io/v1beta3", "example.com/v1"]
    assert patch[0]["op"] == "add", "an object may have none"
    assert patch[1] == {"op": "replace", "path": "/metadata/resourceVersion", "value": "7"}
    assert status == f"{DEFINITIONS}/{ALERTS}/status"
    assert "There is nothing to rewrite." in run(tmp_path, served)


def test_what_changed_meanwhile_is_read_and_written_again(tmp_path: Path) -> None:
    served = Server()
    served.conflicts = 2

    run(tmp_path, served)

    assert len(served.written) == 2


def test_a_dry_run_writes_nothing(tmp_path: Path) -> None:
    served = Server()

    assert "run it without --dry-run" in run(tmp_path, served, "--dry-run")
    assert served.written == []


def test_thousands_of_objects_are_listed_before_the_first_is_written(tmp_path: Path) -> None:
    """The API server forgets where a list stood after five minutes."""
    served = Server()
    served.first = {"continue": "second page"}

    assert "v1beta3          2" in run(tmp_path, served)
    assert served.stored == ["v1beta3"]


def test_a_list_that_ends_in_404_is_not_taken_for_a_whole_one(tmp_path: Path) -> None:
    """The objects of its second page are in the old version still, and the next release could not read them."""
    served = Server()
    served.first, served.code = {"continue": "second page"}, 404
    with any_server(served) as server:
        file = write_kubeconfig(tmp_path / "config", f"http://{server.address}")
        ended = CliRunner().invoke(app, ["migrate", "--kubeconfig", str(file)])
    assert isinstance(ended.exception, LiveError)
    assert served.stored == ["v1beta2", "v1beta3"]


def test_a_run_that_stopped_at_the_second_object_is_finished_by_the_next(tmp_path: Path) -> None:
    """What is done is written once more, which changes nothing; the CRD says so only when all of it is done."""
    served = Server()
    served.first, served.second["items"] = {"continue": "second page"}, [{"metadata": served.alert("other")}]
    served.refused = "other"
    with any_server(served) as server:
        file = write_kubeconfig(tmp_path / "config", f"http://{server.address}")
        stopped = CliRunner().invoke(app, ["migrate", "--kubeconfig", str(file)])
    assert isinstance(stopped.exception, LiveError)
    assert [path.rpartition("/")[2] for path, _ in served.written] == ["old"]
    assert served.stored == ["v1beta2", "v1beta3"]

    served.refused, served.written = "", []

    assert "v1beta3          2" in run(tmp_path, served)
    assert [path.rpartition("/")[2] for path, _ in served.written] == ["old", "other", "status"]
    assert served.stored == ["v1beta3"]
    assert "There is nothing to rewrite." in run(tmp_path, served)


def test_an_object_that_stays_in_conflict_leaves_the_crd_as_it_was(tmp_path: Path) -> None:
    served = Server()
    served.conflicts = 100
    with any_server(served) as server:
        file = write_kubeconfig(tmp_path / "config", f"http://{server.address}")
        ended = CliRunner().invoke(app, ["migrate", "--kubeconfig", str(file)])
    assert isinstance(ended.exception, LiveError)
    assert served.stored == ["v1beta2", "v1beta3"]


def test_managed_fields_in_another_version_are_rewritten_where_no_object_is_stored_in_it(tmp_path: Path) -> None:
    """kustomize-controller applied a file in v1beta2, which the API server stored in v1beta3: once v1beta2 is gone, no apply succeeds."""
    served = Server()
    served.stored = ["v1beta3"]

    printed = run(tmp_path, served)

    assert "KIND   STORED IN  MANAGED FIELDS IN  CURRENT VERSION  OBJECTS" in printed
    assert "Alert  v1beta3    v1beta2            v1beta3          1" in printed
    ((path, patch),) = served.written
    assert path.endswith("/v1beta3/namespaces/flux-system/alerts/old")
    assert [each["apiVersion"] for each in patch[0]["value"]] == ["notification.toolkit.fluxcd.io/v1beta3", "example.com/v1"]
    assert patch[1] == {"op": "replace", "path": "/metadata/resourceVersion", "value": "7"}
    assert "There is nothing to rewrite." in run(tmp_path, served)


def test_they_are_rewritten_also_after_the_upgrade_that_dropped_the_version(tmp_path: Path) -> None:
    served = Server()
    served.stored = served.versions = ["v1beta3"]

    assert "Alert  v1beta3    v1beta2            v1beta3          1" in run(tmp_path, served)
    assert len(served.written) == 1


def test_an_object_whose_managed_fields_are_current_is_left_alone(tmp_path: Path) -> None:
    served = Server()
    served.stored, served.first = ["v1beta3"], {"continue": "second page"}
    served.second["items"] = [{"metadata": served.alert("other")}]
    served.managed_fields["other"] = [{"manager": "flux", "apiVersion": "notification.toolkit.fluxcd.io/v1beta3"}]

    assert "Alert  v1beta3    v1beta2, v1beta3   v1beta3          1" in run(tmp_path, served)
    assert [path.rpartition("/")[2] for path, _ in served.written] == ["old"]


def test_a_dry_run_counts_the_objects_with_managed_fields_in_another_version(tmp_path: Path) -> None:
    served = Server()
    served.stored = ["v1beta3"]

    assert "Alert  v1beta3    v1beta2            v1beta3          1" in run(tmp_path, served, "--dry-run")
    assert served.written == []


def test_a_conflict_over_managed_fields_alone_is_read_and_written_again(tmp_path: Path) -> None:
    served = Server()
    served.stored, served.conflicts = ["v1beta3"], 2

    run(tmp_path, served)

    assert [path.rpartition("/")[2] for path, _ in served.written] == ["old"]


def test_what_a_run_that_stopped_rewrote_is_not_rewritten_by_the_next(tmp_path: Path) -> None:
    served = Server()
    served.stored, served.first = ["v1beta3"], {"continue": "second page"}
    served.second["items"], served.refused = [{"metadata": served.alert("other")}], "other"
    with any_server(served) as server:
        file = write_kubeconfig(tmp_path / "config", f"http://{server.address}")
        stopped = CliRunner().invoke(app, ["migrate", "--kubeconfig", str(file)])
    assert isinstance(stopped.exception, LiveError)

    served.refused, served.written = "", []

    assert "Alert  v1beta3    v1beta2, v1beta3   v1beta3          1" in run(tmp_path, served)
    assert [path.rpartition("/")[2] for path, _ in served.written] == ["other"]
