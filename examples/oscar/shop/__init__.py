"""A minimal online shop: django-oscar with its REST API, as a project would set it up."""
