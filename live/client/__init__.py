"""A client of one API server, which trusts no answer.

client_library      what is used of the Kubernetes client library
connection          a client of a cluster, for any way of logging in
answer_model        how an answer of a server is validated
bounded_client      requests to an API server, bounded in size and time
list_pages          the pages of a list, to the last
api_answers         the models of an API server's answers
object_metadata     the model of an object's metadata, which says who owns it, without what the object holds
field_sets          sets of fields as an object's managedFields writes them
client_errors       what an API server's refusal means for a person
cluster_connection  a connection to one cluster, with the words for its errors
"""
