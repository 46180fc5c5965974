"""The pages: one folder for each; registry.py lists the lessons among them."""
