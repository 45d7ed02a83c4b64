"""Notebooks, one a site: what the systems that inspired this project did with their data, on our tables."""
