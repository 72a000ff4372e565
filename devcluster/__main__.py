from devcluster.build import build_missing_tools
build_missing_tools()
