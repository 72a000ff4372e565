"""Generated keys that the cluster has already: they stay, because their seeds may be lost with the state."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from flux.keys.generated_ssh_keys import is_generated_form
from flux.known_secrets import keep_secret
from flux.object_reference import FLUX_NAMESPACE, ObjectReference
from flux.owners_mark import ACTIVE_KEY_ANNOTATION
from live.client.object_metadata import LiveMetadata
from live.flux_objects.age_secret import LiveAgeKeys
from stacks.settings import Settings


def live_age_keys(secret: LiveMetadata, settings: Settings, values: Callable[[], Mapping[str, str]], *, is_own: bool) -> LiveAgeKeys:
    """The age keys of the cluster, as their Secret names them.

    Their private halves are read only where that does not suffice: to keep a generated one, and of a Secret that does not name them.
    """
    named = LiveAgeKeys.named_on(secret) if is_own and not settings.stack.age.generated else None
    return named or LiveAgeKeys.of(values())


def with_kept_keys(settings: Settings, keys: LiveAgeKeys) -> Settings:
    """With the generated keys that the stack's own Secret has: their seeds may be lost with the state."""
    keep_secret(*keys.identities.values())
    generated = settings.stack.age.generated
    kept = {name: identity for name, identity in keys.identities.items() if name in generated}
    return replace(settings, age_keys=[replace(key, kept=kept.get(key.name)) for key in settings.age_keys])


def with_kept_ssh_keys(
    settings: Settings,
    annotations: Mapping[ObjectReference, Mapping[str, str]],
    values_of: Callable[[ObjectReference], Mapping[str, str]],
) -> Settings:
    """The same for the active SSH keys, which the Git servers know: the annotations of their Secrets say which of the keys they hold."""
    credentials = dict(settings.credentials)
    for name, args in credentials.items():
        secret = ObjectReference("Secret", FLUX_NAMESPACE, args.secret_name)
        if args.active_key and annotations.get(secret, {}).get(ACTIVE_KEY_ANNOTATION) == args.active_key:
            private_key = values_of(secret).get("identity", "")
            keep_secret(private_key)
            if is_generated_form(private_key):
                credentials[name] = replace(args, kept_key=private_key)
    return replace(settings, credentials=credentials)
