"""Where the whole of a text can be read that is in no comment, or for which a comment is too short: in the job's summary, and in its log.

GitHub shows a summary. Gitea shows one from 1.27 on, with a runner that sends it, and a job cannot see whether it does: so there, the text
is in the log, too.
"""

import os
from collections.abc import Mapping
from enum import StrEnum

from gitops.comment.job_log import log_text
from gitops.comment.job_summary import has_room, write_summary
from gitops.comment.pull_request import is_workflow
from gitops.terminal import print_lines


class WholeText(StrEnum):
    """Where it is."""

    SUMMARY = "in the summary of the job"
    LOG = "in the log of the job"
    OUTPUT = "in the output of the command"
    """Of the command that wrote the text: this is no job."""


def place_of(text: str, environment: Mapping[str, str]) -> WholeText:
    """Where `keep` puts a text, and where everybody who may see the job can read all of it."""
    if not is_workflow(environment):
        return WholeText.OUTPUT
    return WholeText.SUMMARY if environment.get("GITEA_ACTIONS") != "true" and has_room(text, environment) else WholeText.LOG


def keep(text: str) -> None:
    """Put the text there.

    Raises:
        CommandError: the summary cannot be written.
    """
    write_summary(text, os.environ)
    if place_of(text, os.environ) is WholeText.LOG:
        print_lines(log_text(text))
