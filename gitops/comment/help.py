"""What `gitops comment --help` teaches. The marker (a backspace on a line of its own) keeps the lines of a paragraph as they are."""

COMMENT = """Write a text as a comment on a pull request, or update the comment it wrote before.

There is one comment for each topic. It is found by a hidden mark, and only among the
comments of the token's own user. It is folded when there is nothing left to say, and
none is written if there never was. A text that is too long is cut, and says where the
rest is. Without a token that may write, as in a pull request from a fork, the text goes
into the job's summary; at Gitea, which shows none before 1.27, also into its log.

\b
Examples:
  gitops compare origin/main -o markdown | gitops comment --topic compare
  gitops comment --topic preview --file preview.txt --plain
                                        a text that is not Markdown, as it is
  gitops comment --topic drift --issue "Drift of production" --file drift.txt --plain
                                        an issue: opened, updated, closed, opened again
  gitops comment --topic compare --file text.md --api-url https://git.example \\
    --repository org/name --number 12   outside a workflow

\b
In a workflow of Gitea or GitHub, the address, repository and number are known.
The token:
  Gitea     GITEA_TOKEN, with the scope write:issue; in a workflow ${{ github.token }}
  GitHub    GH_TOKEN, with the permission Pull requests: write (for an issue Issues:
            write); for an Enterprise Server GH_ENTERPRISE_TOKEN

\b
Exit codes:
  0    written, up to date, or in the job's summary or log
  2    the command line is wrong, or the forge refuses; stderr says what to do
"""
