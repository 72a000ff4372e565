"""`gitops status`: what Flux says of a live cluster, as a table or as JSON, and what it does not say.

app             the command
help            what `--help` teaches
collect         everything read once: controllers, objects, and what is missing
waiting         read until everything is ready
row             one row
conditions      from an object's conditions to its row
controllers     from a Deployment and its pods to a controller's row
comparison      what the stack declares and the cluster lacks
staleness       what is ready, but was not reconciled for too long
reconciled      when an object was last reconciled, as far as it shows
reconcilers     which Deployment reconciles an object
revision        what an object stands at, and which objects never say
groups          the order of the table
remedies        what brings back what does not run
status_progress   what `--wait` says meanwhile
table, json_document   how it is shown
"""
