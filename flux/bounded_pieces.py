"""An answer that arrives piece by piece, of which no more is kept than a bound allows."""

from flux.bounded_documents import OutOfBoundsError


class Pieces:
    """What has arrived."""

    def __init__(self, largest: int) -> None:
        """At most `largest` bytes are kept: of the whole, or of each line if it is read by lines."""
        self._largest = largest
        self._kept = bytearray()

    def add(self, piece: bytes) -> None:
        """Keep one more. Raises OutOfBoundsError if that is too much."""
        self._kept += piece
        if len(self._kept) > self._largest:
            raise OutOfBoundsError(f"is larger than {self._largest:,} bytes")

    def lines(self, piece: bytes) -> list[bytes]:
        """The lines that end in this piece, without those that are empty. `content` is what came after the last one.

        Raises:
            OutOfBoundsError: a line is too long.
        """
        *ended, rest = piece.split(b"\n")
        if not ended:
            self.add(rest)
            return []
        self.add(ended[0])
        found = [self.content, *ended[1:]]
        self._kept = bytearray()
        self.add(rest)
        return [line for each in found if (line := each.strip())]

    @property
    def content(self) -> bytes:
        """All that is kept."""
        return bytes(self._kept)
