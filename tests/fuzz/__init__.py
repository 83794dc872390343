"""Whatever strangers and broken servers send becomes a value or a sentence; `make fuzz` tries much more of it."""
