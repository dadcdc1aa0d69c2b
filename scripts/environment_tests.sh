#!/bin/sh
# Runs the tests that an environment is for; a library that is missing there is a failure.
set -eu
cd "$(dirname "$0")/../tests/integrations"
# shellcheck disable=SC2046 # names of files, one after the other
TESTS_MUST_RUN=1 "../../.venv-integrations/$1/bin/python" -m pytest -q -n auto \
  $(sed -n 's/^# tests: //p' "../environments/$1.txt")
