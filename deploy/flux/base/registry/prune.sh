#!/bin/sh
# Takes what is too old, or too much, out of the storage of a registry that is not running. It removes names only;
# `registry garbage-collect` then frees the blobs that no name leads to any more.
#
#   prune.sh ROOT --layer-days N --manifest-days N --volume-size 100Gi --fill-percent N
#
# - A tag goes when it was last pushed more than --layer-days ago. The builder keeps each layer under a tag.
# - A manifest goes when no tag names it, no manifest that stays mentions it, and it was last pushed more than
#   --manifest-days ago.
# - If what is left needs more than --fill-percent of --volume-size, the oldest goes until it does not.
# - Manifests and links that a crash has damaged go too: garbage-collect would stop at them.
#
# Everything is looked up before the first thing is removed, and things are removed in an order in which every step
# leaves a storage that is whole. So it may be killed at any time. It needs no room on the volume, which may be full.
set -eu

fail() {
  echo "prune.sh: $1" >&2
  exit 2
}

root=${1:-} layer_days='' manifest_days='' volume_size='' fill_percent=''
[ $# -eq 0 ] || shift
while [ $# -gt 0 ]; do
  case $1 in
    --layer-days) layer_days=${2:-} ;;
    --manifest-days) manifest_days=${2:-} ;;
    --volume-size) volume_size=${2:-} ;;
    --fill-percent) fill_percent=${2:-} ;;
    *) fail "unknown option '$1'" ;;
  esac
  [ $# -gt 1 ] || fail "$1 needs a value"
  shift 2
done
[ -d "$root" ] || fail "the first argument must be the root directory of the storage, not '$root'"
for number in "$layer_days" "$manifest_days" "$fill_percent"; do
  case $number in
    '' | *[!0-9]*) fail "--layer-days, --manifest-days and --fill-percent must be whole numbers, not '$number'" ;;
  esac
done
[ "$layer_days" -gt 0 ] || fail "--layer-days must be at least 1"
# The builder finds layers, computes the digest of their image from them and does not ask whether it is still there.
[ "$manifest_days" -gt "$layer_days" ] ||
  fail "--manifest-days ($manifest_days) must be more than --layer-days ($layer_days): images must outlive their layers"
echo "$volume_size" | grep -Eqx '[0-9]+([.][0-9]+)?([KMGT]i|[kMGT])?' ||
  fail "--volume-size must be a size like 100Gi, not '$volume_size'"

cd "$root"
mkdir -p docker/registry/v2/blobs docker/registry/v2/repositories # garbage-collect fails where nobody has pushed yet
cd docker/registry/v2

# No upload goes on after a restart: the registry signs them with a key that it draws when it starts.
find repositories -type d -name _uploads -prune -exec rm -rf {} +
find blobs repositories -type f -name '*.tmp' -exec rm -f {} +

# Each of these ends the script when it fails: what is missing in them would be taken for what is not needed.
links=$(find repositories -type f -name link -exec stat -c 'link %Y %n' {} +)
links=$(printf '%s\n' "$links" | sort -k 2,2 -rn) # newest first
tags=$(find repositories -path '*/_manifests/tags/*' -prune -type d)
blobs=$(find blobs -type f -name data -exec stat -c 'blob %s %n' {} +)
manifests=$(printf '%s\n' "$links" |
  sed -n 's|^.*/_manifests/revisions/sha256/\(..\)\([^/]*\)/link$|blobs/sha256/\1/\1\2/data|p')
sums=$(printf '%s\n' "$manifests" |
  while read -r path; do [ ! -f "$path" ] || printf '%s\n' "$path"; done | xargs -r sha256sum)

