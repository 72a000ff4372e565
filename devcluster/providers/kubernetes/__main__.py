"""Run the Kubernetes stand-in as a plugin: `python -m devcluster.providers.kubernetes <engine address>`."""

from devcluster.providers.lean_imports import import_lean

if __name__ == "__main__":
    import_lean()

    from devcluster.providers.kubernetes.provider import KubernetesProvider
    from devcluster.providers.plugin_versions import plugin_version
    from devcluster.providers.serving import serve

    version = plugin_version("kubernetes")
    serve(lambda engine: KubernetesProvider(engine, version))
