#!/bin/sh
# Builds the loader and writes its code as a module.
#
# usage: build.sh MODULE COMPILER [FLAGS]
#
# It is linked for two addresses: the bytes must be the same, for it will lie at any.
set -eu
module=$1
shift
folder=$(dirname "$0")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
objcopy=$("$1" -print-prog-name=objcopy)
for base in 0x10000 0x400000; do
  "$@" -Os -fpic -fvisibility=hidden -fno-jump-tables -static -no-pie -nostdlib -nostartfiles \
    "-Wl,-T,$folder/thaw.ld,--defsym=BASE=$base,--build-id=none,--no-warn-rwx-segments" \
    -o "$work/$base.elf" "$folder/door.S" "$folder/thaw.c" "$folder/unpack.c"
  "$objcopy" -O binary "$work/$base.elf" "$work/$base.bin"
done
cmp "$work/0x10000.bin" "$work/0x400000.bin"
{
  echo '/**'
  echo ' * The code of the loader of a frozen program, in base 64. Written by `make -C scenarios/guests`'
  echo ' * from what is in `thaw/` there; do not edit.'
  echo ' */'
  echo 'export const THAW_CODE = `'
  base64 -w 100 "$work/0x10000.bin"
  echo '`;'
} >"$module"
