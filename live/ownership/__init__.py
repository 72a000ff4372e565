"""Who owns an object, and who wrote which of its fields.

object_owners     the owner, by an object's metadata
wanted_objects    what a stack will make, as the API server calls it
owned_objects     what exists of what a stack will make, and who owns it
field_writers     who wrote a field, and when
applied_part      what somebody applied of an object
kept_fields       what a person set with kubectl, kept from Pulumi's provider
released_fields   a former owner's fields, given to the stack
marked_objects    the removal of objects that carry the stack's mark, and that Pulumi's state does not know
compared_objects  what applying declared objects would change, by a dry run; and setting it back
"""
