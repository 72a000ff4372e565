"""Machine: the directory, processes, keys and certificates of one embedded cluster."""
