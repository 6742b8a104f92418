"""A first look at a map file: what is in it, what it leaves open, and the likeliest answers to that.

What `geo.readers.read` gives is one answer; here are also the questions, with all that a person needs to choose.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import shapely

from geo.crs_guess import Bounds, CrsGuess, guesses
from geo.problems import UnreadableFile
from geo.raw_layer import RawLayer
from geo.readers import ReadResult, settled_layer
from geo.readers_raw import read_folder, read_raw

MAX_FEATURES = 20_000
MAX_VERTICES = 5_000_000
MAX_VERTICES_OF_ONE = 250_000


@dataclass(frozen=True, slots=True)
class Answers:
    """What a person said about a file; None is left to us. `swapped`: latitude stands before longitude."""

    layer: str | None = None
    encoding: str | None = None
    crs: str | None = None
    datum: str | None = None
    swapped: bool | None = None


@dataclass(frozen=True)
class Inspection:
    """What a file says with these answers: `result`, or the `refusal` with its question.

    `guesses` are the coordinate systems that put it near the city, the best first; `stated_crs` is what the file
    itself says, None for nothing; `crs_by_format` that its format means degrees. `used` are the answers that were
    applied, guessed ones included; `samples` shows its text in each encoding that it could be in.
    """

    used: Answers
    result: ReadResult | None = None
    refusal: UnreadableFile | None = None
    layer: str | None = None
    encoding: str | None = None
    stated_crs: str | None = None
    crs_by_format: bool = False
    guesses: tuple[CrsGuess, ...] = ()
    samples: Mapping[str, str] = field(default_factory=dict)


def inspect(
    path: Path,
    answers: Answers,
    near: Bounds | None = None,
    *,
    limit_bytes: int = 512_000_000,
    limit_features: int = MAX_FEATURES,
) -> Inspection:
    """Read a file, or a folder of a file's parts, as far as it can be: never raises for what is in it.

    `near` is where it should lie (west, south, east, north in degrees): a coordinate system that nobody states is
    taken from the guesses that it allows.
    """
    read = read_folder if path.is_dir() else read_raw
    try:
        raw = read(
            path, answers.encoding, answers.layer, limit_bytes=limit_bytes, limit_features=limit_features
        )
        _demand_bounds(raw, limit_features)
    except UnreadableFile as refusal:
        return Inspection(answers, refusal=refusal)
    found = _guessed(raw, near)
    used = _completed(raw, answers, found)
    seen = Inspection(
        used, layer=raw.layer, encoding=raw.encoding, stated_crs=raw.crs, crs_by_format=raw.crs_by_format,
        guesses=found, samples=dict(raw.samples),
    )  # fmt: skip
    try:
        return replace(seen, result=settled_layer(raw, used.crs, used.datum, used.swapped))
    except UnreadableFile as refusal:
        return replace(seen, refusal=refusal)


def _completed(raw: RawLayer, answers: Answers, found: tuple[CrsGuess, ...]) -> Answers:
    """The answers, with the likeliest system where neither the file nor a person names one."""
    if answers.crs is not None or raw.crs is not None or answers.swapped is not None or not found:
        return answers
    best = found[0]
    if best.crs == "EPSG:4326" and not best.swapped:
        return answers  # what is assumed anyway
    return replace(answers, crs=best.crs, swapped=best.swapped)


def _demand_bounds(raw: RawLayer, limit_features: int) -> None:
    """Refuse what would take minutes to check and draw; one shape that is too large is left out."""
    if len(raw.geometries) > limit_features:
        raise UnreadableFile("too_many_features", count=len(raw.geometries), limit=limit_features)
    counts = shapely.get_num_coordinates(np.asarray(raw.geometries, dtype=object))
    for i in np.flatnonzero(counts > MAX_VERTICES_OF_ONE).tolist():
        raw.refuse(i + 1, "big_feature", "geometry", count=int(counts[i]), limit=MAX_VERTICES_OF_ONE)
        raw.geometries[i] = None
    total = int(counts[counts <= MAX_VERTICES_OF_ONE].sum())
    if total > MAX_VERTICES:
        raise UnreadableFile("too_many_vertices", count=total, limit=MAX_VERTICES)


def _guessed(raw: RawLayer, near: Bounds | None) -> tuple[CrsGuess, ...]:
    if near is None:
        return ()
    xy = shapely.get_coordinates(np.asarray(raw.geometries, dtype=object))
    return tuple(guesses(xy[:, 0], xy[:, 1], near))
