#!/usr/bin/env bash
# Fuzz one target, or all of them: Tests/Fuzz/run.sh TARGET|all SECONDS
#
# A target is Tests/Fuzz/targets/NAME.swift, linked with PondCore; a first line "// sources: PATTERN..." names other pure
# sources that are compiled with it, relative to the repository's root. What libFuzzer finds interesting goes
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

compile=(swiftc -g -O -wmo -parse-as-library -sanitize=fuzzer,address -swift-version 6 -package-name pond
  -enable-upcoming-feature InternalImportsByDefault -module-cache-path modules -I . -I CPondZlib)

# Compiles PondCore once for all targets.
build_core() {
  local root=$PWD sources=(Sources/PondKit/PondCore/**/*.swift)
  [ "$folder/libPondCore.a" -nt "$(ls -t "${sources[@]}" "$0" | head -1)" ] && return
  echo "building PondCore (${#sources[@]} sources)"
  (cd "$folder" && "${compile[@]}" -enable-testing -module-name PondCore -emit-module -emit-library -static \
    -o libPondCore.a "${sources[@]/#/$root/}")
}

build() {
  local name=$1 target=Tests/Fuzz/targets/$1.swift patterns sources=()
  patterns=$(sed -n '1s|^// sources: ||p' "$target")
  # The patterns are ours, and name files in braces and stars.
  eval "sources=($patterns)"
  local newest
  newest=$(ls -t "${sources[@]}" "$folder/libPondCore.a" "$target" "$0" | head -1)
  [ "$folder/$name" -nt "$newest" ] && return
  echo "building $name"
  # The C shim of zlib has no module map of its own: SwiftPM makes one for its builds.
  mkdir -p "$folder/CPondZlib"
  printf 'module CPondZlib { header "%s" link "z" export * }\n' "$PWD/Sources/CPondZlib/include/CPondZlib.h" \
    >"$folder/CPondZlib/module.modulemap"
  # In the folder, because a debug build leaves its module files where it runs.
  local root=$PWD
  (cd "$folder" && "${compile[@]}" -use-ld=lld -module-name "Fuzz_$name" -o "$name" \
    "${sources[@]/#/$root/}" "$root/$target" libPondCore.a)
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
build_core
failed=0
for target in "${targets[@]}"; do
  name=$(basename "$target" .swift)
  { build "$name" && fuzz "$name"; } || failed=1
done
exit $failed
