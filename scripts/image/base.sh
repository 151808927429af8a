#!/bin/sh
# Makes a root file system that stands in for `node:24-slim` where no registry of images is within reach:
# Debian, and the given Node and npm.
# base.sh FOLDER DEBS NODE NPM: the new root, where packages are kept between runs, the binary of Node, the
# folder of npm.
set -eu
folder=$1 debs=$2 node=$3 npm=$4

mkdir -p "$debs"
debootstrap --variant=minbase --cache-dir="$debs" bookworm "$folder" http://deb.debian.org/debian >"$folder.log" || {
  tail -n 20 "$folder.log" >&2
  exit 1
}
rm -rf "$folder"/var/cache/apt/* "$folder"/var/lib/apt/lists/*

mkdir -p "$folder/usr/local/lib/node_modules"
cp "$node" "$folder/usr/local/bin/node"
cp -a "$npm" "$folder/usr/local/lib/node_modules/npm"
ln -s ../lib/node_modules/npm/bin/npm-cli.js "$folder/usr/local/bin/npm"
