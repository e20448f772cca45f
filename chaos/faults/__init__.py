"""Every fault of the catalogue as a small definition, and the few mechanisms they are made of."""
