"""The use cases: one module for each thing a person would name. Knows the domain and its ports only."""
