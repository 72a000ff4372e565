"""Toolchain: building or downloading the programs that the embedded cluster runs.

build_tools        the tools that the user's cache lacks, made one after another
tool               what a tool is made from: `tools/<name>/{go.mod, go.sum, tool.yaml}`
making             one tool: downloaded where its checksum is pinned, else built
go                 finding Go, or taking it from PyPI
go_build           the Go commands that a tool is made with
go_runs            running Go, so that nothing of it outlives the build
build_caches       Go's modules and compiled packages, which go when the build is over
build_place        where those lie: in memory where there is plenty of it
cache              where the user's cache lies
disk               whether there is room for a build
official           which official binaries are accepted, and from where
official_download  downloading them
pin                their checksums, for a maintainer
plugins            which `pulumi` and which provider plugins a stack runs with
plugin_download    downloading the official plugins
locked_plugins     installing a stack's plugins by checksum
"""
