"""How fast the pages are in a browser, and when a whole class uses them."""
