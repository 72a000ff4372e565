"""SSH's encoding of a list of texts, in which keys are written (https://www.rfc-editor.org/rfc/rfc4251#section-5)."""


def texts_in(content: bytes) -> list[bytes]:
    """The texts, each of which stands behind its length; the last one not, if it is cut short."""
    found: list[bytes] = []
    while len(content) >= 4 and len(content) >= 4 + (length := int.from_bytes(content[:4], "big")):
        found.append(content[4 : 4 + length])
        content = content[4 + length :]
    return found


def length_of(texts: list[bytes]) -> int:
    """How many bytes `texts` take."""
    return sum(len(each) + 4 for each in texts)
