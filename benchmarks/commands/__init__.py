"""How each tool is started for each test, and how what it says of its own run is read."""