# A manifest is known by the directory of its link in a repository: .../_manifests/revisions/sha256/<hex>.
doomed=$(printf '%s\n' "$blobs" "$sums" "$tags" "$links" |
  awk -v now="$(date +%s)" -v layer_days="$layer_days" -v manifest_days="$manifest_days" \
    -v volume_size="$volume_size" -v fill_percent="$fill_percent" '
  function bytes(size,   prefix, factor, decimal, binary, i) {
    split("k M G T", prefix, " ")
    factor[""] = decimal = binary = 1
    for (i = 1; i <= 4; i++) {
      factor[prefix[i]] = decimal *= 1000
      factor[toupper(prefix[i]) "i"] = binary *= 1024
    }
    i = size
    sub(/^[0-9.]+/, "", i)
    return size * factor[i]
  }
  function hex_of(manifest) { return substr(manifest, length(manifest) - 63) }
  function parent_of(path) { sub(/\/[^\/]*$/, "", path); return path }
  function manifest_of(path, hex) { sub(/\/_manifests\/.*/, "", path); return path "/_manifests/revisions/sha256/" hex }
  function first_line(path,   line) {
    if ((getline line < path) < 0) { unreadable = path; exit }
    close(path)
    return line
  }

  # All digests in the text of a manifest: layers and configuration, or the manifests of an index.
  function mentions(hex,   path, line, text, piece, count, i, found) {
    if (hex in known) return known[hex]
    path = "blobs/sha256/" substr(hex, 1, 2) "/" hex "/data"
    while ((getline line < path) > 0) text = text line
    close(path)
    count = split(text, piece, "sha256:")
    for (i = 2; i <= count; i++)
      if (match(piece[i], /^[0-9a-f]+/) && RLENGTH == 64) found = found " " substr(piece[i], 1, 64)
    return known[hex] = found
  }
  # Bytes that this manifest needs beyond those that were weighed before.
  function weight(manifest,   hex, list, count, i, sum) {
    if (manifest in weighed) return 0
    weighed[manifest]
    count = split(hex_of(manifest) mentions(hex_of(manifest)), list, " ")
    for (i = 1; i <= count; i++) {
      hex = list[i]
      if (!(hex in counted)) { counted[hex]; sum += size[hex] }
      if (manifest_of(manifest, hex) in pushed) sum += weight(manifest_of(manifest, hex))
    }
    return sum + 0
  }
  function keep(manifest,   list, count, i) {
    if (manifest in kept) return
    kept[manifest]
    count = split(mentions(hex_of(manifest)), list, " ")
    for (i = 1; i <= count; i++) if (manifest_of(manifest, list[i]) in pushed) keep(manifest_of(manifest, list[i]))
  }
  # An index before the manifests that it is made of.
  function drop(manifest,   list, count, i) {
    if (manifest in dropped) return
    dropped[manifest]
    count = split(users[manifest], list, " ")
    for (i = 1; i <= count; i++) drop(list[i])
    print manifest
  }

  $1 == "blob" { size[hex_of(parent_of($3))] = $2 }
  NF == 2 { hex = hex_of(parent_of($2)); if ($1 == hex) whole[hex]; else damaged[parent_of($2)] } # of sha256sum
  NF == 1 { tag[$1] }
  $1 == "link" {
    directory = parent_of($3)
    digest = first_line($3)
    if (directory ~ /\/_manifests\/tags\/[^\/]*\/current$/) {
      manifest = manifest_of(directory, substr(digest, 8))
      if ($2 >= now - layer_days * 86400) { named[parent_of(directory)] = manifest; tagged[manifest] }
    } else if (digest != "sha256:" hex_of(directory)) {
      damaged[directory]
      next
    } else if (directory ~ /\/_manifests\/tags\//) {
      history[directory] = manifest_of(directory, hex_of(directory))
      next
    } else if (directory ~ /\/_manifests\/revisions\//) {
      manifest = directory
      pushed[manifest] = $2
    } else next
    if (!(manifest in time)) { time[manifest] = $2; newest[++count] = manifest }
  }

  END {
    if (unreadable) { print "prune.sh: cannot read " unreadable ", so nothing is removed" | "cat >&2"; exit 1 }
    bound = bytes(volume_size) * fill_percent / 100
    for (i = 1; i <= count; i++) {
      manifest = newest[i]
      if (!(manifest in pushed) || !(hex_of(manifest) in whole)) continue
      if (!(manifest in tagged) && pushed[manifest] < now - manifest_days * 86400) continue
      used += weight(manifest)
      if (used > bound) { full = time[manifest]; break }
      candidates[++candidate_count] = manifest
    }
    # What was pushed in the same second stands or falls together: an image and its layers may be.
    for (i = 1; i <= candidate_count; i++) if (time[candidates[i]] > full) keep(candidates[i])

    for (name in tag) if (!(named[name] in kept)) { tags++; print name }
    for (directory in history) if (!(history[directory] in kept)) print directory
    for (directory in damaged) { damages++; print directory }
    for (manifest in pushed) {
      if (manifest in kept) { stay++; continue }
      go++
      n = split(mentions(hex_of(manifest)), list, " ")
      for (i = 1; i <= n; i++) {
        part = manifest_of(manifest, list[i])
        users[part] = users[part] " " manifest
      }
    }
    for (manifest in pushed) if (!(manifest in kept)) drop(manifest)
    printf "prune.sh: %d tags and %d manifests go, %d manifests stay%s%s\n", tags, go, stay,
      full ? "; some go because the volume is too full" : "",
      damages ? "; " damages " damaged files go" : "" | "cat >&2"
  }')
printf '%s\n' "$doomed" | xargs -r rm -rf --
