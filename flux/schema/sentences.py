from typing import Any


class Words:
    def __init__(self, kind: str, root: Any) -> None:
        self.kind = kind

    def sentence(self, problem: Any) -> str:
        return f"{problem.keyword} {problem.detail} {problem.value!r}"
