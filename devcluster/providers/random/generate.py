"""What each random resource is made of: its id, its outputs, and which of them are secret. All randomness is the system's."""

import base64
import ctypes
import ctypes.util
import functools
import secrets
import string
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from devcluster.providers.property_values import Secret

SPECIAL = "!@#$%&*()-_=+[]{}<>:?"
CLASSES = (("lower", string.ascii_lowercase), ("upper", string.ascii_uppercase), ("numeric", string.digits), ("special", SPECIAL))
BCRYPT_ALPHABET = "./" + string.ascii_uppercase + string.ascii_lowercase + string.digits
BCRYPT_COST = 10
BCRYPT_BYTES = 72

Properties = dict[str, Any]
Made = tuple[str, Properties]


class InputError(Exception):
    """An input cannot be met; which one, and why."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"{name}: {reason}")
        self.name = name
        self.reason = reason


def string_inputs(inputs: Mapping[str, Any]) -> Properties:
    """Inputs of a password or string with the real provider's defaults. Raises InputError."""
    filled = {**inputs}
    numeric = inputs.get("numeric", inputs.get("number", True))
    filled |= {"numeric": numeric, "number": numeric}
    for name in ("lower", "upper", "special"):
        filled.setdefault(name, True)
    for name in ("minLower", "minUpper", "minNumeric", "minSpecial"):
        filled.setdefault(name, 0)
    length = _length(inputs)
    if sum(filled[f"min{name.capitalize()}"] for name, _ in CLASSES) > length:
        raise InputError("length", f"{length} is less than the sum of minLower, minUpper, minNumeric and minSpecial")
    if not any(filled[name] for name, _ in CLASSES):
        raise InputError("lower", "no class of characters is left to choose from")
    return filled


def _length(inputs: Mapping[str, Any], name: str = "length") -> int:
    length = inputs.get(name)
    if not isinstance(length, int) or isinstance(length, bool) or length < 1:
        raise InputError(name, "a whole number of at least 1 is required")
    return length


def text(inputs: Mapping[str, Any]) -> str:
    """A random text of the classes that `inputs` (filled by `string_inputs`) allow, with the least number of each."""
    alphabets = {name: alphabet for name, alphabet in CLASSES if inputs[name]}
    if "special" in alphabets and inputs.get("overrideSpecial"):
        alphabets["special"] = inputs["overrideSpecial"]
    chosen = [
        secrets.choice(inputs.get("overrideSpecial") or alphabet if name == "special" else alphabet)
        for name, alphabet in CLASSES
        for _ in range(inputs[f"min{name.capitalize()}"])
    ]
    whole = "".join(alphabets.values())
    chosen += [secrets.choice(whole) for _ in range(inputs["length"] - len(chosen))]
    secrets.SystemRandom().shuffle(chosen)
    return "".join(chosen)


def _password(inputs: Properties) -> Made:
    filled = string_inputs(inputs)
    result = text(filled)
    hashed = bcrypt(result)
    return "none", {**filled, "result": Secret(result)} | ({"bcryptHash": Secret(hashed)} if hashed else {})


def _string(inputs: Properties) -> Made:
    filled = string_inputs(inputs)
    result = text(filled)
    return result, {**filled, "result": result}


def _bytes(inputs: Properties) -> Made:
    made = secrets.token_bytes(_length(inputs))
    encoded = base64.b64encode(made).decode()
    return encoded, {**inputs, "base64": Secret(encoded), "hex": Secret(made.hex())}


def _id(inputs: Properties) -> Made:
    made = secrets.token_bytes(_length(inputs, "byteLength"))
    prefix = inputs.get("prefix", "")
    url = base64.urlsafe_b64encode(made).decode().rstrip("=")
    outputs = {
        "b64Std": prefix + base64.b64encode(made).decode(),
        "b64Url": prefix + url,
        "hex": prefix + made.hex(),
        "dec": prefix + str(int.from_bytes(made)),
    }
    return url, {**inputs, **outputs}


def _integer(inputs: Properties) -> Made:
    low, high = inputs.get("min"), inputs.get("max")
    if not isinstance(low, int) or not isinstance(high, int) or low > high:
        raise InputError("max", "min and max are required, and max must not be less than min")
    result = low + secrets.randbelow(high - low + 1)
    return str(result), {**inputs, "result": result}


def _uuid(inputs: Properties) -> Made:
    result = str(uuid.UUID(bytes=secrets.token_bytes(16), version=4))
    return result, {**inputs, "result": result}


def _shuffle(inputs: Properties) -> Made:
    given = list(inputs.get("inputs") or [])
    count = inputs.get("resultCount", len(given))
    results: list[Any] = []
    while given and len(results) < count:
        secrets.SystemRandom().shuffle(given)
        results += given
    return "-", {**inputs, "results": results[:count]}


MAKERS: dict[str, Callable[[Properties], Made]] = {
    "random:index/randomPassword:RandomPassword": _password,
    "random:index/randomString:RandomString": _string,
    "random:index/randomBytes:RandomBytes": _bytes,
    "random:index/randomId:RandomId": _id,
    "random:index/randomInteger:RandomInteger": _integer,
    "random:index/randomUuid:RandomUuid": _uuid,
    "random:index/randomShuffle:RandomShuffle": _shuffle,
}


def bcrypt(value: str) -> str:
    """The bcrypt hash of `value` by the system's libcrypt; empty where that cannot do it."""
    crypt = _libcrypt()
    salt = "".join(secrets.choice(BCRYPT_ALPHABET) for _ in range(21)) + secrets.choice(".Oeu")
    if crypt is None:
        return ""
    data = ctypes.create_string_buffer(32768)  # libxcrypt's struct crypt_data
    hashed = crypt(value.encode()[:BCRYPT_BYTES], f"$2b${BCRYPT_COST}${salt}".encode(), data)
    made = hashed.decode() if hashed else ""
    return made if made.startswith("$2b$") and len(made) == 60 else ""


@functools.cache
def _libcrypt() -> Callable[..., bytes | None] | None:
    name = ctypes.util.find_library("crypt")
    if not name:
        return None
    try:
        function = ctypes.CDLL(name).crypt_r
    except (OSError, AttributeError):
        return None
    function.restype = ctypes.c_char_p
    function.argtypes = [ctypes.c_char_p, ctypes.c_char_p, ctypes.c_char_p]
    return function
