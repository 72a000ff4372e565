"""Objects made up from the CRDs, and what the real API server says to them."""
