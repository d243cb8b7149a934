#!/usr/bin/env bash
set -euo pipefail

usage() {
    echo "usage: $(basename "$0") [-k COUNT] SOURCE TARGET" >&2
    exit 2
}

keep=7
while getopts "k:h" option; do
    case "$option" in
        k) keep="$OPTARG" ;;
        *) usage ;;
    esac
done
shift $((OPTIND - 1))
[ $# -eq 2 ] || usage

source_dir="$1"
target_dir="$2"
stamp="$(date +%Y-%m-%d-%H%M%S)"
archive="$target_dir/$stamp.tar.gz"

mkdir -p "$target_dir"
trap 'rm -f "$archive.part"' EXIT

tar -czf "$archive.part" -C "$source_dir" .
mv "$archive.part" "$archive"
echo "wrote $archive ($(du -h "$archive" | cut -f1))"

count=0
for old in $(ls -1r "$target_dir"/*.tar.gz); do
    count=$((count + 1))
    if [ "$count" -gt "$keep" ]; then
        echo "removing $old"
        rm -- "$old"
    fi
done
