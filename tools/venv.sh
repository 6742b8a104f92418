#!/bin/sh
# Makes .venv with the first Python 3.11-3.14 that works (PYTHON=... names another), or says what is missing.
set -eu

works() { "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))' >/dev/null 2>&1; }

chosen=
for python in ${PYTHON:-python3.13 python3.12 python3.11 python3.14 python3}; do
  if works "$python"; then chosen=$python; break; fi
done
if [ -z "$chosen" ]; then
  echo "Baopian needs Python 3.11 to 3.14 and found none${PYTHON:+ in PYTHON=$PYTHON}." >&2
  echo "Debian, Ubuntu: apt install python3 python3-venv   (or name one: make run PYTHON=/path/to/python3.12)" >&2
  exit 1
fi
if ! "$chosen" -c 'import venv, ensurepip' >/dev/null 2>&1; then
  version=$("$chosen" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
  echo "$chosen lacks the venv module. As root: apt install python$version-venv   (Debian's own Python: python3-venv)" >&2
  exit 1
fi
echo "Making .venv with $("$chosen" --version) ($(command -v "$chosen"))"
rm -rf .venv
"$chosen" -m venv .venv
