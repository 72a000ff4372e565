"""Where runs are recorded."""

TRACKING_URI = "http://mlflow.mlflow.svc.cluster.local:5000"


def run_name(pipeline: str, version: str) -> str:
    """The name under which one version of a pipeline records its runs."""
    return f"{pipeline}-{version}"
