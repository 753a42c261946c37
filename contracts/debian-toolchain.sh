#!/usr/bin/env bash
# Puts a compiler that can build the contracts into a folder, on Debian, where the installed toolchain lacks the target
# wasm32v1-none. The packages are downloaded and unpacked, not installed: they would replace rustup's rustc.
#
#   contracts/debian-toolchain.sh FOLDER
#   COINSLOT_WASM_RUSTC=FOLDER/rustc cargo xtask contracts
set -euo pipefail

if [ $# -ne 1 ]; then
    echo "usage: $0 FOLDER" >&2
    exit 2
fi
mkdir -p "$1/packages" "$1/root"
folder=$(cd "$1" && pwd)

# The names of the last two hold version numbers, which change.
dependency() {
    apt-cache depends --no-recommends --no-suggests "$1" | sed -n "s/^ *Depends: \($2.*\)$/\1/p" | head -n 1
}
libstd=$(dependency libstd-rust-web-dev libstd-rust-web-)
libllvm=$(dependency "$libstd" libllvm)
if [ -z "$libstd" ] || [ -z "$libllvm" ]; then
    echo "$0: apt does not know rustc-web: run apt-get update" >&2
    exit 1
fi

cd "$folder/packages"
apt-get download rustc-web libstd-rust-web-dev rust-web-src "$libstd" "$libllvm"
for package in *.deb; do
    dpkg -x "$package" "$folder/root"
done
cd "$folder"
rm -r packages

cat > "$folder/rustc" <<WRAPPER
#!/bin/sh
LD_LIBRARY_PATH='$folder/root/usr/lib/$(dpkg-architecture -qDEB_HOST_MULTIARCH 2>/dev/null || gcc -print-multiarch)' exec '$folder/root/usr/bin/rustc' "\$@"
WRAPPER
chmod +x "$folder/rustc"
"$folder/rustc" --version
