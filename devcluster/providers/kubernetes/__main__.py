"""Run the Kubernetes stand-in as a plugin: `python -m devcluster.providers.kubernetes <engine address>`."""

from devcluster.providers.kubernetes.provider import KubernetesProvider
from devcluster.providers.plugin_versions import plugin_version
from devcluster.providers.serving import serve

if __name__ == "__main__":
    version = plugin_version("kubernetes")
    serve(lambda engine: KubernetesProvider(engine, version))
