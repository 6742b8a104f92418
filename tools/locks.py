"""Look after the lock files: `python -m tools.locks check` or `npm`.

`check` (asks the package registry) resolves requirements-dev.in for every Python that Baopian supports, from wheels
only, and compares the lock files with their sources. `npm` renews package-lock.json from package.json.
"""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
LOCKS = ("requirements", "requirements-dev", "requirements-node")
COMPILE = [sys.executable, "-m", "uv", "pip", "compile", "--quiet", "--no-annotate", "--no-header"]


def resolves(python: str) -> bool:
    """Whether every locked package has a wheel for this Python."""
    with tempfile.TemporaryDirectory() as folder:
        asked = [*COMPILE, "--python-version", python, "--only-binary", ":all:", "-c", "requirements-dev.txt"]
        done = subprocess.run(
            [*asked, "requirements-dev.in", "-o", f"{folder}/out.txt"], cwd=ROOT, check=False
        )
        return done.returncode == 0


def is_fresh(lock: str) -> bool:
    """Whether a lock file is what its .in file resolves to when nothing needs to change."""
    path = ROOT / f"{lock}.txt"
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(shutil.copy(path, folder))
        universal = ["--universal", "--python-version", "3.11", "--generate-hashes", "--no-emit-index-url"]
        constraint = ["-c", "requirements.txt"] if lock == "requirements-dev" else []
        asked = [*COMPILE, *universal, *constraint, f"{lock}.in", "-o", str(copy)]
        done = subprocess.run(asked, cwd=ROOT, check=False)
        return done.returncode == 0 and copy.read_text() == path.read_text()


def check() -> int:
    """Print a line for each lock and each Python. Returns the exit status."""
    results = {f"{lock}.txt fits {lock}.in": is_fresh(lock) for lock in LOCKS}
    results |= {f"the lock resolves for Python {python}": resolves(python) for python in PYTHONS}
    for line, good in results.items():
        print(f"{'ok  ' if good else 'FAIL'} {line}")
    return 0 if all(results.values()) else 1


def renew_npm() -> int:
    """Renew package-lock.json without addresses of a registry. Returns npm's exit status."""
    npm = shutil.which("npm")
    if npm is None:
        print("package-lock.json is left as it is: renewing it needs npm", file=sys.stderr)
        return 0
    options = [
        "--package-lock-only",
        "--ignore-scripts",
        "--omit-lockfile-registry-resolved",
        "--no-audit",
        "--no-fund",
    ]
    return subprocess.run([npm, "install", *options], cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    sys.exit(check() if sys.argv[1:] == ["check"] else renew_npm())
