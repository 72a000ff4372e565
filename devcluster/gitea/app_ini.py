"""Gitea's app.ini: everything on loopback, nothing that reaches out, and secrets that are this home's own."""

import base64
import json
import os
import pwd
import secrets
from pathlib import Path

from devcluster.machine.home import Home
from flux.atomic_write import write_atomically

SETTINGS = """\
APP_NAME = Gitea of the embedded cluster {name}
RUN_USER = {user}
RUN_MODE = prod
WORK_PATH = {work}
{root}
[server]
PROTOCOL = http
HTTP_ADDR = 127.0.0.1
HTTP_PORT = {http}
DOMAIN = 127.0.0.1
ROOT_URL = http://127.0.0.1:{http}/
LOCAL_ROOT_URL = http://127.0.0.1:{http}/
STATIC_ROOT_PATH = {share}
APP_DATA_PATH = {work}/data
OFFLINE_MODE = true
START_SSH_SERVER = true
BUILTIN_SSH_SERVER_USER = git
SSH_DOMAIN = 127.0.0.1
SSH_PORT = {ssh}
SSH_LISTEN_HOST = 127.0.0.1
SSH_LISTEN_PORT = {ssh}
SSH_ROOT_PATH = {work}/ssh
SSH_CREATE_AUTHORIZED_KEYS_FILE = false
SSH_SERVER_HOST_KEYS = {host_key}
LFS_START_SERVER = false

[database]
DB_TYPE = sqlite3
PATH = {work}/data/gitea.db
SQLITE_JOURNAL_MODE = WAL
SQLITE_TIMEOUT = 10000

[repository]
ROOT = {work}/repositories
DEFAULT_BRANCH = main

[security]
INSTALL_LOCK = true
SECRET_KEY = {secret_key}
INTERNAL_TOKEN = {internal_token}

[oauth2]
JWT_SECRET = {jwt_secret}

[service]
DISABLE_REGISTRATION = true

[webhook]
ALLOWED_HOST_LIST = loopback

[actions]
ENABLED = false

[packages]
ENABLED = true

[mailer]
ENABLED = false

[session]
PROVIDER = memory

[cron]
ENABLED = false

[cron.update_checker]
ENABLED = false

[log]
MODE = console
LEVEL = Info
"""


def settings(home: Home, share: Path, host_key: Path) -> str:
    """The text of app.ini, with secrets that are generated on first use and kept."""
    kept = home.secrets / "gitea.json"
    if not kept.exists():
        made = {
            "secret_key": secrets.token_urlsafe(48),
            "internal_token": secrets.token_urlsafe(48),
            "jwt_secret": base64.urlsafe_b64encode(secrets.token_bytes(32)).rstrip(b"=").decode(),
        }
        write_atomically(kept, json.dumps(made), mode=0o600)
    return SETTINGS.format(
        **json.loads(kept.read_text()),
        name=home.name,
        user=user_name(),
        work=home.directory / "gitea",
        share=share,
        http=home.port("gitea-http"),
        ssh=home.port("gitea-ssh"),
        host_key=host_key,
        # Gitea refuses root, which is who runs in most containers.
        root="I_AM_BEING_UNSAFE_RUNNING_AS_ROOT = true" if os.getuid() == 0 else "",
    )


def user_name() -> str:
    """The user who runs Gitea, as Gitea itself finds out; in a container there may be none of that number."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return "git"
