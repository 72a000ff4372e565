"""`gitops comment`: one comment on a pull request, or one issue, for each topic, kept up to date."""
