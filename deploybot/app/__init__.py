"""The roof: the only package that knows everybody."""
