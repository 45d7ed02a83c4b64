"""What happens between the engine and a site, and between a page and the pipelines."""
