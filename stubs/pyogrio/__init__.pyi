"""What Baopian uses of pyogrio, typed (it ships no types of its own)."""

from collections.abc import Sequence
from os import PathLike
from typing import Any, TypeAlias

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

_Source: TypeAlias = str | PathLike[str] | bytes

__version__: str
__gdal_version__: tuple[int, int, int]

def read_dataframe(
    path_or_buffer: _Source,
    /,
    layer: int | str | None = ...,
    encoding: str | None = ...,
    columns: Sequence[str] | None = ...,
    read_geometry: bool = ...,
    skip_features: int = ...,
    max_features: int | None = ...,
    where: str | None = ...,
    fid_as_index: bool = ...,
    use_arrow: bool | None = ...,
    on_invalid: str = ...,
    **kwargs: Any,
) -> gpd.GeoDataFrame: ...
def write_dataframe(
    df: pd.DataFrame,
    path: _Source,
    layer: str | None = ...,
    driver: str | None = ...,
    encoding: str | None = ...,
    geometry_type: str | None = ...,
    promote_to_multi: bool | None = ...,
    nan_as_null: bool = ...,
    append: bool = ...,
    use_arrow: bool | None = ...,
    dataset_metadata: dict[str, str] | None = ...,
    layer_metadata: dict[str, str] | None = ...,
    metadata: dict[str, str] | None = ...,
    dataset_options: dict[str, Any] | None = ...,
    layer_options: dict[str, Any] | None = ...,
    **kwargs: Any,
) -> None: ...
def read_info(
    path_or_buffer: _Source,
    /,
    layer: int | str | None = ...,
    encoding: str | None = ...,
    force_feature_count: bool = ...,
    force_total_bounds: bool = ...,
    **kwargs: Any,
) -> dict[str, Any]: ...
def list_layers(path_or_buffer: _Source, /) -> NDArray[np.object_]: ...
def list_drivers(read: bool = ..., write: bool = ...) -> dict[str, str]: ...
def detect_write_driver(path: str) -> str: ...
def set_gdal_config_options(options: dict[str, Any]) -> None: ...
def get_gdal_config_option(name: str) -> Any: ...
def write_arrow(
    arrow_obj: Any,
    path: _Source,
    layer: str | None = ...,
    driver: str | None = ...,
    geometry_name: str | None = ...,
    geometry_type: str | None = ...,
    crs: str | None = ...,
    encoding: str | None = ...,
    append: bool = ...,
    **kwargs: Any,
) -> None: ...
