#!/bin/sh
# Installs a file of requirements into a virtual environment: by uv, which needs a tenth of pip's
# time for these, and where it finds no index, by pip.
set -eu
python="$1/bin/python"
pip="$python -m pip install --quiet --disable-pip-version-check"
if $pip uv && "$python" -m uv pip install --quiet --python "$python" --requirement "$2"; then
  exit 0
fi
$pip --requirement "$2"
