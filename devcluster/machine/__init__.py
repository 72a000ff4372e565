"""Machine: the directory, processes, keys and certificates of one embedded cluster.

home                the directory, its folders and ports
processes           starting, recording and ending processes, only those that were started here
ssh_keys            ed25519 keys
server_certificate  a private CA and the one certificate that it issues
"""
