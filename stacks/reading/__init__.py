"""Reading: YAML files as people write them, validated against the contract, with the place of every value."""
