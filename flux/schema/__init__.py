"""What the API server would say to a Flux object, without one: the CRDs of the release being installed are the schema."""

from flux.schema.schemas import Schemas

__all__ = ["Schemas"]
