"""Signature: who made Flux's manifests, as cosign writes it down, checked for the very digest that is installed.

The two layouts of cosign: https://github.com/sigstore/cosign/blob/main/specs/SIGNATURE_SPEC.md (a tag next to the artifact), and bundles as
referrers (https://github.com/sigstore/cosign/blob/main/specs/BUNDLE_SPEC.md).
"""
