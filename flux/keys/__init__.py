"""Keys: age identities, SSH keys, known_hosts and logins, as SOPS and Flux read them."""
