"""Run the random stand-in as a plugin: `python -m devcluster.providers.random <engine address>`."""

from devcluster.providers.lean_imports import import_lean

if __name__ == "__main__":
    import_lean()

    from devcluster.providers.plugin_versions import plugin_version
    from devcluster.providers.random.provider import RandomProvider
    from devcluster.providers.serving import serve

    version = plugin_version("random")
    serve(lambda engine: RandomProvider(engine, version))
