#!/bin/sh
# Installs Debian's or Ubuntu's Chromium for the browser tests, unless one is there already.
set -eu
command -v chromium >/dev/null 2>&1 && exit 0
command -v chromium-browser >/dev/null 2>&1 && exit 0
command -v apt-get >/dev/null 2>&1 || { echo "Install Chromium to run the browser tests." >&2; exit 1; }
sudo=""
[ "$(id -u)" = 0 ] || sudo="sudo"
$sudo apt-get update -qq
DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq --no-install-recommends chromium >/dev/null
