"""`gitops comment`: one comment at a pull request for each topic, kept up to date."""
