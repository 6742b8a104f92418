"""All benchmarks, one after the other, at sizes that take a few minutes: `make bench`."""

import pkgutil
from importlib import import_module

import benchmarks

for found in pkgutil.iter_modules(benchmarks.__path__):
    if not found.name.startswith("_"):
        print(f"\n== {found.name}")
        import_module(f"benchmarks.{found.name}").main([])
