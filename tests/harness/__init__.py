"""What the tests in Python share: a real server, and ways to talk to it."""
