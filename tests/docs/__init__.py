"""Tests of the documentation: the built pages, and the Markdown beside them."""
