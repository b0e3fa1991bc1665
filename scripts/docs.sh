#!/usr/bin/env bash
# The API documentation as a static site in .build/docs.
set -euo pipefail
cd "$(dirname "$0")/.."
graphs=.build/symbol-graphs
mkdir -p "$graphs"
rm -f "$graphs"/*
for module in PondKit PondTesting; do
    swift build --target "$module" -Xswiftc -emit-symbol-graph -Xswiftc -emit-symbol-graph-dir -Xswiftc "$PWD/$graphs"
done
# The modules of the library; what they extend of others (Swift@PondCore) stays with them.
find "$graphs" -name '*.symbols.json' ! -name 'Pond*' ! -name '*@Pond*' -delete
docc convert --fallback-display-name PondKit --fallback-bundle-identifier org.pond.kit \
    --additional-symbol-graph-dir "$graphs" --output-path .build/docs --transform-for-static-hosting \
    --experimental-documentation-coverage
echo "docs: open .build/docs/documentation/pondkit/index.html through any web server"
