"""Compare two sentences by the distance of their embeddings."""

import math
from collections.abc import Sequence


def cosine(left: Sequence[float], right: Sequence[float]) -> float:
    """The cosine of the angle between two embeddings."""
    scale = math.hypot(*left) * math.hypot(*right)
    return sum(a * b for a, b in zip(left, right, strict=True)) / scale
