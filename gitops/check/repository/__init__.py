"""Repository: the files of a checked-out repository, and what SOPS did to them."""
