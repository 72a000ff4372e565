"""The removal of objects that Pulumi's state does not know, as Pulumi would delete them."""

from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager

from live.access.target import Target
from live.client.answer_model import fitting
from live.client.bounded_client import RefusedRequestError
from live.client.cluster_connection import ClusterConnection
from live.client.object_metadata import METADATA, MetadataAnswer
from live.ownership.wanted_objects import WantedObject

_GONE, _CHANGED = 404, 409


class MarkedObjects(ClusterConnection):
    """A connection to one cluster. Every method raises LiveError where the server does not answer, or refuses."""

    def __init__(self, target: Target, *, consequence: str = "What left the stack file stays in the cluster.") -> None:
        """`consequence`: of a refusal. Raises KubeconfigError."""
        super().__init__(target)
        self._consequence = consequence

    def delete(self, objects: Mapping[WantedObject, str], *, dry_run: bool = False) -> None:
        """Begin to delete these: object → uid. One that is gone, or was recreated since, is left alone.

        `dry_run`: only ask whether they may be deleted.
        """
        with self._errors():
            for each, uid in objects.items():
                self._client.begin_reading()
                try:
                    self._client.delete(each.path, uid, dry_run=dry_run)
                except RefusedRequestError as error:
                    if error.status not in (_GONE, _CHANGED):
                        raise

    def left(self, objects: Mapping[WantedObject, str]) -> dict[WantedObject, tuple[str, ...]]:
        """Those that are still there, each with its finalizers."""
        with self._errors():
            return dict(self._left(objects.items()))

    def _left(self, objects: Iterable[tuple[WantedObject, str]]) -> Iterable[tuple[WantedObject, tuple[str, ...]]]:
        for each, uid in objects:
            self._client.begin_reading()
            try:
                answer = self._client.get(each.path, accept=METADATA.format("PartialObjectMetadata"))
                found = fitting(MetadataAnswer, answer, each.path).metadata
            except RefusedRequestError as error:
                if error.status != _GONE:
                    raise
                continue
            if found.uid == uid:
                yield each, tuple(found.finalizers)

    def _errors(self) -> AbstractContextManager[None]:
        can = self._target.kubectl("auth can-i --list -n flux-system")
        fix = f"Use a role that may delete what the stack makes. To see what yours may do, run: {can}"
        return self._reading(self._consequence, fix)
