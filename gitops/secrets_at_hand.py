"""The secrets that a command finds in its environment, whether it goes on to use them or not: whatever it runs inherits most of them."""

from collections.abc import Iterator, Mapping

from flux.secret_patterns import NAME_OF_A_SECRET
from stacks.contract.names import SECRET_VARIABLE

_KUBECONFIG = f"{SECRET_VARIABLE}KUBECONFIG"
"""Its lines are names for the most part: what is secret in it is registered when it is parsed."""
_NO_SECRETS = ("PASSPHRASE", "PWD")


def secrets_at_hand(environment: Mapping[str, str]) -> Iterator[str]:
    """The values of GITOPS_SECRET_…, and of variables called token, password or key, such as GITEA_TOKEN and AWS_SECRET_ACCESS_KEY.

    Not of passphrases: no program repeats one, and the demo's is made of ordinary words.
    """
    for name, value in environment.items():
        of_the_stack = name.startswith(SECRET_VARIABLE) and name != _KUBECONFIG
        if of_the_stack or (NAME_OF_A_SECRET.search(name) and not name.endswith(_NO_SECRETS)):
            yield value
