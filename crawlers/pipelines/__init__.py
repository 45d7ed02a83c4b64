"""What happens to the rows of every page, whatever the site; the order and its reasons stand in `crawlers.settings`."""
