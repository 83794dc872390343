"""The store on real SQLite files and a real PostgreSQL."""
