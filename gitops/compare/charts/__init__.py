"""Charts: where a HelmRelease takes its chart and its values from, and what Helm makes of them. Nothing here knows two sides."""
