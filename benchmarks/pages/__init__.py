"""How fast the pages are in a browser, and for a class."""
