"""What stands around the pages in the server process: who may ask, what is served, upkeep."""
