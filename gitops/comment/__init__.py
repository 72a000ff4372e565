"""`gitops comment`: one comment at a pull request, or one issue, for each topic, kept up to date."""
