"""`python -m gitops` is the `gitops` command."""

from gitops.cli import main

if __name__ == "__main__":
    main()
