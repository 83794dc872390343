"""The configuration: what can be set, where it is read from, and what is said when it is wrong."""
