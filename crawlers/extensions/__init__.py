"""What happens beside a crawl: a line of progress, feeds of rows, and what is left to do at its end."""
