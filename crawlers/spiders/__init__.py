"""Where to go: navigation only, one module per site."""
