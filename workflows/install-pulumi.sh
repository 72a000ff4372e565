#!/usr/bin/env bash
# Pulumi's CLI, of the version that requirements/run.txt pins, into a directory: bash workflows/install-pulumi.sh DIRECTORY
# In a workflow, it is then on PATH. What is downloaded must have the checksum that its publisher names.
set -euo pipefail
directory="$(realpath "$1")"
version="$(sed -n 's/^pulumi==\([0-9.]*\).*/\1/p' "$(dirname "$0")/../requirements/run.txt")"
case "$(uname -m)" in
  x86_64) platform=linux-x64 ;;
  aarch64 | arm64) platform=linux-arm64 ;;
  *) echo "Pulumi has no binary for $(uname -m)" >&2 && exit 1 ;;
esac
archive="pulumi-v$version-$platform.tar.gz"
cd "$directory"
release="https://github.com/pulumi/pulumi/releases/download/v$version"
curl --fail --silent --show-error --location --retry 3 --remote-name "$release/$archive" --remote-name "$release/pulumi-$version-checksums.txt"
grep "  $archive\$" "pulumi-$version-checksums.txt" | sha256sum --check --quiet -
tar --extract --gzip --file "$archive"
rm "$archive" "pulumi-$version-checksums.txt"
[ -z "${GITHUB_PATH:-}" ] || echo "$directory/pulumi" >> "$GITHUB_PATH"
