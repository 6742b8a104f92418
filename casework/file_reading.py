"""Reading map files, away from the web server: `python -m casework.file_reading FD …` is the worker's own process.

The worker stays, with GDAL loaded, and forks a child for each file. The child has bounds of memory, CPU and wall time
from the kernel, and GDAL only the drivers that are needed: what a hostile file breaks is the child.
``casework.file_worker`` is the other end. This module knows neither the database nor the settings.

A job is a line of JSON (``path``, ``answers``, ``near``, ``scratch``: a folder for what is unpacked). The answer is a
line of JSON (``casework.file_answers``), then the features' WKB; or a ``fault``: time, memory or broken.
"""

import json
import os
import signal
import socket
import sys
import tempfile
import warnings
from pathlib import Path
from typing import Any, Final, NoReturn

import shapely

from casework.worker_child import Bounds, done_in_child

# GDAL reads by content: whatever could lead to another file or host must not be there at all.
_SKIPPED: Final = (
    "PCIDSK,PDS4,VICAR,PDF,MBTiles,EEDA,OGCAPI,GDALG,MapInfo File,LVBAG,S57,DGN,OGR_VRT,VRT,GML,GeoJSON,GeoJSONSeq,"
    "ESRIJSON,TopoJSON,OGR_GMT,WAsP,OpenFileGDB,GeoRSS,VFK,PGDUMP,OSM,GPSBabel,OGR_PDS,WFS,OAPIF,EDIGEO,Idrisi,ODS,"
    "XLSX,Elasticsearch,Carto,AmigoCloud,SXF,Selafin,JML,PLSCENES,CSW,VDV,MVT,NGW,MapML,GTFS,PMTiles,JSONFG,"
    "MiraMonVector,ADBC,AVCBin,AVCE00,AIVector,HTTP,UK .NTF,CAD,Geoconcept,SVG,TIGER,SQLite"
)
DRIVERS: Final = frozenset(
    ["ESRI Shapefile", "GPKG", "FlatGeobuf", "KML", "LIBKML", "GPX", "DXF", "CSV", "MEM", "Memory"]
)
"""The drivers of GDAL that are left."""
ENVIRONMENT: Final = {
    "OGR_SKIP": _SKIPPED,
    "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": "none",
    "OGR_SQLITE_ALLOW_EXTERNAL_ACCESS": "NO",
    "PROJ_NETWORK": "OFF",
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
}  # fmt: skip
"""What the worker's process is started with."""
MAX_ANSWER: Final = 512 * 1024 * 1024
# What the kernel's signal says: C++ aborts where it gets no memory.
_ENDS: Final[dict[int, str]] = {signal.SIGXCPU: "time", signal.SIGALRM: "time", signal.SIGABRT: "memory"}
_BROKEN: Final = (
    OSError, ValueError, TypeError, KeyError, IndexError, AttributeError, EOFError, ArithmeticError, RuntimeError,
    AssertionError, LookupError,
)  # fmt: skip


def serve(channel: socket.socket, memory_bytes: int, seconds: int, file_bytes: int) -> None:
    """Take jobs until the other end closes; a child does each."""
    with channel.makefile("rb") as inbox:
        while line := inbox.readline(1 << 20):
            channel.sendall(_read(json.loads(line), channel, Bounds(memory_bytes, seconds, file_bytes)))


def _read(job: dict[str, Any], channel: socket.socket, bounds: Bounds) -> bytes:
    answer, ended_by = done_in_child(lambda writing: _child(job, writing), channel, bounds, MAX_ANSWER)
    return answer if not ended_by else _fault(_ENDS.get(ended_by, "broken"))


def _child(job: dict[str, Any], writing: int) -> NoReturn:
    from casework import file_answers
    from geo.inspection import Answers, inspect

    try:
        tempfile.tempdir = job["scratch"]
        near = tuple(job["near"]) if job["near"] else None
        seen = inspect(
            Path(job["path"]),
            Answers(**job["answers"]),
            near,
            limit_bytes=job["limit_bytes"],
        )
        parts = file_answers.packed(seen)
    except MemoryError:
        parts = [_fault("memory")]
    except _BROKEN:
        parts = [_fault("broken")]
    except shapely.errors.ShapelyError as error:
        parts = [_fault("memory" if "bad_alloc" in str(error) else "broken")]
    with os.fdopen(writing, "wb") as pipe:
        pipe.writelines(parts)
    os._exit(0)


def _fault(word: str) -> bytes:
    return json.dumps({"fault": word, "wkb_bytes": 0}).encode() + b"\n"


def main(arguments: list[str]) -> None:
    """Serve the socket with this number until it closes."""
    number, memory_bytes, seconds, file_bytes = map(int, arguments)
    warnings.simplefilter("ignore")
    import numpy as np

    from geo import crs_guess, inspection  # noqa: F401 - loaded once, for every child

    crs_guess.guesses(np.array([101.8]), np.array([36.6]), (101.0, 36.0, 102.0, 37.0))  # PROJ's database, too
    os.chdir("/")
    with socket.socket(fileno=number) as channel:
        serve(channel, memory_bytes, seconds, file_bytes)


if __name__ == "__main__":
    main(sys.argv[1:])
