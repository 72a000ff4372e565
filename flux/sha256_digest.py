"""How a registry writes a digest. It becomes a path of a request, so nothing else may pass for one."""

import re

DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
