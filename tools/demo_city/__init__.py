"""Parts of the demo city's builder: frame, streets, blocks, patches, naming and backdrop, one concept a file."""
