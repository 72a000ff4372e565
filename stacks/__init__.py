"""What a cluster is: the contract of the files people write, their reader, and the cluster made of them."""
