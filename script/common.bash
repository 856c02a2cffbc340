# shellcheck shell=bash
# What every script here begins with: strict mode, the clone's root as working folder, `--help`, and the tools on PATH.
# Use: source "$(dirname "$0")/common.bash", then `begin "$@"`.
set -euo pipefail

readonly TARGET=x86_64-unknown-linux-gnu

say() { printf '%s\n' "$*"; }

fail() {
    printf '%s: %s\n' "${0##*/}" "$*" >&2
    exit 1
}

# The comment at the top of the script is its help text.
help_text() { awk 'NR > 1 { if (!/^#/) exit; sub(/^# ?/, ""); print }' "$0"; }

begin() {
    case "${1-}" in
    -h | --help)
        help_text
        exit 0
        ;;
    esac
    cd "$(dirname "$0")/.."
    # Where rustup puts cargo, for a shell that was opened before; and what script/setup puts beside it.
    export PATH="$PWD/.tools/bin:${CARGO_HOME:-$HOME/.cargo}/bin:$PATH"
}

# Where cargo puts what it builds.
target_dir() { printf '%s' "${CARGO_TARGET_DIR:-$PWD/target}"; }
