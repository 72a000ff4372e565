"""The options and variables of git with which nothing around it acts on it, and no repository acts through it.

Two kinds of commands: those that *fetch*, where a person's own settings may be needed (credential helpers, `url.insteadOf`, proxies), and
those that look at the *content*, where no setting of this machine counts: hooks, filters, templates and attributes of a person are
programs that would be run on what a stranger committed.
"""

import os
from collections.abc import Iterable

_PASSED_ON = frozenset(
    {
        *("PATH", "HOME", "USER", "LOGNAME", "LANG", "LANGUAGE", "TZ", "TMPDIR", "TERM"),
        *("SSH_AUTH_SOCK", "SSH_AGENT_PID", "SSH_ASKPASS", "DISPLAY", "WAYLAND_DISPLAY", "DBUS_SESSION_BUS_ADDRESS", "KRB5CCNAME"),
        *("SSL_CERT_FILE", "SSL_CERT_DIR", "CURL_CA_BUNDLE", "NIX_SSL_CERT_FILE", "GIT_SSL_CAINFO", "GIT_SSL_CAPATH"),
        *("GIT_SSH", "GIT_SSH_COMMAND", "GIT_SSH_VARIANT", "GIT_ASKPASS", "GIT_PROXY_COMMAND"),
        *("GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_NOSYSTEM", "GIT_EXEC_PATH", "SYSTEMROOT"),
        *(case(f"{name}_proxy") for name in ("http", "https", "all", "no") for case in (str.lower, str.upper)),
    }
)
"""Variables that git and what it starts (ssh, credential helpers) need. A list of what is let through: the environment of CI has tokens
of many tools, and in a hook git itself sets where the caller's repository lies (`git rev-parse --local-env-vars`)."""
_PASSED_ON_PREFIXES = ("LC_", "XDG_")
_ALWAYS = {
    "core.hooksPath": os.devnull,
    "core.fsmonitor": "false",
    "core.attributesFile": os.devnull,
    "init.templateDir": "",
    "submodule.recurse": "false",
    "fetch.recurseSubmodules": "false",
    "protocol.allow": "never",
    **{f"protocol.{name}.allow": "always" for name in ("https", "http", "ssh", "file")},
}
"""Git's own defaults where somebody may have changed them, and no transport that runs a program (`ext::`)."""
_WITH_THE_STACKS_CREDENTIAL = {
    "http.followRedirects": "false",  # git sends extra headers to wherever a redirect leads
    "http.sslVerify": "true",
    "http.proxySSLVerify": "true",
    "credential.helper": "",
}
NO_SETTINGS = {"GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull}
"""Neither the machine's settings nor the person's."""
_MOST_DIGITS = 3
"""Of the number of settings in the environment."""
RAW = "* -text -eol -filter -ident -working-tree-encoding\n"
"""For `.git/info/attributes`, which comes before a repository's own: files as they were committed, as source-controller takes them."""


def for_fetching(settings: Iterable[tuple[str, str]], *, with_the_stacks_credential: bool) -> dict[str, str]:
    """The environment of `git fetch`. With the stack's credential, no setting of this machine counts: none may send it elsewhere."""
    chosen = [*_ALWAYS.items(), *settings]
    if not with_the_stacks_credential:
        return _inherited() | as_settings([*_of_the_environment(), *chosen])
    return _inherited() | NO_SETTINGS | as_settings([*chosen, *_WITH_THE_STACKS_CREDENTIAL.items()])


def for_content() -> dict[str, str]:
    """The environment of every other command."""
    return _inherited() | NO_SETTINGS | as_settings(_ALWAYS.items())


def _inherited() -> dict[str, str]:
    passed = {name: value for name, value in os.environ.items() if name in _PASSED_ON or name.startswith(_PASSED_ON_PREFIXES)}
    return {**passed, "GIT_TERMINAL_PROMPT": "0", "GIT_LFS_SKIP_SMUDGE": "1", "GIT_ATTR_NOSYSTEM": "1", "GIT_NO_REPLACE_OBJECTS": "1"}


def _of_the_environment() -> list[tuple[str, str]]:
    """What the caller's environment adds to their git settings (https://git-scm.com/docs/git-config#ENVIRONMENT), as far as it is complete.

    `git -c` is not among it (`GIT_CONFIG_PARAMETERS`): in a hook, it is that of the command that runs the hook.
    """
    counted = os.environ.get("GIT_CONFIG_COUNT", "")
    count = int(counted) if counted.isdecimal() and len(counted) <= _MOST_DIGITS else 0
    pairs = [(os.environ.get(f"GIT_CONFIG_KEY_{number}"), os.environ.get(f"GIT_CONFIG_VALUE_{number}")) for number in range(count)]
    return [(key, value) for key, value in pairs if key and value is not None]


def as_settings(settings: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Settings as variables, which git takes without a file (`GIT_CONFIG_COUNT`)."""
    listed = list(settings)
    keys = {f"GIT_CONFIG_KEY_{index}": key for index, (key, _) in enumerate(listed)}
    values = {f"GIT_CONFIG_VALUE_{index}": value for index, (_, value) in enumerate(listed)}
    return {"GIT_CONFIG_COUNT": str(len(listed)), **keys, **values}
