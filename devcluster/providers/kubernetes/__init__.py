"""The stand-in for `pulumi-resource-kubernetes`.

provider             the engine's calls
configured_provider  settings, connection, and whether the API server answers
operations           create, update, delete and read one object
diff                 what a change of inputs changes
replacing            which fields cannot be changed in place
waiter               until an object is ready, or gone
readiness            what ready means for its kind
jsonpath             the part of JSONPath that `pulumi.com/waitFor` needs
field_managers       who owns which fields
engine_answers       what the answers to the engine are made of
objects, served_kinds   objects as plain mappings, and where the API server serves their kinds
provider_settings    the provider's own settings
kubeconfig_target    which cluster a kubeconfig leads to
api_client           requests, their errors, and their rate
"""
