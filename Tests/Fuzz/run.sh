#!/usr/bin/env bash
# Fuzz one target, or all of them: Tests/Fuzz/run.sh TARGET|all SECONDS
#
# A target is Tests/Fuzz/targets/NAME.swift; its first line, "// sources: PATTERN...", names the pure sources that are
# compiled with it, relative to the repository's root (** stands for any folders). What libFuzzer finds interesting goes
# to .build/fuzz/corpus/NAME; the committed seeds are in Tests/Fuzz/seeds/NAME. A crash, a leak or a hang of one input
# over ten seconds fails the run and leaves the input in .build/fuzz/findings/NAME.
set -euo pipefail
shopt -s globstar nullglob
cd "$(dirname "$0")/../.."
[ $# = 2 ] || { sed -n 's/^# //p' "$0" | head -1; exit 2; }
wanted=$1 seconds=$2
folder=.build/fuzz
mkdir -p "$folder"
export SWIFT_BACKTRACE=enable=no

build() {
  local name=$1 target=Tests/Fuzz/targets/$1.swift patterns sources=() pattern
  patterns=$(sed -n '1s|^// sources: ||p' "$target")
  [ -n "$patterns" ] || { echo "$target: the first line must be '// sources: …'"; return 1; }
  for pattern in $patterns; do
    # Unquoted on purpose: the pattern names files.
    # shellcheck disable=SC2206
    local found=($pattern)
    [ ${#found[@]} -gt 0 ] || { echo "$target: nothing matches $pattern"; return 1; }
    sources+=("${found[@]}")
  done
  local newest
  newest=$(ls -t "${sources[@]}" "$target" "$0" | head -1)
  [ "$folder/$name" -nt "$newest" ] && return
  echo "building $name (${#sources[@]} sources)"
  # The C shim of zlib has no module map of its own: SwiftPM makes one for its builds.
  mkdir -p "$folder/CPondZlib"
  printf 'module CPondZlib { header "%s" link "z" export * }\n' "$PWD/Sources/CPondZlib/include/CPondZlib.h" \
    >"$folder/CPondZlib/module.modulemap"
  # In the folder, because a debug build leaves its module files where it runs.
  local root=$PWD
  (cd "$folder" && swiftc -g -O -wmo -parse-as-library -use-ld=lld -sanitize=fuzzer,address -swift-version 6 \
    -package-name pond -module-name "Fuzz_$name" -I CPondZlib -module-cache-path modules -o "$name" \
    "${sources[@]/#/$root/}" "$root/$target")
}

fuzz() {
  local name=$1
  local corpus=$folder/corpus/$name findings=$folder/findings/$name seeds=Tests/Fuzz/seeds/$name
  mkdir -p "$corpus" "$findings"
  local folders=("$corpus")
  [ -d "$seeds" ] && folders+=("$seeds")
  if ! "$folder/$name" -max_total_time="$seconds" -timeout=10 -max_len=4096 -print_final_stats=1 \
    -artifact_prefix="$findings/" "${folders[@]}" >"$folder/$name.log" 2>&1; then
    tail -40 "$folder/$name.log"
    echo "FAILED $name: see $findings"
    return 1
  fi
  echo "$name: $(sed -n 's/^stat::number_of_executed_units: *//p' "$folder/$name.log") runs, no fault"
}

if [ "$wanted" = all ]; then
  targets=(Tests/Fuzz/targets/*.swift)
else
  targets=("Tests/Fuzz/targets/$wanted.swift")
fi
failed=0
for target in "${targets[@]}"; do
  name=$(basename "$target" .swift)
  { build "$name" && fuzz "$name"; } || failed=1
done
exit $failed
