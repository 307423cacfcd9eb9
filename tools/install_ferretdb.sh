#!/usr/bin/env bash
# Build FerretDB, a server that speaks MongoDB's protocol, into .tools/bin: the tests of the document store run on it
# where there is no MongoDB. Needs Go. `go install` can't do it: the program refuses to start without a file that names
# its version, which the module lacks; so the module is taken whole, held against its checksum, and given that file.
set -euo pipefail
cd "$(dirname "$0")/.."

version=v1.24.2
checksum="h1:trrUU0LbmusMbyubhPS1IELncvrIwKrsRT2LW1UUWCw="
program=.tools/bin/ferretdb

if [ -x "$program" ] && "$program" --version 2>/dev/null | grep -qx "version: $version"; then
	echo "FerretDB $version is there: $program"
	exit 0
fi
if ! command -v go >/dev/null 2>&1; then
	echo "FerretDB needs Go to be built, and there is none" >&2
	exit 1
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root=$PWD
cd "$work"

echo "Fetching FerretDB $version"
found=$(go mod download -json "github.com/FerretDB/FerretDB@$version")
value_of() { printf '%s\n' "$found" | sed -n "s/^[[:space:]]*\"$1\": \"\(.*\)\",\{0,1\}$/\1/p"; }
if [ "$(value_of Sum)" != "$checksum" ]; then
	echo "FerretDB $version has the checksum $(value_of Sum), expected $checksum" >&2
	exit 1
fi
cp -R "$(value_of Dir)" source
chmod -R u+w source
echo "$version" >source/build/version/version.txt

echo "Building it, which takes a minute or two"
cd source
CGO_ENABLED=0 GOFLAGS= GOWORK=off go build -buildvcs=false -trimpath -o "$work/ferretdb" ./cmd/ferretdb
"$work/ferretdb" --version | grep -qx "version: $version"
mkdir -p "$root/.tools/bin"
mv "$work/ferretdb" "$root/$program"
echo "FerretDB $version: $program"
