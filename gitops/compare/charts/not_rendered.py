"""Why a chart is not rendered."""

from gitops.compare.sentence import Sentence


class ChartNotRenderedError(Exception):
    """A chart that is not rendered here; `why` follows `its chart is not rendered here: `."""

    def __init__(self, why: Sentence) -> None:
        """`why`: `helm is not on PATH`."""
        super().__init__(why.plain)
        self.why = why
