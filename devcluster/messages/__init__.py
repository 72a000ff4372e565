"""Messages: what the commands of the embedded cluster print."""
