"""The commands of `baopian`, one file for each noun. They ask use cases and print; they never touch the database."""
