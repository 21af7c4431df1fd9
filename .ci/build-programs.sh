#!/bin/bash
# usage: build-programs.sh PREFIX SOURCES OUT [lua|bzip2|gzip|grep ...]
# Static SH-4 programs from Debian source packages (apt-get source lua5.4 bzip2 gzip grep, run in SOURCES), with the
# compiler that sh4-toolchain.sh made in PREFIX. Each takes well under a minute.
set -eu
P=$1; S=$2; O=$3; shift 3
CC=$P/bin/sh4-cc; AR=sh4-linux-gnu-ar; RANLIB=sh4-linux-gnu-ranlib; STRIP=sh4-linux-gnu-strip
B=$(mktemp -d); mkdir -p "$O"
bzip2() { cp -r "$S"/bzip2-1.0.8 "$B/bzip2"; cd "$B/bzip2"; $CC -O2 -D_FILE_OFFSET_BITS=64 -o bzip2 bzip2.c blocksort.c huffman.c crctable.c randtable.c compress.c decompress.c bzlib.c; $STRIP -o "$O/bzip2" bzip2; }
lua() { mkdir "$B/lua"; tar xf "$S"/lua5.4_5.4.4.orig.tar.gz -C "$B/lua" --strip 1; cd "$B/lua/src"; make -j2 CC="$CC -std=gnu99" AR="$AR rcu" RANLIB=$RANLIB MYCFLAGS=-DLUA_USE_POSIX MYLIBS= SYSCFLAGS= SYSLIBS= lua; $STRIP -o "$O/lua" lua; }
gzip() { mkdir "$B/gzip"; cd "$B/gzip"; "$S"/gzip-1.12/configure --host=sh4-linux-gnu CC="$CC" AR=$AR RANLIB=$RANLIB CFLAGS="-O2 -Wno-error" --disable-dependency-tracking; make -j2 MAKEINFO=true AUTOMAKE=: ACLOCAL=: AUTOCONF=: AUTOHEADER=:; $STRIP -o "$O/gzip" gzip; }
grep() { mkdir "$B/grep"; cd "$B/grep"; "$S"/grep-3.8/configure --host=sh4-linux-gnu CC="$CC" AR=$AR RANLIB=$RANLIB CFLAGS=-O2 --disable-nls --disable-perl-regexp --disable-dependency-tracking; make -j2 MAKEINFO=true AUTOMAKE=: ACLOCAL=: AUTOCONF=: AUTOHEADER=:; $STRIP -o "$O/grep" src/grep; }
for p in "${@:-lua bzip2 gzip grep}"; do for q in $p; do ( $q ) >"$B/$q.log" 2>&1 || { tail -20 "$B/$q.log" >&2; exit 1; }; done; done
cd /; rm -rf "$B"
