"""The demo in a real browser, with the real bot between the stand-ins."""
