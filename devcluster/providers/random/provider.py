"""The random stand-in: the engine's calls, answered as `pulumi-resource-random` would."""

from typing import Any

from google.protobuf import empty_pb2
from pulumi.runtime.proto import provider_pb2 as proto

from devcluster.providers.engine_log import Engine
from devcluster.providers.property_values import Secret, from_struct, has_unknown, plain, to_struct
from devcluster.providers.random.generate import MAKERS, InputError
from devcluster.providers.serving import Provider, ProviderError


class RandomProvider(Provider):
    """Makes values, keeps none: they live in the stack's state."""

    def __init__(self, engine: Engine, version: str) -> None:
        super().__init__(engine)
        self.version = version

    async def check_config(self, request: Any) -> Any:
        """There is nothing to configure."""
        return proto.CheckResponse(inputs=request.news)

    async def diff_config(self, request: Any) -> Any:
        """There is nothing to configure."""
        return proto.DiffResponse(changes=proto.DiffResponse.DIFF_NONE)

    async def configure(self, request: Any) -> Any:
        """There is nothing to configure."""
        return proto.ConfigureResponse(acceptSecrets=True, supportsPreview=True)

    async def check(self, request: Any) -> Any:
        """Refuse inputs that cannot be met, already in the preview."""
        inputs = from_struct(request.news)
        failures = []
        if plain(inputs.get("seed")):
            failures.append(proto.CheckFailure(property="seed", reason="the stand-in random provider makes nothing reproducible"))
        elif not has_unknown(inputs):
            try:
                _made(request.urn, plain(inputs))
            except InputError as error:
                failures.append(proto.CheckFailure(property=error.name, reason=error.reason))
        return proto.CheckResponse(inputs=request.news, failures=failures)

    async def diff(self, request: Any) -> Any:
        """Every changed input makes a new value."""
        old, new = plain(from_struct(request.old_inputs)), from_struct(request.news)
        changed = sorted(key for key in {*old, *new} if has_unknown(new.get(key)) or old.get(key) != plain(new.get(key)))
        changed = [key for key in changed if key not in request.ignoreChanges]
        kinds = {key: proto.PropertyDiff(kind=proto.PropertyDiff.UPDATE_REPLACE, inputDiff=True) for key in changed}
        return proto.DiffResponse(
            changes=proto.DiffResponse.DIFF_SOME if changed else proto.DiffResponse.DIFF_NONE,
            replaces=changed,
            diffs=changed,
            detailedDiff=kinds,
            hasDetailedDiff=True,
        )

    async def create(self, request: Any) -> Any:
        """Make the value; a preview makes none."""
        if request.preview:
            return proto.CreateResponse(properties=request.properties)
        inputs = from_struct(request.properties)
        try:
            resource_id, outputs = _made(request.urn, plain(inputs))
        except InputError as error:
            raise ProviderError(str(error)) from None
        kept = {key: inputs[key] if isinstance(inputs.get(key), Secret) else value for key, value in outputs.items()}
        return proto.CreateResponse(id=resource_id, properties=to_struct(kept))

    async def read(self, request: Any) -> Any:
        """The value is what the state says."""
        if not request.properties.fields:
            raise ProviderError("the stand-in random provider cannot import; on a machine with internet access the real plugin can")
        return proto.ReadResponse(id=request.id, properties=request.properties, inputs=request.inputs)

    async def update(self, request: Any) -> Any:
        """Nothing can be updated: every change replaces."""
        raise ProviderError("a random value is never updated, only replaced")

    async def delete(self, request: Any) -> Any:
        """Leave the value to be forgotten with the state."""
        return empty_pb2.Empty()


def _made(urn: str, inputs: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    type_token = urn.split("::")[2].rpartition("$")[2]
    maker = MAKERS.get(type_token)
    if maker is None:
        raise ProviderError(
            f"the stand-in random provider has no {type_token}; it has {', '.join(token.rpartition(':')[2] for token in MAKERS)}. "
            "On a machine with internet access: pulumi plugin install resource random"
        )
    return maker(inputs)
