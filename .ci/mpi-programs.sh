#!/usr/bin/env bash
# usage: mpi-programs.sh PREFIX SOURCES OUT [NAME ...]
# MPI programs nobody here wrote, from Debian source packages (fetched into SOURCES where they are
# not there yet), unchanged, with the compiler that sh4-toolchain.sh made in PREFIX and the MPI
# library of the guests: static SH-4 programs in OUT. Those already there and newer than the library
# are left alone.
set -euo pipefail
prefix=$1 sources=$2 out=$3
shift 3
here=$(cd "$(dirname "$0")" && pwd)
library=$here/../scenarios/guests/mpi
mkdir -p "$sources" "$out"
sources=$(cd "$sources" && pwd) out=$(cd "$out" && pwd)
nas=$sources/simgrid-3.32/examples/smpi/NAS
mpich=$sources/mpich-4.0.2/examples
openmpi=$sources/openmpi-4.1.4/examples

fetch() { # PACKAGE FOLDER
  [ -d "$sources/$2" ] || (cd "$sources" && apt-get source -qq "$1" >/dev/null 2>&1) ||
    { echo "cannot fetch the source of $1" >&2; exit 1; }
}
fetch simgrid simgrid-3.32
fetch mpich mpich-4.0.2
fetch openmpi openmpi-4.1.4

# The benchmarks are written for a simulator of MPI, whose macros are these on a real machine.
shim=$(mktemp -d)
trap 'rm -rf "$shim"' EXIT
mkdir "$shim/smpi" "$shim/simgrid"
cat >"$shim/smpi/mpi.h" <<'H'
#include <mpi.h>
#define SMPI_SHARED_MALLOC(size) malloc(size)
#define SMPI_SHARED_FREE(data) free(data)
#define SMPI_SAMPLE_GLOBAL(start, end, step, count, threshold) for (start; end; step)
H
echo '#define TRACE_smpi_set_category(category)' >"$shim/simgrid/instr.h"

build() { # NAME SOURCE...
  local name=$1
  shift
  if [ -x "$out/$name" ] && [ -z "$(find "$library" "$0" -newer "$out/$name" -name '*.*')" ]; then
    return
  fi
  "$prefix/bin/sh4-cc" -O2 -w -I"$shim" -I"$library" -o "$out/$name" "$@" "$library"/*.c -lm
}

for name in ${*:-is ep dt cpi icpi srtest hellow pmandel ring_c connectivity_c hello_c}; do
  case $name in
    is | ep) build $name "$nas/$name.c" "$nas/nas_common.c" ;;
    dt) build dt "$nas/dt.c" "$nas/nas_common.c" "$nas/DGraph.c" ;;
    cpi | icpi | srtest | hellow | pmandel) build "$name" "$mpich/$name.c" ;;
    ring_c | connectivity_c | hello_c) build "$name" "$openmpi/$name.c" ;;
    *) echo "no program $name is known here" >&2; exit 2 ;;
  esac
done
