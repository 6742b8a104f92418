"""What is stored: models, sessions, column types and migrations. Knows nothing of pages or maps."""
