from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

def read(
    path_or_buffer: Any,
    /,
    layer: int | str | None = ...,
    encoding: str | None = ...,
    columns: Sequence[str] | None = ...,
    read_geometry: bool = ...,
    skip_features: int = ...,
    max_features: int | None = ...,
    where: str | None = ...,
    return_fids: bool = ...,
    **kwargs: Any,
) -> tuple[dict[str, Any], NDArray[np.int64] | None, NDArray[np.object_], list[NDArray[Any]]]: ...
def write(
    path: Any, geometry: Any, field_data: Sequence[Any], fields: Sequence[str], **kwargs: Any
) -> None: ...
