#!/usr/bin/env bash
# Pulumi's CLI, of the version that requirements/run.txt pins, into a directory: bash workflows/install-pulumi.sh DIRECTORY
# In a workflow, it is then on PATH. What is downloaded must have the checksum in requirements/pulumi.sha256; where there is none, that of
# its publisher. Provider plugins of which there is one are installed with it.
set -euo pipefail
directory="$(realpath "$1")"
version="$(sed -n 's/^pulumi==\([0-9.]*\).*/\1/p' "$(dirname "$0")/../requirements/run.txt")"
case "$(uname -m)" in
  x86_64) platform=linux-x64 plugins=linux-amd64 ;;
  aarch64 | arm64) platform=linux-arm64 plugins=linux-arm64 ;;
  *) echo "Pulumi has no binary for $(uname -m)" >&2 && exit 1 ;;
esac
archive="pulumi-v$version-$platform.tar.gz"
pinned="$(realpath "$(dirname "$0")/../requirements/pulumi.sha256")"
cd "$directory"
release="https://github.com/pulumi/pulumi/releases/download/v$version"
download() { curl --fail --silent --show-error --location --retry 3 --remote-name "$1"; }
download "$release/$archive"
if grep --quiet "  $archive\$" "$pinned"; then
  grep "  $archive\$" "$pinned" | sha256sum --check --quiet -
else
  echo "requirements/pulumi.sha256 has no checksum of $archive: compared with its publisher's own" >&2
  download "$release/pulumi-$version-checksums.txt"
  grep "  $archive\$" "pulumi-$version-checksums.txt" | sha256sum --check --quiet -
  rm "pulumi-$version-checksums.txt"
fi
tar --extract --gzip --file "$archive"
rm "$archive"
while read -r digest plugin; do
  package="$(sed 's/pulumi-resource-\(.*\)-v.*/\1/' <<< "$plugin")"
  wanted="$(sed "s/.*-v\(.*\)-$plugins\.tar\.gz/\1/" <<< "$plugin")"
  download "https://github.com/pulumi/pulumi-$package/releases/download/v$wanted/$plugin"
  echo "$digest  $plugin" | sha256sum --check --quiet -
  ./pulumi/pulumi plugin install resource "$package" "$wanted" --non-interactive --file "$plugin"
  rm "$plugin"
done < <(grep "^[0-9a-f]\{64\}  pulumi-resource-.*-$plugins\.tar\.gz$" "$pinned" || true)
[ -z "${GITHUB_PATH:-}" ] || echo "$directory/pulumi" >> "$GITHUB_PATH"
