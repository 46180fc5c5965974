"""What the exports that people take home are made of: pages that need no server."""
