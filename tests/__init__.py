"""The checks of deploybot: one file a module, one rule a test."""
