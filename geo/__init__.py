"""The pure core: points, areas, coordinate systems and files; values in, values out."""
