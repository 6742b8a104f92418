"""Programs talk to Baopian here."""
