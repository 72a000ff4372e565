"""Documents: what is generated from the contract, for editors and readers."""
