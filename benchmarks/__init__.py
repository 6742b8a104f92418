"""What the product exists for, measured beside what one would use otherwise: `python -m benchmarks.NAME`."""
