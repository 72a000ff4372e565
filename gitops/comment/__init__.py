"""`gitops comment`: one comment on a pull request for each topic, kept up to date."""
