"""Which page leads to which: a module for each site, and no reading of pages."""
